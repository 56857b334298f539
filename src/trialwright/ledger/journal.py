"""The book that actions write in: `open_entry` takes the lock, `head` tells where a chain stands.

with transaction.atomic():
    with book.open_entry(study="DEMO-HAEC-01", by=person.id, role="coordinator",
                         action="save_entry", happened_at=clock()) as writer:
        writer.write(entity="value", id=value_id, field="text", new="3.10")
        writer.write(entity="allocation", id=code, field="arm", new="2", sealed=True)
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import DatabaseError, connection

from trialwright.ledger import clock, files, signing, sources
from trialwright.ledger.encoding import (
    INSTALLATION,
    NO_LINE,
    LedgerError,
    NoLedgerError,
    chains_of,
    checked,
    genesis,
    moment_text,
)
from trialwright.ledger.gathering import Gathering, Opened
from trialwright.ledger.gathering import current as gathering_now
from trialwright.ledger.heads import Head
from trialwright.ledger.writer import LedgerEntry, Writer

__all__ = [
    "INSTALLATION", "Head", "LedgerError", "NoLedgerError", "Writer", "create", "head",
    "open_entry",
]  # fmt: skip


def create(study: str) -> None:
    """Begin the chains of a study; nothing happens if they are there."""
    checked("study", study)
    with connection.cursor() as cursor:
        cursor.executemany(
            "INSERT INTO ledger_head (study, chain, seq, hash, recorded_at)"
            " VALUES (%s, %s, 0, %s, NULL) ON CONFLICT DO NOTHING",
            [(study, chain, genesis(study, chain)) for chain in chains_of(study)],
        )


@contextmanager
def open_entry(
    *,
    study: str,
    by: UUID | str,
    role: str = "",
    action: str,
    happened_at: datetime,
    reason: str = "",
    entropy: Callable[[int], bytes] = sources.entropy,
    correcting: bool = False,
) -> Iterator[Writer]:
    """Take the study's lock, collect changes, and append them as one entry when the block ends.

    Must stand inside `transaction.atomic()` and be its first statement; what the block reads is
    then the latest, and no other action of this study runs until the transaction ends. After
    commit the heads are signed. If the block raises, nothing is written.

    Args:
        study: its identifier, or `INSTALLATION` for account events.
        by: the id of the person who acts, or "system".
        role: the role the person acts in; empty for the system, or to be put into the writer's
        entry
            by what the block reads.
        action: the verb, such as "save_entry".
        happened_at: the action's clock, aware. When it was recorded, the database says.
        reason: why, as the person wrote it; kept as a value, so it can be erased.
        entropy: the source of salts and nonces.
        correcting: whether it puts the clock right, and so may be recorded before the last entry.
    """
    if not connection.in_atomic_block:
        raise LedgerError(
            f"{action} wrote outside a transaction; its entry and its tables could come apart."
            " Open it inside transaction.atomic()."
        )
    entry = LedgerEntry(
        study=checked("study", study),
        by=checked("by", str(by)),
        role=checked("role", role),
        action=checked("action", action),
        happened_at=happened_at,
        reason=reason,
    )
    moment_text(happened_at)
    gathering = gathering_now()
    opened = _lock(study, correcting) if gathering is None else _joined(gathering, study)
    writer = Writer(entry, opened, files.keys(), entropy, gathering)
    yield writer
    if writer.flush() and sources.signed_with_commits():
        signing.after_commit()


def _joined(gathering: Gathering, study: str) -> Opened:
    """The same for one entry of several: the first of a study has taken its lock."""
    if not gathering.knows(study):
        return gathering.begin(study, _lock(study, correcting=False))
    return gathering.go_on(study, sources.recorded_at())


def _lock(study: str, correcting: bool) -> Opened:
    """Lock the study's heads; return them by chain, the database's clock after the lock, and the
    last line of the heads file."""
    for _ in range(2):
        with connection.cursor() as cursor:
            found = _opened(cursor, study, correcting)
        if found:
            standing = {
                chain: Head(study, chain, seq, bytes(digest), at)
                for chain, seq, digest, at, *_ in found
            }
            return Opened(standing, _recorded_at(found[0][4]), bytes(found[0][5] or NO_LINE))
        if study == INSTALLATION:
            create(INSTALLATION)
    raise NoLedgerError(
        f"There is no ledger for the study {study}. It begins with the study: create the study"
        " first, or check its identifier."
    )


def _recorded_at(by_database: datetime) -> datetime:
    """The database's clock, or a simulation's where it gives one."""
    moment = sources.recorded_at()
    if moment is None:
        clock.steady.check(by_database)
        return by_database
    return moment


def _opened(cursor: Any, study: str, correcting: bool) -> list[Any]:
    try:
        cursor.execute(
            "SELECT chain, seq, hash, recorded_at, moment, line FROM ledger_open(%s, %s)",
            [study, correcting],
        )
        return cursor.fetchall()
    except DatabaseError as error:
        if getattr(error.__cause__, "sqlstate", "") != clock.BEFORE_LAST_ENTRY:
            raise
        raise clock.ClockError(
            f"{str(error).splitlines()[0][:1].upper()}{str(error).splitlines()[0][1:]}. The ledger"
            " doesn't go back in time. Set the clock of the database server right; if the last"
            " entry is what was wrong, enter that: trialwright ledger correct-clock"
        ) from None


def head(study: str, chain: str = "open") -> Head:
    """Where a chain stands, for printing on documents; the sealed one for unmasked people only."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT seq, hash, recorded_at FROM ledger_head WHERE study = %s AND chain = %s",
            [study, chain],
        )
        found = cursor.fetchone()
    if found is None:
        raise LedgerError(f"There is no {chain} chain for the study {study}; check its identifier.")
    return Head(study, chain, found[0], bytes(found[1]), found[2])
