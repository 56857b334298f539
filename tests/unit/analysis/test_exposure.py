"""Exposure by hand: three people, a dose in part, one not given, one whose amount isn't known."""

from trialwright.analysis.cut_doses import Dose
from trialwright.analysis.exposure import exposure


def dose(code: str, n: int, status: str, planned: str, amount: str, unit: str = "mg") -> Dose:
    return Dose(code, "infuse", "day_1", n, "2026-03-04", status, planned, amount, unit)


def test_by_hand() -> None:
    found = exposure(
        [
            dose("C-1", 1, "done", "200", "200"),
            dose("C-1", 2, "part", "200", "50.5"),
            dose("C-1", 3, "not_done", "200", ""),
            dose("C-2", 1, "done", "180", "180"),
            dose("C-3", 1, "not_done", "160", ""),
        ]
    )
    assert (found.participants, found.full, found.part, found.none) == (2, 2, 1, 2)
    assert found.doses is not None and found.doses.mean == 1.5
    assert found.total is not None and found.total.mean == (250.5 + 180) / 2
    assert found.unit == "mg"
    # C-1 was given 250.5 of 600, C-2 all, C-3 nothing of 160.
    assert found.intensity is not None
    assert abs(found.intensity.mean - (41.75 + 100 + 0) / 3) < 1e-9


def test_an_unknown_amount_is_not_counted_as_nothing() -> None:
    found = exposure([dose("C-1", 1, "done", "", "", ""), dose("C-2", 1, "done", "10", "10")])
    assert found.participants == 2
    assert found.total is not None and found.total.n == 1 and found.total.mean == 10
    assert found.intensity is not None and found.intensity.n == 1
    alone = exposure([dose("C-1", 1, "done", "", "", "")])
    assert alone.total is None and alone.intensity is None


def test_amounts_in_two_units_are_not_added() -> None:
    found = exposure([dose("C-1", 1, "done", "1", "1"), dose("C-2", 1, "done", "1", "1", "g")])
    assert found.total is None and found.unit == ""


def test_nothing_is_nothing() -> None:
    found = exposure([])
    assert (found.participants, found.doses, found.total, found.intensity) == (0, None, None, None)
