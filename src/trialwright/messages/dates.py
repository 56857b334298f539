"""Dates as people read and type them. In addresses, exports and sentences they stay ISO."""

from trialwright.messages.catalogue import languages
from trialwright.messages.message import Message

_MONTHS = (
    Message.in_context("month of a date", "January"),
    Message.in_context("month of a date", "February"),
    Message.in_context("month of a date", "March"),
    Message.in_context("month of a date", "April"),
    Message.in_context("month of a date", "May"),
    Message.in_context("month of a date", "June"),
    Message.in_context("month of a date", "July"),
    Message.in_context("month of a date", "August"),
    Message.in_context("month of a date", "September"),
    Message.in_context("month of a date", "October"),
    Message.in_context("month of a date", "November"),
    Message.in_context("month of a date", "December"),
)
_TYPED = (
    Message.in_context("month as typed, several forms apart by a space", "January"),
    Message.in_context("month as typed, several forms apart by a space", "February"),
    Message.in_context("month as typed, several forms apart by a space", "March"),
    Message.in_context("month as typed, several forms apart by a space", "April"),
    Message.in_context("month as typed, several forms apart by a space", "May"),
    Message.in_context("month as typed, several forms apart by a space", "June"),
    Message.in_context("month as typed, several forms apart by a space", "July"),
    Message.in_context("month as typed, several forms apart by a space", "August"),
    Message.in_context("month as typed, several forms apart by a space", "September"),
    Message.in_context("month as typed, several forms apart by a space", "October"),
    Message.in_context("month as typed, several forms apart by a space", "November"),
    Message.in_context("month as typed, several forms apart by a space", "December"),
)


def date_words(year: int, month: int | None = None, day: int | None = None) -> Message:
    """A date no more precise than it is.

    >>> str(date_words(2017, 10, 5)), str(date_words(2017, 10)), str(date_words(2017))
    ('5 October 2017', 'October 2017', '2017')
    """
    if month is None:
        return Message.in_context("date", "{year}", year=year)
    name = _MONTHS[month - 1]
    if day is None:
        return Message("{month} {year}", month=name, year=year)
    return Message("{day} {month} {year}", day=day, month=name, year=year)


def moment_words(date: Message, time: str) -> Message:
    """A date and a time of day.

    >>> str(moment_words(date_words(2017, 10, 5), "08:30"))
    '5 October 2017, 08:30'
    """
    return Message("{date}, {time}", date=date, time=time)


def month_number(typed: str) -> int | None:
    """Read a month, as a number or by its name in any language; None for anything else.

    An English name may be cut short, to three letters or more.

    >>> month_number("3"), month_number("Sept"), month_number("J"), month_number("13")
    (3, 9, None, None)
    """
    word = typed.strip().rstrip(".").casefold()
    if word.isascii() and word.isdigit():
        return int(word) if 1 <= int(word) <= 12 else None
    for number, month in enumerate(_TYPED, 1):
        if any(word in month.in_language(code).casefold().split() for code in languages()):
            return number
    found = [n for n, month in enumerate(_TYPED, 1) if str(month).casefold().startswith(word)]
    return found[0] if len(word) >= 3 and len(found) == 1 else None
