"""The safety rules of the demonstration trial, with the figures its protocol states."""

from dataclasses import replace

import numpy as np
import pytest
from scipy.stats import binom, hypergeom

from trialwright.design import BetaBinomialStopping, PermutedBlocks, SelectionDesign
from trialwright.design.places import largest_number
from trialwright.design.selection_conduct import Conduct
from trialwright.design.selection_simulation import _Lists, completed_evenly, simulate

RATES = [0.05, 0.10, 0.20, 0.30, 0.40]
ARM = BetaBinomialStopping(limit=0.15, prior=(0.3, 1.7), threshold=0.85, participants=10)
POOLED = BetaBinomialStopping(limit=0.10, prior=(0.2, 1.8), threshold=0.95, participants=40)


def spans(rule: BetaBinomialStopping) -> dict[int, tuple[int, int]]:
    """Bound: first and last number treated at which it holds."""
    where: dict[int, list[int]] = {}
    for n, bound in enumerate(rule.hold_at):
        if bound is not None:
            where.setdefault(bound, []).append(n)
    return {bound: (ns[0], ns[-1]) for bound, ns in where.items()}


def test_arm_rule() -> None:
    assert spans(ARM) == {2: (2, 5), 3: (6, 9), 4: (10, 10)}
    chances = ARM.operating_characteristics(RATES).hold_probability
    assert (chances * 100).round(1).tolist() == [2.6, 10.1, 34.6, 61.1, 81.3]


def test_pooled_rule() -> None:
    assert spans(POOLED) == {
        2: (2, 3),
        3: (4, 8),
        4: (9, 14),
        5: (15, 21),
        6: (22, 27),
        7: (28, 34),
        8: (35, 40),
    }
    chances = POOLED.operating_characteristics(RATES).hold_probability
    assert (chances * 100).round(1).tolist() == [1.6, 12.7, 68.1, 96.5, 99.9]


def test_longer_tables_begin_with_the_shorter_ones() -> None:
    assert ARM.reaching(13).hold_at[:11] == ARM.hold_at
    assert ARM.reaching(13).hold_at[11:] == (4, 4, 4)
    assert ARM.table().sha256 != ARM.reaching(13).table().sha256


@pytest.mark.parametrize(("events", "action"), [(1, "continue"), (2, "hold"), (3, "hold")])
def test_the_live_rule_reads_the_table(events: int, action: str) -> None:
    decision = ARM.decide(ARM.start().observe(treated=4, events=events))
    assert decision.action == action
    assert ("1 more would hold" in str(decision.reason)) == (events == 1)


SELECTION = SelectionDesign(
    arms=5,
    control=2,
    blocks=10,
    arm_rule=ARM.reaching(27),
    pooled_rule=POOLED.reaching(43),
    held_places="refilled",
)
WITHOUT_FLOOR = replace(SELECTION, above_control_at=0)
SAFE = [[0.0] * 5] * 2
RESPONSES = [[0.3] * 5, [0.3, 0.3, 0.3, 0.3, 0.6]]


def test_naming_a_regimen_without_toxicity_and_without_the_floor() -> None:
    """Stated: 8.5% when all respond alike, 37% with one better arm, which ranks first in 81%.

    With uniform priors the exact first figure is 8.8%; the stated one is that of a simulation.
    """
    oc = WITHOUT_FLOOR.operating_characteristics(SAFE, RESPONSES)
    assert 1 - oc.none_named[0] == pytest.approx(0.0876, abs=5e-5)
    assert round(100 * oc.named[1, 4]) == 37
    assert round(100 * oc.ranked_first[1, 4]) == 81


def test_naming_a_regimen_that_must_also_beat_the_control() -> None:
    """The floor of 0.80 takes 8.8% to 7.3% where all respond alike, and 36.8% to 34.7% where one
    is better; which arm ranks first it leaves alone. Computed exactly here, stated nowhere."""
    oc = SELECTION.operating_characteristics(SAFE, RESPONSES)
    assert 1 - oc.none_named[0] == pytest.approx(0.0725, abs=5e-5)
    assert oc.named[1, 4] == pytest.approx(0.3473, abs=5e-5)
    assert round(100 * oc.ranked_first[1, 4]) == 81


