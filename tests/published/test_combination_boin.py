"""BOIN for two agents: the documented example of R's BOIN and its movements.

`select.mtd.comb` of the R package BOIN 2.7.2 (Yan and others 2020, J Stat Softw 94(13)), its
documented example; moves of `next.comb` and fits of `Iso::biviso` as dx-li/mdanderson-stats keeps
them (`tests/fixtures/boin-combination-*.csv`, read December 2026).
"""

import numpy as np
import pytest

from trialwright.design import CombinationBoin
from trialwright.design.combination_boin import CombinationState, rising

DESIGN = CombinationBoin(target=0.3, doses_a=3, doses_b=4)
SMALL = CombinationBoin(target=0.3, doses_a=2, doses_b=3)


def test_the_documented_example() -> None:
    state = CombinationState(
        ((3, 5, 0, 0), (7, 6, 15, 0), (0, 0, 4, 0)), ((0, 1, 0, 0), (1, 1, 4, 0), (0, 0, 2, 0)),
        (2, 3),
    )  # fmt: skip
    assert DESIGN.select(state) == (2, 3)
    expected = [[0.02, 0.19, 0.27, 0.50], [0.15, 0.19, 0.27, 0.50], [0.50] * 4]
    assert DESIGN.estimates(state) == pytest.approx(np.array(expected), abs=0.005)


@pytest.mark.parametrize(
    ("treated", "dlts", "at", "goes"),
    [
        (((3, 0, 0), (0, 0, 0)), ((0, 0, 0), (0, 0, 0)), (1, 1), {(2, 1), (1, 2)}),
        (((3, 3, 0), (0, 0, 0)), ((0, 1, 0), (0, 0, 0)), (1, 1), {(1, 2)}),
        (((0, 0, 0), (0, 3, 0)), ((0, 0, 0), (0, 3, 0)), (2, 2), {(2, 1), (1, 2)}),
        (((0, 0, 0), (0, 3, 0)), ((0, 0, 0), (0, 1, 0)), (2, 2), {(2, 2)}),
        (((3, 0, 0), (0, 0, 0)), ((3, 0, 0), (0, 0, 0)), (1, 1), {None}),
    ],
)
def test_moves(treated: object, dlts: object, at: tuple[int, int], goes: set[object]) -> None:
    state = CombinationState(treated, dlts, at)  # type: ignore[arg-type]
    assert {SMALL.decide(state, draw).dose for draw in (0.1, 0.9)} == goes


def test_isotonic_surfaces() -> None:
    treated = np.array([[0, 9, 10, 0], [10, 10, 8, 9], [7, 6, 10, 0]])
    dlts = np.array([[0, 0, 6, 0], [1, 4, 5, 9], [0, 6, 1, 0]])
    fit = [
        [0.010869565, 0.010869565, 0.528985506, 0.528985503],
        [0.063953488, 0.400990099, 0.528985506, 0.989130435],
        [0.063953488, 0.528985512, 0.528985506, 0.989130435],
    ]
    found = rising((dlts + 0.05) / (treated + 0.1), treated + 0.1)
    assert found == pytest.approx(np.array(fit), abs=2e-8)


@pytest.mark.parametrize(
    ("treated", "dlts", "bounded", "chosen"),
    [
        (((3, 3, 3), (3, 3, 3)), ((1, 1, 1), (1, 1, 1)), False, (1, 1)),
        (((3, 0, 0), (0, 0, 0)), ((3, 0, 0), (0, 0, 0)), False, None),
    ],
)
def test_selections(
    treated: object, dlts: object, *, bounded: bool, chosen: tuple[int, int] | None
) -> None:
    design = CombinationBoin(target=0.3, doses_a=2, doses_b=3, bound_mtd=bounded)
    state = CombinationState(treated, dlts, (1, 1))  # type: ignore[arg-type]
    assert design.select(state) == chosen


def test_where_r_rounds_and_we_do_not() -> None:
    """`select.mtd.comb` rounds to 0.26 and 0.34, as far from 0.3, and takes the first, (1, 2);
    the package's own simulator doesn't round, nor do we: 0.336 is nearer than 0.257."""
    state = CombinationState(((3, 4, 0), (5, 6, 0)), ((0, 1, 0), (1, 2, 0)), (1, 1))
    found = SMALL.estimates(state)
    assert found.round(2)[:, :2].tolist() == [[0.02, 0.26], [0.21, 0.34]]
    assert SMALL.select(state) == (2, 2)
