"""A step that a person is about to take for a participant, for the page that asks about it."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from trialwright.accounts.models import Membership
from trialwright.accounts.policy import Act, Actor, may
from trialwright.conduct.acting import knows_arm
from trialwright.conduct.models import Participant, VisitRecord
from trialwright.conduct.participants.doses import planned_amount
from trialwright.conduct.participants.progress import progress_of, records_of
from trialwright.conduct.participants.requirements import missing_before
from trialwright.conduct.participants.time_limits import limit_of
from trialwright.conduct.products.bedside import DosePlace, products_lacking
from trialwright.conduct.reads.participants import participant_and_protocol
from trialwright.conduct.refusals import NotFound
from trialwright.protocol.basics import UnknownKeyError
from trialwright.protocol.blinding import is_restricted_step
from trialwright.protocol.model import Protocol
from trialwright.protocol.occurrences import key_of, occurrence_of
from trialwright.protocol.requirements import Before
from trialwright.protocol.steps import Milestone, Step


@dataclass(frozen=True, slots=True)
class SecondPerson:
    """Somebody who can be named as the second person of a step."""

    person_id: UUID
    name: str
    role: str


@dataclass(frozen=True, slots=True)
class StepToTake:
    """A step of a participant at a visit's occurrence (empty: at none), and who could be named
    beside. planned: how much is to be given; None where nothing is planned or known yet.
    to_check: whether this person first checks a container at the bedside, which none was yet. last:
    the moment until which it is to be taken; None where there is no limit, or it follows from a
    minute that this person may not know."""

    participant: Participant
    step: Step
    visit: str
    second_people: tuple[SecondPerson, ...]
    lacking: Before
    planned: Decimal | None = None
    to_check: bool = False
    last: datetime | None = None


def step_to_take(by: Actor, code: str, step: str, visit: str = "") -> StepToTake:
    """The step, at this visit or else at the first of its visits where it isn't recorded.

    Raises:
        NotFound: there is no such step or visit of it, or none of the person's roles takes it.
    """
    participant, protocol = participant_and_protocol(by, code)
    try:
        planned = protocol.step(step)
    except UnknownKeyError:
        raise NotFound from None
    if by.role_among(planned.roles, participant.site) is None:
        raise NotFound
    visit = visit or _first_open(participant, protocol, planned)
    if key_of(visit) not in (planned.at or ("",)) or not _is_there(participant, protocol, visit):
        raise NotFound
    people = _second_people(by, participant, planned) if planned.two_people else ()
    lacking = _lacking(participant, protocol, planned)
    amount = planned_amount(participant, protocol, planned, visit)
    to_check = _to_check(by, participant, protocol, planned, visit)
    last = _last(by, participant, protocol, planned, visit)
    return StepToTake(participant, planned, visit, people, lacking, amount, to_check, last)


def _last(
    by: Actor, participant: Participant, protocol: Protocol, planned: Step, visit: str
) -> datetime | None:
    if planned.within is None:
        return None
    from_step = protocol.step(planned.within.step)
    if is_restricted_step(protocol, from_step) and not may(
        by, Act.SEE_ARM, site=participant.site, knows_arm=knows_arm(by, participant)
    ):
        return None
    key, occurrence = occurrence_of(visit) if visit else ("", 1)
    place = DosePlace(planned.key, key, occurrence)
    return limit_of(participant, planned, place, records_of(participant, protocol))


def _to_check(
    by: Actor, participant: Participant, protocol: Protocol, planned: Step, visit: str
) -> bool:
    if not planned.gives_dose or by.role_for(Act.HANDLE_PRODUCTS, participant.site) is None:
        return False
    key, occurrence = occurrence_of(visit) if visit else ("", 1)
    return bool(products_lacking(participant, protocol, DosePlace(planned.key, key, occurrence)))


def _lacking(participant: Participant, protocol: Protocol, planned: Step) -> Before:
    """What is missing before the first dose; nothing for any other step."""
    if not planned.treats or progress_of(participant, protocol).treated:
        return Before(Milestone.TREATMENT)
    return missing_before(participant, protocol, Milestone.TREATMENT)


def _first_open(participant: Participant, protocol: Protocol, planned: Step) -> str:
    if not planned.at:
        return ""
    progress = progress_of(participant, protocol)
    rows = VisitRecord.objects.filter(participant=participant, target__isnull=False)
    dated = [each.visit for each in rows.order_by("target") if key_of(each.visit) in planned.at]
    names = dict.fromkeys((*dated, *planned.at))
    free = (each for each in names if not progress.has((planned.key, *occurrence_of(each))))
    return next(free, planned.at[0])


def _is_there(participant: Participant, protocol: Protocol, visit: str) -> bool:
    """Whether a name means no visit, one of the file, or an occurrence that is planned."""
    if not visit:
        return True
    try:
        planned = protocol.visit(visit)
    except UnknownKeyError:
        return False
    rows = VisitRecord.objects.filter(participant=participant, visit=visit)
    return (planned.occurrence == 1 and not planned.arms) or rows.exists()


def _second_people(by: Actor, participant: Participant, planned: Step) -> tuple[SecondPerson, ...]:
    team = Membership.objects.filter(
        study=by.study, role__in=planned.roles, site__in=("", participant.site)
    ).exclude(person=by.person_id)
    rows = team.select_related("person").order_by("person__name", "role")
    return tuple(SecondPerson(row.person_id, row.person.name, row.role) for row in rows)
