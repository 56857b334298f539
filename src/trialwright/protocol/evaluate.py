"""The value of a typed term: Kleene's three-valued logic, decimals, honest comparison.

A value known only within bounds (a partial date, '<1.2') is compared as the interval it is: the
answer is true or false only if it is so for every point of the interval.
"""

import operator
from collections.abc import Mapping
from decimal import Context, Decimal, DecimalException

from trialwright.protocol.functions import FUNCTIONS
from trialwright.protocol.terms import (
    UNKNOWN,
    Absent,
    Among,
    Arithmetic,
    Call,
    Compare,
    Conditional,
    Literal,
    Logic,
    Name,
    Negative,
    Not,
    Points,
    Series,
    Term,
    Unknown,
)
from trialwright.protocol.values import Censored, Missing, PartialDate, Value

Values = Mapping[str, Value | Missing | None]
Result = Value | Unknown
Truth = bool | Unknown

_CONTEXT = Context(prec=28)


def value_of(term: Term, values: Values) -> Result:
    """The value of a typed term, given the values of items by name."""
    match term:
        case Literal(value=value):
            return value
        case Absent():
            return UNKNOWN
        case Name(path=path):
            given = values.get(path)
            return UNKNOWN if given is None or isinstance(given, Missing) else given
        case Not(operand=operand):
            return negation(truth_of(operand, values))
        case Logic(operator=which, operands=operands):
            truths = [truth_of(operand, values) for operand in operands]
            return conjunction(truths) if which == "and" else disjunction(truths)
        case Compare(operator=which, left=left, right=right):
            return compare(which, value_of(left, values), value_of(right, values))
        case Among(operand=operand, options=options):
            sought = value_of(operand, values)
            return disjunction([compare("==", sought, value_of(each, values)) for each in options])
        case Conditional(condition=condition, first=first, second=second):
            holds = truth_of(condition, values)
            if holds is UNKNOWN:
                return UNKNOWN
            return value_of(first if holds else second, values)
        case Negative(operand=operand):
            return _arithmetic("-", Decimal(0), value_of(operand, values))
        case Arithmetic(operator=which, left=left, right=right):
            return _arithmetic(which, value_of(left, values), value_of(right, values))
        case Points(operand=operand, table=table):
            chosen = value_of(operand, values)
            return UNKNOWN if chosen is UNKNOWN else dict(table).get(str(chosen), UNKNOWN)
        case Series():
            given = values.get(term.name)
            return UNKNOWN if given is None or isinstance(given, Missing) else given
        case Call():
            return _call(term, values)
    raise TypeError(f"{type(term).__name__} is not a term of the language")


def truth_of(term: Term, values: Values) -> Truth:
    """The truth of a yes/no term."""
    value = value_of(term, values)
    return value if isinstance(value, bool) else UNKNOWN


def negation(truth: Truth) -> Truth:
    """Kleene's not."""
    return UNKNOWN if truth is UNKNOWN else not truth


def conjunction(truths: list[Truth]) -> Truth:
    """Kleene's and: false if any is false, else unknown if any is unknown."""
    if any(truth is False for truth in truths):
        return False
    return UNKNOWN if any(truth is UNKNOWN for truth in truths) else True


def disjunction(truths: list[Truth]) -> Truth:
    """Kleene's or: true if any is true, else unknown if any is unknown."""
    return negation(conjunction([negation(truth) for truth in truths]))


_POINTWISE = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
    "==": operator.eq,
    "!=": operator.ne,
}


def compare(which: str, left: Result, right: Result) -> Truth:
    """Compare two values; unknown where a bound could fall on either side.

    >>> compare("<", PartialDate(2026, 3), PartialDate(2026, 3, 15))
    <Unknown.UNKNOWN: 'unknown'>
    >>> compare("<", PartialDate(2026, 3), PartialDate(2026, 4, 1))
    True
    """
    if left is UNKNOWN or right is UNKNOWN:
        return UNKNOWN
    if isinstance(left, PartialDate | Censored) or isinstance(right, PartialDate | Censored):
        return _compare_bounds(which, _Bounds(left), _Bounds(right))
    outcome: bool = _POINTWISE[which](left, right)
    return outcome


class _Bounds:
    """Where a value lies; an end may be open (not reached) or absent (None, without end)."""

    def __init__(self, value: Value) -> None:
        self.low: object = value
        self.high: object = value
        self.low_open = self.high_open = False
        if isinstance(value, PartialDate):
            self.low, self.high = value.first, value.last
        elif isinstance(value, Censored) and value.side == "<":
            self.low, self.high, self.high_open = None, value.limit, True
        elif isinstance(value, Censored):
            self.low, self.high, self.low_open = value.limit, None, True

    def all_below(self, other: "_Bounds", *, or_equal: bool) -> bool:
        """Whether each point of this lies below each point of the other."""
        if self.high is None or other.low is None:
            return False
        if self.high == other.low:
            return or_equal or self.high_open or other.low_open
        below: bool = self.high < other.low  # type: ignore[operator]
        return below

    @property
    def point(self) -> bool:
        return self.low == self.high


def _compare_bounds(which: str, left: _Bounds, right: _Bounds) -> Truth:
    match which:
        case "<" | "<=":
            if left.all_below(right, or_equal=which == "<="):
                return True
            return False if right.all_below(left, or_equal=which == "<") else UNKNOWN
        case ">" | ">=":
            return _compare_bounds("<" if which == ">" else "<=", right, left)
        case "==":
            apart = left.all_below(right, or_equal=False) or right.all_below(left, or_equal=False)
            if apart:
                return False
            return True if left.point and right.point else UNKNOWN
        case _:
            return negation(_compare_bounds("==", left, right))


def _arithmetic(which: str, left: Result, right: Result) -> Result:
    if not (isinstance(left, Decimal) and isinstance(right, Decimal)):
        return UNKNOWN
    try:
        match which:
            case "+":
                return _CONTEXT.add(left, right)
            case "-":
                return _CONTEXT.subtract(left, right)
            case "*":
                return _CONTEXT.multiply(left, right)
            case _:
                return _CONTEXT.divide(left, right)
    except DecimalException:
        return UNKNOWN


def _call(term: Call, values: Values) -> Result:
    if term.function == "known":
        return value_of(term.arguments[0], values) is not UNKNOWN
    if term.function == "time_to":
        return _time_to(term, values)
    arguments = [value_of(argument, values) for argument in term.arguments]
    if any(argument is UNKNOWN or isinstance(argument, Censored) for argument in arguments):
        return UNKNOWN
    return FUNCTIONS[term.function].compute(*arguments)


def _time_to(term: Call, values: Values) -> Result:
    """Days from a date to an event's, or `>` those to the date until which it was watched.

    An event after that date is censored at it. Unknown where the event's date is missing for a
    reason, or where a partial date leaves the number open.
    """
    event, began, watched = (value_of(each, values) for each in term.arguments)
    days = FUNCTIONS["days_between"].compute
    asked = term.arguments[0]
    if isinstance(asked, Name) and isinstance(values.get(asked.path), Missing):
        return UNKNOWN
    if isinstance(event, PartialDate) and isinstance(began, PartialDate):
        after = compare(">", event, watched) if isinstance(watched, PartialDate) else False
        if after is not True:
            return UNKNOWN if after is UNKNOWN else days(began, event)
    if not (isinstance(began, PartialDate) and isinstance(watched, PartialDate)):
        return UNKNOWN
    until = days(began, watched)
    return Censored(">", until) if isinstance(until, Decimal) else UNKNOWN
