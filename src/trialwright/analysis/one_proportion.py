"""Intervals for one proportion: closed forms and exact inversions."""

from __future__ import annotations

from collections.abc import Callable
from math import sqrt

from trialwright.analysis.inversion import root, z_value
from trialwright.analysis.result import Estimate, require_counts, require_known, require_level

ONE = ("clopper-pearson", "wilson", "wilson-corrected", "jeffreys", "mid-p")


def proportion(
    x: int,
    n: int,
    method: str = "wilson",
    *,
    level: float = 0.95,
    missing: int = 0,
    population: str = "all participants given",
) -> Estimate:
    """One proportion with a two-sided interval.

    Estimand: p of x ~ Binomial(n, p). method: "clopper-pearson" (exact tails), "wilson" (score),
    "wilson-corrected" (with continuity correction), "jeffreys" (equal-tailed Beta(1/2, 1/2)
    posterior, 0 at x = 0 and 1 at x = n), "mid-p" (tails counting half of the observed).
    missing: participants without a value, left out and reported.

    Accuracy: 1e-10. Source: Newcombe 1998, Stat Med 17:857; Brown, Cai and DasGupta 2001, Stat Sci
    16:101.

    >>> e = proportion(15, 148, "wilson")
    >>> round(e.lower, 4), round(e.upper, 4)
    (0.0624, 0.1605)
    """
    require_counts(x, n)
    require_level(level)
    require_known("method", method, ONE)
    lower, upper = _ONE[method](x, n, 1 - level)
    return Estimate("proportion", method, x / n, lower, upper, level, None, n, missing, population)


def clopper_pearson(x: int, n: int, alpha: float) -> tuple[float, float]:
    """Rates at which x or more, and x or fewer, have chance alpha/2 (Biometrika 26:404, 1934)."""
    from scipy.special import betaincinv

    low = 0.0 if x == 0 else float(betaincinv(x, n - x + 1, alpha / 2))
    return low, 1.0 if x == n else float(betaincinv(x + 1, n - x, 1 - alpha / 2))


def wilson(x: int, n: int, alpha: float) -> tuple[float, float]:
    """Rates at which the score statistic is the normal quantile of alpha/2."""
    z = z_value(alpha)
    centre = (x + z * z / 2) / (n + z * z)
    half = z / (n + z * z) * sqrt(x * (n - x) / n + z * z / 4)
    return (0.0 if x == 0 else centre - half), (1.0 if x == n else centre + half)


def _wilson_corrected(x: int, n: int, alpha: float) -> tuple[float, float]:
    z, p = z_value(alpha), x / n

    def end(sign: int) -> float:
        tail = sqrt(z * z + sign * 2 - 1 / n + 4 * p * (n * (1 - p) - sign))
        return (2 * n * p + z * z + sign * (1 + z * tail)) / (2 * (n + z * z))

    return (0.0 if x == 0 else end(-1)), (1.0 if x == n else end(1))


def _jeffreys(x: int, n: int, alpha: float) -> tuple[float, float]:
    from scipy.special import betaincinv

    low = 0.0 if x == 0 else float(betaincinv(x + 0.5, n - x + 0.5, alpha / 2))
    return low, 1.0 if x == n else float(betaincinv(x + 0.5, n - x + 0.5, 1 - alpha / 2))


def _mid_p(x: int, n: int, alpha: float) -> tuple[float, float]:
    from scipy.special import bdtr, bdtrc

    def above(p: float) -> float:  # P(X > x) + P(X = x)/2
        more = float(bdtrc(x, n, p)) if x < n else 0.0
        at_least = float(bdtrc(x - 1, n, p)) if x > 0 else 1.0
        return (more + at_least) / 2

    def below(p: float) -> float:
        less = float(bdtr(x - 1, n, p)) if x > 0 else 0.0
        return (less + (float(bdtr(x, n, p)) if x < n else 1.0)) / 2

    least, most = clopper_pearson(x, n, alpha)  # which is never shorter
    fine = 1e-10 * (most - least)
    low = 0.0 if x == 0 else root(lambda p: above(p) - alpha / 2, least, most, fine)
    return low, 1.0 if x == n else root(lambda p: alpha / 2 - below(p), least, most, fine)


_ONE: dict[str, Callable[[int, int, float], tuple[float, float]]] = {
    "clopper-pearson": clopper_pearson,
    "wilson": wilson,
    "wilson-corrected": _wilson_corrected,
    "jeffreys": _jeffreys,
    "mid-p": _mid_p,
}
