"""What was done or given later than the protocol allows: recorded as it was, and a deviation."""

from collections.abc import Collection
from datetime import datetime

from trialwright.conduct.acting import ActionContext
from trialwright.conduct.clock import midnight
from trialwright.conduct.deviating import note
from trialwright.conduct.models import Participant, StepRecord
from trialwright.conduct.models.deviations import DeviationKind
from trialwright.conduct.models.steps import StepStatus
from trialwright.conduct.participants.step_details import details_of
from trialwright.conduct.products.bedside import DosePlace
from trialwright.conduct.products.recipients import given_to
from trialwright.custody.containers import use_by
from trialwright.protocol.model import Protocol
from trialwright.protocol.products import lots_tell_arms
from trialwright.protocol.steps import Step


def note_if_late(
    context: ActionContext,
    planned: Step,
    place: DosePlace,
    records: Collection[StepRecord],
    moment: datetime,
) -> None:
    """Note a deviation where a step was taken, or a container given, after its last moment.

    Its words and its minute are left out: they could tell an arm. What was in containers counts
    only where that can't tell one.

    Args:
        records: the steps recorded before this one.
        moment: when it was taken.
    """
    limits = [limit_of(context.participant, planned, place, records)]
    if not lots_tell_arms(context.protocol):
        limits += _used_by(context.participant, context.protocol, place)
    # Typed times have no seconds.
    reached = moment.replace(second=0, microsecond=0)
    if any(limit is not None and reached > limit for limit in limits):
        note(
            context,
            DeviationKind.TIME_LIMIT,
            on=context.day_of(moment),
            subject=(f"{planned.key}/{place.visit}" if place.visit else planned.key)[:64],
            recorded_at=midnight(context.at, context.zone),
        )


def limit_of(
    participant: Participant, planned: Step, place: DosePlace, records: Collection[StepRecord]
) -> datetime | None:
    """The last moment at which a step is to be taken; None where it has none, or the step from
    which it counts wasn't taken. Ask the policy first: that step's minute may be restricted."""
    limit = planned.within
    if limit is None:
        return None
    places = {("", 1), (place.visit, place.occurrence)}
    taken = [
        each
        for each in records
        if each.step == limit.step
        and (each.visit, each.occurrence) in places
        and each.status != StepStatus.NOT_DONE
    ]
    moments = (details_of(participant.study_id, each).at for each in taken)
    return max((limit.ends(at) for at in moments), default=None)


def _used_by(participant: Participant, protocol: Protocol, place: DosePlace) -> list[datetime]:
    """The last moment of use of each container that was given for a dose."""
    found = []
    for each in given_to(participant.study_id, participant.code):
        hours = protocol.product(each.lot.product).use_within_hours
        of_dose = (each.move.step, each.move.visit, each.move.occurrence) == (
            place.step, place.visit, place.occurrence,
        )  # fmt: skip
        if of_dose and hours is not None and each.container.thawed_at is not None:
            found.append(use_by(each.container.thawed_at, hours))
    return found