def test_a_lone_regimen_left_unheld_is_named_by_the_floor_alone() -> None:
    """With three regimens sure to be held, the last was named whatever came of it: in 96% of trials
    in which it does worse than the control, and in 0.1% now."""
    toxic, responses = [[0.9, 0.0, 0.9, 0.9, 0.0]], [[0.3, 0.5, 0.3, 0.3, 0.1]]
    lenient = BetaBinomialStopping(0.999, (1, 1), 0.9999, 43)
    named = [
        replace(design, pooled_rule=lenient).operating_characteristics(toxic, responses).named[0, 4]
        for design in (WITHOUT_FLOOR, SELECTION)
    ]
    assert named[0] > 0.95
    assert named[1] < 0.005


BLOCKS = PermutedBlocks(arms=5, block_sizes=(5, 10), strata=("II", "III"), run_in=(5, 5))
REGIMENS = (1, 3, 4, 5)


def test_unfinished_blocks_rarely_end_even() -> None:
    """Stated: exactly ten in each arm in 18% of trials."""
    assert completed_evenly(Conduct(BLOCKS), 10) == pytest.approx(0.18, abs=0.01)


def test_the_largest_number_that_the_list_can_bring_to_an_arm() -> None:
    """13 without any hold; two arms never both. 27 when the three others are held from the start
    and their places refilled; all regimens together 43."""
    assert largest_number(BLOCKS, 50, {1}) == 13
    assert largest_number(BLOCKS, 50, {1, 3}) < 26
    assert largest_number(BLOCKS, 50, {5}, may_be_held=REGIMENS) == 27
    assert largest_number(BLOCKS, 50, REGIMENS) == 43
    assert largest_number(BLOCKS, 50, REGIMENS, may_be_held=REGIMENS) == 43


def test_thirteen_in_an_arm_without_any_hold() -> None:
    """Stated: 0.026% (simulated). Exactly, both stages equally likely, it is 0.032%: an arm has two
    after the run-in, and at most one arm can have eleven of the other forty."""
    one_list = [np.zeros(20) for _ in range(41)]
    one_list[0][0] = 1.0
    for n in range(1, 41):
        for size, places in ((5, 1), (10, 2)):
            if n >= size:
                one_list[n][places:] += one_list[n - size][:-places] / 2
            else:
                one_list[n][: places + 1] += hypergeom.pmf(range(places + 1), size, places, n) / 2
    eleven = sum(
        binom.pmf(a, 40, 0.5) * np.convolve(one_list[a], one_list[40 - a])[11:].sum()
        for a in range(41)
    )
    assert 5 * eleven == pytest.approx(0.000322, abs=5e-7)


def test_more_than_twelve_when_a_held_arms_places_are_refilled() -> None:
    """Stated: 73%, without the moment of the hold. It is 74% when one arm is held right after the
    run-in; earlier holds bring more, later ones less."""
    lists = _Lists(Conduct(BLOCKS), REGIMENS, 0, 0, 8_000, 7)
    held = np.zeros((8_000, 5), dtype=bool)
    arms = []
    for participant in range(50):
        held[:, 4] = participant >= 10
        arms.append(lists.take(participant, held))
    counts = np.stack([(np.stack(arms) == arm).sum(axis=0) for arm in range(5)])
    assert counts[4].max() == 2
    assert np.mean(counts.max(axis=0) > 12) == pytest.approx(0.74, abs=0.015)


@pytest.mark.parametrize(
    ("counted", "held", "treated"), [("treated", 0.64, 27), ("evaluable", 0.72, 23)]
)
def test_the_pooled_rule_counting_treated_or_evaluable(
    counted: str, held: float, treated: int
) -> None:
    """Stated: at a true 20% and one participant a week the pooled rule holds in 64% of trials
    counting treated and in 72% counting evaluable, after 27 and 23 on regimens (simulated).

    Read at treatments alone, and not when an event becomes known, it would miss holds: 70%, 24.4.
    """
    never = BetaBinomialStopping(0.999, (1, 1), 0.9999, 43)
    design = replace(SELECTION, arm_rule=never, counted=counted)
    weekly = Conduct(BLOCKS, arrivals_per_week=1.0)
    oc = simulate(design, weekly, [[0.2] * 5], [[0.3] * 5], trials=20_000)
    assert oc.stopped_all[0] == pytest.approx(held, abs=0.012)
    assert oc.participants[0, [0, 2, 3, 4]].sum() == pytest.approx(treated, abs=0.5)
