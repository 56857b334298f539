"""Group-sequential tests with bounds of one shape: Wang and Tsiatis's family, to which the tests of
Pocock and of O'Brien and Fleming belong."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import ClassVar

from trialwright.analysis.notebook import Notebook
from trialwright.design.canonical import FAR, Boundaries, crossing, falling_root
from trialwright.design.checks import (
    require_between,
    require_count,
    require_lists,
    require_positive,
    require_steps,
)
from trialwright.design.table import Decision
from trialwright.messages import Message


def wang_tsiatis(looks: int, delta: float, alpha: float = 0.05) -> float:
    """The constant C of two-sided bounds C (k/K)^(delta - 1/2) at equal looks, overall level alpha.

    delta 1/2 is Pocock's test, 0 that of O'Brien and Fleming (C is the last bound).

    >>> round(wang_tsiatis(5, 0.5), 3), round(wang_tsiatis(5, 0.0), 3)
    (2.413, 2.04)
    """
    require_count("looks", looks, 1, 100)
    require_between("alpha", alpha, 0, 1)
    return _constant(tuple(k / looks for k in range(1, looks + 1)), delta, alpha, 2)


@lru_cache(maxsize=64)
def _constant(timing: tuple[float, ...], delta: float, alpha: float, sides: int) -> float:
    def excess(c: float) -> float:
        bounds = [c * t ** (delta - 0.5) for t in timing]
        lower = tuple(-b if sides == 2 else -FAR for b in bounds)
        return sum(map(sum, crossing(Boundaries(timing, tuple(bounds), lower), 0.0))) - alpha

    return falling_root(excess, 0.1, FAR)


@dataclass(frozen=True, kw_only=True)
class WangTsiatis(Notebook):
    """Test with bounds C t^(delta - 1/2) on Z at information fractions t, without futility bound.

    timing: information fractions of the looks, increasing, the last 1. delta: 0 is O'Brien and
    Fleming's test, 1/2 Pocock's; in between, early bounds fall. sides: 2, or 1. alpha: of all sides
    together. beta: type II error at the alternative.

    Estimand: theta, Z_k having mean theta sqrt(I_k). Accuracy of C: 1e-6. Source: Wang and Tsiatis
    1987, Biometrics 43:193; Jennison and Turnbull 2000, sections 2.7 and tables 2.9 and 2.10.

    >>> test = WangTsiatis(timing=(0.25, 0.5, 0.75, 1.0), delta=0.0)
    >>> [round(b, 3) for b in test.boundaries.upper]
    [4.049, 2.863, 2.337, 2.024]
    """

    kind: ClassVar[str] = "wang-tsiatis"
    timing: tuple[float, ...]
    delta: float
    alpha: float = 0.05
    beta: float = 0.2
    sides: int = 2

    def __post_init__(self) -> None:
        require_lists(self, "timing")
        require_between("alpha", self.alpha, 0, 0.5)
        require_between("beta", self.beta, 0, 1 - self.alpha)
        require_between("delta", self.delta, -1, 1)
        require_count("sides", self.sides, 1, 2)
        require_steps("timing", self.timing, last=1.0)

    @cached_property
    def constant(self) -> float:
        """C, the bound at the last look."""
        return _constant(self.timing, self.delta, self.alpha, self.sides)

    def _at(self, maximum: float) -> Boundaries:
        upper = tuple(self.constant * t ** (self.delta - 0.5) for t in self.timing)
        lower = tuple(-b if self.sides == 2 else -float("inf") for b in upper)
        return Boundaries(tuple(t * maximum for t in self.timing), upper, lower)

    @cached_property
    def inflation(self) -> float:
        """Maximum information as a multiple of that of the fixed test with the same errors."""
        return falling_root(
            lambda ratio: 1 - self.beta - sum(crossing(self._at(ratio * self._fixed), 1.0)[0]),
            0.9, 4.0,
        )  # fmt: skip

    @property
    def _fixed(self) -> float:
        from scipy.special import ndtri

        return float((ndtri(self.alpha / self.sides) + ndtri(self.beta)) ** 2)

    @cached_property
    def boundaries(self) -> Boundaries:
        """Bounds at the planned looks, on the information scale of theta = 1."""
        return self._at(self.inflation * self._fixed)

    def power(self, theta: float) -> float:
        """The chance to reject in favour of the effect at a multiple of the planned one."""
        return min(1.0, sum(crossing(self.boundaries, theta)[0]))

    def maximum_information(self, theta: float) -> float:
        """Information needed at the last look for power 1 - beta at theta."""
        require_positive("theta", theta)
        return self.inflation * self._fixed / theta**2

    def decide(self, z: float, look: int) -> Decision:
        """Read the bounds at a planned look (from 1): stop for effect, go on, or end without."""
        require_count("look", look, 1, len(self.timing))
        require_between("z", z, -1e6, 1e6)
        b = self.boundaries.upper[look - 1]
        distance = abs(z) if self.sides == 2 else z
        if distance >= b:
            reason = Message("Z = {z:.3f} reaches {b:.3f}.", z=z, b=b)
            return Decision("stop for effect", None, reason, "WangTsiatis")
        reason = Message("Z = {z:.3f} doesn't reach {b:.3f}.", z=z, b=b)
        action = "stop without effect" if look == len(self.timing) else "continue"
        return Decision(action, None, reason, "WangTsiatis")

    def describe(self) -> Message:
        """The rule in words."""
        named: dict[str, object] = {
            "alpha": self.alpha,
            "looks": ", ".join(f"{t:g}" for t in self.timing),
            "delta": self.delta,
        }
        if self.sides == 2:
            return Message(
                "Two-sided group-sequential test at level {alpha:g} with looks at information "
                "{looks} and Wang and Tsiatis's bounds, delta {delta:g}.",
                **named,
            )
        return Message(
            "One-sided group-sequential test at level {alpha:g} with looks at information "
            "{looks} and Wang and Tsiatis's bounds, delta {delta:g}.",
            **named,
        )
