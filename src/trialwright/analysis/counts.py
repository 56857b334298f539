"""Counts of events and their rates: the ratio of two rates, exact for Poisson counts and by the
negative binomial model where participants differ more than that."""

from __future__ import annotations

from math import exp, inf, log, sqrt

import numpy as np
from numpy.typing import ArrayLike, NDArray

from trialwright.analysis.inversion import z_value
from trialwright.analysis.result import AnalysisError, Estimate, numbers, require_level
from trialwright.messages import Message

Floats = NDArray[np.float64]
_TIED = 1e-7
_ROUNDS = 100


def rate_ratio(
    count: ArrayLike,
    group: ArrayLike,
    exposure: ArrayLike | None = None,
    *,
    level: float = 0.95,
    population: str = "all participants given",
) -> Estimate:
    """Ratio of the event rates of group 1 and group 0, exact for Poisson counts.

    Estimand: events by time of group 1, divided by those of group 0. count: events of each
    participant, whole numbers; group: 0 or 1; exposure: time each was watched, one unit throughout
    (1 each if left out). Given all events, those of group 1 are binomial: the interval is that of
    Clopper and Pearson, carried over, and the p-value adds up the counts no likelier than seen.
    Valid where each participant's events come independently at one rate; where some have far more
    than others, take `negative_binomial`. Rows with a missing value are left out and counted.

    Accuracy: 1e-10. Source: Przyborowski and Wilenski 1940, Biometrika 31:313; Clopper and Pearson
    1934, Biometrika 26:404.

    >>> e = rate_ratio([11, 21, 2], [1, 1, 0], [800, 1083, 1000])
    >>> round(e.estimate, 3), round(e.lower, 3), round(e.upper, 2)
    (8.497, 2.168, 73.18)
    """
    from scipy.special import betaincinv, gammaln

    require_level(level)
    y, g, t, missing = _rows(count, group, exposure)
    x1, x2 = float(y[g == 1].sum()), float(y[g == 0].sum())
    t1, t2 = float(t[g == 1].sum()), float(t[g == 0].sum())
    total, alpha = x1 + x2, 1 - level
    if not total:
        raise AnalysisError(
            Message("There is no event."),
            rule=Message("Rates are compared by their events."),
            fix=Message("Report the time watched without an event."),
        )
    low = float(betaincinv(x1, x2 + 1, alpha / 2)) if x1 else 0.0
    high = float(betaincinv(x1 + 1, x2, 1 - alpha / 2)) if x2 else 1.0
    k = np.arange(total + 1)
    share = t1 / (t1 + t2)
    chance = np.exp(
        gammaln(total + 1) - gammaln(k + 1) - gammaln(total - k + 1)
        + k * log(share) + (total - k) * log(1 - share)
    )  # fmt: skip
    p = float(chance[chance <= chance[int(x1)] * (1 + _TIED)].sum())

    def ratio(part: float) -> float:
        return inf if part >= 1 else part / (1 - part) * t2 / t1

    return Estimate(
        "rate-ratio", "exact Poisson, given all events", ratio(x1 / total), ratio(low), ratio(high),
        level, min(1.0, p), len(y), missing, population,
    )  # fmt: skip


