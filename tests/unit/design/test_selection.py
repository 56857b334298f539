"""Selection among regimens: the exact engine against every path, and against simulation."""

from collections import defaultdict
from dataclasses import replace
from functools import cache
from itertools import chain, permutations, product
from math import comb, prod

import numpy as np
import pytest

from trialwright.analysis.best import chance_of_being_best
from trialwright.design import BetaBinomialStopping, DesignError, PermutedBlocks, SelectionDesign
from trialwright.design.selection import SelectionState, total_inflation
from trialwright.design.selection_conduct import Conduct
from trialwright.design.selection_simulation import simulate

ARM = BetaBinomialStopping(0.15, (0.3, 1.7), 0.85, 27)
POOLED = BetaBinomialStopping(0.10, (0.2, 1.8), 0.95, 48)
DEMO = SelectionDesign(arms=5, control=2, blocks=10, arm_rule=ARM, pooled_rule=POOLED)
REFILLED = replace(DEMO, held_places="refilled")
BLOCKS = PermutedBlocks(arms=5, block_sizes=(5, 10), strata=("II", "III"), run_in=(5, 5))


def every_path(
    design: SelectionDesign, tox: list[float], resp: list[float]
) -> tuple[np.ndarray, np.ndarray, float]:
    """Named, expected participants and pooled stop by listing orders and outcomes one by one.

    Each order is one long list of complete blocks, longer than is needed where a held arm's places
    are refilled."""
    named, participants, pooled = np.zeros(design.arms), np.zeros(design.arms), 0.0
    decide, held_in = cache(design.decide), cache(design.held)

    refilled = design.held_places == "refilled"

    ends: dict[tuple[tuple[int, ...], tuple[int, ...]], float] = defaultdict(float)

    def walk(n: list[int], y: list[int], places: tuple[int, ...], chance: float) -> None:
        nonlocal pooled
        held = held_in(SelectionState(tuple(n), tuple(y), tuple(n), (0,) * design.arms))
        total_n = sum(n[a - 1] for a in design.regimens)
        total_y = sum(y[a - 1] for a in design.regimens)
        bound = design.pooled_rule.hold_at[total_n]
        by_pooled_rule = bound is not None and total_y >= bound
        full = sum(n) == design.blocks * design.arms or len(held) == len(design.regimens)
        if by_pooled_rule or (full if refilled else not places):
            ends[tuple(n), tuple(y)] += chance
            pooled += chance * by_pooled_rule
            return
        arm, rest = places[0], places[1:]
        if arm in held:
            walk(n, y, rest, chance)
            return
        for event in (0, 1):
            q = tox[arm - 1] if event else 1 - tox[arm - 1]
            if q:
                grown_n, grown_y = n.copy(), y.copy()
                grown_n[arm - 1] += 1
                grown_y[arm - 1] += event
                walk(grown_n, grown_y, rest, chance * q)

    arms = range(1, design.arms + 1)
    blocks = design.blocks + (1 if refilled else 0)
    lists = list(product(permutations(arms), repeat=blocks))
    for orders in lists:
        nothing = [0] * design.arms
        walk(nothing, nothing, tuple(chain.from_iterable(orders)), 1 / len(lists))
    for (n, y), chance in ends.items():
        participants += chance * np.array(n)
        for x in product(*(range(size + 1) for size in n)):
            decision = decide(SelectionState(n, y, n, x))
            if decision.dose:
                q = prod(
                    comb(m, k) * p**k * (1 - p) ** (m - k)
                    for m, k, p in zip(n, x, resp, strict=True)
                )
                named[decision.dose - 1] += chance * q
    return named, participants, pooled


@pytest.mark.parametrize("held_places", ["lost", "refilled"])
@pytest.mark.parametrize(
    ("tox", "resp"),
    [([0.3, 0.2, 0.5], [0.4, 0.1, 0.7]), ([0.0, 1.0, 0.9], [0.5, 0.5, 0.5])],
)
def test_the_exact_engine_equals_every_path(
    tox: list[float], resp: list[float], held_places: str
) -> None:
    design = SelectionDesign(
        arms=3,
        control=2,
        blocks=2,
        arm_rule=BetaBinomialStopping(0.3, (0.5, 0.5), 0.85, 4),
        pooled_rule=BetaBinomialStopping(0.3, (0.3, 0.7), 0.88, 4),
        name_at=0.7,
        above_control_at=0.6,
        held_places=held_places,
    )
    oc = design.operating_characteristics([tox], [resp])
    named, participants, pooled = every_path(design, tox, resp)
    assert 0 < oc.named[0].sum() < 1
    assert oc.named[0] == pytest.approx(named, abs=1e-12)
    assert oc.participants[0] == pytest.approx(participants, abs=1e-12)
    assert oc.events[0] == pytest.approx(participants * tox, abs=1e-12)
    assert oc.stopped_all[0] == pytest.approx(pooled, abs=1e-12)


