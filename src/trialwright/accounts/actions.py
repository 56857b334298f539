"""What happens to people: made, given a role, signed in or refused; each in the installation's
chain of the ledger.

with actions.entry("add_people", at=now) as writer:
    person = actions.add_person(writer, username="lin", name="Lin Yue", password="…")
    actions.give_role(writer, person, study="DEMO-HAEC-01", role="coordinator", site="C")

Names and passwords never enter the ledger: people are their ids. What a name and a password were is
committed to by hashes that nobody can guess without the password's own salted hash.
"""

import hashlib
import logging
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from datetime import date, datetime
from uuid import UUID

from django.contrib.auth.hashers import UNUSABLE_PASSWORD_PREFIX
from django.db import connection, transaction
from django.db.models import Value
from django.db.models.functions import Concat

from trialwright.accounts import delegations, invitations, second_factor, sessions
from trialwright.accounts.models import Membership, Person, Site
from trialwright.ledger import journal, sources
from trialwright.ledger.clock import ClockError
from trialwright.ledger.encoding import frame
from trialwright.ledger.projections import Projected, Read

_log = logging.getLogger("trialwright.accounts")
SYSTEM = "system"
_COLUMNS = ("person_id", "study", "role", "site", "until")
_TOKEN_COLUMNS = (
    "person_id", "scope", "study", "made_at", "expires_at", "hash", "ended_at",
)  # fmt: skip
_SITE_COLUMNS = ("name_en", "name_zh", "time_zone", "languages", "status")
_IDENTITY = ("username", "name", "password")


def _committing_to(column: str) -> Callable[[UUID, str, str], str]:
    """The text that the ledger keeps of a column: a hash salted with the password's own hash."""

    def text(id: UUID, value: str, password: str) -> str:
        parts = (column, str(id), value, password)
        return hashlib.sha256(frame(*(part.encode() for part in parts))).hexdigest()

    return text


def folded() -> tuple[Projected, ...]:
    """The tables that `verify` holds the chain against: who there is, and who holds which role."""
    return (
        Projected(
            "person",
            "accounts.Person",
            study="",
            chain="installation",
            fields={"is_active": "is_active"}
            | {name: Read("id", name, "password", by=_committing_to(name)) for name in _IDENTITY},
        ),
        Projected(
            "site",
            "accounts.Site",
            study="",
            chain="installation",
            id=Concat("study", Value("/"), "code"),
            fields={column: column for column in _SITE_COLUMNS},
        ),
        Projected(
            "membership",
            "accounts.Membership",
            study="",
            chain="installation",
            fields={column: column for column in _COLUMNS},
        ),
        Projected(
            "api_token",
            "accounts.ApiToken",
            study="",
            chain="installation",
            fields={column: column for column in _TOKEN_COLUMNS},
        ),
        *invitations.folded(),
        *delegations.folded(),
        *second_factor.folded(),
    )


@contextmanager
def entry(
    action: str, *, at: datetime, by: UUID | str = SYSTEM, role: str = "", reason: str = ""
) -> Iterator[journal.Writer]:
    """One entry of the installation's chain, with all that is written in the block."""
    opened = journal.open_entry(
        study=journal.INSTALLATION, by=by, role=role, action=action, happened_at=at, reason=reason
    )
    with transaction.atomic(), opened as writer:
        yield writer


def add_person(writer: journal.Writer, *, username: str, name: str, password: str | None) -> Person:
    """Make a person, who sees nothing until they are given a role.

    Args:
        password: None for somebody who is invited: they sign in once they have set one.
    """
    person = Person(username=username, name=name, is_active=password is not None)
    if password is None:
        person.password = UNUSABLE_PASSWORD_PREFIX + sources.new_id().hex
    else:
        person.set_password(password)
    person.save(force_insert=True)
    writer.write(entity="person", id=person.id, field="is_active", new=person.is_active)
    _commit_to_identity(writer, person)
    return person


def deactivate(writer: journal.Writer, person: Person) -> None:
    """Let a person in no more; the sessions that are open end for good."""
    _set_active(writer, person, False)
    sessions.end(person)


def reactivate(writer: journal.Writer, person: Person) -> None:
    """Let a person in again, by signing in anew."""
    _set_active(writer, person, True)


def set_password(writer: journal.Writer, person: Person, password: str) -> None:
    """Give a person a password of their own, and let them in."""
    person.set_password(password)
    person.save(update_fields=["password"])
    _commit_to_identity(writer, person)
    _set_active(writer, person, True)


