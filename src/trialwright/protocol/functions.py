"""The functions of the expression language: a closed table, each total and without effects.

A function's arguments are known values; the evaluator answers UNKNOWN when one is missing, so a
sum or a maximum is never made of incomplete parts. Dates known only to the month or year give a
result only where every completion gives the same.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, time, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from trialwright.messages import Message
from trialwright.protocol.terms import UNKNOWN, Sort, Unknown
from trialwright.protocol.values import PartialDate, Value


@dataclass(frozen=True, slots=True)
class Function:
    """A function's signature, what it gives, and how. `more` repeats the last parameter."""

    name: str
    parameters: tuple[Sort, ...]
    result: Sort
    meaning: Message
    compute: Callable[..., Value | Unknown]
    more: bool = False

    @property
    def signature(self) -> str:
        """How it is written, e.g. `days_between(a date, a date)`."""
        return f"{self.name}({', '.join(self.parameters)}{', …' if self.more else ''})"


def _count_true(*truths: bool) -> Decimal:
    return Decimal(sum(truths))


def _round(number: Decimal, digits: Decimal) -> Value | Unknown:
    if digits != int(digits) or not 0 <= digits <= 10 or number.adjusted() > 16:
        return UNKNOWN
    return number.quantize(Decimal(1).scaleb(-int(digits)), ROUND_HALF_UP)


def _between(
    count: Callable[[date, date], int], first: PartialDate, second: PartialDate
) -> Value | Unknown:
    least = count(first.last, second.first)
    most = count(first.first, second.last)
    return Decimal(least) if least == most else UNKNOWN


def _days_between(first: PartialDate, second: PartialDate) -> Value | Unknown:
    return _between(lambda one, two: (two - one).days, first, second)


def _years_between(first: PartialDate, second: PartialDate) -> Value | Unknown:
    return _between(_whole_years, first, second)


def _whole_years(one: date, two: date) -> int:
    if two < one:
        return -_whole_years(two, one)
    return two.year - one.year - ((two.month, two.day) < (one.month, one.day))


def _minutes(moment: time) -> int:
    return moment.hour * 60 + moment.minute


def _add_days(start: PartialDate, days: Decimal) -> Value | Unknown:
    if start.full is None or days != int(days) or abs(days) > 100_000:
        return UNKNOWN
    try:
        return PartialDate.of(start.full + timedelta(days=int(days)))
    except OverflowError:
        return UNKNOWN


def _extreme(choose: Any) -> Callable[..., Value]:
    def pick(*numbers: Decimal) -> Value:
        chosen: Decimal = choose(numbers)
        return chosen

    return pick


_ALL = (
    Function(
        "abs",
        (Sort.NUMBER,),
        Sort.NUMBER,
        Message("the number without its sign"),
        lambda number: abs(number),
    ),
    Function(
        "min",
        (Sort.NUMBER,),
        Sort.NUMBER,
        Message("the smallest; unknown if one is missing"),
        _extreme(min),
        more=True,
    ),
    Function(
        "max",
        (Sort.NUMBER,),
        Sort.NUMBER,
        Message("the largest; unknown if one is missing"),
        _extreme(max),
        more=True,
    ),
    Function(
        "round",
        (Sort.NUMBER, Sort.NUMBER),
        Sort.NUMBER,
        Message("the number to so many decimals (0 to 10), halves away from zero"),
        _round,
    ),
    Function(
        "count_true",
        (Sort.YES_NO,),
        Sort.NUMBER,
        Message("how many are true; unknown if one is unknown"),
        _count_true,
        more=True,
    ),
    Function(
        "days_between",
        (Sort.DATE, Sort.DATE),
        Sort.NUMBER,
        Message("days from the first date to the second"),
        _days_between,
    ),
    Function(
        "years_between",
        (Sort.DATE, Sort.DATE),
        Sort.NUMBER,
        Message("whole years from the first date to the second"),
        _years_between,
    ),
    Function(
        "minutes_between",
        (Sort.TIME, Sort.TIME),
        Sort.NUMBER,
        Message("minutes from the first time to the second, of one day"),
        lambda first, second: Decimal(_minutes(second) - _minutes(first)),
    ),
    Function(
        "add_days",
        (Sort.DATE, Sort.NUMBER),
        Sort.DATE,
        Message("the date so many days later"),
        _add_days,
    ),
)

FUNCTIONS = {function.name: function for function in _ALL}
"""The ordinary functions; `known` and `points` are the language's own, see `typecheck`."""

SERIES = {
    "first": Message("the first value of all its records"),
    "last": Message("the last value of all its records"),
    "count": Message("how many of its records have a value; never unknown"),
    "sum": Message("the sum of all its records; unknown if one is missing, or without any"),
    "mean": Message("the mean of all its records; unknown if one is missing, or without any"),
    "min": Message("the smallest of all its records; unknown if one is missing, or without any"),
    "max": Message("the largest of all its records; unknown if one is missing, or without any"),
}
"""Functions of one item over the repeats of its form and the occurrences of its visit."""

OWN = {
    "known": Message("known(item): true if the item has a value, else false; never unknown"),
    "points": Message("points(choice): the points that its code list gives the choice"),
    "time_to": Message(
        "time_to(event, from, censored): days from one date to the event's, or more than those to "
        "the last date on which it was known not to have happened"
    ),
}
