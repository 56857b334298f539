"""How far a participant has come, as facts for the protocol's one function of what may be done."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from uuid import UUID

from trialwright.conduct.allocation.links import allocated_at
from trialwright.conduct.models import Participant, StepRecord
from trialwright.conduct.models.steps import StepStatus
from trialwright.conduct.participants.met import met_for_steps
from trialwright.conduct.participants.own_visits import arm_for_visits
from trialwright.conduct.tables import rows_of
from trialwright.protocol.model import Protocol
from trialwright.protocol.progress import Progress, StepFact, none_given
from trialwright.protocol.steps import Milestone


def milestones_of(participant: Participant) -> frozenset[Milestone]:
    """The moments that the participant has reached."""
    reached = {
        Milestone.CONSENT: participant.consented_at,
        Milestone.ELIGIBILITY: participant.eligible_at,
        Milestone.ALLOCATION: allocated_at(participant),
    }
    return frozenset(each for each, moment in reached.items() if moment is not None)


def progress_from(
    participant: Participant,
    protocol: Protocol,
    records: Iterable[StepRecord],
    met: Collection[str] = (),
) -> Progress:
    """The progress of a participant whose step records are at hand.

    Args:
        met: the visits, forms and signatures that are there, where a step can come after them.
    """
    doses = {step.key for step in protocol.steps if step.treats}
    facts = (
        StepFact(
            each.step,
            each.visit,
            each.occurrence,
            given=_given(each, treats=each.step in doses),
        )
        for each in records
    )
    again = {
        each.milestone for each in protocol.later_allocations if each.key in participant.made_again
    }
    return Progress(milestones_of(participant), tuple(facts), frozenset({*met, *again}))


def _given(record: StepRecord, *, treats: bool) -> bool | None:
    """Whether a record says that the treatment was given; None of a step that isn't it."""
    if record.status == StepStatus.NOT_DONE:
        return False
    return True if treats else None


def records_of(participant: Participant, protocol: Protocol) -> list[StepRecord]:
    """The step records of a participant; a protocol without steps has none."""
    return rows_of(StepRecord, participant_id=participant.pk) if protocol.steps else []


def progress_of(participant: Participant, protocol: Protocol) -> Progress:
    """The progress of a participant, read from the tables."""
    met = met_for_steps(participant, protocol)
    return progress_from(participant, protocol, records_of(participant, protocol), met)


class TreatmentStatus(StrEnum):
    """How much of the treatment was given, all its doses taken together."""

    FULL = "full"
    PART = "part"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Treatment:
    """What became of a participant's treatment: the doses recorded so far, taken together.

    status: whether all of them were given in full, some of it, or (of all that the protocol plans)
    none. on: the day of the first dose given; of none, the last day that one was recorded.
    """

    status: TreatmentStatus
    on: date

    @property
    def given(self) -> bool:
        """Whether some dose was given."""
        return self.status is not TreatmentStatus.NONE


def treatment_from(
    participant: Participant,
    protocol: Protocol,
    records: Collection[StepRecord],
    since: str | None = None,
) -> Treatment | None:
    """The treatment of a participant whose step records are at hand; None while it is to come.

    Args:
        since: the key of a later allocation, of which only what is given at visits after it counts;
            None where all counts.
    """
    doses = [
        each
        for each in records
        if protocol.step(each.step).treats
        and (since is None or protocol.is_after(since, each.visit))
    ]
    given = [each for each in doses if each.status != StepStatus.NOT_DONE]
    if given:
        whole = all(each.status == StepStatus.DONE for each in doses)
        status = TreatmentStatus.FULL if whole else TreatmentStatus.PART
        return Treatment(status, min(each.taken_on for each in given))
    if doses and _none_given(participant, protocol, doses if since else records, since):
        return Treatment(TreatmentStatus.NONE, max(each.taken_on for each in doses))
    return None


def _none_given(
    participant: Participant,
    protocol: Protocol,
    records: Collection[StepRecord],
    since: str | None,
) -> bool:
    arm = arm_for_visits(participant, protocol)
    return none_given(protocol, progress_from(participant, protocol, records), arm, since)


def records_of_all(
    participants: Collection[Participant], protocol: Protocol
) -> Mapping[UUID, list[StepRecord]]:
    """The step records of each of these participants, by their keys."""
    found: dict[UUID, list[StepRecord]] = defaultdict(list)
    if protocol.steps:
        for record in StepRecord.objects.filter(participant__in=participants):
            found[record.participant_id].append(record)
    return found


def treatments_of(
    participants: Collection[Participant], protocol: Protocol, since: str | None = None
) -> dict[UUID, Treatment | None]:
    """The treatment of each of these participants, by their keys; `since` as for one."""
    records = records_of_all(participants, protocol)
    return {
        each.pk: treatment_from(each, protocol, records.get(each.pk, ()), since)
        for each in participants
    }
