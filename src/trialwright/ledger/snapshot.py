"""One unmoving view of the ledger, and its rows streamed from it."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any, NamedTuple

from django.db import connection, transaction

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


def stream(query: str, study: str, chain: str) -> Iterator[tuple[Any, ...]]:
    """A query's rows by a server-side cursor in binary, a few thousand at a time."""
    raw: Any = connection.connection
    with raw.cursor(name="ledger_stream", binary=True) as cursor:
        cursor.itersize = ROWS_AT_ONCE
        cursor.execute(query, [study, chain])
        yield from cursor
