"""Dates as they are known: a year, a month or a day, and what can be said of their order."""

import calendar
import re
from dataclasses import dataclass
from datetime import date
from typing import Final

_DATE: Final = re.compile(r"(\d{4})(?:-(\d{2})(?:-(\d{2}))?)?(?:T.*)?")


@dataclass(frozen=True, slots=True)
class PartialDate:
    """The first and the last day that it may be.

    >>> partial_date("2014-02")
    PartialDate(first=datetime.date(2014, 2, 1), last=datetime.date(2014, 2, 28))
    """

    first: date
    last: date


def partial_date(text: str) -> PartialDate | None:
    """Read an ISO 8601 date that may lack its day or month; None for anything else."""
    read = _DATE.fullmatch(text.strip())
    if read is None:
        return None
    year, month, day = (int(part) if part else None for part in read.groups())
    try:
        if month is None:
            return PartialDate(date(year or 0, 1, 1), date(year or 0, 12, 31))
        if day is None:
            end = calendar.monthrange(year or 0, month)[1]
            return PartialDate(date(year or 0, month, 1), date(year or 0, month, end))
        return PartialDate(date(year or 0, month, day), date(year or 0, month, day))
    except (ValueError, calendar.IllegalMonthError):
        return None


def may_be_from(known: PartialDate | None, begin: PartialDate) -> bool:
    """Whether it may lie on or after a date: what is unknown never excludes an event."""
    return known is None or known.last >= begin.first


def may_be_by(known: PartialDate | None, end: PartialDate) -> bool:
    """Whether it may lie on or before a date."""
    return known is None or known.first <= end.last
