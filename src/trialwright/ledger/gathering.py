"""Entries of one transaction, gathered as they are made and inserted together.

A study that the program lives itself writes some dozens of entries before it commits. Each is made
as it would be alone, in the same order and of the same salts; but where the chains stand is asked
once, and one statement inserts the rows of all. Whatever reads the ledger meanwhile finds them.
"""

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from django.db import connection

from trialwright.ledger.heads import Head
from trialwright.ledger.inserting import NewRow, NewValue, insert

Heads = dict[str, Head]
_TICK = timedelta(microseconds=1)


class Opened(NamedTuple):
    """What an entry is told as it begins: the heads of its study's chains by name, when it is
    recorded, and the last line of the heads file."""

    heads: Heads
    recorded_at: datetime
    line: bytes


@dataclass(frozen=True, slots=True)
class _Mark:
    """What there was when a savepoint was set."""

    savepoint: str
    rows: int
    values: int
    inserted: tuple[int, int]
    heads: dict[str, Heads]


class Gathering:
    """The rows of one transaction, and where each chain stands with them."""

    def __init__(self) -> None:
        self._rows: list[NewRow] = []
        self._values: list[NewValue] = []
        self._inserted = 0, 0
        self._opened: dict[str, tuple[Opened, float]] = {}
        self._heads: dict[str, Heads] = {}
        self._held: dict[tuple[str, ...], bytes] = {}
        self._marks: list[_Mark] = []
        self._own = False

    def knows(self, study: str) -> bool:
        """Whether an entry of a study has been begun, and so has its lock."""
        return study in self._opened

    def begin(self, study: str, opened: Opened) -> Opened:
        """Keep what the database told the first entry of a study."""
        self._opened[study] = opened, time.monotonic()
        self._heads[study] = dict(opened.heads)
        return opened

    def go_on(self, study: str, recorded_at: datetime | None) -> Opened:
        """What the next entry of a study is told.

        Args:
            recorded_at: a simulation's clock; None for the database's, which has gone on since.
        """
        first, since = self._opened[study]
        heads = self._heads[study]
        if recorded_at is None:
            latest = max(head.recorded_at or first.recorded_at for head in heads.values())
            passed = timedelta(seconds=time.monotonic() - since)
            recorded_at = max(first.recorded_at + passed, latest + _TICK)
        return Opened(dict(heads), recorded_at, first.line)

    def held(self, study: str, chain: str, place: tuple[str, str, str]) -> bytes | None:
        """The commitment to what a field holds, if an entry of this transaction wrote it."""
        return self._held.get((study, chain, *place))

    def add(self, head: Head, rows: Sequence[NewRow], values: Sequence[NewValue]) -> None:
        """Let what an entry appends to one chain wait; the chain then stands at this head."""
        self._rows += rows
        self._values += values
        self._heads[head.study][head.chain] = head
        self._note_held(rows)

    def _note_held(self, rows: Sequence[NewRow]) -> None:
        for row, _hash in rows:
            self._held[row.study, row.chain, row.entity, row.id, row.field] = row.new

    def insert(self) -> None:
        """Insert what waits."""
        rows, values = self._inserted
        self._inserted = len(self._rows), len(self._values)
        insert(self._rows[rows:], self._values[values:])

    @contextmanager
    def asking(self) -> Iterator[None]:
        """The statement in this block asks the ledger for what the rows that wait don't change."""
        self._own = True
        try:
            yield
        finally:
            self._own = False

    def watch(self, execute: Any, sql: Any, params: Any, many: bool, context: Any) -> Any:
        """Go with the transaction's savepoints, and insert what waits before the ledger is asked;
        a wrapper of the connection's."""
        words = str(sql).split()
        if words[0] == "SAVEPOINT":
            heads = {study: dict(heads) for study, heads in self._heads.items()}
            self._marks.append(
                _Mark(words[-1], len(self._rows), len(self._values), self._inserted, heads)
            )
        elif words[:2] == ["RELEASE", "SAVEPOINT"]:
            self._end_marks(words[-1])
            self._marks.pop()
        elif words[:3] == ["ROLLBACK", "TO", "SAVEPOINT"]:
            self._end_marks(words[-1])
            self._go_back(self._marks[-1])
        elif not self._own and "ledger_" in str(sql):
            self.insert()
        return execute(sql, params, many, context)

    def _end_marks(self, savepoint: str) -> None:
        """Forget the savepoints within this one, which end with it."""
        while self._marks[-1].savepoint != savepoint:
            self._marks.pop()

    def _go_back(self, mark: _Mark) -> None:
        del self._rows[mark.rows :], self._values[mark.values :]
        self._inserted = mark.inserted
        self._heads = {study: dict(heads) for study, heads in mark.heads.items()}
        self._opened = {study: self._opened[study] for study in self._heads}
        self._held.clear()
        self._note_held(self._rows)


_current: ContextVar[Gathering | None] = ContextVar("gathering", default=None)


def current() -> Gathering | None:
    """What gathers the entries; None where each is inserted as it ends."""
    return _current.get()


@contextmanager
def gathered() -> Iterator[None]:
    """Insert the entries of this block together as it ends; nothing of them if it raises.

    Must stand inside `transaction.atomic()`, and end before that does.
    """
    gathering = Gathering()
    token = _current.set(gathering)
    try:
        with connection.execute_wrapper(gathering.watch):
            yield
    finally:
        _current.reset(token)
    gathering.insert()