def negative_binomial(
    count: ArrayLike,
    group: ArrayLike,
    exposure: ArrayLike | None = None,
    covariates: ArrayLike | None = None,
    *,
    level: float = 0.95,
    population: str = "all participants given",
) -> Estimate:
    """Ratio of the event rates of group 1 and group 0 by a negative binomial model.

    Estimand: exp(d) in log E(count) = log(exposure) + a + d group + b covariates, with variance
    m + m²/k of a count with mean m. k and the coefficients maximise the likelihood together;
    interval and p-value are Wald's, on the scale of the logarithm, from the expected information
    at that k. Arguments as in `rate_ratio`; covariates: one for each row, or a matrix. Where
    counts vary no more than Poisson counts, k has no bound and the model is Poisson's.

    Accuracy: 1e-6 of the coefficients; the approximation wants some 10 events in each group.
    Source: Lawless 1987, Can J Stat 15:209; Venables and Ripley 2002, section 7.4 (R's glm.nb).
    """
    from scipy.optimize import minimize_scalar
    from scipy.special import ndtr

    require_level(level)
    y, g, t, missing, x = _with_covariates(count, group, exposure, covariates)
    if not (y[g == 1].sum() and y[g == 0].sum()):
        raise AnalysisError(
            Message("A group has no event."),
            rule=Message("The negative binomial model needs events in both groups."),
            fix=Message("Take the exact ratio of rates."),
        )
    design = np.column_stack([np.ones(len(y)), g, x])
    if np.linalg.matrix_rank(design) < design.shape[1]:
        raise AnalysisError(
            Message("{n} complete rows for {k} coefficients.", n=len(y), k=design.shape[1]),
            rule=Message("Covariates differ from each other and from the group."),
            fix=Message("Check the columns."),
        )
    offset = np.log(t)

    def least(log_k: float) -> float:
        beta, _ = _fitted(design, y, offset, exp(log_k))
        return -_likelihood(y, np.exp(offset + design @ beta), exp(log_k))

    best = minimize_scalar(least, bounds=(-6.0, 14.0), method="bounded", options={"xatol": 1e-8})
    beta, information = _fitted(design, y, offset, exp(best.x))
    error = sqrt(float(np.linalg.inv(information)[1, 1]))
    estimate, half = float(beta[1]), z_value(1 - level) * error
    return Estimate(
        "rate-ratio", f"negative binomial, dispersion {exp(-best.x):.3g}", exp(estimate),
        exp(estimate - half), exp(estimate + half), level,
        2 * float(ndtr(-abs(estimate) / error)), len(y), missing, population,
    )  # fmt: skip


def _fitted(design: Floats, y: Floats, offset: Floats, k: float) -> tuple[Floats, Floats]:
    """Coefficients for a given k by scoring, and their expected information."""
    beta = np.zeros(design.shape[1])
    beta[0] = log(y.sum() / np.exp(offset).sum())
    information = np.eye(design.shape[1])
    for _ in range(_ROUNDS):
        mean = np.exp(np.clip(offset + design @ beta, -50, 50))
        weight = mean / (1 + mean / k)
        information = design.T @ (weight[:, None] * design)
        step = np.linalg.solve(information, design.T @ ((y - mean) / (1 + mean / k)))
        beta = beta + np.clip(step, -3, 3)
        if np.abs(step).max() < 1e-12:
            break
    return beta, information


def _likelihood(y: Floats, mean: Floats, k: float) -> float:
    from scipy.special import gammaln

    return float(
        (gammaln(y + k) - gammaln(k) - k * np.log1p(mean / k) - y * np.log1p(k / mean)).sum()
    )


def _rows(
    count: ArrayLike, group: ArrayLike, exposure: ArrayLike | None
) -> tuple[Floats, Floats, Floats, int]:
    y, g, t, missing, _ = _with_covariates(count, group, exposure, None)
    return y, g, t, missing


def _with_covariates(
    count: ArrayLike, group: ArrayLike, exposure: ArrayLike | None, covariates: ArrayLike | None
) -> tuple[Floats, Floats, Floats, int, Floats]:
    y, g = numbers("count", count), numbers("group", group)
    t = np.ones(len(y)) if exposure is None else numbers("exposure", exposure)
    x = np.empty((len(y), 0)) if covariates is None else numbers("covariates", covariates)
    if not len(y) or len(g) != len(y) or len(t) != len(y) or len(x) != len(y):
        raise AnalysisError(
            f"{len(y)} counts, {len(g)} groups, {len(t)} exposures, {len(x)} rows of covariates.",
            rule="There is one of each for every participant.",
            fix="Give one row for each participant.",
        )
    x = x.reshape(len(y), -1)
    keep = np.isfinite(y) & np.isfinite(g) & np.isfinite(t) & np.isfinite(x).all(axis=1)
    y, g, t, x = y[keep], g[keep], t[keep], x[keep]
    if (y < 0).any() or (y != np.floor(y)).any() or (t <= 0).any():
        raise AnalysisError(
            Message("A count or a time of watching can't be read."),
            rule=Message("Counts are whole numbers from 0, times watched above 0."),
            fix=Message("Check both, or leave the participant's time out as missing."),
        )
    if set(np.unique(g)) != {0.0, 1.0}:
        raise AnalysisError(
            Message("An arm has no value yet."),
            rule=Message("A comparison needs values in both arms."),
            fix=Message("Wait for them; until then the arms are described."),
        )
    return y, g, t, int((~keep).sum()), x
