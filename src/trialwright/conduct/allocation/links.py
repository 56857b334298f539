"""Through the link: whose arm a linked participant shares, and when it was allocated."""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from trialwright.conduct.models import Participant
from trialwright.conduct.tables import row_of


def holder_id(participant: Participant) -> UUID:
    """The key of the participant who was allocated the arm: themselves, or whose they share."""
    held: UUID = participant.arm_of_id or participant.pk
    return held


def holder_of(participant: Participant) -> Participant:
    """The participant who was allocated the arm."""
    if participant.arm_of_id is None:
        return participant
    found = row_of(Participant, id=participant.arm_of_id)
    assert found is not None  # noqa: S101 - a foreign key
    return found


def allocated_at(participant: Participant) -> datetime | None:
    """When the arm was allocated that a participant has or shares."""
    return holder_of(participant).randomised_at


def linked_with(participants: Iterable[Participant]) -> list[Participant]:
    """Those who share the arm of one of these participants."""
    return list(Participant.objects.filter(arm_of__in=list(participants)).order_by("code"))
