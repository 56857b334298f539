"""Exact unconditional inference for two proportions: the nuisance rate is maximised over.

Tests with an order on all tables (Fisher's p-value: Boschloo; pooled Z: Barnard), their size and
power.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from trialwright.analysis.result import Estimate, require_counts, require_known
from trialwright.analysis.score import score

Floats = NDArray[np.float64]
ALTERNATIVES = ("two-sided", "greater", "less")
_ROUND = 1e-9
_PEAKS = 4


def fisher(x1: int, n1: int, x2: int, n2: int, alternative: str = "two-sided") -> Estimate:
    """Fisher's exact test of p1 = p2, conditional on the number of events.

    Accuracy: about 1e-12. Source: Fisher 1935, The Design of Experiments, chapter 2.
    alternative: "greater" (p1 > p2), "less", or "two-sided" (tables no likelier than observed).

    >>> round(fisher(7, 34, 1, 34).p_value, 4)
    0.0544
    """
    return _test(x1, n1, x2, n2, alternative, "Fisher")


def boschloo(x1: int, n1: int, x2: int, n2: int, alternative: str = "two-sided") -> Estimate:
    """Boschloo's test of p1 = p2: Fisher's p-value as statistic, maximised over the common rate.

    Uniformly more powerful than Fisher's test. Source: Boschloo 1970, Stat Neerl 24:1. The rate
    runs from 0 to 1 in steps of 0.001, and of 0.00001 beside the highest places: accuracy 1e-9.

    >>> round(boschloo(7, 10, 1, 10, "greater").p_value, 4)
    0.004
    """
    return _test(x1, n1, x2, n2, alternative, "Boschloo")


def barnard(x1: int, n1: int, x2: int, n2: int, alternative: str = "two-sided") -> Estimate:
    """Barnard's test of p1 = p2 with the pooled Z statistic, maximised over the common rate.

    Source: Barnard 1947, Biometrika 34:123; Suissa and Shuster 1985, JRSS A 148:317. The rate runs,
    and accuracy is, as in `boschloo`.

    >>> round(barnard(7, 15, 12, 15).p_value, 6)
    0.068218
    """
    return _test(x1, n1, x2, n2, alternative, "Barnard")


def _test(x1: int, n1: int, x2: int, n2: int, alternative: str, name: str) -> Estimate:
    require_counts(x1, n1)
    require_counts(x2, n2)
    require_known("alternative", alternative, ALTERNATIVES)
    order = table_order(n1, n2, name, alternative)
    seen = float(order[x1, x2])
    p = seen if name == "Fisher" else _finer_size(order <= seen + _ROUND)
    method = f"{name}, {alternative}"
    return Estimate("test", method, float("nan"), p_value=min(p, 1.0), participants=n1 + n2)


@lru_cache(maxsize=32)
def table_order(n1: int, n2: int, name: str, alternative: str) -> Floats:
    """A number for every table [x1, x2]: the smaller, the more against p1 = p2."""
    a, b = np.arange(n1 + 1)[:, None], np.arange(n2 + 1)[None, :]
    if name == "Barnard":
        z = score("difference", a, n1, b, n2, 0.0, corrected=False)
        return -np.abs(z) if alternative == "two-sided" else (-z if alternative == "greater" else z)
    order = np.empty((n1 + 1, n2 + 1))
    for events in range(n1 + n2 + 1):
        first = np.arange(max(0, events - n2), min(n1, events) + 1)
        mass = _hypergeometric(first, n1, n2, events)
        if alternative == "greater":
            p = np.cumsum(mass[::-1])[::-1]
        elif alternative == "less":
            p = np.cumsum(mass)
        else:
            ascending = np.argsort(mass, kind="stable")
            total = np.cumsum(mass[ascending])
            last = np.searchsorted(mass[ascending], mass * (1 + 1e-7), side="right") - 1
            p = total[last]
        order[first, events - first] = p
    return order


def _hypergeometric(first: NDArray[np.int64], n1: int, n2: int, events: int) -> Floats:
    from scipy.special import gammaln

    def log_choose(n: int, k: NDArray[np.int64] | int) -> Floats:
        return np.asarray(gammaln(n + 1) - gammaln(np.add(k, 1)) - gammaln(n - np.asarray(k) + 1))

    log_mass = log_choose(n1, first) + log_choose(n2, events - first)
    mass: Floats = np.exp(log_mass - log_choose(n1 + n2, events))
    whole: Floats = mass / mass.sum()
    return whole


@lru_cache(maxsize=64)
def binomials(n: int, points: int = 999) -> Floats:
    """Binomial(n, p) mass at [p, x] for p on an even grid from 0 to 1, both ends among them."""
    return masses(n, np.linspace(0, 1, points + 2))


def masses(n: int, p: Floats) -> Floats:
    """Binomial(n, p) mass at [p, x]; p from 0 to 1."""
    from scipy.special import gammaln, xlog1py, xlogy

    x = np.arange(n + 1)
    log_ways = gammaln(n + 1) - gammaln(x + 1) - gammaln(n - x + 1)
    rate = np.asarray(p, dtype=np.float64)[:, None]
    mass: Floats = np.exp(log_ways + xlogy(x, rate) + xlog1py(n - x, -rate))
    return mass


def size(region: NDArray[np.bool_], points: int = 999) -> float:
    """The largest chance of a region of tables over all common rates."""
    n1, n2 = region.shape[0] - 1, region.shape[1] - 1
    chances = (binomials(n1, points) @ region.astype(np.float64) * binomials(n2, points)).sum(1)
    return float(chances.max())


def _finer_size(region: NDArray[np.bool_]) -> float:
    """`size` looked at more closely beside its highest places: for one p-value, not for a sweep."""
    n1, n2 = region.shape[0] - 1, region.shape[1] - 1
    ways = region.astype(np.float64)
    coarse = (binomials(n1) @ ways * binomials(n2)).sum(1)
    step = 1 / (len(coarse) - 1)
    beside = np.pad(coarse, 1, constant_values=-1.0)
    peaks = np.flatnonzero((coarse >= beside[:-2]) & (coarse >= beside[2:]))
    highest = peaks[np.argsort(coarse[peaks])[-_PEAKS:]]
    rates = np.concatenate([np.linspace(-step, step, 201) + at * step for at in highest])
    rates = rates.clip(0, 1)
    return float((masses(n1, rates) @ ways * masses(n2, rates)).sum(1).max())


def rejection_region(
    n1: int, n2: int, alpha: float, test: str = "Boschloo", alternative: str = "greater"
) -> NDArray[np.bool_]:
    """Tables [x1, x2] at which the test rejects at level alpha."""
    order = table_order(n1, n2, test, alternative)
    if test == "Fisher":
        return order <= alpha + _ROUND
    values = np.unique(order.round(10))
    low, high = -1, len(values) - 1
    while low < high:
        middle = (low + high + 1) // 2
        if size(order <= values[middle] + _ROUND, 199) <= alpha:
            low = middle
        else:
            high = middle - 1
    while low >= 0 and size(order <= values[low] + _ROUND) > alpha:
        low -= 1
    return order <= (values[low] + _ROUND if low >= 0 else -np.inf)
