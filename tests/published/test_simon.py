"""Simon 1989, tables 1 and 2: optimal and minimax designs."""

import pytest

from trialwright.design import SimonTwoStage


@pytest.mark.parametrize(
    ("criterion", "first", "whole"), [("optimal", (1, 12), (5, 35)), ("minimax", (1, 16), (4, 25))]
)
def test_optimal_and_minimax(
    criterion: str, first: tuple[int, int], whole: tuple[int, int]
) -> None:
    design = SimonTwoStage.search(
        p0=0.10, p1=0.30, alpha=0.10, beta=0.10, criterion=criterion, max_participants=45
    )
    assert ((design.r1, design.n1), (design.r, design.n)) == (first, whole)


def test_expected_number_and_early_stop_of_the_optimal_design() -> None:
    oc = SimonTwoStage(n1=12, r1=1, n=35, r=5).characteristics(0.10)
    assert round(oc.expected_participants, 1) == 19.8
    assert round(oc.early_stop, 2) == 0.66


@pytest.mark.parametrize(
    ("p0", "p1", "alpha", "beta", "optimal", "minimax"),
    [
        (0.05, 0.25, 0.10, 0.10, (0, 9, 2, 24), (0, 13, 2, 20)),
        (0.05, 0.25, 0.05, 0.20, (0, 9, 2, 17), (0, 12, 2, 16)),
        (0.05, 0.25, 0.05, 0.10, (0, 9, 3, 30), (0, 15, 3, 25)),
        (0.20, 0.40, 0.10, 0.10, (3, 17, 10, 37), (3, 19, 10, 36)),
        (0.20, 0.40, 0.05, 0.20, (3, 13, 12, 43), (4, 18, 10, 33)),
        (0.30, 0.50, 0.05, 0.20, (5, 15, 18, 46), (6, 19, 16, 39)),
    ],
)
def test_other_rows_of_the_tables(
    p0: float,
    p1: float,
    alpha: float,
    beta: float,
    optimal: tuple[int, ...],
    minimax: tuple[int, ...],
) -> None:
    for criterion, expected in (("optimal", optimal), ("minimax", minimax)):
        d = SimonTwoStage.search(
            p0=p0, p1=p1, alpha=alpha, beta=beta, criterion=criterion, max_participants=50
        )
        assert (d.r1, d.n1, d.r, d.n) == expected
