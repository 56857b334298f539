"""Who somebody is in a study, as the plain objects that the policy judges."""

from trialwright.accounts.models import Membership, Person
from trialwright.accounts.policy import Actor, Seat
from trialwright.protocol.basics import Role


def actor_in(person: Person, study: str) -> Actor | None:
    """The person as that study knows her; None when she holds no role there."""
    rows = Membership.objects.filter(person=person, study=study).values_list("role", "site")
    seats = frozenset(Seat(Role(role), site or None) for role, site in rows)
    if not seats or not person.is_active:
        return None
    return Actor(person.id, person.name, study, seats)


def studies_of(person: Person) -> list[str]:
    """The identifiers of the studies in which she holds a role, sorted."""
    return sorted(set(Membership.objects.filter(person=person).values_list("study", flat=True)))


def names_of(ids: set[str]) -> dict[str, str]:
    """The present names of people by their ids."""
    return {str(person.id): person.name for person in Person.objects.filter(id__in=ids)}
