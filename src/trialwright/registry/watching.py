"""Watching a search: which trials are new or changed since it was last looked at."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import orjson

from trialwright.registry.library import Library
from trialwright.registry.search import Hit, search

_MOST_TRIALS = 100_000


@dataclass(frozen=True, slots=True)
class News:
    """What is new for a watched search; `first` when it was never looked at before."""

    first: bool
    new: tuple[Hit, ...]
    changed: tuple[Hit, ...]
    gone: tuple[str, ...]


def watch(library: Library, name: str, text: str, folder: Path) -> News:
    """Compare a search's answer with that of the last time, and remember it under its name.

    The memory is a file of the folder, so that several people can watch one library.
    """
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{name}.json"
    known: dict[str, str] = orjson.loads(path.read_bytes()) if path.exists() else {}
    hits = search(library, text, limit=_MOST_TRIALS, facets=False).hits
    now = {hit.nct: library.versions(hit.nct)[-1].digest for hit in hits}
    first = not path.exists()
    part = path.with_suffix(".part")
    part.write_bytes(orjson.dumps(now))
    part.replace(path)
    return News(
        first,
        tuple(hit for hit in hits if hit.nct not in known),
        tuple(hit for hit in hits if known.get(hit.nct, now[hit.nct]) != now[hit.nct]),
        tuple(sorted(known.keys() - now.keys())),
    )
