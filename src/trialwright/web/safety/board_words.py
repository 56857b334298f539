"""How the board's meetings are said on pages."""

from django.utils.translation import gettext as _

from trialwright.conduct.safety.meeting_details import MeetingDetails
from trialwright.messages import Message
from trialwright.protocol.model import Protocol
from trialwright.safety.board import Advice, Recommendation
from trialwright.web.components import Status
from trialwright.web.safety.hold_words import group_words
from trialwright.web.sentences import listed

RECOMMENDATION_WORDS: dict[Recommendation, Message] = {
    Recommendation.CONTINUE: Message("Continue as before"),
    Recommendation.CHANGE: Message("Continue with changes"),
    Recommendation.PAUSE: Message("Pause the trial"),
    Recommendation.STOP_ARM: Message("Stop one or more arms, and continue"),
    Recommendation.STOP: Message("Stop the trial"),
}


def advice_status(advice: str) -> Status:
    """What everybody may know of a recommendation."""
    return {
        Advice.GOES_ON: Status(_("The trial should go on"), "good"),
        Advice.PAUSES: Status(_("The trial should pause"), "caution"),
        Advice.STOPS: Status(_("The trial should stop"), "stop"),
    }[Advice(advice)]


def recommendation_words(details: MeetingDetails, protocol: Protocol, language: str) -> str:
    """What exactly is recommended, and why."""
    said = RECOMMENDATION_WORDS[details.recommendation].in_language(language)
    if details.arms:
        said += f" ({listed(group_words(each, protocol, language) for each in details.arms)})"
    return f"{said}: {details.reason}"
