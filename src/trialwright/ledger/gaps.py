"""One chain held against the file of signed heads: what was lost, left unsigned, or never there.

`verify`, the start of the program and the acknowledgement of a loss all ask here, so that they
never differ about what is lost and what a person has acknowledged. Rows are taken in their order;
nothing is kept of one that is good.
"""

import math
from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import takewhile
from typing import Final

from trialwright.ledger.findings import Findings
from trialwright.ledger.heads import HeadsReading, Lines, SignedHead, SignedHeads
from trialwright.ledger.snapshot import stream

# Signing follows a commit within milliseconds. An action may hold the study's lock for seconds,
# and who waits for it sees a line that is as much older.
LATE: Final = timedelta(minutes=1)
# What a person acknowledges: heads whose rows were lost; rows whose lines are gone, or came late.
LOST, GAP = "acknowledge_restore", "acknowledge_gap"

_ROWS = """
    SELECT seq, recorded_at, action, id, heads, hash
    FROM ledger_row WHERE study = %s AND chain = %s ORDER BY seq
"""


@dataclass
class _Acknowledged:
    """What a row acknowledges; it counts for lines above the first that signs this very row."""

    at: int
    first: int
    last: int
    action: str
    own_line: float = math.inf

    def covers(self, head: SignedHead) -> bool:
        return (
            self.action == LOST
            and self.first <= head.seq <= self.last
            and head.line < self.own_line < math.inf
        )

    def covers_rows(self, span: "GapSpan") -> bool:
        # Up to the row itself: what it acknowledges went on until it was written.
        inside = self.first <= span.first and span.last <= max(self.last, self.at)
        return self.action == GAP and inside and self.own_line < math.inf


@dataclass
class GapSpan:
    """Rows in a run."""

    first: int
    last: int


