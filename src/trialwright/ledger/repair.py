"""The lawful ways to lose something: an erasure, and a loss that a person acknowledges.

Both are entries like any other, by a person and with a reason. An erasure deletes values, so it
runs as the owner of the tables; the web's role can't.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import connection, transaction

from trialwright.ledger import files, heads, journal, signing, tallies
from trialwright.ledger.encoding import LedgerError, chains_of, moment_text
from trialwright.ledger.gaps import GAP, LATE, LOST, Gaps, scan
from trialwright.ledger.heads import Head
from trialwright.ledger.snapshot import clock, snapshot, studies

_DELETE = """
    DELETE FROM ledger_value v USING ledger_row r
    WHERE v.study = r.study AND v.chain = r.chain AND v.seq = r.seq
      AND r.study = %s AND r.chain = %s AND r.entity = %s AND r.id = %s
      AND r.field = ANY(%s) AND r.seq <= %s
"""


def erase(
    *,
    study: str,
    entity: str,
    id: object,
    fields: Iterable[str],
    by: UUID | str,
    role: str,
    happened_at: datetime,
    reason: str,
    sealed: bool = False,
) -> int:
    """Enter that the fields were emptied by erasure, then delete their earlier values and reasons.

    The caller empties the table's columns in the same transaction. Returns how many values went.
    """
    names = sorted(set(fields))
    if not reason:
        raise LedgerError("An erasure needs its reason: the law or the request that asks for it.")
    with journal.open_entry(
        study=study, by=by, role=role, action="erase", happened_at=happened_at, reason=reason
    ) as writer:
        chain = "sealed" if sealed else chains_of(study)[0]
        before = writer.heads[chain].seq
        for field in names:
            writer.write(entity=entity, id=id, field=field, new=None, sealed=sealed)
    with connection.cursor() as cursor:
        cursor.execute(_DELETE, [study, chain, entity, str(id), names, before])
        return cursor.rowcount


@dataclass(frozen=True, slots=True)
class Loss:
    """What one chain lost, or left unsigned, that nobody has acknowledged: rows `first` to `last`.

    `hash` is what the heads file signs as the last of them; empty where rows are there and their
    signatures aren't.
    """

    study: str
    chain: str
    end: int
    first: int
    last: int
    hash: bytes = b""

    @property
    def action(self) -> str:
        """What the acknowledging entry is called."""
        return LOST if self.hash else GAP

    @property
    def id(self) -> str:
        """As the acknowledging row carries it (ADR 0002)."""
        return f"{self.first}:{self.last}" + (f":{self.hash.hex()}" if self.hash else "")


_Reserve = Callable[[journal.Writer, str, Mapping[str, int]], None]
_reserving: list[_Reserve] = []


def reserve_with(reserve: _Reserve) -> None:
    """Have a package above keep what was given before a loss from being given again."""
    _reserving[:] = [reserve]


def lost_counts() -> dict[str, dict[str, tuple[int, int]]]:
    """By study and name: how many there are of what the heads file counts, and how many were."""
    reading = heads.read(files.heads_path(), [files.keys().public])
    found = {
        study: tallies.lost(said, tallies.present(study)) for study, said in reading.counts.items()
    }
    return {study: lost for study, lost in sorted(found.items()) if lost}


def lost() -> list[Loss]:
    """Whatever the heads file signs and the chains don't have, in all studies."""
    return [loss for gaps in _all_gaps() for loss in gaps.rows_lost()]


def acknowledge(*, by: UUID | str, happened_at: datetime, reason: str) -> list[Loss]:
    """A person has looked at what was lost, in a restore or otherwise: enter it, in every study.

    Rows that are gone and rows whose signatures are, each range as a row of its chain; then the
    heads are signed again. `verify` takes what was acknowledged for lost. Returns the ranges.
    """
    if not reason:
        raise LedgerError("Say why it was lost, and from which backup it was restored.")
    found = list(_all_gaps())
    losses = [loss for gaps in found for loss in (*gaps.rows_lost(), *gaps.signatures_lost())]
    if not losses:
        raise LedgerError(
            "The chains are as long as the heads file says, and it goes on from them; nothing was"
            " lost that is not acknowledged."
        )
    counts = lost_counts()
    with transaction.atomic():
        signing.across_a_gap()
        for study in sorted({loss.study for loss in losses}):
            _enter(study, losses, by=by, happened_at=happened_at, reason=reason)
            if study in counts:
                given = {name: were for name, (_are, were) in counts[study].items()}
                reserve(study, given, by=by, happened_at=happened_at, reason=reason)
    return losses


