"""Intervals as the roots of monotone functions: bisection, on the log scale for ratios."""

from __future__ import annotations

from collections.abc import Callable
from math import inf

import numpy as np


def invert(
    measure: str,
    x1: int,
    n1: int,
    x2: int,
    n2: int,
    above: Callable[[float], float],
    below: Callable[[float], float],
    tolerance: float = 1e-10,
) -> tuple[float, float]:
    """The interval between the roots of two functions that decrease in the measure's value.

    Ratios are searched on the log scale, and end at 0 or infinity where the data do."""
    if measure == "difference":
        edge = 1 - 1e-12
        low = -1.0 if x1 == 0 and x2 == n2 else root(above, -edge, edge, tolerance)
        high = 1.0 if x1 == n1 and x2 == 0 else root(below, -edge, edge, tolerance)
        return low, high
    whole = measure == "odds-ratio"
    no_low = x1 == 0 or (whole and x2 == n2)
    no_high = x2 == 0 or (whole and x1 == n1)
    low = 0.0 if no_low else np.exp(root(lambda t: above(float(np.exp(t))), -18, 18, tolerance))
    high = inf if no_high else np.exp(root(lambda t: below(float(np.exp(t))), -18, 18, tolerance))
    return float(low), float(high)


def root(
    function: Callable[[float], float], low: float, high: float, tolerance: float = 1e-10
) -> float:
    """Bisection for a monotone function; the end nearest the root when there is none inside."""
    rising = function(high) > function(low)
    while high - low > tolerance:
        middle = (low + high) / 2
        if (function(middle) > 0) == rising:
            high = middle
        else:
            low = middle
    return (low + high) / 2


def z_value(alpha: float) -> float:
    """The standard normal's upper alpha/2 quantile."""
    from scipy.special import ndtri

    return float(ndtri(1 - alpha / 2))
