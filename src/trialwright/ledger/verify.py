"""Does the database still say what was entered? One snapshot, streamed, against the outside file.

The chains are walked in order, then folded in the order of their records and held against the
tables that the packages registered. ADR 0005 says what is found and what can't be.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from django.db import connection

from trialwright.ledger import guards, heads, projections, recomputing
from trialwright.ledger.encoding import LedgerError, Row, chains_of
from trialwright.ledger.findings import Finding, Findings
from trialwright.ledger.gaps import Gaps
from trialwright.ledger.heads import Head
from trialwright.ledger.keys import Keys
from trialwright.ledger.snapshot import ROWS_AT_ONCE, clock, snapshot, standing, stream
from trialwright.ledger.verify_chain import Stored, walk
from trialwright.ledger.verify_projection import Entered, Fold, Kept
from trialwright.ledger.witness import compare

_CHAIN = """
    SELECT seq, recorded_at, happened_at, by, role, action, entity, id, field,
           old, new, reason, previous, heads, format, hash
    FROM ledger_row WHERE study = %s AND chain = %s ORDER BY seq
"""
_RECORDS = """
    SELECT r.entity, r.id, r.field, r.seq, r.action, r.old, r.new, r.reason,
           n.seq IS NOT NULL, n.salt, n.text, n.sealed, w.seq IS NOT NULL, w.salt, w.text, w.sealed
    FROM ledger_row r
    LEFT JOIN ledger_value n
        ON n.study = r.study AND n.chain = r.chain AND n.seq = r.seq AND n.part = 'new'
    LEFT JOIN ledger_value w
        ON w.study = r.study AND w.chain = r.chain AND w.seq = r.seq AND w.part = 'reason'
    WHERE r.study = %s AND r.chain = %s
    ORDER BY r.entity, r.id, r.field, r.seq
"""
_ADDED_VALUES = """
    SELECT v.seq, v.part FROM ledger_value v LEFT JOIN ledger_row r
        ON r.study = v.study AND r.chain = v.chain AND r.seq = v.seq
    WHERE v.study = %s AND v.chain = %s
      AND (r.seq IS NULL OR CASE v.part WHEN 'new' THEN r.new ELSE r.reason END = '')
    ORDER BY v.seq
"""


@dataclass(frozen=True)
class Verified:
    """What `verify` found in one study (or the installation)."""

    study: str
    chains: Sequence[Head]
    findings: Sequence[Finding]

    @property
    def rows(self) -> int:
        return sum(chain.seq for chain in self.chains)

    @property
    def problems(self) -> list[Finding]:
        return [finding for finding in self.findings if not finding.is_note]

    @property
    def notes(self) -> list[Finding]:
        return [finding for finding in self.findings if finding.is_note]


def verify(
    study: str,
    *,
    heads_path: Path,
    publics: Iterable[bytes],
    keys: Keys | None,
    printed: Sequence[str] = (),
    now: datetime | None = None,
    witness: Path | None = None,
    progress: Callable[[int], None] = lambda rows: None,
) -> Verified:
    """Check one study's chains. Must not be called inside a transaction.

    Args:
        study: its identifier, or `INSTALLATION`.
        heads_path: the file of signed heads.
        publics: the public keys that may have signed it.
        keys: to open sealed values; None leaves them closed, and says so.
        printed: heads as documents print them ("open 1,234 · 9f3a …"), to be found in the chain.
        now: the present, against which rows are unsigned for too long; else the database's clock.
        witness: the folder of a second witness, to be compared too.
        progress: called with the number of rows done since the last call, twice for each row.
    """
    findings, publics = Findings(), list(publics)
    # Read before the snapshot: whatever is signed by now is committed and will be seen in it.
    reading = heads.read(heads_path, publics)
    for trouble in reading.troubles:
        findings.add(trouble.kind, "", line=trouble.number, after=trouble.after)
    for line in reading.torn:
        findings.add("torn_line", "", line=line)
    witnessed = heads.read(witness, publics) if witness is not None else None
    ends = []
    with snapshot():
        heads_of = standing(study)
        if not heads_of and not any(of == study for of, _ in reading.heads):
            raise LedgerError(f"There is no ledger for the study {study}; check its identifier.")
        for chain in chains_of(study):
            gaps = Gaps(reading.of(study, chain), reading.lines)
            end = walk(study, chain, _counted(_chain(study, chain), progress), gaps, findings)
            gaps.tell(chain, now or clock(), findings)
            if witnessed is not None:
                compare(study, chain, witnessed, reading, now or clock(), findings)
            head = heads_of.get(chain)
            if head != end:
                findings.add("head_differs", chain, seq=end.seq, head=head.seq if head else 0)
            ends.append(Head(study, chain, end.seq, end.hash, end.recorded_at))
            sealer = keys.sealer(study) if keys and chain == "sealed" else None
            fold = Fold(study, chain, sealer, projections.registered(chain), findings)
            fold.run(_counted(_records(study, chain), progress))
            for seq, part in stream(_ADDED_VALUES, study, chain):
                findings.add("added_value", chain, seq=seq, part=part)
        if keys is not None:
            for place in recomputing.differing(study):
                findings.add("not_recomputed", "sealed", place=place)
        for text in printed:
            _find_printed(study, text, findings)
    return Verified(study, ends, findings.all())


def verify_guards() -> Verified:
    """What keeps the database's tables as they are, as though it were a chain of its own."""
    findings = Findings()
    guards.check(findings)
    return Verified("@database", (), findings.all())


def _chain(study: str, chain: str) -> Iterator[Stored]:
    for columns in stream(_CHAIN, study, chain):
        row = Row(study, chain, *columns[:14])
        yield Stored(row, columns[14], columns[15])


def _records(study: str, chain: str) -> Iterator[Entered]:
    for columns in stream(_RECORDS, study, chain):
        values = Kept._make(columns[8:12]), Kept._make(columns[12:])
        yield Entered._make((*columns[:8], *values))


def _counted(rows: Iterable[Any], progress: Callable[[int], None]) -> Iterator[Any]:
    count = 0
    for count, row in enumerate(rows, 1):
        if count % ROWS_AT_ONCE == 0:
            progress(ROWS_AT_ONCE)
        yield row
    progress(count % ROWS_AT_ONCE)


def _find_printed(study: str, text: str, findings: Findings) -> None:
    """Look up "open 1,234 · 9f3a 9f3a 9f3a 9f3a" (or with the whole hash) in its chain."""
    words = text.replace(",", "").replace("·", " ").split()
    chain, seq, digits = words[0], words[1], "".join(words[2:])
    if not (seq.isdigit() and len(digits) >= 16):
        raise LedgerError(
            f"{text!r} isn't a printed head. Write the chain, the row and at least 16 digits of the"
            " hash, as in: open 1,234 · 9f3a 9f3a 9f3a 9f3a"
        )
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT encode(hash, 'hex') FROM ledger_row"
            " WHERE study = %s AND chain = %s AND seq = %s",
            [study, chain, int(seq)],
        )
        found = cursor.fetchone()
    if found is None or not found[0].startswith(digits):
        findings.add("not_as_printed", chain, seq=int(seq), printed=text)
