"""Visits that come again and again: cycles of treatment, yearly follow-up, calls until death.

A cycle begins at an anchor and repeats by its length. Its first occurrence is number 1, and day 1
of an occurrence is the day on which that occurrence begins.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from types import MappingProxyType

from trialwright.protocol.basics import Text
from trialwright.protocol.durations import Duration, months_after
from trialwright.protocol.visits import Reference

MOST_TIMES = 1_000
"""The most occurrences a cycle may state: one a day for nearly three years."""


PARTICIPATION_END = "participation_end"
"""What ends a cycle that has neither a number nor a moment of its own."""


class NextFrom(StrEnum):
    """What the next occurrence is counted from."""

    PLAN = "plan"
    LAST_ACTUAL = "last_actual"


@dataclass(frozen=True, slots=True)
class Stretch:
    """A part of a cycle with one length; `times` is None where it goes on without a number."""

    every: Duration
    times: int | None


@dataclass(frozen=True, slots=True)
class Cycle:
    """A repetition: from when, how long each occurrence is, and what ends it.

    `until` names an anchor, after whose day no occurrence begins; without it, and without a
    number, a cycle goes on as long as the participation. Only the last stretch may be without a
    number. `next_on` is a date of one of its visits on which somebody decides when the next
    occurrence begins; until there is one, the length says it.
    """

    key: str
    label: Text
    anchor: str
    stretches: tuple[Stretch, ...]
    until: str | None
    next_from: NextFrom
    line: int
    next_on: Reference | None = None

    @property
    def times(self) -> int | None:
        """The number of occurrences, or None where only `until` or the study ends it."""
        numbers = [stretch.times for stretch in self.stretches]
        return None if None in numbers else sum(number or 0 for number in numbers)

    def begins(
        self,
        occurrence: int,
        start: date,
        actual: Mapping[int, date],
        decided: Mapping[int, date] = MappingProxyType({}),
    ) -> date | None:
        """Return the day on which an occurrence begins; None if the cycle has no such one.

        Args:
            occurrence: counted from 1.
            start: the day of the cycle's anchor.
            actual: the days on which occurrences began in fact; they move the following ones if
                the cycle counts from the last actual day.
            decided: the days on which occurrences begin because somebody decided it.

        >>> from trialwright.protocol.durations import parse_duration
        >>> three_weeks = Stretch(parse_duration("21 d"), None)
        >>> q3w = Cycle("q3w", Text("", ""), "start", (three_weeks,), None, NextFrom.LAST_ACTUAL, 1)
        >>> q3w.begins(3, date(2026, 1, 1), {})
        datetime.date(2026, 2, 12)
        >>> q3w.begins(3, date(2026, 1, 1), {2: date(2026, 1, 29)})
        datetime.date(2026, 2, 19)
        >>> q3w.begins(3, date(2026, 1, 1), {2: date(2026, 1, 29)}, {3: date(2026, 3, 2)})
        datetime.date(2026, 3, 2)
        """
        if self.times is not None and occurrence > self.times:
            return None
        moved = {1: start, **decided}
        if self.next_from is NextFrom.LAST_ACTUAL:
            moved |= actual
        first = max(number for number in moved if number <= occurrence)
        origin = moved[first]
        return self._after(origin, first, occurrence)

    def _after(self, origin: date, first: int, last: int) -> date:
        """The day on which occurrence `last` begins if `first` begins on `origin`.

        Months are added up before they are counted, so that the 31st stays the 31st.
        """
        day, months, number = origin, 0, 1
        for stretch in self.stretches:
            end = last if stretch.times is None else min(last, number + stretch.times)
            steps = max(0, end - max(number, first))
            if stretch.every.days and steps:
                day, months = months_after(day, months), 0
            day += timedelta(days=steps * stretch.every.days)
            months += steps * stretch.every.months
            number = end
        return months_after(day, months)
