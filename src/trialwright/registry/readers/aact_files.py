"""Joining AACT's tables to trials: through a database file, so that memory stays flat."""

from __future__ import annotations

import csv
import io
import sqlite3
import zipfile
from collections.abc import Iterable, Iterator, Mapping
from contextlib import closing
from pathlib import Path, PurePosixPath
from tempfile import TemporaryDirectory
from typing import IO, Any

import orjson

from trialwright.registry.readers.aact import TABLES
from trialwright.registry.readers.tables import TablePiece


def aact_members(names: Iterable[str]) -> dict[str, str]:
    """Return AACT's tables among some files, by name; none where `studies.txt` is not there."""
    found = {
        path.stem: name
        for name in names
        if (path := PurePosixPath(name)).suffix == ".txt" and path.stem in TABLES
    }
    return found if "studies" in found and len(found) > 1 else {}


def aact_trials(
    archive: zipfile.ZipFile | None, tables: Mapping[str, str]
) -> Iterator[tuple[str, TablePiece]]:
    """Yield each trial with the file of its row of `studies`; files are in an archive or not."""

    def opened(name: str) -> IO[bytes]:
        return archive.open(name) if archive else Path(name).open("rb")

    with TemporaryDirectory() as folder, closing(sqlite3.connect(f"{folder}/join")) as base:
        base.execute("PRAGMA journal_mode = OFF")
        base.execute("PRAGMA synchronous = OFF")
        base.execute("CREATE TABLE kept (name TEXT, nct_id TEXT, row BLOB)")
        for table, name in tables.items():
            if table != "studies":
                with opened(name) as stream:
                    _keep(base, table, stream)
        base.execute("CREATE INDEX kept_of ON kept (nct_id)")
        name = tables["studies"]
        with opened(name) as stream:
            for line, row in _rows(stream):
                joined: dict[str, Any] = {"studies": row, **_of(base, row.get("nct_id", ""))}
                yield name, TablePiece(orjson.dumps({"aact": joined}), f"line {line}")


def _keep(base: sqlite3.Connection, table: str, stream: IO[bytes]) -> None:
    rows = ((table, row.get("nct_id", ""), orjson.dumps(row)) for _, row in _rows(stream))
    base.executemany("INSERT INTO kept VALUES (?, ?, ?)", rows)


def _of(base: sqlite3.Connection, number: str) -> dict[str, list[dict[str, str]]]:
    """The rows of a trial by table, in the order of the files."""
    query = "SELECT name, row FROM kept WHERE nct_id = ? ORDER BY rowid"
    found: dict[str, list[dict[str, str]]] = {}
    for table, row in base.execute(query, (number,)):
        found.setdefault(table, []).append(orjson.loads(row))
    return dict(sorted(found.items()))


def _rows(stream: IO[bytes]) -> Iterator[tuple[int, dict[str, str]]]:
    text = io.TextIOWrapper(stream, "utf-8-sig", errors="replace", newline="")
    reader = csv.DictReader(text, delimiter="|")
    for row in reader:
        yield reader.line_num, {name: cell for name, cell in row.items() if name and cell}
