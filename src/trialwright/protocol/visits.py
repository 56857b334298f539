"""Visits and the moments they are counted from. A reference names an item at a visit."""

from dataclasses import dataclass, replace
from enum import StrEnum

from trialwright.protocol.basics import Text
from trialwright.protocol.durations import Duration
from trialwright.protocol.expression import Expression
from trialwright.protocol.occurrences import key_of, name_of


@dataclass(frozen=True, slots=True)
class Reference:
    """An item of a form at a visit; `str` gives `visit.form.item`."""

    visit: str
    form: str
    item: str

    def __str__(self) -> str:
        return f"{self.visit}.{self.form}.{self.item}"


class EndEvent(StrEnum):
    """How a participation can end, as an anchor names it."""

    DEATH = "death"
    WITHDRAWAL = "withdrawal"
    LOSS = "loss"
    COMPLETION = "completion"


@dataclass(frozen=True, slots=True)
class Anchor:
    """A moment from which visits are counted: one of the following, each to the day.

    `step` is a milestone's or a step's name; of a step the first record counts. `item` holds a
    date; with `when`, that of the first of its visit's occurrences for which the condition holds.
    `visit` is the first day on which a visit took place, `epoch` and `epoch_end` the day on which
    an epoch began or ended, `event` how the participation ended.
    """

    key: str
    label: Text
    step: str | None
    item: Reference | None
    line: int
    when: Expression | None = None
    visit: str | None = None
    epoch: str | None = None
    epoch_end: str | None = None
    event: str | None = None


@dataclass(frozen=True, slots=True)
class Fallback:
    """What a visit is counted from once its own anchor can't come, with a window of its own."""

    anchor: str
    day: int
    window_before_days: int = 0
    window_after_days: int = 0


@dataclass(frozen=True, slots=True)
class Visit:
    """A visit: `day` days (or the length `after`) after its anchor, with a window around.

    A visit of a `cycle` comes again at each occurrence, on day `day` of it, the first being day 1.
    A visit without an anchor or cycle is open at any time after consent and never due (for events
    and ongoing records); an `unscheduled` one is made, with its reason, whenever it is needed.
    `screening` visits come before the allocation. A visit of an `epoch` isn't planned for a day
    after the epoch's end. `only_if` says for whom
    the visit is planned at all, and `arms` (their keys) in which arms; empty: in all.

    What a participant comes to is an occurrence: `key` is then its name, as in `day_1~3`, and
    `occurrence` its number.
    """

    key: str
    label: Text
    forms: tuple[str, ...]
    line: int
    anchor: str | None = None
    cycle: str | None = None
    day: int = 0
    after: Duration | None = None
    window_before_days: int = 0
    window_after_days: int = 0
    fallback: Fallback | None = None
    screening: bool = False
    remote: bool = False
    only_if: Expression | None = None
    arms: tuple[str, ...] = ()
    unscheduled: bool = False
    epoch: str | None = None
    kind: str | None = None
    occurrence: int = 1

    def at(self, occurrence: int, cycle: Text | None) -> "Visit":
        """Return an occurrence, whose words name the number of the cycle or, without one or where
        cycle and visit are called the same, of the visit."""
        label = Text(f"{self.label.en} {occurrence}", f"{self.label.zh} {occurrence}")
        if cycle is not None and cycle != self.label:
            label = Text(
                f"{cycle.en} {occurrence}, {self.label.en}",
                f"{cycle.zh} {occurrence}，{self.label.zh}",
            )
        return replace(self, key=name_of(self.key, occurrence), label=label, occurrence=occurrence)

    @property
    def base(self) -> str:
        """The visit's key in the file."""
        return key_of(self.key)

    def is_for(self, arm: str) -> bool:
        """Whether the visit is planned in an arm (its key; "" before there is one)."""
        return not self.arms or arm in self.arms

    @property
    def any_time(self) -> bool:
        """Whether the visit has no date of its own."""
        return self.anchor is None and not self.repeats

    @property
    def repeats(self) -> bool:
        """Whether a participant may come to it more than once."""
        return self.cycle is not None or self.unscheduled
