"""Where a participant stands in the epochs of the protocol."""

from django.utils import timezone

from trialwright.conduct.clock import day_of, zone_of
from trialwright.conduct.models import Participant
from trialwright.conduct.participants.planning import epochs_of
from trialwright.protocol.epochs import Epoch, standing
from trialwright.protocol.model import Protocol


def epoch_today(participant: Participant, protocol: Protocol) -> Epoch | None:
    """The epoch that a participant, whom the reader may see, is in today; None in none."""
    spans = epochs_of(participant, protocol)
    return standing(spans, day_of(timezone.now(), zone_of(participant))) if spans else None
