"""Dose levels and the cohorts that are treated at them, one after another."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from trialwright.protocol.expression import Expression


@dataclass(frozen=True, slots=True)
class DoseLevel:
    """One dose level: an arm of the file, and how much it is given. The first is the lowest.

    second_dose, second_unit: of the second agent, where two escalate together; a level is then one
    combination, and the levels are all of them: for each dose of the first agent, every one of the
    second.
    """

    arm: str
    dose: Decimal
    unit: str
    line: int
    second_dose: Decimal | None = None
    second_unit: str = ""

    @property
    def first_amount(self) -> str:
        """How much of the first agent is given, or of the only one, with its unit."""
        return f"{self.dose:f} {self.unit}"

    @property
    def second_amount(self) -> str:
        """How much of the second agent is given, with its unit; "" where there is one agent."""
        return "" if self.second_dose is None else f"{self.second_dose:f} {self.second_unit}"

    @property
    def amount(self) -> str:
        """How much is given, with units."""
        return " + ".join(each for each in (self.first_amount, self.second_amount) if each)


def agents_of(levels: Sequence[DoseLevel]) -> int:
    """How many agents the dose levels have; 0 without levels."""
    return 0 if not levels else 2 if second_doses(levels) else 1


def second_doses(levels: Sequence[DoseLevel]) -> int:
    """How many doses the second agent has; 0 where there is one agent."""
    return len({each.second_dose for each in levels} - {None})


def place_of(levels: Sequence[DoseLevel], number: int) -> tuple[int, int]:
    """The dose of the first agent and that of the second, by their order from 1, at a level by its
    number from 1."""
    row, column = divmod(number - 1, second_doses(levels) or 1)
    return row + 1, column + 1


def no_higher(levels: Sequence[DoseLevel], number: int, than: int) -> bool:
    """Whether a level has no higher dose than another, of either agent."""
    pairs = zip(place_of(levels, number), place_of(levels, than), strict=True)
    return all(dose <= other for dose, other in pairs)


def is_lower(levels: Sequence[DoseLevel], number: int, than: int) -> bool:
    """Whether a level is lower than another, in one agent at least and higher in none."""
    return number != than and no_higher(levels, number, than)


def skips_none(levels: Sequence[DoseLevel], number: int, reached: Iterable[int]) -> bool:
    """Whether a level is the lowest, or one agent's next dose or less from one reached already."""
    row, column = place_of(levels, number)
    places = [place_of(levels, each) for each in reached]
    return number == 1 or any(
        (row <= i + 1 and column <= j) or (row <= i and column <= j + 1) for i, j in places
    )


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
class CohortControl:
    """The arm that some of each cohort get instead of its dose, drawn by chance, and how many in
    each cohort, beside those at the dose."""

    arm: str
    each: int
    line: int


@dataclass(frozen=True, slots=True)
class Cohorts:
    """How cohorts follow one another over the dose levels.

    rule: the key of the design that says the next dose; None where people decide alone. size: how
    many evaluable participants a cohort has at its dose, where no rule and no stretches say it.
    sizes: the stretches, where the size changes on the way. control: whom each cohort is randomised
    against; None where everybody gets its dose. window_days: from the first dose. event: true of
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
    control: CohortControl | None = None

    @property
    def controls(self) -> int:
        """How many of each cohort get the control."""
        return self.control.each if self.control else 0

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

    def size_at(self, reached: Iterable[int], past: frozenset[int]) -> int | None:
        """How many the next cohort takes, as the stretches say; None where there are none.

        Stretches follow one another and don't come back: `past` holds those that are over whatever
        the level, by their index.

        Args:
            reached: the dose levels so far, with that of the next cohort.
        """
        reached = set(reached)
        for index, stretch in enumerate(self.sizes):
            through = stretch.through
            within = through is None or all(
                no_higher(self.levels, each, through) for each in reached
            )
            if index not in past and within:
                return stretch.each
        return None
