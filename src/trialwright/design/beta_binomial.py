"""The beta-binomial distribution: responses still to come, where a rate has a Beta distribution."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from trialwright.design.checks import Floats


def chances_of(size: int, a: ArrayLike, b: ArrayLike) -> Floats:
    """Chances of 0, 1 … `size` responses among so many, along a new last axis, the rate being
    Beta(a, b): C(size, y) B(a + y, b + size - y) / B(a, b). `a` and `b` have one shape.

    Source: Skellam 1948, JRSS B 10:257. With Beta(1, 1) every number is as probable:

    >>> chances_of(3, 1, 1).round(4)
    array([0.25, 0.25, 0.25, 0.25])
    """
    from scipy.special import betaln, gammaln

    y = np.arange(size + 1)
    ways = gammaln(size + 1) - gammaln(y + 1) - gammaln(size - y + 1)
    a, b = np.asarray(a, dtype=float)[..., None], np.asarray(b, dtype=float)[..., None]
    found: Floats = np.exp(ways + betaln(a + y, b + size - y) - betaln(a, b))
    return found
