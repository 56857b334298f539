"""Safety monitoring of one group: hold when events reach a number that depends on those treated.

Every rule here is a table `hold_at[n]`; its operating characteristics are exact, by following the
distribution of events participant by participant until the boundary is met.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from math import floor
from typing import TYPE_CHECKING, Self

import numpy as np

from trialwright.analysis.notebook import Notebook
from trialwright.design.checks import (
    Floats,
    require_between,
    require_choice,
    require_count,
    require_events,
    require_kind,
    require_lists,
    require_prior,
    scenario_matrix,
)
from trialwright.design.counting import COUNTINGS, TREATED, describe_counted
from trialwright.design.errors import DesignError
from trialwright.design.table import Decision, RuleTable
from trialwright.messages import Message, sentences

if TYPE_CHECKING:
    from trialwright.design.treatment_schedule import TreatmentSchedule


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
    """Behaviour at each true event rate.

    rates, hold_probability, expected_participants, expected_events: one number per rate.
    hold_distribution: rates x participants; the chance that the hold comes after n participants.
    method: "exact", or "monte carlo" with the standard errors of the hold probabilities.
    expected_days: until the hold, or until the last participant was watched; with a schedule alone.

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
    standard_error: Floats | None = None
    expected_days: Floats | None = None


class StoppingRule(Notebook, ABC):
    """A rule that compiles to the number of events at which to hold, for 1, 2, … treated."""

    participants: int
    looks: tuple[int, ...]
    counted: str

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

    def _whole(self, said: Message) -> Message:
        """The rule in words, with whom it counts where it says, and the warning where it is due."""
        counts = () if self.counted == TREATED else (describe_counted(self.counted),)
        warns = () if self.warning is None else (self.warning,)
        return sentences(said, *counts, *warns)

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

    def operating_characteristics(
        self,
        rates: Sequence[float],
        schedule: TreatmentSchedule | None = None,
        *,
        method: str = "auto",
        trials: int = 10_000,
        seed: int = 1,
    ) -> StoppingCharacteristics:
        """Chance of a hold, and expected participants and events, at each true rate.

        Participants are treated one after the other, each outcome known before the next; after a
        hold nobody else is treated. Accuracy: rounding only (about 1e-15). With a `schedule` some
        are still watched when the rule is read: see `monitoring.follow`, which takes the rest.
        """
        p = scenario_matrix(np.atleast_2d(np.asarray(rates)), np.size(rates), "rates")[0]
        if schedule is not None:
            from trialwright.design.monitoring import follow

            return follow(self, p, schedule, method=method, trials=trials, seed=seed)
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


def check_reading(rule: StoppingRule) -> None:
    """Refuse a table without end, looks beyond it, and looks at a number that grows by time."""
    require_count("participants", rule.participants, 1, 10_000)
    require_lists(rule, "looks")
    for look in rule.looks:
        require_count("looks", look, 1, rule.participants)
    require_choice("counted", rule.counted, COUNTINGS)
    if rule.looks and rule.counted != TREATED:
        raise DesignError(
            Message("looks is {looks}, and counted is {counted!r}.",
                    looks=rule.looks, counted=rule.counted),
            rule=Message("Looks are numbers treated; another count can jump over them."),
            fix=Message("Leave the looks out, or count the treated."),
        )  # fmt: skip


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
    counted: str = TREATED

    def __post_init__(self) -> None:
        require_between("limit", self.limit, 0, 1)
        require_between("threshold", self.threshold, 0, 1)
        require_lists(self, "prior")
        require_prior("prior", self.prior)
        check_reading(self)

    @classmethod
    def calibrated(
        cls,
        *,
        limit: float,
        prior: tuple[float, float],
        size: float,
        participants: int,
        looks: tuple[int, ...] = (),
        counted: str = TREATED,
        schedule: TreatmentSchedule | None = None,
    ) -> Self:
        """The rule with the lowest threshold whose chance of a hold at the limit is at most `size`.

        With a `schedule` the chance is that of a trial which treats by it, exact alone. Source:
        Geller and others 2003, as in Martens and Logan 2024, Clin Trials 21:152.

        >>> rule = BetaBinomialStopping.calibrated(
        ...     limit=0.15, prior=(0.3, 1.7), size=0.10, participants=30
        ... )
        >>> rule.threshold, rule.operating_characteristics([0.15]).hold_probability.round(4)
        (0.968, array([0.1]))
        """
        require_between("size", size, 0, 1)
        rule = cls(limit, prior, 0.5, participants, looks, counted)
        seen = {
            rule.exceedance(n, y)
            for n in range(1, participants + 1)
            if not rule.looks or n in rule.looks
            for y in range(n + 1)
        }
        levels = sorted(level for level in seen if 0 < level < 1)
        found = least_strict(
            levels, lambda level: replace(rule, threshold=level), limit, size, schedule
        )
        # Between the posterior probability that just holds and the next lower one, so that no
        # rounding of the threshold in print moves a bound.
        below = max((each for each in levels if each < found), default=0.0)
        return replace(rule, threshold=_shortest(below, found))

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
        return replace(self, participants=participants)

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
        return self._whole(said)


def least_strict(
    levels: Sequence[float],
    rule_at: Callable[[float], StoppingRule],
    limit: float,
    size: float,
    schedule: TreatmentSchedule | None = None,
) -> float:
    """The lowest of the levels, in order, whose rule has at most `size` as chance of a hold at the
    rate `limit`; a higher level never holds more often."""
    method = "exact" if schedule else "auto"
    low, high = -1, len(levels)
    while high - low > 1:
        middle = (low + high) // 2
        rule = rule_at(levels[middle])
        spent = rule.operating_characteristics([limit], schedule, method=method).hold_probability
        low, high = (low, middle) if spent[0] <= size else (middle, high)
    if high == len(levels):
        raise DesignError(
            Message("size is {size:g}.", size=size),
            rule=Message("Even the strictest rule holds more often than that at the limit."),
            fix=Message("Plan more participants, or allow a larger size."),
        )
    return levels[high]


def _shortest(above: float, most: float) -> float:
    """The number of fewest decimals that is above one number and at most the other."""
    for digits in range(2, 16):
        found: float = floor(most * 10.0**digits) / 10.0**digits
        if above < found <= most:
            return found
    return most


@dataclass(frozen=True, slots=True)
class CalibratedThreshold(Notebook):
    """What a beta-binomial rule's threshold is searched for: see `BetaBinomialStopping.calibrated`.

    >>> aim = CalibratedThreshold(limit=0.15, prior=(0.3, 1.7), size=0.10, participants=30)
    >>> aim.rule.threshold
    0.968
    """

    limit: float
    prior: tuple[float, float]
    size: float
    participants: int

    @property
    def rule(self) -> BetaBinomialStopping:
        """The rule found."""
        return BetaBinomialStopping.calibrated(
            limit=self.limit, prior=self.prior, size=self.size, participants=self.participants
        )


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
