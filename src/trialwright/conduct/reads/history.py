"""The history of one answer on a form, as the ledger tells it: what it was, who, when and why."""

import json
from dataclasses import dataclass, replace
from datetime import datetime

from trialwright.accounts.policy import Actor
from trialwright.conduct.models import Entry, ProtocolVersion
from trialwright.conduct.reads.forms import FormPage, form_page
from trialwright.conduct.refusals import NotFound
from trialwright.conduct.sealed_values import Sealed
from trialwright.ledger import reading
from trialwright.ledger.reading import LedgerLine
from trialwright.protocol.basics import UnknownKeyError
from trialwright.protocol.forms import Item
from trialwright.protocol.values import Missing

# The rows of one saving follow each other; no form comes near to so many.
_ROWS_OF_A_SAVING = 1000


@dataclass(frozen=True, slots=True)
class Change:
    """One saving that changed the answer. `value` is None where it was taken away."""

    seq: int
    at: datetime
    by: str
    role: str
    action: str
    version: str
    value: str | Missing | None
    reason: str


@dataclass(frozen=True, slots=True)
class History:
    """An answer's page: the form it stands on, the item, and its changes, the latest first."""

    page: FormPage
    item: Item
    changes: tuple[Change, ...]


def history_of(by: Actor, code: str, visit: str, form: str, repeat: int, item: str) -> History:
    """The history of one item; NotFound where this person may not see the form."""
    page = form_page(by, code, visit, form, repeat)
    try:
        the_item = page.form.item(item)
    except UnknownKeyError:
        raise NotFound from None
    entry = Entry.objects.filter(
        participant=page.participant, visit=visit, form=form, repeat=repeat
    ).first()
    if entry is None:
        raise NotFound
    sealed = item in page.form.unmasking_items
    found = _sealed(by, entry, item) if sealed else _open(by, entry, item)
    return History(page, the_item, tuple(reversed(found)))


def last_saving(by: Actor, entry: Entry) -> LedgerLine:
    """The ledger's row of the latest saving of an entry: who, as what, when."""
    rows = _rows(by, entity="entry", id=str(entry.pk), field="revision", limit=1)
    return rows[0]


def _rows(by: Actor, **which: str | int) -> list[LedgerLine]:
    # Who may see the form may see what was saved on it; `form_page` has asked.
    return reading.rows(by.study, may_reveal=lambda _line: True, **which)  # type: ignore[arg-type]


def _open(by: Actor, entry: Entry, item: str) -> list[Change]:
    savings = _rows(by, entity="entry", id=str(entry.pk), field="revision", limit=10_000)
    versions = _Versions(by, entry)
    value_id, text, missing = "", None, None
    changes: list[Change] = []
    for saving in reversed(savings):
        rows = _rows(
            by, entity="value", before=saving.seq + _ROWS_OF_A_SAVING, limit=_ROWS_OF_A_SAVING
        )
        rows = [row for row in rows if row.recorded_at == saving.recorded_at][::-1]
        own = {row.id for row in rows if row.field == "entry_id" and row.new.text == str(entry.pk)}
        begun = [row.id for row in rows if row.field == "item" and row.new.text == item]
        begun = [key for key in begun if key in own]
        value_id = begun[0] if begun else value_id
        mine = [row for row in rows if row.id == value_id]
        for row in mine:
            if row.field == "":
                text = missing = None
            elif row.field == "text":
                text = row.new.text if row.new.state == "text" else None
            elif row.field == "missing":
                missing = row.new.text if row.new.state == "text" else None
        if mine:
            value = text if missing is None else Missing(missing)
            changes.append(_change(mine[-1], value, versions))
    return changes


def _sealed(by: Actor, entry: Entry, item: str) -> list[Change]:
    rows = reading.rows(
        by.study, "sealed", may_reveal=lambda _line: True, entity="entry", id=str(entry.pk),
        field="sealed", limit=10_000,
    )  # fmt: skip
    versions = _Versions(by, entry)
    changes: list[Change] = []
    before: str | Missing | None = None
    for row in reversed(rows):
        content = Sealed(**json.loads(row.new.text)) if row.new.state == "text" else Sealed()
        held = content.values.get(item)
        value: str | Missing | None = None
        if held is not None:
            text = held["text"]
            value = Missing(held["missing"] or "") if text is None else text
        if value != before:
            changes.append(
                replace(_change(row, value, versions), reason=content.change_reasons.get(item, ""))
            )
        before = value
    return changes


class _Versions:
    """Which protocol version an entry was saved under, at any of its savings."""

    def __init__(self, by: Actor, entry: Entry) -> None:
        rows = _rows(by, entity="entry", id=str(entry.pk), field="protocol_version_id", limit=1000)
        names = {str(v.pk): v.version for v in ProtocolVersion.objects.filter(study=by.study)}
        self._known = [(row.recorded_at, names.get(row.new.text, "")) for row in rows]

    def at(self, moment: datetime) -> str:
        return next((version for since, version in self._known if since <= moment), "")


def _change(row: LedgerLine, value: str | Missing | None, versions: _Versions) -> Change:
    reason = row.reason.text if row.reason.state == "text" else ""
    version = versions.at(row.recorded_at)
    return Change(row.seq, row.happened_at, row.by, row.role, row.action, version, value, reason)
