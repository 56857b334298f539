"""Several arms against one control in stages: bounds that keep the family-wise error, and what
they do to the arms."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from math import sqrt
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from trialwright.analysis.notebook import Notebook
from trialwright.design.canonical import falling_root
from trialwright.design.checks import (
    require_between,
    require_choice,
    require_count,
    require_length,
    require_lists,
    require_some,
    require_steps,
)
from trialwright.design.errors import DesignError
from trialwright.messages import Message
from trialwright.numerics.quadrature import gauss_legendre

Floats = NDArray[np.float64]
SHAPES = ("pocock", "obrien-fleming", "triangular")
FUTILITY = ("none", "zero", "triangular")
MOST_STAGES = 3
_POINTS = {1: 48, 2: 24, 3: 16}
_INSIDE = 24


@dataclass(frozen=True, slots=True)
class ArmsPerformance(Notebook):
    """How a design did in `trials` simulated trials: the chance to reject each arm's hypothesis, to
    reject any, and the expected participants of all arms and the control."""

    rejected: tuple[float, ...]
    any_rejected: float
    participants: float
    trials: int


@dataclass(frozen=True, kw_only=True)
class MultiArmMultiStage(Notebook):
    """Arms compared with one control at one to three looks; an arm that falls to the lower bound is
    dropped, the first to reach the upper one ends the trial.

    arms: beside the control, 1 to 10. per_arm: participants of an arm, and of the control, up to
    the last look, shared out by `timing`. timing: fractions of an arm's participants at each look,
    the last 1; the control has as many as each arm. alpha: one-sided chance to reject any
    hypothesis while all hold. upper: the shape of the upper bounds, "pocock" (equal),
    "obrien-fleming" (c/sqrt(t)) or "triangular" (c (1 + t)/sqrt(t)). futility: "none", "zero"
    (dropped below 0) or "triangular" (c (3t - 1)/sqrt(t)); it counts in alpha, so it is binding.

    Estimand: the differences of means in units of their standard deviation. Given the control's
    means at the looks the arms are independent, so the family-wise error is an integral over the
    control's path of the product of the arms' chances. Accuracy of the bounds 1e-3 with three
    looks, 1e-5 with fewer. Source: Magirr, Jaki and Whitehead 2012, Biometrika 99:494.

    >>> [round(u, 3) for u in MultiArmMultiStage(arms=3, timing=(1.0,), alpha=0.025).upper_bounds]
    [2.349]
    """

    kind: ClassVar[str] = "multi-arm-multi-stage"
    arms: int
    per_arm: int = 64
    timing: tuple[float, ...] = (0.5, 1.0)
    alpha: float = 0.025
    upper: str = "obrien-fleming"
    futility: str = "zero"

    def __post_init__(self) -> None:
        require_count("arms", self.arms, 1, 10)
        require_count("per_arm", self.per_arm, 2, 10**6)
        require_between("alpha", self.alpha, 0, 0.5)
        require_choice("upper", self.upper, SHAPES)
        require_choice("futility", self.futility, FUTILITY)
        require_lists(self, "timing")
        require_some("timing", self.timing)
        require_steps("timing", self.timing, last=1.0)
        if len(self.timing) > MOST_STAGES:
            raise DesignError(
                Message("{looks} looks.", looks=len(self.timing)),
                rule=Message("Bounds are computed for at most {most}.", most=MOST_STAGES),
                fix=Message("Plan fewer looks."),
            )

    @cached_property
    def _bounds(self) -> tuple[tuple[float, ...], tuple[float, ...]]:
        constant = falling_root(lambda c: self._error(c) - self.alpha, 0.2, 8.0)
        return self._shaped(constant)

    @property
    def upper_bounds(self) -> tuple[float, ...]:
        """The bounds of Z at which an arm wins."""
        return self._bounds[0]

    @property
    def lower_bounds(self) -> tuple[float, ...]:
        """The bounds of Z at which an arm is dropped; the last is the upper one."""
        return self._bounds[1]

    def describe(self) -> Message:
        """The rule in words."""
        return Message(
            "{arms} arms against one control, {per_arm} participants in each by the last of "
            "{looks} looks, one-sided family-wise error {alpha:g}. An arm at or below its lower "
            "bound is dropped; the first to reach the upper one ends the trial.",
            arms=self.arms, per_arm=self.per_arm, looks=len(self.timing), alpha=self.alpha,
        )  # fmt: skip

    def _shaped(self, c: float) -> tuple[tuple[float, ...], tuple[float, ...]]:
        t = np.array(self.timing)
        last = float(t[-1])
        if self.upper == "pocock":
            upper = np.full(len(t), c)
        elif self.upper == "obrien-fleming":
            upper = c * np.sqrt(last / t)
        else:
            upper = c * (1 + t / last) / np.sqrt(t / last) / 2
        if self.futility == "none":
            lower = np.full(len(t), -np.inf)
        elif self.futility == "zero":
            lower = np.zeros(len(t))
        else:
            lower = upper[-1] * (3 * t / last - 1) / np.sqrt(t / last) / 2
        lower = np.minimum(lower, upper)
        lower[-1] = upper[-1]
        return tuple(upper.tolist()), tuple(lower.tolist())

    def _error(self, c: float) -> float:
        """The chance to reject any hypothesis while all hold."""
        upper, lower = self._shaped(c)
        nodes, weights = np.polynomial.hermite_e.hermegauss(_POINTS[len(self.timing)])
        paths = _Paths.begin()
        for k, t in enumerate(self.timing):
            paths = paths.further(nodes, weights / weights.sum(), t)
            paths.lose(upper[k], lower[k], last=k + 1 == len(self.timing))
        keeps = np.clip(paths.lost, 0.0, 1.0)
        return float(1 - (paths.mass * keeps**self.arms).sum())

    def performance(
        self, effects: Sequence[float], *, trials: int = 20_000, seed: int = 1
    ) -> ArmsPerformance:
        """What the bounds do, by simulation.

        effects: of each arm against the control, in standard deviations. The trial ends with the
        first arm that wins, or when all are dropped.
        """
        require_length("effects", effects, self.arms)
        for effect in effects:
            require_between("effect", effect, -1e3, 1e3)
        require_count("trials", trials, 1, 10**7)
        z, sizes = self._paths(np.array(effects, dtype=float), trials, seed)
        alive = np.ones((trials, self.arms), dtype=bool)
        won = np.zeros((trials, self.arms), dtype=bool)
        people = np.zeros(trials)
        for k in range(len(self.timing)):
            going = alive.any(axis=1)
            people += np.where(going, (alive.sum(axis=1) + 1) * sizes[k], 0.0)
            now = np.logical_and(alive, z[:, k] >= self.upper_bounds[k])
            won |= now
            alive &= z[:, k] > self.lower_bounds[k]
            alive &= ~now.any(axis=1, keepdims=True)
        return ArmsPerformance(
            tuple(won.mean(axis=0).tolist()), float(won.any(axis=1).mean()),
            float(people.mean()), trials,
        )  # fmt: skip

    def _paths(self, effects: Floats, trials: int, seed: int) -> tuple[Floats, Floats]:
        """Z of each arm at each look, and the participants an arm gains up to it."""
        from scipy.special import ndtri

        from trialwright.numerics.philox import uniforms

        steps = np.diff([0.0, *self.timing])
        u = uniforms(seed, 0, 0, trials, (self.arms + 1) * len(steps))
        noise = ndtri(u).reshape(trials, len(steps), self.arms + 1)
        sums = np.cumsum(noise * np.sqrt(steps)[None, :, None], axis=1)
        t = np.array(self.timing)[None, :, None]
        drift = effects[None, None, :] * sqrt(self.per_arm / 2) * np.sqrt(t)
        z = (sums[:, :, 1:] - sums[:, :, :1]) / np.sqrt(2 * t) + drift
        return z, steps * self.per_arm


@dataclass
class _Paths:
    """Paths of the control's sum over the looks, and along each of them what became of an arm
    without effect: lost, or still between the bounds with a density of its own sum.

    A sum has variance t at look t. What an arm does up to a look depends on the control's path up
    to it alone, so paths branch look by look.
    """

    control: Floats
    mass: Floats
    lost: Floats
    places: Floats
    density: Floats
    time: float
    before: float

    @classmethod
    def begin(cls) -> _Paths:
        zero = np.zeros(1)
        return cls(zero, np.ones(1), zero, np.zeros((1, 1)), np.ones((1, 1)), 0.0, 0.0)

    def further(self, nodes: Floats, weights: Floats, time: float) -> _Paths:
        """Every path branched by the control's increment up to a look."""
        many, step = len(nodes), sqrt(time - self.time)
        return _Paths(
            (self.control[:, None] + step * nodes).ravel(),
            (self.mass[:, None] * weights).ravel(),
            np.repeat(self.lost, many),
            np.repeat(self.places, many, axis=0),
            np.repeat(self.density, many, axis=0),
            time,
            self.time,
        )

    def lose(self, upper: float, lower: float, *, last: bool) -> None:
        """Part an arm at a look: lost below the lower bound, and going on between the bounds."""
        from scipy.special import ndtr

        spread = sqrt(self.time - self.before)
        top = self.control + upper * sqrt(2 * self.time)
        bottom = self.control + max(lower, -9.0) * sqrt(2 * self.time)
        below = ndtr((bottom[:, None] - self.places) / spread)
        self.lost = self.lost + (self.density * below).sum(axis=1)
        if last:
            return
        nodes, weights = gauss_legendre(_INSIDE)
        half = (top - bottom) / 2
        following = bottom[:, None] + half[:, None] * (nodes + 1)
        gap = (following[:, :, None] - self.places[:, None, :]) / spread
        here = (np.exp(-(gap**2) / 2) * self.density[:, None, :]).sum(axis=2)
        self.density = here / (spread * sqrt(2 * np.pi)) * weights * half[:, None]
        self.places = following
