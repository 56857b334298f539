"""Group-sequential tests of two arms on the normal scale: error spending at any information times.

The statistic Z_k at information I_k has mean theta sqrt(I_k), and increments are independent
(canonical joint distribution). Densities are carried on by Gauss-Legendre quadrature.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from math import sqrt
from typing import ClassVar

import numpy as np

from trialwright.analysis.notebook import Notebook
from trialwright.analysis.words import Said
from trialwright.design.checks import (
    Floats,
    require_between,
    require_choice,
    require_count,
    require_lists,
    require_positive,
    require_some,
)
from trialwright.design.errors import DesignError
from trialwright.design.table import Decision

SPENDING = ("obrien-fleming", "pocock", "hwang-shih-decani", "power")
FUTILITY = ("none", "binding", "non-binding")
_FAR = 12.0
_STEP = 0.002
_SPOKEN = {
    "obrien-fleming": Said("O'Brien-Fleming type", "O'Brien-Fleming 型"),
    "pocock": Said("Pocock type", "Pocock 型"),
    "hwang-shih-decani": Said("Hwang-Shih-DeCani", "Hwang-Shih-DeCani 型"),
    "power": Said("power", "幂型"),
    "none": Said("none", "无"),
    "binding": Said("binding", "约束性"),
    "non-binding": Said("non-binding", "非约束性"),
}


def spent(name: str, parameter: float, level: float, fraction: float) -> float:
    """Error spent by an information fraction; all of it from 1 on.

    obrien-fleming: 2 - 2 Phi(z(level/2)/sqrt(t)); pocock: level log(1 + (e-1)t) (Lan and DeMets
    1983); hwang-shih-decani: level (1 - exp(-g t))/(1 - exp(-g)); power: level t^rho.

    >>> round(spent("power", 2, 0.025, 0.5), 5)
    0.00625
    """
    from scipy.special import ndtr, ndtri

    t = min(fraction, 1.0)
    if t <= 0:
        return 0.0
    if name == "obrien-fleming":
        return float(2 * ndtr(ndtri(level / 2) / sqrt(t)))
    if name == "pocock":
        return float(level * np.log1p((np.e - 1) * t))
    if name == "hwang-shih-decani":
        return level * (float(np.expm1(-parameter * t) / np.expm1(-parameter)) if parameter else t)
    return float(level * t**parameter)


class _Walk:
    """The sub-density of Z at the last look, on the paths that have not stopped."""

    def __init__(self, theta: float) -> None:
        self.theta = theta
        self.information = 0.0
        self.nodes = np.zeros(1)
        self.mass = np.ones(1)

    def above(self, bound: float, information: float) -> float:
        """Chance to be above a bound at the next look, not having stopped before."""
        from scipy.special import ndtr

        return float(self.mass @ ndtr(-self._standardised(np.array([bound]), information)[:, 0]))

    def below(self, bound: float, information: float) -> float:
        """Chance to be below a bound at the next look, not having stopped before."""
        from scipy.special import ndtr

        return float(self.mass @ ndtr(self._standardised(np.array([bound]), information)[:, 0]))

    def upper_bound(self, chance: float, information: float) -> float:
        """The bound that is exceeded at the next look with this chance."""
        return _solve(lambda z: self.above(z, information), chance)

    def lower_bound(self, chance: float, information: float) -> float:
        """The bound that the next look falls short of with this chance."""
        return -_solve(lambda z: self.below(-z, information), chance)

    def go_on(self, low: float, high: float, information: float) -> None:
        """Move to the next look, keeping what lies between the bounds."""
        x, w = _nodes()
        centre = self.theta * sqrt(information)
        a, b = max(low, centre - _FAR), min(high, centre + _FAR)
        nodes = (a + b) / 2 + (b - a) / 2 * x
        z = self._standardised(nodes, information)
        slope = sqrt(information / (information - self.information))
        density = self.mass @ np.exp(-(z**2) / 2) * slope / sqrt(2 * np.pi)
        self.mass, self.nodes = density * w * (b - a) / 2, nodes
        self.information = information

    def _standardised(self, bounds: Floats, information: float) -> Floats:
        step = information - self.information
        come = self.nodes[:, None] * sqrt(self.information) + self.theta * step
        return np.asarray((bounds[None, :] * sqrt(information) - come) / sqrt(step))


@dataclass(frozen=True, slots=True)
class Boundaries(Notebook):
    """Bounds of Z at each look; a lower bound that isn't there is -inf."""

    _along = "look"
    information: tuple[float, ...]
    upper: tuple[float, ...]
    lower: tuple[float, ...]


