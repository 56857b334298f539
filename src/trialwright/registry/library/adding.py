"""Adding to a library: idempotent, resumable, and safe against being killed at any moment.

Records are prepared side by side, and put into the library one after the other. Raw bytes go into
a new pack and are made safe on disk before the index is committed; so a crash leaves the state
before or after a commit. Adding again takes only what is not there yet.
"""

from __future__ import annotations

import base64
import fcntl
import hashlib
import os
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from itertools import chain, islice
from pathlib import Path
from typing import IO, Any

import orjson

from trialwright.registry.index.schema import FORMAT
from trialwright.registry.library.indexing import Indexing, live_index
from trialwright.registry.library.library import LibraryError, RecordVersion
from trialwright.registry.library.preparing import Prepared, RefusedRecord, prepared
from trialwright.registry.library.record_store import PackWriter
from trialwright.registry.library.workers import WorkerError
from trialwright.registry.readers.files import RawRecord

_COMMIT_EVERY_RECORDS = 20_000
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
    processes: int | None = None,
) -> Added:
    """Add raw records to the library in a folder, which is made if it isn't there.

    A version that is there already is not added again. A record that can't be read is set aside
    in `quarantine.ndjson` with the reason, and the others go in.

    Args:
        folder: the library.
        records: what to add.
        progress: told of the counts now and then.
        commit_every: how many trials make a commit; a crash loses what was not committed.
        processes: how many prepare records beside this one, 0 for none, None for one for each
            processor. Few records are always prepared here. The library is the same in all cases.

    Raises:
        LibraryError: another process is adding, or a process that prepares records was ended.
    """
    with sole_writer(folder), closing(_Adding(folder)) as adding:
        stream = iter(records)
        first = list(islice(stream, _TRAIN_ON_RECORDS))
        adding.packs.train([raw.data for raw in first if not raw.trouble])
        dictionary = adding.packs.dictionary.name if adding.packs.dictionary else ""
        beside = processes_for(processes) if len(first) == _TRAIN_ON_RECORDS else 0
        unseen = adding.unseen(chain(first, stream), progress)
        try:
            for (raw, digest), found in prepared(folder, dictionary, unseen, beside):
                adding.take(raw, digest, found)
                if adding.uncommitted >= commit_every:
                    adding.commit()
        except WorkerError as error:
            raise LibraryError(
                f"{error}; what was committed is in the library, and the same `add` goes on there"
            ) from None
        adding.commit()
        progress(adding.counts)
        return adding.counts


def processes_for(asked: int | None) -> int:
    """Return how many processes prepare records: as asked, else one for each processor we have."""
    if asked is not None:
        return asked
    try:
        return len(os.sched_getaffinity(0))
    except AttributeError:
        return os.cpu_count() or 1


class _Adding:
    """One run of adding."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.counts = Added()
        self.uncommitted = 0
        self.packs = PackWriter(folder / "packs")
        self._index = Indexing(folder, live_index(folder), self.packs.flush)
        self._set_aside: list[dict[str, Any]] = []
        self._known_bad = set(_quarantined(folder))

    def unseen(
        self, records: Iterable[RawRecord], progress: Callable[[Added], None]
    ) -> Iterator[tuple[tuple[RawRecord, bytes], bytes]]:
        """Yield what is not in the library yet: the record with its hash, and its bytes."""
        for met, raw in enumerate(records):
            if met % 500 == 0:
                progress(self.counts)
            digest = hashlib.sha256(raw.data).digest()
            if self._index.holds(digest.hex()):
                self.counts.same += 1
            else:
                yield (raw, digest), raw.data

    def take(self, raw: RawRecord, digest: bytes, found: Prepared | RefusedRecord) -> None:
        """Add one record, or set it aside."""
        if raw.trouble or isinstance(found, RefusedRecord):
            self._refuse(raw, digest, raw.trouble or found[0])
            return
        known = self._index.versions(found.number)
        if any(version.digest == digest.hex() for version in known):
            self.counts.same += 1
            return
        place = self.packs.add(found.body, len(raw.data), digest)
        self._index.put(found, RecordVersion(found.updated, digest.hex(), place))
        self.uncommitted += 1
        if known:
            self.counts.changed += 1
        else:
            self.counts.new += 1

    def _refuse(self, raw: RawRecord, digest: bytes, why: str) -> None:
        self.counts.refused += 1
        if len(self.counts.why_refused) < _REASONS_KEPT:
            self.counts.why_refused.append(f"{raw.source}, {raw.position}: {why}")
        # Files that broke off before a byte of theirs was a record differ by where they are.
        named = f"{raw.source}\n{raw.position}".encode("utf-8", "replace")
        key = digest.hex() if raw.data else hashlib.sha256(named).hexdigest()
        if key not in self._known_bad:
            self._known_bad.add(key)
            self._set_aside.append(
                {
                    "source": raw.source,
                    "position": raw.position,
                    "why": why,
                    "sha256": key,
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
            self.uncommitted = 0
            write_manifest(self.folder, self._index.trials)

    def close(self) -> None:
        """Close the pack and the index; what is not committed is dropped."""
        self.packs.close()
        self._index.close()


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
