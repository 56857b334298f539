"""How much of a dose is planned for a participant at a visit, by the values entered."""

from decimal import Decimal

from trialwright.conduct.allocation import allocation_list
from trialwright.conduct.allocation.cohorts import level_in_cohort
from trialwright.conduct.allocation.links import holder_of
from trialwright.conduct.models import AllocationSlot, Participant
from trialwright.conduct.reads.values import known_by
from trialwright.protocol.cohorts import DoseLevel
from trialwright.protocol.model import Protocol
from trialwright.protocol.scopes import DOSE_LEVEL, SECOND_DOSE_LEVEL
from trialwright.protocol.steps import Step


def planned_amount(
    participant: Participant, protocol: Protocol, step: Step, visit: str
) -> Decimal | None:
    """The planned amount; None where the step plans none, or it isn't known yet.

    Args:
        visit: the visit's name with its occurrence, or "" for a step that is taken at none.
    """
    planned = step.planned
    if planned is None or not planned.rows:
        return planned.amount if planned else None
    values = known_by(participant, protocol, planned.expressions, visit)
    if {DOSE_LEVEL, SECOND_DOSE_LEVEL} & set(planned.references):
        level = _level_of(participant, protocol, visit)
        if level is not None:
            values[DOSE_LEVEL] = level.dose
        if level is not None and level.second_dose is not None:
            values[SECOND_DOSE_LEVEL] = level.second_dose
    return planned.for_values(values)


def _level_of(participant: Participant, protocol: Protocol, visit: str) -> DoseLevel | None:
    """The participant's dose level, which is open to all where there are levels; in randomised
    cohorts that of the cohort, whoever of it is on the control."""
    if not protocol.dose_levels or participant.randomised_at is None:
        return None
    drawn = next((each for each in protocol.allocations if each.control), None)
    if protocol.cohorts is not None and drawn is not None:
        slot = AllocationSlot.objects.filter(
            participant=holder_of(participant), allocation=drawn.key if drawn.at else None
        ).first()
        number = level_in_cohort(slot.stratum) if slot is not None else None
        return protocol.cohorts.levels[number - 1] if number else None
    arm = allocation_list.arm_at(holder_of(participant), protocol, visit.partition("~")[0])
    key = protocol.arm_numbered(arm).key
    return next((level for level in protocol.dose_levels if level.arm == key), None)
