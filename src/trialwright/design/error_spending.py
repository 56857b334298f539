"""Functions that say how much of an error is spent by an information fraction."""

from __future__ import annotations

from math import sqrt

import numpy as np

SPENDING = ("obrien-fleming", "pocock", "hwang-shih-decani", "power")


def spent(name: str, parameter: float, level: float, fraction: float) -> float:
    """Error spent by an information fraction; all of it from 1 on.

    obrien-fleming: 2 - 2 Phi(z(level/2)/sqrt(t)); pocock: level log(1 + (e-1)t) (Lan and DeMets
    1983); hwang-shih-decani: level (1 - exp(-g t))/(1 - exp(-g)); power: level t^rho.

    >>> round(spent("power", 2, 0.025, 0.5), 5)
    0.00625
    """
    from scipy.special import ndtr, ndtri

    t = min(fraction, 1.0)
    if t <= 0:
        return 0.0
    if name == "obrien-fleming":
        return float(2 * ndtr(ndtri(level / 2) / sqrt(t)))
    if name == "pocock":
        return float(level * np.log1p((np.e - 1) * t))
    if name == "hwang-shih-decani":
        return level * (float(np.expm1(-parameter * t) / np.expm1(-parameter)) if parameter else t)
    return float(level * t**parameter)


def parameters(spending: str) -> tuple[float, float]:
    """The parameters that a spending function takes: rho above 0, gamma of either sign."""
    return (0.0, 50.0) if spending == "power" else (-200.0, 200.0)
