"""What is assumed of the outcomes of two arms when a trial is planned: each draws a trial of n
participants in each arm and gives the two-sided p-value that the analysis named would give.

The analyses are those that reports compute (`trialwright.analysis`), so that the power simulated is
that of the test which will be done, ties, losses and small numbers included.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from math import sqrt

import numpy as np
from numpy.random import Generator

from trialwright.analysis.notebook import Notebook
from trialwright.design.checks import (
    Floats,
    require_below_one,
    require_between,
    require_choice,
    require_count,
    require_length,
    require_lists,
    require_positive,
    require_rate,
    require_some,
)
from trialwright.design.errors import DesignError
from trialwright.messages import Message


class AssumedOutcomes(Notebook, ABC):
    """One trial after the other, from random numbers that are passed in."""

    least: int = 2
    """The fewest participants in each arm that the analysis takes."""

    @abstractmethod
    def p_value(self, draw: Generator, n: int) -> float:
        """The two-sided p-value of one trial; `AnalysisError` where its data allow no test."""


@dataclass(frozen=True, kw_only=True)
class NormalOutcomes(AssumedOutcomes):
    """Normal values, analysed by Welch's "t", by "wilcoxon" (exact), or by "ancova" on a baseline
    that has the given `correlation` with the outcome.

    difference: of the means; sd: of each arm; one unit. correlation: in (-1, 1).

    >>> plan = NormalOutcomes(difference=0.5, sd=1.0)
    >>> round(plan.p_value(np.random.default_rng(1), 64), 4)
    0.0002
    """

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
            return _p(ancova(values, arm, baseline).p_value)
        test = t_test if self.analysis == "t" else wilcoxon
        return _p(test(values[:n], values[n:]).p_value)


@dataclass(frozen=True, kw_only=True)
class OrderedOutcomes(AssumedOutcomes):
    """Ordered categories, analysed by their "win odds" or by "wilcoxon" (exact with ties; a fifth
    of a second for a trial of 100 in each arm).

    first, second: the probability of each category in each arm, from the worst to the best.

    >>> plan = OrderedOutcomes(first=(0.2, 0.3, 0.5), second=(0.4, 0.4, 0.2))
    >>> round(plan.p_value(np.random.default_rng(1), 40), 4)
    0.155
    """

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
        return _p(test(*arms).p_value)


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
        return _p(test(counts, arm, watched).p_value)


@dataclass(frozen=True, kw_only=True)
class TimesToEvent(AssumedOutcomes):
    """Exponential times, analysed by the "log-rank" test or by the "restricted mean" up to `until`.

    hazard: of the second arm; ratio: of the first arm's to it. accrual: how long participants come,
    evenly; follow_up: from then to the analysis. loss: hazard of being lost. All in one unit.

    >>> plan = TimesToEvent(hazard=0.1, ratio=0.5, accrual=12, follow_up=12)
    >>> round(plan.p_value(np.random.default_rng(1), 60), 4)
    0.0037
    """

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
            return _p(logrank(time, seen, arm).p_value)
        return _p(restricted_mean(time, seen, arm, until=float(self.until or 0)).p_value)


@dataclass(frozen=True, kw_only=True)
class StratifiedProportions(AssumedOutcomes):
    """A response that is there or not, in strata, analysed by the test of Cochran, Mantel and
    Haenszel; participants of an arm are spread over the strata as `shares` say.

    first, second: the response rates of both arms in each stratum.

    >>> plan = StratifiedProportions(first=(0.6, 0.8), second=(0.3, 0.5), shares=(0.5, 0.5))
    >>> round(plan.p_value(np.random.default_rng(1), 40), 4)
    0.0876
    """

    first: tuple[float, ...]
    second: tuple[float, ...]
    shares: tuple[float, ...]

    def __post_init__(self) -> None:
        require_lists(self, "first", "second", "shares")
        require_some("first", self.first)
        for name in ("second", "shares"):
            require_length(name, getattr(self, name), len(self.first))
        for name in ("first", "second"):
            for rate in getattr(self, name):
                require_rate(name, rate)
        for share in self.shares:
            require_positive("shares", share)

    def p_value(self, draw: Generator, n: int) -> float:
        from trialwright.analysis.stratified import mantel_haenszel

        shares = np.array(self.shares) / sum(self.shares)
        sizes = np.diff(np.rint(n * np.concatenate([[0.0], np.cumsum(shares)]))).astype(int)
        tables = [
            (int(draw.binomial(size, p)), int(size), int(draw.binomial(size, q)), int(size))
            for size, p, q in zip(sizes, self.first, self.second, strict=True)
            if size
        ]
        return _p(mantel_haenszel(tables).p_value)


@dataclass(frozen=True, kw_only=True)
class RepeatedMeasures(AssumedOutcomes):
    """Values at several visits, analysed by the mixed model for repeated measures at the last one.

    differences: of the means at each visit; sd: at each. correlation: of two neighbouring visits,
    its power of those further apart. dropout: the share that leaves between two visits, whatever
    was measured.

    >>> plan = RepeatedMeasures(differences=(0.2, 0.5), dropout=0.1)
    >>> round(plan.p_value(np.random.default_rng(1), 64), 4)
    0.0012
    """

    least = 6
    differences: tuple[float, ...]
    sd: float = 1.0
    correlation: float = 0.5
    dropout: float = 0.0

    def __post_init__(self) -> None:
        require_lists(self, "differences")
        require_some("differences", self.differences)
        require_positive("sd", self.sd)
        require_between("correlation", self.correlation, -1, 1)
        require_below_one("dropout", self.dropout)

    def p_value(self, draw: Generator, n: int) -> float:
        from trialwright.analysis.repeated import mmrm

        visits = len(self.differences)
        steps = draw.standard_normal((2 * n, visits))
        values = np.empty_like(steps)
        values[:, 0] = steps[:, 0]
        for t in range(1, visits):
            fresh = sqrt(1 - self.correlation**2) * steps[:, t]
            values[:, t] = self.correlation * values[:, t - 1] + fresh
        arm = np.repeat([1.0, 0.0], n)
        values = self.sd * values + arm[:, None] * np.array(self.differences)
        stays = draw.random((2 * n, visits)) >= self.dropout
        stays[:, 0] = True
        values[~np.logical_and.accumulate(stays, axis=1)] = np.nan
        return _p(mmrm(values, arm).p_value)


@dataclass(frozen=True, kw_only=True)
class ClusteredOutcomes(AssumedOutcomes):
    """Normal values of participants in clusters, whole clusters being allocated, analysed with a
    variance over clusters; n counts participants, and is rounded up to whole clusters.

    difference: of the means; sd: of a participant's value; icc: the share of its variance that lies
    between clusters; cluster_size: participants in each.

    >>> plan = ClusteredOutcomes(difference=0.5, icc=0.05, cluster_size=10)
    >>> round(plan.p_value(np.random.default_rng(1), 100), 4)
    0.0006
    """

    difference: float
    icc: float
    cluster_size: int
    sd: float = 1.0

    def __post_init__(self) -> None:
        require_between("difference", self.difference, -1e12, 1e12)
        require_below_one("icc", self.icc)
        require_count("cluster_size", self.cluster_size, 1, 10_000)
        require_positive("sd", self.sd)

    def p_value(self, draw: Generator, n: int) -> float:
        from trialwright.analysis.clusters import cluster_robust

        clusters = max(2, -(-n // self.cluster_size))
        where = np.repeat(np.arange(2 * clusters), self.cluster_size)
        arm = (where < clusters).astype(float)
        own = draw.standard_normal(len(where))
        shared = draw.standard_normal(2 * clusters)[where]
        noise = sqrt(self.icc) * shared + sqrt(1 - self.icc) * own
        values = self.sd * noise + self.difference * arm
        return _p(cluster_robust(values, arm, [str(each) for each in where]).p_value)


@dataclass(frozen=True, kw_only=True)
class CrossoverOutcomes(AssumedOutcomes):
    """Two treatments in two periods, analysed within participants; n counts those of a sequence.

    difference: of the treatments' means; sd_within: of a value about the participant's own level;
    period: what the second period adds to everybody.

    >>> plan = CrossoverOutcomes(difference=0.5, sd_within=1.0)
    >>> round(plan.p_value(np.random.default_rng(1), 34), 4)
    0.0001
    """

    difference: float
    sd_within: float = 1.0
    period: float = 0.0

    def __post_init__(self) -> None:
        require_between("difference", self.difference, -1e12, 1e12)
        require_positive("sd_within", self.sd_within)
        require_between("period", self.period, -1e12, 1e12)

    def p_value(self, draw: Generator, n: int) -> float:
        from trialwright.analysis.means import crossover

        noise: Floats = self.sd_within * sqrt(2) * draw.standard_normal((2, n))
        first = self.difference - self.period + noise[0]
        return _p(crossover(first, -self.difference - self.period + noise[1]).p_value)


def _p(found: float | None) -> float:
    """A p-value; 1 where a test has none."""
    return 1.0 if found is None else found
