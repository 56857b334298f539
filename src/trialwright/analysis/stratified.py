"""Two proportions compared within strata: Mantel-Haenszel estimates, the score interval of a common
difference or ratio, and the exact conditional analysis of a common odds ratio.

A table is (x1, n1, x2, n2): events and participants of group 1, then of the reference.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import exp, inf, isfinite, sqrt

import numpy as np
from numpy.typing import NDArray

from trialwright.analysis.inversion import root, z_value
from trialwright.analysis.result import (
    AnalysisError,
    Estimate,
    require_counts,
    require_known,
    require_level,
)
from trialwright.analysis.score import MEASURES, restricted
from trialwright.analysis.unconditional import TIED
from trialwright.messages import Message

Floats = NDArray[np.float64]
Tables = Sequence[tuple[int, int, int, int]]
_FAR = 30.0


@dataclass(frozen=True, slots=True)
class _Cells:
    """The tables as columns, one entry a stratum; those without one of the groups left out."""

    x1: Floats
    n1: Floats
    x2: Floats
    n2: Floats

    @property
    def total(self) -> Floats:
        return self.n1 + self.n2

    @property
    def participants(self) -> int:
        return int(self.total.sum())


def mantel_haenszel(
    tables: Tables,
    measure: str = "difference",
    *,
    level: float = 0.95,
    missing: int = 0,
    population: str = "all participants given",
) -> Estimate:
    """Mantel and Haenszel's estimate of a measure common to all strata, and the test of Cochran,
    Mantel and Haenszel.

    Estimand: the "difference" p1 - p2, "ratio" p1/p2 or "odds-ratio", the same in each stratum.
    Interval: normal, of logarithms for ratios. The p-value is of the chi-square with one degree of
    freedom, without continuity correction. Strata without one of the groups say nothing and are
    left out. Accuracy: of the approximation, poor with few participants in all.

    Source: Mantel and Haenszel 1959, J Natl Cancer Inst 22:719; variances of Sato, Greenland and
    Robins 1989, Biometrics 45:1323 (difference), Greenland and Robins 1985, Biometrics 41:55
    (ratio), Robins, Breslow and Greenland 1986, Biometrics 42:311 (odds ratio).

    >>> found = mantel_haenszel([(8, 10, 4, 10), (6, 12, 3, 12)])
    >>> round(found.estimate, 4), round(found.lower, 4), round(found.upper, 4)
    (0.3182, 0.0454, 0.5909)
    """
    require_known("measure", measure, MEASURES)
    require_level(level)
    cells = _cells(tables)
    estimate, variance = _ESTIMATES[measure](cells)
    if not (isfinite(estimate) and isfinite(variance)):
        raise AnalysisError(
            Message("The Mantel-Haenszel estimate isn't finite."),
            rule=Message(
                "Both groups need events, and participants without, in strata that have both."
            ),
            fix=Message("Take the difference, or the exact conditional odds ratio."),
        )
    half = z_value(1 - level) * sqrt(variance)
    if measure == "difference":
        lower, upper = max(-1.0, estimate - half), min(1.0, estimate + half)
    else:
        lower, upper = estimate * exp(-half), estimate * exp(half)
    return Estimate(
        measure, "mantel-haenszel", estimate, lower, upper, level, _cmh(cells),
        cells.participants, missing, population,
    )  # fmt: skip


def stratified_score(
    tables: Tables,
    measure: str = "difference",
    *,
    level: float = 0.95,
    missing: int = 0,
    population: str = "all participants given",
) -> Estimate:
    """Miettinen and Nurminen's score interval for a difference or ratio common to all strata.

    Estimand: as in `mantel_haenszel`, for "difference" and "ratio". The statistic at a value sums
    the strata's score contrasts with Mantel-Haenszel weights n1 n2/(n1 + n2), its variance their
    restricted variances with the factor N/(N - 1); the estimate is where it is 0, the interval
    where it is within the normal quantile, the p-value that of no difference. With one stratum it
    is `two_proportions`. Accuracy 1e-8. Source: Miettinen and Nurminen 1985, Stat Med 4:213.

    >>> found = stratified_score([(56, 70, 48, 80)])
    >>> round(found.lower, 4), round(found.upper, 4)
    (0.0528, 0.3382)
    """
    require_known("measure", measure, ("difference", "ratio"))
    require_level(level)
    cells = _cells(tables)
    ratio = measure == "ratio"

    def statistic(place: float) -> float:
        return _stratified_z(measure, cells, exp(place) if ratio else place)

    z = z_value(1 - level)
    low, high = (-_FAR, _FAR) if ratio else (-1 + 1e-12, 1 - 1e-12)
    ends = [root(lambda v, at=at: statistic(v) - at, low, high) for at in (z, 0.0, -z)]  # type: ignore[misc]
    if ratio:
        ends = [0.0 if e < 1 - _FAR else inf if e > _FAR - 1 else exp(e) for e in ends]
    from scipy.special import ndtr

    p = 2 * float(ndtr(-abs(statistic(0.0))))
    return Estimate(
        measure, "stratified miettinen-nurminen", ends[1], ends[0], ends[2], level, p,
        cells.participants, missing, population,
    )  # fmt: skip


def exact_conditional(
    tables: Tables,
    *,
    level: float = 0.95,
    missing: int = 0,
    population: str = "all participants given",
) -> Estimate:
    """Exact inference on an odds ratio common to all strata, given the events of each stratum.

    Estimand: the odds ratio. The events of group 1 in all strata are a sum of noncentral
    hypergeometric variables; the estimate maximises their likelihood, the interval inverts the two
    one-sided tests, the p-value of an odds ratio of 1 adds up the sums no likelier than observed.
    With one stratum that is Fisher's test. Accuracy 1e-8.
    Source: Mehta, Patel and Gray 1985, JASA 80:969; Breslow and Day 1980, section 4.4.

    >>> round(exact_conditional([(7, 34, 1, 34)]).p_value, 4)
    0.0544
    """
    require_level(level)
    cells = _cells(tables)
    least, log_ways = _sums(cells)
    seen = int(cells.x1.sum()) - least
    alpha = 1 - level

    def chances(place: float) -> Floats:
        weight = log_ways + place * np.arange(len(log_ways))
        mass: Floats = np.exp(weight - weight.max())
        return np.asarray(mass / mass.sum(), dtype=np.float64)

    null = chances(0.0)
    p = min(1.0, float(null[null <= null[seen] * (1 + TIED)].sum()))
    only = len(log_ways) == 1
    lowest, highest = seen == 0, seen == len(log_ways) - 1
    middle = root(lambda t: float(chances(t) @ np.arange(len(log_ways))) - seen, -_FAR, _FAR)
    low = root(lambda t: float(chances(t)[seen:].sum()) - alpha / 2, -_FAR, _FAR)
    high = root(lambda t: float(chances(t)[: seen + 1].sum()) - alpha / 2, -_FAR, _FAR)
    estimate = float("nan") if only else 0.0 if lowest else inf if highest else exp(middle)
    return Estimate(
        "odds-ratio", "exact conditional", estimate, 0.0 if lowest else exp(low),
        inf if highest else exp(high), level, p, cells.participants, missing, population,
    )  # fmt: skip


def _cells(tables: Tables) -> _Cells:
    for x1, n1, x2, n2 in tables:
        for x, n in ((x1, n1), (x2, n2)):
            if n or x:
                require_counts(x, n)
    rows = np.array([t for t in tables if t[1] and t[3]], dtype=np.float64)
    if not len(rows):
        raise AnalysisError(
            Message("No stratum has both groups."),
            rule=Message("Groups are compared within strata."),
            fix=Message("Pool strata, or describe the groups."),
        )
    return _Cells(*rows.T)


def _difference(c: _Cells) -> tuple[float, float]:
    weight = c.n1 * c.n2 / c.total
    gap = (c.x1 * c.n2 - c.x2 * c.n1) / c.total
    estimate = float(gap.sum() / weight.sum())
    p = (c.n1**2 * c.x2 - c.n2**2 * c.x1 + c.n1 * c.n2 * (c.n2 - c.n1) / 2) / c.total**2
    q = (c.x1 * (c.n2 - c.x2) + c.x2 * (c.n1 - c.x1)) / (2 * c.total)
    variance = (estimate * p.sum() + q.sum()) / weight.sum() ** 2
    return estimate, max(0.0, float(variance))


def _ratio(c: _Cells) -> tuple[float, float]:
    r, s = (c.x1 * c.n2 / c.total).sum(), (c.x2 * c.n1 / c.total).sum()
    d = ((c.n1 * c.n2 * (c.x1 + c.x2) - c.x1 * c.x2 * c.total) / c.total**2).sum()
    if not r or not s:
        return float("nan"), float("nan")
    return float(r / s), float(d / (r * s))


def _odds_ratio(c: _Cells) -> tuple[float, float]:
    r = c.x1 * (c.n2 - c.x2) / c.total
    s = c.x2 * (c.n1 - c.x1) / c.total
    p = (c.x1 + c.n2 - c.x2) / c.total
    if not r.sum() or not s.sum():
        return float("nan"), float("nan")
    variance = (
        (p * r).sum() / (2 * r.sum() ** 2)
        + (p * s + (1 - p) * r).sum() / (2 * r.sum() * s.sum())
        + ((1 - p) * s).sum() / (2 * s.sum() ** 2)
    )
    return float(r.sum() / s.sum()), float(variance)


_ESTIMATES = {"difference": _difference, "ratio": _ratio, "odds-ratio": _odds_ratio}


def _cmh(c: _Cells) -> float | None:
    """The p-value of Cochran, Mantel and Haenszel; None where every stratum is all or nothing."""
    from scipy.special import chdtrc

    events = c.x1 + c.x2
    away = float((c.x1 - c.n1 * events / c.total).sum())
    spread = c.n1 * c.n2 * events * (c.total - events) / (c.total**2 * (c.total - 1))
    variance = float(spread.sum())
    return float(chdtrc(1, away**2 / variance)) if variance > 0 else None


def _stratified_z(measure: str, c: _Cells, value: float) -> float:
    weight = c.n1 * c.n2 / c.total
    top = variance = 0.0
    for x1, n1, x2, n2, w in zip(c.x1, c.n1, c.x2, c.n2, weight, strict=True):
        p1, p2 = (float(p) for p in restricted(measure, x1, int(n1), x2, int(n2), value))
        times = value if measure == "ratio" else 1.0
        gap = x1 / n1 - (times * x2 / n2 if measure == "ratio" else x2 / n2 + value)
        spread = p1 * (1 - p1) / n1 + times**2 * p2 * (1 - p2) / n2
        top += w * gap
        variance += w**2 * spread * (n1 + n2) / max(n1 + n2 - 1, 1)
    if variance <= 0:
        return 0.0 if abs(top) < 1e-12 else float(np.copysign(inf, top))
    return float(top / sqrt(variance))


def _sums(c: _Cells) -> tuple[int, Floats]:
    """The least sum of group 1's events given the strata's events, and the logarithm of the number
    of ways to each sum from it on."""
    from scipy.special import gammaln

    def log_choose(n: float, k: Floats) -> Floats:
        ways: Floats = gammaln(n + 1) - gammaln(k + 1) - gammaln(n - k + 1)
        return ways

    least, log_ways = 0, np.zeros(1)
    for n1, n2, events in zip(c.n1, c.n2, c.x1 + c.x2, strict=True):
        first = np.arange(max(0.0, events - n2), min(n1, events) + 1)
        one = log_choose(n1, first) + log_choose(n2, events - first)
        least += int(first[0])
        # Scaled by their largest, products of ways neither overflow nor lose their small ends.
        ways = np.convolve(np.exp(log_ways - log_ways.max()), np.exp(one - one.max()))
        with np.errstate(divide="ignore"):
            log_ways = np.log(ways) + log_ways.max() + one.max()
    return least, log_ways