def test_one_regimen_alone_stops_as_its_own_rule_does() -> None:
    lone = SelectionDesign(
        arms=2,
        control=1,
        blocks=10,
        arm_rule=ARM,
        pooled_rule=BetaBinomialStopping(0.999, (1, 1), 0.9999, 10),
    )
    rates = [0.05, 0.2, 0.4]
    oc = lone.operating_characteristics([[0.5, p] for p in rates], [[0.3, 0.3]] * 3)
    alone = ARM.reaching(10).operating_characteristics(rates)
    assert oc.stopped[:, 1] == pytest.approx(alone.hold_probability, abs=1e-12)
    assert oc.participants[:, 1] == pytest.approx(alone.expected_participants, abs=1e-12)


def test_the_order_of_the_arms_does_not_matter() -> None:
    tox, resp = [0.02, 0.1, 0.05, 0.2, 0.1], [0.3, 0.2, 0.5, 0.6, 0.4]
    turned = [0, 1, 4, 2, 3]
    a = DEMO.operating_characteristics([tox], [resp])
    b = DEMO.operating_characteristics([[tox[i] for i in turned]], [[resp[i] for i in turned]])
    assert a.named[0][turned] == pytest.approx(b.named[0], abs=1e-12)
    assert a.none_named == pytest.approx(b.none_named, abs=1e-12)


@pytest.mark.parametrize("design", [DEMO, REFILLED])
def test_with_ideal_conduct_the_simulation_agrees_with_the_exact_answer(
    design: SelectionDesign,
) -> None:
    ideal = Conduct(
        PermutedBlocks(arms=5, block_sizes=(5,)),
        arrivals_per_week=0.001,
        follow_up_days=0.001,
        stratum_shares=(1.0,),
        days_apart=0,
        pause_after=0,
    )
    tox, resp = [[0.05, 0.3, 0.1, 0.2, 0.02]], [[0.3, 0.2, 0.5, 0.4, 0.6]]
    exact = design.operating_characteristics(tox, resp)
    simulated = simulate(design, ideal, tox, resp, trials=4000, seed=5)
    assert np.all(np.abs(simulated.named - exact.named) <= 4 * simulated.standard_error + 1e-3)
    assert simulated.participants == pytest.approx(exact.participants, abs=0.15)
    assert simulated.stopped == pytest.approx(exact.stopped, abs=0.035)
    assert total_inflation(simulated) == pytest.approx(total_inflation(exact), abs=0.02)


def test_a_simulation_does_not_depend_on_chunks() -> None:
    conduct = Conduct(BLOCKS)
    rates = ([[0.1] * 5], [[0.3] * 5])
    long = simulate(DEMO, conduct, *rates, trials=2400, seed=3)
    again = simulate(DEMO, conduct, *rates, trials=2400, seed=3)
    assert np.array_equal(long.named, again.named)
    assert not np.array_equal(
        long.named, simulate(DEMO, conduct, *rates, trials=2400, seed=4).named
    )


def test_processes_simulate_the_same_bits() -> None:
    from concurrent.futures import ThreadPoolExecutor

    rates = ([[0.1] * 5, [0.2] * 5], [[0.3] * 5, [0.4] * 5])
    alone = simulate(DEMO, Conduct(BLOCKS), *rates, trials=2_500, seed=3)
    with ThreadPoolExecutor(2) as executor:
        shared = simulate(DEMO, Conduct(BLOCKS), *rates, trials=2_500, seed=3, executor=executor)
    for name in ("named", "participants", "stopped", "inflation"):
        assert np.array_equal(getattr(alone, name), getattr(shared, name), equal_nan=True)


def test_what_the_idealisations_hide_is_seen() -> None:
    """Events known only in the course of 28 days: the faster women come, the more are treated in a
    toxic arm before it is held, which the exact answer, all known at once, can't show. Blocks that
    stay unfinished make arms unequal."""
    tox, resp = [[0.02, 0.02, 0.02, 0.02, 0.4]], [[0.3] * 5]
    exact = DEMO.operating_characteristics(tox, resp)
    slow, fast = (
        simulate(DEMO, Conduct(BLOCKS, arrivals_per_week=rate), tox, resp, trials=3_000)
        for rate in (0.5, 5.0)
    )
    assert exact.participants[0, 4] + 0.05 < slow.participants[0, 4]
    assert slow.participants[0, 4] + 0.5 < fast.participants[0, 4]
    assert exact.method == "exact" and fast.method == "monte-carlo"
    assert exact.standard_error.max() == 0 < fast.standard_error[0, 0]


