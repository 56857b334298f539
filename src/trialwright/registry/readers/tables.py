"""Records in tables (CSV) and plain text (RIS, the EU register): each a self-contained piece."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable, Iterator
from functools import partial
from typing import IO, Any, NamedTuple

import orjson

# A cell may be as long as a record's longest text.
csv.field_size_limit(64 * 1024 * 1024)
# Columns by which a table of trials is known.
_KNOWN_COLUMNS = {"NCT Number", "TrialID", "drksId"}
_KINDS = (
    (b"%PDF", "a PDF; its text can't be taken for a record"),
    (b"SQLite format 3", "an SQLite database; export its table as CSV or JSON"),
    (b"PAR1", "a Parquet file; export it as CSV or NDJSON"),
    (b"\xd0\xcf\x11\xe0", "an old Excel or Word file; save it as CSV"),
    (b"\x89PNG", "a picture"),
    (b"\xff\xd8\xff", "a picture"),
    (b"PGDMP", "a dump of PostgreSQL; AACT gives pipe-delimited files too, which are read"),
    (b"SQLITE", "a database"),
)


class TablePiece(NamedTuple):
    """A record's bytes, where they stood, and why they could not be taken whole ("" if they could).

    A row of a table is JSON, each cell by the name of its column: alone it would say nothing.
    """

    data: bytes
    position: str
    trouble: str = ""


Splitter = Callable[[IO[bytes]], Iterator[TablePiece]]


def other_kind(head: bytes) -> str:
    """Return what a file is that holds no records for us, by how it begins; "" for others."""
    return next((kind for begins, kind in _KINDS if head.startswith(begins)), "")


def table_of(head: bytes) -> Splitter | None:
    """Return what takes a table apart, by its first line; None where it is none that we know."""
    first = head.removeprefix(b"\xef\xbb\xbf").split(b"\n", 1)[0].decode("utf-8", "replace")
    if "nct_id|" in first:
        return _lone_aact_table
    for delimiter in (",", ";", "\t"):
        columns = next(csv.reader([first.rstrip("\r")], delimiter=delimiter), [])
        if _KNOWN_COLUMNS & set(columns):
            return partial(_rows, delimiter=delimiter)
    return None


def _rows(stream: IO[bytes], delimiter: str) -> Iterator[TablePiece]:
    text = io.TextIOWrapper(stream, "utf-8-sig", errors="replace", newline="")
    reader = csv.DictReader(text, delimiter=delimiter)
    try:
        for row in reader:
            position = f"line {reader.line_num}"
            extra = row.pop(None, None)
            cells = {name: cell for name, cell in row.items() if cell}
            if cells:
                why = "it has more cells than the first line has columns" if extra else ""
                yield TablePiece(orjson.dumps(cells), position, why)
    except csv.Error as error:
        yield TablePiece(b"", f"line {reader.line_num}", f"the table can't be read on: {error}")
    finally:
        text.detach()


def _lone_aact_table(stream: IO[bytes]) -> Iterator[TablePiece]:
    """A table of AACT alone: `studies` makes short records, the others none."""
    text = io.TextIOWrapper(stream, "utf-8-sig", errors="replace", newline="")
    reader = csv.DictReader(text, delimiter="|")
    if "overall_status" not in (reader.fieldnames or ()):
        why = "this is a table of AACT; give the folder or zip of all its tables"
        yield TablePiece(" ".join(reader.fieldnames or ()).encode(), "whole file", why)
        return
    for row in reader:
        cells: dict[str, Any] = {name: cell for name, cell in row.items() if name and cell}
        yield TablePiece(orjson.dumps({"aact": {"studies": cells}}), f"line {reader.line_num}")
    text.detach()


def text_of(head: bytes) -> Splitter | None:
    """Return what takes a text of records apart; None where it is none that we know."""
    if re.match(rb"(?:\xef\xbb\xbf)?\s*TY  - ", head):
        return partial(_texts, begins=re.compile(r"TY  - "))
    if re.search(rb"^EudraCT Number:", head, re.MULTILINE):
        return partial(_texts, begins=re.compile(r"EudraCT Number:"))
    return None


def _texts(stream: IO[bytes], begins: re.Pattern[str]) -> Iterator[TablePiece]:
    """Each record from the line that begins it to the line before the next."""
    lines: list[str] = []
    first = 0
    text = io.TextIOWrapper(stream, "utf-8-sig", errors="replace")
    for number, line in enumerate(text, start=1):
        if begins.match(line):
            if first:
                yield TablePiece("".join(lines).encode(), f"line {first}")
            lines, first = [], number
        lines.append(line)
    if first:
        yield TablePiece("".join(lines).encode(), f"line {first}")
    text.detach()