def reserve(
    study: str, given: Mapping[str, int], *, by: UUID | str, happened_at: datetime, reason: str
) -> None:
    """Enter up to which numbers of a study had been given before a loss; inside a transaction."""
    with journal.open_entry(
        study=study, by=by, role="administrator", action="reserve_numbers",
        happened_at=happened_at, reason=reason,
    ) as writer:  # fmt: skip
        for keep in _reserving:
            keep(writer, study, given)


def _enter(
    study: str, losses: list[Loss], *, by: UUID | str, happened_at: datetime, reason: str
) -> None:
    for action, field in ((LOST, "lost"), (GAP, "unsigned")):
        ours = [loss for loss in losses if (loss.study, loss.action) == (study, action)]
        if not ours:
            continue
        with journal.open_entry(
            study=study, by=by, role="administrator", action=action, happened_at=happened_at,
            reason=reason,
        ) as writer:  # fmt: skip
            for loss in ours:
                sealed = loss.chain == "sealed"
                writer.write(entity="ledger", id=loss.id, field=field, new=None, sealed=sealed)


def correct_clock(*, by: UUID | str, happened_at: datetime, reason: str) -> list[Head]:
    """A person has put right a clock that was ahead: enter it where entries lie in the future.

    Each chain goes on from the present. Returns where the chains stood.
    """
    if not reason:
        raise LedgerError("Say what was wrong with the clock, and how it was found.")
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT study, chain, seq, hash, recorded_at FROM ledger_head"
            " WHERE recorded_at > clock_timestamp() ORDER BY study, chain"
        )
        ahead = [Head(*columns) for columns in cursor.fetchall()]
    if not ahead:
        raise LedgerError("No entry lies in the future of the clock; there is nothing to correct.")
    with transaction.atomic():
        for study in sorted({head.study for head in ahead}):
            with journal.open_entry(
                study=study, by=by, role="administrator", action="correct_clock",
                happened_at=happened_at, reason=reason, correcting=True,
            ) as writer:  # fmt: skip
                for head in ahead:
                    if head.study == study and head.recorded_at is not None:
                        writer.write(
                            entity="ledger", id=moment_text(head.recorded_at), field="clock",
                            new=None, sealed=head.chain == "sealed",
                        )  # fmt: skip
    return ahead


@dataclass(frozen=True, slots=True)
class _Chain:
    """One chain and its gaps, as losses."""

    study: str
    name: str
    gaps: Gaps
    unsigned_counts: bool

    def rows_lost(self) -> Iterator[Loss]:
        lost = self.gaps.lost()
        if lost:
            end, last = self.gaps.end, max(lost, key=lambda head: (head.seq, head.line))
            first = min(min(head.seq for head in lost), end + 1)
            yield Loss(self.study, self.name, end, first, last.seq, last.hash)

    def signatures_lost(self) -> Iterator[Loss]:
        spans = [*self.gaps.unknown(), *self.gaps.late()]
        firsts = [span.first for span in spans]
        if self.gaps.unsigned is not None and self.unsigned_counts:
            firsts.append(self.gaps.unsigned[0])
        if firsts:
            yield Loss(self.study, self.name, self.gaps.end, min(firsts), self.gaps.end)


def _all_gaps() -> Iterator[_Chain]:
    """Every chain against the heads file, in one snapshot."""
    publics = [files.keys().public]
    reading = heads.read(files.heads_path(), publics)
    refused = signing.refuses()
    with snapshot():
        now = clock()
        for study in studies(reading):
            for chain in chains_of(study):
                gaps = scan(study, chain, reading)
                since = gaps.unsigned_since()
                too_long = since is not None and now - since > LATE
                yield _Chain(study, chain, gaps, refused or too_long)
