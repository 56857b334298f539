"""Walk one chain in order: is each row what its hash says, and does it follow the one before?

Nothing is kept of a row that is good, so memory stays flat however long the chain is.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import NamedTuple

from trialwright.ledger.encoding import FORMAT, Row, genesis, moment_text, row_hash
from trialwright.ledger.findings import Findings
from trialwright.ledger.gaps import Gaps
from trialwright.ledger.snapshot import ChainEnd

# Of rows that fail, so many are kept to see which were swapped with each other.
_SUSPECTS = 200


class Stored(NamedTuple):
    """A row as the database has it, with the format and hash that stand beside it."""

    row: Row
    format: int
    hash: bytes


def walk(
    study: str,
    chain: str,
    rows: Iterable[Stored],
    gaps: Gaps,
    findings: Findings,
) -> ChainEnd:
    """Check hashes, links, gaps and times; hand each row to what holds it against the heads."""
    suspects: list[Stored] = []
    seq, last, doubted, least = 0, genesis(study, chain), False, 1
    at: datetime | None = None
    last_at: datetime | None = None
    for stored in rows:
        row = stored.row
        gap = row.seq != seq + 1
        if gap:
            findings.add("removed_rows", chain, seq=seq + 1, last=row.seq - 1)
        before_doubted, doubted = doubted, False
        if stored.format > FORMAT:
            findings.add("unknown_format", chain, seq=row.seq, format=stored.format)
        elif row_hash(row) != stored.hash:
            doubted = True
            if len(suspects) < _SUSPECTS:
                suspects.append(stored)
            else:
                findings.add("changed_row", chain, seq=row.seq)
        elif stored.format != row.format or row.format < least:
            findings.add("older_format", chain, seq=row.seq, format=stored.format)
        elif row.previous != last and not gap and not before_doubted:
            kind = "replaced_row" if seq else "changed_row"
            findings.add(kind, chain, seq=max(seq, 1), next=row.seq)
        seq, last, last_at, least = row.seq, stored.hash, row.recorded_at, row.format
        gaps.take(seq, last_at, row.action, row.id, row.heads, None if doubted else last)
        if doubted:
            # What such a row says of time and hash is named once, as changed or swapped.
            continue
        if at is not None and row.recorded_at < at:
            corrected = row.action == "correct_clock" and row.id == moment_text(at)
            kind = "clock_corrected" if corrected else "time_back"
            findings.add(kind, chain, seq=seq, at=moment_text(row.recorded_at))
        at = row.recorded_at
    _name_suspects(chain, suspects, findings)
    return ChainEnd(seq, last, last_at)


def _name_suspects(chain: str, suspects: list[Stored], findings: Findings) -> None:
    """Rows whose hash fails: each is one of a swapped pair, or was changed."""
    home: dict[int, int] = {}
    for stored in suspects:
        for other in suspects:
            if other is not stored and _belongs_at(stored, other):
                home[stored.row.seq] = other.row.seq
    for stored in suspects:
        seq = stored.row.seq
        other_seq = home.get(seq)
        if other_seq is None or home.get(other_seq) != seq:
            findings.add("changed_row", chain, seq=seq)
        elif seq < other_seq:
            findings.add("swapped_rows", chain, seq=seq, other=other_seq)


def _belongs_at(stored: Stored, other: Stored) -> bool:
    """Whether the row gives its own hash, or the other's, when it stands where the other does."""
    there = stored.row._replace(seq=other.row.seq)
    moved_whole = row_hash(there) == stored.hash
    linked = there._replace(previous=other.row.previous, heads=other.row.heads)
    return moved_whole or row_hash(linked) == other.hash
