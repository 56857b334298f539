"""Who belongs to a study, as those who manage its people see them."""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.utils import timezone

from trialwright.accounts import second_factor
from trialwright.accounts.invitations import open_invitations
from trialwright.accounts.models import Membership
from trialwright.accounts.policy import Act, Actor, may
from trialwright.accounts.throttle import SignInRefused, refused_of
from trialwright.conduct.refusals import NotFound


@dataclass(frozen=True, slots=True)
class Held:
    """One role that somebody holds: at a site, or (site empty) in the whole study."""

    id: int
    role: str
    site: str
    until: date | None


@dataclass(frozen=True, slots=True)
class Member:
    """Somebody of the study. `link_until` is there while a link of theirs opens; `refused` tells of
    attempts under their name that were refused since they last came in."""

    person_id: UUID
    username: str
    name: str
    active: bool
    invitation: UUID | None
    link_until: datetime | None
    held: tuple[Held, ...]
    second_factor: bool
    refused: SignInRefused | None


def members(by: Actor) -> tuple[Member, ...]:
    """Everybody of the study by name; NotFound for who doesn't manage its people."""
    if not may(by, Act.MANAGE_PEOPLE):
        raise NotFound
    rows = Membership.objects.filter(study=by.study).select_related("person")
    people = {row.person_id: row.person for row in rows}
    now = timezone.now()
    links = open_invitations(set(people), now)
    found = []
    for key, person in people.items():
        link = links.get(key)
        held = tuple(
            Held(row.pk, row.role, row.site, row.until)
            for row in sorted(rows, key=lambda row: (row.role, row.site))
            if row.person_id == key
        )
        member = Member(
            key, person.username, person.name, person.is_active,
            link.pk if link else None, link.expires_at if link else None, held,
            second_factor.has(person), refused_of(person, now),
        )  # fmt: skip
        found.append(member)
    return tuple(sorted(found, key=lambda member: (member.name, member.username)))


def member(by: Actor, person: UUID) -> Member:
    """One of them; NotFound for anybody else."""
    found = next((each for each in members(by) if each.person_id == person), None)
    if found is None:
        raise NotFound
    return found
