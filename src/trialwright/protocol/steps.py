"""The steps of a trial's treatment: who takes each, at which visits, after what, and what it tells.

Consent, eligibility and allocation are steps too, with actions of their own, which every trial has
or hasn't; a step may come `after` them as after another step.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from enum import StrEnum

from trialwright.protocol.basics import Text
from trialwright.protocol.evaluate import Values
from trialwright.protocol.expression import Expression


class Milestone(StrEnum):
    """A moment that the system itself records with its time. `treatment` is the first dose."""

    CONSENT = "consent"
    ELIGIBILITY = "eligibility"
    ALLOCATION = "allocation"
    TREATMENT = "treatment"


COME_BEFORE = (Milestone.CONSENT, Milestone.ELIGIBILITY, Milestone.ALLOCATION)
"""What `after` of a step can name beside other steps."""

COUNTED_FROM = (Milestone.CONSENT, Milestone.ALLOCATION, Milestone.TREATMENT)
"""What `step` of an anchor can name beside the file's steps."""


class Records(StrEnum):
    """What a step leaves beside the fact that it was taken: that is a date, or a dose too."""

    DATE = "date"
    DOSE = "dose"


class Dispenses(StrEnum):
    """What is handed out at a step: a kit that the system assigns by its number, or what is in
    containers of a lot, each checked at the bedside."""

    KIT = "kit"
    CONTAINER = "container"


@dataclass(frozen=True, slots=True)
class DoseRow:
    """One row of a dose table: who has `when` true (None: everybody else) gets `amount`."""

    amount: Expression
    when: Expression | None = None


@dataclass(frozen=True, slots=True)
class PlannedDose:
    """How much is to be given at a step that records a dose, in the unit that is recorded.

    amount: where it is one number for everybody. rows: otherwise, the first that is true counts.
    """

    amount: Decimal | None
    unit: str
    rows: tuple[DoseRow, ...] = ()

    @property
    def references(self) -> tuple[str, ...]:
        """What the amount follows from, each once."""
        return tuple(dict.fromkeys(name for each in self.expressions for name in each.names))

    @property
    def expressions(self) -> tuple[Expression, ...]:
        """The conditions and amounts of the rows, in their order."""
        return tuple(each for row in self.rows for each in (row.when, row.amount) if each)

    def for_values(self, values: Values) -> Decimal | None:
        """The amount by these values; None while it isn't known, or where it isn't above 0."""
        for row in self.rows:
            holds = True if row.when is None else row.when.holds(values)
            if holds is True:
                found = row.amount.evaluate(values)
                return found if isinstance(found, Decimal) and found > 0 else None
            if holds is not False:
                return None
        return self.amount


@dataclass(frozen=True, slots=True)
class TimeLimit:
    """How many elapsed hours after another step one is taken at the latest; the same for all arms,
    so that who is late tells none."""

    step: str
    hours: Decimal

    def ends(self, at: datetime) -> datetime:
        """The last moment, counted from when the other step was taken."""
        return at.astimezone(UTC) + timedelta(seconds=float(self.hours * 3600))


@dataclass(frozen=True, slots=True)
class Step:
    """A step (USDM: activity) of one participant.

    A step `at` visits is taken once at each of their occurrences, any other once. `reveals_arm`
    shows the arm to whoever takes it. A dose is given whole, in part or not at all; one of the
    `run_in` comes before the allocation and isn't the treatment. What it `dispenses` is assigned by
    the system, by its number alone. What is taken later than `within` is recorded, and a deviation.
    """

    key: str
    label: Text
    roles: tuple[str, ...]
    line: int
    at: tuple[str, ...] = ()
    after: tuple[str, ...] = ()
    reveals_arm: bool = False
    records: Records = Records.DATE
    planned: PlannedDose | None = None
    two_people: bool = False
    run_in: bool = False
    dispenses: Dispenses | None = None
    within: TimeLimit | None = None

    @property
    def gives_dose(self) -> bool:
        """Whether something is given to the participant."""
        return self.records is Records.DOSE

    @property
    def treats(self) -> bool:
        """Whether what is given is the trial's treatment, and not a dose of the run-in."""
        return self.gives_dose and not self.run_in
