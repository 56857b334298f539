"""Safety monitoring of one group: hold when events reach a number that depends on those treated.

Every rule here is a table `hold_at[n]`; its operating characteristics are exact, by following the
distribution of events participant by participant until the boundary is met.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Self

import numpy as np

from trialwright.analysis.notebook import Notebook
from trialwright.design.checks import (
    Floats,
    require_between,
    require_count,
    require_events,
    require_kind,
    require_lists,
    require_prior,
    scenario_matrix,
)
from trialwright.design.errors import DesignError
from trialwright.design.table import Decision, RuleTable
from trialwright.messages import Message, sentences


@dataclass(frozen=True, slots=True)
class MonitoringState(Notebook):
    """Counts of one monitored group: treated participants, and those with a stopping event.

    >>> MonitoringState().observe(treated=3, events=1).observe(treated=2, events=0)
    MonitoringState(treated=5, events=1)
    """

    treated: int = 0
    events: int = 0

    def __post_init__(self) -> None:
        require_events(self.treated, self.events)

    def observe(self, treated: int, events: int) -> MonitoringState:
        """The state after `treated` more participants, `events` of them with an event."""
        require_events(treated, events)
        return MonitoringState(self.treated + treated, self.events + events)


@dataclass(frozen=True, slots=True)
class StoppingCharacteristics(Notebook):
    """Exact behaviour at each true event rate.

    rates, hold_probability, expected_participants, expected_events: one number per rate.
    hold_distribution: rates x participants; the chance that the hold comes after n participants.

    >>> rule = BetaBinomialStopping(limit=0.5, prior=(1, 1), threshold=0.8, participants=2)
    >>> rule.operating_characteristics([0.5]).hold_distribution
    array([[0.  , 0.25]])
    """

    rates: Floats
    hold_probability: Floats
    expected_participants: Floats
    expected_events: Floats
    hold_distribution: Floats
    method: str = "exact"


class StoppingRule(Notebook, ABC):
    """A rule that compiles to the number of events at which to hold, for 1, 2, … treated."""

    participants: int
    looks: tuple[int, ...]

    @abstractmethod
    def _holds(self, treated: int, events: int) -> bool:
        """Does this count hold? Must be monotone in events."""

    @abstractmethod
    def describe(self) -> Message:
        """The rule in words, for the protocol."""

    @cached_property
    def hold_at(self) -> tuple[int | None, ...]:
        """Entry n: hold when at least so many events among n treated; None where none can."""
        bounds: list[int | None] = [None]
        for n in range(1, self.participants + 1):
            looked = not self.looks or n in self.looks
            crossing = (y for y in range(n + 1) if self._holds(n, y))
            bounds.append(next(crossing, None) if looked else None)
        return tuple(bounds)

    @property
    def warning(self) -> Message | None:
        """That the rule is without effect, where no count of events would ever hold."""
        if any(bound is not None for bound in self.hold_at):
            return None
        return Message(
            "Warning: with up to {participants} participants no number of events holds; the rule "
            "can never act.",
            participants=self.participants,
        )

    def _with_warning(self, said: Message) -> Message:
        return said if self.warning is None else sentences(said, self.warning)

    def table(self, participants: int | None = None) -> RuleTable:
        """Rows (treated, hold_at): hold when the events are at least `hold_at`."""
        last = self.participants if participants is None else participants
        require_count("participants", last, 1, self.participants)
        rows = tuple((n, self.hold_at[n]) for n in range(1, last + 1))
        return RuleTable(type(self).__name__, ("treated", "hold_at"), rows)

    def start(self) -> MonitoringState:
        """Nobody treated yet."""
        return MonitoringState()

    def decide(self, state: MonitoringState) -> Decision:
        """Read the table: `hold`, or `continue` with how many more events would hold."""
        require_kind("state", state, MonitoringState)
        require_count("treated", state.treated, 0, self.participants)
        name, n, y = type(self).__name__, state.treated, state.events
        bound = self.hold_at[n]
        if bound is None:
            reason = Message("{y} of {n}: no count holds here.", y=y, n=n)
            return Decision("continue", None, reason, name)
        if y >= bound:
            reason = Message(
                "{y} of {n} had a stopping event; the rule holds at {bound}.", y=y, n=n, bound=bound
            )
            return Decision("hold", None, reason, name)
        more = bound - y
        reason = Message(
            "{y} of {n} had a stopping event; {more} more would hold.", y=y, n=n, more=more
        )
        return Decision("continue", None, reason, name)

    def operating_characteristics(self, rates: Sequence[float]) -> StoppingCharacteristics:
        """Exact chance of a hold, and expected participants and events, at each true rate.

        Participants are treated one after the other, each outcome known before the next; after a
        hold nobody else is treated. Accuracy: rounding only (about 1e-15).
        """
        p = scenario_matrix(np.atleast_2d(np.asarray(rates)), np.size(rates), "rates")[0]
        size = self.participants
        alive = np.zeros((len(p), size + 1))
        alive[:, 0] = 1.0
        held = np.zeros((len(p), size + 1))
        events = np.zeros(len(p))
        reached = np.zeros(len(p))
        for n in range(1, size + 1):
            here = alive.sum(axis=1)
            reached += here
            events += here * p
            grown = alive * (1 - p)[:, None]
            grown[:, 1:] += alive[:, :-1] * p[:, None]
            bound = self.hold_at[n]
            if bound is not None:
                held[:, n] = grown[:, bound:].sum(axis=1)
                grown[:, bound:] = 0.0
            alive = grown
        return StoppingCharacteristics(p, held.sum(axis=1), reached, events, held[:, 1:])


def _check_size(rule: StoppingRule) -> None:
    require_count("participants", rule.participants, 1, 10_000)
    require_lists(rule, "looks")
    for look in rule.looks:
        require_count("looks", look, 1, rule.participants)


@dataclass(frozen=True)
class BetaBinomialStopping(StoppingRule):
    """Hold when the posterior probability that the event rate exceeds a limit is high enough.

    Estimand: p, the event rate of the group. With prior Beta(a, b), y events among n treated:
    hold when P(p > limit | Beta(a + y, b + n - y)) >= threshold.

    limit: the rate not to be exceeded, in (0, 1). prior: (a, b), both above 0. threshold: in
    (0, 1). participants: how far the table reaches. looks: counts of treated at which the rule is
    read; after every participant if left out.

    Accuracy: posterior probabilities to about 1e-14; the table is whole numbers.
    Source: Thall and Simon 1994, Biometrics 50:337; Geller and others 2003 for the safety use.

    >>> arm = BetaBinomialStopping(limit=0.15, prior=(0.3, 1.7), threshold=0.85, participants=10)
    >>> arm.hold_at[1:]
    (None, 2, 2, 2, 2, 3, 3, 3, 3, 4)
    >>> arm.operating_characteristics([0.10]).hold_probability.round(3)
    array([0.101])
    """

    limit: float
    prior: tuple[float, float]
    threshold: float
    participants: int
    looks: tuple[int, ...] = ()

    def __post_init__(self) -> None:
        require_between("limit", self.limit, 0, 1)
        require_between("threshold", self.threshold, 0, 1)
        require_lists(self, "prior")
        require_prior("prior", self.prior)
        _check_size(self)

    def exceedance(self, treated: int, events: int) -> float:
        """Posterior probability that the event rate is above the limit."""
        from scipy.special import betaincc

        require_events(treated, events)
        a, b = self.prior
        return float(betaincc(a + events, b + treated - events, self.limit))

    def _holds(self, treated: int, events: int) -> bool:
        return self.exceedance(treated, events) >= self.threshold

    def reaching(self, participants: int) -> Self:
        """The same rule with a table for more or fewer participants."""
        return type(self)(self.limit, self.prior, self.threshold, participants, self.looks)

    def describe(self) -> Message:
        a, b = self.prior
        said = Message(
            "Hold when the posterior probability that the event rate exceeds {limit:.0%} is "
            "{threshold:g} or more (prior Beta({a:g}, {b:g})).",
            limit=self.limit,
            threshold=self.threshold,
            a=a,
            b=b,
        )
        return self._with_warning(said)


def require_reach(name: str, rule: StoppingRule, needed: int) -> None:
    """Refuse a table that ends before the largest number that can be treated."""
    if rule.participants < needed:
        raise DesignError(
            Message(
                "The table of {name} ends at {participants} participants.",
                name=name,
                participants=rule.participants,
            ),
            rule=Message(
                "It must reach {needed}, the most that the allocation can bring.", needed=needed
            ),
            fix=Message(
                "Set participants of {name} to {needed} or more.", name=name, needed=needed
            ),
        )


SHAPES = {"pocock": 0.5, "obrien-fleming": 0.0}


@dataclass(frozen=True)
class ToxicityBoundary(StoppingRule):
    """Frequentist continuous monitoring: hold when the events would be surprising at rate `limit`.

    Estimand: p, the event rate of the group, tested against p <= limit. With y events among n
    treated, hold when P(Y >= y | n, limit) <= 1 - Phi(c (n/N)^(D - 1/2)), N all participants. D =
    1/2 is Pocock's shape (the same level at every look), D = 0 that of O'Brien and Fleming (strict
    early); c is the smallest value (the least strict boundary) whose exact chance of a hold at the
    rate `limit` is at most `size`. Where D < 1/2 the level rises with n, so in a small trial the
    bound on the count may be lower at a later look than at the first.

    limit: the acceptable event rate. size: the largest chance of a hold at that rate. shape:
    "pocock", "obrien-fleming", or D as a number in [-1, 1]. participants: N. looks: as above.

    Accuracy: the chance of a hold is exact; c is found to about 1e-15.
    Source: Wang and Tsiatis 1987, Biometrics 43:193, applied to exact binomial levels as in
    Ivanova, Qaqish and Schell 2005, Biometrics 61:540.

    >>> rule = ToxicityBoundary(limit=0.2, size=0.05, shape="pocock", participants=20)
    >>> bool(rule.operating_characteristics([0.2]).hold_probability[0] <= 0.05)
    True
    """

    limit: float
    size: float
    participants: int
    shape: str | float = "pocock"
    looks: tuple[int, ...] = ()

    def __post_init__(self) -> None:
        require_between("limit", self.limit, 0, 1)
        require_between("size", self.size, 0, 1)
        _check_size(self)
        if isinstance(self.shape, str):
            from trialwright.design.checks import require_choice

            require_choice("shape", self.shape, SHAPES)
        else:
            require_between("shape", self.shape, -1.000001, 1.000001)

    @property
    def delta(self) -> float:
        """Wang and Tsiatis's exponent D."""
        return SHAPES[self.shape] if isinstance(self.shape, str) else self.shape

    @cached_property
    def levels(self) -> tuple[float, ...]:
        """The nominal level at n = 0, 1, …, N treated."""
        low, high = -8.0, 8.0 if self.delta >= 0.5 else 40.0
        for _ in range(60):
            middle = (low + high) / 2
            fixed = _Fixed(self._bounds(self._levels(middle)), self.participants)
            spent = fixed.operating_characteristics([self.limit]).hold_probability[0]
            low, high = (low, middle) if spent <= self.size else (middle, high)
        return self._levels(high)

    def _levels(self, c: float) -> tuple[float, ...]:
        from scipy.special import ndtr

        n = np.arange(1, self.participants + 1)
        z = c * (n / self.participants) ** (self.delta - 0.5)
        return (0.0, *map(float, ndtr(-z)))

    def _bounds(self, levels: Sequence[float]) -> tuple[int | None, ...]:
        bounds: list[int | None] = [None]
        for n in range(1, self.participants + 1):
            looked = not self.looks or n in self.looks
            crossing = np.flatnonzero(self._tails[n, : n + 1] <= levels[n])
            bounds.append(int(crossing[0]) if looked and len(crossing) else None)
        return tuple(bounds)

    @cached_property
    def _tails(self) -> Floats:
        """P(Y >= y | n, limit) at [n, y]."""
        from scipy.special import bdtrc

        n, y = np.ogrid[: self.participants + 1, : self.participants + 1]
        tails = bdtrc(np.maximum(y - 1.0, 0), np.maximum(n, 1), self.limit)
        return np.where(y == 0, 1.0, np.where(y > n, 0.0, tails))

    def _holds(self, treated: int, events: int) -> bool:
        return bool(self._tails[treated, events] <= self.levels[treated])

    def describe(self) -> Message:
        said = Message(
            "Hold when the events would be too surprising at a true rate of {limit:.0%}; the "
            "chance of ever holding at that rate is at most {size:g} ({shape} shape, "
            "{participants} participants).",
            limit=self.limit,
            size=self.size,
            shape=self.shape,
            participants=self.participants,
        )
        return self._with_warning(said)


@dataclass(frozen=True)
class _Fixed(StoppingRule):
    """A boundary given as its table."""

    bounds: tuple[int | None, ...]
    participants: int
    looks: tuple[int, ...] = ()

    @cached_property
    def hold_at(self) -> tuple[int | None, ...]:
        return self.bounds

    def _holds(self, treated: int, events: int) -> bool:
        bound = self.bounds[treated]
        return bound is not None and events >= bound

    def describe(self) -> Message:
        return Message("Hold at the numbers of the table.")
