"""How much of a dose is planned for a participant at a visit, by the values entered."""

from decimal import Decimal

from trialwright.conduct.allocation import allocation_list
from trialwright.conduct.models import Participant
from trialwright.conduct.reads.values import known_by
from trialwright.protocol.model import Protocol
from trialwright.protocol.scopes import DOSE_LEVEL
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
    if DOSE_LEVEL in planned.references and (dose := _dose_of(participant, protocol)) is not None:
        values[DOSE_LEVEL] = dose
    return planned.for_values(values)


def _dose_of(participant: Participant, protocol: Protocol) -> Decimal | None:
    """The dose of the participant's level, which is open to all where there are levels."""
    if not protocol.dose_levels or participant.randomised_at is None:
        return None
    levels = {level.arm: level.dose for level in protocol.dose_levels}
    return levels.get(protocol.arm_numbered(allocation_list.arm_of(participant)).key)
