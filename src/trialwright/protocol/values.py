"""The values an item can hold, and the canonical text each is stored and hashed as.

Numbers are decimals that keep what was typed ('3.10' stays '3.10'); dates keep their precision;
a laboratory value under or over its limit of quantification stays '<1.2'; a missing value has a
reason. Nothing here is a float.
"""

import calendar
import re
from dataclasses import dataclass
from datetime import date, time
from decimal import Decimal


@dataclass(frozen=True, slots=True)
class PartialDate:
    """A date known to the day, the month or the year.

    >>> str(PartialDate(2026, 3)), PartialDate(2026, 3).first, PartialDate(2026, 2).last
    ('2026-03', datetime.date(2026, 3, 1), datetime.date(2026, 2, 28))

    Raises ValueError for a day without a month, or a day that the calendar doesn't have.
    """

    year: int
    month: int | None = None
    day: int | None = None

    def __post_init__(self) -> None:
        if self.month is None and self.day is not None:
            raise ValueError("a day needs its month")
        date(self.year, self.month or 1, self.day or 1)

    @classmethod
    def of(cls, day: date) -> "PartialDate":
        """A full date."""
        return cls(day.year, day.month, day.day)

    @classmethod
    def parse(cls, text: str) -> "PartialDate":
        """Read ISO text of any precision: '2026', '2026-03' or '2026-03-15'."""
        parts = text.split("-")
        widths = [len(part) for part in parts]
        if widths not in ([4], [4, 2], [4, 2, 2]) or not all(
            part.isascii() and part.isdigit() for part in parts
        ):
            raise ValueError(f"{text!r} is not a date written as 2026, 2026-03 or 2026-03-15")
        return cls(*(int(part) for part in parts))

    @property
    def full(self) -> date | None:
        """The day, where it is known to the day."""
        return self.first if self.day is not None else None

    @property
    def first(self) -> date:
        """The earliest day this can be."""
        return date(self.year, self.month or 1, self.day or 1)

    @property
    def last(self) -> date:
        """The latest day this can be."""
        month = self.month or 12
        return date(self.year, month, self.day or calendar.monthrange(self.year, month)[1])

    def __str__(self) -> str:
        text = f"{self.year:04d}"
        if self.month is not None:
            text += f"-{self.month:02d}"
        if self.day is not None:
            text += f"-{self.day:02d}"
        return text


@dataclass(frozen=True, slots=True)
class Censored:
    """A laboratory value known only to lie under ('<') or over ('>') a limit."""

    side: str
    limit: Decimal

    def __str__(self) -> str:
        return f"{self.side}{self.limit:f}"


@dataclass(frozen=True, slots=True)
class Missing:
    """No value, and why: a code of the protocol's `missing_reasons`."""

    reason: str


Value = bool | Decimal | str | PartialDate | time | Censored


_TIME = re.compile(r"([01][0-9]|2[0-3]):([0-5][0-9])", re.ASCII)


def read_time(text: str) -> time:
    """The time of day that HH:MM names, from 00:00 to 23:59; nothing else is one.

    Python's own reader differs from one version to the next: 24:00 is refused by 3.11 and becomes
    the beginning of the same day in 3.14, and seconds, zones and "T0830" are read by all.

    >>> read_time("08:30")
    datetime.time(8, 30)

    Raises ValueError.
    """
    found = _TIME.fullmatch(text)
    if found is None:
        raise ValueError(f"{text!r} is not a time of day")
    return time(int(found[1]), int(found[2]))


def canonical(value: Value) -> str:
    """The one text a value is stored, compared and hashed as.

    >>> canonical(Decimal("3.10")), canonical(True), canonical(Censored("<", Decimal("1.2")))
    ('3.10', 'yes', '<1.2')
    """
    match value:
        case bool():
            return "yes" if value else "no"
        case Decimal():
            return f"{value:f}"
        case time():
            return value.strftime("%H:%M")
        case _:
            return str(value)
