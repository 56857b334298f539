"""Clocks in a cut and in the report by arm: in time, late, running, of holds."""

from dataclasses import replace

import pytest

from tests.unit.report.hand_cut import CUT, PROTOCOL, SEALED
from trialwright.analysis.cut import CutError
from trialwright.analysis.cut_clocks import ReportClock
from trialwright.report.document import Document, Table
from trialwright.report.trial import trial_report

EVENT = ReportClock(
    1, "eu_other", "EU", "first", "", "C-1", 1, None,
    "2026-02-01T09:00+08:00", "2026-02-16T23:59+08:00", "sent", "2026-02-10T10:00+08:00",
)  # fmt: skip
LATE = replace(EVENT, number=2, how="incomplete", ended_at="2026-02-20T10:00+08:00", late=True)
OVERDUE = replace(EVENT, number=3, how="", ended_at=None, late=True)
HOLD = replace(EVENT, number=4, rule="eu_halt", participant="", event=None, hold=1)
NONE_DUE = replace(EVENT, number=5, how="not_due")


def report(*clocks: ReportClock) -> Document:
    return trial_report(CUT, PROTOCOL, language="en", sealed=replace(SEALED, clocks=clocks))


def table(document: Document, caption: str) -> list[tuple[str, ...]]:
    (found,) = [b for b in document.walk() if isinstance(b, Table) and b.caption == caption]
    return [row.cells for row in found.rows]


def test_reports_are_counted_by_rule() -> None:
    told = report(EVENT, LATE, OVERDUE, HOLD, NONE_DUE)
    assert table(told, "Reports due, by rule") == [
        ("Other suspected reaction (EU)", "4", "1", "1", "1", "1", "1"),
        ("Temporary halt (EU)", "1", "1", "0", "0", "0", "0"),
    ]


def test_the_late_ones_and_those_of_holds_stand_one_by_one() -> None:
    told = report(EVENT, LATE, OVERDUE, HOLD)
    late = table(told, "Reports that went out late, or were late at the cut")
    assert [(row[0], row[2], row[5]) for row in late] == [
        ("2", "C-1, event 1", "2026-02-20 10:00+08:00"),
        ("3", "C-1, event 1", "Not sent at the cut"),
    ]
    (hold,) = table(told, "Reports of holds and urgent measures")
    assert (hold[1], hold[2]) == ("Temporary halt (EU)", "Hold 1")


def test_the_pooled_report_says_nothing_of_them() -> None:
    pooled = trial_report(CUT, PROTOCOL, language="en")
    assert not any(isinstance(b, Table) and "Reports" in b.caption for b in pooled.walk())


def test_a_clock_is_of_an_event_or_of_a_hold() -> None:
    with pytest.raises(CutError, match="of an event or of a hold"):
        replace(EVENT, hold=1)
    with pytest.raises(CutError, match="clock 1"):
        replace(EVENT, how="perhaps")
