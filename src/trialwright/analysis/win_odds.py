"""Ordinal outcomes: the odds that a participant of one arm does better than one of the other."""

from __future__ import annotations

from math import exp, log, sqrt

import numpy as np
from numpy.typing import ArrayLike, NDArray

from trialwright.analysis.inversion import z_value
from trialwright.analysis.rank_tests import two_groups
from trialwright.analysis.result import AnalysisError, Estimate, require_level
from trialwright.analysis.ties import joined
from trialwright.messages import Message

Floats = NDArray[np.float64]


def win_odds(
    first: ArrayLike,
    second: ArrayLike,
    *,
    more_is_better: bool = True,
    level: float = 0.95,
    population: str = "all participants given",
) -> Estimate:
    """Odds that a participant of the first group does better than one of the second.

    Estimand: w/(1 - w), with w = P(better) + P(equal)/2 for one of each group at random; 1 where
    neither does better. Of two ordered categories it is no odds ratio: it says nothing of how much
    better. The variance of w is that of its placements, unpooled; interval and p-value are normal
    on the scale of log(w/(1 - w)). Missing values are left out and counted.

    Accuracy: of the approximation, fair from 15 participants a group. Source: Brunner,
    Vandemeulebroecke and Mütze 2021, Stat Med 40:3367; variance of DeLong, DeLong and
    Clarke-Pearson 1988, Biometrics 44:837.

    >>> e = win_odds([2, 3, 3, 4, 5], [1, 2, 2, 3, 4])
    >>> round(e.estimate, 3)
    2.846
    """
    from scipy.special import ndtr

    require_level(level)
    a, b, missing = two_groups(first, second)
    if min(len(a), len(b)) < 2:
        raise AnalysisError(
            Message("Groups of {first} and {second} values.", first=len(a), second=len(b)),
            rule=Message("Win odds need two values in each group."),
            fix=Message("Describe the groups without a comparison."),
        )
    pooled = joined(np.concatenate([a, b])) * (1 if more_is_better else -1)
    a, b = pooled[: len(a)], pooled[len(a) :]
    # Placements: of each participant, the share of the other group that does worse.
    of_a = _placed(a, b)
    of_b = 1 - _placed(b, a)
    w = float(of_a.mean())
    error = sqrt(float(of_a.var(ddof=1) / len(a) + of_b.var(ddof=1) / len(b)))
    if not 0 < w < 1 or not error > 0:
        raise AnalysisError(
            Message("Every pair is won by the same arm, or all are equal."),
            rule=Message("Win odds have an interval where arms overlap."),
            fix=Message("Describe the arms; an exact rank test still compares them."),
        )
    log_odds, spread = log(w / (1 - w)), error / (w * (1 - w))
    half = z_value(1 - level) * spread
    return Estimate(
        "win-odds", "win odds by placements", exp(log_odds), exp(log_odds - half),
        exp(log_odds + half), level, 2 * float(ndtr(-abs(log_odds) / spread)),
        len(a) + len(b), missing, population,
    )  # fmt: skip


def _placed(values: Floats, others: Floats) -> Floats:
    ordered = np.sort(others)
    below = np.searchsorted(ordered, values, side="left")
    upto = np.searchsorted(ordered, values, side="right")
    return np.asarray((below + upto) / 2 / len(others))
