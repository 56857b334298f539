"""What is assumed of outcomes that hang together: in strata, over visits, in clusters, within
participants. See `assumed_outcomes`."""

from __future__ import annotations

from dataclasses import dataclass
from math import sqrt
from typing import ClassVar

import numpy as np
from numpy.random import Generator

from trialwright.design.assumed_outcomes import AssumedOutcomes, p_of
from trialwright.design.checks import (
    Floats,
    require_below_one,
    require_between,
    require_count,
    require_length,
    require_lists,
    require_positive,
    require_rate,
    require_some,
)
from trialwright.messages import Message, several


@dataclass(frozen=True, kw_only=True)
class StratifiedProportions(AssumedOutcomes):
    """A response that is there or not, in strata, analysed by the test of Cochran, Mantel and
    Haenszel; participants of an arm are spread over the strata as `shares` say.

    first, second: the response rates of both arms in each stratum.

    >>> plan = StratifiedProportions(first=(0.6, 0.8), second=(0.3, 0.5), shares=(0.5, 0.5))
    >>> round(plan.p_value(np.random.default_rng(1), 40), 4)
    0.0876
    """

    kind: ClassVar[str] = "stratified-proportions"
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
        return p_of(mantel_haenszel(tables).p_value)

    def describe(self) -> Message:
        return Message(
            "Response rates {first} and {second} in {strata} strata; analysis: Cochran, Mantel and "
            "Haenszel.",
            first=several(f"{p:g}" for p in self.first),
            second=several(f"{p:g}" for p in self.second), strata=len(self.first),
        )  # fmt: skip


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

    kind: ClassVar[str] = "repeated-measures"
    least: ClassVar[int] = 6
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
        return p_of(mmrm(values, arm).p_value)

    def describe(self) -> Message:
        return Message(
            "Values at {visits} visits whose means differ by {last:g} at the last, standard "
            "deviation {sd:g}, dropout {dropout:.0%} from one to the next; analysis: mixed model "
            "for repeated measures.",
            visits=len(self.differences), last=self.differences[-1], sd=self.sd,
            dropout=self.dropout,
        )  # fmt: skip


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

    kind: ClassVar[str] = "clustered"
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
        return p_of(cluster_robust(values, arm, [str(each) for each in where]).p_value)

    def describe(self) -> Message:
        return Message(
            "Values in clusters of {size} whose means differ by {difference:g}, standard deviation "
            "{sd:g}, intracluster correlation {icc:g}; analysis: variance over clusters.",
            size=self.cluster_size, difference=self.difference, sd=self.sd, icc=self.icc,
        )  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class CrossoverOutcomes(AssumedOutcomes):
    """Two treatments in two periods, analysed within participants; n counts those of a sequence.

    difference: of the treatments' means; sd_within: of a value about the participant's own level;
    period: what the second period adds to everybody.

    >>> plan = CrossoverOutcomes(difference=0.5, sd_within=1.0)
    >>> round(plan.p_value(np.random.default_rng(1), 34), 4)
    0.0001
    """

    kind: ClassVar[str] = "crossover"
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
        return p_of(crossover(first, -self.difference - self.period + noise[1]).p_value)

    def describe(self) -> Message:
        return Message(
            "Two treatments in two periods whose means differ by {difference:g}, standard "
            "deviation within a participant {sd:g}; analysis: within participants. The size is "
            "that of a sequence.",
            difference=self.difference, sd=self.sd_within,
        )  # fmt: skip
