"""Seriousness: computed from six questions, never typed (ICH E2A, II.B)."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Final

from trialwright.messages import Message


class Criterion(StrEnum):
    """What makes an event serious, each alone."""

    DEATH = "death"
    LIFE_THREATENING = "life_threatening"
    HOSPITALISATION = "hospitalisation"
    DISABILITY = "disability"
    CONGENITAL = "congenital"
    IMPORTANT = "important"


WORDS: Final[Mapping[Criterion, Message]] = {
    Criterion.DEATH: Message("It led to death"),
    Criterion.LIFE_THREATENING: Message("It was life-threatening when it happened"),
    Criterion.HOSPITALISATION: Message("It led to admission to hospital or prolonged the stay"),
    Criterion.DISABILITY: Message("It led to persistent or significant disability"),
    Criterion.CONGENITAL: Message("It is a congenital anomaly or birth defect"),
    Criterion.IMPORTANT: Message("It is medically important in another way"),
}

# Where SDTM IG 3.4 keeps each, in AE.
SDTM: Final[Mapping[Criterion, str]] = {
    Criterion.DEATH: "AESDTH",
    Criterion.LIFE_THREATENING: "AESLIFE",
    Criterion.HOSPITALISATION: "AESHOSP",
    Criterion.DISABILITY: "AESDISAB",
    Criterion.CONGENITAL: "AESCONG",
    Criterion.IMPORTANT: "AESMIE",
}


def is_serious(answers: Mapping[Criterion, bool]) -> bool:
    """Whether any of the six is answered with yes."""
    return any(answers.values())
