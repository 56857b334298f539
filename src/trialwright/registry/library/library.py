"""The library: registered trials on disk, every version of each, found and read back.

A library is a folder: `packs/` holds the raw records, `index/NNNN/` the search index of which the
highest number is in use, `mesh.json` the MeSH table, `quarantine.ndjson` what could not be read.
The commit of the index is the only commit point: what it doesn't name is not in the library.
"""

from __future__ import annotations

import gc
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any

import orjson
import tantivy

from trialwright.registry.index.frequencies import Frequencies
from trialwright.registry.index.kept_documents import KeptDocuments
from trialwright.registry.index.mesh import Mesh, bundled_additions, bundled_mesh, mesh_from_bytes
from trialwright.registry.index.schema import register_analyser, schema
from trialwright.registry.library.record_store import PackPlace, read_at
from trialwright.registry.readers.detect import read_record
from trialwright.registry.record.record import Record
from trialwright.registry.record.register_numbers import spellings

_SETTLED_NS = 1_000_000_000


class LibraryError(Exception):
    """The library can't do this; the message says what stands in the way and the way out."""


class NotInLibraryError(LibraryError):
    """The library has no trial, or no version, of this number."""


@dataclass(frozen=True, slots=True)
class RecordVersion:
    """One version of a record.

    Attributes:
        updated: the date of its last submission or posting, as precise as written; "" if none.
        digest: SHA-256 of the raw bytes, in hexadecimal digits.
        place: where the raw bytes lie.
    """

    updated: str
    digest: str
    place: PackPlace

    def to_list(self) -> list[Any]:
        """As the index keeps it."""
        return [self.updated, self.digest, self.place.pack, self.place.offset]

    @classmethod
    def from_list(cls, kept: list[Any]) -> RecordVersion:
        """As the index kept it."""
        return cls(kept[0], kept[1], PackPlace(kept[2], kept[3]))


def in_order(versions: Iterable[RecordVersion]) -> list[RecordVersion]:
    """Return versions from the oldest to the newest.

    Those of one date come by their hashes, so that it doesn't matter which was added first.
    """
    return sorted(versions, key=lambda version: (version.updated, version.digest))


class Library:
    """A library opened for reading; it sees what other processes add without being reopened."""

    def __init__(self, folder: Path) -> None:
        """Open the library in a folder.

        Raises:
            LibraryError: there is none.
        """
        self.folder = folder
        self._seen: tuple[Path, int] | None = None
        self._newest = _NewestIndex(folder)
        self._index: tantivy.Index | None = None
        self._frequencies: tuple[tuple[Path, int] | None, Frequencies] | None = None
        self._documents: tuple[tuple[Path, int] | None, KeptDocuments] | None = None
        self.searcher()

    @property
    def packs(self) -> Path:
        """The folder of the packs."""
        return self.folder / "packs"

    def searcher(self) -> tantivy.Searcher:
        """Return a searcher of the newest committed state."""
        index, newest = self._index, self._newest.path()
        if newest is None:
            raise LibraryError(
                f"{self.folder} holds no registry library; "
                f"`trialwright registry add --library {self.folder} FILE` makes one"
            )
        seen = (newest, (newest / "meta.json").stat().st_mtime_ns)
        if index is None or self._seen is None or self._seen[0] != newest:
            self._index = index = open_index(newest)
        elif self._seen != seen:
            index.reload()
        self._seen = seen
        return index.searcher()

    def frequencies(self) -> Frequencies:
        """Return how many trials have which terms, in the newest committed state."""
        searcher, kept = self.searcher(), self._frequencies
        if kept is None or kept[0] != self._seen:
            self._frequencies = kept = (self._seen, Frequencies(searcher))
        return kept[1]

    def kept_documents(self) -> KeptDocuments:
        """Return the documents by where they lie, in the newest committed state."""
        searcher, kept = self.searcher(), self._documents
        if kept is None or kept[0] != self._seen:
            self._documents = kept = (self._seen, KeptDocuments(searcher))
        return kept[1]

    @property
    def state(self) -> tuple[Path, int] | None:
        """What the library now holds, to compare with itself: the same while nothing is added."""
        self.searcher()
        return self._seen

    def __len__(self) -> int:
        """How many trials."""
        return self.searcher().num_docs

    @cached_property
    def schema(self) -> tantivy.Schema:
        """The schema of the index."""
        return schema()

    @property
    def has_own_mesh(self) -> bool:
        """Whether a MeSH table was loaded, beside the bundled excerpt."""
        return (self.folder / "mesh.json").exists()

    @cached_property
    def mesh(self) -> Mesh:
        """The MeSH table of the library; the bundled excerpt when none was loaded."""
        return load_mesh(self.folder)

    def _document(self, number: str) -> Any:
        searcher = self.searcher()
        wanted = number.strip()
        query = tantivy.Query.term_set_query(self.schema, "number", spellings(wanted))
        hits = searcher.search(query, 1, count=False).hits
        if not hits:
            other = tantivy.Query.term_query(self.schema, "other_number", wanted.lower())
            hits = searcher.search(other, 1, count=False).hits
        if not hits:
            raise NotInLibraryError(
                f"{number} is not among the {len(self)} trials of {self.folder}"
            )
        return searcher.doc(hits[0][1])

    def __contains__(self, number: str) -> bool:
        """Whether the library has a trial of this number."""
        try:
            self._document(number)
        except NotInLibraryError:
            return False
        return True

    def versions(self, number: str) -> tuple[RecordVersion, ...]:
        """Return the versions of a trial, the oldest first.

        Raises:
            NotInLibraryError: there is no such trial.
        """
        return versions_of(self._document(number))

    def raw(self, number: str, version: int = -1) -> bytes:
        """Return the raw bytes of a version (0 the oldest, -1 the newest), as they were added.

        Raises:
            NotInLibraryError: there is no such trial or version.
        """
        versions = self.versions(number)
        try:
            place = versions[version].place
        except IndexError:
            raise NotInLibraryError(
                f"{number} has {len(versions)} versions, from 0; there is no version {version}"
            ) from None
        return read_at(self.packs, place)

    def record(self, number: str, version: int = -1) -> Record:
        """Return a version of a trial, read.

        Raises:
            NotInLibraryError: there is no such trial or version.
        """
        return read_record(self.raw(number, version))

    def documents(self, query: tantivy.Query | None = None) -> Iterator[Any]:
        """Yield the index's document of every trial, or of those a query finds, in any order."""
        searcher = self.searcher()
        if not searcher.num_docs:
            return
        every = query or tantivy.Query.all_query()
        for _, address in searcher.search(every, searcher.num_docs, count=False).hits:
            yield searcher.doc(address)

    def summaries(self, query: tantivy.Query | None = None) -> Iterator[dict[str, Any]]:
        """Yield the short facts of every trial, or of those a query finds, in no special order."""
        yield from map(summary_of, self.documents(query))


