"""The landscape of a search: its trials by phase and status, year, country, size and sponsor."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import tantivy

from trialwright.registry.index.schema import LEAD_SPONSOR
from trialwright.registry.library.library import Library

Counts = tuple[tuple[str, int], ...]
_MOST_VALUES = 1000
# Numbers of participants in classes: from the first to before the next.
CLASSES = (0, 1, 10, 20, 50, 100, 200, 500, 1000, 10_000)


@dataclass(frozen=True, slots=True)
class SizeClass:
    """Trials whose number of participants is from `low` to `high` (None: or more)."""

    low: int
    high: int | None
    count: int


@dataclass(frozen=True, slots=True)
class Landscape:
    """How many trials of a search there are of each kind.

    Attributes:
        total: how many in all.
        cells: by status, then by phase; a trial of two phases counts in both.
        statuses: by status alone.
        years: by the year of the start, the earliest first, without empty years.
        countries: the most frequent first; a trial counts in each of its countries.
        sponsors: by lead sponsor, the most frequent first, at most 1,000.
        sizes: by number of participants.
    """

    total: int
    cells: dict[str, dict[str, int]]
    statuses: Counts
    years: tuple[tuple[int, int], ...]
    countries: Counts
    sponsors: Counts
    sizes: tuple[SizeClass, ...]


def landscape(library: Library, query: tantivy.Query) -> Landscape:
    """Count what a query (`search.compiled`) finds."""
    searcher = library.searcher()
    terms = {"size": _MOST_VALUES}
    wanted: dict[str, Any] = {
        "status": {
            "terms": {"field": "status", **terms},
            "aggs": {"phase": {"terms": {"field": "phase", **terms}}},
        },
        "years": {"terms": {"field": "start_year", **terms}},
        "countries": {"terms": {"field": "country", **terms}},
        "sponsors": {"terms": {"field": LEAD_SPONSOR, **terms}},
        "sizes": {"range": {"field": "enrolment", "ranges": _ranges()}},
    }
    found = searcher.aggregate(query, wanted)
    total = searcher.search(query, 1, count=True).count  # type: ignore[attr-defined]
    statuses = _counts(found["status"])
    return Landscape(
        total=int(total),
        cells={
            str(bucket["key"]): dict(_counts(bucket["phase"]))
            for bucket in found["status"]["buckets"]
        },
        statuses=statuses,
        years=tuple(sorted((int(float(year)), n) for year, n in _counts(found["years"]))),
        countries=_counts(found["countries"]),
        sponsors=_counts(found["sponsors"]),
        sizes=_sizes(found["sizes"]["buckets"]),
    )


def _ranges() -> list[dict[str, int]]:
    ends: list[int | None] = [*CLASSES[1:], None]
    pairs = zip(CLASSES, ends, strict=True)
    return [{"from": low} if high is None else {"from": low, "to": high} for low, high in pairs]


def _counts(found: dict[str, Any]) -> Counts:
    return tuple((str(b["key"]), int(b["doc_count"])) for b in found["buckets"])


def _sizes(buckets: Sequence[dict[str, Any]]) -> tuple[SizeClass, ...]:
    by_low = {int(b.get("from", -1)): int(b["doc_count"]) for b in buckets}
    ends = [*(high - 1 for high in CLASSES[1:]), None]
    return tuple(
        SizeClass(low, high, by_low.get(low, 0)) for low, high in zip(CLASSES, ends, strict=True)
    )
