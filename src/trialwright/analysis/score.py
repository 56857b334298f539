"""Score statistics for two proportions under a restriction p1 = f(p2): closed forms, vectorised.

Miettinen and Nurminen 1985, Stat Med 4:213. The estimates maximise the likelihood of both groups
under the restriction; group 1 is the first named, group 2 the reference.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]
MEASURES = ("difference", "ratio", "odds-ratio")
_ROUNDING = 1e-13


def restricted(
    measure: str, x1: ArrayLike, n1: int, x2: ArrayLike, n2: int, value: float
) -> tuple[Floats, Floats]:
    """Restricted maximum-likelihood rates (p1, p2) when the measure equals `value`."""
    a, b = np.asarray(x1, dtype=np.float64), np.asarray(x2, dtype=np.float64)
    total, events = n1 + n2, a + b
    if measure == "difference":
        p2 = _restricted_difference(n1, b, n2, events, value)
        return np.clip(p2 + value, 0, 1), p2
    if measure == "ratio":
        square = total * value
        linear = -(n1 * value + a + n2 + b * value)
        root = np.sqrt(np.maximum(linear**2 - 4 * square * events, 0))
        p2 = np.clip((-linear - root) / (2 * square), 0, min(1.0, 1 / value))
        return np.clip(p2 * value, 0, 1), p2
    square = n2 * (value - 1)
    linear = n1 * value + n2 - events * (value - 1)
    root = np.sqrt(np.maximum(linear**2 + 4 * square * events, 0))
    p2 = np.clip(2 * events / (linear + root), 0, 1)
    return p2 * value / (1 - p2 + p2 * value), p2


def _restricted_difference(n1: int, b: Any, n2: int, events: Any, value: float) -> Floats:
    total = n1 + n2
    l2 = (n1 + 2 * n2) * value - total - events
    l1 = (n2 * value - total - 2 * b) * value + events
    l0 = b * value * (1 - value)
    third = l2 / (3 * total)
    q = third**3 - l1 * l2 / (6 * total**2) + l0 / (2 * total)
    p = np.where(q >= 0, 1.0, -1.0) * np.sqrt(np.maximum(third**2 - l1 / (3 * total), 0))
    with np.errstate(invalid="ignore", divide="ignore"):
        turn = np.where(p == 0, 0.0, np.clip(q / p**3, -1, 1))
    angle = (np.pi + np.arccos(turn)) / 3
    low, high = max(0.0, -value), min(1.0, 1 - value)
    return np.asarray(np.clip(2 * p * np.cos(angle) - third, low, high))


def score(
    measure: str,
    x1: ArrayLike,
    n1: int,
    x2: ArrayLike,
    n2: int,
    value: float,
    *,
    corrected: bool = True,
) -> Floats:
    """The signed score statistic at `value`, positive when the data lie above it.

    corrected: with Miettinen and Nurminen's factor N/(N-1) on the variance.
    """
    a, b = np.asarray(x1, dtype=np.float64), np.asarray(x2, dtype=np.float64)
    p1, p2 = restricted(measure, a, n1, b, n2, value)
    factor = (n1 + n2) / (n1 + n2 - 1) if corrected else 1.0
    v1, v2 = p1 * (1 - p1) / n1, p2 * (1 - p2) / n2
    if measure == "difference":
        parts, variance = (a / n1, b / n2 + value), v1 + v2
        size = a / n1 + b / n2 + abs(value)
    elif measure == "ratio":
        parts, variance = (a / n1, value * b / n2), v1 + value**2 * v2
        size = a / n1 + value * b / n2
    else:
        parts, size = (a / n1, p1), a / n1 + p1
        with np.errstate(divide="ignore", invalid="ignore"):
            # n1 (x1/n1 - p1) has variance 1 / (1/(n1 p1 q1) + 1/(n2 p2 q2)) given the margin.
            variance = np.where(
                (v1 > 0) & (v2 > 0), 1 / (1 / (n1**2 * v1) + 1 / (n2**2 * v2)) / n1**2, 0.0
            )
    top = parts[0] - parts[1]
    with np.errstate(divide="ignore", invalid="ignore"):
        z = top / np.sqrt(variance * factor)
    tiny = np.abs(top) <= _ROUNDING * size  # of the parts, since a small distance may be real
    return np.where(tiny, 0.0, np.where(variance > 0, z, np.copysign(np.inf, top)))
