"""How the comparisons of several endpoints share one level: a graph of weighted hypotheses. Fixed
sequences, fallback, Holm's procedure and gatekeeping are such graphs.

Source: Bretz, Maurer, Brannath and Posch 2009, Stat Med 28:586.
"""

from dataclasses import dataclass
from fractions import Fraction


@dataclass(frozen=True, slots=True)
class Hypothesis:
    """One comparison of the graph: an arm of an endpoint's analysis against its reference.

    weight: its first share of the level. passes: which parts of its share go to which hypotheses
    once it is rejected.
    """

    key: str
    endpoint: str
    arm: str
    weight: Fraction
    passes: tuple[tuple[str, Fraction], ...]
    line: int


@dataclass(frozen=True, slots=True)
class HypothesisGraph:
    """The hypotheses that share a level, two-sided, in the order of the file."""

    level: float
    hypotheses: tuple[Hypothesis, ...]

    @property
    def weights(self) -> tuple[float, ...]:
        """The first shares."""
        return tuple(float(each.weight) for each in self.hypotheses)

    @property
    def transitions(self) -> tuple[tuple[float, ...], ...]:
        """Row i, column j: the part of i's share that goes to j."""
        keys = [each.key for each in self.hypotheses]
        return tuple(
            tuple(float(dict(each.passes).get(key, Fraction(0))) for key in keys)
            for each in self.hypotheses
        )
