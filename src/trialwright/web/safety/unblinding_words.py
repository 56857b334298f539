"""How unblindings outside the plan are said on pages."""

from trialwright.conduct.models.allocation import Urgency
from trialwright.messages import Message

URGENCY_WORDS: dict[str, Message] = {
    Urgency.EMERGENCY: Message("Emergency"),
    Urgency.REACTION: Message("Suspected reaction"),
    Urgency.ACCIDENT: Message("By accident"),
    Urgency.ENVELOPE: Message("Sealed envelope opened"),
}
