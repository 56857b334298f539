"""Holds as a cut has them: that there was one stands open, which arm and why is sealed."""

from dataclasses import dataclass

from trialwright.analysis.cut_checks import date_text, one_of

KINDS = ("rule", "at_once", "person")
PAUSES = ("arm", "all")
CHOICES = ("", "resume", "close_arms", "close_study")


@dataclass(frozen=True, slots=True)
class Hold:
    """One hold; `ended_on` is None while it is in force, `goes_on` whether the trial did after."""

    number: int
    kind: str
    pauses: str
    set_on: str
    ended_on: str | None = None
    goes_on: bool = False
    reason: str = ""

    def __post_init__(self) -> None:
        where = f"hold {self.number}"
        one_of(self.kind, KINDS, where)
        one_of(self.pauses, PAUSES, where)
        date_text(self.set_on, where)
        date_text(self.ended_on, where)


@dataclass(frozen=True, slots=True)
class HoldDetail:
    """What only unblinded people may know of a hold: its group (an arm, all, or the key of what
    holds at once), the counts at which it was set, and what was decided of it and why; `overrides`
    where that goes against a rule, `against_board` against what the board recommended in its
    `meeting`."""

    number: int
    group: str
    counted: int = 0
    events: int = 0
    bound: int | None = None
    reason: str = ""
    choice: str = ""
    arms: tuple[str, ...] = ()
    why: str = ""
    overrides: bool = False
    meeting: int | None = None
    against_board: bool = False

    def __post_init__(self) -> None:
        one_of(self.choice, CHOICES, f"hold {self.number}")
