"""Who somebody is in a study, as the plain objects that the policy judges."""

from collections import defaultdict
from collections.abc import Collection
from datetime import date, datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from django.conf import settings
from django.utils import timezone

from trialwright.accounts.delegations import in_force
from trialwright.accounts.models import Delegation, Membership, Person, Site
from trialwright.accounts.policy import INSTALLATION_ROLE, Actor, Seat
from trialwright.ledger.encoding import LedgerError
from trialwright.protocol.roles import Roles


def actor_in(
    person: Person,
    study: str,
    roles: Roles,
    *,
    delegated: bool = False,
    log_counts: bool = True,
    now: datetime | None = None,
) -> Actor | None:
    """The person as that study knows them; None when they hold none of its roles today.

    A role at a site for which the site's delegation log has lines of this person is held on the
    days of these lines alone, by the site's calendar.

    Args:
        roles: those of the study's signed protocol. A role that it doesn't have is none.
        delegated: whether a role at a site needs such a line, but for those who delegate.
        log_counts: False for a person as the delegation log itself knows them, whatever it says.
        now: the moment; the present, if none is given.
    """
    held = Membership.objects.filter(person=person, study=study)
    rows = [row for row in held.values_list("role", "site", "until") if row[0] in roles.by_key]
    if not rows or not person.is_active:
        return None
    days = _Days(study, now or timezone.now())
    lines: dict[tuple[str, str], list[Delegation]] = defaultdict(list)
    for line in Delegation.objects.filter(person=person, study=study):
        lines[line.role, line.site].append(line)
    seats = frozenset(
        Seat(role, site or None)
        for role, site, until in rows
        if (until is None or days.at(site) <= until)
        and (
            in_force(lines[role, site], days.at(site))
            if log_counts and lines[role, site]
            else not (log_counts and delegated and site and roles.needs_delegation(role))
        )
    )
    return Actor(person.id, person.name, study, seats, roles) if seats else None


class _Days:
    """What day it is at each site of a study; asked of the database where it matters."""

    def __init__(self, study: str, now: datetime) -> None:
        self._study, self._now = study, now
        self._zones: dict[str, str] | None = None

    def at(self, site: str) -> date:
        if self._zones is None:
            zoned = Site.objects.filter(study=self._study).exclude(time_zone="")
            self._zones = dict(zoned.values_list("code", "time_zone"))
        return day_in(self._zones.get(site, ""), self._now)


def day_in(time_zone: str, moment: datetime) -> date:
    """The day of a moment in a site's time zone; an empty one is the installation's."""
    return moment.astimezone(ZoneInfo(time_zone or settings.TIME_ZONE)).date()


def studies_of(person: Person) -> list[str]:
    """The identifiers of the studies in which a person holds a role, sorted."""
    held = Membership.objects.filter(person=person).exclude(study="")
    return sorted(set(held.values_list("study", flat=True)))


def administers_installation(person: Person) -> bool:
    """Whether a person may start studies here."""
    held = Membership.objects.filter(person=person, study="", role=INSTALLATION_ROLE)
    return person.is_active and held.exists()


def people_of(study: str) -> list[tuple[str, str]]:
    """Everybody who holds or held a role in a study, as (id, name), by name."""
    held = Membership.objects.filter(study=study).order_by("person__name", "person_id")
    rows = held.values_list("person_id", "person__name").distinct()
    return [(str(id), name) for id, name in rows]


def holders_of(study: str, roles: Collection[str]) -> dict[UUID, str]:
    """Everybody who holds or held one of these roles in a study: their names by id, by name."""
    held = Membership.objects.filter(study=study, role__in=roles)
    rows = held.order_by("person__name", "person_id").values_list("person_id", "person__name")
    return dict(rows)


def holders_on(study: str, roles: Collection[str], day: date) -> dict[UUID, str]:
    """Everybody who holds one of these roles of a study on a day, whoever has left the
    installation left out: their names by id, by name."""
    held = Membership.objects.filter(study=study, role__in=roles, person__is_active=True)
    held = held.exclude(until__lt=day).order_by("person__name", "person_id")
    return dict(held.values_list("person_id", "person__name"))


def names_of(ids: set[str]) -> dict[str, str]:
    """The present names of people by their ids."""
    return {str(person.id): person.name for person in Person.objects.filter(id__in=ids)}


def person_called(name: str) -> Person:
    """The active person of that sign-in name or id, for a command that asks who does it."""
    people = Person.objects.filter(is_active=True)
    try:
        found = people.filter(id=UUID(name)).first()
    except ValueError:
        found = people.filter(username=name).first()
    if found is None:
        raise LedgerError(
            f"Nobody active is called {name!r} here. Say who does it, by sign-in name or id; the"
            " ledger keeps it."
        )
    return found
