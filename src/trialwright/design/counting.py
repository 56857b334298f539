"""Whom a safety rule counts at a moment: the state that it reads, built from what has happened.

It matters: participants who were treated and are still watched make a rule more lenient where they
count, since they are counted as free of events.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from trialwright.design.checks import Floats
from trialwright.messages import Message

TREATED = "treated"
"""Everybody treated counts from the treatment on."""
EVALUABLE = "evaluable"
"""A participant counts once an event is known, or the window was watched to its end without one."""

TIME_WEIGHTED = "time-weighted"
"""A participant with a known event counts as one, one without as the part of the window watched."""
COUNTINGS = (TREATED, EVALUABLE, TIME_WEIGHTED)

Flags = NDArray[np.bool_]
_ROUNDING = 1e-9
_JUST_BELOW_ONE = float(np.nextafter(1, 0))


class Course(NamedTuple):
    """When each participant was treated, and when a stopping event became known; in days, infinite
    for never. Any shape, the same for both.

    >>> course = Course(np.array([0.0, 7.0, 14.0]), np.array([np.inf, 9.0, np.inf]))
    >>> [int(each.sum()) for each in course.at(28.0, 28.0, EVALUABLE)]
    [2, 1]
    >>> [int(each.sum()) for each in course.at(28.0, 28.0, TREATED)]
    [3, 1]
    """

    treated_at: Floats
    known_at: Floats
    watched_until: ArrayLike = np.inf
    """When watching ended early (a loss, a death); infinite where it didn't."""

    def seen(self, now: ArrayLike, follow_up_days: float) -> tuple[Flags, Flags, Flags]:
        """At a moment: who is treated, who has an event that is known, who was watched to the end
        of the window."""
        now = np.asarray(now)
        treated = self.treated_at <= now
        watched = self.treated_at + follow_up_days <= np.minimum(now, self.watched_until)
        return treated, treated & (self.known_at <= now), watched

    def share(self, now: ArrayLike, follow_up_days: float) -> Floats:
        """The part of the window, from 0 to 1, for which each participant was watched by then."""
        _treated, _event, watched = self.seen(now, follow_up_days)
        days = np.minimum(now, self.watched_until) - self.treated_at
        part = np.clip(days / follow_up_days, 0, _JUST_BELOW_ONE) if follow_up_days else 0.0
        share: Floats = np.where(watched, 1.0, part)
        return share

    def counts(
        self, now: ArrayLike, follow_up_days: float, counted: str
    ) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """How many count at a moment, and how many of them have a known event; summed over the
        last axis.

        >>> course = Course(np.array([0.0, 7.0, 14.0]), np.array([np.inf, 9.0, np.inf]))
        >>> [int(each) for each in course.counts(24.0, 28.0, TIME_WEIGHTED)]
        [2, 1]
        """
        treated, event, _watched = self.seen(now, follow_up_days)
        share = self.share(now, follow_up_days)
        return number_counted(treated, event, share, counted), event.sum(axis=-1)

    def at(self, now: ArrayLike, follow_up_days: float, counted: str) -> tuple[Flags, Flags]:
        """Who counts at a moment, and who of them has an event that is known by then."""
        treated, event, watched = self.seen(now, follow_up_days)
        return counting(treated, event, watched, counted), event


def counting(treated: Flags, event: Flags, watched: Flags, counted: str) -> Flags:
    """Who of the treated counts: all of them, or those with an event or watched to the end."""
    return treated if counted == TREATED else event | watched


def number_counted(treated: Flags, event: Flags, share: Floats, counted: str) -> NDArray[np.int64]:
    """How many count, summed over the last axis; `share` is the part of the window watched.

    Weights of time are added and rounded down to whole participants, which can only make a rule
    stricter: more follow-up than there was never counts.
    """
    if counted == TIME_WEIGHTED:
        weights = np.where(event, 1.0, np.where(treated, share, 0.0))
        whole: NDArray[np.int64] = np.floor(weights.sum(axis=-1) + _ROUNDING).astype(np.int64)
        return whole
    number: NDArray[np.int64] = counting(treated, event, share >= 1, counted).sum(axis=-1)
    return number


def describe_counted(counted: str) -> Message:
    """Whom the rules count, in words."""
    if counted == TREATED:
        return Message("Counted are all treated participants.")
    if counted == TIME_WEIGHTED:
        return Message(
            "A participant with an event counts as one, one without as the part of the window "
            "watched so far; the sum is rounded down."
        )
    return Message(
        "Counted are evaluable participants: with an event, or watched to the end without one."
    )
