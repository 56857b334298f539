"""Adding to a library: idempotent, resumable, and safe against being killed at any moment.

Raw bytes go into a new pack and are made safe on disk before the index is committed; so a crash
leaves the state before or after a commit. Adding again takes only what is not there yet.
"""

from __future__ import annotations

import base64
import fcntl
import hashlib
import shutil
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import chain, islice
from pathlib import Path
from typing import IO, Any

import orjson
import tantivy

from trialwright.registry.cards import short_facts
from trialwright.registry.index import (
    FORMAT,
    Facts,
    document,
    facts_of,
    register_analyser,
    schema,
    updated,
)
from trialwright.registry.library import (
    LibraryError,
    Version,
    in_order,
    load_mesh,
    newest_index,
    open_index,
    versions_of,
)
from trialwright.registry.mesh import Mesh, read_mesh
from trialwright.registry.packs import PackError, PackWriter, Place, all_frames, read_at
from trialwright.registry.readers.detect import read_record
from trialwright.registry.readers.errors import UnreadableError
from trialwright.registry.readers.files import RawRecord
from trialwright.registry.record import Record

_COMMIT_EVERY_RECORDS = 20_000
_WRITER_BYTES = 256_000_000
_TRAIN_ON_RECORDS = 500
_REASONS_KEPT = 100
QUARANTINE = "quarantine.ndjson"


@dataclass(slots=True)
class Added:
    """What adding did, counted in records."""

    new: int = 0
    changed: int = 0
    same: int = 0
    refused: int = 0
    why_refused: list[str] = field(default_factory=list)

    @property
    def seen(self) -> int:
        """How many records were met."""
        return self.new + self.changed + self.same + self.refused


@contextmanager
def sole_writer(folder: Path) -> Iterator[None]:
    """Hold the library's writing lock.

    Raises:
        LibraryError: another process holds it.
    """
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise LibraryError(
                f"another process is adding to {folder}; one may write at a time, so wait for it"
            ) from None
        yield


def add(
    folder: Path,
    records: Iterable[RawRecord],
    *,
    progress: Callable[[Added], None] = lambda _: None,
    commit_every: int = _COMMIT_EVERY_RECORDS,
) -> Added:
    """Add raw records to the library in a folder, which is made if it isn't there.

    A version that is there already is not added again. A record that can't be read is set aside
    in `quarantine.ndjson` with the reason, and the others go in.

    Raises:
        LibraryError: another process is adding.
    """
    with sole_writer(folder):
        adding = _Adding(folder)
        stream = iter(records)
        first = list(islice(stream, _TRAIN_ON_RECORDS))
        adding.packs.train([raw.data for raw in first if not raw.trouble])
        for raw in chain(first, stream):
            adding.take(raw)
            if adding.counts.seen % 500 == 0:
                progress(adding.counts)
            if adding.uncommitted >= commit_every:
                adding.commit()
        adding.commit()
        adding.close()
        progress(adding.counts)
        return adding.counts


class _Adding:
    """One run of adding; holds the versions of what is not committed yet."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.counts = Added()
        self.uncommitted = 0
        self.packs = PackWriter(folder / "packs")
        self._index = _Indexing(folder, _live_index(folder))
        self._pending: dict[str, list[Version]] = {}
        self._set_aside: list[dict[str, Any]] = []
        self._known_bad = set(_quarantined(folder))

    def take(self, raw: RawRecord) -> None:
        """Add one record, or set it aside."""
        digest = hashlib.sha256(raw.data).digest()
        try:
            if raw.trouble:
                raise UnreadableError(raw.trouble)
            record = read_record(raw.data)
            versions = self._versions(record.number)
            if any(version.digest == digest.hex() for version in versions):
                self.counts.same += 1
                return
            facts = facts_of(record, self._index.mesh)
        except (UnreadableError, RecursionError) as error:
            self._refuse(raw, digest, error)
            return
        added = version_of(record, digest.hex(), self.packs.add(raw.data, digest))
        ordered = in_order([*versions, added])
        if ordered[-1] is not added:
            self.packs.flush()
            record = read_record(read_at(self.folder / "packs", ordered[-1].place))
            facts = facts_of(record, self._index.mesh)
        self._index.put(record, facts, ordered, replaces=bool(versions))
        self._pending[record.number] = ordered
        self.uncommitted += 1
        if versions:
            self.counts.changed += 1
        else:
            self.counts.new += 1

    def _versions(self, number: str) -> list[Version]:
        pending = self._pending.get(number)
        return pending if pending is not None else self._index.versions(number)

    def _refuse(self, raw: RawRecord, digest: bytes, error: Exception) -> None:
        self.counts.refused += 1
        why = str(error) or type(error).__name__
        if len(self.counts.why_refused) < _REASONS_KEPT:
            self.counts.why_refused.append(f"{raw.source}, {raw.position}: {why}")
        if digest.hex() not in self._known_bad:
            self._known_bad.add(digest.hex())
            self._set_aside.append(
                {
                    "source": raw.source,
                    "position": raw.position,
                    "why": why,
                    "sha256": digest.hex(),
                    "raw": base64.b64encode(raw.data).decode(),
                }
            )

    def commit(self) -> None:
        """Make all that was taken so far part of the library."""
        if self._set_aside:
            with (self.folder / QUARANTINE).open("ab+") as file:
                if file.tell() and not _ends_a_line(file):
                    file.write(b"\n")
                file.writelines(orjson.dumps(item) + b"\n" for item in self._set_aside)
            self._set_aside.clear()
        if self.uncommitted:
            self.packs.sync()
            self._index.commit()
            self._pending.clear()
            self.uncommitted = 0
            write_manifest(self.folder, self._index.trials)

    def close(self) -> None:
        """Finish merging, and close the pack."""
        self.packs.close()
        self._index.close()


class _Indexing:
    """Writing to one index."""

    def __init__(self, folder: Path, index: tantivy.Index) -> None:
        self.mesh = load_mesh(folder)
        self._index = index
        self._writer = index.writer(_WRITER_BYTES, 0)
        self._schema = schema()
        self._searcher = index.searcher()

    @property
    def trials(self) -> int:
        """How many trials are committed."""
        return self._searcher.num_docs

    def versions(self, number: str) -> list[Version]:
        """The committed versions of a trial; none when it is new."""
        if not self._searcher.num_docs:
            return []
        query = tantivy.Query.term_query(self._schema, "number", number)
        hits = self._searcher.search(query, 1, count=False).hits
        return list(versions_of(self._searcher.doc(hits[0][1]))) if hits else []

    def put(self, record: Record, facts: Facts, versions: list[Version], *, replaces: bool) -> None:
        """Write a trial's document in place of the one there is."""
        if replaces:
            self._writer.delete_documents_by_term("number", record.number)
        card = orjson.dumps(short_facts(record, facts.mesh))
        kept = orjson.dumps([version.to_list() for version in versions])
        self._writer.add_document(document(record.number, facts, self.mesh, card, kept))

    def commit(self) -> None:
        """Commit; what comes after sees it."""
        self._writer.commit()
        self._index.reload()
        self._searcher = self._index.searcher()

    def close(self) -> None:
        """Wait until the index has merged its parts."""
        self._writer.wait_merging_threads()


