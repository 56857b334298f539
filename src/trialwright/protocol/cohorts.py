"""Dose levels and the cohorts that are treated at them, one after another."""

from dataclasses import dataclass
from decimal import Decimal

from trialwright.protocol.expression import Expression


@dataclass(frozen=True, slots=True)
class DoseLevel:
    """One dose level: an arm of the file, and how much it is given. The first is the lowest."""

    arm: str
    dose: Decimal
    unit: str
    line: int


@dataclass(frozen=True, slots=True)
class Cohorts:
    """How cohorts follow one another over the dose levels.

    rule: the key of the design that says the next dose; None where people decide alone. size: how
    many evaluable participants a cohort has, where no rule says it. window_days: from the first
    dose. event: true of who has had a dose-limiting event. evaluable: true of who counts without
    one, once the window is over; everybody if None. decide: the role that opens each cohort.
    days_apart: least number of days between first doses of two participants. group: the key of the
    group that escalates by itself so; "" of those of the whole trial.
    """

    levels: tuple[DoseLevel, ...]
    rule: str | None
    size: int
    window_days: int
    event: Expression
    evaluable: Expression | None
    decide: str
    days_apart: int
    line: int
    group: str = ""

    @property
    def references(self) -> frozenset[str]:
        """The items that outcomes follow from."""
        both = (self.event, self.evaluable)
        return frozenset(name for each in both if each for name in each.references)
