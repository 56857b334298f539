"""From a record's raw bytes to what the library keeps of it: a pure function, and its processes.

What is made depends on the bytes, the MeSH table and the dictionary alone, so it is the same in
whatever process it is made, and records may be prepared side by side.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import NamedTuple, TypeAlias, TypeVar

import orjson

from trialwright.registry.index.document import facts_of, fields_of
from trialwright.registry.index.mesh import Mesh
from trialwright.registry.library.library import load_mesh
from trialwright.registry.library.record_store import compressor
from trialwright.registry.library.workers import Workers, serve
from trialwright.registry.readers.detect import read_record
from trialwright.registry.readers.errors import UnreadableError
from trialwright.registry.record.summaries import short_facts, updated

_BATCH_RECORDS = 64
_BATCH_BYTES = 4_000_000
NOT_KEPT = "-"
T = TypeVar("T")


class Prepared(NamedTuple):
    """A record made ready for the library.

    Attributes:
        number: the trial's number.
        updated: the date of this version, as precise as written; "" if none.
        fields: what the index takes of it, as JSON, but for what tells of the trial's versions.
        body: the raw bytes compressed, for the pack.
    """

    number: str
    updated: str
    fields: bytes
    body: bytes


class RefusedRecord(NamedTuple):
    """A record that can't be read, and why."""

    why: str


Preparer: TypeAlias = Callable[[bytes], Prepared | RefusedRecord]


def preparer(mesh: Mesh, compress: Callable[[bytes], bytes]) -> Preparer:
    """Return the function that prepares a record's raw bytes."""

    def prepare(raw: bytes) -> Prepared | RefusedRecord:
        try:
            record = read_record(raw)
            facts = facts_of(record, mesh)
        except (UnreadableError, RecursionError) as error:
            return RefusedRecord(str(error) or type(error).__name__)
        # A short copy is never the newest version beside the record itself.
        date = None if record.copy.short else updated(record).value
        summary = orjson.dumps(short_facts(record, facts.mesh))
        fields = orjson.dumps(fields_of(record.number, facts, mesh, summary))
        return Prepared(record.number, str(date) if date else "", fields, compress(raw))

    return prepare


def prepared(
    folder: Path, dictionary: str, records: Iterable[tuple[T, bytes]], processes: int
) -> Iterator[tuple[T, Prepared | RefusedRecord]]:
    """Prepare raw bytes for a library, and yield each in order with what came with it.

    Args:
        folder: the library, of which the MeSH table and the dictionary are used.
        dictionary: the name of the file in `packs/`, "" for none, NOT_KEPT to leave `body` empty.
        records: anything, and the raw bytes of a record.
        processes: how many processes work at it; 0 for this one.

    Raises:
        WorkerError: a process was ended.
    """
    if not processes:
        prepare = preparer_for(folder, dictionary)
        yield from ((tag, prepare(raw)) for tag, raw in records)
        return
    with Workers(__name__, [str(folder), dictionary], processes) as workers:
        for tags, answers in workers.answers(_batches(records)):
            yield from zip(tags, answers, strict=True)


def _batches(records: Iterable[tuple[T, bytes]]) -> Iterator[tuple[list[T], list[bytes]]]:
    tags: list[T] = []
    batch: list[bytes] = []
    size = 0
    for tag, raw in records:
        tags.append(tag)
        batch.append(raw)
        size += len(raw)
        if len(batch) == _BATCH_RECORDS or size >= _BATCH_BYTES:
            yield tags, batch
            tags, batch, size = [], [], 0
    yield tags, batch


def preparer_for(folder: Path, dictionary: str) -> Preparer:
    """Return the function that prepares a record for the library in a folder."""
    if dictionary == NOT_KEPT:
        return preparer(load_mesh(folder), lambda _: b"")
    path = folder / "packs" / dictionary if dictionary else None
    return preparer(load_mesh(folder), compressor(path))


def main(folder: str, dictionary: str) -> None:
    """Serve as a process that prepares batches of records for the library in a folder."""
    prepare = preparer_for(Path(folder), dictionary)
    serve(lambda batch: [prepare(raw) for raw in batch])
