"""Exporting a library or a search as a table: Parquet, CSV or NDJSON."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import orjson

from trialwright.messages.spreadsheets import inert

# Columns in their order, each with what it holds: a text, a number, yes or no, or several texts.
COLUMNS: dict[str, type] = {
    "nct": str, "register": str, "title": str, "status": str, "last_known_status": str,
    "phase": list, "type": str, "conditions": list, "interventions": list,
    "intervention_types": list, "sponsor": str, "sponsor_class": str, "countries": list,
    "enrolment": int, "sex": str, "start": str, "primary_completion": str, "completion": str,
    "verified": str, "updated": str, "results": bool, "mesh": list,
}  # fmt: skip
_BATCH_ROWS = 20_000


def write_table(rows: list[dict[str, Any]], columns: dict[str, type], path: Path) -> None:
    """Write rows of typed columns; the ending of `path` chooses the form.

    Raises:
        ValueError: the ending is not .parquet, .csv or .ndjson.
    """
    writers = {".parquet": _parquet, ".csv": _csv, ".ndjson": _ndjson}
    if path.suffix not in writers:
        raise ValueError(f"{path}: exports end in .parquet, .csv or .ndjson")
    writers[path.suffix](rows, path, columns)


def export(summaries: Iterable[dict[str, Any]], path: Path) -> int:
    """Write trials as rows sorted by number; the ending of `path` chooses the form.

    Partial dates stay as written ("2017-10"); several values are a list, in CSV parted by "|".

    Raises:
        ValueError: the ending is not .parquet, .csv or .ndjson.
    """
    rows = sorted(summaries, key=lambda summary: str(summary["nct"]))
    write_table([row_of_summary(row) for row in rows], COLUMNS, path)
    return len(rows)


def row_of_summary(summary: dict[str, Any]) -> dict[str, Any]:
    """Return a trial's short facts as a row of these columns."""
    return {key: summary[key] for key in COLUMNS}


def csv_text(rows: Iterable[dict[str, Any]], columns: Iterable[str] = COLUMNS) -> str:
    """Return rows as CSV with a line of heads; no cell of it is a formula to a spreadsheet."""
    columns = list(columns)
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(columns)
    writer.writerows([_flat(row[key]) for key in columns] for row in rows)
    return text.getvalue()


def _ndjson(rows: list[dict[str, Any]], path: Path, columns: dict[str, type]) -> None:
    with path.open("wb") as file:
        file.writelines(orjson.dumps(row) + b"\n" for row in rows)


def _csv(rows: list[dict[str, Any]], path: Path, columns: dict[str, type]) -> None:
    with path.open("w", newline="", encoding="utf-8") as file:
        file.write(csv_text(rows, columns))


def _flat(value: object) -> object:
    if isinstance(value, list):
        value = "|".join(str(item) for item in value if item)
    return inert(value)


def _parquet(rows: list[dict[str, Any]], path: Path, columns: dict[str, type]) -> None:
    import polars

    kinds: dict[type, Any] = {
        str: polars.String,
        int: polars.Int64,
        float: polars.Float64,
        bool: polars.Boolean,
        list: polars.List(polars.String),
    }
    schema = {key: kinds[kind] for key, kind in columns.items()}
    polars.DataFrame(rows, schema=schema).write_parquet(path)