@dataclass
class Gaps:
    """Takes the rows of one chain in order; afterwards, what its heads say against it."""

    signed: SignedHeads
    lines: Lines = field(default_factory=Lines)
    acknowledged: list[_Acknowledged] = field(default_factory=list)
    # The rows that the file signs and the last that agrees; the first that nobody has signed yet.
    newest: int = 0
    agrees: int = 0
    unsigned: tuple[int, datetime] | None = None
    end: int = 0

    def __post_init__(self) -> None:
        self._differing: list[SignedHead] = []
        self._unknown: list[GapSpan] = []
        self._late: list[GapSpan] = []
        self._rest = self.signed.since(0)
        self._next = next(self._rest, None)
        self._named, self._line, self._known = b"", 0, True
        self._at: datetime | None = None
        self._waiting: deque[tuple[int, datetime]] = deque()
        self._place, self._signed_until = 0, 0

    def take(
        self, seq: int, at: datetime, action: str, id: str, heads: bytes, digest: bytes | None
    ) -> None:
        """The next row, and its hash; None for a row that is named already."""
        self.end = seq
        if digest is not None and heads:
            self._take_line(seq, at, heads)
        if action in (LOST, GAP):
            self._acknowledge(seq, action, id)
        if self.unsigned is None:
            self.unsigned = seq, at
        if self._next is not None and seq >= self._next.seq:
            self._compare(seq, digest)

    def _take_line(self, seq: int, at: datetime, heads: bytes) -> None:
        if heads != self._named:
            self._named = heads
            number = self.lines.find(heads, self._line)
            self._known = number is not None
            self._line = self._line if number is None else number
        if not self._known:
            _extend(self._unknown, seq, seq)
        if at != self._at:
            self._at = at
            self._look_for_lateness(seq, at)

    def _look_for_lateness(self, seq: int, at: datetime) -> None:
        """Which entries before it were still unsigned when this one named the last line."""
        lines, seqs = self.signed.lines, self.signed.seqs
        while self._place < len(lines) and lines[self._place] <= self._line:
            self._signed_until = seqs[self._place]
            self._place += 1
        waiting = self._waiting
        while waiting and waiting[0][0] <= self._signed_until:
            waiting.popleft()
        if waiting and at - waiting[0][1] > LATE:
            _extend(self._late, waiting[0][0], seq)
        else:
            waiting.append((seq, at))

    def _acknowledge(self, seq: int, action: str, id: str) -> None:
        first, last, *lost = id.split(":")
        if action == LOST:
            said = takewhile(lambda head: head.seq == int(last), self.signed.since(int(last)))
            if not any(head.hash.hex() == lost[0] for head in said):
                return
        self.acknowledged.append(_Acknowledged(seq, int(first), int(last), action))

    def _compare(self, seq: int, digest: bytes | None) -> None:
        """Take the heads up to this row."""
        while self._next is not None and self._next.seq <= seq:
            head, self._next = self._next, next(self._rest, None)
            self.newest, self.unsigned = head.seq, None
            if head.seq < seq or digest is None:
                continue
            if head.hash != digest:
                self._differing.append(head)
                continue
            self.agrees = seq
            for one in self.acknowledged:
                one.own_line = min(one.own_line, head.line)

    def differing(self) -> list[SignedHead]:
        """Heads that sign another row than the one that is there, not acknowledged."""
        return self._not_acknowledged(self._differing)

    def beyond(self) -> list[SignedHead]:
        """Heads that sign rows after the end, not acknowledged."""
        return self._not_acknowledged(self.signed.since(self.end + 1))

    def lost(self) -> list[SignedHead]:
        """Both: what was signed and isn't there, and nobody has acknowledged."""
        return [*self.differing(), *self.beyond()]

    def unknown(self) -> list[GapSpan]:
        """Rows that name a line which isn't in the file where they say, not acknowledged."""
        return self._spans_not_acknowledged(self._unknown)

    def late(self) -> list[GapSpan]:
        """Rows that stood unsigned for longer than `LATE`, as those after them show."""
        return self._spans_not_acknowledged(self._late)

    def unsigned_since(self) -> datetime | None:
        """When the oldest row was recorded that no line signs yet."""
        return self.unsigned[1] if self.unsigned else None

    def _not_acknowledged(self, heads: Iterable[SignedHead]) -> list[SignedHead]:
        return [head for head in heads if not any(one.covers(head) for one in self.acknowledged)]

    def _spans_not_acknowledged(self, spans: list[GapSpan]) -> list[GapSpan]:
        return [
            span for span in spans if not any(one.covers_rows(span) for one in self.acknowledged)
        ]

    def tell(self, chain: str, now: datetime, findings: Findings) -> None:
        """What is found, each with its facts."""
        differing, beyond = self.differing(), self.beyond()
        if differing:
            head = differing[0]
            agrees = min(self.agrees, head.seq - 1)
            findings.add(
                "recomputed", chain,
                seq=head.seq, line=head.line, count=len(differing), agrees=agrees,
            )  # fmt: skip
        if beyond:
            facts = {"seq": self.end, "last": beyond[-1].seq, "line": beyond[-1].line}
            findings.add("cut_off", chain, **facts)
        for span in self.unknown():
            findings.add("unknown_line", chain, seq=span.first, last=span.last)
        for span in self.late():
            findings.add("late", chain, seq=span.first, last=span.last)
        for one in self.acknowledged:
            facts = {"seq": one.first, "last": one.last, "at": one.at}
            findings.add("restored" if one.action == LOST else "gap_acknowledged", chain, **facts)
        self._tell_unsigned(chain, now, findings)

    def _tell_unsigned(self, chain: str, now: datetime, findings: Findings) -> None:
        if self.newest >= self.end:
            return
        since = self.unsigned[1] if self.unsigned else now
        kind = "unsigned" if now - since <= LATE else "left_unsigned"
        if not self.newest:
            kind = "heads_missing"
        seconds = int((now - since).total_seconds())
        findings.add(kind, chain, seq=self.newest + 1, last=self.end, seconds=seconds)


def scan(study: str, chain: str, reading: HeadsReading) -> Gaps:
    """The same of a chain in the database, without looking into its rows; within a snapshot."""
    gaps = Gaps(reading.of(study, chain), reading.lines)
    for seq, at, action, id, heads, digest in stream(_ROWS, study, chain):
        gaps.take(seq, at, action, id, heads, digest)
    return gaps


def _extend(spans: list[GapSpan], first: int, last: int) -> None:
    if spans and spans[-1].last + 1 >= first:
        spans[-1].last = max(spans[-1].last, last)
    else:
        spans.append(GapSpan(first, last))
