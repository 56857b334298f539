"""The safety rules of the demonstration trial, with the figures its protocol states."""

import pytest

from trialwright.design import BetaBinomialStopping, PermutedBlocks, SelectionDesign
from trialwright.design.selection_simulation import Conduct, completed_evenly

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


def test_tables_reach_twelve_when_blocks_stay_unfinished() -> None:
    assert ARM.reaching(12).hold_at[:11] == ARM.hold_at
    assert ARM.reaching(12).hold_at[11:] == (4, 4)
    assert ARM.table().sha256 != ARM.reaching(12).table().sha256


@pytest.mark.parametrize(("events", "action"), [(1, "continue"), (2, "hold"), (3, "hold")])
def test_the_live_rule_reads_the_table(events: int, action: str) -> None:
    decision = ARM.decide(ARM.start().observe(treated=4, events=events))
    assert decision.action == action
    assert ("1 more would hold" in decision.reason) == (events == 1)


SELECTION = SelectionDesign(arms=5, control=2, blocks=10, arm_rule=ARM, pooled_rule=POOLED)


def test_naming_a_regimen_without_toxicity() -> None:
    """Stated: 8.5% when all respond alike, 37% with one better arm, which ranks first in 81%.

    With uniform priors the exact first figure is 8.8%; the stated one is that of a simulation.
    """
    oc = SELECTION.operating_characteristics(
        [[0.0] * 5] * 2, [[0.3] * 5, [0.3, 0.3, 0.3, 0.3, 0.6]]
    )
    assert 1 - oc.none_named[0] == pytest.approx(0.0876, abs=5e-5)
    assert round(100 * oc.named[1, 4]) == 37
    assert round(100 * oc.ranked_first[1, 4]) == 81


def test_unfinished_blocks_rarely_end_even_and_tables_must_reach_twelve() -> None:
    conduct = Conduct(
        PermutedBlocks(arms=5, block_sizes=(5, 10), strata=("II", "III"), run_in=(5, 5))
    )
    assert completed_evenly(conduct, 10) == pytest.approx(0.18, abs=0.01)