@dataclass(frozen=True, kw_only=True)
class GroupSequential(Notebook):
    """One-sided group-sequential test by error spending, with or without a futility bound.

    timing: information fractions of the planned looks, increasing, the last 1. alpha: one-sided.
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

    def __post_init__(self) -> None:
        require_between("alpha", self.alpha, 0, 0.5)
        require_between("beta", self.beta, 0, 1 - self.alpha)
        require_choice("spending", self.spending, SPENDING)
        require_choice("futility_spending", self.futility_spending, SPENDING)
        require_choice("futility", self.futility, FUTILITY)
        for which in ("", "futility_"):
            spending, name = getattr(self, which + "spending"), which + "parameter"
            require_between(name, getattr(self, name), *_range(spending))
        require_lists(self, "timing")
        require_some("timing", self.timing)
        _require_steps("timing", self.timing)
        if abs(self.timing[-1] - 1) > 1e-12:
            raise DesignError(
                Said(f"timing is {self.timing}.", f"timing 为 {self.timing}。"),
                rule=Said(
                    "Information fractions increase from above 0 to 1.",
                    "信息分数须大于 0，逐次递增至 1。",
                ),
                fix=Said("Write for example (0.5, 1.0).", "例如 (0.5, 1.0)。"),
            )

    def at(self, information: Sequence[float], maximum: float, theta: float = 0.0) -> Boundaries:
        """Bounds at the information really reached, planned or not, spending by I/maximum.

        maximum: the information at which all error would be spent. theta: the alternative, needed
        for a futility bound. The last look should spend what is left when it is the final one:
        give it an information of `maximum` or more; otherwise it spends by its fraction.
        """
        require_some("information", information)
        _require_steps("information", information)
        require_positive("maximum", maximum)
        require_between("theta", theta, -1e6, 1e6)
        null, drift = _Walk(0.0), _Walk(theta)
        upper, lower = [], []
        alpha_before = beta_before = 0.0
        for info in information:
            alpha_now = spent(self.spending, self.parameter, self.alpha, info / maximum)
            b = null.upper_bound(alpha_now - alpha_before, info)
            a = -np.inf
            if self.futility != "none":
                beta_now = spent(
                    self.futility_spending, self.futility_parameter, self.beta, info / maximum
                )
                a = drift.lower_bound(beta_now - beta_before, info)
                beta_before = beta_now
            upper.append(b)
            lower.append(min(a, b))
            null.go_on(lower[-1] if self.futility == "binding" else -np.inf, b, info)
            drift.go_on(lower[-1], b, info)
            alpha_before = alpha_now
        return Boundaries(tuple(information), tuple(upper), tuple(lower))

    @cached_property
    def inflation(self) -> float:
        """Maximum information as a multiple of that of the fixed test with the same errors."""
        from scipy.special import ndtri

        fixed = float((ndtri(self.alpha) + ndtri(self.beta)) ** 2)

        def excess(ratio: float) -> float:
            info = [t * ratio * fixed for t in self.timing]
            bounds = self.at(info, info[-1], 1.0)
            if self.futility != "none":
                return bounds.upper[-1] - self._last_lower(bounds)
            return 1 - self.beta - sum(crossing(bounds, 1.0)[0])

        low, high = 0.9, 4.0
        for _ in range(48):
            middle = (low + high) / 2
            low, high = (low, middle) if excess(middle) <= 0 else (middle, high)
        return (low + high) / 2

    def _last_lower(self, bounds: Boundaries) -> float:
        """The last lower bound had it not been capped by the upper one."""
        drift = _Walk(1.0)
        for info, a, b in zip(
            bounds.information[:-1], bounds.lower[:-1], bounds.upper[:-1], strict=True
        ):
            drift.go_on(a, b, info)
        before = (
            spent(self.futility_spending, self.futility_parameter, self.beta, self.timing[-2])
            if len(self.timing) > 1
            else 0.0
        )
        info = bounds.information[-1]
        return drift.lower_bound(self.beta - before, info)

    @cached_property
    def boundaries(self) -> Boundaries:
        """Bounds at the planned looks, on the information scale of theta = 1."""
        from scipy.special import ndtri

        fixed = float((ndtri(self.alpha) + ndtri(self.beta)) ** 2)
        maximum = self.inflation * fixed
        return self.at([t * maximum for t in self.timing], maximum, 1.0)

    def maximum_information(self, theta: float) -> float:
        """Information needed at the last look for power 1 - beta at theta."""
        from scipy.special import ndtri

        require_positive("theta", theta)
        return self.inflation * float((ndtri(self.alpha) + ndtri(self.beta)) ** 2) / theta**2

    def decide(self, z: float, look: int) -> Decision:
        """Read the bounds at a planned look (from 1): stop for effect, for futility, or go on."""
        require_count("look", look, 1, len(self.timing))
        require_between("z", z, -1e6, 1e6)
        b, a = self.boundaries.upper[look - 1], self.boundaries.lower[look - 1]
        if z >= b:
            reason = Said(f"Z = {z:.3f} reaches {b:.3f}.", f"Z = {z:.3f}，达到 {b:.3f}。")
            return Decision("stop for effect", None, reason, "GroupSequential")
        if z <= a or look == len(self.timing):
            bound = a if z <= a else b
            reason = Said(f"Z = {z:.3f} is below {bound:.3f}.", f"Z = {z:.3f}，低于 {bound:.3f}。")
            return Decision("stop without effect", None, reason, "GroupSequential")
        reason = Said(
            f"Z = {z:.3f} lies between {a:.3f} and {b:.3f}.",
            f"Z = {z:.3f}，位于 {a:.3f} 与 {b:.3f} 之间。",
        )
        return Decision("continue", None, reason, "GroupSequential")

    def describe(self) -> Said:
        """The rule in words."""
        looks = ", ".join(f"{t:g}" for t in self.timing)
        spending, futility = _SPOKEN[self.spending], _SPOKEN[self.futility]
        return Said(
            f"One-sided group-sequential test at level {self.alpha:g} with looks at information "
            f"{looks}, {spending} spending, futility bound: {futility}.",
            f"单侧成组序贯检验，水平 {self.alpha:g}，信息分数 {looks}，{spending.zh}消耗函数，"
            f"无效界值：{futility.zh}。",
        )


def _require_steps(name: str, information: Sequence[float]) -> None:
    """Refuse information that doesn't grow, or by less than the quadrature can follow."""
    previous = 0.0
    for value in information:
        require_positive(name, value)
        if not value >= previous * (1 + _STEP):
            raise DesignError(
                Said(f"{name} is {tuple(information)}.", f"{name} 为 {tuple(information)}。"),
                rule=Said(
                    f"Values increase from above 0, each by {_STEP:.1%} or more.",
                    f"各值须从大于 0 起逐次递增，每次至少增加 {_STEP:.1%}。",
                ),
                fix=Said("Leave out looks that are nearer.", "请去掉过近的分析。"),
            )
        previous = value


