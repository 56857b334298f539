"""Frequentist safety boundaries: the least strict of a shape that keeps an exact type I error."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from math import inf, log

import numpy as np

from trialwright.design.checks import Floats, require_between, require_choice, require_events
from trialwright.design.counting import TREATED
from trialwright.design.stopping import StoppingRule, check_reading, least_strict
from trialwright.messages import Message

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
    "pocock", "obrien-fleming", or D as a number in [-1, 1]. participants: N. looks and counted: as
    of `BetaBinomialStopping`.

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
    counted: str = TREATED

    def __post_init__(self) -> None:
        require_between("limit", self.limit, 0, 1)
        require_between("size", self.size, 0, 1)
        check_reading(self)
        if isinstance(self.shape, str):
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
        return self._whole(said)


@dataclass(frozen=True)
class LikelihoodRatioBoundary(StoppingRule):
    """Continuous monitoring by a truncated sequential probability ratio test (SPRT).

    Estimand: p, the event rate of the group, tested against p <= limit. With y events among n
    counted, hold when y log(q/limit) + (n - y) log((1 - q)/(1 - limit)) >= c, where q is the
    `alternative`, or, without one, y/n where that is above the limit (the maximised test). c is
    the smallest value whose exact chance of a hold at the rate `limit` is at most `size`.

    limit: the acceptable event rate. alternative: a rate that is too high, above the limit. size:
    the largest chance of a hold at the limit. participants: how many at the most. looks and
    counted: as of `BetaBinomialStopping`.

    Accuracy: the chance of a hold is exact, and so is c. Source: Goldman 1987, Control Clin Trials
    8:327 (truncated); Kulldorff and others 2011, Sequential Analysis 30:58 (maximised).

    >>> rule = LikelihoodRatioBoundary(limit=0.2, size=0.05, participants=30, alternative=0.4)
    >>> rule.hold_at[3:8], round(rule.critical, 3)
    ((None, 4, 4, 5, 5), 2.446)
    """

    limit: float
    size: float
    participants: int
    alternative: float | None = None
    looks: tuple[int, ...] = ()
    counted: str = TREATED

    def __post_init__(self) -> None:
        require_between("limit", self.limit, 0, 1)
        require_between("size", self.size, 0, 1)
        if self.alternative is not None:
            require_between("alternative", self.alternative, self.limit, 1)
        check_reading(self)

    def log_ratio(self, treated: int, events: int) -> float:
        """The logarithm of the likelihood ratio; 0 where nothing speaks for a higher rate."""
        require_events(treated, events)
        rate = self.alternative
        if rate is None:
            if events <= self.limit * treated:
                return 0.0
            rate = events / treated
        free = treated - events
        without = free * log((1 - rate) / (1 - self.limit)) if free else 0.0
        return (events * log(rate / self.limit) if events else 0.0) + without

    @cached_property
    def critical(self) -> float:
        """c, the least log ratio that holds."""
        read = self.looks or range(1, self.participants + 1)
        levels = sorted({self.log_ratio(n, y) for n in read for y in range(n + 1)} - {0.0})
        positive = [level for level in levels if level > 0]
        return least_strict([*positive, inf], self._at, self.limit, self.size)

    def _at(self, level: float) -> StoppingRule:
        bounds: list[int | None] = [None]
        for n in range(1, self.participants + 1):
            looked = not self.looks or n in self.looks
            crossing = (y for y in range(n + 1) if self.log_ratio(n, y) >= level)
            bounds.append(next(crossing, None) if looked else None)
        return _Fixed(tuple(bounds), self.participants)

    def _holds(self, treated: int, events: int) -> bool:
        return self.log_ratio(treated, events) >= self.critical

    def describe(self) -> Message:
        facts = {"limit": self.limit, "size": self.size, "participants": self.participants}
        if self.alternative is None:
            said = Message(
                "Hold when the likelihood ratio of the observed event rate against {limit:.0%} is "
                "too large; the chance of ever holding at that rate is at most {size:g} "
                "({participants} participants).",
                **facts,
            )
        else:
            said = Message(
                "Hold when the likelihood ratio of an event rate of {alternative:.0%} against "
                "{limit:.0%} is too large; the chance of ever holding at that rate is at most "
                "{size:g} ({participants} participants).",
                **facts,
                alternative=self.alternative,
            )
        return self._whole(said)


@dataclass(frozen=True)
class _Fixed(StoppingRule):
    """A boundary given as its table."""

    bounds: tuple[int | None, ...]
    participants: int
    looks: tuple[int, ...] = ()
    counted: str = TREATED

    @cached_property
    def hold_at(self) -> tuple[int | None, ...]:
        return self.bounds

    def _holds(self, treated: int, events: int) -> bool:
        bound = self.bounds[treated]
        return bound is not None and events >= bound

    def describe(self) -> Message:
        return Message("Hold at the numbers of the table.")
