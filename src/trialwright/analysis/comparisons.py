"""Two groups of numbers: rank and permutation tests with ties, location shift, ANCOVA; many against
one control: Dunnett. Missing values (NaN) are left out and counted; nothing is imputed."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import cache, partial
from math import comb, sqrt
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from trialwright.analysis.inversion import root
from trialwright.analysis.result import (
    AnalysisError,
    Estimate,
    is_number,
    numbers,
    require_known,
    require_level,
)
from trialwright.analysis.unconditional import ALTERNATIVES

Floats = NDArray[np.float64]
EXACT_LIMIT = 200_000
"""Splits of the pooled sample up to which a permutation test lists them all."""


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
    that asked). Up to about 200 participants. Accuracy: rounding (1e-12).

    Source: Hollander, Wolfe and Chicken 2014, chapter 4; Streitberg and Röhmel 1986 for ties.

    >>> wilcoxon([1.1, 2.2, 3.3], [4.4, 5.5, 6.6]).p_value
    0.1
    """
    a, b, missing = _two_groups(first, second)
    require_known("alternative", alternative, ALTERNATIVES)
    require_level(level)
    ranks = np.rint(2 * _midranks(np.concatenate([a, b]))).astype(np.int64)
    ways = _rank_sum_ways(ranks, len(a))
    p = _tail(np.arange(len(ways)), ways, int(ranks[: len(a)].sum()), alternative)
    shifts = np.sort((a[:, None] - b[None, :]).ravel())
    lower, upper = _shift_interval(shifts, len(a), len(b), 1 - level)
    return Estimate(
        "location-shift", f"Wilcoxon exact, {alternative}", float(np.median(shifts)), lower, upper,
        level, p, len(a) + len(b), missing, population,
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
    exchanged. All splits are listed when there are at most 200,000; otherwise `samples` random ones
    are drawn from the project's own stream, and the p-value is (hits + 1)/(samples + 1), with a
    standard error of sqrt(p(1 - p)/samples). Source: Pitman 1937, JRSS Suppl 4:119; Phipson and
    Smyth 2010, Stat Appl Genet Mol Biol 9:39, for the 1 added.

    >>> permutation([1, 2, 3], [4, 5, 6]).p_value
    0.1
    """
    a, b, missing = _two_groups(first, second)
    require_known("alternative", alternative, ALTERNATIVES)
    if not is_number(samples) or samples < 1:
        raise AnalysisError(
            f"samples is {samples}.", rule="It is 1 or more.", fix="Use the default."
        )
    pooled = np.concatenate([a, b])
    seen = float(a.sum())
    if comb(len(pooled), len(a)) <= EXACT_LIMIT:
        sums, extra, method = _all_sums(pooled, len(a)), 0, "permutation, all splits"
    else:
        sums, extra = _random_sums(pooled, len(a), samples, seed), 1
        method = f"permutation, {samples} random splits"
    slack = 1e-9 * max(1.0, float(np.abs(pooled).sum()))
    centre = len(a) * float(pooled.mean())
    if alternative == "two-sided":
        hits = np.abs(sums - centre) >= abs(seen - centre) - slack
    else:
        hits = sums >= seen - slack if alternative == "greater" else sums <= seen + slack
    p = (int(hits.sum()) + extra) / (len(sums) + extra)
    return Estimate(
        "mean-difference", f"{method}, {alternative}", float(a.mean() - b.mean()), p_value=p,
        participants=len(pooled), missing=missing, population=population,
    )  # fmt: skip


def ancova(
    outcome: ArrayLike,
    group: ArrayLike,
    covariates: ArrayLike,
    *,
    level: float = 0.95,
    population: str = "all participants given",
) -> Estimate:
    """Difference of group 1 from group 0 adjusted for covariates, by least squares.

    Estimand: the coefficient of `group` (0 or 1) in outcome = a + d group + b covariates + error,
    equal slopes and variances; t interval on n - k degrees of freedom. covariates: one per row, or
    a matrix. Rows with any missing value are left out. Accuracy: about 1e-10 of the scale of the
    columns. Source: Snedecor and Cochran 1967, Statistical Methods, chapter 14.

    >>> e = ancova([3.0, 4.1, 5.2, 5.9, 7.2, 7.8], [0, 0, 0, 1, 1, 1], [1, 2, 3, 1, 2, 3])
    >>> round(e.estimate, 3)
    2.867
    """
    from scipy.special import stdtr, stdtrit

    require_level(level)
    y, g = numbers("outcome", outcome), numbers("group", group)
    x = numbers("covariates", covariates)
    if len(g) != len(y) or len(x) != len(y) or not len(y):
        raise AnalysisError(
            f"{len(y)} outcomes, {len(g)} groups, {len(x)} rows of covariates.",
            rule="ANCOVA needs the same number of each, and some.",
            fix="Give one row for each participant.",
        )
    x = x.reshape(len(y), -1)
    keep = np.isfinite(y) & np.isfinite(g) & np.isfinite(x).all(axis=1)
    y, g, x = y[keep], g[keep], x[keep]
    design = np.column_stack([np.ones(len(y)), g, x])
    freedom = len(y) - design.shape[1]
    if (
        set(np.unique(g)) != {0.0, 1.0}
        or freedom < 1
        or np.linalg.matrix_rank(design) < len(design.T)
    ):
        raise AnalysisError(
            f"{len(y)} complete rows, groups {sorted(set(g.tolist()))}.",
            rule="ANCOVA needs groups 0 and 1, more rows than coefficients, and covariates that "
            "differ from each other and from the group.",
            fix="Check the columns.",
        )
    inverse = np.linalg.inv(design.T @ design)
    coefficients = inverse @ design.T @ y
    residual = y - design @ coefficients
    error = sqrt(float(residual @ residual) / freedom * inverse[1, 1])
    estimate = float(coefficients[1])
    half = float(stdtrit(freedom, 0.5 + level / 2)) * error
    p = 2 * float(stdtr(freedom, -abs(estimate) / error)) if error > 0 else 0.0
    return Estimate(
        "adjusted-difference", f"ANCOVA, {freedom} degrees of freedom", estimate,
        estimate - half, estimate + half, level, p, len(y), int((~keep).sum()), population,
    )  # fmt: skip


def dunnett(
    groups: Sequence[ArrayLike],
    control: ArrayLike,
    *,
    level: float = 0.95,
    population: str = "all participants given",
) -> tuple[Estimate, ...]:
    """Each group's mean against the control's, simultaneous two-sided intervals and p-values.

    Estimand: each mean minus the control's, normal with one variance. The joint distribution of the
    statistics has correlations l_i l_j with l_i = sqrt(n_i/(n_i + n_0)) and is integrated over the
    shared normal and the scale.

    Source: Dunnett 1955, JASA 50:1096. Accuracy about 1e-7.

    >>> a, b = dunnett([[5.1, 5.9, 6.2], [4.8, 5.0, 5.3]], [4.1, 4.4, 4.6])
    >>> a.p_value < b.p_value
    True
    """
    require_level(level)
    if not isinstance(groups, Iterable):
        raise AnalysisError(
            f"groups is {groups!r}.", rule="It is a list of groups.", fix="Give a list for each."
        )
    clean = [numbers("control", control), *(numbers("groups", g) for g in groups)]
    missing = sum(int((~np.isfinite(g)).sum()) for g in clean)
    clean = [g[np.isfinite(g)] for g in clean]
    if len(clean) < 2 or min(map(len, clean)) < 2:
        raise AnalysisError(
            "A group has fewer than two values.",
            rule="Dunnett's comparison needs two or more in the control and in each group.",
            fix="Leave the group out.",
        )
    reference, others = clean[0], clean[1:]
    freedom = sum(map(len, clean)) - len(clean)
    scale = sqrt(sum(float(((g - g.mean()) ** 2).sum()) for g in clean) / freedom)
    if scale == 0:
        raise AnalysisError(
            "All values in each group are equal.",
            rule="Dunnett's comparison needs some spread within groups.",
            fix="Compare the means as they are.",
        )
    load = np.array([sqrt(len(g) / (len(g) + len(reference))) for g in others])
    inside = partial(_dunnett_inside, load=load, freedom=freedom)
    critical = root(lambda t: inside(t) - level, 0.0, 60.0, 1e-7)
    results = []
    for g in others:
        difference = float(g.mean() - reference.mean())
        error = scale * sqrt(1 / len(g) + 1 / len(reference))
        p = max(0.0, 1 - inside(abs(difference) / error))
        results.append(
            Estimate(
                "mean-difference",
                "Dunnett, two-sided",
                difference,
                difference - critical * error,
                difference + critical * error,
                level,
                p,
                len(g) + len(reference),
                missing,
                population,
            )
        )
    return tuple(results)


def _dunnett_inside(t: float, load: Floats, freedom: int) -> float:
    """P(all |T_i| <= t)."""
    from scipy.special import ndtr

    z = np.linspace(-8, 8, 321)
    normal = np.exp(-(z**2) / 2)
    normal /= normal.sum()
    spread = 12 / sqrt(2 * freedom)
    low = max(0.0, 1 - spread)
    nodes, weights = _legendre()
    s = low + (1 + spread - low) * (nodes + 1) / 2
    log_chi = (freedom - 1) * np.log(s) - freedom * s**2 / 2
    chi = weights * np.exp(log_chi - log_chi.max())
    chi /= chi.sum()
    rest = np.sqrt(1 - load**2)
    inside = np.ones((len(s), len(z)))
    for one, other in zip(load, rest, strict=True):
        inside *= ndtr((one * z + t * s[:, None]) / other) - ndtr(
            (one * z - t * s[:, None]) / other
        )
    return float(chi @ inside @ normal)


@cache
def _legendre() -> tuple[Floats, Floats]:
    return np.polynomial.legendre.leggauss(128)


def _two_groups(first: ArrayLike, second: ArrayLike) -> tuple[Floats, Floats, int]:
    a, b = numbers("first", first).ravel(), numbers("second", second).ravel()
    missing = int((~np.isfinite(a)).sum() + (~np.isfinite(b)).sum())
    a, b = a[np.isfinite(a)], b[np.isfinite(b)]
    if not len(a) or not len(b):
        raise AnalysisError(
            "A group is empty.", rule="Each group has a value.", fix="Leave the comparison out."
        )
    return a, b, missing


def _midranks(values: Floats) -> Floats:
    ordered = np.sort(values)
    low = np.searchsorted(ordered, values, side="left")
    high = np.searchsorted(ordered, values, side="right")
    ranks: Floats = (low + high + 1) / 2
    return ranks


def _rank_sum_ways(ranks: NDArray[np.int64], size: int) -> Floats:
    """Chance of each sum of `size` of the (doubled) ranks, by their generating function."""
    ways = np.zeros((size + 1, int(ranks.sum()) + 1))
    ways[0, 0] = 1.0
    for seen, rank in enumerate(ranks, start=1):
        for k in range(min(size, seen), 0, -1):
            ways[k, rank:] += ways[k - 1, : ways.shape[1] - rank]
    chances: Floats = ways[size] / ways[size].sum()
    return chances


def _tail(values: NDArray[Any], chances: Floats, seen: int, alternative: str) -> float:
    centre = float(values @ chances)
    if alternative == "two-sided":
        inside = np.abs(values - centre) >= abs(seen - centre) - 1e-7
    else:
        inside = values >= seen if alternative == "greater" else values <= seen
    return min(1.0, float(chances[inside].sum()))


def _shift_interval(shifts: Floats, n1: int, n2: int, alpha: float) -> tuple[float, float]:
    chances = _rank_sum_ways(np.arange(1, n1 + n2 + 1), n1)
    counts = chances[n1 * (n1 + 1) // 2 :]
    cumulative = np.cumsum(counts[: n1 * n2 + 1])
    k = int(np.searchsorted(cumulative, alpha / 2, side="right"))
    if k == 0:
        return -np.inf, np.inf
    return float(shifts[k - 1]), float(shifts[n1 * n2 - k])


def _all_sums(pooled: Floats, size: int) -> Floats:
    from itertools import combinations

    return np.array(
        [pooled[list(chosen)].sum() for chosen in combinations(range(len(pooled)), size)]
    )


def _random_sums(pooled: Floats, size: int, samples: int, seed: int) -> Floats:
    from trialwright.numerics.philox import uniforms

    sums = []
    for start in range(0, samples, 5_000):
        u = uniforms(seed, 0, start, min(5_000, samples - start), len(pooled))
        chosen = np.argpartition(u, size - 1, axis=1)[:, :size]
        sums.append(pooled[chosen].sum(axis=1))
    return np.concatenate(sums)
