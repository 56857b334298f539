"""Freshness: what a record's dates say about its status, beside the status as registered.

The register's own rule: a study whose status is recruiting, not yet recruiting or active, whose
completion date has passed, and whose record was not verified for two years, has an unknown status
(ClinicalTrials.gov, glossary of common site terms, "Unknown"). Results of a completed trial are due
a year after its primary completion (42 CFR 11.44), if it was still going on when the law asked for
them first (26 December 2007, FDAAA section 801); whether the rule applies to a trial can't be told
from its record, so what is overdue here is said with "if".
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Literal

from trialwright.registry.record.dates import PartialDate, read_date
from trialwright.registry.record.record import Record
from trialwright.registry.record.summaries import short_facts

Kind = Literal["unknown", "not started", "results overdue", "contradiction"]

# Statuses that the register turns into "Unknown" when nobody verifies them.
_LIVING = {"RECRUITING", "NOT_YET_RECRUITING", "ACTIVE_NOT_RECRUITING", "ENROLLING_BY_INVITATION"}
_UNVERIFIED_YEARS = 2
_LATE_START_DAYS = 180
_RESULTS_DUE_YEARS = 1
_RESULTS_ASKED_FOR_SINCE = date(2007, 12, 26)


@dataclass(frozen=True, slots=True)
class Doubt:
    """Something that a record's dates throw doubt on.

    Attributes:
        kind: what kind of doubt.
        since: the day from which it holds, where there is one.
        because: the reason, a sentence in English.
        facts: the same reason as its parts, for showing in other languages.
    """

    kind: Kind
    since: date | None
    because: str
    facts: Mapping[str, str]


def doubts(record: Record, today: date) -> tuple[Doubt, ...]:
    """Return every doubt about a record, as of a day."""
    return doubts_of_summary(short_facts(record), today)


def doubts_of_summary(summary: Mapping[str, Any], today: date) -> tuple[Doubt, ...]:
    """Return every doubt about a trial from its short facts (`summaries.short_facts`)."""
    return tuple(_doubts(summary, today))


def _doubts(summary: Mapping[str, Any], today: date) -> Iterator[Doubt]:
    dates = {
        key: read_date(summary[key]) if summary.get(key) else None
        for key in ("start", "primary_completion", "completion", "verified", "updated")
    }
    yield from _unknown(summary, dates, today)
    yield from _not_started(summary, dates, today)
    yield from _results_overdue(summary, dates, today)
    yield from _contradictions(summary, dates, today)


_Dates = Mapping[str, PartialDate | None]


def _years_after(day: date, years: int) -> date:
    try:
        return day.replace(year=day.year + years)
    except ValueError:
        return day.replace(year=day.year + years, day=28)


def _unknown(summary: Mapping[str, Any], dates: _Dates, today: date) -> Iterator[Doubt]:
    end = dates["completion"] or dates["primary_completion"]
    # Where no month of verification is given, the last update is the last that was heard.
    heard = dates["verified"] or dates["updated"]
    if summary.get("status") not in _LIVING or end is None or heard is None:
        return
    since = max(end.latest + timedelta(1), _years_after(heard.latest, _UNVERIFIED_YEARS))
    if since <= today:
        word = "verified" if dates["verified"] else "updated"
        yield Doubt(
            "unknown",
            since,
            f"the completion date {end} has passed, and the record was last {word} in {heard}, "
            f"more than {_UNVERIFIED_YEARS} years ago",
            {"completion": str(end), word: str(heard)},
        )


def _not_started(summary: Mapping[str, Any], dates: _Dates, today: date) -> Iterator[Doubt]:
    start = dates["start"]
    if summary.get("status") == "NOT_YET_RECRUITING" and start is not None:
        since = start.latest + timedelta(_LATE_START_DAYS)
        if since <= today:
            yield Doubt(
                "not started",
                since,
                f"it should have started in {start}, and is registered as not yet recruiting",
                {"start": str(start)},
            )


def _results_overdue(summary: Mapping[str, Any], dates: _Dates, today: date) -> Iterator[Doubt]:
    end = dates["primary_completion"]
    ended = summary.get("status") in {"COMPLETED", "TERMINATED"}
    if (
        not ended
        or summary.get("results")
        or end is None
        or summary.get("type") != "INTERVENTIONAL"
    ):
        return
    if end.latest < _RESULTS_ASKED_FOR_SINCE:
        return
    since = _years_after(end.latest, _RESULTS_DUE_YEARS)
    if since <= today:
        yield Doubt(
            "results overdue",
            since,
            f"the primary completion was in {end} and no results are posted; they were due by "
            f"{since} if the trial has to report them",
            {"primary_completion": str(end)},
        )


def _contradictions(summary: Mapping[str, Any], dates: _Dates, today: date) -> Iterator[Doubt]:
    for earlier, later in (
        ("start", "primary_completion"),
        ("start", "completion"),
        ("primary_completion", "completion"),
    ):
        first, last = dates[earlier], dates[later]
        if first is not None and last is not None and first.earliest > last.latest:
            names = earlier.replace("_", " "), later.replace("_", " ")
            yield Doubt(
                "contradiction",
                None,
                f"the {names[0]} date {first} is after the {names[1]} date {last}",
                {earlier: str(first), later: str(last)},
            )
    end = dates["completion"]
    if summary.get("status") == "COMPLETED" and end is not None and end.earliest > today:
        yield Doubt(
            "contradiction",
            None,
            f"it is registered as completed, and its completion date {end} is still to come",
            {"completion": str(end)},
        )


@dataclass(frozen=True, slots=True)
class Stale:
    """The trials of a library that are in doubt, and the counts of them."""

    trials: tuple[tuple[dict[str, Any], tuple[Doubt, ...]], ...]
    by_kind: Counter[str]
    by_sponsor: Counter[str]
    by_country: Counter[str]


def stale(summaries: Iterable[dict[str, Any]], today: date) -> Stale:
    """Go through the short facts of trials, and return those in doubt with counts."""
    found = [
        (summary, doubts) for summary in summaries if (doubts := doubts_of_summary(summary, today))
    ]
    found.sort(key=lambda item: item[0]["nct"])
    return Stale(
        tuple(found),
        Counter(kind for _, all_doubts in found for kind in {d.kind for d in all_doubts}),
        Counter(summary["sponsor"] for summary, _ in found if summary["sponsor"]),
        Counter(country for summary, _ in found for country in summary["countries"]),
    )
