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

    Simpson's rule on 241 x 241 points over 7 prior sd each side; accuracy about 1e-6.
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
        logarithms of a DLT and of none; [dose, interval, point] which interval a rate is in."""
        z = np.linspace(-7, 7, 241)
        simpson = np.where(np.arange(241) % 2, 4.0, 2.0)
        simpson[[0, -1]] = 1.0
        # The second parameter is correlated with the first: b = m + sd (r z1 + sqrt(1-r^2) z2).
        z1, z2 = z[:, None], z[None, :]
        a = self.prior_mean[0] + self.prior_sd[0] * z1
        r = self.correlation
        b = self.prior_mean[1] + self.prior_sd[1] * (r * z1 + np.sqrt(1 - r * r) * z2)
        log_weight = -(z1**2 + z2**2) / 2 + np.log(simpson)[:, None] + np.log(simpson)
        amounts = np.log(np.array(self.doses) / self.reference)
        score = (a + np.exp(b) * amounts[:, None, None]).reshape(len(amounts), -1)
        logs = (-np.logaddexp(0, -score), -np.logaddexp(0, score))
        rates = np.exp(logs[0])
        ends = (-1.0, *self.cuts, 2.0)
        inside = np.stack(
            [(rates >= low) & (rates < high) for low, high in pairwise(ends)], axis=1
        ).astype(np.float64)
        return log_weight.ravel(), rates, logs, inside
