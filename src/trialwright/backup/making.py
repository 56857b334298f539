"""Make a backup: database, signed heads and files of cuts of one moment, in one encrypted file.

The heads are read while nobody can sign, in the moment in which the database is looked at; so every
line of theirs signs a row that is there, and every row names a line that is there. Keys stay out.
"""

import hashlib
import io
import json
import os
import subprocess
import tarfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final
from uuid import uuid4

import psycopg
import zstandard
from django.conf import settings

from trialwright import __version__
from trialwright.backup import postgres
from trialwright.backup.sealing import BackupError, SealedWriter
from trialwright.ledger import files, signing

MANIFEST, DATABASE, HEADS, CUTS = "manifest.json", "database/", "heads", "cuts/"
_PART: Final = 8 * 1024 * 1024
_HEADS_LOCK: Final = "pg_advisory_{}(hashtext('trialwright heads'))"


@dataclass(frozen=True, slots=True)
class Made:
    """A backup as it was written: its file, its name in the ledger, and what is in it."""

    path: Path
    id: str
    database_bytes: int
    file_bytes: int
    seconds: float


def make(path: Path) -> Made:
    """Write a backup; the file appears whole under its name, or not at all.

    Raises:
        BackupError: PostgreSQL's program refused.
        LedgerError: another host has the signed heads, without which nobody could say what is lost.
        OSError: the file can't be written.
    """
    signing.require_heads()
    begun, draft = datetime.now(UTC), path.with_name(f".{path.name}.{os.getpid()}")
    if path.exists():
        raise FileExistsError(17, "", str(path))
    signing.trouble()
    id = str(uuid4())
    try:
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            sealed = SealedWriter(file, files.keys())
            with zstandard.ZstdCompressor(level=1, threads=1).stream_writer(
                sealed,  # type: ignore[arg-type]
                closefd=False,
            ) as packed:
                dumped = _write(packed, {"id": id, "made_at": begun.isoformat()})
            sealed.close()
            file.flush()
            os.fsync(file.fileno())
        draft.rename(path)
    finally:
        draft.unlink(missing_ok=True)
    taken = (datetime.now(UTC) - begun).total_seconds()
    return Made(path, id, dumped, path.stat().st_size, taken)


def _write(packed: Any, said: dict[str, Any]) -> int:
    with _moment() as (connection, snapshot, heads), tarfile.open(mode="w|", fileobj=packed) as tar:
        size = _database(tar, connection, snapshot)
        _add(tar, HEADS, heads)
        cuts = dict(_cuts(tar))
        manifest = said | {
            "release": __version__,
            "postgres": connection.info.server_version // 10_000,
            "tables": postgres.sums(connection),
            "chains": _chains(connection),
            "heads": hashlib.sha256(heads).hexdigest(),
            "cuts": cuts,
        }
        _add(tar, MANIFEST, json.dumps(manifest, indent=1).encode())
    return size


@contextmanager
def _moment() -> "Iterator[tuple[psycopg.Connection[Any], str, bytes]]":
    """One view of the database that other programs can share, and the heads of that moment."""
    with psycopg.connect(postgres.owner_url()) as connection:
        connection.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
        connection.autocommit = True
        connection.execute(f"SELECT {_HEADS_LOCK.format('lock')}")
        try:
            connection.autocommit = False
            found = connection.execute("SELECT pg_export_snapshot()").fetchone()
            assert found is not None  # noqa: S101 - a function's row
            path = files.heads_path()
            heads = path.read_bytes() if path.exists() else b""
        finally:
            connection.execute(f"SELECT {_HEADS_LOCK.format('unlock')}")
        yield connection, found[0], heads
        connection.rollback()


def _chains(connection: "psycopg.Connection[Any]") -> dict[str, list[Any]]:
    rows = connection.execute(
        "SELECT study || ' ' || chain, seq, encode(hash, 'hex') FROM ledger_head ORDER BY 1"
    )
    return {name: [seq, digest] for name, seq, digest in rows}


def _database(tar: tarfile.TarFile, connection: "psycopg.Connection[Any]", snapshot: str) -> int:
    """The dump in parts of a size that memory holds; returns its length in bytes."""
    dump = postgres.run(
        postgres.program("pg_dump", connection.info.server_version // 10_000),
        postgres.owner_url(),
        "--format=custom", "--compress=0", "--no-owner", "--no-privileges", "--no-sync",
        f"--snapshot={snapshot}",
        *(f"--exclude-table-data={table}" for table in postgres.LEFT_OUT),
        stdout=subprocess.PIPE,
    )  # fmt: skip
    assert dump.stdout is not None and dump.stderr is not None  # noqa: S101 - both are pipes
    size, number = 0, 0
    while part := dump.stdout.read(_PART):
        number += 1
        size += len(part)
        _add(tar, f"{DATABASE}{number:06}", part)
    said = dump.stderr.read().decode(errors="replace")
    if dump.wait() != 0:
        raise BackupError(f"The database could not be written out. {said.strip()}")
    return size


def _cuts(tar: tarfile.TarFile) -> Iterator[tuple[str, str]]:
    """Every file of every cut, with its hash; a cut that is being made is left out."""
    folder = Path(settings.TRIALWRIGHT_CUTS)
    for path in sorted(folder.rglob("*")):
        inside = path.relative_to(folder)
        if path.is_file() and not any(part.startswith(".") for part in inside.parts):
            content = path.read_bytes()
            _add(tar, f"{CUTS}{inside}", content)
            yield str(inside), hashlib.sha256(content).hexdigest()


def _add(tar: tarfile.TarFile, name: str, content: bytes) -> None:
    member = tarfile.TarInfo(name)
    member.size, member.mode = len(content), 0o600
    tar.addfile(member, io.BytesIO(content))
