"""Exact tests of two proportions and their unconditional size: the common rate is maximised over.

All tables with the same number of events share one hypergeometric distribution, so a region of
tables has chance `sum over s of Binomial(n1 + n2, rate)[s] P(region | s events)`: a polynomial of
one vector, whatever the order. Tables stand at [events, x1]; a place that is no table has mass 0.
"""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from trialwright.analysis.result import Estimate, require_counts, require_known

Floats = NDArray[np.float64]
Whole = NDArray[np.int64]
ALTERNATIVES = ("two-sided", "greater", "less")
TIED = 1e-10
"""Relative distance within which two statistics are one: rounding, never a small p-value's size."""
_PEAKS, _NEAR_HIGHEST, _ZOOM, _PARABOLAS = 4, 0.98, 8, 2
_AROUND, _BESIDE = np.linspace(-1, 1, 2 * _ZOOM + 1), np.array([-1.0, 0.0, 1.0])


def fisher(x1: int, n1: int, x2: int, n2: int, alternative: str = "two-sided") -> Estimate:
    """Fisher's exact test of p1 = p2, conditional on the number of events.

    Accuracy: about 1e-12, relative. Source: Fisher 1935, The Design of Experiments, chapter 2.
    alternative: "greater" (p1 > p2), "less", or "two-sided" (tables no likelier than observed).

    >>> round(fisher(7, 34, 1, 34).p_value, 4)
    0.0544
    """
    _require_tables(x1, n1, x2, n2, alternative)
    p = float(fisher_tails(n1, n2, alternative).p[x1 + x2, x1])
    return _found(p, n1, n2, alternative, "Fisher")


def boschloo(x1: int, n1: int, x2: int, n2: int, alternative: str = "two-sided") -> Estimate:
    """Boschloo's test of p1 = p2: Fisher's p-value as statistic, maximised over the common rate.

    Uniformly more powerful than Fisher's test. Accuracy: about 1e-10, relative.
    Source: Boschloo 1970, Stat Neerl 24:1.

    >>> round(boschloo(7, 10, 1, 10, "greater").p_value, 4)
    0.004
    """
    return _unconditional(x1, n1, x2, n2, alternative, "Boschloo")


def barnard(x1: int, n1: int, x2: int, n2: int, alternative: str = "two-sided") -> Estimate:
    """Barnard's test of p1 = p2 with the pooled Z statistic, maximised over the common rate.

    Accuracy: as in `boschloo`. Source: Barnard 1947, Biometrika 34:123; Suissa and Shuster 1985,
    JRSS A 148:317.

    >>> round(barnard(7, 15, 12, 15).p_value, 6)
    0.068218
    """
    return _unconditional(x1, n1, x2, n2, alternative, "Barnard")


def _unconditional(x1: int, n1: int, x2: int, n2: int, alternative: str, name: str) -> Estimate:
    _require_tables(x1, n1, x2, n2, alternative)
    order = table_order(n1, n2, name, alternative)
    p = _largest(_given_events(order <= order[x1 + x2, x1], n1, n2))
    return _found(p, n1, n2, alternative, name)


def _require_tables(x1: int, n1: int, x2: int, n2: int, alternative: str) -> None:
    require_counts(x1, n1)
    require_counts(x2, n2)
    require_known("alternative", alternative, ALTERNATIVES)


def _found(p: float, n1: int, n2: int, alternative: str, name: str) -> Estimate:
    method = f"{name}, {alternative}"
    return Estimate("test", method, float("nan"), p_value=min(p, 1.0), participants=n1 + n2)


@lru_cache(maxsize=16)
def hypergeometric(n1: int, n2: int) -> Floats:
    """P(x1 | events) at [events, x1] when both groups have one rate."""
    from scipy.special import gammaln

    events, first = np.arange(n1 + n2 + 1)[:, None], np.arange(n1 + 1)[None, :]
    second = events - first
    real = (second >= 0) & (second <= n2)
    inside = np.where(real, second, 0)
    log_factorials = gammaln(np.arange(n1 + n2 + 1) + 1)

    def log_choose(n: int, k: Whole) -> Floats:
        ways: Floats = log_factorials[n] - log_factorials[k] - log_factorials[n - k]
        return ways

    log_mass = log_choose(n1, first) + log_choose(n2, inside) - log_choose(n1 + n2, events)
    mass = np.where(real, np.exp(log_mass), 0.0)
    whole: Floats = mass / mass.sum(axis=1, keepdims=True)
    return whole


