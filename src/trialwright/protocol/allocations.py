"""How participants come to their arms: what one allocation of the file says."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from trialwright.protocol.allocation_kinds import AllocationKind, ArmRule, Imbalance
from trialwright.protocol.basics import Text
from trialwright.protocol.expression import Expression

ENTRY = "allocation"
"""The key of the one allocation of a file that has no others."""
LIST_COLUMNS = ("place", "arm")
"""What the columns of an uploaded list are called, beside one for each factor."""


@dataclass(frozen=True, slots=True)
class Level:
    """One level of a stratification factor."""

    key: str
    label: Text
    when: Expression


@dataclass(frozen=True, slots=True)
class Factor:
    """A stratification factor: a participant has the first level whose `when` is true."""

    key: str
    label: Text
    levels: tuple[Level, ...]


@dataclass(frozen=True, slots=True)
class RunIn:
    """The first participants: unstratified, in blocks of one size, treated some days apart."""

    participants: int
    block_size: int
    days_apart: int


@dataclass(frozen=True, slots=True)
class Pause:
    """A gate: once `participants` are treated, nobody is randomised until each of them has been
    watched for `after_days`, and the role `seen_by` has signed that it has seen their results."""

    participants: int
    after_days: int
    seen_by: str


@dataclass(frozen=True, slots=True)
class Allocation:
    """How participants get their arms: at the beginning, or again `at` a later epoch.

    arms: the numbers of the arms that it leads to; `ratio` follows their order. among: of a later
    one, the numbers of the arms that participants are allocated again from, all if empty; when:
    who of them. Everybody else keeps their arm, by the same steps.

    probability: of a biased coin or of minimisation, that an arm which is behind is taken, as a
    fraction. weights: of minimisation, one for each factor. by: the role that chooses, or that
    uploads the list. rules: of an allocation by rule, the first that is true counts. of_groups:
    whether groups enter by it and by others, each with lists of its own. to: of a switch, the arm
    that follows each of `among`, by their numbers. control: of dose cohorts that are randomised,
    the number of the control's arm, the last of `arms`, whose others are the levels in their
    order; 0 where everybody gets their cohort's dose.
    """

    ratio: tuple[int, ...]
    block_sizes: tuple[int, ...]
    factors: tuple[Factor, ...]
    run_in: RunIn | None
    line: int
    pause_after: Pause | None = None
    kind: AllocationKind = AllocationKind.BLOCKS
    probability: str = "1"
    weights: tuple[int, ...] = ()
    measure: Imbalance = Imbalance.RANGE
    by: str = ""
    rules: tuple[ArmRule, ...] = ()
    key: str = ENTRY
    label: Text | None = None
    arms: tuple[int, ...] = ()
    at: str | None = None
    among: tuple[int, ...] = ()
    when: Expression | None = None
    of_groups: bool = False
    to: Mapping[int, int] = field(default_factory=dict)
    control: int = 0

    @property
    def is_drawn(self) -> bool:
        """Whether the arms follow from random numbers."""
        return self.kind.is_drawn or self.control > 0

    @property
    def list_prefix(self) -> str:
        """What the names of its lists begin with; no name of a stratum has a colon."""
        return f"{self.key}:" if self.at is not None or self.of_groups else ""

    @property
    def chosen_by(self) -> str:
        """The role that chooses the arm, where somebody does."""
        return self.by if self.kind is AllocationKind.CHOSEN else ""

    @property
    def uploaded_by(self) -> str:
        """The role that uploads the list, where it is drawn outside."""
        return self.by if self.kind is AllocationKind.EXTERNAL else ""

    @property
    def milestone(self) -> str:
        """The name under which steps come after a later allocation."""
        return f"allocation {self.key}"

    def least_days(self, participants: int) -> int:
        """Days from the first treatment to the last that days apart and the pause take at least."""
        apart, first, pause = 0, 1, self.pause_after
        if self.run_in:
            apart, first = self.run_in.days_apart, self.run_in.participants
        days = (min(first, participants) - 1) * apart
        if pause and pause.participants < participants:
            in_run_in = pause.participants < first
            days += max(0, pause.after_days - (apart if in_run_in else 0))
        return days
