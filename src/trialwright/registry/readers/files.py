"""Finding the records in files: NDJSON, JSON lists and API pages, XML, zip, tar, gz of any.

Everything streams: one record at a time is in memory, whatever the size of the file. A part that
can't be taken apart is reported in its place, and what follows goes on where that is possible.
"""

from __future__ import annotations

import gzip
import io
import re
import tarfile
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, TypeAlias

import orjson

# One record's raw bytes; a record longer than this is set aside unread.
LONGEST_RECORD_BYTES = 256 * 1024 * 1024
_CHUNK_BYTES = 1 << 20

Buffered: TypeAlias = "io.BufferedReader[Any]"


@dataclass(frozen=True, slots=True)
class RawRecord:
    """A record's bytes as they stood in a file.

    Attributes:
        data: the bytes.
        source: the file, with "!member" for a file inside an archive.
        position: where in it: "line 7", "byte 1200", or "whole file".
        trouble: why the bytes could not be taken out whole; empty when they could.
    """

    data: bytes
    source: str
    position: str
    trouble: str = ""


def raw_records(path: Path) -> Iterator[RawRecord]:
    """Yield every record of a file, or of all files of a folder in the order of their names.

    Raises:
        OSError: the file can't be opened.
    """
    if path.is_dir():
        for inner in sorted(path.rglob("*")):
            if inner.is_file():
                yield from raw_records(inner)
        return
    with path.open("rb") as stream:
        yield from _records(stream, str(path))


def _records(stream: IO[bytes], source: str) -> Iterator[RawRecord]:
    buffered: Buffered = io.BufferedReader(stream, _CHUNK_BYTES)
    head = buffered.peek(512)[:512]
    try:
        if head.startswith(b"PK\x03\x04"):
            yield from _zip_members(buffered, source)
        elif head.startswith(b"\x1f\x8b"):
            yield from _records(gzip.GzipFile(fileobj=buffered), source)  # type: ignore[arg-type]
        elif head[257:262] == b"ustar":
            yield from _tar_members(buffered, source)
        elif head.removeprefix(b"\xef\xbb\xbf").lstrip().startswith(b"<"):
            yield _whole(buffered, source)
        else:
            yield from _json_records(buffered, source)
    except (OSError, EOFError, zlib.error, zipfile.BadZipFile, tarfile.TarError) as error:
        yield RawRecord(b"", source, "here or after", f"the file breaks off: {error}")


def _zip_members(stream: Buffered, source: str) -> Iterator[RawRecord]:
    seekable: IO[bytes] = stream if stream.seekable() else io.BytesIO(stream.read())
    with zipfile.ZipFile(seekable) as archive:
        for member in sorted(archive.namelist()):
            if not member.endswith("/"):
                with archive.open(member) as inner:
                    yield from _records(inner, f"{source}!{member}")


def _tar_members(stream: Buffered, source: str) -> Iterator[RawRecord]:
    with tarfile.open(fileobj=stream, mode="r|") as archive:
        for member in archive:
            inner = archive.extractfile(member) if member.isfile() else None
            if inner is not None:
                yield from _records(inner, f"{source}!{member.name}")


def _whole(stream: Buffered, source: str) -> RawRecord:
    data = stream.read(LONGEST_RECORD_BYTES + 1)
    trouble = "longer than a record may be" if len(data) > LONGEST_RECORD_BYTES else ""
    return RawRecord(data, source, "whole file", trouble)


def json_records(stream: IO[bytes], source: str) -> Iterator[RawRecord]:
    """Yield the records of a stream of JSON: one, a list, an API page or NDJSON."""
    buffered: Buffered = io.BufferedReader(stream, _CHUNK_BYTES)
    yield from _json_records(buffered, source)


def _json_records(stream: Buffered, source: str) -> Iterator[RawRecord]:
    """Tell NDJSON by its first lines, one of which is a whole object; else take it apart."""
    head = stream.peek(_CHUNK_BYTES)
    if not _is_ndjson(head):
        yield from _split_json(stream, source)
        return
    for number, line in enumerate(stream, start=1):
        if line.strip():
            yield RawRecord(line.rstrip(b"\r\n"), source, f"line {number}")


def _is_ndjson(head: bytes) -> bool:
    if re.match(rb'\s*(?:\[|\{\s*"(?:studies|totalCount|nextPageToken)")', head):
        return False
    lines = head.split(b"\n", 4)
    if len(lines) == 1:
        return len(head) >= 4096  # one line that goes on: a long record, or one without an end
    return any(line.lstrip().startswith(b"{") and _is_json(line) for line in lines[:4])


def _is_json(line: bytes) -> bool:
    try:
        return isinstance(orjson.loads(line), dict)
    except orjson.JSONDecodeError:
        return False


_STRUCTURE = re.compile(rb'[{}\[\]"\\]')


def _split_json(stream: Buffered, source: str) -> Iterator[RawRecord]:
    """Yield the objects of a list, of an API page's "studies", or standing one after another."""
    splitter = _Splitter()
    while chunk := stream.read(_CHUNK_BYTES):
        for start, data in splitter.feed(chunk):
            yield RawRecord(data, source, f"byte {start}")
        if len(splitter.kept) > LONGEST_RECORD_BYTES:
            yield RawRecord(b"", source, f"byte {splitter.start}", "longer than a record may be")
            return
    if splitter.depth:
        position = f"byte {splitter.start}"
        yield RawRecord(bytes(splitter.kept), source, position, "the JSON breaks off")


class _Splitter:
    """Follows strings and braces through chunks, and cuts out each study."""

    def __init__(self) -> None:
        self.kept = bytearray()
        self.depth = 0
        self.start = 0
        self._at = 0
        self._in_string = False
        self._skip = -1
        self._base = 0

    def feed(self, chunk: bytes) -> list[tuple[int, bytes]]:
        """Return the objects that end in this chunk, with the byte at which each starts."""
        found: list[tuple[int, bytes]] = []
        begun = 0 if self.depth > self._base else -1
        for match in _STRUCTURE.finditer(chunk):
            place, sign = match.start(), match[0]
            if self._at + place == self._skip:
                continue
            if sign == b"\\":
                self._skip = self._at + place + 1 if self._in_string else -1
            elif sign == b'"':
                self._in_string = not self._in_string
            elif self._in_string:
                continue
            elif sign in b"{[":
                if sign == b"{" and self.depth == self._base:
                    begun, self.start = place, self._at + place
                elif sign == b"[" and self.depth <= 1 and self._opens_list(chunk, place, begun):
                    begun, self._base = -1, self.depth + 1
                    self.kept.clear()
                self.depth += 1
            else:
                self.depth = max(self.depth - 1, 0)
                if sign == b"}" and self.depth == self._base and begun >= 0:
                    found.append((self.start, bytes(self.kept) + chunk[begun : place + 1]))
                    self.kept.clear()
                    begun = -1
                self._base = min(self._base, self.depth)
        if begun >= 0:
            self.kept += chunk[begun:]
        self._at += len(chunk)
        return found

    def _opens_list(self, chunk: bytes, place: int, begun: int) -> bool:
        """Whether this bracket opens the list of studies: the outermost, or after "studies":."""
        if self.depth == 0:
            return True
        before = bytes(self.kept[-64:]) + chunk[max(begun, 0) : place]
        return self.depth == 1 and re.search(rb'"studies"\s*:\s*\Z', before[-64:]) is not None
