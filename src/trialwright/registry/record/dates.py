"""Dates as registers write them: a year, a month or a day, and never more precise than written."""

from __future__ import annotations

import calendar
import re
from dataclasses import dataclass
from datetime import date

_MONTHS = {name.lower(): number for number, name in enumerate(calendar.month_name) if name}
_MONTHS |= {name.lower(): number for number, name in enumerate(calendar.month_abbr) if name}

_ISO = re.compile(r"(\d{4})(?:-(\d{1,2})(?:-(\d{1,2}))?)?(?:T.*|\s\d{2}:.*)?\Z")
_WORDS = re.compile(r"([A-Za-z]+)\.?\s+(?:(\d{1,2}),?\s+)?(\d{4})\Z")
_DAY_FIRST = re.compile(r"(\d{1,2})/(\d{1,2})/(\d{4})(?:\s.*)?\Z")


@dataclass(frozen=True, slots=True, order=True)
class PartialDate:
    """A date of which the day, or the month and day, may be unknown.

    Sorting is by the earliest day it can be; use `earliest` and `latest` to compare honestly.
    """

    year: int
    month: int | None = None
    day: int | None = None

    def __post_init__(self) -> None:
        """Refuse a day that no calendar has."""
        if self.day is not None and self.month is None:
            raise ValueError("a day without a month is not a date")
        month, day = (1 if part is None else part for part in (self.month, self.day))
        date(self.year, month, day)

    def __str__(self) -> str:
        """ISO 8601, reduced precision: ``2017-10``.

        >>> str(PartialDate(2017, 10))
        '2017-10'
        """
        parts = [f"{self.year:04d}"]
        parts += [f"{part:02d}" for part in (self.month, self.day) if part is not None]
        return "-".join(parts)

    @property
    def earliest(self) -> date:
        """The first day it can be."""
        return date(self.year, self.month or 1, self.day or 1)

    @property
    def latest(self) -> date:
        """The last day it can be."""
        month = self.month or 12
        return date(self.year, month, self.day or calendar.monthrange(self.year, month)[1])


def read_date(text: str) -> PartialDate | None:
    """Read ``2017-10``, ``2017-09-28T12:56``, ``July 14, 2004``, ``July 2004`` or ``28/09/2017``.

    Returns None where the text is no date of the calendar.

    >>> read_date("July 2004")
    PartialDate(year=2004, month=7, day=None)
    >>> read_date("2004-02-30") is None
    True
    """
    text = text.strip()
    year = month = day = None
    if found := _ISO.match(text):
        year, month, day = found.groups()
    elif found := _WORDS.match(text):
        name, day, year = found.groups()
        month = str(_MONTHS.get(name.lower(), 0))
    elif found := _DAY_FIRST.match(text):
        day, month, year = found.groups()
    if year is None:
        return None
    try:
        return PartialDate(int(year), int(month) if month else None, int(day) if day else None)
    except ValueError:
        return None
