"""The delegation log of a site: its lines, and whether one lets somebody act today."""

from collections.abc import Iterable
from datetime import date, datetime

from trialwright.accounts.models import Delegation
from trialwright.ledger import journal
from trialwright.ledger.projections import Projected

_COLUMNS = (
    "site", "person_id", "role", "begins", "ends", "delegated_at", "delegated_by", "accepted_at",
)  # fmt: skip


def folded() -> tuple[Projected, ...]:
    """The table that `verify` holds each study's open chain against."""
    return (
        Projected("delegation", "accounts.Delegation", fields={each: each for each in _COLUMNS}),
    )


def record(writer: journal.Writer, row: Delegation) -> None:
    """Insert a line with its ledger entries."""
    row.save(force_insert=True)
    for column in _COLUMNS:
        value = getattr(row, column)
        if value is not None:
            writer.write(entity="delegation", id=row.pk, field=column, new=value, first=True)


def accept(writer: journal.Writer, row: Delegation, at: datetime) -> None:
    """Sign a line as the person to whom something is delegated."""
    _set(writer, row, "accepted_at", at)


def end(writer: journal.Writer, row: Delegation, last: date) -> None:
    """Have a line end with that day."""
    _set(writer, row, "ends", last)


def _set(writer: journal.Writer, row: Delegation, column: str, value: date | datetime) -> None:
    setattr(row, column, value)
    row.save(update_fields=[column])
    writer.write(entity="delegation", id=row.pk, field=column, new=value)


def in_force(lines: Iterable[Delegation], today: date) -> bool:
    """Whether one of the lines is signed by both and holds on that day of the site."""
    return any(
        line.accepted_at is not None
        and line.begins <= today
        and (line.ends is None or today <= line.ends)
        for line in lines
    )
