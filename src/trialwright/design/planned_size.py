"""The sample size of two arms: the fewest with the power wanted, and the power around it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import ClassVar

from trialwright.analysis.notebook import Notebook
from trialwright.design.checks import require_between, require_count, require_kind
from trialwright.design.planned_outcomes import PlannedOutcomes, PowerAtSize
from trialwright.design.power_by_simulation import SizeFound, size_with_power
from trialwright.messages import Message, sentences

_AROUND = (0.5, 0.75, 1.0, 1.25, 1.5)


@dataclass(frozen=True, kw_only=True)
class SampleSize(Notebook):
    """How many participants each of two arms needs.

    Estimand: the chance that the planned analysis has p <= alpha (two-sided) if `outcomes` are as
    assumed; where they are believed, averaged over the belief. power: what is wanted of it.
    per_arm: the size that is planned, where it isn't the least that is found; limit: where the
    search ends. trials, seed: of a simulation; exact outcomes need none.

    Exact power isn't monotone in the size: the first size that reaches it is found. A simulated one
    is the first up to the error of its simulation, which stands beside it. Sources: those of the
    outcomes' own docstrings, and `simulated_power`.

    >>> from trialwright.design import Proportions
    >>> SampleSize(outcomes=Proportions(first=0.6, second=0.2)).found.per_arm
    23
    """

    kind: ClassVar[str] = "sample-size"
    outcomes: PlannedOutcomes
    power: float = 0.8
    alpha: float = 0.05
    per_arm: int | None = None
    limit: int = 500
    trials: int = 1_000
    seed: int = 1

    def __post_init__(self) -> None:
        require_kind("outcomes", self.outcomes, PlannedOutcomes)
        require_between("power", self.power, 0, 1)
        require_between("alpha", self.alpha, 0, 1)
        least, most = self.outcomes.least, self.outcomes.most
        if self.per_arm is not None:
            require_count("per_arm", self.per_arm, least, most)
        require_count("limit", self.limit, least, most)
        require_count("trials", self.trials, 20, 10_000_000)
        require_count("seed", self.seed, 0, 2**64 - 1)

    @cached_property
    def found(self) -> SizeFound:
        """The size found. Raises DesignError where the limit isn't enough."""
        return size_with_power(
            self.outcomes, power=self.power, alpha=self.alpha, trials=self.trials, seed=self.seed,
            limit=self.limit,
        )  # fmt: skip

    @property
    def planned(self) -> PowerAtSize:
        """The planned size and its power: the one given, else the one found."""
        return self.at(self.per_arm) if self.per_arm is not None else self.found.power

    @cached_property
    def around(self) -> tuple[PowerAtSize, ...]:
        """Power at sizes from half of the planned one to half as many more."""
        planned = self.planned.per_arm
        sizes = {max(self.outcomes.least, round(planned * share)) for share in _AROUND}
        return tuple(self.at(n) for n in sorted(sizes) if n <= self.outcomes.most)

    def at(self, per_arm: int) -> PowerAtSize:
        """The power with so many in each arm."""
        if per_arm not in self._known:
            self._known[per_arm] = self._power(per_arm)
        return self._known[per_arm]

    @cached_property
    def _known(self) -> dict[int, PowerAtSize]:
        return {} if self.per_arm is not None else {e.per_arm: e for e in self.found.tried}

    def _power(self, per_arm: int) -> PowerAtSize:
        return self.outcomes.power_with(per_arm, self.alpha, self.trials, self.seed)

    def describe(self) -> Message:
        """The plan in words."""
        found = Message(
            "Two-sided level {alpha:g}; the sample is the smallest with a power of {power:.0%}.",
            alpha=self.alpha, power=self.power,
        )  # fmt: skip
        given = Message(
            "Two-sided level {alpha:g}; {per_arm} participants are planned in each arm.",
            alpha=self.alpha, per_arm=self.per_arm,
        )  # fmt: skip
        return sentences(self.outcomes.describe(), found if self.per_arm is None else given)