def _range(spending: str) -> tuple[float, float]:
    """The parameters that a spending function takes: rho above 0, gamma of either sign."""
    return (0.0, 50.0) if spending == "power" else (-200.0, 200.0)


def crossing(bounds: Boundaries, theta: float) -> tuple[tuple[float, ...], tuple[float, ...]]:
    """Chances of crossing the upper and the lower bound at each look under drift theta."""
    walk = _Walk(theta)
    up, down = [], []
    for info, a, b in zip(bounds.information, bounds.lower, bounds.upper, strict=True):
        up.append(walk.above(b, info))
        down.append(walk.below(a, info) if np.isfinite(a) else 0.0)
        walk.go_on(a, b, info)
    return tuple(up), tuple(down)


def wang_tsiatis(looks: int, delta: float, alpha: float = 0.05) -> float:
    """The constant C of two-sided bounds C (k/K)^(delta - 1/2) at equal looks, overall level alpha.

    delta 1/2 is Pocock's test, 0 that of O'Brien and Fleming (C is the last bound).

    >>> round(wang_tsiatis(5, 0.5), 3), round(wang_tsiatis(5, 0.0), 3)
    (2.413, 2.04)
    """
    require_count("looks", looks, 1, 100)
    require_between("alpha", alpha, 0, 1)

    def excess(c: float) -> float:
        walk, total = _Walk(0.0), 0.0
        for k in range(1, looks + 1):
            b = c * (k / looks) ** (delta - 0.5)
            total += walk.above(b, k) + walk.below(-b, k)
            walk.go_on(-b, b, k)
        return total

    return _solve(excess, alpha)