class Tails(NamedTuple):
    """Fisher's p-value of each table at [events, x1], and 1 - p summed on its own, which keeps its
    digits where p rounds to 1."""

    p: Floats
    rest: Floats


@lru_cache(maxsize=16)
def fisher_tails(n1: int, n2: int, alternative: str) -> Tails:
    """The p-values of all tables, each tail added up from its small end."""
    mass = hypergeometric(n1, n2)
    if alternative == "greater":
        return Tails(_from_right(mass), _from_left(mass) - mass)
    if alternative == "less":
        return Tails(_from_left(mass), _from_right(mass) - mass)
    places = np.argsort(mass, axis=1)
    ascending = np.take_along_axis(mass, places, axis=1)
    closes = np.ones(mass.shape, dtype=bool)
    closes[:, :-1] = ascending[:, 1:] > ascending[:, :-1] * (1 + TIED)
    last = np.where(closes, np.arange(mass.shape[1]), mass.shape[1])
    last = np.minimum.accumulate(last[:, ::-1], axis=1)[:, ::-1]
    beyond = np.pad(_from_right(ascending)[:, 1:], ((0, 0), (0, 1)))
    tails = []
    for sums in (_from_left(ascending), beyond):
        tail = np.empty_like(mass)
        np.put_along_axis(tail, places, np.take_along_axis(sums, last, axis=1), axis=1)
        tails.append(tail)
    return Tails(*tails)


def _from_left(mass: Floats) -> Floats:
    sums: Floats = np.cumsum(mass, axis=1)
    return sums


def _from_right(mass: Floats) -> Floats:
    sums: Floats = np.cumsum(mass[:, ::-1], axis=1)[:, ::-1]
    return sums


@lru_cache(maxsize=32)
def table_order(n1: int, n2: int, name: str, alternative: str) -> Whole:
    """The rank of every table at [events, x1]: the smaller, the more against p1 = p2, ties equal.

    Places that are no table have the highest rank."""
    events, first = np.arange(n1 + n2 + 1)[:, None], np.arange(n1 + 1)[None, :]
    real = (events - first >= 0) & (events - first <= n2)
    if name == "Barnard":
        # The pooled Z, squared with its sign, but for a constant: whole numbers up to one division.
        apart = first * (n1 + n2) - events * n1
        square = apart * np.abs(apart) / np.maximum(events * (n1 + n2 - events), 1)
        sign = {"two-sided": -np.sign(apart), "greater": -1, "less": 1}[alternative]
        key = sign * square
    else:
        p, rest = fisher_tails(n1, n2, alternative)
        against = p <= 0.5
        with np.errstate(divide="ignore"):
            key = np.log(np.where(against, p, np.maximum(rest, 1e-300)))
        key = np.where(against, key, -key)
    ranks = np.full(real.shape, np.iinfo(np.int64).max)
    ranks[real] = _ranks(key[real])
    return ranks


def _ranks(key: Floats) -> Whole:
    """Ranks from 0, equal for keys that differ by rounding alone."""
    places = np.argsort(key)
    ordered = key[places]
    steps = np.diff(ordered) > TIED * np.maximum(np.abs(ordered[1:]), np.abs(ordered[:-1]))
    ranks = np.empty(len(key), dtype=np.int64)
    ranks[places] = np.concatenate([[0], np.cumsum(steps)])
    return ranks


@lru_cache(maxsize=16)
def _grid(size: int) -> tuple[Floats, Floats]:
    """Angles t with rate sin(t)**2, ten to the standard error of a rate, and the masses there."""
    half = (int(5 * np.pi * np.sqrt(size)) + 21) // 2
    angles = np.linspace(0, np.pi / 2, 2 * half)
    below = masses(size, np.sin(angles[:half]) ** 2)
    # A rate above one half has the masses of the rate as far below, in reverse.
    return angles, np.concatenate([below, below[::-1, ::-1]])


