"""Nodes and weights of quadratures, found once: finding them costs more than most integrals."""

from __future__ import annotations

from functools import lru_cache
from math import sqrt

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


@lru_cache(maxsize=64)
def gauss_legendre(count: int) -> tuple[Floats, Floats]:
    """So many nodes in (-1, 1), and their weights; not to be written to.

    >>> nodes, weights = gauss_legendre(3)
    >>> round(float(weights @ nodes**4), 12)
    0.4
    """
    nodes, weights = np.polynomial.legendre.leggauss(count)
    nodes.flags.writeable = weights.flags.writeable = False
    return nodes, weights


def over_rates(count: int) -> tuple[Floats, Floats]:
    """So many rates in (0, 1), dense at both ends, and their weights: Gauss-Legendre in the angle t
    with rate sin(t)^2, in which densities of rates are smooth."""
    nodes, weights = gauss_legendre(count)
    angle = (nodes + 1) * np.pi / 4
    return np.sin(angle) ** 2, weights * np.pi / 4 * np.sin(2 * angle)


def enough_for(participants: int) -> int:
    """How many rates resolve the posterior of an arm with so many participants."""
    return max(128, int(8 * sqrt(participants)))
