"""One unmoving view of the ledger, and its rows streamed from it."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any, NamedTuple

from django.db import connection, transaction

from trialwright.ledger.heads import HeadsReading

ROWS_AT_ONCE = 5000


class ChainEnd(NamedTuple):
    """Where a chain ends."""

    seq: int
    hash: bytes
    recorded_at: datetime | None


@contextmanager
def snapshot() -> Iterator[None]:
    """A transaction of its own that sees one moment and writes nothing."""
    with transaction.atomic(durable=True):
        with connection.cursor() as cursor:
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
            # Whole chains are read, never a few rows of them: a plan made before the server has
            # counted the tables would look the whole chain through for each of its rows.
            cursor.execute("SET LOCAL enable_nestloop = off")
        yield


def standing(study: str) -> dict[str, ChainEnd]:
    """What the head table says of the study's chains."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT chain, seq, hash, recorded_at FROM ledger_head WHERE study = %s ORDER BY chain",
            [study],
        )
        found = cursor.fetchall()
    return {chain: ChainEnd(seq, bytes(digest), at) for chain, seq, digest, at in found}


def studies(reading: HeadsReading) -> list[str]:
    """Everything that has a ledger here or in the heads file, the installation included."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT DISTINCT study FROM ledger_head")
        here = {row[0] for row in cursor.fetchall()}
    return sorted(here | {study for study, _ in reading.heads})


def clock() -> datetime:
    """The database's clock."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        now: datetime = cursor.fetchone()[0]
        return now


def stream(query: str, study: str, chain: str) -> Iterator[tuple[Any, ...]]:
    """A query's rows by a server-side cursor in binary, a few thousand at a time."""
    raw: Any = connection.connection
    with raw.cursor(name="ledger_stream", binary=True) as cursor:
        cursor.itersize = ROWS_AT_ONCE
        cursor.execute(query, [study, chain])
        yield from cursor
