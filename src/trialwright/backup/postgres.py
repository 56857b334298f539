"""PostgreSQL's own programs for writing a database out and reading it in, and sums of its tables.

Passwords go by the environment, never by the command line, which other users of the machine read.
"""

import os
import shutil
import subprocess
from pathlib import Path
from typing import Any, Final

import psycopg
from django.conf import settings
from psycopg import sql
from psycopg.conninfo import make_conninfo

from trialwright.backup.sealing import BackupError
from trialwright.config.postgres_user import BinariesError, wheel

# Whoever was signed in when the backup was made isn't signed in by its restore.
LEFT_OUT: Final = ("django_session",)
_TEXTS: Final = (
    "SET bytea_output = hex; SET datestyle = iso; SET intervalstyle = postgres;"
    " SET timezone = utc; SET extra_float_digits = 1"
)


def owner_url(database: str | None = None) -> str:
    """How to reach the database as the tables' owner; another database of the same server."""
    known = settings.DATABASES["owner"]
    names = {"dbname": database or known["NAME"], "user": known["USER"], "host": known["HOST"]}
    secrets = {"password": known["PASSWORD"], "port": known["PORT"]}
    return make_conninfo(**{name: str(part) for name, part in (names | secrets).items() if part})


def program(name: str, server: int) -> Path:
    """`pg_dump` or `pg_restore`, not older than the server (its major version)."""
    try:
        ours = wheel() / "bin" / name
        if ours.exists() and _major(ours) >= server:
            return ours
    except BinariesError:
        pass
    installed = shutil.which(name)
    if installed is None or _major(Path(installed)) < server:
        raise BackupError(
            f"The server is PostgreSQL {server}, and there is no {name} of that version. Install"
            f" the client programs of PostgreSQL {server}."
        )
    return Path(installed)


def _major(path: Path) -> int:
    done = subprocess.run([path, "--version"], capture_output=True, text=True, check=True)  # noqa: S603
    return int(done.stdout.split()[2].split(".")[0])


def run(path: Path, url: str, *arguments: str, **pipes: Any) -> "subprocess.Popen[bytes]":
    """Start one of the programs on a database."""
    parts = psycopg.conninfo.conninfo_to_dict(url)
    password = str(parts.pop("password", ""))
    environment = {**os.environ, "PGPASSWORD": password, "PGTZ": "UTC"}
    place = make_conninfo(**{name: str(part) for name, part in parts.items()})
    return subprocess.Popen(  # noqa: S603
        [path, *arguments, f"--dbname={place}"], env=environment, stderr=subprocess.PIPE, **pipes
    )


def sums(connection: "psycopg.Connection[Any]") -> dict[str, list[Any]]:
    """By table: how many rows, and a sum over them that any change of any row changes."""
    connection.execute(_TEXTS)
    names = connection.execute(
        "SELECT relname FROM pg_class WHERE relkind = 'r'"
        " AND relnamespace = current_schema()::regnamespace ORDER BY 1"
    ).fetchall()
    found: dict[str, list[Any]] = {}
    for (name,) in names:
        if name in LEFT_OUT:
            continue
        query = sql.SQL(
            "SELECT count(*), coalesce(sum(('x' || left(encode(sha256(convert_to(t::text, 'UTF8')),"
            " 'hex'), 16))::bit(64)::bigint), 0)::text FROM {} t"
        ).format(sql.Identifier(name))
        row = connection.execute(query).fetchone()
        assert row is not None  # noqa: S101 - a count is one row
        found[name] = list(row)
    return found
