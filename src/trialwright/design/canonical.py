"""The canonical joint distribution of a test looked at again and again, by quadrature.

The statistic Z_k at information I_k has mean theta sqrt(I_k), and increments are independent.
Densities are carried on by Gauss-Legendre quadrature. Source: Jennison and Turnbull 2000, Group
Sequential Methods, chapters 3 and 19.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from math import log, sqrt

import numpy as np

from trialwright.analysis.notebook import Notebook
from trialwright.design.checks import Floats
from trialwright.numerics.quadrature import gauss_legendre

FAR = 12.0
_NEXT_TO_NOTHING = 1e-14


class Walk:
    """The sub-density of Z at the last look, on the paths that have not stopped."""

    def __init__(self, theta: float) -> None:
        self.theta = theta
        self.information = 0.0
        self.nodes = np.zeros(1)
        self.mass = np.ones(1)

    def above(self, bound: float, information: float) -> float:
        """Chance to be above a bound at the next look, not having stopped before."""
        return self._beyond(bound, information, 1.0)[0]

    def below(self, bound: float, information: float) -> float:
        """Chance to be below a bound at the next look, not having stopped before."""
        return self._beyond(bound, information, -1.0)[0]

    def upper_bound(self, chance: float, information: float) -> float:
        """The bound that is exceeded at the next look with this chance."""
        return solve(lambda z: self._beyond(z, information, 1.0), chance)

    def lower_bound(self, chance: float, information: float) -> float:
        """The bound that the next look falls short of with this chance."""
        return -solve(lambda z: self._beyond(-z, information, -1.0), chance)

    def _beyond(self, bound: float, information: float, side: float) -> tuple[float, float]:
        """The chance to be beyond a bound at the next look, and the density there."""
        from scipy.special import ndtr

        z = self._standardised(np.array([bound]), information)[:, 0]
        slope = sqrt(information / (information - self.information))
        density = float(self.mass @ np.exp(-(z**2) / 2)) * slope / sqrt(2 * np.pi)
        return float(self.mass @ ndtr(-side * z)), density

    def go_on(self, low: float, high: float, information: float) -> None:
        """Move to the next look, keeping what lies between the bounds."""
        x, w = gauss_legendre(160)
        centre = self.theta * sqrt(information)
        a, b = max(low, centre - FAR), min(high, centre + FAR)
        nodes = (a + b) / 2 + (b - a) / 2 * x
        z = self._standardised(nodes, information)
        slope = sqrt(information / (information - self.information))
        density = self.mass @ np.exp(-(z**2) / 2) * slope / sqrt(2 * np.pi)
        self.mass, self.nodes = density * w * (b - a) / 2, nodes
        self.information = information

    def _standardised(self, bounds: Floats, information: float) -> Floats:
        step = information - self.information
        come = self.nodes[:, None] * sqrt(self.information) + self.theta * step
        return np.asarray((bounds[None, :] * sqrt(information) - come) / sqrt(step))


@dataclass(frozen=True, slots=True)
class Boundaries(Notebook):
    """Bounds of Z at each look; a lower bound that isn't there is -inf."""

    _along = "look"
    information: tuple[float, ...]
    upper: tuple[float, ...]
    lower: tuple[float, ...]


def crossing(bounds: Boundaries, theta: float) -> tuple[tuple[float, ...], tuple[float, ...]]:
    """Chances of crossing the upper and the lower bound at each look under drift theta."""
    walk = Walk(theta)
    up, down = [], []
    for info, a, b in zip(bounds.information, bounds.lower, bounds.upper, strict=True):
        up.append(walk.above(b, info))
        down.append(walk.below(a, info) if np.isfinite(a) else 0.0)
        walk.go_on(a, b, info)
    return tuple(up), tuple(down)


def solve(chance: Callable[[float], tuple[float, float]], wanted: float) -> float:
    """Where a falling chance equals what is wanted, by Newton's method on its logarithm; far out
    when next to nothing is wanted. chance: gives the chance at a bound, and the density there."""
    from scipy.special import ndtri

    if wanted <= _NEXT_TO_NOTHING:
        return FAR
    low, high = -FAR, FAR
    z = float(-ndtri(min(wanted, 0.5)))
    for _ in range(100):
        now, density = chance(z)
        low, high = (z, high) if now > wanted else (low, z)
        step = log(now / wanted) * now / density if now > 0 and density > 0 else np.inf
        after = z + step if low < z + step < high else (low + high) / 2
        if abs(after - z) < 1e-12:
            return after
        z = after
    return z


def falling_root(function: Callable[[float], float], low: float, high: float) -> float:
    """The root of a falling function by Ridders' method, to 1e-10; the nearer end without one."""
    at_low, at_high = function(low), function(high)
    if at_low <= 0 or at_high >= 0:
        return low if at_low <= 0 else high
    guess = low
    for _ in range(60):
        middle = (low + high) / 2
        at_middle = function(middle)
        turn = sqrt(at_middle**2 - at_low * at_high)
        before, guess = guess, middle + (middle - low) * at_middle / turn
        at_guess = function(guess)
        if abs(guess - before) < 1e-10 or at_guess == 0:
            return guess
        for place, value in sorted([(middle, at_middle), (guess, at_guess)]):
            if value > 0:
                low, at_low = place, value
            elif place < high:
                high, at_high = place, value
    return guess
