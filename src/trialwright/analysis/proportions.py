"""Two proportions compared: difference, ratio, odds ratio, with intervals."""

from __future__ import annotations

from math import inf, sqrt

from trialwright.analysis.chan_zhang import exact_interval
from trialwright.analysis.inversion import invert, z_value
from trialwright.analysis.one_proportion import wilson
from trialwright.analysis.result import (
    AnalysisError,
    Estimate,
    is_number,
    require_counts,
    require_known,
    require_level,
)
from trialwright.analysis.score import MEASURES, score

TWO = ("miettinen-nurminen", "score", "newcombe", "exact")


def two_proportions(
    x1: int,
    n1: int,
    x2: int,
    n2: int,
    measure: str = "difference",
    method: str = "miettinen-nurminen",
    *,
    level: float = 0.95,
    berger_boos: float = 1e-6,
    missing: int = 0,
    population: str = "all participants given",
) -> Estimate:
    """Group 1 compared with group 2, with a two-sided interval.

    Estimand: the measure of p1 and p2, independent binomials. measure: "difference" p1 - p2,
    "ratio" p1/p2, or "odds-ratio". method: "miettinen-nurminen" inverts the score statistic with
    variance factor N/(N-1); "score" is the same without it (Mee, Koopman); "newcombe" combines
    Wilson intervals (by MOVER-R for ratios); "exact" inverts two one-sided unconditional tests
    ordered by the score statistic, maximised over the common nuisance rate (Chan and Zhang 1999,
    Biometrics 55:1202). berger_boos: for "exact", the error put aside for keeping p2 within its own
    interval, as StatXact and Fagerland and others do; it may make the interval shorter, and makes
    group 2 the reference, so that exchanged groups needn't give the mirrored interval. 0 is Chan
    and Zhang's own interval, as of SAS.

    Source: Miettinen and Nurminen 1985, Stat Med 4:213; Newcombe 1998, Stat Med 17:873; Donner and
    Zou 2012, Stat Methods Med Res 21:347; Fagerland, Lydersen and Laake 2015, Stat Methods Med Res
    24:224.
    Accuracy: 1e-8 for score inversions; 1e-5 for "exact" (relative for ratios), which takes about
    two seconds with 100 in each group.

    >>> e = two_proportions(56, 70, 48, 80)
    >>> round(e.lower, 4), round(e.upper, 4)
    (0.0528, 0.3382)
    """
    require_counts(x1, n1)
    require_counts(x2, n2)
    require_level(level)
    require_known("measure", measure, MEASURES)
    require_known("method", method, TWO)
    if not (is_number(berger_boos) and 0 <= berger_boos < 1 - level):
        raise AnalysisError(
            f"berger_boos is {berger_boos}.",
            rule="It is 0 or more, and below the error of the interval.",
            fix="Use the default, 1e-6, or 0.",
        )
    if method == "newcombe":
        lower, upper = _newcombe(measure, x1, n1, x2, n2, 1 - level)
    elif method == "exact":
        lower, upper = exact_interval(measure, x1, n1, x2, n2, 1 - level, berger_boos)
    else:
        corrected = method == "miettinen-nurminen"
        lower, upper = _inverted(measure, x1, n1, x2, n2, 1 - level, corrected)
    estimate = _point(measure, x1 / n1, x2 / n2)
    return Estimate(
        measure, method, estimate, lower, upper, level, None, n1 + n2, missing, population
    )


def _point(measure: str, p1: float, p2: float) -> float:
    if measure == "difference":
        return p1 - p2
    top, bottom = (p1, p2) if measure == "ratio" else (p1 * (1 - p2), p2 * (1 - p1))
    return top / bottom if bottom else (inf if top else float("nan"))


def _newcombe(
    measure: str, x1: int, n1: int, x2: int, n2: int, alpha: float
) -> tuple[float, float]:
    """Wilson's limits of both groups put together: by squares, or for ratios by MOVER-R."""
    (l1, u1), (l2, u2) = wilson(x1, n1, alpha), wilson(x2, n2, alpha)
    p1, p2 = x1 / n1, x2 / n2
    if measure == "difference":
        down = sqrt((p1 - l1) ** 2 + (u2 - p2) ** 2)
        return p1 - p2 - down, p1 - p2 + sqrt((u1 - p1) ** 2 + (p2 - l2) ** 2)
    if measure == "ratio":
        return _ratio_limits((p1, l1, u1), (p2, l2, u2))
    if {p1, p2} == {0.0, 1.0}:
        raise AnalysisError(
            f"{x1} of {n1} and {x2} of {n2}.",
            rule="Newcombe's odds ratio needs a group with odds neither 0 nor infinite.",
            fix='Use method="miettinen-nurminen".',
        )
    if 1.0 in (p1, p2):  # infinite odds: count those without the event instead
        return _newcombe(measure, n2 - x2, n2, n1 - x1, n1, alpha)
    first, second = ([p / (1 - p) for p in group] for group in ((p1, l1, u1), (p2, l2, u2)))
    return _ratio_limits(tuple(first), tuple(second))


def _ratio_limits(first: tuple[float, ...], second: tuple[float, ...]) -> tuple[float, float]:
    """Limits of a/b from (estimate, lower, upper) of each: MOVER-R of Donner and Zou 2012."""
    (a, la, ua), (b, lb, ub) = first, second
    low = a * b - sqrt(max(0.0, (a * b) ** 2 - la * ub * (2 * a - la) * (2 * b - ub)))
    high = a * b + sqrt(max(0.0, (a * b) ** 2 - ua * lb * (2 * a - ua) * (2 * b - lb)))
    return (
        0.0 if a == 0 else low / (ub * (2 * b - ub)),
        inf if b == 0 else high / (lb * (2 * b - lb)),
    )


def _inverted(
    measure: str, x1: int, n1: int, x2: int, n2: int, alpha: float, corrected: bool
) -> tuple[float, float]:
    z = z_value(alpha)

    def statistic(value: float) -> float:
        return float(score(measure, x1, n1, x2, n2, value, corrected=corrected))

    return invert(measure, x1, n1, x2, n2, lambda v: statistic(v) - z, lambda v: statistic(v) + z)
