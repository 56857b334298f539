"""What many tests begin with: built once by the program's own actions, then put back as it was.

A signed study with its people is the same for each test, and takes longer than most tests do. Rows
are read out as the server writes them, and read in again where nothing stands yet.
"""

from collections.abc import Callable, Hashable
from copy import copy
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import psycopg
from django.conf import settings
from django.db import connection, transaction
from psycopg import sql

from tests.superuser import superuser_url
from trialwright.ledger import files, sources

T = TypeVar("T")
_FROM_A_SEQUENCE = """
    SELECT table_name, column_name, pg_get_serial_sequence(table_name, column_name)
    FROM information_schema.columns
    WHERE table_schema = current_schema() AND table_name = ANY(%s) AND is_identity = 'YES'
"""


@dataclass(frozen=True, slots=True)
class _Kept:
    """What was built: the value, the rows of each table, the contents of files."""

    value: Any
    tables: dict[str, bytes]
    files: dict[str, bytes]
    """By their paths under the folder that was given."""
    heads: tuple[bytes, bytes]
    """The file of signed heads, and the note where it ends."""


_built: dict[Hashable, _Kept] = {}


def kept(key: Hashable, build: Callable[[], T], folder: Path | None = None) -> T:
    """What `build` makes, in an empty database: by itself the first time, from then on as kept.

    Args:
        key: names what is built, with all that it depends on.
        folder: where `build` writes files, which are kept too.
    """
    if sources.are_given() or not _is_empty():
        return build()
    # Where a test commits, heads are signed as it goes, and later rows name these.
    place = (key, connection.in_atomic_block, files.keys().public)
    if place in _built:
        _put_back(_built[place], folder)
    else:
        value = build()
        _built[place] = _Kept(copy(value), _rows(), _contents(folder), _heads())
    return copy(_built[place].value)


def let_put_back(role: str) -> None:
    """Let a role read rows in without the triggers' asking; the server's superuser says so."""
    with psycopg.connect(superuser_url("postgres"), autocommit=True) as server:
        # Several workers may come here at once, and end this session with the lock.
        server.execute("SELECT pg_advisory_lock(hashtext('let_put_back'))")
        grant = sql.SQL("GRANT SET ON PARAMETER session_replication_role TO {}")
        server.execute(grant.format(sql.Identifier(role)))


def _is_empty() -> bool:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT EXISTS (SELECT FROM accounts_person) OR EXISTS (SELECT FROM accounts_site)"
            " OR EXISTS (SELECT FROM ledger_head)"
        )
        return not cursor.fetchone()[0]


def filled_tables(connection: Any) -> list[str]:
    """The tables that hold rows, but for those that Django fills by itself."""
    every = connection.introspection.django_table_names(only_existing=True, include_views=False)
    tables = [each for each in every if each not in ("django_content_type", "auth_permission")]
    asked = " UNION ALL ".join(f"(SELECT '{each}' FROM {each} LIMIT 1)" for each in tables)
    with connection.cursor() as cursor:
        cursor.execute(asked)
        return [each for (each,) in cursor.fetchall()]


def empty_tables(connection: Any) -> None:
    """Empty the tables that hold rows, and those whose rows would point into them."""
    filled = filled_tables(connection)
    truncate = [f"TRUNCATE {', '.join(filled)} CASCADE"] if filled else []
    connection.ops.execute_sql_flush(truncate)


def _rows() -> dict[str, bytes]:
    found = {}
    with connection.cursor() as cursor:
        for table in filled_tables(connection):
            with cursor.copy(f"COPY {table} TO STDOUT (FORMAT binary)") as rows:
                found[table] = b"".join(bytes(part) for part in rows)
    return found


def _contents(folder: Path | None) -> dict[str, bytes]:
    if folder is None:
        return {}
    found = (path for path in folder.rglob("*") if path.is_file())
    return {str(path.relative_to(folder)): path.read_bytes() for path in found}


def _heads_and_end() -> tuple[Path, Path]:
    heads = files.heads_path()
    return heads, Path(settings.TRIALWRIGHT_KEYS) / f"{heads.parent.name}.end"


def _heads() -> tuple[bytes, bytes]:
    heads, end = (path.read_bytes() if path.exists() else b"" for path in _heads_and_end())
    return heads, end


def _put_back(one: _Kept, folder: Path | None) -> None:
    for name, content in one.files.items():
        assert folder is not None
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    for path, content in zip(_heads_and_end(), one.heads, strict=True):
        if content:
            path.write_bytes(content)
    with transaction.atomic(), connection.cursor() as cursor:
        # Nothing is asked of a row again: the first time all was.
        cursor.execute("SET LOCAL session_replication_role = replica")
        for table, rows in one.tables.items():
            with cursor.copy(f"COPY {table} FROM STDIN (FORMAT binary)") as copied:
                copied.write(rows)
        # A test that makes tables anew begins their numbers anew, and these rows have theirs.
        cursor.execute(_FROM_A_SEQUENCE, [list(one.tables)])
        for table, column, sequence in cursor.fetchall():
            beyond = f"GREATEST(nextval('{sequence}'), (SELECT max({column}) FROM {table}))"
            cursor.execute(f"SELECT setval('{sequence}', {beyond})")
        cursor.execute("SET LOCAL session_replication_role = origin")
