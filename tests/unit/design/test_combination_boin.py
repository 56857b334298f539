"""BOIN for two agents: moves, elimination, ends, surfaces and simulation."""

from typing import Any

import numpy as np
import pytest
from scipy.optimize import minimize

from trialwright.design import Boin, CombinationBoin, DesignError
from trialwright.design.combination_boin import CombinationState, rising

DESIGN = CombinationBoin(target=0.3, doses_a=2, doses_b=3, max_participants=18)


def state(treated: Any, dlts: Any, at: tuple[int, int]) -> CombinationState:
    return CombinationState(treated, dlts, at)


def test_what_is_as_high_in_both_agents_is_eliminated() -> None:
    toxic = state(((3, 3, 0), (3, 0, 0)), ((0, 3, 0), (0, 0, 0)), (1, 2))
    assert DESIGN.eliminated(toxic.treated, toxic.dlts).tolist() == [
        [False, True, True],
        [False, True, True],
    ]
    assert DESIGN.decide(toxic).dose == (1, 1)
    beside = state(((3, 3, 0), (3, 0, 0)), ((0, 3, 0), (0, 0, 0)), (2, 1))
    assert DESIGN.decide(beside).action == "stay"  # (2, 2) is eliminated, (3, 1) isn't there


def test_at_the_edge_the_other_agent_moves() -> None:
    top = state(((3, 0, 0), (3, 0, 0)), ((0, 0, 0), (0, 0, 0)), (2, 1))
    assert {DESIGN.decide(top, draw).dose for draw in (0.0, 0.9)} == {(2, 2)}
    highest = state(((0, 0, 0), (0, 0, 3)), ((0, 0, 0), (0, 0, 0)), (2, 3))
    assert DESIGN.decide(highest).action == "stay"


def test_from_an_eliminated_place_without_neighbours_it_goes_to_the_nearest_that_is_left() -> None:
    lost = state(((3, 3, 0), (3, 3, 0)), ((0, 3, 0), (3, 2, 0)), (2, 2))
    assert DESIGN.decide(lost).dose == (1, 1)


def test_ends() -> None:
    assert DESIGN.decide(DESIGN.start()).dose == (1, 1)
    full = state(((6, 6, 0), (6, 0, 0)), ((0, 2, 0), (2, 0, 0)), (1, 2))
    assert DESIGN.decide(full).action == "stop" and DESIGN.select(full) is not None
    stopping = CombinationBoin(target=0.3, doses_a=2, doses_b=3, stop_at_dose=6)
    stay = state(((3, 6, 0), (0, 0, 0)), ((0, 2, 0), (0, 0, 0)), (1, 2))
    assert stopping.decide(stay).action == "stop"
    none = state(((3, 0, 0), (0, 0, 0)), ((3, 0, 0), (0, 0, 0)), (1, 1))
    assert DESIGN.decide(none).dose is None and DESIGN.select(none) is None


def test_a_bound_on_the_estimate_can_leave_nothing_to_select() -> None:
    high = state(((6, 0, 0), (0, 0, 0)), ((3, 0, 0), (0, 0, 0)), (1, 1))
    bounded = CombinationBoin(target=0.3, doses_a=2, doses_b=3, bound_mtd=True)
    assert (DESIGN.select(high), bounded.select(high)) == ((1, 1), None)


def test_surfaces_are_the_least_squares_ones() -> None:
    """Against a general optimiser under the same constraints."""
    rng = np.random.default_rng(3)
    values, weights = rng.random((2, 3)), rng.uniform(0.1, 9, (2, 3))
    pairs = [(a, b) for a in range(6) for b in (a + 1, a + 3) if b < 6 and (b - a == 3 or b % 3)]
    best = minimize(
        lambda x: float((weights.ravel() * (x - values.ravel()) ** 2).sum()), np.full(6, 0.5),
        constraints=[{"type": "ineq", "fun": lambda x, a=a, b=b: x[b] - x[a]} for a, b in pairs],
        method="SLSQP", options={"ftol": 1e-14},
    )  # fmt: skip
    assert rising(values, weights).ravel() == pytest.approx(best.x, abs=1e-5)


def test_a_trial_of_one_row_is_nearly_boins() -> None:
    """Agent A's second dose always toxic: what is left is BOIN over agent B, but for the visits."""
    rates = [0.1, 0.3, 0.55, 0.95, 0.97, 0.99]
    oc = CombinationBoin(
        target=0.3, doses_a=2, doses_b=3, max_participants=30
    ).operating_characteristics([rates], trials=600)
    exact = Boin(target=0.3, doses=3, max_participants=27).operating_characteristics(
        [rates[:3]], method="exact"
    )
    assert oc.selected[0, :3] == pytest.approx(exact.selected[0], abs=0.08)
    assert oc.selected[0, 3:].sum() < 0.02
    assert oc.selected.sum() + oc.none_selected.sum() == pytest.approx(1)


def test_ties_are_drawn_so_that_neither_agent_is_favoured() -> None:
    square = CombinationBoin(target=0.3, doses_a=2, doses_b=2, max_participants=12)
    oc = square.operating_characteristics([[0.1, 0.3, 0.3, 0.6]], trials=600)
    assert abs(oc.participants[0, 1] - oc.participants[0, 2]) < 0.6
    assert oc.participants.sum() == pytest.approx(12, abs=0.3)


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: CombinationBoin(target=0.3, doses_a=1, doses_b=3), "doses_a"),
        (lambda: DESIGN.start().observe((3, 1), 3, 0), r"Combination \(3, 1\)"),
        (lambda: DESIGN.start().observe((1, 1), 3, 4), "4 DLTs among 3"),
        (lambda: DESIGN.operating_characteristics([[0.1] * 5]), "6 combinations"),
        (
            lambda: DESIGN.decide(CombinationBoin(target=0.3, doses_a=3, doses_b=3).start()),
            "3 doses of agent A",
        ),
    ],
)
def test_what_cannot_be_is_refused(make: Any, words: str) -> None:
    with pytest.raises(DesignError, match=words):
        make()
