"""Time to event with right censoring: Kaplan-Meier and the log-rank test."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from trialwright.analysis.notebook import Notebook
from trialwright.analysis.result import (
    AnalysisError,
    Estimate,
    numbers,
    require_known,
    require_level,
    require_share,
)
from trialwright.analysis.ties import joined

Floats = NDArray[np.float64]
_ROUNDING = 1e-12


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
        return self.quantile(0.5)

    def quantile(self, share: float, convention: str = "first") -> float:
        """When a share of the participants has had the event; infinite when it isn't reached.

        Where the curve rests at exactly 1 - share, programs differ. convention: "first", the first
        time at which survival is 1 - share or less (Kalbfleisch and Prentice 2002, page 17; as
        lifelines); "midpoint", halfway from there to the next event time, as R's survfit.

        >>> curve = kaplan_meier([2, 4, 6, 8], [1, 1, 0, 1])
        >>> curve.quantile(0.5), curve.quantile(0.5, "midpoint")
        (4.0, 6.0)
        """
        require_known("convention", convention, ("first", "midpoint"))
        require_share(share)
        place = self._first_at_most(self.survival, 1 - share)
        if place is None:
            return float("inf")
        rests = abs(self.survival[place] - (1 - share)) <= _ROUNDING
        if convention == "midpoint" and rests and place + 1 < len(self.times):
            return float(self.times[place] + self.times[place + 1]) / 2
        return float(self.times[place])

    @property
    def median_interval(self) -> tuple[float, float]:
        """When the lower and when the upper limit of the curve first are 1/2 or less (Brookmeyer
        and Crowley 1982, Biometrics 38:29, on the scale of the limits)."""
        ends = []
        for limits in (self.lower, self.upper):
            place = self._first_at_most(limits, 0.5)
            ends.append(float("inf") if place is None else float(self.times[place]))
        return ends[0], ends[1]

    def _first_at_most(self, curve: Floats, height: float) -> int | None:
        below = np.flatnonzero(curve <= height + _ROUNDING)
        return int(below[0]) if len(below) else None

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
    at_risk = len(t) - np.searchsorted(np.sort(t), times)
    events = np.bincount(np.searchsorted(times, t[d == 1]), minlength=len(times))
    survival = np.asarray(np.cumprod(1 - events / at_risk), dtype=np.float64)
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
    strata: ArrayLike | None = None,
    population: str = "all participants given",
) -> Estimate:
    """Log-rank test that two or more groups have the same hazard (chi-square approximation).

    Estimand: none; the hypothesis is equal hazards at all times, within each stratum where there
    are `strata`. time, event as in `kaplan_meier`; group, strata: any label, one per participant.
    Accuracy: of the approximation, poor below about 10 events. Without an event while two groups
    are at risk there is no test, and AnalysisError says so. Source: Mantel 1966, Cancer Chemother
    Rep 50:163; hypergeometric variance with ties.

    >>> round(logrank([1, 2, 3, 4, 5, 6], [1] * 6, [0, 0, 0, 1, 1, 1]).p_value, 4)
    0.0246
    """
    from scipy.special import chdtrc

    keep = _complete(time, event)
    t, d, missing = _clean(time, event)
    groups, g = np.unique(_labels("group", group, keep), return_inverse=True)
    if len(groups) < 2:
        raise AnalysisError(
            "There is one group.", rule="A log-rank test compares two or more.", fix="Add one."
        )
    excess, covariance = np.zeros(len(groups)), np.zeros((len(groups), len(groups)))
    for here in _layers(strata, keep):
        away, spread = _observed_less_expected(t[here], d[here], g[here], len(groups))
        excess, covariance = excess + away, covariance + spread
    if not np.trace(covariance) > 0:
        raise AnalysisError(
            "There is no event while two groups are at risk.",
            rule="A log-rank test compares groups at the times of events.",
            fix="Report the numbers at risk and events without a test.",
        )
    statistic = _quadratic(excess[1:], covariance[1:, 1:])
    p = float(chdtrc(len(groups) - 1, statistic))
    kind = "log-rank" if strata is None else "stratified log-rank"
    return Estimate(
        "test", f"{kind}, chi-square {statistic:.3f} on {len(groups) - 1} df", float("nan"),
        p_value=p, participants=len(t), missing=missing, population=population,
    )  # fmt: skip


def _observed_less_expected(
    t: Floats, d: Floats, g: NDArray[np.int64], groups: int
) -> tuple[Floats, Floats]:
    """Events of each group less those expected under equal hazards, and their covariance."""
    moments = np.unique(t[d == 1])
    risk = np.empty((groups, len(moments)))
    dead = np.empty((groups, len(moments)))
    for k in range(groups):
        mine = np.sort(t[g == k])
        risk[k] = len(mine) - np.searchsorted(mine, moments)
        died = np.searchsorted(moments, t[(g == k) & (d == 1)])
        dead[k] = np.bincount(died, minlength=len(moments))
    n, deaths = risk.sum(axis=0), dead.sum(axis=0)
    share = risk / n
    weight = deaths * (n - deaths) / np.maximum(n - 1, 1)
    spread = np.diag((weight * share).sum(axis=1)) - (weight * share) @ share.T
    return (dead - deaths * share).sum(axis=1), spread


def _layers(strata: ArrayLike | None, keep: NDArray[np.bool_]) -> list[Any]:
    """Who is in each stratum, of those kept; without strata everybody."""
    if strata is None:
        return [slice(None)]
    layer = _labels("strata", strata, keep)
    return [layer == one for one in np.unique(layer)]


def _quadratic(excess: Floats, covariance: Floats) -> float:
    """Chi-square of the excess; a group that was never at risk beside another adds nothing."""
    if len(excess) == 1:
        return float(excess[0] ** 2 / covariance[0, 0])
    return float(excess @ np.linalg.pinv(covariance) @ excess)


def _labels(name: str, labels: ArrayLike, keep: NDArray[np.bool_]) -> NDArray[Any]:
    found = np.atleast_1d(np.asarray(labels))
    if found.shape != keep.shape:
        raise AnalysisError(
            f"{name} has {found.size} labels for {keep.size} times.",
            rule="Each participant has one.",
            fix="Give one for each time.",
        )
    return found[keep]


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
    return joined(t[keep]), d[keep], int((~keep).sum())
