"""Fold a chain into the records it implies, check each value against its commitment on the way,
and hold the records against the tables. Both sides come sorted, so memory holds one record."""

from collections.abc import Iterable, Iterator
from itertools import groupby
from typing import NamedTuple

from trialwright.ledger.encoding import SALT_BYTES, LedgerError, commitment, value_bytes, value_text
from trialwright.ledger.findings import Findings
from trialwright.ledger.projections import Projected, TableRow
from trialwright.ledger.seal import Sealer

# Of values that fail, so many are kept to see which were swapped with each other.
_SUSPECTS = 200


class Kept(NamedTuple):
    """What the value table holds at one row and part; `there` is false where it holds nothing."""

    there: bool
    salt: bytes | None
    text: str | None
    sealed: bytes | None


class Entered(NamedTuple):
    """A ledger row with its values, in the order of entity, id, field, seq."""

    entity: str
    id: str
    field: str
    seq: int
    action: str
    old: bytes
    new: bytes
    reason: bytes
    value: Kept
    why: Kept


class ProjectedRecord(NamedTuple):
    """What the chain says of one record; `fields` lacks those whose value can't be known."""

    id: str
    exists: bool
    fields: dict[str, str | None]
    unknown: set[str]


class _Failed(NamedTuple):
    entered: Entered
    part: str
    kept: Kept


