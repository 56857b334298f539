"""Group-sequential tests of two arms on the normal scale: error spending at any information
times."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import ClassVar

import numpy as np

from trialwright.analysis.notebook import Notebook
from trialwright.design.canonical import Boundaries, Walk, crossing, falling_root
from trialwright.design.checks import (
    require_between,
    require_choice,
    require_count,
    require_lists,
    require_positive,
    require_some,
    require_steps,
)
from trialwright.design.error_spending import SPENDING, parameters, spent
from trialwright.design.errors import DesignError
from trialwright.design.table import Decision
from trialwright.messages import Message

FUTILITY = ("none", "binding", "non-binding")
_SPOKEN = {
    "obrien-fleming": Message("O'Brien-Fleming type"),
    "pocock": Message("Pocock type"),
    "hwang-shih-decani": Message("Hwang-Shih-DeCani"),
    "power": Message.in_context("design", "power"),
    "none": Message("none"),
    "binding": Message("binding"),
    "non-binding": Message("non-binding"),
}


@dataclass(frozen=True, kw_only=True)
class GroupSequential(Notebook):
    """Group-sequential test by error spending, one-sided with or without a futility bound, or
    two-sided.

    timing: information fractions of the planned looks, increasing, the last 1. sides: 1, or 2 for
    symmetric bounds at which either arm may win; then there is no futility bound. alpha: of all
    sides together.
    beta: type II error at the alternative. spending, parameter: how alpha is spent ("power" and
    "hwang-shih-decani" take the parameter). futility: "binding" lets the lower bound lower the
    upper ones; "non-binding" computes the upper bounds as if it weren't there. beta is spent by
    futility_spending and futility_parameter.

    Estimand: theta, Z_k having mean theta sqrt(I_k). Accuracy of the bounds: 1e-6 where each look
    adds 5% or more to the information before it, 1e-4 down to the least allowed, 0.2%.
    Source: Lan and DeMets 1983, Biometrika 70:659; Jennison and Turnbull 2000, chapter 7.

    >>> design = GroupSequential(timing=(0.5, 1.0), alpha=0.025, beta=0.1)
    >>> [round(b, 3) for b in design.boundaries.upper]
    [2.963, 1.969]
    """

    kind: ClassVar[str] = "group-sequential"
    timing: tuple[float, ...]
    alpha: float = 0.025
    beta: float = 0.2
    spending: str = "obrien-fleming"
    parameter: float = 1.0
    futility: str = "none"
    futility_spending: str = "power"
    futility_parameter: float = 2.0
    sides: int = 1

    def __post_init__(self) -> None:
        require_between("alpha", self.alpha, 0, 0.5)
        require_between("beta", self.beta, 0, 1 - self.alpha)
        require_choice("spending", self.spending, SPENDING)
        require_choice("futility_spending", self.futility_spending, SPENDING)
        require_choice("futility", self.futility, FUTILITY)
        require_count("sides", self.sides, 1, 2)
        if self.sides == 2 and self.futility != "none":
            raise DesignError(
                Message("A two-sided test with a futility bound."),
                rule=Message("A futility bound has one side."),
                fix=Message("Write sides: 1, or futility: none."),
            )
        for which in ("", "futility_"):
            spending, name = getattr(self, which + "spending"), which + "parameter"
            require_between(name, getattr(self, name), *parameters(spending))
        require_lists(self, "timing")
        require_some("timing", self.timing)
        require_steps("timing", self.timing, last=1.0)

    def at(
        self,
        information: Sequence[float],
        maximum: float,
        theta: float = 0.0,
        *,
        final: bool = False,
    ) -> Boundaries:
        """Bounds at the information really reached, planned or not, spending by I/maximum.

        maximum: the information at which all error would be spent. theta: the alternative, needed
        for a futility bound. final: the last of these looks is the last of the trial, and spends
        all error that is left, however much information the trial fell short of or ran over.

        >>> design = GroupSequential(timing=(0.5, 1.0))
        >>> [round(b, 3) for b in design.at([50, 92], 100, final=True).upper]
        [2.963, 1.967]
        """
        require_some("information", information)
        require_steps("information", information)
        require_positive("maximum", maximum)
        require_between("theta", theta, -1e6, 1e6)
        fractions = [info / maximum for info in information]
        if final:
            fractions[-1] = max(1.0, fractions[-1])
        null, drift = Walk(0.0), Walk(theta)
        upper: list[float] = []
        lower: list[float] = []
        for info, alpha, beta in zip(
            information,
            self._steps("", fractions),
            self._steps("futility_", fractions),
            strict=True,
        ):
            b = null.upper_bound(alpha / self.sides, info)
            a = -b if self.sides == 2 else -np.inf
            if self.futility != "none":
                a = min(drift.lower_bound(beta, info), b)
            upper.append(b)
            lower.append(a)
            if len(upper) < len(information):
                null.go_on(-np.inf if self.futility == "non-binding" else a, b, info)
                if self.futility != "none":
                    drift.go_on(a, b, info)
        if final and self.futility != "none":
            lower[-1] = upper[-1]
        return Boundaries(tuple(information), tuple(upper), tuple(lower))

    def _steps(self, which: str, fractions: Sequence[float]) -> list[float]:
        """The error spent anew at each look: alpha, or beta on futility."""
        spending, parameter = getattr(self, which + "spending"), getattr(self, which + "parameter")
        level = self.beta if which else self.alpha
        so_far = [spent(spending, parameter, level, fraction) for fraction in fractions]
        return [now - before for before, now in zip([0.0, *so_far], so_far, strict=False)]

    @cached_property
    def inflation(self) -> float:
        """Maximum information as a multiple of that of the fixed test with the same errors."""

        def with_futility(ratio: float) -> float:
            info = [t * ratio * self._fixed for t in self.timing]
            bounds = self.at(info, info[-1], 1.0)
            return bounds.upper[-1] - self._last_lower(bounds)

        if self.futility != "none":
            return falling_root(with_futility, 0.9, 4.0)
        free = self.at(self.timing, 1.0)  # without a lower bound the drift doesn't matter

        def lack(ratio: float) -> float:
            info = tuple(t * ratio * self._fixed for t in self.timing)
            return 1 - self.beta - sum(crossing(Boundaries(info, free.upper, free.lower), 1.0)[0])

        return falling_root(lack, 0.9, 4.0)

    @property
    def _fixed(self) -> float:
        """The information of the fixed test at theta 1."""
        from scipy.special import ndtri

        return float((ndtri(self.alpha / self.sides) + ndtri(self.beta)) ** 2)

    def _last_lower(self, bounds: Boundaries) -> float:
        """The last lower bound had it not been capped by the upper one."""
        drift = Walk(1.0)
        for info, a, b in zip(
            bounds.information[:-1], bounds.lower[:-1], bounds.upper[:-1], strict=True
        ):
            drift.go_on(a, b, info)
        return drift.lower_bound(self._steps("futility_", self.timing)[-1], bounds.information[-1])

    @cached_property
    def boundaries(self) -> Boundaries:
        """Bounds at the planned looks, on the information scale of theta = 1."""
        maximum = self.inflation * self._fixed
        return self.at([t * maximum for t in self.timing], maximum, 1.0)

    def power(self, theta: float) -> float:
        """The chance to reject in favour of the effect at a multiple of the planned one."""
        return min(1.0, sum(crossing(self.boundaries, theta)[0]))

    def maximum_information(self, theta: float) -> float:
        """Information needed at the last look for power 1 - beta at theta."""
        require_positive("theta", theta)
        return self.inflation * self._fixed / theta**2

    def decide(self, z: float, look: int) -> Decision:
        """Read the bounds at a planned look (from 1): stop for effect, for futility, or go on."""
        require_count("look", look, 1, len(self.timing))
        require_between("z", z, -1e6, 1e6)
        b, a = self.boundaries.upper[look - 1], self.boundaries.lower[look - 1]
        if z >= b:
            reason = Message("Z = {z:.3f} reaches {b:.3f}.", z=z, b=b)
            return Decision("stop for effect", None, reason, "GroupSequential")
        if self.sides == 2 and z <= a:
            reason = Message("Z = {z:.3f} reaches {b:.3f}.", z=z, b=a)
            return Decision("stop for effect", None, reason, "GroupSequential")
        if z <= a or look == len(self.timing):
            bound = a if z <= a else b
            reason = Message("Z = {z:.3f} is below {bound:.3f}.", z=z, bound=bound)
            return Decision("stop without effect", None, reason, "GroupSequential")
        reason = Message("Z = {z:.3f} lies between {a:.3f} and {b:.3f}.", z=z, a=a, b=b)
        return Decision("continue", None, reason, "GroupSequential")

    def describe(self) -> Message:
        """The rule in words."""
        named: dict[str, object] = {
            "alpha": self.alpha,
            "looks": ", ".join(f"{t:g}" for t in self.timing),
            "spending": _SPOKEN[self.spending],
        }
        if self.sides == 2:
            return Message(
                "Two-sided group-sequential test at level {alpha:g} with looks at information "
                "{looks}, {spending} spending.",
                **named,
            )
        return Message(
            "One-sided group-sequential test at level {alpha:g} with looks at information "
            "{looks}, {spending} spending, futility bound: {futility}.",
            futility=_SPOKEN[self.futility],
            **named,
        )
