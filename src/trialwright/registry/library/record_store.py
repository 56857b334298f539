"""Packs: append-only files of raw records, each compressed, hashed and findable on its own.

A pack begins with its mark and the name of the dictionary its records are compressed with. Each
record follows as a frame: mark, sizes, SHA-256 of the raw bytes, the compressed bytes. A frame
that a crash cut off is at the end of a pack, and nothing refers to it: a writer never goes on in
an old pack. The dictionary is trained on the first records of a library and kept beside the packs.
"""

from __future__ import annotations

import hashlib
import os
import struct
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from io import BufferedReader, BufferedWriter
from pathlib import Path

import zstandard

PACK_MARK = b"TWPACK1\n"
FRAME_MARK = b"TWR1"
_NAME_BYTES = 16
_FRAME = struct.Struct("<4sII32s")
_LEVEL = 3
_LARGEST_PACK_BYTES = 1 << 30
_DICTIONARY_BYTES = 64 * 1024
_TRAIN_ON_RECORDS = 256
NO_DICTIONARY = "-" * _NAME_BYTES


class PackError(Exception):
    """A pack can't give back a record as it was put in; the message names pack and place."""


class CutOffError(PackError):
    """A pack ends within a record, or no record begins where one should."""


@dataclass(frozen=True, slots=True)
class PackPlace:
    """Where a record's raw bytes lie: the pack's number and the byte of the frame."""

    pack: int
    offset: int


class PackWriter:
    """Writes a new pack; nothing is in the library until the index names it."""

    def __init__(self, folder: Path) -> None:
        """Begin after the last pack of the folder; the file is made with the first record.

        `dictionary` is then the file of the dictionary by which records are compressed.
        """
        self._folder = folder
        folder.mkdir(parents=True, exist_ok=True)
        self._next = 1 + max((int(path.stem) for path in folder.glob("*.pack")), default=0)
        self._file: BufferedWriter | None = None
        self._offset = 0
        self.dictionary = _newest_dictionary(folder)

    def train(self, samples: list[bytes]) -> None:
        """Make the library's dictionary, once, when there are enough records to learn from."""
        if self.dictionary is not None or len(samples) < _TRAIN_ON_RECORDS or self._file:
            return
        trained = zstandard.train_dictionary(_DICTIONARY_BYTES, [*samples]).as_bytes()
        name = hashlib.sha256(trained).hexdigest()[:_NAME_BYTES]
        path = self._folder / f"{name}.zdict"
        path.with_suffix(".part").write_bytes(trained)
        path.with_suffix(".part").replace(path)
        self.dictionary = path

    def add(self, body: bytes, raw_bytes: int, digest: bytes) -> PackPlace:
        """Append a record compressed by this writer's dictionary, and return its place."""
        file = self._file
        if file is None or self._offset > _LARGEST_PACK_BYTES:
            file = self._begin()
        place = PackPlace(self._next - 1, self._offset)
        file.write(_FRAME.pack(FRAME_MARK, len(body), raw_bytes, digest) + body)
        self._offset += _FRAME.size + len(body)
        return place

    def _begin(self) -> BufferedWriter:
        self.close()
        name = self.dictionary.stem if self.dictionary else NO_DICTIONARY
        self._file = file = (self._folder / f"{self._next:06d}.pack").open("xb")
        file.write(PACK_MARK + name.encode())
        self._offset = len(PACK_MARK) + _NAME_BYTES
        self._next += 1
        return file

    def flush(self) -> None:
        """Let this process read back what it added."""
        if self._file is not None:
            self._file.flush()

    def sync(self) -> None:
        """Make all that was added safe on disk; to be called before the index is committed."""
        if self._file is not None:
            self._file.flush()
            os.fsync(self._file.fileno())
            folder = os.open(self._folder, os.O_RDONLY)
            os.fsync(folder)
            os.close(folder)

    def close(self) -> None:
        """Close the pack."""
        if self._file is not None:
            self.sync()
            self._file.close()
            self._file = None