def version_of(record: Record, digest: str, place: Place) -> Version:
    """Return the version that a record's bytes are."""
    date = updated(record)
    return Version(str(date.value) if date.value else "", digest, place)


def reindex(folder: Path, *, progress: Callable[[int], None] = lambda _: None) -> int:
    """Make the index anew from the packs, and return the number of trials.

    Needed after `mesh`, after an upgrade that changes the index, and when the index is lost. The
    old index is in use until the new one is whole.

    Raises:
        LibraryError: another process is adding.
    """
    with sole_writer(folder):
        newest: dict[str, list[Version]] = {}
        for number, version in _versions_in_packs(folder):
            known = newest.setdefault(number, [])
            if all(version.digest != other.digest for other in known):
                known.append(version)
        part = _next_index(folder).with_suffix(".part")
        shutil.rmtree(part, ignore_errors=True)
        part.mkdir(parents=True)
        indexing = _Indexing(folder, _new_index(part))
        for done, versions in enumerate(newest.values()):
            ordered = in_order(versions)
            record = read_record(read_at(folder / "packs", ordered[-1].place))
            indexing.put(record, facts_of(record, indexing.mesh), ordered, replaces=False)
            if done % 500 == 0:
                progress(done)
        indexing.commit()
        indexing.close()
        old = newest_index(folder)
        part.rename(part.with_suffix(""))
        if old is not None:
            shutil.rmtree(old, ignore_errors=True)
        write_manifest(folder, indexing.trials)
        return indexing.trials


def _versions_in_packs(folder: Path) -> Iterator[tuple[str, Version]]:
    for frame in all_frames(folder / "packs"):
        if isinstance(frame, PackError):
            continue
        place, raw = frame
        record = read_record(raw)
        yield record.number, version_of(record, hashlib.sha256(raw).hexdigest(), place)


def load_mesh_file(folder: Path, path: Path) -> Mesh:
    """Give the library a table of MeSH descriptors; `reindex` then uses it for every trial.

    Raises:
        ValueError: the file is no such table.
        LibraryError: another process is adding.
    """
    mesh = Mesh(read_mesh(path))
    if not len(mesh):
        raise ValueError(f"{path} has no MeSH descriptors in it")
    with sole_writer(folder):
        part = folder / "mesh.json.part"
        part.write_bytes(mesh.to_bytes())
        part.replace(folder / "mesh.json")
    return mesh


def write_manifest(folder: Path, trials: int) -> None:
    """Write what the library is and holds, for people; nothing reads it back."""
    packs = sorted((folder / "packs").glob("*.pack"))
    manifest = {
        "what": "a Trialwright registry library",
        "format": FORMAT,
        "trials": trials,
        "packs": {path.name: path.stat().st_size for path in packs},
    }
    part = folder / "manifest.json.part"
    part.write_bytes(orjson.dumps(manifest, option=orjson.OPT_INDENT_2) + b"\n")
    part.replace(folder / "manifest.json")


def _live_index(folder: Path) -> tantivy.Index:
    path = newest_index(folder)
    if path is not None:
        return open_index(path)
    path = folder / "index" / "0001"
    path.mkdir(parents=True, exist_ok=True)
    return _new_index(path)


def _new_index(path: Path) -> tantivy.Index:
    index = tantivy.Index(schema(), str(path), reuse=False)
    index.config_reader("manual")
    register_analyser(index)
    return index


def _next_index(folder: Path) -> Path:
    newest = newest_index(folder)
    return folder / "index" / f"{1 + (int(newest.name) if newest else 0):04d}"


def _ends_a_line(file: IO[bytes]) -> bool:
    file.seek(-1, 2)
    return file.read() == b"\n"


def _quarantined(folder: Path) -> Iterator[str]:
    path = folder / QUARANTINE
    if path.exists():
        with path.open("rb") as lines:
            for line in lines:
                # A line that a crash cut off is no loss: its record is met again.
                if line.endswith(b"}\n"):
                    yield orjson.loads(line)["sha256"]
