"""The ledger read for people: rows as plain frozen objects, values only where they may be seen."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Literal

from django.db import connection

from trialwright.ledger import files
from trialwright.ledger.encoding import SALT_BYTES, value_text
from trialwright.ledger.seal import Sealer


@dataclass(frozen=True, slots=True)
class PlainRow:
    """A value as it may be shown: its text, or why there is none."""

    state: Literal["text", "empty", "never", "withheld", "erased"]
    text: str = ""


NEVER = PlainRow("never")
WITHHELD = PlainRow("withheld")
ERASED = PlainRow("erased")
EMPTY = PlainRow("empty")


# Each stands in the statement only where it is asked for: the plan of one that may be empty would
# read the whole chain.
_NARROWED = {
    "records": """AND (r.entity, r.id) IN
        (SELECT * FROM unnest(%(entities)s::text[], %(ids)s::text[]))""",
    "by": "AND r.by = %(by)s",
    "action": "AND r.action = %(action)s",
    "begins": "AND r.recorded_at >= %(begins)s",
    "ends": "AND r.recorded_at < %(ends)s",
}


@dataclass(frozen=True, slots=True)
class Narrowing:
    """Which rows are wanted; what is None or "" leaves all.

    Attributes:
        records: those of these (entity, id).
        by: those that this person wrote; action: in this action.
        begins, ends: recorded from one moment until before another.
    """

    records: Sequence[tuple[str, str]] | None = None
    by: str = ""
    action: str = ""
    begins: datetime | None = None
    ends: datetime | None = None

    def condition(self) -> tuple[str, dict[str, Any]]:
        """The conditions asked for as SQL, and what they are given."""
        given = {name: getattr(self, name) for name in _NARROWED}
        asked = {name: value for name, value in given.items() if value not in (None, "")}
        words = " ".join(_NARROWED[name] for name in asked)
        records = asked.pop("records", ())
        entities, ids = [each for each, _id in records], [each for _entity, each in records]
        return words, asked | {"entities": entities, "ids": ids}


_ALL = Narrowing()


@dataclass(frozen=True, slots=True)
class LedgerLine:
    """One row of the ledger. `old` and `new` are "never" where a record was removed."""

    study: str
    chain: str
    seq: int
    recorded_at: datetime
    happened_at: datetime
    by: str
    role: str
    action: str
    entity: str
    id: str
    field: str
    hash: str
    old: PlainRow = WITHHELD
    new: PlainRow = WITHHELD
    reason: PlainRow = WITHHELD


_ROWS = """
    SELECT r.study, r.chain, r.seq, r.recorded_at, r.happened_at, r.by, r.role, r.action,
           r.entity, r.id, r.field, encode(r.hash, 'hex'),
           r.old <> '', before.seq, ov.seq IS NOT NULL, ov.text, ov.sealed,
           r.new <> '', r.seq, nv.seq IS NOT NULL, nv.text, nv.sealed,
           r.reason <> '', r.seq, wv.seq IS NOT NULL, wv.text, wv.sealed
    FROM ledger_row r
    LEFT JOIN LATERAL (
        SELECT b.study, b.chain, b.seq FROM ledger_row b
        WHERE b.study = r.study AND b.chain = r.chain AND b.entity = r.entity AND b.id = r.id
          AND b.field = r.field AND b.seq < r.seq
        ORDER BY b.seq DESC LIMIT 1
    ) before ON r.field <> ''
    LEFT JOIN ledger_value ov
        ON (ov.study, ov.chain, ov.seq, ov.part) = (before.study, before.chain, before.seq, 'new')
    LEFT JOIN ledger_value nv
        ON (nv.study, nv.chain, nv.seq, nv.part) = (r.study, r.chain, r.seq, 'new')
    LEFT JOIN ledger_value wv
        ON (wv.study, wv.chain, wv.seq, wv.part) = (r.study, r.chain, r.seq, 'reason')
    WHERE r.study = %(study)s AND r.chain = %(chain)s AND r.seq < %(before)s
      AND (%(entity)s = '' OR r.entity = %(entity)s)
      AND (%(id)s = '' OR r.id = %(id)s)
      AND (%(field)s = '' OR r.field = %(field)s)
      {narrowed}
    ORDER BY r.seq DESC LIMIT %(limit)s
"""
# The rows of one action were recorded in one moment, under one lock: they follow one another.
_LAST = """
    SELECT max(l.seq) FROM ledger_row l JOIN ledger_row r
      ON (l.study, l.chain, l.recorded_at, l.action, l.by)
       = (r.study, r.chain, r.recorded_at, r.action, r.by)
    WHERE r.study = %(study)s AND r.chain = %(chain)s AND r.seq = %(seq)s
      AND l.study = %(study)s AND l.chain = %(chain)s
      AND l.seq BETWEEN %(seq)s AND %(seq)s + 5000
"""
_END = 2**63 - 1


def rows(
    study: str,
    chain: str = "open",
    *,
    may_reveal: Callable[[LedgerLine], bool],
    entity: str = "",
    id: str = "",
    field: str = "",
    before: int = _END,
    limit: int = 100,
    narrowing: Narrowing = _ALL,
) -> list[LedgerLine]:
    """The latest rows first, those before sequence number `before`.

    Args:
        narrowing: which of the rows are wanted.
        may_reveal: asked for each row, with its values still withheld. Where it says no, old
            value, new value and reason stay withheld, and a sealed one is not even opened.
        entity, id, field: only rows of that record or field; empty means any.
    """
    wanted = {"study": study, "chain": chain, "entity": entity, "id": id, "field": field}
    conditions, given = narrowing.condition()
    with connection.cursor() as cursor:
        statement = _ROWS.format(narrowed=conditions)
        cursor.execute(statement, wanted | given | {"before": before, "limit": limit})
        found = cursor.fetchall()
    sealer = files.keys().sealer(study) if chain == "sealed" and found else None
    lines = []
    for columns in found:
        line = LedgerLine(*columns[:12])
        if may_reveal(line):
            place = (line.entity, line.id, line.field)
            old, new, reason = (
                _told(sealer, study, place, part, columns[at : at + 5])
                for part, at in (("new", 12), ("new", 17), ("reason", 22))
            )
            line = replace(line, old=old, new=new, reason=reason)
        lines.append(line)
    return lines


def _told(
    sealer: Sealer | None,
    study: str,
    place: tuple[str, str, str],
    part: str,
    stored: tuple[bool, int, bool, str | None, bytes | None],
) -> PlainRow:
    committed, seq, kept, text, sealed = stored
    if not committed:
        return NEVER
    if not kept:
        return ERASED
    if sealer is not None and sealed is not None:
        plain = sealer.open(bytes(sealed), (study, "sealed", str(seq), *place, part))
        text = value_text(plain[SALT_BYTES:])
    return EMPTY if text is None else PlainRow("text", text)


def last_of_action(study: str, seq: int, chain: str = "open") -> int | None:
    """The number of the last row that was written in the same action as row `seq`."""
    with connection.cursor() as cursor:
        cursor.execute(_LAST, {"study": study, "chain": chain, "seq": seq})
        return cursor.fetchone()[0]
