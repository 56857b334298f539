"""What a sample size is planned on: outcomes and an analysis that have a power at every size."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import ClassVar

from trialwright.analysis.notebook import Notebook
from trialwright.messages import Message


@dataclass(frozen=True, slots=True)
class PowerAtSize(Notebook):
    """The share of trials with p <= alpha; where simulated, with its standard error, its 95%
    interval (Wilson's) and how many trials, else 0 of them. untested: trials whose data allowed no
    test, which count as not rejecting."""

    per_arm: int
    power: float
    standard_error: float
    lower: float
    upper: float
    trials: int = 0
    untested: int = 0


class PlannedOutcomes(Notebook, ABC):
    """Outcomes of two arms and their analysis; a protocol names them by their kind."""

    kind: ClassVar[str]
    least: ClassVar[int] = 2
    """The fewest participants in each arm that the analysis takes."""
    most: ClassVar[int] = 100_000
    """The most for which a power can be had."""

    @abstractmethod
    def power_with(self, per_arm: int, alpha: float, trials: int, seed: int) -> PowerAtSize:
        """The power of the two-sided test at level alpha; exact ones need no trials and no seed."""

    @abstractmethod
    def describe(self) -> Message:
        """Outcomes and analysis in words."""


class ExactOutcomes(PlannedOutcomes):
    """Outcomes whose power is computed, without simulation."""

    @abstractmethod
    def power_of(self, per_arm: int, alpha: float) -> float:
        """The power of the test whose error is alpha/2 on the side of the first arm."""

    def power_with(self, per_arm: int, alpha: float, trials: int, seed: int) -> PowerAtSize:
        power = self.power_of(per_arm, alpha)
        return PowerAtSize(per_arm, power, 0.0, power, power)
