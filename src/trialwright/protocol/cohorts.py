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

    @property
    def amount(self) -> str:
        """How much it is given, with its unit."""
        return f"{self.dose:f} {self.unit}"


@dataclass(frozen=True, slots=True)
class SizeStretch:
    """So many participants in each cohort, up to an end; the last stretch has none.

    until: ends the stretch once it holds of anybody allocated so far. through: the highest dose
    level, from 1, that is within the stretch. With both, what comes first ends it.
    """

    each: int
    until: Expression | None
    through: int | None
    line: int


@dataclass(frozen=True, slots=True)
class Cohorts:
    """How cohorts follow one another over the dose levels.

    rule: the key of the design that says the next dose; None where people decide alone. size: how
    many evaluable participants a cohort has, where no rule and no stretches say it. sizes: the
    stretches, where the size changes on the way. window_days: from the first dose. event: true of
    who has had a dose-limiting event. evaluable: true of who counts without one, once the window is
    over; everybody if None. response: true of who has responded, where the rule reads responses.
    response_window_days: from the first dose. decide: the role that opens each cohort. days_apart:
    least number of days between first doses of two participants. group: the key of the group that
    escalates by itself so; "" of those of the whole trial.
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
    sizes: tuple[SizeStretch, ...] = ()
    response: Expression | None = None
    response_window_days: int = 0

    @property
    def references(self) -> frozenset[str]:
        """The items that outcomes and the sizes of cohorts follow from."""
        asked = (
            self.event,
            self.evaluable,
            self.response,
            *(stretch.until for stretch in self.sizes),
        )
        return frozenset(name for each in asked if each for name in each.references)

    def size_at(self, level: int, past: frozenset[int]) -> int | None:
        """How many the next cohort takes, as the stretches say; None where there are none.

        Stretches follow one another and don't come back: `past` holds those that are over whatever
        the level, by their index.

        Args:
            level: the highest dose level so far or that of the next cohort, whichever is higher.
        """
        for index, stretch in enumerate(self.sizes):
            above = stretch.through is not None and level > stretch.through
            if index not in past and not above:
                return stretch.each
        return None
