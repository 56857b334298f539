"""Every rule of a cut by itself: what just keeps it and what just breaks it."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from tests.unit.report.hand_cut import CUT, SEALED
from trialwright.analysis.cut import (
    Assignment,
    Cut,
    CutError,
    Deviation,
    Head,
    ProtocolVersion,
    SealedPart,
    Site,
)
from trialwright.analysis.cut_bytes import canonical_bytes, canonical_hash, check_sealed, from_bytes
from trialwright.analysis.cut_diaries import DiaryMark
from trialwright.analysis.cut_entries import Entry, Query, Value, Visit
from trialwright.analysis.cut_participants import Ending, Exclusion, Participant, Step, Treatment

HEX = "a" * 64
DAY = "2026-03-04"


@pytest.mark.parametrize(
    "date",
    ["2026", "2026-03", DAY, f"{DAY}T00:00Z", f"{DAY}T23:59+08:00", f"{DAY}T09:30:59-05:00",
     f"{DAY}T09:30:00.123456Z", "2026-12-31", "2026-01-01"],
)  # fmt: skip
def test_a_date_is_a_year_a_month_a_day_or_a_time_with_its_offset(date: str) -> None:
    assert Step("screened", date).at == date


@pytest.mark.parametrize(
    "date",
    ["", "26", "2026-00", "2026-13", "2026-03-00", "2026-03-32", f"{DAY}T", f"{DAY}T24:00Z",
     f"{DAY}T09:60Z", f"{DAY}T09:30", f"{DAY} 09:30Z", f"{DAY}T09:30:60Z", f" {DAY}", f"{DAY}\n"],
)  # fmt: skip
@pytest.mark.parametrize(
    "make",
    [
        lambda date: Step("screened", date),
        lambda date: Exclusion("other", date),
        lambda date: Treatment("full", date),
        lambda date: Ending("lost", date),
        lambda date: Visit("C-1", "v", "planned", target=date),
        lambda date: Visit("C-1", "v", "planned", opens=date),
        lambda date: Visit("C-1", "v", "planned", closes=date),
        lambda date: Query(1, "C-1", "v", "f", 1, "i", "open", date),
        lambda date: Query(1, "C-1", "v", "f", 1, "i", "closed", DAY, date),
        lambda date: Deviation("C-1", date, "visit_window", ""),
        lambda date: replace(CUT, cut_at=date),
        lambda date: replace(CUT, began_on=date),
    ],
)
def test_nothing_else_is_a_date_wherever_one_stands(
    make: Callable[[str], object], date: str
) -> None:
    with pytest.raises(CutError):
        make(date)


def _twice(field: str) -> Callable[[], Cut]:
    return lambda: replace(CUT, **{field: getattr(CUT, field)[:1] * 2})


def _stranger(field: str) -> Callable[[], Cut]:
    return lambda: replace(CUT, **{field: (replace(getattr(CUT, field)[0], participant="X-9"),)})


@pytest.mark.parametrize(
    ("breaks", "said"),
    [
        (lambda: Head(-1, HEX), "from 0"),
        (lambda: Head(1, HEX[1:]), "SHA-256"),
        (lambda: Head(1, HEX.upper()), "SHA-256"),
        (lambda: ProtocolVersion("D", "1", HEX + "a"), "not a SHA-256"),
        (lambda: Exclusion("unlucky", DAY), "ineligible, declined, other"),
        (lambda: Treatment("half", DAY), "full, part, none"),
        (lambda: Ending("lost", DAY, ("dreams",)), "treatment, visits, contact, samples"),
        (lambda: Visit("C-1", "v", "skipped"), "planned, done, missed, cancelled"),
        (lambda: Visit("C-1", "v", "missed", actual=DAY), "if, and only if"),
        (lambda: Entry("C-1", "v", "f", 1, "signed", True, "1", ()), "draft, complete"),
        (lambda: Entry("C-1", "v", "f", 1, "draft", True, "1", (Value("x", "1"),) * 2), "twice"),
        (lambda: Query(1, "C-1", "v", "f", 1, "i", "lost", DAY), "open, answered, closed"),
        (lambda: DiaryMark("C-1", "f", 1, DAY, "forgotten"), "on_time, late, missed, open"),
        (lambda: DiaryMark("C-1", "f", 1, DAY, "late"), "what came has a moment"),
        (lambda: DiaryMark("C-1", "f", 1, DAY, "missed", DAY, DAY), "what came has a moment"),
        (lambda: replace(CUT, diaries=(DiaryMark("C-1", "f", 1, DAY, "open"),) * 2), "twice"),
        (lambda: replace(CUT, diaries=(DiaryMark("X-9", "f", 1, DAY, "open"),)), "'X-9'"),
        (lambda: Value("x", "1", ""), "either a value or the reason"),
        (lambda: replace(CUT, cut_at="2026-03"), "has no day"),
        *((_twice(each), "twice") for each in ("sites", "participants", "visits", "entries")),
        (_twice("queries"), "twice"),
        *((_stranger(each), "participant 'X-9'") for each in ("visits", "entries", "queries")),
        (_stranger("deviations"), "participant 'X-9'"),
        (lambda: replace(SEALED, cut_hash="no"), "not a SHA-256"),
        (lambda: replace(SEALED, assignments=SEALED.assignments[:1] * 2), "twice"),
        (lambda: replace(SEALED, entries=CUT.entries[:1] * 2), "twice"),
    ],
)
def test_what_breaks_a_rule_is_refused(breaks: Callable[[], object], said: str) -> None:
    with pytest.raises(CutError, match=said):
        breaks()


def test_what_just_keeps_a_rule_is_taken() -> None:
    assert Head(0, HEX).seq == 0
    assert Entry("C-1", "v", "f", 2, "draft", False, "1", ()).repeat == 2
    assert len(replace(CUT, deviations=CUT.deviations * 2).deviations) == 2
    assert replace(CUT, cut_at=DAY).cut_on == DAY
    stops = Ending("withdrawn", DAY, ("samples", "treatment", "samples")).stops
    assert stops == ("treatment", "samples")
    assert Exclusion("ineligible", DAY, ("b", "a", "b")).criteria == ("a", "b")


def test_rows_are_put_in_one_order_by_their_keys() -> None:
    parts = ("sites", "participants", "visits", "entries", "queries", "deviations")
    assert replace(CUT, **{part: getattr(CUT, part)[::-1] for part in parts}) == CUT
    two = (Deviation("C-2", DAY, "b", ""), Deviation("C-2", DAY, "a", "y"),
           Deviation("C-2", DAY, "a", "x"), Deviation("C-1", DAY, "z", ""))  # fmt: skip
    assert replace(CUT, deviations=two).deviations == tuple(reversed(two))
    steps = (Step("b", DAY), Step("a", DAY), Step("c", "2026-03-03"))
    told = Participant("C-1", "C", "1", "", steps)
    assert [step.name for step in told.steps] == ["c", "a", "b"]
    assert [step.name for step in Assignment("C-1", "x", steps=steps).steps] == ["c", "a", "b"]
    again = Participant("C-1", "C", "1", "", (Step("a", DAY), Step("a", "2026-03-03")))
    assert (again.at("a"), again.at("b")) == ("2026-03-03", None)
    assert Assignment("C-1", "x", steps=steps).at("b") == DAY


def test_a_sealed_part_that_assigns_a_stranger_is_refused() -> None:
    check_sealed(CUT, SEALED)
    more = replace(SEALED, assignments=(*SEALED.assignments, Assignment("X-9", "arm")))
    with pytest.raises(CutError, match="X-9"):
        check_sealed(CUT, more)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b'"seq":41', b'"seq":"41"'),
        (b'"demonstration":true', b'"demonstration":null'),
        (b'"began_on":"2025-12-01",', b""),
        (b'"repeat":1,', b'"repeat":1.0,'),
        (b'"code":"C-1"', b'"code":null'),
    ],
)
def test_bytes_whose_types_are_not_the_cuts_are_refused(old: bytes, new: bytes) -> None:
    content = canonical_bytes(CUT)
    assert from_bytes(Cut, content) == CUT and old in content
    with pytest.raises(CutError):
        from_bytes(Cut, content.replace(old, new, 1))


def test_open_and_sealed_parts_are_not_taken_for_each_other() -> None:
    assert canonical_hash(CUT) != canonical_hash(SEALED)
    with pytest.raises(CutError):
        from_bytes(SealedPart, canonical_bytes(CUT))
    with pytest.raises(CutError):
        from_bytes(Cut, canonical_bytes(SEALED))


def test_a_site_may_have_no_chinese_name() -> None:
    assert Site("C", "Chongqing").name_zh == ""
