"""The two-parameter Bayesian logistic regression of dose and toxicity: posterior by quadrature.

A model to read data with (posterior means, interval probabilities); `blrm_escalation` moves by it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

import numpy as np

from trialwright.analysis.notebook import Notebook
from trialwright.design.checks import (
    Floats,
    listed,
    require_between,
    require_events,
    require_increasing,
    require_length,
    require_lists,
    require_positive,
    require_some,
)
from trialwright.design.errors import DesignError
from trialwright.messages import Message

_POINTS, _REACH = 241, 7.0


@dataclass(frozen=True, slots=True)
class BlrmFit(Notebook):
    """Per dose: posterior mean DLT rate, and the chance of each interval (doses x intervals)."""

    _along = "dose"
    mean: Floats
    intervals: Floats


@dataclass(frozen=True, kw_only=True)
class Blrm(Notebook):
    """Estimand: p(d), the DLT rate of each dose, with logit p(d) = a + exp(b) log(d / reference),
    (a, b) bivariate normal.

    doses: amounts, increasing. reference: the dose whose logit is a. prior_mean, prior_sd: of a
    and b. correlation: in (-1, 1). cuts: where the DLT rate is divided into under-dosing, target,
    excessive and unacceptable toxicity.

    The trapezoid rule in steps of 0.058 prior sd up to 7 of them; accuracy 1e-8 of a mean, 5e-4 of
    the chance of an interval, whose edge cells count in part.
    Source: Neuenschwander, Branson and Gsponer 2008, Stat Med 27:2420.

    >>> model = Blrm(doses=(1, 5, 25), reference=25, prior_mean=(0, 0), prior_sd=(1, 0.5))
    >>> bool(model.fit([3, 3, 0], [0, 1, 0]).mean[1] > model.fit([3, 3, 0], [0, 0, 0]).mean[1])
    True
    """

    doses: tuple[float, ...]
    reference: float
    prior_mean: tuple[float, float]
    prior_sd: tuple[float, float]
    correlation: float = 0.0
    cuts: tuple[float, ...] = (0.20, 0.35, 0.60)

    def __post_init__(self) -> None:
        require_lists(self, "doses", "prior_mean", "prior_sd", "cuts")
        require_some("doses", self.doses)
        require_length("prior_mean", self.prior_mean, 2)
        require_length("prior_sd", self.prior_sd, 2)
        for name, value in (("reference", self.reference), ("dose", self.doses[0])):
            require_positive(name, value)
        require_increasing("doses", self.doses)
        for sd in self.prior_sd:
            require_positive("prior_sd", sd)
        for mean in self.prior_mean:
            require_between("prior_mean", mean, -1e6, 1e6)
        require_between("correlation", self.correlation, -1, 1)

    def fit(self, treated: Sequence[int], dlts: Sequence[int]) -> BlrmFit:
        """The posterior given counts per dose."""
        treated, dlts = listed("treated", treated), listed("DLTs", dlts)
        if len(treated) != len(self.doses) or len(dlts) != len(self.doses):
            raise DesignError(
                Message(
                    "{treated} and {dlts} counts for {doses} doses.",
                    treated=len(treated),
                    dlts=len(dlts),
                    doses=len(self.doses),
                ),
                rule=Message("There is one count of treated and of DLTs for each dose."),
                fix=Message("Give a 0 for a dose nobody had."),
            )
        for n, y in zip(treated, dlts, strict=True):
            require_events(n, y, "DLTs")
        log_weight, rates, logs, inside = self._grid
        y, rest = np.array(dlts, dtype=float), np.array(treated, dtype=float) - np.array(dlts)
        log_weight = log_weight + y @ logs[0] + rest @ logs[1]
        weight = np.exp(log_weight - log_weight.max())
        weight /= weight.sum()
        return BlrmFit(rates @ weight, inside @ weight)

    @cached_property
    def _grid(self) -> tuple[Floats, Floats, tuple[Floats, Floats], Floats]:
        """At each point of the two parameters: the log prior weight; [dose, point] the rates, the
        logarithms of a DLT and of none; [dose, interval, point] the part of the point's cell in
        which the rate is in an interval."""
        z = np.linspace(-_REACH, _REACH, _POINTS)
        step = z[1] - z[0]
        z1, z2 = (each.ravel() for each in np.meshgrid(z, z, indexing="ij"))
        within = z1**2 + z2**2 < _REACH**2
        z1, z2 = z1[within], z2[within]
        # The second parameter is correlated with the first: b = m + sd (r z1 + sqrt(1-r^2) z2).
        a = self.prior_mean[0] + self.prior_sd[0] * z1
        r, sd = self.correlation, self.prior_sd[1]
        slope = np.exp(self.prior_mean[1] + sd * (r * z1 + np.sqrt(1 - r * r) * z2))
        log_weight = -(z1**2 + z2**2) / 2
        amounts = np.log(np.array(self.doses) / self.reference)[:, None]
        score = a + slope * amounts
        logs = (-np.logaddexp(0, -score), -np.logaddexp(0, score))
        # How far the score moves from one side of a cell to the other, along each axis.
        first = step * np.abs(self.prior_sd[0] + slope * amounts * sd * r)
        second = step * np.abs(slope * amounts * sd * np.sqrt(1 - r * r))
        ends = [_below(np.log(cut / (1 - cut)) - score, first, second) for cut in self.cuts]
        ends = [np.zeros_like(score), *ends, np.ones_like(score)]
        inside = np.stack([high - low for low, high in pairwise(ends)], axis=1)
        return log_weight, np.exp(logs[0]), logs, inside


def _below(gap: Floats, first: Floats, second: Floats) -> Floats:
    """The part of cells that lies below a cut `gap` above the score in their middle, the score
    being taken as linear within them. Counting whole cells instead errs by 0.01."""
    most = np.maximum(first, second) + 1e-300
    u, v = np.maximum(first, 1e-5 * most), np.maximum(second, 1e-5 * most)
    corners = ((1, (u + v) / 2), (-1, (u - v) / 2), (-1, (v - u) / 2), (1, -(u + v) / 2))
    area = sum(sign * np.maximum(gap + corner, 0) ** 2 / 2 for sign, corner in corners)
    part: Floats = np.clip(area / (u * v), 0.0, 1.0)
    return part
