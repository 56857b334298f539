"""Watching a search: which trials are new or changed since it was last looked at."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import orjson
import tantivy

from trialwright.registry.library.library import Library, RecordVersion, summary_of, versions_of
from trialwright.registry.library.record_store import written_at
from trialwright.registry.search.search import Hit, search

_MOST_TRIALS = 100_000
# Among so many trials, those the register changed last, arrivals are sought.
_MOST_SOUGHT = 2_000


@dataclass(frozen=True, slots=True)
class Arrival:
    """A trial whose newest version came to the library: its short facts and how many it has.

    `when` is when the adding that brought it ended; None where its pack is gone.
    """

    facts: dict[str, Any]
    versions: int
    when: datetime | None


def arrivals(library: Library, query: tantivy.Query, limit: int) -> list[Arrival]:
    """Return the trials of a query that came or changed in this library last, the last first.

    What a register changed long ago may be new here, and who watches wants to hear of it.
    """
    searcher = library.searcher()
    found = searcher.search(query, _MOST_SOUGHT, count=False, order_by_field="updated").hits
    documents = [searcher.doc(address) for _, address in found]
    versions = [(versions_of(document), document) for document in documents]
    versions.sort(key=lambda pair: _place(pair[0]), reverse=True)
    return [
        Arrival(summary_of(document), len(known), written_at(library.packs, known[-1].place))
        for known, document in versions[:limit]
    ]


def _place(versions: tuple[RecordVersion, ...]) -> tuple[int, int]:
    place = versions[-1].place
    return place.pack, place.offset


@dataclass(frozen=True, slots=True)
class News:
    """What is new for a watched search; `first` when it was never looked at before."""

    first: bool
    new: tuple[Hit, ...]
    changed: tuple[Hit, ...]
    gone: tuple[str, ...]

    def __bool__(self) -> bool:
        """Whether there is anything to tell."""
        return self.first or bool(self.new or self.changed or self.gone)


def watch(
    library: Library,
    name: str,
    text: str,
    folder: Path,
    tell: Callable[[News], object] = lambda news: None,
) -> News:
    """Compare a search's answer with that of the last time, and remember it under its name.

    The memory is a file of the folder, so that several people can watch one library. Only what
    `tell` got told is remembered: where it raises, the next time has the same news.
    """
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{name}.json"
    known: dict[str, str] = orjson.loads(path.read_bytes()) if path.exists() else {}
    hits = search(library, text, limit=_MOST_TRIALS, facets=False).hits
    now = {hit.nct: library.versions(hit.nct)[-1].digest for hit in hits}
    news = News(
        not path.exists(),
        tuple(hit for hit in hits if hit.nct not in known),
        tuple(hit for hit in hits if known.get(hit.nct, now[hit.nct]) != now[hit.nct]),
        tuple(sorted(known.keys() - now.keys())),
    )
    tell(news)
    part = path.with_suffix(".part")
    part.write_bytes(orjson.dumps(now))
    part.replace(path)
    return news
