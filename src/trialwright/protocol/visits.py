"""Visits and the moments they are counted from. A reference names an item at a visit."""

from dataclasses import dataclass
from enum import StrEnum

from trialwright.protocol.basics import Text
from trialwright.protocol.expression import Expression


@dataclass(frozen=True, slots=True)
class Reference:
    """An item of a form at a visit; `str` gives `visit.form.item`."""

    visit: str
    form: str
    item: str

    def __str__(self) -> str:
        return f"{self.visit}.{self.form}.{self.item}"


class Step(StrEnum):
    """A moment of a participant's story that the system itself records with its time."""

    CONSENT = "consent"
    ALLOCATION = "allocation"
    TREATMENT = "treatment"


@dataclass(frozen=True, slots=True)
class Anchor:
    """A moment from which visits are counted: a step of the story or the date in an item."""

    key: str
    label: Text
    step: Step | None
    item: Reference | None
    line: int


@dataclass(frozen=True, slots=True)
class Fallback:
    """What a visit is counted from once its own anchor can't come, with a window of its own."""

    anchor: str
    day: int
    window_before_days: int = 0
    window_after_days: int = 0


@dataclass(frozen=True, slots=True)
class Visit:
    """A visit: `day` days after its anchor, from so many days before to so many after.

    A visit without an anchor is open at any time after consent and never due (for events and
    running records). `screening` visits come before the allocation. `only_if` says for whom the
    visit is planned at all.
    """

    key: str
    label: Text
    forms: tuple[str, ...]
    line: int
    anchor: str | None = None
    day: int = 0
    window_before_days: int = 0
    window_after_days: int = 0
    fallback: Fallback | None = None
    screening: bool = False
    remote: bool = False
    only_if: Expression | None = None

    @property
    def any_time(self) -> bool:
        """Whether the visit has no date of its own."""
        return self.anchor is None
