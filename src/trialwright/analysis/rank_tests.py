"""Two groups of numbers: rank and permutation tests with ties, and the location shift. Missing
values (NaN) are left out and counted; nothing is imputed."""

from __future__ import annotations

from math import erfc, sqrt

import numpy as np
from numpy.typing import ArrayLike, NDArray

from trialwright.analysis.inversion import z_value
from trialwright.analysis.result import (
    APPROXIMATELY,
    EXACTLY,
    AnalysisError,
    Estimate,
    drawn_from,
    is_number,
    numbers,
    require_known,
    require_level,
)
from trialwright.analysis.splits import (
    MOST_STEPS,
    counted_tail,
    split_tail,
    steps,
    sum_chances,
)
from trialwright.analysis.ties import joined
from trialwright.analysis.unconditional import ALTERNATIVES
from trialwright.messages import Message

Floats = NDArray[np.float64]
Whole = NDArray[np.int64]


def wilcoxon(
    first: ArrayLike,
    second: ArrayLike,
    alternative: str = "two-sided",
    *,
    level: float = 0.95,
    population: str = "all participants given",
) -> Estimate:
    """Wilcoxon rank-sum test, exact with ties, and the Hodges-Lehmann shift with its interval.

    Estimand: the shift between the distributions of first and second (first minus second). The
    p-value counts all splits of the pooled midranks (by their generating function); two-sided: as
    far from the expected rank sum or farther. The estimate is the median of all pairwise
    differences; its interval takes the exact order statistics (without ties its level is at least
    that asked). Values that differ by the rounding of computed decimals alone are ties. Exact up to
    about 250 participants (accuracy: rounding, 1e-12); beyond, `method` says that p-value and
    interval are from the normal distribution, with the variance of the ties.

    Source: Hollander, Wolfe and Chicken 2014, chapter 4; Streitberg and Röhmel 1986 for ties.

    >>> wilcoxon([1.1, 2.2, 3.3], [4.4, 5.5, 6.6]).p_value
    0.1
    """
    a, b, missing = two_groups(first, second)
    require_known("alternative", alternative, ALTERNATIVES)
    require_level(level)
    ranks = np.rint(2 * _midranks(joined(np.concatenate([a, b])))).astype(np.int64)
    units = ranks - ranks.min()
    units //= max(int(np.gcd.reduce(units)), 1)
    exact = steps(units, len(a)) <= MOST_STEPS
    if exact:
        how, p = "exact", counted_tail(units, len(a), alternative)
    else:
        how, p = "normal approximation", _normal_tail(ranks / 2, len(a), alternative)
    shifts = np.sort((a[:, None] - b[None, :]).ravel())
    lower, upper = _shift_interval(shifts, len(a), len(b), 1 - level, exact)
    return Estimate(
        "location-shift", f"Wilcoxon {how}, {alternative}", float(np.median(shifts)), lower, upper,
        level, p, len(a) + len(b), missing, population, EXACTLY if exact else APPROXIMATELY,
    )  # fmt: skip


def permutation(
    first: ArrayLike,
    second: ArrayLike,
    alternative: str = "two-sided",
    *,
    samples: int = 100_000,
    seed: int = 1,
    population: str = "all participants given",
) -> Estimate:
    """Permutation test of the difference of means.

    Estimand: the difference of means, first minus second; the hypothesis is that labels could be
    exchanged. All splits are counted: decimals of a few digits by the shift algorithm, whatever
    their number up to some hundreds; other values up to 40 participants. Beyond, `samples` random
    splits are drawn from the project's own stream, and the p-value is (hits + 1)/(samples + 1),
    with a standard error of sqrt(p(1 - p)/samples). Source: Pitman 1937, JRSS Suppl 4:119;
    Streitberg and Röhmel 1986, Stat Software Newsletter 12:10; Phipson and Smyth 2010, Stat Appl
    Genet Mol Biol 9:39, for the 1 added.

    >>> permutation([1, 2, 3], [4, 5, 6]).p_value
    0.1
    """
    a, b, missing = two_groups(first, second)
    require_known("alternative", alternative, ALTERNATIVES)
    if not is_number(samples) or samples < 1:
        raise AnalysisError(
            f"samples is {samples}.", rule="It is 1 or more.", fix="Use the default."
        )
    pooled = joined(np.concatenate([a, b]))
    tail = split_tail(pooled, len(a), alternative, samples=samples, seed=seed)
    exact = tail.how == "exact"
    how = "all splits" if exact else f"{samples} random splits"
    return Estimate(
        "mean-difference", f"permutation, {how}, {alternative}", float(a.mean() - b.mean()),
        p_value=tail.p, participants=len(pooled), missing=missing, population=population,
        accuracy=EXACTLY if exact else drawn_from(samples, tail.p),
    )  # fmt: skip


def two_groups(first: ArrayLike, second: ArrayLike) -> tuple[Floats, Floats, int]:
    """The known values of both groups, and how many are missing; neither may be empty."""
    a, b = numbers("first", first).ravel(), numbers("second", second).ravel()
    missing = int((~np.isfinite(a)).sum() + (~np.isfinite(b)).sum())
    a, b = a[np.isfinite(a)], b[np.isfinite(b)]
    if not len(a) or not len(b):
        raise AnalysisError(
            Message("An arm has no value yet."),
            rule=Message("A comparison needs values in both arms."),
            fix=Message("Wait for them; until then the arms are described."),
        )
    return a, b, missing


def _midranks(values: Floats) -> Floats:
    ordered = np.sort(values)
    low = np.searchsorted(ordered, values, side="left")
    high = np.searchsorted(ordered, values, side="right")
    ranks: Floats = (low + high + 1) / 2
    return ranks


def _normal_tail(ranks: Floats, first: int, alternative: str) -> float:
    """The tail of the rank sum by its normal approximation, half a rank to the middle."""
    everyone = len(ranks)
    away = float(ranks[:first].sum() - first * (everyone + 1) / 2)
    spread = sqrt(first * (everyone - first) / everyone * float(ranks.var(ddof=1)))
    if spread == 0:
        return 1.0
    if alternative == "two-sided":
        return min(1.0, erfc(max(abs(away) - 0.5, 0.0) / spread / sqrt(2)))
    away = away if alternative == "greater" else -away
    return erfc((away - 0.5) / spread / sqrt(2)) / 2


def _shift_interval(
    shifts: Floats, n1: int, n2: int, alpha: float, exact: bool
) -> tuple[float, float]:
    if exact:
        cumulative = np.cumsum(_mann_whitney_chances(n1, n2))
        k = int(np.searchsorted(cumulative, alpha / 2, side="right"))
    else:
        spread = sqrt(n1 * n2 * (n1 + n2 + 1) / 12)
        k = max(0, int(n1 * n2 / 2 - z_value(alpha) * spread - 0.5))
    if k == 0:
        return -np.inf, np.inf
    return float(shifts[k - 1]), float(shifts[n1 * n2 - k])


def _mann_whitney_chances(n1: int, n2: int) -> Floats:
    """The chance of each Mann-Whitney count from 0 to n1 n2, without ties."""
    smaller = min(n1, n2)
    chances = sum_chances(np.arange(n1 + n2), smaller)
    return chances[smaller * (smaller - 1) // 2 :]
