"""The decision table of a TITE-BOIN trial (PMC9260438, table 1), target 0.20, cohorts of 3."""

import pytest

from trialwright.design import Boin, TiteBoin

DESIGN = TiteBoin(boin=Boin(target=0.20, doses=5))


def action(n: int, y: int, c: int, followed: float) -> str:
    """What is decided at dose 3 of 5 with everyone's follow-up the same."""
    state = DESIGN.start().observe(3, n, y, pending=[followed / c] * c if c else ())
    return DESIGN.decide(state).action


@pytest.mark.parametrize(
    ("n", "y", "pending", "expected"),
    [
        (3, 0, (0, 1), "escalate"),
        (3, 0, (2, 3), "suspend"),
        (3, 2, (0, 1), "de-escalate"),
        (6, 0, (0, 1, 2, 3), "escalate"),
        (6, 0, (4, 5, 6), "suspend"),
        (6, 1, (4, 5), "suspend"),
        (6, 3, (0, 1, 2, 3), "de-escalate"),
        (9, 0, (0, 1, 2, 3, 4), "escalate"),
        (9, 0, (5, 6), "suspend"),
        (9, 1, (0, 1, 2), "escalate"),
        (9, 1, (5, 6), "suspend"),
        (9, 2, (5, 6), "suspend"),
        (9, 3, (0, 3, 6), "de-escalate"),
        (9, 4, (0, 3, 5), "de-escalate"),
    ],
)
def test_rows_without_a_threshold(n: int, y: int, pending: tuple[int, ...], expected: str) -> None:
    assert {action(n, y, c, 0.0) for c in pending} == {expected}


@pytest.mark.parametrize(("c", "threshold"), [(3, 0.77), (4, 2.15)])
def test_follow_up_needed_to_escalate(c: int, threshold: float) -> None:
    assert DESIGN.follow_up_needed(9, 1, c)[0] == pytest.approx(threshold, abs=0.005)
    assert action(9, 1, c, threshold + 0.006) == "escalate"
    assert action(9, 1, c, threshold - 0.006) == "stay"


@pytest.mark.parametrize(("c", "threshold"), [(1, 0.52), (2, 1.59), (3, 2.66), (4, 3.73)])
def test_follow_up_needed_to_stay(c: int, threshold: float) -> None:
    assert DESIGN.follow_up_needed(9, 2, c)[1] == pytest.approx(threshold, abs=0.005)
    assert action(9, 2, c, threshold + 0.006) == "stay"
    assert action(9, 2, c, threshold - 0.006) == "de-escalate"


@pytest.mark.parametrize(("n", "y"), [(3, 2), (6, 3), (9, 4)])
def test_elimination(n: int, y: int) -> None:
    state = DESIGN.start().observe(1, n, y)
    assert DESIGN.decide(state).action == "stop"
