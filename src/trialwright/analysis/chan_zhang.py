"""Exact unconditional intervals for two proportions: two one-sided tests inverted."""

from __future__ import annotations

from collections.abc import Callable
from math import exp, inf, log

import numpy as np

from trialwright.analysis.one_proportion import clopper_pearson
from trialwright.analysis.score import Floats, score
from trialwright.analysis.unconditional import masses

_TIED = 1e-9
_FAR = 18.0
_BEYOND = 40
_COARSE = np.sin(np.linspace(0, np.pi / 2, 160)) ** 2
_PEAKS = 3


def exact_interval(
    measure: str, x1: int, n1: int, x2: int, n2: int, alpha: float, gamma: float
) -> tuple[float, float]:
    """Chan and Zhang's interval: from the least to the greatest value of the measure that neither
    one-sided test, ordered by the score statistic, rejects at alpha/2.

    The p-value of a value is the largest tail over the pairs of rates that have it, with p2 within
    its Clopper-Pearson interval of level 1 - gamma, and gamma more (Berger and Boos 1994, JASA
    89:1012). Ratios are searched from exp(-18) to exp(18).
    """

    def tail(upper: bool) -> Callable[[float], float]:
        def at(place: float) -> float:
            value = place if measure == "difference" else exp(place)
            return _tail(measure, x1, n1, x2, n2, value, upper, gamma)

        return at

    p1, p2 = x1 / n1, x2 / n2
    if measure == "difference":
        middle, far = p1 - p2, 1.0
    else:
        top, bottom = (p1, p2) if measure == "ratio" else (p1 * (1 - p2), p2 * (1 - p1))
        far = _FAR
        middle = log(top / bottom) if top and bottom else far * ((top > 0) - (bottom > 0))
    low = _end(tail(True), alpha / 2, middle, -far)
    high = _end(tail(False), alpha / 2, middle, far)
    if measure == "difference":
        return low, high
    return (exp(low) if low > -far else 0.0), (exp(high) if high < far else inf)


def _end(p_value: Callable[[float], float], level: float, near: float, far: float) -> float:
    """The place farthest from `near` where the p-value is above the level.

    The order of the tables changes with the value, so the p-value may rise again beyond a place
    where it has fallen: 39 places from there to where it is a quarter of the level are tried too.
    A rise that fits between two of them is missed.
    """
    if p_value(far) > level:
        return far
    while True:
        end = _fallen(p_value, level, near, far, 1e-7)
        beyond = np.linspace(_fallen(p_value, level / 4, near, far, 1e-3), end, _BEYOND)[:-1]
        again = next((place for place in beyond if p_value(place) > level), None)
        if again is None:
            return end
        near = again


def _fallen(
    p_value: Callable[[float], float], level: float, near: float, far: float, tolerance: float
) -> float:
    """A place between where the p-value falls to a level."""
    while abs(far - near) > tolerance:
        middle = (near + far) / 2
        near, far = (middle, far) if p_value(middle) > level else (near, middle)
    return (near + far) / 2


def _tail(
    measure: str, x1: int, n1: int, x2: int, n2: int, value: float, upper: bool, gamma: float
) -> float:
    """The one-sided p-value of a value of the measure: of a larger one, or else a smaller one."""
    z = score(measure, np.arange(n1 + 1)[:, None], n1, np.arange(n2 + 1)[None, :], n2, value)
    seen, slack = z[x1, x2], _TIED * min(max(1.0, abs(z[x1, x2])), 1e6)
    ways = ((z >= seen - slack) if upper else (z <= seen + slack)).astype(np.float64)
    low, high = _second_rates(measure, value)
    if gamma:
        least, most = clopper_pearson(x2, n2, gamma)
        low, high = max(low, least), min(high, most)
    if low > high:
        return gamma

    def inside(p2: Floats) -> Floats:
        p1 = _first_rate(measure, value, p2)
        chances: Floats = (masses(n1, p1) @ ways * masses(n2, p2)).sum(axis=1)
        return chances

    coarse = low + (high - low) * _COARSE
    chances = inside(coarse)
    edges = np.pad(coarse, 1, mode="edge")
    peaks = np.argsort(chances)[-_PEAKS:]
    fine = [np.linspace(edges[at], edges[at + 2], 25) for at in peaks]
    return float(max(chances.max(), inside(np.concatenate(fine)).max())) + gamma


def _second_rates(measure: str, value: float) -> tuple[float, float]:
    """The rates p2 for which p1 is a rate too."""
    if measure == "difference":
        return max(0.0, -value), min(1.0, 1 - value)
    return 0.0, (min(1.0, 1 / value) if measure == "ratio" else 1.0)


def _first_rate(measure: str, value: float, p2: Floats) -> Floats:
    if measure == "difference":
        return np.clip(p2 + value, 0, 1)
    if measure == "ratio":
        return np.clip(p2 * value, 0, 1)
    return p2 * value / (1 - p2 + p2 * value)
