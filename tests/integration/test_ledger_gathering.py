"""Entries that are gathered are what they would be alone, and stand or fall together."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from django.db import connection, transaction

from trialwright.ledger import files, journal, projections, sources
from trialwright.ledger.gathering import gathered
from trialwright.ledger.verify import verify
from trialwright.simulation import scratch

STUDY = "DEMO-HAEC-01"
NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _own_files(tmp_path: Path, settings: object) -> None:
    settings.TRIALWRIGHT_KEYS = tmp_path  # type: ignore[attr-defined]
    settings.TRIALWRIGHT_HEADS = tmp_path  # type: ignore[attr-defined]


@pytest.fixture
def study(db: None) -> str:
    journal.create(STUDY)
    return STUDY


def write(text: str | None, id: str = "v1", *, sealed: bool = False, study: str = STUDY) -> None:
    entry = journal.open_entry(
        study=study, by="p-1", role="coordinator", action="save_entry", happened_at=NOON
    )
    with transaction.atomic(), entry as writer:
        writer.write(entity="value", id=id, field="text", new=text, sealed=sealed)


class Refused(Exception):
    """What an action raises that is refused."""


def refused(act: Callable[[], None]) -> None:
    with pytest.raises(Refused), transaction.atomic():
        act()
        raise Refused


def stored(table: str, columns: str = "*") -> list[tuple[Any, ...]]:
    """The rows of a table, in their order."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {columns} FROM {table}")
        found = [
            tuple(bytes(value) if isinstance(value, memoryview) else value for value in row)
            for row in cursor.fetchall()
        ]
    return sorted(found, key=str)


@contextmanager
def told_by_a_seed() -> Iterator[None]:
    """Salts and moments that are the same each time."""
    draws, ticks = count(), count(1)
    given = sources.Sources(
        lambda size: sha256(b"%d" % next(draws)).digest()[:size],
        lambda: NOON,
        lambda: NOON + timedelta(days=400, microseconds=next(ticks)),
    )
    with sources.given(given):
        yield


def a_morning() -> None:
    """Entries of two chains and two books; fields that go on from one another; one refused."""
    write("1")
    write("2")
    write("arm A", "a1", sealed=True)
    refused(lambda: write("3"))
    write(None)
    write("x", "i1", study=journal.INSTALLATION)
    refused(lambda: (write("4"), write("y", "i1", study=journal.INSTALLATION))[0])
    write("5")
    write("arm B", "a1", sealed=True)


def test_rows_and_values_are_those_of_entries_made_alone(study: str) -> None:
    files.keys()
    with connection.cursor() as cursor:
        cursor.execute(scratch.SQL.read_text(encoding="utf-8"))
    found = []
    for together in (nullcontext(), gathered()):
        with pytest.raises(Refused), transaction.atomic(), told_by_a_seed():
            with together:
                a_morning()
            found.append((stored("ledger_row"), stored("ledger_value"), stored("ledger_head")))
            raise Refused
    alone, gathered_ones = found
    assert alone == gathered_ones
    assert [len(table) for table in alone] == [7, 7, 3]


def test_they_are_recorded_by_the_clock_of_the_database_and_signed_with_the_commit(
    transactional_db: None, monkeypatch: Any
) -> None:
    monkeypatch.setattr(projections, "_registered", {})
    journal.create(STUDY)
    with transaction.atomic(), gathered():
        a_morning()
        assert not files.heads_path().exists()
    with connection.cursor() as cursor:
        cursor.execute("SELECT recorded_at FROM ledger_row WHERE study = %s", [STUDY])
        moments = [moment for (moment,) in cursor.fetchall()]
        cursor.execute("SELECT clock_timestamp()")
        (now,) = cursor.fetchone()
    assert len(set(moments)) == len(moments) == 6 and max(moments) < now
    keys = files.keys()
    for book in (STUDY, journal.INSTALLATION):
        found = verify(book, heads_path=files.heads_path(), publics=[keys.public], keys=keys)
        assert [str(one) for one in found.problems] == []


def test_who_asks_the_ledger_meanwhile_finds_them(study: str) -> None:
    with transaction.atomic(), gathered():
        write("1")
        assert journal.head(STUDY).seq == 1
        write("2")
        assert [row[1] for row in stored("ledger_row", "chain, seq")] == [1, 2]
        write("3")
    assert journal.head(STUDY).seq == 3


def test_what_is_refused_takes_none_that_were_asked_for_before_it_along(study: str) -> None:
    def asked_and_refused() -> None:
        write("2")
        assert journal.head(STUDY).seq == 2

    with transaction.atomic(), gathered():
        write("1")
        refused(asked_and_refused)
        assert journal.head(STUDY).seq == 1
        write("3")
    rows = stored("ledger_row", "seq, old, new")
    assert [row[0] for row in rows] == [1, 2] and rows[1][1] == rows[0][2]


def test_a_transaction_that_fails_leaves_none(study: str) -> None:
    with pytest.raises(Refused), transaction.atomic(), gathered():
        write("1")
        raise Refused
    assert stored("ledger_row") == []
    write("2")
    assert journal.head(STUDY).seq == 1
