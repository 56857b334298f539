"""Interaction of two factors: how far the effect of one differs between two levels of the other."""

from __future__ import annotations

from collections.abc import Sequence
from math import exp, hypot, inf, isfinite, log, sqrt

import numpy as np
from numpy.typing import ArrayLike

from trialwright.analysis.inversion import z_value
from trialwright.analysis.result import AnalysisError, Estimate, numbers, require_level
from trialwright.messages import Message

DIFFERENCE, RATIO = "interaction-difference", "interaction-ratio"


def interaction_of_effects(first: Estimate, second: Estimate, *, ratio: bool = False) -> Estimate:
    """How the effect at one level of a factor differs from that at another, of other participants.

    Estimand: the first effect less the second, or with `ratio` divided by it. first, second:
    estimates of one measure with intervals of one level, of participants who don't overlap. The
    limits put the distances of both estimates from their own limits together by squares, of
    logarithms for ratios: lower d − √((e1 − l1)² + (u2 − e2)²), upper d + √((u1 − e1)² +
    (e2 − l2)²). Of Newcombe's intervals of two proportions that is his interval of a difference
    between differences; of symmetric ones, Altman and Bland's z test. The two-sided p-value takes
    the distance to the limit on the side of no interaction as the normal quantile times a standard
    error, so that p < 1 − level exactly where the interval leaves no interaction out.
    Accuracy: of the intervals that are given, and of the normal approximation.

    Source: Zou and Donner 2008, Stat Med 27:1693; Newcombe 2001, Stat Med 20:2885; Altman and Bland
    2003, BMJ 326:219.

    Raises AnalysisError where levels differ or an effect isn't finite.

    >>> young = Estimate("ratio", "meta-analysis", 0.67, 0.46, 0.98)
    >>> old = Estimate("ratio", "meta-analysis", 0.88, 0.71, 1.08)
    >>> found = interaction_of_effects(young, old, ratio=True)
    >>> round(found.estimate, 2), round(found.lower, 2), round(found.upper, 2)
    (0.76, 0.5, 1.18)
    """
    from scipy.special import ndtr

    if first.level != second.level:
        raise AnalysisError(
            f"Intervals of {first.level:g} and {second.level:g}.",
            rule="Effects are compared by intervals of one level.",
            fix="Estimate both at the same level.",
        )
    e1, l1, u1, e2, l2, u2 = (
        _logarithm(part) if ratio else part
        for each in (first, second)
        for part in (each.estimate, each.lower, each.upper)
    )
    if not (isfinite(e1) and isfinite(e2)):
        raise AnalysisError(
            Message("An effect inside the table isn't finite."),
            rule=Message("An interaction compares effects that can be estimated."),
            fix=Message("Take the difference, or wait for more participants."),
        )
    apart, down, up = e1 - e2, hypot(e1 - l1, u2 - e2), hypot(u1 - e1, e2 - l2)
    facing = down if apart > 0 else up
    z = z_value(1 - first.level) * abs(apart) / facing if facing > 0 else inf * abs(apart)
    back = _exponential if ratio else float
    return Estimate(
        RATIO if ratio else DIFFERENCE, f"intervals put together ({first.method})", back(apart),
        back(apart - down), back(apart + up), first.level, 2 * float(ndtr(-z)),
        first.participants + second.participants, first.missing + second.missing, first.population,
    )  # fmt: skip


def interaction_of_means(
    cells: Sequence[ArrayLike],
    *,
    level: float = 0.95,
    population: str = "all participants given",
) -> Estimate:
    """Difference of two differences of means, each cell with a variance of its own.

    Estimand: (m1 − m2) − (m3 − m4) of the means of the four `cells`: at the first level of the
    other factor the level compared and the reference, then both at its second level. Interval and
    two-sided p-value are Student's with Satterthwaite's degrees of freedom; with two cells that is
    Welch's t. Missing values are left out and counted. Each cell needs two values, and one of them
    some spread. Accuracy: 1e-12 for normal values up to the approximation of the degrees of
    freedom. Source: Satterthwaite 1946, Biometrics Bull 2:110; Welch 1947, Biometrika 34:28.

    >>> found = interaction_of_means([[5.0, 6.2, 7.1], [3.9, 4.4], [4.0, 4.8, 5.5], [3.7, 4.6]])
    >>> round(found.estimate, 3), round(found.p_value, 3)
    (1.333, 0.2)
    """
    from scipy.special import stdtr, stdtrit

    require_level(level)
    given = [numbers("cells", cell) for cell in cells]
    known = [cell[np.isfinite(cell)] for cell in given]
    counts = np.array([len(cell) for cell in known])
    if len(known) != 4 or counts.min() < 2 or not any(cell.var() > 0 for cell in known):
        raise AnalysisError(
            Message("Cells of {counts} values.", counts=", ".join(map(str, counts.tolist()))),
            rule=Message(
                "An interaction of means needs four cells of two values each, and some spread."
            ),
            fix=Message("Wait for more values; until then the cells are described."),
        )
    share = np.array([cell.var(ddof=1) for cell in known]) / counts
    error = sqrt(float(share.sum()))
    freedom = float(share.sum() ** 2 / (share**2 / (counts - 1)).sum())
    one, two, three, four = (float(cell.mean()) for cell in known)
    estimate = one - two - (three - four)
    half = float(stdtrit(freedom, 0.5 + level / 2)) * error
    return Estimate(
        DIFFERENCE, f"contrast of four means, {freedom:.1f} degrees of freedom", estimate,
        estimate - half, estimate + half, level,
        2 * float(stdtr(freedom, -abs(estimate) / error)), int(counts.sum()),
        sum(map(len, given)) - int(counts.sum()), population,
    )  # fmt: skip


def _logarithm(value: float) -> float:
    return log(value) if value > 0 else -inf if value == 0 else value


def _exponential(value: float) -> float:
    return exp(value) if value < 700 else inf
