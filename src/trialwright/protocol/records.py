"""All records of one item, over repeats and occurrences, and what the functions make of them."""

from dataclasses import dataclass
from datetime import date
from decimal import Context, Decimal

from trialwright.protocol.terms import Series
from trialwright.protocol.values import Missing, Value

_CONTEXT = Context(prec=28)


@dataclass(frozen=True, slots=True)
class Record:
    """One record of an item: its day, as far as it is known, and its value."""

    day: date | None
    value: Value | Missing | None


Records = tuple[Record, ...]
"""All records of an item, in the order in which they came."""


def value_of_records(term: Series, records: Records) -> Value | None:
    """What a function makes of all records; None where one that it needs is missing, or all are."""
    records = _recent(records, term.days)
    known = [
        each.value
        for each in records
        if each.value is not None and not isinstance(each.value, Missing)
    ]
    match term.function:
        case "count":
            return Decimal(len(known))
        case "first" | "last":
            return known[0 if term.function == "first" else -1] if known else None
    numbers = [value for value in known if isinstance(value, Decimal)]
    if not numbers or len(numbers) < len(records):
        return None
    match term.function:
        case "min":
            return min(numbers)
        case "max":
            return max(numbers)
    total = sum(numbers[1:], numbers[0])
    return total if term.function == "sum" else _CONTEXT.divide(total, Decimal(len(numbers)))


def _recent(records: Records, days: int | None) -> Records:
    """Those of the last days up to the latest; all without a number of days."""
    if days is None:
        return records
    latest = max((each.day for each in records if each.day is not None), default=None)
    if latest is None:
        return ()
    return tuple(
        each for each in records if each.day is not None and (latest - each.day).days < days
    )
