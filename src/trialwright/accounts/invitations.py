"""Invitations: a one-time link with which somebody sets their password and comes in.

The link is the invitation's id under the installation's secret, so nothing that opens it lies in
the database. It opens once, until it expires, and never for somebody who is signed in as another.
"""

from datetime import datetime, timedelta
from uuid import UUID

from django.core import signing
from django.db.models import F

from trialwright.accounts.models import Invitation, Person
from trialwright.ledger import journal
from trialwright.ledger.projections import Projected

LASTS = timedelta(days=7)
"""How long a link can be used."""

_COLUMNS = ("person_id", "made_at", "expires_at", "used_at", "void_at")
_SIGNER = signing.Signer(salt="trialwright.invitation", sep=".")


def folded() -> tuple[Projected, ...]:
    """The table that `verify` holds the chain against."""
    columns = {column: column for column in _COLUMNS}
    table = "accounts.Invitation"
    return (Projected("invitation", table, study="", chain="installation", fields=columns),)


def make(writer: journal.Writer, person: Person) -> Invitation:
    """Invite a person; a link that they had before opens nothing any more."""
    now = writer.entry.happened_at
    void(writer, person)
    row = Invitation.objects.create(person=person, made_at=now, expires_at=now + LASTS)
    for column in ("person_id", "made_at", "expires_at"):
        writer.write(entity="invitation", id=row.pk, field=column, new=getattr(row, column))
    return row


def void(writer: journal.Writer, person: Person) -> None:
    """Have no link of this person open anything any more."""
    for row in Invitation.objects.filter(person=person, used_at=None, void_at=None):
        _set(writer, row, "void_at")


def use(writer: journal.Writer, row: Invitation) -> None:
    """Say that the link was used."""
    _set(writer, row, "used_at")


def _set(writer: journal.Writer, row: Invitation, column: str) -> None:
    setattr(row, column, writer.entry.happened_at)
    row.save(update_fields=[column])
    writer.write(entity="invitation", id=row.pk, field=column, new=writer.entry.happened_at)


def token_of(id: UUID) -> str:
    """What stands in the address of an invitation's link."""
    return _SIGNER.sign(str(id))


def invitation_of(token: str) -> Invitation | None:
    """The invitation that a link names; None where nobody made it."""
    try:
        id = UUID(_SIGNER.unsign(token))
    except (signing.BadSignature, ValueError):
        return None
    return Invitation.objects.select_related("person").filter(pk=id).first()


def is_open(row: Invitation, now: datetime) -> bool:
    """Whether the link still opens."""
    return row.used_at is None and row.void_at is None and now < row.expires_at


def open_invitations(people: set[UUID], now: datetime) -> dict[UUID, Invitation]:
    """The invitations that can still be used, by their person."""
    rows = Invitation.objects.filter(
        person__in=people, used_at=None, void_at=None, expires_at__gt=now
    ).annotate(whose=F("person_id"))
    return {row.person_id: row for row in rows}