def _set_active(writer: journal.Writer, person: Person, active: bool) -> None:
    person.is_active = active
    person.save(update_fields=["is_active"])
    writer.write(entity="person", id=person.id, field="is_active", new=active)


def _commit_to_identity(writer: journal.Writer, person: Person) -> None:
    for column in _IDENTITY:
        text = _committing_to(column)(person.id, getattr(person, column), person.password)
        writer.write(entity="person", id=person.id, field=column, new=text)


def ensure_site(
    writer: journal.Writer, *, study: str, code: str, name_en: str, name_zh: str, **more: str
) -> Site:
    """Have a site of a study; one that is there is left as it is.

    Args:
        more: further columns: its time zone, its languages, its status if it isn't open.
    """
    columns = {"name_en": name_en, "name_zh": name_zh, **more}
    site, made = Site.objects.get_or_create(study=study, code=code, defaults=columns)
    if made:
        _commit_to_site(writer, site, _SITE_COLUMNS)
    return site


def change_site(writer: journal.Writer, site: Site, **columns: str) -> None:
    """Change columns of a site."""
    for column, value in columns.items():
        setattr(site, column, value)
    site.save(update_fields=list(columns))
    _commit_to_site(writer, site, columns)


def _commit_to_site(writer: journal.Writer, site: Site, columns: Collection[str]) -> None:
    for column in columns:
        id = f"{site.study}/{site.code}"
        writer.write(entity="site", id=id, field=column, new=getattr(site, column))


def commit_to_what_stands(*, at: datetime) -> None:
    """Enter who there is and which sites, where an earlier release did not; nothing a second time.

    From then on `verify` sees a change of them.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT DISTINCT entity, id, field FROM ledger_row WHERE study = %s"
            " AND (entity = 'site' OR (entity, field) = ('person', 'password'))",
            [journal.INSTALLATION],
        )
        known = set(cursor.fetchall())
    people = [
        one for one in Person.objects.all() if ("person", str(one.id), "password") not in known
    ]
    sites = [
        (one, missing)
        for one in Site.objects.all()
        if (
            missing := [
                column
                for column in _SITE_COLUMNS
                if ("site", f"{one.study}/{one.code}", column) not in known
            ]
        )
    ]
    if people or sites:
        with entry("commit_accounts", at=at) as writer:
            for person in people:
                _commit_to_identity(writer, person)
            for site, missing in sites:
                _commit_to_site(writer, site, missing)


def give_role(
    writer: journal.Writer,
    person: Person,
    *,
    study: str,
    role: str,
    site: str = "",
    until: date | None = None,
) -> Membership:
    """Give a person a role in a study, at one site or (site empty) at all, to a last day or none.

    With an empty study it is a role in the installation.
    """
    row = Membership.objects.create(
        person=person, study=study, role=str(role), site=site, until=until
    )
    for column in _COLUMNS:
        value = getattr(row, column)
        if value is not None:
            writer.write(entity="membership", id=row.pk, field=column, new=value)
    return row


def take_role(writer: journal.Writer, membership: Membership) -> None:
    """Take a role from a person; what they did in it stays theirs."""
    writer.remove(entity="membership", id=membership.pk)
    membership.delete()


def signed_in(person: Person, *, at: datetime) -> None:
    """Enter that somebody has signed in."""
    _enter_outcome("sign_in", person.id, "accepted", at=at, by=person.id)


def password_refused(username: str, *, action: str, at: datetime) -> None:
    """Enter that a password was refused: whose, if there is such a person; the name typed, never.

    Args:
        action: what it was typed for, "sign_in" or "sign".
    """
    person = Person.objects.filter(username=username).first()
    whose = person.id if person is not None else "nobody"
    _enter_outcome(action, whose, "refused", at=at, by=SYSTEM)


def enter_tries(
    action: str, whose: UUID | str, count: int, *, at: datetime, locked: bool = False
) -> None:
    """Enter how many refusals a burst had: when it locks, or when it has ended."""
    outcome = "locked" if locked else "refused"
    _enter_outcome(action, whose, outcome, at=at, by=SYSTEM, tries=count)


def _enter_outcome(
    action: str, whose: UUID | str, outcome: str, *, at: datetime, by: UUID | str, tries: int = 0
) -> None:
    """A clock that the ledger refuses keeps nobody out: the operator's log has it then."""
    try:
        with entry(action, at=at, by=by) as writer:
            writer.write(entity="sign_in", id=whose, field="outcome", new=outcome)
            if tries:
                writer.write(entity="sign_in", id=whose, field="tries", new=tries)
    except ClockError as error:
        _log.error("Not in the ledger: %s of %s, %s. %s", action, whose, outcome, error)
