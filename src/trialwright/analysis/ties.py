"""Values that are one value: decimals computed in binary, such as 5.6 - 5.4 and 6.2 - 6.0."""

from __future__ import annotations

from math import gcd

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Whole = NDArray[np.int64]
_RELATIVE = 1e-11
_ROUNDING = 64 * np.finfo(np.float64).eps
_DIGITS = 9
_NEAR = 1e-6


def joined(values: Floats) -> Floats:
    """The values, those apart by rounding alone made equal (to the least of them).

    Two values are one when they differ by less than a part in 1e11 of themselves, or by what
    rounding does to the largest of all: differences of decimals carry the rounding of their parts.
    """
    if not values.size:
        return values
    distinct, place = np.unique(values, return_inverse=True)
    size = np.where(np.isfinite(distinct), np.abs(distinct), 0.0)
    near = np.maximum(_RELATIVE * size, _ROUNDING * size.max())
    with np.errstate(invalid="ignore"):
        starts = np.concatenate([[True], ~(np.diff(distinct) <= near[1:])])
    same: Floats = distinct[starts][np.cumsum(starts) - 1][place].reshape(values.shape)
    return same


def whole(values: Floats) -> Whole | None:
    """The values as whole numbers of one unit, the least of them 0; None where they are no decimals
    of nine digits or fewer."""
    for places in range(_DIGITS):
        scaled = values * 10.0**places
        units = np.rint(scaled)
        if np.abs(scaled).max(initial=0.0) > 10.0**_DIGITS:
            return None
        if np.all(np.abs(scaled - units) <= _NEAR):
            counts = units.astype(np.int64) - int(units.min())
            return counts // max(gcd(*counts.tolist()), 1)
    return None
