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

from trialwright.protocol.basics import Text
from trialwright.protocol.terms import UNKNOWN, Sort, Unknown
from trialwright.protocol.values import PartialDate, Value


@dataclass(frozen=True, slots=True)
class Function:
    """A function's signature, what it gives, and how. `more` repeats the last parameter."""

    name: str
    parameters: tuple[Sort, ...]
    result: Sort
    meaning: Text
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
        Text("the number without its sign", "绝对值"),
        lambda number: abs(number),
    ),
    Function(
        "min",
        (Sort.NUMBER,),
        Sort.NUMBER,
        Text("the smallest; unknown if one is missing", "最小值；任一缺失则为未知"),
        _extreme(min),
        more=True,
    ),
    Function(
        "max",
        (Sort.NUMBER,),
        Sort.NUMBER,
        Text("the largest; unknown if one is missing", "最大值；任一缺失则为未知"),
        _extreme(max),
        more=True,
    ),
    Function(
        "round",
        (Sort.NUMBER, Sort.NUMBER),
        Sort.NUMBER,
        Text(
            "the number to so many decimals (0 to 10), halves away from zero",
            "四舍五入到指定小数位（0 至 10）",
        ),
        _round,
    ),
    Function(
        "count_true",
        (Sort.YES_NO,),
        Sort.NUMBER,
        Text("how many are true; unknown if one is unknown", "为真的个数；任一未知则为未知"),
        _count_true,
        more=True,
    ),
    Function(
        "days_between",
        (Sort.DATE, Sort.DATE),
        Sort.NUMBER,
        Text("days from the first date to the second", "从第一个日期到第二个日期的天数"),
        _days_between,
    ),
    Function(
        "years_between",
        (Sort.DATE, Sort.DATE),
        Sort.NUMBER,
        Text("whole years from the first date to the second", "从第一个日期到第二个日期的整年数"),
        _years_between,
    ),
    Function(
        "minutes_between",
        (Sort.TIME, Sort.TIME),
        Sort.NUMBER,
        Text(
            "minutes from the first time to the second, of one day", "同一天内两个时刻相隔的分钟数"
        ),
        lambda first, second: Decimal(_minutes(second) - _minutes(first)),
    ),
    Function(
        "add_days",
        (Sort.DATE, Sort.NUMBER),
        Sort.DATE,
        Text("the date so many days later", "若干天之后的日期"),
        _add_days,
    ),
)

FUNCTIONS = {function.name: function for function in _ALL}
"""The ordinary functions; `known` and `points` are the language's own, see `typecheck`."""

OWN = {
    "known": Text(
        "known(item): true if the item has a value, else false; never unknown",
        "known(项目)：有值为真，否则为假，从不未知",
    ),
    "points": Text(
        "points(choice): the points that its code list gives the choice",
        "points(选项)：编码表赋予该选项的分值",
    ),
}
