"""Checking a library: every version that the index names is in the packs, byte for byte."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import tantivy

from trialwright.registry.library.library import Library, versions_of
from trialwright.registry.library.record_store import PackError, PackPlace, all_frames


@dataclass(frozen=True, slots=True)
class Checked:
    """What a check found.

    Attributes:
        trials: how many trials the index names.
        versions: how many versions of them.
        unnamed: records in the packs that no index names (left by a crash; harmless).
        problems: what is wrong, each in a sentence; none when the library is whole.
    """

    trials: int
    versions: int
    unnamed: int
    problems: tuple[str, ...]


def check(library: Library, *, progress: Callable[[int], None] = lambda _: None) -> Checked:
    """Read every pack from end to end, each record against its hash, and compare with the index."""
    whole: set[PackPlace] = set()
    broken: list[str] = []
    for done, frame in enumerate(all_frames(library.packs)):
        if isinstance(frame, PackError):
            broken.append(str(frame))
        else:
            whole.add(frame[0])
        progress(done)
    searcher = library.searcher()
    named: set[PackPlace] = set()
    problems = []
    every = searcher.search(tantivy.Query.all_query(), max(searcher.num_docs, 1), count=False)
    for _, address in every.hits:
        document = searcher.doc(address)
        for version in versions_of(document):
            named.add(version.place)
            if version.place not in whole:
                problems.append(
                    f"{document.get_first('number')}, version of {version.updated or 'no date'}: "
                    f"its record is not whole in pack {version.place.pack}; add its source again"
                )
    # A pack that a crash cut off matters only where the index names something beyond the cut.
    if problems:
        problems = [*broken, *problems]
    return Checked(searcher.num_docs, len(named), len(whole - named), tuple(problems))
