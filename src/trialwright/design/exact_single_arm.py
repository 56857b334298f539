"""One arm with a yes/no response and any number of looks: exact characteristics and estimates."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from math import comb
from typing import ClassVar

import numpy as np
from numpy.typing import ArrayLike

from trialwright.analysis.inversion import root
from trialwright.analysis.notebook import Notebook
from trialwright.analysis.unconditional import masses
from trialwright.design.checks import (
    Floats,
    require_between,
    require_count,
    require_events,
    require_length,
    require_lists,
    require_rate,
    require_some,
    scenario_matrix,
)
from trialwright.design.errors import DesignError
from trialwright.design.table import Decision, RuleTable
from trialwright.messages import Message


@dataclass(frozen=True, slots=True)
class SingleArmCharacteristics(Notebook):
    """At each true rate: the chance to call the treatment active, that of ending at each look for
    activity and for futility (rates x looks), and the expected number of participants."""

    rates: Floats
    active: Floats
    active_by_look: Floats
    futile_by_look: Floats
    expected_participants: Floats


@dataclass(frozen=True, slots=True)
class SingleArmEstimate(Notebook):
    """After the end: the p-value against a rate of p0, the unbiased estimate and the interval."""

    p_value: float
    estimate: float
    lower: float
    upper: float
    level: float


@dataclass(frozen=True, kw_only=True)
class ExactSingleArm(Notebook):
    """Looks after given numbers of participants, each with a bound for futility and for activity.

    Estimand: p, the response rate. looks: participants treated at each look, increasing.
    futile_at: so many responses or fewer end the trial without activity; None for no such bound.
    active_at: so many or more end it with activity; None for none. At the last look one count
    follows the other, so that the trial ends with one answer.

    Accuracy: sums of binomial terms to rounding (1e-12). Source: the recursion of Schultz and
    others 1973, Biometrics 29:293; Fleming 1982, Biometrics 38:143.

    >>> trial = ExactSingleArm(looks=(12, 35), futile_at=(1, 5), active_at=(None, 6))
    >>> found = trial.operating_characteristics([0.1, 0.3])
    >>> found.active.round(3), found.expected_participants.round(1)
    (array([0.098, 0.901]), array([19.8, 33. ]))
    """

    kind: ClassVar[str] = "exact-single-arm"
    looks: tuple[int, ...]
    futile_at: tuple[int | None, ...]
    active_at: tuple[int | None, ...]

    def __post_init__(self) -> None:
        require_lists(self, "looks", "futile_at", "active_at")
        require_some("looks", self.looks)
        previous = 0
        for n in self.looks:
            require_count("looks", n, previous + 1, 1_000)
            previous = n
        for name, bounds in (("futile_at", self.futile_at), ("active_at", self.active_at)):
            require_length(name, bounds, len(self.looks))
            for n, bound in zip(self.looks, bounds, strict=True):
                if bound is not None:
                    require_count(name, bound, 0, n)
        for low, high in zip(self.futile_at, self.active_at, strict=True):
            if low is not None and high is not None and low >= high:
                raise _bounds(self, Message("A count can't end the trial both ways."))
        low, high = self.futile_at[-1], self.active_at[-1]
        if low is None or high is None or high != low + 1:
            raise _bounds(self, Message("At the last look every count ends the trial."))

    def operating_characteristics(self, rates: ArrayLike) -> SingleArmCharacteristics:
        """Exact behaviour at each true response rate."""
        p = scenario_matrix(np.atleast_2d(np.asarray(rates)), np.size(rates), "rates")[0]
        active, futile, expected, before = [], [], np.zeros(len(p)), 0
        for n, here, low, high in zip(self.looks, self._responses(p), *self._bounds, strict=True):
            expected += here.sum(axis=1) * (n - before)
            futile.append(here[:, :low].sum(axis=1))
            active.append(here[:, high:].sum(axis=1))
            before = n
        by_look = np.transpose(active)
        return SingleArmCharacteristics(
            p, by_look.sum(axis=1), by_look, np.transpose(futile), expected
        )

    def _responses(self, p: Floats) -> Iterator[Floats]:
        """At each look, the chance to get there with so many responses: [rate, responses]."""
        going, before = np.ones((len(p), 1)), 0
        for n, low, high in zip(self.looks, *self._bounds, strict=True):
            step = masses(n - before, p)
            here = np.zeros((len(p), n + 1))
            for x in range(going.shape[1]):
                here[:, x : x + step.shape[1]] += going[:, [x]] * step
            yield here
            going, before = here.copy(), n
            going[:, :low], going[:, high:] = 0.0, 0.0

    @property
    def _bounds(self) -> tuple[tuple[int, ...], tuple[int, ...]]:
        """At each look: counts below the first are futile, from the second on active."""
        low = tuple(-1 if bound is None else bound for bound in self.futile_at)
        high = zip(self.active_at, self.looks, strict=True)
        return tuple(b + 1 for b in low), tuple(n + 1 if b is None else b for b, n in high)

    def decide(self, treated: int, responses: int) -> Decision:
        """At a look: active, not active, or continue; between looks, continue."""
        require_events(treated, responses, "responses")
        require_count("treated", treated, 0, self.looks[-1])
        name = "ExactSingleArm"
        if treated not in self.looks:
            reason = Message("No look is planned after {treated} participants.", treated=treated)
            return Decision("continue", None, reason, name)
        look = self.looks.index(treated)
        low, high = (bounds[look] for bounds in self._bounds)
        reason = Message(
            "{responses} of {treated} responded.", responses=responses, treated=treated
        )
        action = "not active" if responses < low else "active" if responses >= high else "continue"
        return Decision(action, None, reason, name)

    def _orders(self, look: int, responses: int, *, begun: bool) -> int:
        """How many orders of outcomes end the trial there, of all or of those that begin with a
        response; 0 where it goes on."""
        going, before = ({1: 1}, 1) if begun else ({0: 1}, 0)
        for n, low, high in zip(self.looks[:look], *self._bounds, strict=False):
            here: dict[int, int] = {}
            for x, ways in going.items():
                for more in range(n - before + 1):
                    here[x + more] = here.get(x + more, 0) + ways * comb(n - before, more)
            ended = {x: ways for x, ways in here.items() if not low <= x < high}
            going, before = {x: w for x, w in here.items() if low <= x < high}, n
        return ended.get(responses, 0)

    def estimate(
        self, look: int, responses: int, *, p0: float, level: float = 0.95
    ) -> SingleArmEstimate:
        """What the trial says of p after it ended at a look (from 1) with so many responses.

        p0: the rate of the hypothesis. The p-value and the interval order ends by looks: activity
        found earlier is more extreme, futility found earlier is less so, and at one look more
        responses are more extreme; both are exact, and the interval covers with `level` or more.
        The estimate is the uniformly minimum-variance unbiased one, the share of the orders of
        outcomes that lead here which begin with a response.
        Source: Jennison and Turnbull 1983, Technometrics 25:49; Jung and Kim 2004, Stat Med 23:881.

        >>> trial = ExactSingleArm(looks=(12, 35), futile_at=(1, 5), active_at=(None, 6))
        >>> found = trial.estimate(2, 7, p0=0.1)
        >>> round(found.p_value, 4), round(found.estimate, 4)
        (0.045, 0.2361)
        """
        require_count("look", look, 1, len(self.looks))
        require_count("responses", responses, 0, self.looks[look - 1])
        require_rate("p0", p0)
        require_between("level", level, 0, 1)
        orders = self._orders(look, responses, begun=False)
        if not orders:
            raise DesignError(
                Message("{responses} responses at look {look}.", responses=responses, look=look),
                rule=Message("An estimate is of a trial that ended there."),
                fix=Message("Check the look and the count."),
            )
        alpha = 1 - level

        def extreme(p: float, *, strictly: bool = False) -> float:
            return self._extreme(
                look, responses + strictly, p, responses >= self._bounds[1][look - 1]
            )

        low = high = None
        if extreme(0.0) <= alpha / 2:
            low = root(lambda p: extreme(p) - alpha / 2, 0.0, 1.0)
        if extreme(1.0, strictly=True) >= 1 - alpha / 2:
            high = root(lambda p: extreme(p, strictly=True) - (1 - alpha / 2), 0.0, 1.0)
        unbiased = self._orders(look, responses, begun=True) / orders
        return SingleArmEstimate(
            extreme(p0), unbiased, 0.0 if low is None else low, 1.0 if high is None else high, level
        )

    def _extreme(self, look: int, responses: int, rate: float, active: bool) -> float:
        """The chance of an end as extreme or more: of one with activity, those of earlier looks and
        so many responses or more; of one with futility, all but those of earlier looks and fewer
        responses."""
        p = np.array([rate])
        here = list(self._responses(p))[look - 1][0]
        found = self.operating_characteristics([rate])
        if active:
            earlier = float(found.active_by_look[0, : look - 1].sum())
            return min(1.0, earlier + float(here[responses:].sum()))
        earlier = float(found.futile_by_look[0, : look - 1].sum())
        return max(0.0, 1 - earlier - float(here[:responses].sum()))

    def table(self) -> RuleTable:
        """Rows (treated, futile_at_most, active_at_least)."""
        rows = tuple(zip(self.looks, self.futile_at, self.active_at, strict=True))
        return RuleTable("ExactSingleArm", ("treated", "futile_at_most", "active_at_least"), rows)

    def describe(self) -> Message:
        """The rule in words."""
        return Message(
            "One arm, looks after {looks} participants: not active with at most {low} responses, "
            "active with at least {high}.",
            looks=", ".join(map(str, self.looks)),
            low=", ".join("–" if b is None else str(b) for b in self.futile_at),
            high=", ".join("–" if b is None else str(b) for b in self.active_at),
        )


def _bounds(trial: ExactSingleArm, rule: Message) -> DesignError:
    return DesignError(
        Message("futile_at is {low}, active_at {high}.", low=trial.futile_at, high=trial.active_at),
        rule=rule,
        fix=Message("Write for example futile_at (1, 5) and active_at (None, 6)."),
    )
