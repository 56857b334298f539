"""Simon 1989, table 1: p0 = 0.10, p1 = 0.30, both errors 0.10."""

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
