"""Writing the index: one document for each trial, made anew when a version of it comes in."""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property
from pathlib import Path

import orjson
import tantivy

from trialwright.registry.index.document import with_versions
from trialwright.registry.index.schema import register_analyser, schema
from trialwright.registry.library.library import (
    LibraryError,
    RecordVersion,
    in_order,
    newest_index,
    open_index,
    versions_of,
)
from trialwright.registry.library.preparing import (
    NOT_KEPT,
    Prepared,
    Preparer,
    RefusedRecord,
    preparer_for,
)
from trialwright.registry.library.record_store import read_at

_WRITER_BYTES = 256_000_000
# One thread makes one part of the index for each commit, and every search pays for each part.
# Adding is as fast with it, since what takes time there is reading records.
_WRITER_THREADS = 1


class Indexing:
    """Writes one index of a library; holds the versions of what is not committed yet."""

    def __init__(
        self, folder: Path, index: tantivy.Index, before_reading: Callable[[], None] = lambda: None
    ) -> None:
        """Take the library's folder, and the index; `before_reading` flushes its packs."""
        self._folder = folder
        self._before_reading = before_reading
        self._index = index
        self._writer = index.writer(_WRITER_BYTES, _WRITER_THREADS)
        self._schema = schema()
        self._searcher = index.searcher()
        self._pending: dict[str, list[RecordVersion]] = {}

    @property
    def trials(self) -> int:
        """How many trials are committed."""
        return self._searcher.num_docs

    def holds(self, digest: str) -> bool:
        """Whether the version of this digest is committed."""
        return self._searcher.doc_freq("digest", digest) > 0

    def versions(self, number: str) -> list[RecordVersion]:
        """The versions of a trial; none when it is new."""
        if number in self._pending:
            return self._pending[number]
        if not self._searcher.doc_freq("number", number):
            return []
        query = tantivy.Query.term_query(self._schema, "number", number)
        hits = self._searcher.search(query, 1, count=False).hits
        return list(versions_of(self._searcher.doc(hits[0][1]))) if hits else []

    def put(self, prepared: Prepared, added: RecordVersion) -> None:
        """Write a trial's document in place of the one there is, with one more version."""
        known = self.versions(prepared.number)
        versions = in_order([*known, added])
        if versions[-1] is not added:
            prepared = self._prepared_again(versions[-1])
        if known:
            self._writer.delete_documents_by_term("number", prepared.number)
        kept = orjson.dumps([version.to_list() for version in versions])
        digests = (version.digest for version in versions)
        self._writer.add_json(with_versions(prepared.fields, kept, digests))
        self._pending[prepared.number] = versions

    def _prepared_again(self, version: RecordVersion) -> Prepared:
        self._before_reading()
        found = self._prepare(read_at(self._folder / "packs", version.place))
        if isinstance(found, RefusedRecord):
            raise LibraryError(
                f"the version of {version.updated} at byte {version.place.offset} of pack "
                f"{version.place.pack} can't be read any more ({found.why}); "
                "`trialwright registry check` tells more"
            )
        return found

    @cached_property
    def _prepare(self) -> Preparer:
        return preparer_for(self._folder, NOT_KEPT)

    def commit(self) -> None:
        """Commit; what comes after sees it."""
        self._writer.commit()
        self._index.reload()
        self._searcher = self._index.searcher()
        self._pending.clear()

    def close(self) -> None:
        """Drop what is not committed, wait until the index has merged its parts, and let it go."""
        if self._pending:
            self._writer.rollback()
        self._writer.wait_merging_threads()


def live_index(folder: Path) -> tantivy.Index:
    """Open the index of a library for writing; it is made when there is none."""
    path = newest_index(folder)
    if path is not None:
        return open_index(path)
    path = folder / "index" / "0001"
    path.mkdir(parents=True, exist_ok=True)
    return new_index(path)


def new_index(path: Path) -> tantivy.Index:
    """Make an empty index in a folder."""
    index = tantivy.Index(schema(), str(path), reuse=False)
    index.config_reader("manual")
    register_analyser(index)
    return index


def next_index(folder: Path) -> Path:
    """Return the folder that comes after the index in use."""
    newest = newest_index(folder)
    return folder / "index" / f"{1 + (int(newest.name) if newest else 0):04d}"
