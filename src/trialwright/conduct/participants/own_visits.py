"""The arm of a participant, as far as visits of some arms ask for it."""

from trialwright.conduct.allocation import allocation_list
from trialwright.conduct.allocation.links import allocated_at
from trialwright.conduct.models import Participant
from trialwright.protocol.model import Protocol


def arm_for_visits(participant: Participant, protocol: Protocol) -> str:
    """The key of the arm; "" before there is one, and where all arms have the same visits.

    Visits of some arms are in a file only where everybody who sees participants may know the arm.
    """
    if allocated_at(participant) is None or not protocol.has_visits_of_arms:
        return ""
    return protocol.arm_numbered(allocation_list.arm_of(participant)).key
