"""Adaptive tests by combination: the p-values of stages, each from its own participants, count with
weights that were fixed before, whatever is changed in between."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import combinations
from math import inf, log10, sqrt
from typing import ClassVar

import numpy as np

from trialwright.analysis.notebook import Notebook
from trialwright.design.canonical import Boundaries, Walk, falling_root
from trialwright.design.checks import (
    require_between,
    require_choice,
    require_count,
    require_kind,
    require_length,
    require_positive,
    require_some,
)
from trialwright.design.errors import DesignError
from trialwright.design.group_sequential import GroupSequential
from trialwright.design.table import Decision
from trialwright.messages import Message, sentences

INTERSECTIONS = ("simes", "bonferroni", "sidak")
MOST_ARMS = 8
_LEAST, _MOST = 1e-12, 0.5 - 1e-9
Stages = Sequence[float | None]


@dataclass(frozen=True, slots=True)
class CombinedEstimate(Notebook):
    """What the stages say of the effect: the repeated interval at each look so far, and, by the
    stage-wise ordering as if the trial ended now, the p-value, the median-unbiased estimate and the
    interval."""

    repeated: tuple[tuple[float, float], ...]
    p_value: float
    estimate: float
    lower: float
    upper: float
    level: float


@dataclass(frozen=True, slots=True)
class ClosedResult(Notebook):
    """For each arm: the look at which its hypothesis is rejected, None if it isn't; and its
    adjusted p-value (repeated) at each look, None where it was dropped before."""

    _along = "arm"
    rejected_at: tuple[int | None, ...]
    p_values: tuple[tuple[float | None, ...], ...]


@dataclass(frozen=True, kw_only=True)
class InverseNormalTest(Notebook):
    """Combine the p-values of stages by the weighted inverse normal method.

    Estimand: the effect that each stage's one-sided p-value tests. With p-values p_1, …, p_k of
    disjoint participants, Z_k = sum w_j z_j / sqrt(sum w_j^2), z_j = Phi^-1(1 - p_j), is compared
    with the bound of `test` at look k. The weights w_j = sqrt(t_j - t_(j-1)) come from its planned
    information and stay, so that the level is kept when sample sizes, arms or endpoints are changed
    after an interim look for whatever reason.

    test: one-sided, its timing and bounds. Accuracy: that of its bounds, 1e-6. Source: Lehmacher
    and Wassmer 1999, Biometrics 55:1286; Müller and Schäfer 2001, Biometrics 57:886.

    >>> test = InverseNormalTest(test=GroupSequential(timing=(0.5, 1.0), spending="pocock"))
    >>> test.decide([0.02, 0.01]).action, round(test.combined([0.02, 0.01])[1], 3)
    ('stop for effect', 3.097)
    """

    kind: ClassVar[str] = "inverse-normal"
    test: GroupSequential

    def __post_init__(self) -> None:
        require_kind("test", self.test, GroupSequential)
        if self.test.sides != 1:
            raise DesignError(
                Message("sides is {sides}.", sides=self.test.sides),
                rule=Message("The p-values that are combined have one side."),
                fix=Message("Write sides: 1, with half of the level."),
            )

    @property
    def timing(self) -> tuple[float, ...]:
        """The planned information at each look."""
        return self.test.timing

    @property
    def inflation(self) -> float:
        """That of the test."""
        return self.test.inflation

    @property
    def boundaries(self) -> Boundaries:
        """Those of the test."""
        return self.test.boundaries

    @cached_property
    def weights(self) -> tuple[float, ...]:
        """w_j, whose squares add to 1."""
        steps = np.diff(np.array([0.0, *self.timing]))
        return tuple(map(float, np.sqrt(steps)))

    def power(self, theta: float) -> float:
        """Power where nothing is changed, at a multiple of the planned effect."""
        return self.test.power(theta)

    def combined(self, p_values: Sequence[float]) -> tuple[float, ...]:
        """Z at each look so far; p-values from 0 to 1, both excluded."""
        from scipy.special import ndtri

        require_count("stages", len(p_values), 1, len(self.timing))
        for p in p_values:
            require_between("p-value", p, 0, 1)
        return self._combine([float(-ndtri(p)) for p in p_values])

    def _combine(self, scores: Sequence[float]) -> tuple[float, ...]:
        weights = np.array(self.weights[: len(scores)])
        sums = np.cumsum(weights * np.array(scores))
        return tuple(map(float, sums / np.sqrt(np.cumsum(weights**2))))

    def decide(self, p_values: Sequence[float]) -> Decision:
        """Read the bounds at the last of these looks: stop for effect, for futility, or go on."""
        found = self.test.decide(self.combined(p_values)[-1], len(p_values))
        return replace(found, rule=type(self).__name__)

    def conditional_rejection(self, p_values: Sequence[float]) -> float:
        """The chance under no effect to reject at a later look, given the stages so far: the level
        of any test that may take the place of the rest of the trial.

        >>> plan = InverseNormalTest(test=GroupSequential(timing=(0.5, 1.0)))
        >>> round(plan.conditional_rejection([0.1]), 4)
        0.0665
        """
        self._require_rest(p_values)
        return self._rest(self.combined(p_values)[-1], len(p_values))

    def _rest(self, z: float, look: int) -> float:
        walk, chance = Walk(0.0), 0.0
        walk.information, walk.nodes = self.timing[look - 1], np.array([z])
        bounds, binding = self.boundaries, self.test.futility == "binding"
        for t, low, high in zip(
            self.timing[look:], bounds.lower[look:], bounds.upper[look:], strict=True
        ):
            chance += walk.above(high, t)
            walk.go_on(low if binding else -inf, high, t)
        return min(1.0, chance)

    def conditional_power(self, p_values: Sequence[float], shift: float) -> float:
        """The chance to reach the next look's bound, the next stage's z having mean `shift`, which
        is the effect times the square root of the information of that stage.

        >>> plan = InverseNormalTest(test=GroupSequential(timing=(0.5, 1.0)))
        >>> round(plan.conditional_power([0.1], 2.8), 3)
        0.903
        """
        from scipy.special import ndtr

        self._require_rest(p_values)
        require_between("shift", shift, -1e6, 1e6)
        return float(ndtr(shift - self._needed(p_values)))

    def information_needed(
        self, p_values: Sequence[float], theta: float, *, power: float = 0.8
    ) -> float:
        """The information of the next stage with which its look rejects with that power at the
        effect theta; at least 0.

        >>> plan = InverseNormalTest(test=GroupSequential(timing=(0.5, 1.0)))
        >>> round(plan.information_needed([0.1], 0.4), 1)
        34.3
        """
        from scipy.special import ndtri

        self._require_rest(p_values)
        require_positive("theta", theta)
        require_between("power", power, 0, 1)
        return max(0.0, self._needed(p_values) + float(ndtri(power))) ** 2 / theta**2

    def _needed(self, p_values: Sequence[float]) -> float:
        """The z of the next stage that just reaches its bound."""
        k = len(p_values)
        so_far = self.combined(p_values)[-1] * sqrt(self.timing[k - 1])
        return (self.boundaries.upper[k] * sqrt(self.timing[k]) - so_far) / self.weights[k]

    def _require_rest(self, p_values: Sequence[float]) -> None:
        if len(p_values) >= len(self.timing):
            raise DesignError(
                Message("{stages} stages of {looks}.", stages=len(p_values),
                        looks=len(self.timing)),
                rule=Message("There is something to come only before the last look."),
                fix=Message("Give the p-values of the stages so far."),
            )  # fmt: skip

    def repeated_p_values(self, p_values: Sequence[float]) -> tuple[float, ...]:
        """At each look so far, the smallest level at which the test would reject there, at most
        0.5, without a futility bound; valid whatever the rule for stopping. Source: Jennison and
        Turnbull 2000, section 9.4."""
        return tuple(
            self._level(z, look) for look, z in enumerate(self.combined(p_values), start=1)
        )

    def _level(self, z: float, look: int) -> float:
        def beyond(alpha: float) -> float:
            test = replace(self.test, alpha=alpha, beta=0.2, futility="none")
            return test.at(self.timing[:look], 1.0).upper[-1] - z

        return 10 ** falling_root(lambda x: beyond(10**x), log10(_LEAST), log10(_MOST))

    def estimate(
        self, estimates: Sequence[float], errors: Sequence[float], *, level: float = 0.95
    ) -> CombinedEstimate:
        """What independent normal estimates of the stages, with these standard errors, say of the
        effect: combining the p-values of effect = d for every d.

        The repeated intervals have level 1 - 2 alpha. The final ones take the stages before as they
        were planned: exact with two looks, and with more where no sample size was changed. Source:
        Brannath, Mehta and Posch 2009, Biometrics 65:539; Wassmer and Brannath 2016, chapter 8.

        >>> plan = InverseNormalTest(test=GroupSequential(timing=(0.5, 1.0)))
        >>> found = plan.estimate([0.35, 0.32], [0.20, 0.15])
        >>> round(found.estimate, 3), round(found.lower, 3), round(found.upper, 3)
        (0.331, 0.089, 0.57)
        """
        from scipy.special import ndtr

        require_length("errors", errors, len(estimates))
        require_count("stages", len(estimates), 1, len(self.timing))
        require_between("level", level, 0, 1)
        for error in errors:
            require_positive("error", error)
        found = self._combine([e / s for e, s in zip(estimates, errors, strict=True)])
        rate = self._combine([1 / s for s in errors])
        upper, looks = self.boundaries.upper, len(found)

        def more_extreme(effect: float) -> float:
            walk, chance = Walk(0.0), 0.0
            for t, bound, r in zip(self.timing[: looks - 1], upper, rate, strict=False):
                chance += walk.above(bound - effect * r, t)
                walk.go_on(-inf, bound - effect * r, t)
            last = found[-1] - effect * rate[-1]
            return chance + (walk.above(last, self.timing[looks - 1]) if looks > 1
                             else float(ndtr(-last)))  # fmt: skip

        def where(chance: float) -> float:
            middle, reach = found[-1] / rate[-1], 12 / rate[-1]
            return falling_root(
                lambda effect: chance - more_extreme(effect), middle - reach, middle + reach
            )

        alpha = 1 - level
        return CombinedEstimate(
            tuple(((z - u) / r, (z + u) / r) for z, u, r in zip(found, upper, rate, strict=False)),
            more_extreme(0.0), where(0.5), where(alpha / 2), where(1 - alpha / 2), level,
        )  # fmt: skip

    def closed(self, p_values: Sequence[Stages], *, intersection: str = "simes") -> ClosedResult:
        """Several arms against a control, some of which may be dropped at a look, by the closure
        principle: an arm's hypothesis is rejected once every intersection that it belongs to is.

        p_values: for each arm, one of each stage so far, None from the stage on in which it was
        dropped. intersection: how the p-values of an intersection become one, "simes", "bonferroni"
        or "sidak", over the arms of it that are still there. Simes and Sidak suppose what holds
        when arms share a control. Source: Bauer and Kieser 1999, Stat Med 18:1833; Bretz and
        others 2006, Biom J 48:623.

        >>> plan = InverseNormalTest(test=GroupSequential(timing=(0.5, 1.0), spending="pocock"))
        >>> plan.closed([[0.02, 0.01], [0.3, None]]).rejected_at
        (2, None)
        """
        require_choice("intersection", intersection, INTERSECTIONS)
        arms, looks = len(p_values), _stages_of(p_values, len(self.timing))
        levels: dict[tuple[int, ...], list[float | None]] = {}
        rejects: dict[tuple[int, ...], int | None] = {}
        for group in _groups(arms):
            stages: list[float] = []
            for look in range(looks):
                there = [p for arm in group if (p := p_values[arm][look]) is not None]
                if not there:
                    break
                stages.append(_intersection(there, intersection))
            tested = self.combined(stages) if stages else ()
            known = [self._level(z, look) for look, z in enumerate(tested, start=1)]
            levels[group] = [*known, *[None] * (looks - len(known))]
            crossed = (
                k for k, z in enumerate(tested, start=1) if z >= self.boundaries.upper[k - 1]
            )
            rejects[group] = next(crossed, None)
        own = [[group for group in levels if arm in group] for arm in range(arms)]
        return ClosedResult(
            tuple(_all_at([rejects[group] for group in groups]) for groups in own),
            tuple(
                tuple(_highest([levels[group][look] for group in groups]) for look in range(looks))
                for groups in own
            ),
        )

    def describe(self) -> Message:
        """The rule in words."""
        return sentences(
            self.test.describe(),
            Message(
                "Each stage's p-value comes from its own participants; they are combined by the "
                "inverse normal method with the weights {weights}.",
                weights=", ".join(f"{w:.3f}" for w in self.weights),
            ),
        )


def _groups(arms: int) -> Iterator[tuple[int, ...]]:
    for size in range(1, arms + 1):
        yield from combinations(range(arms), size)


def _stages_of(p_values: Sequence[Stages], most: int) -> int:
    """How many stages there are; refuse tables that can't be."""
    require_some("p_values", p_values)
    require_count("arms", len(p_values), 1, MOST_ARMS)
    looks = len(p_values[0])
    require_count("stages", looks, 1, most)
    for arm in p_values:
        require_length("p_values", arm, looks)
        dropped = False
        for p in arm:
            if p is None:
                dropped = True
                continue
            require_between("p-value", p, 0, 1)
            if dropped:
                raise DesignError(
                    Message("An arm that was dropped has a p-value."),
                    rule=Message("A dropped arm doesn't come back."),
                    fix=Message("Write None for it from the stage on in which it was dropped."),
                )
    return looks


def _intersection(p_values: Sequence[float], method: str) -> float:
    """One p-value for the hypothesis that all of these hold, below 1."""
    count = len(p_values)
    if method == "sidak":
        found = 1 - (1 - min(p_values)) ** count
    elif method == "bonferroni":
        found = count * min(p_values)
    else:
        found = min(count * p / (i + 1) for i, p in enumerate(sorted(p_values)))
    return min(found, 1 - 1e-12)


def _all_at(looks: Sequence[int | None]) -> int | None:
    """The look by which all are rejected."""
    known = [look for look in looks if look is not None]
    return max(known) if len(known) == len(looks) else None


def _highest(levels: Sequence[float | None]) -> float | None:
    known = [level for level in levels if level is not None]
    return max(known) if len(known) == len(levels) else None