def _newest_dictionary(folder: Path) -> Path | None:
    return max(folder.glob("*.zdict"), key=lambda path: path.stat().st_mtime_ns, default=None)


def compressor(dictionary: Path | None) -> Callable[[bytes], bytes]:
    """Return the function that compresses records by a dictionary."""
    if dictionary is None:
        return zstandard.ZstdCompressor(level=_LEVEL).compress
    data = zstandard.ZstdCompressionDict(dictionary.read_bytes())
    data.precompute_compress(level=_LEVEL)
    return zstandard.ZstdCompressor(level=_LEVEL, dict_data=data).compress


def read_at(folder: Path, place: PackPlace) -> bytes:
    """Return the raw bytes of a record, checked against their hash.

    Raises:
        PackError: the pack is gone, cut off or damaged there.
    """
    path = folder / f"{place.pack:06d}.pack"
    try:
        with path.open("rb") as file:
            head = file.read(len(PACK_MARK) + _NAME_BYTES)
            file.seek(place.offset)
            return _read_frame(file.read(_FRAME.size), file, folder, head, place)[0]
    except OSError as error:
        raise PackError(
            f"{path}: {error.strerror}; `trialwright registry check` tells more"
        ) from None


def written_at(folder: Path, place: PackPlace) -> datetime | None:
    """Return when the pack of a record was last written to, near when the record was added."""
    with suppress(OSError):
        seconds = (folder / f"{place.pack:06d}.pack").stat().st_mtime
        return datetime.fromtimestamp(seconds, UTC)
    return None


def all_frames(folder: Path) -> Iterator[tuple[PackPlace, bytes] | PackError]:
    """Yield every record of every pack in the order written, or the error at its place."""
    for path in sorted(folder.glob("*.pack")):
        with path.open("rb") as file:
            head = file.read(len(PACK_MARK) + _NAME_BYTES)
            while frame := file.read(_FRAME.size):
                place = PackPlace(int(path.stem), file.tell() - len(frame))
                try:
                    raw, _ = _read_frame(frame, file, folder, head, place)
                except CutOffError as error:
                    yield error
                    break
                except PackError as error:
                    yield error
                    continue
                yield place, raw


def _read_frame(
    frame: bytes, file: BufferedReader, folder: Path, head: bytes, place: PackPlace
) -> tuple[bytes, bytes]:
    where = f"{place.pack:06d}.pack, byte {place.offset}"
    if not head.startswith(PACK_MARK):
        raise CutOffError(f"{where}: the pack's first bytes are not those of a pack")
    if len(frame) < _FRAME.size:
        raise CutOffError(f"{where}: the pack ends within a record")
    mark, body_bytes, raw_bytes, digest = _FRAME.unpack(frame)
    if mark != FRAME_MARK:
        raise CutOffError(f"{where}: no record begins here")
    body = file.read(body_bytes)
    if len(body) < body_bytes:
        raise CutOffError(f"{where}: the pack ends within a record")
    try:
        dictionary = _dictionary(folder, head[len(PACK_MARK) :].decode())
        # One for each call: a decompressor must not be shared between threads.
        raw = zstandard.ZstdDecompressor(dict_data=dictionary).decompress(body, raw_bytes)
    except zstandard.ZstdError as error:
        raise PackError(f"{where}: {error}") from None
    if len(raw) != raw_bytes or hashlib.sha256(raw).digest() != digest:
        raise PackError(f"{where}: the record's bytes are not those that were put in")
    return raw, digest


@lru_cache(maxsize=64)
def _dictionary(folder: Path, name: str) -> zstandard.ZstdCompressionDict | None:
    if name == NO_DICTIONARY:
        return None
    try:
        return zstandard.ZstdCompressionDict((folder / f"{name}.zdict").read_bytes())
    except OSError:
        raise PackError(f"{folder / name}.zdict is gone: its packs can't be read") from None
