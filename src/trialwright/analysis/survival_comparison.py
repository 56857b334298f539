"""Two groups' times to an event compared: the hazard ratio, restricted means, and survival at a
time. Curves and the log-rank test are in `survival`."""

from __future__ import annotations

from math import exp, inf, isfinite, log, sqrt

import numpy as np
from numpy.typing import ArrayLike, NDArray

from trialwright.analysis.inversion import z_value
from trialwright.analysis.result import AnalysisError, Estimate, require_level
from trialwright.analysis.survival import _clean, _complete, _labels, kaplan_meier
from trialwright.messages import Message

Floats = NDArray[np.float64]
_ROUNDS = 60


def hazard_ratio(
    time: ArrayLike,
    event: ArrayLike,
    group: ArrayLike,
    *,
    strata: ArrayLike | None = None,
    level: float = 0.95,
    population: str = "all participants given",
) -> Estimate:
    """Hazard of group 1 divided by that of group 0, by Cox's partial likelihood.

    Estimand: exp(d), hazards being proportional at all times (within each stratum, where there are
    `strata`). time from 0, event 1 or 0, group 1 or 0, one each a participant. Ties by Efron's
    method; interval and p-value are Wald's on the scale of the logarithm. Where every event is in
    one group there is no finite estimate, and AnalysisError says so.

    Accuracy: 1e-8 of d. Source: Cox 1972, JRSS B 34:187; Efron 1977, JASA 72:557.

    >>> e = hazard_ratio([1, 2, 3, 4, 5, 6], [1, 1, 1, 1, 0, 1], [1, 0, 1, 0, 0, 0])
    >>> round(e.estimate, 3)
    5.849
    """
    from scipy.special import ndtr

    require_level(level)
    keep = _complete(time, event)
    t, d, missing = _clean(time, event)
    g = _two("group", group, keep)
    layer = _labels("strata", np.zeros(len(keep)) if strata is None else strata, keep)
    tables = [
        table
        for one in np.unique(layer)
        for table in _events(t[layer == one], d[layer == one], g[layer == one])
    ]
    # A hazard ratio is finite where at some event of each group the other group is at risk.
    up = any(dead1 and risk0 for _, risk0, dead1, _ in tables)
    down = any(dead0 and risk1 for risk1, _, _, dead0 in tables)
    if not (up and down):
        raise AnalysisError(
            Message("There is no event in a group while the other is at risk."),
            rule=Message("A hazard ratio needs such events in both groups."),
            fix=Message("Report the curves, or the difference of restricted means."),
        )
    beta = 0.0
    for _ in range(_ROUNDS):
        score, information = _score(tables, beta)
        step = max(-2.0, min(2.0, score / information))
        beta += step
        if abs(step) < 1e-12:
            break
    error = 1 / sqrt(_score(tables, beta)[1])
    half = z_value(1 - level) * error
    kind = "Cox" if strata is None else "stratified Cox"
    return Estimate(
        "hazard-ratio", f"{kind}, {int(d.sum())} events", exp(beta), exp(beta - half),
        exp(beta + half), level, 2 * float(ndtr(-abs(beta) / error)), len(t), missing, population,
    )  # fmt: skip


def _events(t: Floats, d: Floats, g: Floats) -> list[tuple[int, int, int, int]]:
    """At each event time: at risk in group 1 and 0, events in group 1 and 0."""
    found = []
    for moment in np.unique(t[d == 1]):
        risk, now = t >= moment, (t == moment) & (d == 1)
        found.append(
            (int((risk & (g == 1)).sum()), int((risk & (g == 0)).sum()),
             int((now & (g == 1)).sum()), int((now & (g == 0)).sum()))
        )  # fmt: skip
    return found


def _score(tables: list[tuple[int, int, int, int]], beta: float) -> tuple[float, float]:
    """First derivative of Efron's log partial likelihood, and less its second."""
    first = second = 0.0
    ratio = exp(beta)
    for risk1, risk0, dead1, dead0 in tables:
        dead = dead1 + dead0
        first += dead1
        for k in range(dead):
            away = k / dead
            one, other = ratio * (risk1 - away * dead1), risk0 - away * dead0
            share = one / (one + other)
            first -= share
            second += share * (1 - share)
    return first, second


def restricted_mean(
    time: ArrayLike,
    event: ArrayLike,
    group: ArrayLike,
    *,
    until: float,
    level: float = 0.95,
    population: str = "all participants given",
) -> Estimate:
    """Difference of the mean times without event up to a horizon, group 1 minus group 0.

    Estimand: E(min(T, until)) of group 1 less that of group 0, in the unit of `time`; no hazards
    need be proportional. Each is the area under its Kaplan-Meier curve, with Greenwood's variance;
    interval and p-value are normal. `until` may not lie beyond both the last event and the last
    participant watched of a group, where the curve isn't known.

    Accuracy: rounding. Source: Irwin 1949, J Hyg 47:188; Royston and Parmar 2013, BMC Med Res
    Methodol 13:152.
    """
    from scipy.special import ndtr

    require_level(level)
    keep = _complete(time, event)
    t, d, missing = _clean(time, event)
    g = _two("group", group, keep)
    one, other = (_area(t[g == k], d[g == k], until) for k in (1, 0))
    estimate, error = one[0] - other[0], sqrt(one[1] + other[1])
    if not error > 0:
        raise AnalysisError(
            Message("There is no event before {until:g}.", until=until),
            rule=Message("Restricted means differ by the events before their horizon."),
            fix=Message("Choose a later horizon, or wait for events."),
        )
    half = z_value(1 - level) * error
    return Estimate(
        "restricted-mean-difference", f"restricted mean to {until:g}", estimate, estimate - half,
        estimate + half, level, 2 * float(ndtr(-abs(estimate) / error)), len(t), missing,
        population,
    )  # fmt: skip


