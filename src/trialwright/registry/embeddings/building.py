"""Making the vectors of a library: of each trial that has none yet, from its newest version."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import islice
from typing import NamedTuple

from trialwright.registry.embeddings.model import OF_CONDITIONS, Embedder
from trialwright.registry.embeddings.vectors import Vectors, append, folder_of
from trialwright.registry.library.adding import sole_writer
from trialwright.registry.library.library import Library, RecordVersion, versions_of
from trialwright.registry.library.record_store import read_at
from trialwright.registry.readers.detect import read_record
from trialwright.registry.record.parts import Intervention
from trialwright.registry.record.record import Record
from trialwright.registry.record.summaries import stated

_TOGETHER = 256
_MOST_INTERVENTIONS = 6


class _Wanted(NamedTuple):
    number: str
    version: RecordVersion


def build(
    library: Library, model: Embedder, progress: Callable[[int, int], None] = lambda done, all: None
) -> int:
    """Make the vectors that are missing or of an older version, and return how many.

    What is made is kept as it comes: after an interruption the next run goes on there.

    Args:
        library: the library; it may be searched and added to meanwhile.
        model: what makes the vectors.
        progress: told how many of how many are done.

    Raises:
        LibraryError: another process is making vectors of this library.
    """
    with sole_writer(folder_of(library.folder)):
        known = Vectors(library.folder).known()
        wanted = [each for each in _newest(library) if _key(each) not in known]
        todo, done = iter(sorted(wanted)), 0
        progress(done, len(wanted))
        while some := list(islice(todo, _TOGETHER)):
            records = (read_record(read_at(library.packs, each.version.place)) for each in some)
            told = [(text_of(record), conditions_of(record)) for record in records]
            vectors = model.embed([text for text, _ in told])
            conditions = model.embed([names for _, names in told], OF_CONDITIONS)
            append(library.folder, map(_key, some), vectors, conditions)
            done += len(some)
            progress(done, len(wanted))
    return done


def text_of(record: Record) -> str:
    """What of a record is read: title, conditions, the first interventions, summary."""
    names = [name for item in record.interventions if (name := Intervention.name.of(item))]
    parts = (
        " ".join(stated([record.title]) or stated([record.official_title])),
        ", ".join(stated(record.conditions)),
        ", ".join(names[:_MOST_INTERVENTIONS]),
        " ".join(stated([record.summary])),
    )
    return ". ".join(filter(None, parts))


def conditions_of(record: Record) -> str:
    """A record's conditions; its title where it names none."""
    names = ", ".join(stated(record.conditions))
    return names or " ".join(stated([record.title]) or stated([record.official_title]))


def _newest(library: Library) -> Iterator[_Wanted]:
    for document in library.documents():
        yield _Wanted(str(document.get_first("number")), versions_of(document)[-1])


def _key(wanted: _Wanted) -> tuple[str, str]:
    return wanted.number, wanted.version.digest
