"""Time to event with right censoring: Kaplan-Meier and the log-rank test."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from trialwright.analysis.notebook import Notebook
from trialwright.analysis.result import AnalysisError, Estimate, numbers, require_level

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class SurvivalCurve(Notebook):
    """Steps of a Kaplan-Meier curve: at each event time, those at risk just before, events, the
    survival just after and its interval.

    >>> curve = kaplan_meier([2, 4, 6, 8], [1, 1, 0, 1])
    >>> curve.median, curve.at(5), curve.at_risk.tolist()
    (4.0, 0.5, [4, 3, 1])
    """

    _along = "step"
    times: Floats
    at_risk: NDArray[np.int64]
    events: NDArray[np.int64]
    survival: Floats
    lower: Floats
    upper: Floats
    level: float
    participants: int
    missing: int

    @property
    def median(self) -> float:
        """The first time at which survival is 1/2 or less; infinite when it never is."""
        below = np.flatnonzero(self.survival <= 0.5 + 1e-12)
        return float(self.times[below[0]]) if len(below) else float("inf")

    def at(self, time: float) -> float:
        """Survival at a time."""
        before = np.searchsorted(self.times, time, side="right")
        return float(self.survival[before - 1]) if before else 1.0


def kaplan_meier(time: ArrayLike, event: ArrayLike, *, level: float = 0.95) -> SurvivalCurve:
    """Kaplan-Meier estimate with Greenwood's variance on the log(-log) scale.

    Estimand: P(T > t). time: from 0, one unit throughout. event: 1 event, 0 censored; censored at
    an event's time counts as at risk then. Rows with a missing value are left out and counted.

    Accuracy: rounding. Source: Kaplan and Meier 1958, JASA 53:457; Kalbfleisch and Prentice 2002,
    equation 1.13.

    >>> curve = kaplan_meier([6, 6, 6, 7, 10], [1, 1, 0, 1, 0])
    >>> curve.survival.round(2)
    array([0.6, 0.3])
    """
    from scipy.special import ndtri

    require_level(level)
    t, d, missing = _clean(time, event)
    times = np.unique(t[d == 1])
    at_risk = (t[None, :] >= times[:, None]).sum(axis=1)
    events = ((t[None, :] == times[:, None]) & (d == 1)).sum(axis=1)
    survival = np.cumprod(1 - events / at_risk)
    with np.errstate(divide="ignore", invalid="ignore"):
        greenwood = np.cumsum(events / (at_risk * (at_risk - events)))
        width = ndtri(0.5 + level / 2) * np.sqrt(greenwood) / np.abs(np.log(survival))
        lower, upper = survival ** np.exp(width), survival ** np.exp(-width)
    nothing = survival <= 0
    lower, upper = np.where(nothing, 0.0, lower), np.where(nothing, np.nan, upper)
    return SurvivalCurve(times, at_risk, events, survival, lower, upper, level, len(t), missing)


def logrank(
    time: ArrayLike,
    event: ArrayLike,
    group: ArrayLike,
    *,
    population: str = "all participants given",
) -> Estimate:
    """Log-rank test that two or more groups have the same hazard (chi-square approximation).

    Estimand: none; the hypothesis is equal hazards at all times. time, event as in `kaplan_meier`;
    group: any label, one per participant. Accuracy: of the approximation, poor below about 10
    events. Source: Mantel 1966, Cancer Chemother Rep 50:163; hypergeometric variance with ties.

    >>> round(logrank([1, 2, 3, 4, 5, 6], [1] * 6, [0, 0, 0, 1, 1, 1]).p_value, 4)
    0.0246
    """
    from scipy.special import chdtrc

    g = np.atleast_1d(np.asarray(group))
    if g.shape != np.shape(np.atleast_1d(np.asarray(time))):
        raise AnalysisError(
            f"{g.size} groups.", rule="Each participant has a group.", fix="Give one for each time."
        )
    t, d, missing, g = (*_clean(time, event), g[_complete(time, event)])
    groups = np.unique(g)
    if len(groups) < 2:
        raise AnalysisError(
            "There is one group.", rule="A log-rank test compares two or more.", fix="Add one."
        )
    excess = np.zeros(len(groups))
    covariance = np.zeros((len(groups), len(groups)))
    for moment in np.unique(t[d == 1]):
        risk = np.array([((g == k) & (t >= moment)).sum() for k in groups])
        dead = np.array([((g == k) & (t == moment) & (d == 1)).sum() for k in groups])
        n, deaths = int(risk.sum()), int(dead.sum())
        share = risk / n
        excess += dead - deaths * share
        if n > 1:
            spread = deaths * (n - deaths) / (n - 1)
            covariance += spread * (np.diag(share) - np.outer(share, share))
    statistic = float(excess[1:] @ np.linalg.pinv(covariance[1:, 1:]) @ excess[1:])
    p = float(chdtrc(len(groups) - 1, statistic))
    method = f"log-rank, chi-square {statistic:.3f} on {len(groups) - 1} df"
    return Estimate(
        "test", method, float("nan"), p_value=p, participants=len(t), missing=missing,
        population=population,
    )  # fmt: skip


def _complete(time: ArrayLike, event: ArrayLike) -> NDArray[np.bool_]:
    t, d = numbers("time", time), numbers("event", event)
    if t.shape != d.shape:
        raise AnalysisError(
            f"{t.size} times, {d.size} events.", rule="Each time has an event.", fix="Give both."
        )
    return np.isfinite(t) & np.isfinite(d)


def _clean(time: ArrayLike, event: ArrayLike) -> tuple[Floats, Floats, int]:
    t, d = numbers("time", time), numbers("event", event)
    keep = _complete(t, d)
    if not keep.any() or (t[keep] < 0).any() or not np.isin(d[keep], (0, 1)).all():
        raise AnalysisError(
            "Times or events can't be read.",
            rule="Times are 0 or more; an event is 1, a censored time 0; one row at least.",
            fix="Check both columns.",
        )
    return t[keep], d[keep], int((~keep).sum())