def conditional_power(
    z: float, information: float, maximum: float, final_bound: float, theta: float
) -> float:
    """Chance that the last Z, at information `maximum`, reaches `final_bound`, given `z` at
    `information`, when the drift is theta (z/sqrt(information) is the current trend).

    1 - Phi((c sqrt(I_max) - z sqrt(I) - theta (I_max - I)) / sqrt(I_max - I)); closed form.
    Source: Lan and Wittes 1988, Biometrics 44:579.

    >>> round(conditional_power(1.0, 0.5, 1.0, 1.96, 1 / 0.5**0.5), 3)
    0.22
    """
    from scipy.special import ndtr

    rest = _remaining(z, information, maximum, final_bound)
    require_between("theta", theta, -1e6, 1e6)
    need = final_bound * sqrt(maximum) - z * sqrt(information) - theta * rest
    return float(ndtr(-need / sqrt(rest)))


def predictive_power(z: float, information: float, maximum: float, final_bound: float) -> float:
    """Conditional power averaged over the posterior of theta under a flat prior, which is
    Normal(z/sqrt(I), 1/I); closed form.

    Source: Spiegelhalter, Freedman and Blackburn 1986, Control Clin Trials 7:8.

    >>> round(predictive_power(1.0, 0.5, 1.0, 1.96), 3)
    0.293
    """
    from scipy.special import ndtr

    rest = _remaining(z, information, maximum, final_bound)
    need = final_bound * sqrt(maximum) - z * sqrt(information) * maximum / information
    return float(ndtr(-need / sqrt(rest * maximum / information)))


def _remaining(z: float, information: float, maximum: float, final_bound: float) -> float:
    """The information still to come, of numbers that can be."""
    for name, value in (("z", z), ("final_bound", final_bound)):
        require_between(name, value, -1e6, 1e6)
    require_positive("information", information)
    require_positive("maximum", maximum)
    require_positive("maximum - information", maximum - information)
    return maximum - information


@cache
def _nodes() -> tuple[Floats, Floats]:
    return np.polynomial.legendre.leggauss(160)


def _solve(chance: Callable[[float], float], wanted: float) -> float:
    """Where a falling chance equals what is wanted; far out when next to nothing is."""
    if wanted <= 1e-14:
        return _FAR
    low, high = -_FAR, _FAR
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (middle, high) if chance(middle) > wanted else (low, middle)
    return (low + high) / 2
