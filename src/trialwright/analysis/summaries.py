"""Descriptive summaries of one variable: how many, where it lies, and what share.

Pure descriptions of what was observed; nothing is imputed. Intervals are two-sided, 95%.
"""

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import fmean, stdev

from trialwright.analysis.flow import Reason
from trialwright.analysis.one_proportion import clopper_pearson

LEVEL = 0.95


@dataclass(frozen=True, slots=True)
class Numeric:
    """Of n known numbers, in the unit of the variable. `sd` and the interval need two."""

    n: int
    mean: float
    sd: float | None
    low: float | None
    high: float | None
    minimum: float
    q1: float
    median: float
    q3: float
    maximum: float


@dataclass(frozen=True, slots=True)
class Share:
    """`count` of `n`, and the exact interval of the proportion; no interval when n is 0."""

    count: int
    n: int
    low: float | None
    high: float | None

    @property
    def proportion(self) -> float | None:
        return self.count / self.n if self.n else None


@dataclass(frozen=True, slots=True)
class Description:
    """One variable in one group.

    `known` counts the values there are. Numbers have `numeric`; yes/no and choices have
    `shares` of the known, by code. `censored` counts laboratory values known only to lie
    beyond a limit: where there are any, no mean is given, since none can be computed.
    """

    known: int
    missing: tuple[Reason, ...]
    numeric: Numeric | None = None
    shares: tuple[tuple[str, Share], ...] = ()
    censored: int = 0

    @property
    def n(self) -> int:
        """Everybody in the group, known or not."""
        return self.known + sum(reason.count for reason in self.missing)


def numeric(values: Sequence[float]) -> Numeric | None:
    """Summarise numbers, or None if there are none.

    Estimand: the mean of the population the values were sampled from. Interval of the mean:
    mean ± t(0.975; n-1) · sd / √n, exact for normal values. Quartiles: Hyndman and Fan's
    type 7 (American Statistician 50:361, 1996), linear between order statistics.

    >>> found = numeric([4.0, 5.5, 6.0, 7.5])
    >>> found.mean, round(found.sd, 4), found.median, found.q1, found.q3
    (5.75, 1.4434, 5.75, 5.125, 6.375)
    >>> round(found.low, 3), round(found.high, 3)
    (3.453, 8.047)
    """
    if not values:
        return None
    ordered, n = sorted(values), len(values)
    mean = fmean(ordered)
    sd = low = high = None
    if n > 1:
        from scipy.special import stdtrit

        sd = stdev(ordered)
        half = float(stdtrit(n - 1, (1 + LEVEL) / 2)) * sd / math.sqrt(n)
        low, high = mean - half, mean + half
    q1, median, q3 = (quantile(ordered, share) for share in (0.25, 0.5, 0.75))
    return Numeric(n, mean, sd, low, high, ordered[0], q1, median, q3, ordered[-1])


def quantile(ordered: Sequence[float], share: float) -> float:
    """The type 7 quantile of sorted numbers: at position (n - 1) · share, linear between.

    >>> quantile([1.0, 2.0, 4.0], 0.75)
    3.0
    """
    place = (len(ordered) - 1) * share
    below = math.floor(place)
    above = min(below + 1, len(ordered) - 1)
    return ordered[below] + (ordered[above] - ordered[below]) * (place - below)


def share(count: int, n: int) -> Share:
    """A proportion with its Clopper-Pearson interval (Biometrika 26:404, 1934).

    low = B(0.025; count, n-count+1), high = B(0.975; count+1, n-count), with B the quantile of
    the beta distribution; 0 and 1 at the ends.

    >>> found = share(0, 10)
    >>> found.low, round(found.high, 3)
    (0.0, 0.308)
    """
    if not n:
        return Share(count, n, None, None)
    return Share(count, n, *clopper_pearson(count, n, 1 - LEVEL))


def shares(values: Sequence[str], codes: Sequence[str]) -> tuple[tuple[str, Share], ...]:
    """The share of each code among the values, in the order of `codes`, strange codes last."""
    counts = Counter(values)
    strange = sorted(counts.keys() - set(codes))
    return tuple((code, share(counts[code], len(values))) for code in (*codes, *strange))
