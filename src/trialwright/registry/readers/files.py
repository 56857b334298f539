"""Finding the records in files: JSON, XML, tables and texts of registers; zip, tar, gz of any.

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

from trialwright.registry.readers.aact_files import aact_members, aact_trials
from trialwright.registry.readers.tables import other_kind, table_of, text_of

# One record's raw bytes; a record longer than this is set aside unread.
LONGEST_RECORD_BYTES = 256 * 1024 * 1024
_CHUNK_BYTES = 1 << 20
# Of a file that isn't read the quarantine keeps this much.
_KEPT_OF_UNREAD = 4096

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
        inner = [one for one in sorted(path.rglob("*")) if one.is_file()]
        shown = [one for one in inner if not one.name.startswith(".")]
        if tables := aact_members([str(one) for one in shown]):
            for name, found in aact_trials(None, tables):
                yield RawRecord(found.data, name, found.position, found.trouble)
            shown = [one for one in shown if str(one) not in set(tables.values())]
            shown = [one for one in shown if one.suffix != ".txt"]
        for one in shown:
            yield from raw_records(one)
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
            yield from _xml_records(buffered, source, head)
        else:
            yield from _text_records(buffered, source, head)
    except (OSError, EOFError, zlib.error, zipfile.BadZipFile, tarfile.TarError) as error:
        yield RawRecord(b"", source, "here or after", f"the file breaks off: {error}")


def _text_records(stream: Buffered, source: str, head: bytes) -> Iterator[RawRecord]:
    """Tables, texts of registers and JSON; of anything else that it isn't read, and what it is."""
    if kind := other_kind(head):
        yield RawRecord(stream.read(_KEPT_OF_UNREAD), source, "whole file", f"this is {kind}")
    elif splitter := table_of(head) or text_of(head):
        for found in splitter(stream):
            yield RawRecord(found.data, source, found.position, found.trouble)
    elif head.removeprefix(b"\xef\xbb\xbf").lstrip()[:1] in {b"{", b"[", b""}:
        yield from _json_records(stream, source)
    else:
        why = "no form of a register's records is recognised in it"
        yield RawRecord(stream.read(_KEPT_OF_UNREAD), source, "whole file", why)


def _zip_members(stream: Buffered, source: str) -> Iterator[RawRecord]:
    seekable: IO[bytes] = stream if stream.seekable() else io.BytesIO(stream.read())
    with zipfile.ZipFile(seekable) as archive:
        if "xl/workbook.xml" in archive.namelist():
            why = "this is an Excel workbook; save its sheet as CSV"
            yield RawRecord(source.encode("utf-8", "replace"), source, "whole file", why)
            return
        if tables := aact_members(archive.namelist()):
            for name, found in aact_trials(archive, tables):
                yield RawRecord(found.data, f"{source}!{name}", found.position, found.trouble)
            return
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


# Files of many trials: how the file begins, and the element that is one trial. ChiCTR writes
# "Triall" in files of the exchange form.
_MANY_TRIALS = (
    (re.compile(rb"<Trials(?:_\w+)?[\s>]"), b"Trial"),  # the portal of the WHO
    (
        re.compile(rb"<(?:root>\s*<)?trials[\s>]"),
        b"(?:trial|Triall)",
    ),  # the exchange form of the WHO
    (re.compile(rb"<allTrials[\s>]"), b"fullTrial"),  # ISRCTN
    (re.compile(rb"<SearchResult[\s>]"), b"trial"),  # ANZCTR's web service
)


def _xml_records(stream: Buffered, source: str, head: bytes) -> Iterator[RawRecord]:
    for begins, element in _MANY_TRIALS:
        if begins.search(head):
            yield from _split_xml(stream, source, head, element)
            return
    yield _whole(stream, source)


def _split_xml(stream: Buffered, source: str, head: bytes, element: bytes) -> Iterator[RawRecord]:
    """Yield each element of a file; one of another encoding than UTF-8 keeps its declaration."""
    said = re.match(rb"(?:\xef\xbb\xbf)?\s*(<\?xml[^>]*\?>)", head)
    encoding = re.search(rb"encoding=['\"]([\w.-]+)", said[1]) if said else None
    before = said[1] if said and encoding and encoding[1].lower() != b"utf-8" else b""
    begin, close = re.compile(rb"<%b(?=[\s>])" % element), re.compile(rb"</%b>" % element)
    kept, at, any_found = b"", 0, False
    while chunk := stream.read(_CHUNK_BYTES):
        kept += chunk
        while closing := close.search(kept):
            start, end = begin.search(kept, 0, closing.start()), closing.end()
            if start is not None:
                place, any_found = start.start(), True
                yield RawRecord(before + kept[place:end], source, f"byte {at + place}")
            kept, at = kept[end:], at + end
        if len(kept) > LONGEST_RECORD_BYTES:
            yield RawRecord(b"", source, f"byte {at}", "longer than a record may be")
            return
    if start := begin.search(kept):
        place = start.start()
        yield RawRecord(kept[place:], source, f"byte {at + place}", "the XML breaks off")
    elif not any_found:
        why = f"there is no <{_name_of(element)}> with anything in it"
        yield RawRecord(head, source, "whole file", why)


def _name_of(element: bytes) -> str:
    """The name of an element, the first where it has two."""
    return element.decode().removeprefix("(?:").partition("|")[0]


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
    if re.match(rb'\s*(?:\[|\{\s*"(?:studies|totalCount|nextPageToken|resourceType)")', head):
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
        """Whether this bracket opens the list of studies: the outermost, or one of these names."""
        if self.depth == 0:
            return True
        before = bytes(self.kept[-64:]) + chunk[max(begun, 0) : place]
        return (
            self.depth == 1
            and re.search(rb'"(?:studies|entry)"\s*:\s*\Z', before[-64:]) is not None
        )
