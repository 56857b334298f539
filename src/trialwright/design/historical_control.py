"""Safety monitoring against controls of the past: hold when an excess over them is probable."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import ClassVar

import numpy as np

from trialwright.design.checks import (
    Floats,
    require_between,
    require_events,
    require_lists,
    require_prior,
)
from trialwright.design.counting import TREATED
from trialwright.design.errors import DesignError
from trialwright.design.stopping import StoppingRule, check_reading
from trialwright.messages import Message
from trialwright.numerics.quadrature import gauss_legendre

_NODES = 400


@dataclass(frozen=True, kw_only=True)
class HistoricalControl(StoppingRule):
    """Hold when P(event rate > rate of earlier controls + margin | data) >= threshold.

    Estimand: the difference of the event rates of the group and of the controls of the past. With
    prior Beta(a, b) for both, y events among n counted and h among m controls, of which each counts
    as `weight` of a participant (a power prior), the rates are independent Beta(a + y, b + n - y)
    and Beta(a + weight h, b + weight (m - h)).

    control_participants, control_events: m and h. weight: above 0, up to 1, which believes the past
    as the present. margin: in (-1, 1). threshold: in (0, 1). participants: how far the table
    reaches. looks and counted: as of `BetaBinomialStopping`.

    Accuracy: quadrature over the quantiles of the controls' rate, about 1e-6. Source: Thall and
    Simon 1994, Biometrics 50:337; Ibrahim and Chen 2000, Stat Sci 15:46, for the weight.

    >>> rule = HistoricalControl(
    ...     control_participants=100, control_events=10, threshold=0.95, participants=10
    ... )
    >>> rule.hold_at[1:]
    (1, 1, 2, 2, 2, 2, 3, 3, 3, 3)
    """

    kind: ClassVar[str] = "historical-control"
    control_participants: int
    control_events: int
    threshold: float
    participants: int
    margin: float = 0.0
    weight: float = 1.0
    prior: tuple[float, float] = (1.0, 1.0)
    looks: tuple[int, ...] = ()
    counted: str = TREATED

    def __post_init__(self) -> None:
        require_events(self.control_participants, self.control_events, "control_events")
        require_between("threshold", self.threshold, 0, 1)
        require_between("margin", self.margin, -1, 1)
        if not 0 < self.weight <= 1:
            raise DesignError(
                Message("weight is {weight}.", weight=self.weight),
                rule=Message("weight is above 0 and at most 1."),
                fix=Message("Write 1 to count each control of the past as one participant."),
            )
        require_lists(self, "prior")
        require_prior("prior", self.prior)
        check_reading(self)

    def probability(self, treated: int, events: int) -> float:
        """Posterior probability of the excess."""
        from scipy.special import betaincc

        require_events(treated, events)
        a, b = self.prior
        rates, weights = self._control
        beyond = betaincc(a + events, b + treated - events, np.clip(rates + self.margin, 0, 1))
        return float(weights @ beyond)

    @cached_property
    def _control(self) -> tuple[Floats, Floats]:
        """Rates of the controls and how probable each is: Gauss-Legendre over the quantiles, their
        scale bent so that the tails are dense."""
        from scipy.special import betaincinv

        nodes, weights = gauss_legendre(_NODES)
        half = (nodes + 1) / 2
        level = half**3 * (10 - 15 * half + 6 * half**2)
        slope = 30 * half**2 * (1 - half) ** 2
        a, b = self.prior
        had = self.weight * self.control_events
        had_none = self.weight * (self.control_participants - self.control_events)
        return betaincinv(a + had, b + had_none, level), weights / 2 * slope

    def _holds(self, treated: int, events: int) -> bool:
        return self.probability(treated, events) >= self.threshold

    def describe(self) -> Message:
        a, b = self.prior
        said = Message(
            "Hold when the posterior probability that the event rate exceeds that of the earlier "
            "controls ({events} of {size}, each counting as {weight:g}) by more than {margin:g} is "
            "{threshold:g} or more (prior Beta({a:g}, {b:g}) for both).",
            events=self.control_events,
            size=self.control_participants,
            weight=self.weight,
            margin=self.margin,
            threshold=self.threshold,
            a=a,
            b=b,
        )
        return self._whole(said)
