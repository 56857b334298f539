"""What is assumed of the outcomes of two arms when a trial is planned: each draws a trial of n
participants in each arm and gives the two-sided p-value that the analysis named would give.

The analyses are those that reports compute (`trialwright.analysis`), so that the power simulated is
that of the test which will be done, ties, losses and small numbers included.
"""

from __future__ import annotations

from abc import abstractmethod
from dataclasses import dataclass
from math import sqrt
from typing import ClassVar

import numpy as np
from numpy.random import Generator

from trialwright.design.checks import (
    require_between,
    require_choice,
    require_length,
    require_lists,
    require_positive,
    require_rate,
)
from trialwright.design.errors import DesignError
from trialwright.design.planned_outcomes import PlannedOutcomes, PowerAtSize
from trialwright.messages import Message, several

_ANALYSES = {
    "t": Message("t test of Welch"),
    "wilcoxon": Message("exact test of Wilcoxon"),
    "ancova": Message("analysis of covariance"),
    "win odds": Message("win odds"),
    "poisson": Message("exact ratio of rates"),
    "negative binomial": Message("negative binomial model"),
    "log-rank": Message("log-rank test"),
    "restricted mean": Message("restricted mean"),
}


class AssumedOutcomes(PlannedOutcomes):
    """One trial after the other, from random numbers that are passed in."""

    @abstractmethod
    def p_value(self, draw: Generator, n: int) -> float:
        """The two-sided p-value of one trial; `AnalysisError` where its data allow no test."""

    def power_with(self, per_arm: int, alpha: float, trials: int, seed: int) -> PowerAtSize:
        from trialwright.design.power_by_simulation import simulated_power

        return simulated_power(self, per_arm, alpha=alpha, trials=trials, seed=seed)


