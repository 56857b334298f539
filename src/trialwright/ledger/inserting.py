"""Rows and values go in by COPY: two statements for any number of them, and nothing of a value is
ever a parameter of a statement that a server may log."""

from collections.abc import Sequence
from typing import Any, NamedTuple

from django.db import connection

from trialwright.ledger.encoding import FORMAT, Row

_ROW_COLUMNS = (
    "study, chain, seq, format, recorded_at, happened_at, by, role, action, entity, id, field,"
    " old, new, reason, previous, heads, hash"
)
_VALUE_COLUMNS = "study, chain, seq, part, salt, text, sealed"


class NewRow(NamedTuple):
    """A row and its hash."""

    row: Row
    hash: bytes


class NewValue(NamedTuple):
    """A value that a row commits to: its salt and text in the open, or both sealed."""

    study: str
    chain: str
    seq: int
    part: str
    salt: bytes | None
    text: str | None
    sealed: bytes | None


def insert(rows: Sequence[NewRow], values: Sequence[NewValue]) -> None:
    """Insert rows that continue their chains, then their values."""
    with connection.cursor() as cursor:
        _copy(cursor, f"ledger_row ({_ROW_COLUMNS})", [
            (*row[:3], FORMAT, *row[3:], hash) for row, hash in rows
        ])  # fmt: skip
        _copy(cursor, f"ledger_value ({_VALUE_COLUMNS})", values)


def _copy(cursor: Any, into: str, rows: Sequence[tuple[Any, ...]]) -> None:
    if rows:
        with cursor.copy(f"COPY {into} FROM STDIN") as copy:
            for row in rows:
                copy.write_row(row)
