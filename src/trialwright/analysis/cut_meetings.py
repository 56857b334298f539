"""Meetings of the board as a cut has them: whether the trial should go on stands open, what exactly
was recommended and why is sealed."""

from dataclasses import dataclass

from trialwright.analysis.cut_checks import date_text, one_of

ADVICE = ("goes_on", "pauses", "stops")
RECOMMENDATIONS = ("continue", "change", "pause", "stop_arm", "stop")


@dataclass(frozen=True, slots=True)
class BoardMeeting:
    """One meeting; `read` is the name of the cut that the members read, `present` how many they
    were, `signed_on` None while not enough of them have signed."""

    number: int
    held_on: str
    read: str
    present: int
    quorum: int
    advice: str
    minutes: str = ""
    signed_on: str | None = None

    def __post_init__(self) -> None:
        where = f"meeting {self.number}"
        one_of(self.advice, ADVICE, where)
        date_text(self.held_on, where)
        date_text(self.signed_on, where)


@dataclass(frozen=True, slots=True)
class MeetingDetail:
    """What only unblinded people may know of a meeting; `conflicts` are the words in which members
    declared one, without their names."""

    number: int
    recommendation: str
    arms: tuple[str, ...] = ()
    why: str = ""
    minutes: str = ""
    conflicts: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        one_of(self.recommendation, RECOMMENDATIONS, f"meeting {self.number}")
