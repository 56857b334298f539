"""Decisions of mTPI (Ji, Liu, Li and Bekele 2010, Clin Trials 7:653, figure 2), mTPI-2 (Guo, Wang,
Yang, Lynn and Ji 2017, Contemp Clin Trials 58:23, figure 3) and Keyboard, target 0.30 and margins
0.05; and BOIN's selection of a dose. The figures as the tests of the R package escalation quote
them."""

import pytest

from trialwright.design import Boin, Keyboard, Mtpi, Mtpi2
from trialwright.design.interval import IntervalDesign

# Treated: the decision for 0, 1, 2, … DLTs. E escalate, S stay, D de-escalate, U eliminate.
FIGURES = {
    Mtpi: {3: "ESDU", 6: "EESSUUU", 12: "EEESSSDUUUUUU"},
    Mtpi2: {3: "ESDU", 6: "EESDUUU", 9: "EEESDUUUUU", 10: "EEESDDUUUUU"},
}


def moves(design: IntervalDesign, n: int) -> str:
    """The decisions at dose 2 of 3 with n treated there."""
    found = ""
    for y in range(n + 1):
        state = design.start().observe(2, n, y)
        after = {"escalate": "E", "stay": "S", "de-escalate": "D"}[design.decide(state).action]
        out = design.boundaries[n - 1][2]
        found += "U" if out is not None and y >= out else after
    return found


@pytest.mark.parametrize(
    ("make", "n", "decisions"),
    [(make, n, d) for make, rows in FIGURES.items() for n, d in rows.items()],
)
def test_the_figures(make: type[IntervalDesign], n: int, decisions: str) -> None:
    assert moves(make(target=0.30, doses=3, max_participants=30), n) == decisions


def test_mtpi_escalates_up_to_six_and_eliminates_from_fourteen_of_thirty() -> None:
    assert Mtpi(target=0.30, doses=5).table(30).rows[-1] == (30, 6, 14, 14)


@pytest.mark.parametrize("target", [0.10, 0.20, 0.25, 0.30, 0.33, 0.40, 0.60])
def test_keyboard_moves_as_mtpi2(target: float) -> None:
    one, other = (make(target=target, doses=5, eliminate_from=3) for make in (Keyboard, Mtpi2))
    assert one.boundaries == other.boundaries


def test_keyboard_escalates_where_no_whole_key_fits_below_the_target() -> None:
    assert Keyboard(target=0.10, doses=5).table(9).rows[-1] == (9, 0, 2, 3)


def test_the_dose_that_boin_selects() -> None:
    """The authors' `select.mtd`: dose 3 of 0/3, 0/3, 4/15, 4/9 (Yan and others 2020), and dose 2
    of 1/3 at dose 2 and 3/3 at dose 5."""
    design = Boin(target=0.30, doses=5)
    state = design.start().observe(1, 3, 0).observe(2, 3, 0).observe(3, 15, 4).observe(4, 9, 4)
    assert design.select(state) == 3
    assert design.select(design.start().observe(2, 3, 1).observe(5, 3, 3)) == 2
