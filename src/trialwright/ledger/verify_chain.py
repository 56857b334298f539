"""Walk one chain in order: is each row what its hash says, and does it follow the one before?

Nothing is kept of a row that is good, so memory stays flat however long the chain is.
"""

import math
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from itertools import takewhile
from typing import NamedTuple

from trialwright.ledger.encoding import FORMAT, Row, genesis, moment_text, row_hash
from trialwright.ledger.findings import Findings
from trialwright.ledger.heads import SignedHead, SignedHeads
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
    signed: SignedHeads,
    findings: Findings,
) -> ChainEnd:
    """Check hashes, links, gaps and times; compare the hashes at signed rows with the heads."""
    witness = _Witness(chain, signed, findings)
    suspects: list[Stored] = []
    seq, last, doubted = 0, genesis(study, chain), False
    at: datetime | None = None
    last_at: datetime | None = None
    for stored in rows:
        row = stored.row
        gap = row.seq != seq + 1
        if gap:
            findings.add("removed_rows", chain, seq=seq + 1, last=row.seq - 1)
        before_doubted, doubted = doubted, False
        if stored.format != FORMAT:
            findings.add("unknown_format", chain, seq=row.seq, format=stored.format)
        elif row_hash(row) != stored.hash:
            doubted = True
            if len(suspects) < _SUSPECTS:
                suspects.append(stored)
            else:
                findings.add("changed_row", chain, seq=row.seq)
        elif row.previous != last and not gap and not before_doubted:
            kind = "replaced_row" if seq else "changed_row"
            findings.add(kind, chain, seq=max(seq, 1), next=row.seq)
        seq, last, last_at = row.seq, stored.hash, row.recorded_at
        if row.action == "acknowledge_restore":
            witness.acknowledge(row)
        if seq >= witness.waiting_for:
            witness.compare(seq, None if doubted else last)
        if doubted:
            # What such a row says of time and hash is named once, as changed or swapped.
            continue
        if at is not None and row.recorded_at < at:
            findings.add("time_back", chain, seq=seq, at=moment_text(row.recorded_at))
        at = row.recorded_at
    _name_suspects(chain, suspects, findings)
    witness.end(seq)
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
    return moved_whole or row_hash(there._replace(previous=other.row.previous)) == other.hash


@dataclass
class _Restore:
    """Rows lost in a restore; heads of theirs count as lost above the line that first signs it."""

    first: int
    last: int
    own_line: float = math.inf

    def accounts_for(self, head: SignedHead) -> bool:
        return self.first <= head.seq <= self.last and head.line < self.own_line


class _Witness:
    """Holds the chain against its signed heads, a restore's lost ones taken out."""

    def __init__(self, chain: str, signed: SignedHeads, findings: Findings) -> None:
        self.chain, self.signed, self.findings = chain, signed, findings
        self.differing: list[SignedHead] = []
        self.restores: list[_Restore] = []
        self.agrees = self.newest = 0
        self._rest = signed.since(0)
        self._next = next(self._rest, None)

    @property
    def waiting_for(self) -> float:
        """The row of the next head."""
        return self._next.seq if self._next else math.inf

    def acknowledge(self, row: Row) -> None:
        first, last, lost = row.id.split(":")
        said = takewhile(lambda head: head.seq == int(last), self.signed.since(int(last)))
        if any(head.hash.hex() == lost for head in said):
            self.restores.append(_Restore(int(first), int(last)))
            self.findings.add("restored", self.chain, seq=first, last=last, at=row.seq)

    def compare(self, seq: int, digest: bytes | None) -> None:
        """Take the heads up to this row; None for a row that is named already."""
        while self._next is not None and self._next.seq <= seq:
            head, self._next = self._next, next(self._rest, None)
            self.newest = head.seq
            if head.seq < seq or digest is None:
                continue
            if head.hash != digest:
                self.differing.append(head)
                continue
            self.agrees = seq
            for restore in self.restores:
                restore.own_line = min(restore.own_line, head.line)

    def end(self, last_seq: int) -> None:
        differing = self._unaccounted(self.differing)
        if differing:
            head = differing[0]
            agrees = min(self.agrees, head.seq - 1)
            self.findings.add(
                "recomputed", self.chain,
                seq=head.seq, line=head.line, count=len(differing), agrees=agrees,
            )  # fmt: skip
        beyond = self._unaccounted(self.signed.since(last_seq + 1))
        if beyond:
            facts = {"seq": last_seq, "last": beyond[-1].seq, "line": beyond[-1].line}
            self.findings.add("cut_off", self.chain, **facts)
        if self.newest < last_seq:
            kind = "unsigned" if self.newest else "heads_missing"
            self.findings.add(kind, self.chain, seq=self.newest + 1, last=last_seq)

    def _unaccounted(self, heads: Iterable[SignedHead]) -> list[SignedHead]:
        return [
            head
            for head in heads
            if not any(restore.accounts_for(head) for restore in self.restores)
        ]