def summary_of(document: Any) -> dict[str, Any]:
    """Return the short facts that an index document keeps of its trial."""
    summary: dict[str, Any] = orjson.loads(bytes(document.get_first("facts")))
    return summary


def versions_of(document: Any) -> tuple[RecordVersion, ...]:
    """Return the versions that an index document names."""
    kept = orjson.loads(bytes(document.get_first("versions")))
    return tuple(RecordVersion.from_list(item) for item in kept)


class _NewestIndex:
    """Which index of a library is in use, listed anew when their folder has changed.

    A folder that changed within the last second is listed each time: what changes it once more in
    the same tick of its clock would not be seen.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._indexes = folder / "index"
        self._known: tuple[int, Path] | None = None

    def path(self) -> Path | None:
        """Return the folder of the index."""
        try:
            changed = self._indexes.stat().st_mtime_ns
        except FileNotFoundError:
            return None
        if self._known is not None and self._known[0] == changed:
            return self._known[1]
        newest = newest_index(self._folder)
        settled = time.time_ns() - changed > _SETTLED_NS
        self._known = (changed, newest) if settled and newest else None
        return newest


def newest_index(folder: Path) -> Path | None:
    """Return the folder of the index in use."""
    found = (path for path in (folder / "index").glob("[0-9]" * 4) if (path / "meta.json").exists())
    return max(found, default=None)


def open_index(path: Path) -> tantivy.Index:
    """Open an index and give it its analyser.

    Raises:
        LibraryError: it was made by a release whose index has other fields.
    """
    index = tantivy.Index.open(str(path))
    if index.schema != schema():
        raise LibraryError(
            f"the index {path} was made by another release of Trialwright; "
            f"`trialwright registry reindex --library {path.parents[1]}` makes it anew"
        )
    index.config_reader("manual")
    register_analyser(index)
    index.reload()
    return index


def load_mesh(folder: Path) -> Mesh:
    """Read the MeSH table of a library, once for each state of its file."""
    path = folder / "mesh.json"
    if not path.exists():
        return bundled_mesh()
    return _mesh_of(path, path.stat().st_mtime_ns)


@lru_cache(maxsize=2)
def _mesh_of(path: Path, written_ns: int) -> Mesh:
    mesh = mesh_from_bytes(path.read_bytes(), bundled_additions())
    # Hundreds of thousands of lasting objects: without this every collection walks them all.
    gc.freeze()
    return mesh
