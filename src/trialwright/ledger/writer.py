"""One entry being written: it collects changes, chains and commits them, and inserts them at once,
or with others of its transaction."""

from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from django.db import connection

from trialwright.ledger.canonical import Storable, canonical
from trialwright.ledger.encoding import (
    SALT_BYTES,
    LedgerError,
    Row,
    checked,
    checked_value,
    commitment,
    row_hash,
    value_bytes,
)
from trialwright.ledger.gathering import Gathering, Opened
from trialwright.ledger.heads import Head
from trialwright.ledger.inserting import NewRow, NewValue, insert
from trialwright.ledger.keys import Keys

_LAST_HELD = """
    SELECT place.n, held.new
    FROM unnest(%s::text[], %s::text[], %s::text[])
        WITH ORDINALITY AS place (entity, id, field, n)
    CROSS JOIN LATERAL (
        SELECT new FROM ledger_row r
        WHERE r.study = %s AND r.chain = %s
          AND r.entity = place.entity AND r.id = place.id AND r.field = place.field
        ORDER BY r.seq DESC LIMIT 1
    ) held
"""

Place = tuple[str, str, str]


@dataclass(frozen=True, slots=True)
class LedgerEntry:
    """What all rows of one action share."""

    study: str
    by: str
    role: str
    action: str
    happened_at: datetime
    reason: str


class LedgerChange(NamedTuple):
    """One change: a field that now holds a text or null, or (no field) a record removed.

    `first` says that the ledger has nothing of this field before, which saves looking. `reason` is
    this change's own, where it isn't that of the whole entry.
    """

    entity: str
    id: str
    field: str
    text: str | None
    first: bool = False
    reason: str | None = None

    @property
    def place(self) -> Place:
        return self.entity, self.id, self.field


class Writer:
    """Handed out by `book.open_entry`, which flushes it."""

    def __init__(
        self,
        entry: LedgerEntry,
        opened: Opened,
        keys: Keys,
        entropy: Callable[[int], bytes],
        gathering: Gathering | None = None,
    ) -> None:
        self.entry = entry
        # Why what is written from now on changes, where it isn't the reason of the whole entry.
        self.own_reason: str | None = None
        self.heads, self.recorded_at, self._heads_line = opened
        self._entropy = entropy
        self._gathering = gathering
        self._sealer = keys.sealer(entry.study, entropy)
        self._changes: dict[str, list[LedgerChange]] = {chain: [] for chain in self.heads}

    def write(
        self,
        *,
        entity: str,
        id: object,
        field: str,
        new: Storable,
        sealed: bool = False,
        first: bool = False,
    ) -> None:
        """The field now holds `new` (None: it is empty). What it held before, the ledger knows.

        `first` is for a record whose id has just been drawn: it can have held nothing before.

        With `sealed`, it is written to the sealed chain, encrypted, and the open chain does not
        move. Ids and field names are always readable: they must never tell an arm.
        """
        if not field:
            raise LedgerError(f"A change of {entity} {id} names no field.")
        self._add(
            LedgerChange(entity, str(id), field, checked_value(canonical(new)), first), sealed
        )

    def remove(self, *, entity: str, id: object, sealed: bool = False) -> None:
        """The record's row is gone from its table."""
        self._add(LedgerChange(entity, str(id), "", None), sealed)

    def _add(self, change: LedgerChange, sealed: bool) -> None:
        chain = "sealed" if sealed else next(name for name in self.heads if name != "sealed")
        if chain not in self._changes:
            raise LedgerError(f"{self.entry.study} has no sealed chain; only a study has one.")
        checked("entity", change.entity)
        checked("id", change.id)
        checked("field", change.field)
        self._changes[chain].append(change._replace(reason=self.own_reason))

    def flush(self) -> list[Head]:
        """Append what was collected; return the heads that moved."""
        moved = []
        for chain, changes in self._changes.items():
            if changes:
                moved.append(self._append(chain, changes))
                changes.clear()
        return moved

    def _append(self, chain: str, changes: list[LedgerChange]) -> Head:
        head = self.heads[chain]
        held = self._last_held(chain, changes)
        rows: list[NewRow] = []
        values: list[NewValue] = []
        previous, seq = head.hash, head.seq
        for change in changes:
            seq += 1
            new, reason = b"", b""
            if change.field:
                new = self._commit(values, chain, seq, change, "new", change.text)
            own = change.reason
            if given := self.entry.reason if own is None else own:
                why = checked_value(given)
                reason = self._commit(values, chain, seq, change, "reason", why)
            old = held.get(change.place, b"") if change.field else b""
            row = self._row(chain, seq, change, old, new, reason, previous)
            held[change.place] = new
            previous = row_hash(row)
            rows.append(NewRow(row, previous))
        head = Head(self.entry.study, chain, seq, previous, self.recorded_at)
        if self._gathering is None:
            insert(rows, values)
        else:
            self._gathering.add(head, rows, values)
        self.heads[chain] = head
        return head

    def _row(
        self, chain: str, seq: int, change: LedgerChange, old: bytes, new: bytes, reason: bytes,
        previous: bytes,
    ) -> Row:  # fmt: skip
        entry = self.entry
        return Row(
            study=entry.study,
            chain=chain,
            seq=seq,
            recorded_at=self.recorded_at,
            happened_at=entry.happened_at,
            by=entry.by,
            role=entry.role,
            action=entry.action,
            entity=change.entity,
            id=change.id,
            field=change.field,
            old=old,
            new=new,
            reason=reason,
            previous=previous,
            heads=self._heads_line,
        )

    def _commit(
        self, values: list[NewValue], chain: str, seq: int, change: LedgerChange, part: str,
        text: str | None,
    ) -> bytes:  # fmt: skip
        """Add the value's row to `values`; return the commitment to it."""
        study, salt, value = self.entry.study, self._entropy(SALT_BYTES), value_bytes(text)
        if chain == "sealed":
            place = (study, chain, str(seq), *change.place, part)
            sealed = self._sealer.seal(salt + value, place)
            values.append(NewValue(study, chain, seq, part, None, None, sealed))
        else:
            values.append(NewValue(study, chain, seq, part, salt, text, None))
        return commitment(salt, study, chain, *change.place, part, value)

    def _last_held(self, chain: str, changes: list[LedgerChange]) -> dict[Place, bytes]:
        study, gathering = self.entry.study, self._gathering
        asked = dict.fromkeys(
            change.place for change in changes if change.field and not change.first
        )
        held: dict[Place, bytes] = {}
        if gathering is not None:
            ours = {place: gathering.held(study, chain, place) for place in asked}
            held = {place: new for place, new in ours.items() if new is not None}
        places = [place for place in asked if place not in held]
        if not places:
            return held
        entities, ids, fields = (list(column) for column in zip(*places, strict=True))
        asking = nullcontext() if gathering is None else gathering.asking()
        with asking, connection.cursor() as cursor:
            cursor.execute(_LAST_HELD, [entities, ids, fields, study, chain])
            return held | {places[n - 1]: bytes(new) for n, new in cursor.fetchall()}