def test_the_decision_names_or_declines_with_a_sentence() -> None:
    clear = SelectionState((10,) * 5, (0,) * 5, (10,) * 5, (2, 3, 1, 2, 8))
    decision = DEMO.decide(clear)
    assert (decision.action, decision.dose) == ("name", 5)
    assert "Arm 5 is the best safe regimen" in str(decision.reason)
    assert "第 5 组" in decision.reason.in_language("zh")
    close = SelectionState((10,) * 5, (0,) * 5, (10,) * 5, (3, 3, 3, 4, 4))
    assert DEMO.decide(close).dose is None
    assert "No clear regimen" in str(DEMO.decide(close).reason)


def test_a_lone_unheld_regimen_is_not_named_when_the_control_does_better() -> None:
    """0 responses of 18 against 9 of 19 in the control: best among the safe ones with certainty,
    and still no regimen worth naming."""
    state = SelectionState((4, 19, 4, 4, 18), (4, 0, 4, 4, 0), (4, 19, 4, 4, 18), (0, 9, 0, 0, 0))
    lenient = replace(DEMO, pooled_rule=BetaBinomialStopping(0.999, (1, 1), 0.9999, 48))
    assert lenient.held(state) == (1, 3, 4)
    decision = lenient.decide(state)
    assert (decision.action, decision.dose) == ("none", None)
    assert "higher than the control's with probability 0.00, below 0.8" in str(decision.reason)
    assert "高于对照组" in decision.reason.in_language("zh")
    assert replace(lenient, above_control_at=0).decide(state).dose == 5


def test_a_held_arms_place_is_lost_or_refilled_as_the_design_says() -> None:
    """Lost, the trial treats fewer; refilled, as many as planned, and others get more than ten."""
    tox, resp = [[0.0, 0.0, 0.0, 0.0, 0.6]], [[0.3] * 5]
    lost, refilled = (
        simulate(design, Conduct(BLOCKS), tox, resp, trials=1_000) for design in (DEMO, REFILLED)
    )
    assert lost.participants[0, :4] == pytest.approx([10] * 4, abs=0.1)
    assert lost.participants[0].sum() < 46
    assert refilled.participants[0].sum() == pytest.approx(50)
    exact = [design.operating_characteristics(tox, resp) for design in (DEMO, REFILLED)]
    assert exact[0].participants[0, :4] == pytest.approx([10] * 4)
    assert exact[1].participants[0].sum() == pytest.approx(50)
    assert "lost" in str(DEMO.describe()) and "refilled" in str(REFILLED.describe())


def test_a_held_regimen_is_never_named() -> None:
    state = SelectionState((10,) * 5, (0, 0, 0, 0, 4), (10,) * 5, (2, 3, 1, 2, 10))
    assert DEMO.held(state) == (5,)
    assert DEMO.decide(state).dose != 5


def test_chances_of_being_best_add_to_one_and_follow_the_data() -> None:
    chances = chance_of_being_best([[0, 3, 10], [5, 5, 5]], [[10] * 3, [10] * 3])
    assert chances.sum(axis=1) == pytest.approx([1, 1])
    assert chances[0, 2] > 0.99
    assert chances[1] == pytest.approx([1 / 3] * 3, abs=1e-9)


@pytest.mark.parametrize(
    ("change", "match"),
    [
        ({"control": 6}, "1 to 5"),
        ({"name_at": 1.0}, "strictly between"),
        ({"blocks": 28}, "must reach 28"),
        ({"held_places": "refilled", "blocks": 11}, "must reach 28"),
        ({"held_places": "kept"}, "lost, refilled"),
        ({"above_control_at": 1.0}, "below 1"),
        ({"counted": "randomised"}, "treated, evaluable"),
        ({"response_prior": (0.0, 1.0)}, "above 0"),
    ],
)
def test_what_cannot_be_is_refused_with_the_rule(change: dict[str, object], match: str) -> None:
    arguments = {"arms": 5, "control": 2, "blocks": 10, "arm_rule": ARM, "pooled_rule": POOLED}
    with pytest.raises(DesignError, match=match):
        SelectionDesign(**{**arguments, **change})  # type: ignore[arg-type]
