"""Which allocation an envelope tells, and whether it still tells the latest."""

from trialwright.conduct.models import Envelope, EnvelopeState, Participant


def latest_allocation(participant: Participant) -> str | None:
    """The key of a participant's latest allocation; None of the one by which they entered."""
    again = participant.made_again
    return max(again, key=again.__getitem__, default=None)


def is_outdated(row: Envelope) -> bool:
    """Whether it is in keeping and tells another allocation than the latest."""
    told = row.allocation == latest_allocation(row.participant)
    return row.state == EnvelopeState.KEPT and not told
