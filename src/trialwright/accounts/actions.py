"""What happens to people: made, given a role, signed in or refused; each in the installation's
chain of the ledger.

with actions.entry("add_people", at=now) as writer:
    person = actions.add_person(writer, username="lin", name="Lin Yue", password="…")
    actions.give_role(writer, person, study="DEMO-HAEC-01", role=Role.COORDINATOR, site="C")

Names and passwords never enter the ledger: people are their ids.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from uuid import UUID

from django.db import transaction

from trialwright.accounts.models import Membership, Person
from trialwright.ledger import book
from trialwright.ledger.folds import Folded
from trialwright.protocol.basics import Role

SYSTEM = "system"
_COLUMNS = ("person_id", "study", "role", "site")


def folded() -> tuple[Folded, ...]:
    """The tables that `verify` holds the chain against: who there is, and who holds which role."""
    return (
        Folded(
            "person",
            "accounts.Person",
            study="",
            chain="installation",
            fields={"is_active": "is_active"},
        ),
        Folded(
            "membership",
            "accounts.Membership",
            study="",
            chain="installation",
            fields={column: column for column in _COLUMNS},
        ),
    )


@contextmanager
def entry(action: str, *, at: datetime, by: UUID | str = SYSTEM) -> Iterator[book.Writer]:
    """One entry of the installation's chain, with all that is written in the block."""
    with (
        transaction.atomic(),
        book.open_entry(
            study=book.INSTALLATION, by=by, role="", action=action, happened_at=at
        ) as writer,
    ):
        yield writer


def add_person(writer: book.Writer, *, username: str, name: str, password: str) -> Person:
    """Make a person who can sign in; she sees nothing until she is given a role."""
    person = Person(username=username, name=name)
    person.set_password(password)
    person.save(force_insert=True)
    writer.write(entity="person", id=person.id, field="is_active", new=person.is_active)
    return person


def give_role(
    writer: book.Writer, person: Person, *, study: str, role: Role, site: str = ""
) -> Membership:
    """Give her a role in a study, at one site or (site empty) at all."""
    row = Membership.objects.create(person=person, study=study, role=role.value, site=site)
    for column in _COLUMNS:
        writer.write(entity="membership", id=row.pk, field=column, new=getattr(row, column))
    return row


def take_role(writer: book.Writer, membership: Membership) -> None:
    """Take a role from her; what she did in it stays hers."""
    writer.remove(entity="membership", id=membership.pk)
    membership.delete()


def signed_in(person: Person, *, at: datetime) -> None:
    """Enter that she has signed in."""
    with entry("sign_in", at=at, by=person.id) as writer:
        writer.write(entity="sign_in", id=person.id, field="outcome", new="accepted")


def password_refused(username: str, *, action: str, at: datetime) -> None:
    """Enter that a password was refused: whose, if there is such a person; the name typed, never.

    Args:
        action: what it was typed for, "sign_in" or "sign".
    """
    person = Person.objects.filter(username=username).first()
    with entry(action, at=at) as writer:
        whose = person.id if person is not None else "nobody"
        writer.write(entity="sign_in", id=whose, field="outcome", new="refused")
