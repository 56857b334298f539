"""Dose-finding designs whose decisions no finite table holds: they are read live, and simulated."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import ClassVar

from numpy.typing import ArrayLike

from trialwright.analysis.notebook import Notebook
from trialwright.design.characteristics import OperatingCharacteristics
from trialwright.design.finding import DoseState
from trialwright.design.table import Decision
from trialwright.messages import Message


class SimulatedFinding(Notebook, ABC):
    """A design that chooses a dose for each cohort, and one at the end, by a model."""

    kind: ClassVar[str]
    cohort_size: int
    max_participants: int

    @property
    @abstractmethod
    def doses(self) -> int:
        """How many there are."""

    @property
    @abstractmethod
    def target(self) -> float:
        """The DLT rate by which doses are judged."""

    @abstractmethod
    def start(self) -> DoseState:
        """Nobody treated; the starting dose is current."""

    @abstractmethod
    def decide(self, state: DoseState) -> Decision:
        """Where the next cohort goes, or that and why the trial ends."""

    @abstractmethod
    def select(self, state: DoseState) -> int | None:
        """The dose that would be selected if the trial ended now, or None."""

    @abstractmethod
    def operating_characteristics(
        self, scenarios: ArrayLike, *, trials: int = 1_000, seed: int = 1
    ) -> OperatingCharacteristics:
        """How the design performs under each scenario (scenarios x doses of true DLT rates)."""

    @abstractmethod
    def describe(self) -> Message:
        """The rule in words."""

    def next_cohort(self, state: DoseState) -> int:
        """Size of the next cohort at the dose that `decide` gives; 0 at a stop."""
        decision = self.decide(state)
        if decision.action == "stop" or decision.dose is None:
            return 0
        return min(self.cohort_size, self.max_participants - sum(state.treated))
