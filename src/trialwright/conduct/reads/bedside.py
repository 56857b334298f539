"""A dose that two people are about to check a container for, for the page that asks about it."""

from dataclasses import dataclass
from decimal import Decimal

from trialwright.accounts.models import Membership
from trialwright.accounts.policy import Act, Actor
from trialwright.conduct.models import Participant
from trialwright.conduct.participants.doses import planned_amount
from trialwright.conduct.products.bedside import Check, checks_of
from trialwright.conduct.products.lots import followed_products
from trialwright.conduct.reads.participants import participant_and_protocol
from trialwright.conduct.reads.step_to_take import SecondPerson
from trialwright.conduct.refusals import NotFound
from trialwright.protocol.basics import UnknownKeyError
from trialwright.protocol.model import Protocol
from trialwright.protocol.occurrences import occurrence_of
from trialwright.protocol.steps import Step


@dataclass(frozen=True, slots=True)
class BedsideToCheck:
    """The dose; second_people: who may check beside; units: of the products' containers; last: the
    latest check of this participant, where there is one; takes_step: whether the person records
    the dose too."""

    participant: Participant
    step: Step
    visit: str
    occurrence: int
    second_people: tuple[SecondPerson, ...]
    units: tuple[str, ...]
    planned: Decimal | None
    last: Check | None
    takes_step: bool


def bedside_to_check(by: Actor, code: str, step: str, visit: str = "") -> BedsideToCheck:
    """The dose of a step, at a visit's occurrence by its name or at none.

    Raises:
        NotFound: it gives none there, no containers are followed, or the person handles none here.
    """
    participant, protocol = participant_and_protocol(by, code)
    try:
        planned = protocol.step(step)
    except UnknownKeyError:
        raise NotFound from None
    key, occurrence = occurrence_of(visit) if visit else ("", 1)
    products = followed_products(protocol)
    if not products or not planned.gives_dose or key not in (planned.at or ("",)):
        raise NotFound
    if by.role_for(Act.HANDLE_PRODUCTS, participant.site) is None:
        raise NotFound
    checks = [each for each in checks_of(by.study) if each.participant == code]
    units = dict.fromkeys(each.container.unit for each in products if each.container)
    return BedsideToCheck(
        participant,
        planned,
        key,
        occurrence,
        _second_people(by, participant, protocol),
        tuple(units),
        planned_amount(participant, protocol, planned, visit),
        checks[-1] if checks else None,
        by.role_among(planned.roles, participant.site) is not None,
    )


def places_to_check(by: Actor, participant: Participant, protocol: Protocol) -> tuple[str, ...]:
    """The doses for which this person checks containers at the bedside: step, or step/visit."""
    if not followed_products(protocol) or participant.randomised_at is None:
        return ()
    if by.role_for(Act.HANDLE_PRODUCTS, participant.site) is None:
        return ()
    doses = [step for step in protocol.steps if step.treats]
    return tuple(
        f"{step.key}/{visit}" if visit else step.key for step in doses for visit in step.at or ("",)
    )


def _second_people(
    by: Actor, participant: Participant, protocol: Protocol
) -> tuple[SecondPerson, ...]:
    roles = {*protocol.roles.who_may(Act.HANDLE_PRODUCTS)}
    roles |= {role for step in protocol.steps if step.gives_dose for role in step.roles}
    team = Membership.objects.filter(
        study=by.study, role__in=roles, site__in=("", participant.site)
    ).exclude(person=by.person_id)
    rows = team.select_related("person").order_by("person__name", "role")
    return tuple(SecondPerson(row.person_id, row.person.name, row.role) for row in rows)