class Fold:
    """One chain of one study."""

    def __init__(
        self,
        study: str,
        chain: str,
        sealer: Sealer | None,
        tables: dict[str, Projected],
        findings: Findings,
    ) -> None:
        self.study, self.chain, self.sealer = study, chain, sealer
        self.tables, self.findings = tables, findings
        self._suspects: list[_Failed] = []
        self.erased = 0

    @property
    def opens(self) -> bool:
        return self.chain != "sealed" or self.sealer is not None

    def run(self, entered: Iterable[Entered]) -> None:
        """Check all, and compare each registered table once."""
        waiting = dict(self.tables)
        for entity, rows in groupby(entered, key=lambda row: row.entity):
            records = self._records(rows)
            folded = waiting.pop(entity, None)
            if folded is None or not self.opens:
                count = sum(1 for _ in records)
                if self.opens:
                    self.findings.add("not_compared", self.chain, entity=entity, count=count)
            else:
                self._compare(entity, records, folded.table_rows(self.study))
        for entity, folded in waiting.items():
            if self.opens:
                self._compare(entity, iter(()), folded.table_rows(self.study))
        self._name_suspects()
        if self.erased:
            self.findings.add("erased", self.chain, count=self.erased)
        if not self.opens:
            self.findings.add("not_opened", self.chain)

    def _records(self, rows: Iterable[Entered]) -> Iterator[ProjectedRecord]:
        for id, group in groupby(rows, key=lambda row: row.id):
            removed, latest = 0, 0
            ends: dict[str, tuple[int, str | None, bool]] = {}
            for field, changes in groupby(group, key=lambda row: row.field):
                end = self._field(changes)
                if field == "":
                    removed = end[0]
                else:
                    ends[field] = end
                    latest = max(latest, end[0])
            standing = {field: end for field, end in ends.items() if end[0] > removed}
            yield ProjectedRecord(
                id,
                latest > removed,
                {field: text for field, (_, text, known) in standing.items() if known},
                {field for field, (_, _, known) in standing.items() if not known},
            )

    def _field(self, changes: Iterable[Entered]) -> tuple[int, str | None, bool]:
        """Where a field ends: (seq, text, whether the text is known and true)."""
        held = b""
        missing: list[tuple[Entered, str]] = []
        end: tuple[int, str | None, bool] = (0, None, False)
        for row in changes:
            if row.old != held:
                self.findings.add("broken_field", self.chain, seq=row.seq, place=_place(row))
            held = row.new
            if row.action == "erase":
                self.erased += len(missing)
                missing.clear()
            if row.reason and not row.why.there:
                missing.append((row, "reason"))
            elif row.reason:
                self._value(row, "reason", row.reason, row.why)
            if row.new and not row.value.there:
                missing.append((row, "new"))
                end = row.seq, None, False
            elif row.new:
                known, text = self._value(row, "new", row.new, row.value)
                end = row.seq, text, known
            else:
                end = row.seq, None, True
        for row, part in missing:
            place = _place(row)
            self.findings.add("removed_value", self.chain, seq=row.seq, part=part, place=place)
        return end

    def _value(
        self, row: Entered, part: str, committed: bytes, kept: Kept
    ) -> tuple[bool, str | None]:
        """(whether the value is the one committed to, its text)."""
        if not self.opens:
            return False, None
        place = (self.study, self.chain, row.entity, row.id, row.field, part)
        try:
            salt, value = self._plain(row, part, kept)
        except LedgerError:
            salt, value = b"", b""
        if commitment(salt, *place, value) == committed:
            return True, value_text(value)
        if len(self._suspects) < _SUSPECTS:
            self._suspects.append(_Failed(row, part, kept))
        else:
            self._changed(row, part)
        return False, None

    def _plain(self, row: Entered, part: str, kept: Kept) -> tuple[bytes, bytes]:
        if self.sealer is not None and kept.sealed is not None:
            place = (self.study, self.chain, str(row.seq), row.entity, row.id, row.field, part)
            plain = self.sealer.open(kept.sealed, place)
            return plain[:SALT_BYTES], plain[SALT_BYTES:]
        return kept.salt or b"", value_bytes(kept.text)

    def _compare(
        self, entity: str, records: Iterator[ProjectedRecord], table: Iterator[TableRow]
    ) -> None:
        """Merge both sides by id."""
        record, row = next(records, None), next(table, None)
        while record is not None or row is not None:
            if row is None or (record is not None and record.id < row[0]):
                assert record is not None  # noqa: S101
                if record.exists:
                    self._differs("table_missing", entity, record.id)
                record = next(records, None)
            elif record is None or row[0] < record.id or not record.exists:
                self._differs("table_extra", entity, row[0])
                if record is not None and record.id == row[0]:
                    record = next(records, None)
                row = next(table, None)
            else:
                self._compare_fields(entity, record, row[1])
                record, row = next(records, None), next(table, None)

    def _compare_fields(
        self, entity: str, record: ProjectedRecord, texts: dict[str, str | None]
    ) -> None:
        for field, text in texts.items():
            if field in record.unknown:
                continue
            # A field that nobody entered holds nothing: null, or Django's empty text.
            agrees = record.fields[field] == text if field in record.fields else not text
            if not agrees:
                self._differs("table_differs", entity, record.id, field)

    def _differs(self, kind: str, *place: str) -> None:
        self.findings.add(kind, self.chain, place=" ".join(place))

    def _changed(self, row: Entered, part: str) -> None:
        self.findings.add("changed_value", self.chain, seq=row.seq, part=part, place=_place(row))

    def _name_suspects(self) -> None:
        """Values that fail: each is one of a swapped pair, or was changed."""
        for failed in self._suspects:
            twin = next((other for other in self._suspects if self._swapped(failed, other)), None)
            if twin is None:
                self._changed(failed.entered, failed.part)
            elif failed.entered.seq < twin.entered.seq:
                seqs = {"seq": failed.entered.seq, "other": twin.entered.seq}
                self.findings.add("swapped_values", self.chain, **seqs)

    def _swapped(self, one: _Failed, other: _Failed) -> bool:
        return one is not other and self._fits(one, other) and self._fits(other, one)

    def _fits(self, kept: _Failed, at: _Failed) -> bool:
        """Whether the value kept at one row is the one that another row commits to."""
        row = at.entered
        try:
            salt, value = self._plain(row, at.part, kept.kept)
        except LedgerError:
            return False
        place = (self.study, self.chain, row.entity, row.id, row.field, at.part)
        return commitment(salt, *place, value) == (row.new if at.part == "new" else row.reason)


def _place(row: Entered) -> str:
    return f"{row.entity} {row.id} {row.field}"
