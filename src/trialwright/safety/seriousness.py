"""Seriousness: computed from six questions, never typed (ICH E2A, II.B)."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Final

from trialwright.messages import Message


class SeriousCriterion(StrEnum):
    """What makes an event serious, each alone."""

    DEATH = "death"
    LIFE_THREATENING = "life_threatening"
    HOSPITALISATION = "hospitalisation"
    DISABILITY = "disability"
    CONGENITAL = "congenital"
    IMPORTANT = "important"


WORDS: Final[Mapping[SeriousCriterion, Message]] = {
    SeriousCriterion.DEATH: Message("It led to death"),
    SeriousCriterion.LIFE_THREATENING: Message("It was life-threatening when it happened"),
    SeriousCriterion.HOSPITALISATION: Message(
        "It led to admission to hospital or prolonged the stay"
    ),
    SeriousCriterion.DISABILITY: Message("It led to persistent or significant disability"),
    SeriousCriterion.CONGENITAL: Message("It is a congenital anomaly or birth defect"),
    SeriousCriterion.IMPORTANT: Message("It is medically important in another way"),
}

# Where SDTM IG 3.4 keeps each, in AE.
SDTM: Final[Mapping[SeriousCriterion, str]] = {
    SeriousCriterion.DEATH: "AESDTH",
    SeriousCriterion.LIFE_THREATENING: "AESLIFE",
    SeriousCriterion.HOSPITALISATION: "AESHOSP",
    SeriousCriterion.DISABILITY: "AESDISAB",
    SeriousCriterion.CONGENITAL: "AESCONG",
    SeriousCriterion.IMPORTANT: "AESMIE",
}


def is_serious(answers: Mapping[SeriousCriterion, bool]) -> bool:
    """Whether any of the six is answered with yes."""
    return any(answers.values())
