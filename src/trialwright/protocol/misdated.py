"""Why what was typed is no date or no time of day: which part of it, and what would be one."""

import calendar
import re

from trialwright.messages import Message
from trialwright.messages.dates import date_words, month_number
from trialwright.protocol.basics import Text

_CLOCK = re.compile(r"([0-9]{1,2})[:.\uff1a]?([0-9]{2})")


def misdated(typed: str, label: Text) -> Message | None:
    """The fault of a date as the boxes put it together (year-month-day); None where none is known.

    >>> misdated("2026-11-31", Text("the scan", "")).in_language("en")
    'November 2026 has 30 days: the scan'
    """
    year, month, day = [part.strip() for part in [*typed.split("-", 2), "", ""][:3]]
    if not (year.isascii() and year.isdigit()):
        return None
    if len(year) != 4 or year == "0000":
        return Message("Write the year with four digits, such as 2026: {label}", label=label)
    number = month_number(month) if month else None
    if month and number is None:
        return Message(
            "“{month}” is no month; write 1 to 12 or its name: {label}", month=month, label=label
        )
    if number is None or not (day.isascii() and day.isdigit()):
        return None
    days = calendar.monthrange(int(year), number)[1]
    if 1 <= int(day) <= days:
        return None
    return Message(
        "{month} has {days} days: {label}",
        month=date_words(int(year), number),
        days=days,
        label=label,
    )


def mistimed(typed: str, label: Text) -> Message | None:
    """The fault of a time of day; None where it has none, or isn't written as one.

    >>> mistimed("25:10", Text("the sample", "")).in_language("en")
    'There is no hour 25; a day has 00:00 to 23:59: the sample'
    """
    found = _CLOCK.fullmatch(typed)
    if found is None:
        return None
    if int(found[1]) > 23:
        return Message(
            "There is no hour {hour}; a day has 00:00 to 23:59: {label}", hour=found[1], label=label
        )
    if int(found[2]) > 59:
        return Message(
            "There is no minute {minute}; an hour has 00 to 59: {label}",
            minute=found[2],
            label=label,
        )
    return None