def _area(t: Floats, d: Floats, until: float) -> tuple[float, float]:
    """The area under a group's curve up to a time, and its variance."""
    curve_ends = float(t.max())
    if until > curve_ends and not d[t == curve_ends].all():
        raise _beyond(until, curve_ends)
    if not d.any():
        return until, 0.0
    curve = kaplan_meier(t, d)
    inside = curve.times < until
    moments = np.concatenate([[0.0], curve.times[inside], [until]])
    heights = np.concatenate([[1.0], curve.survival[inside]])
    pieces = heights * np.diff(moments)
    risk, dead = curve.at_risk[inside], curve.events[inside]
    after = pieces[1:][::-1].cumsum()[::-1]
    goes_on = risk > dead
    variance = after[goes_on] ** 2 * dead[goes_on] / (risk[goes_on] * (risk - dead)[goes_on])
    return float(pieces.sum()), float(variance.sum())


def survival_difference(
    time: ArrayLike,
    event: ArrayLike,
    group: ArrayLike,
    *,
    until: float,
    level: float = 0.95,
    population: str = "all participants given",
) -> Estimate:
    """Difference of the shares without event at a time, group 1 minus group 0.

    Estimand: P(T > until) of group 1 less that of group 0, each by Kaplan and Meier with
    Greenwood's variance carried over to the scale of log(-log), where it is more nearly normal;
    the limits of the two are put together by the method of variance estimates recovery.
    The p-value is of the test on the log(-log) scale, without a value where a curve is at 0 or 1.

    Accuracy: rounding. Source: Zou and Donner 2008, Biometrics 64:1298 (limits); Klein and others
    2007, Stat Med 26:4505, test 3.
    """
    from scipy.special import ndtr

    require_level(level)
    keep = _complete(time, event)
    t, d, missing = _clean(time, event)
    g = _two("group", group, keep)
    one, other = (_share(t[g == k], d[g == k], until, level) for k in (1, 0))
    estimate = one[0] - other[0]
    lower = estimate - sqrt((one[0] - one[1]) ** 2 + (other[2] - other[0]) ** 2)
    upper = estimate + sqrt((one[2] - one[0]) ** 2 + (other[0] - other[1]) ** 2)
    p = None
    if all(0 < part[0] < 1 for part in (one, other)):
        gap = log(-log(one[0])) - log(-log(other[0]))
        p = 2 * float(ndtr(-abs(gap) / sqrt(one[3] + other[3])))
    return Estimate(
        "survival-difference", f"Kaplan-Meier at {until:g}", estimate, lower, upper, level, p,
        len(t), missing, population,
    )  # fmt: skip


def _share(t: Floats, d: Floats, until: float, level: float) -> tuple[float, float, float, float]:
    """Survival at a time with its limits, and its variance on the log(-log) scale."""
    curve_ends = float(t.max())
    if until > curve_ends and not d[t == curve_ends].all():
        raise _beyond(until, curve_ends)
    curve = kaplan_meier(t, d, level=level)
    place = int(np.searchsorted(curve.times, until, side="right")) - 1
    if place < 0:
        # Nobody had the event yet: Clopper and Pearson's limit for those still at risk.
        risk = int((t >= until).sum())
        return 1.0, ((1 - level) / 2) ** (1 / risk), 1.0, inf
    share = float(curve.survival[place])
    low, high = float(curve.lower[place]), float(curve.upper[place])
    if not 0 < share < 1:
        risk = int(curve.at_risk[place])
        return share, 0.0, 1 - ((1 - level) / 2) ** (1 / risk), inf
    n, dead = curve.at_risk[: place + 1], curve.events[: place + 1]
    greenwood = float((dead / (n * (n - dead))).sum())
    return share, low, high if isfinite(high) else 1.0, greenwood / log(share) ** 2


def _beyond(until: float, ends: float) -> AnalysisError:
    return AnalysisError(
        Message("A group is watched up to {ends:g} only.", ends=ends),
        rule=Message("Its curve isn't known at {until:g}.", until=until),
        fix=Message("Wait, or choose an earlier time when the analysis is planned."),
    )


def _two(name: str, labels: ArrayLike, keep: NDArray[np.bool_]) -> Floats:
    found = np.asarray(_labels(name, labels, keep), dtype=np.float64)
    if set(np.unique(found)) != {0.0, 1.0}:
        raise AnalysisError(
            Message("An arm has no value yet."),
            rule=Message("A comparison needs values in both arms."),
            fix=Message("Wait for them; until then the arms are described."),
        )
    return found