@dataclass(frozen=True, kw_only=True)
class NormalOutcomes(AssumedOutcomes):
    """Normal values, analysed by Welch's "t", by "wilcoxon" (exact), or by "ancova" on a baseline
    that has the given `correlation` with the outcome.

    difference: of the means; sd: of each arm; one unit. correlation: in (-1, 1).

    >>> plan = NormalOutcomes(difference=0.5, sd=1.0)
    >>> round(plan.p_value(np.random.default_rng(1), 64), 4)
    0.0002
    """

    kind: ClassVar[str] = "normal"
    difference: float
    sd: float = 1.0
    analysis: str = "t"
    correlation: float = 0.0

    def __post_init__(self) -> None:
        require_between("difference", self.difference, -1e12, 1e12)
        require_positive("sd", self.sd)
        require_choice("analysis", self.analysis, ("t", "wilcoxon", "ancova"))
        require_between("correlation", self.correlation, -1, 1)

    def p_value(self, draw: Generator, n: int) -> float:
        from trialwright.analysis.means import ancova, t_test
        from trialwright.analysis.rank_tests import wilcoxon

        baseline, rest = draw.standard_normal((2, 2 * n))
        rho = self.correlation
        values = self.sd * (rho * baseline + sqrt(1 - rho**2) * rest)
        arm = np.repeat([1.0, 0.0], n)
        values += self.difference * arm
        if self.analysis == "ancova":
            return p_of(ancova(values, arm, baseline).p_value)
        test = t_test if self.analysis == "t" else wilcoxon
        return p_of(test(values[:n], values[n:]).p_value)

    def describe(self) -> Message:
        return Message(
            "Normal values whose means differ by {difference:g}, standard deviation {sd:g}; "
            "analysis: {analysis}.",
            difference=self.difference, sd=self.sd, analysis=_ANALYSES[self.analysis],
        )  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class OrderedOutcomes(AssumedOutcomes):
    """Ordered categories, analysed by their "win odds" or by "wilcoxon" (exact with ties; a fifth
    of a second for a trial of 100 in each arm).

    first, second: the probability of each category in each arm, from the worst to the best.

    >>> plan = OrderedOutcomes(first=(0.2, 0.3, 0.5), second=(0.4, 0.4, 0.2))
    >>> round(plan.p_value(np.random.default_rng(1), 40), 4)
    0.155
    """

    kind: ClassVar[str] = "ordered"
    first: tuple[float, ...]
    second: tuple[float, ...]
    analysis: str = "win odds"

    def __post_init__(self) -> None:
        require_lists(self, "first", "second")
        require_length("second", self.second, len(self.first))
        require_choice("analysis", self.analysis, ("wilcoxon", "win odds"))
        for name in ("first", "second"):
            chances = getattr(self, name)
            for chance in chances:
                require_rate(name, chance)
            if not np.isclose(sum(chances), 1.0, atol=1e-6):
                raise DesignError(
                    Message("{name} adds to {sum:g}.", name=name, sum=sum(chances)),
                    rule=Message("The probabilities of all categories add to 1."),
                    fix=Message("Write one for each category."),
                )

    def p_value(self, draw: Generator, n: int) -> float:
        from trialwright.analysis.rank_tests import wilcoxon
        from trialwright.analysis.win_odds import win_odds

        drawn = draw.random((2, n))
        arms = [
            np.searchsorted(np.cumsum(chances)[:-1], u, side="right").astype(float)
            for chances, u in zip((self.first, self.second), drawn, strict=True)
        ]
        test = wilcoxon if self.analysis == "wilcoxon" else win_odds
        return p_of(test(*arms).p_value)

    def describe(self) -> Message:
        return Message(
            "Ordered categories with probabilities {first} and {second}, from the worst to the "
            "best; analysis: {analysis}.",
            first=several(f"{p:g}" for p in self.first),
            second=several(f"{p:g}" for p in self.second), analysis=_ANALYSES[self.analysis],
        )  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class CountedEvents(AssumedOutcomes):
    """Numbers of events by time, analysed by the exact ratio of rates where they are Poisson, and
    by the negative binomial model where `dispersion` says that they vary more.

    rate: of the second arm, per unit of time; ratio: of the first arm's to it. exposure: the time
    for which each is watched. dispersion: 1/k, the variance of a count being m + m²/k; 0: Poisson.

    >>> plan = CountedEvents(rate=1.0, ratio=0.5)
    >>> round(plan.p_value(np.random.default_rng(1), 50), 4)
    0.0012
    """

    kind: ClassVar[str] = "counts"
    rate: float
    ratio: float
    exposure: float = 1.0
    dispersion: float = 0.0

    def __post_init__(self) -> None:
        for name in ("rate", "ratio", "exposure"):
            require_positive(name, getattr(self, name))
        require_between("dispersion", self.dispersion, -1e-12, 1e6)

    def p_value(self, draw: Generator, n: int) -> float:
        from trialwright.analysis.counts import negative_binomial, rate_ratio

        arm = np.repeat([1.0, 0.0], n)
        means = self.rate * self.exposure * np.where(arm == 1, self.ratio, 1.0)
        if self.dispersion > 0:
            means = means * draw.gamma(1 / self.dispersion, self.dispersion, 2 * n)
        counts, watched = draw.poisson(means), np.full(2 * n, self.exposure)
        test = negative_binomial if self.dispersion > 0 else rate_ratio
        return p_of(test(counts, arm, watched).p_value)

    def describe(self) -> Message:
        return Message(
            "Events at a rate of {rate:g}, ratio of the rates {ratio:g}, each participant watched "
            "for {exposure:g}; analysis: {analysis}.",
            rate=self.rate, ratio=self.ratio, exposure=self.exposure,
            analysis=_ANALYSES["negative binomial" if self.dispersion > 0 else "poisson"],
        )  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class TimesToEvent(AssumedOutcomes):
    """Exponential times, analysed by the "log-rank" test or by the "restricted mean" up to `until`.

    hazard: of the second arm; ratio: of the first arm's to it. accrual: how long participants come,
    evenly; follow_up: from then to the analysis. loss: hazard of being lost. All in one unit.

    >>> plan = TimesToEvent(hazard=0.1, ratio=0.5, accrual=12, follow_up=12)
    >>> round(plan.p_value(np.random.default_rng(1), 60), 4)
    0.0037
    """

    kind: ClassVar[str] = "times"
    hazard: float
    ratio: float
    accrual: float
    follow_up: float
    loss: float = 0.0
    analysis: str = "log-rank"
    until: float | None = None

    def __post_init__(self) -> None:
        for name in ("hazard", "ratio", "accrual", "follow_up"):
            require_positive(name, getattr(self, name))
        require_between("loss", self.loss, -1e-12, 1e6)
        require_choice("analysis", self.analysis, ("log-rank", "restricted mean"))
        if self.analysis == "restricted mean":
            require_positive("until", 0.0 if self.until is None else self.until)

    def p_value(self, draw: Generator, n: int) -> float:
        from trialwright.analysis.survival import logrank
        from trialwright.analysis.survival_comparison import restricted_mean

        arm = np.repeat([1.0, 0.0], n)
        unit = draw.standard_exponential((2, 2 * n))
        event = unit[0] / (self.hazard * np.where(arm == 1, self.ratio, 1.0))
        end = self.follow_up + self.accrual * draw.random(2 * n)
        if self.loss > 0:
            end = np.minimum(end, unit[1] / self.loss)
        time, seen = np.minimum(event, end), event <= end
        if self.analysis == "log-rank":
            return p_of(logrank(time, seen, arm).p_value)
        return p_of(restricted_mean(time, seen, arm, until=float(self.until or 0)).p_value)

    def describe(self) -> Message:
        return Message(
            "Times to an event at a hazard of {hazard:g}, hazard ratio {ratio:g}, accrual over "
            "{accrual:g} and follow-up of {follow_up:g} more; analysis: {analysis}.",
            hazard=self.hazard, ratio=self.ratio, accrual=self.accrual, follow_up=self.follow_up,
            analysis=_ANALYSES[self.analysis],
        )  # fmt: skip


def p_of(found: float | None) -> float:
    """A p-value; 1 where a test has none."""
    return 1.0 if found is None else found
