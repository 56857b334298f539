"""Lengths of time as a protocol writes them: `21 d`, `6 weeks`, `3 months`, `1 year`."""

import calendar
import re
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

MOST_DAYS = 100_000
"""The longest length, some 274 years: much further the calendar ends."""


class Unit(StrEnum):
    """A unit of the calendar."""

    DAY = "day"
    WEEK = "week"
    MONTH = "month"
    YEAR = "year"


_DAYS = {Unit.DAY: 1, Unit.WEEK: 7}
_MONTHS = {Unit.MONTH: 1, Unit.YEAR: 12}
_WORDS = {
    "d": Unit.DAY,
    "w": Unit.WEEK,
    "m": Unit.MONTH,
    "y": Unit.YEAR,
} | {name: unit for unit in Unit for name in (unit.value, f"{unit.value}s")}
_WRITTEN = re.compile(r"([0-9]{1,6})\s*([a-z]+)")


@dataclass(frozen=True, slots=True)
class Duration:
    """A number of days, weeks, months or years of the calendar."""

    number: int
    unit: Unit

    def __str__(self) -> str:
        return f"{self.number} {self.unit}{'' if self.number == 1 else 's'}"

    @property
    def days(self) -> int:
        """Its length in days; 0 for one of months or years, which have no one length."""
        return self.number * _DAYS.get(self.unit, 0)

    @property
    def months(self) -> int:
        """Its length in months; 0 for one of days or weeks."""
        return self.number * _MONTHS.get(self.unit, 0)

    @property
    def least_days(self) -> int:
        """The fewest days it can have: a month has at least 28."""
        return self.days + 28 * self.months

    def after(self, day: date, times: int = 1) -> date:
        """Return the day that lies this long after `day`, `times` over.

        >>> Duration(3, Unit.WEEK).after(date(2026, 1, 1), times=2)
        datetime.date(2026, 2, 12)
        """
        return months_after(day, times * self.months) + timedelta(days=times * self.days)


def months_after(day: date, months: int) -> date:
    """Return the same day of the month so many months later, or the last of a shorter month.

    Raises OverflowError past the year 9999.

    >>> months_after(date(2028, 1, 31), 1), months_after(date(2028, 1, 31), 2)
    (datetime.date(2028, 2, 29), datetime.date(2028, 3, 31))
    """
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    if not date.min.year <= year <= date.max.year:
        raise OverflowError("The day lies outside the calendar.")
    return date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


def parse_duration(text: str) -> Duration:
    """Read a length of time; raises ValueError.

    >>> parse_duration("6 w"), parse_duration("1 year")
    (Duration(number=6, unit=<Unit.WEEK: 'week'>), Duration(number=1, unit=<Unit.YEAR: 'year'>))
    """
    written = _WRITTEN.fullmatch(text.strip())
    if written is None or written[2] not in _WORDS:
        raise ValueError(text)
    duration = Duration(int(written[1]), _WORDS[written[2]])
    if duration.days + 31 * duration.months > MOST_DAYS:
        raise ValueError(text)
    return duration