def masses(n: int, p: Floats) -> Floats:
    """Binomial(n, p) mass at [p, x]; p from 0 to 1."""
    from scipy.special import gammaln

    x = np.arange(n + 1)
    log_ways = gammaln(n + 1) - gammaln(x + 1) - gammaln(n - x + 1)
    rate = np.asarray(p, dtype=np.float64)
    inside = (rate > 0) & (rate < 1)
    plain = np.where(inside, rate, 0.5)  # 0 log 0 is 0 here, and NaN to NumPy
    odds = np.log(plain) - np.log1p(-plain)
    mass: Floats = np.exp(log_ways + odds[:, None] * x + (n * np.log1p(-plain))[:, None])
    mass[~inside] = 0.0
    mass[rate <= 0, 0] = mass[rate >= 1, n] = 1.0
    return mass


def _given_events(region: NDArray[np.bool_], n1: int, n2: int) -> Floats:
    """P(region | events), the region at [events, x1]."""
    chances: Floats = (hypergeometric(n1, n2) * region).sum(axis=1)
    return chances


def _largest(given: Floats) -> float:
    """The largest chance over all common rates: looked at more closely at the grid's peaks.

    In the angle the polynomial's features are as wide as a rate's standard error, whatever the
    rate, so a grid of steps a tenth as wide misses none, and beside a peak it has a point within
    0.2% of it: points 2% below the highest lead to no higher peak. At last a peak is a parabola."""
    size = len(given) - 1
    angles, grid = _grid(size)
    chances = grid @ given
    step, best = angles[1], float(chances.max())
    beside = np.pad(chances, 1, constant_values=-1.0)
    high = chances >= _NEAR_HIGHEST * best
    peaks = np.flatnonzero(high & (chances >= beside[:-2]) & (chances >= beside[2:]))
    centres = angles[peaks[np.argsort(chances[peaks])[-_PEAKS:]]]

    def at(near: Floats) -> Floats:
        """The chances at angles; sin(t)**2 is even, so that one may lie beyond either end."""
        return np.asarray((masses(size, np.sin(near.ravel()) ** 2) @ given).reshape(near.shape))

    near = centres[:, None] + step * _AROUND
    centres, step = near[np.arange(len(near)), at(near).argmax(axis=1)], step / _ZOOM
    for _ in range(_PARABOLAS):
        left, middle, right = at(centres[:, None] + step * _BESIDE).T
        bend = left - 2 * middle + right
        vertex = np.where(bend < 0, (left - right) / (2 * np.minimum(bend, -1e-300)), 0.0)
        centres, step = centres + step * vertex.clip(-1, 1), step / _ZOOM
    return max(best, float(at(centres).max()))


def size(region: NDArray[np.bool_]) -> float:
    """The largest chance of a region of tables [x1, x2] over all common rates."""
    n1, n2 = region.shape[0] - 1, region.shape[1] - 1
    return _largest(_given_events(_by_events(region), n1, n2))


def _by_events(region: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """A region at [x1, x2] as one at [events, x1]."""
    n1, n2 = region.shape[0] - 1, region.shape[1] - 1
    second = np.arange(n1 + n2 + 1)[:, None] - np.arange(n1 + 1)[None, :]
    real = (second >= 0) & (second <= n2)
    return np.asarray(real & region[np.arange(n1 + 1), np.where(real, second, 0)])


def rejection_region(
    n1: int, n2: int, alpha: float, test: str = "Boschloo", alternative: str = "greater"
) -> NDArray[np.bool_]:
    """Tables [x1, x2] at which the test rejects at level alpha."""
    if test == "Fisher":
        by_events = fisher_tails(n1, n2, alternative).p <= alpha * (1 + TIED)
    else:
        order = table_order(n1, n2, test, alternative)
        low, high = -1, int(order[order < np.iinfo(np.int64).max].max())
        while low < high:
            middle = (low + high + 1) // 2
            if _largest(_given_events(order <= middle, n1, n2)) <= alpha:
                low = middle
            else:
                high = middle - 1
        by_events = order <= low
    first, second = np.arange(n1 + 1)[:, None], np.arange(n2 + 1)[None, :]
    return np.asarray(by_events[first + second, first])
