"""Laboratory shifts: how a value stood to the range of its report at baseline, and then at worst.

A participant stands once in each test: without a value at baseline or afterwards under "missing".
Low once and high once afterwards is both.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Final

from trialwright.safety.laboratory import number_of
from trialwright.safety.partial import may_be_from, partial_date
from trialwright.safety.people import People
from trialwright.safety.sdtm import Row

LEVELS: Final = ("low", "normal", "high", "low and high", "missing")


def shifts(rows: Sequence[Row], people: People) -> Iterator[tuple[str, str, int]]:
    """For each test, shift and arm, how many of the treated; rows that nobody has are left out."""
    tests: dict[str, dict[str, list[Row]]] = {}
    for row in rows:
        if row["USUBJID"] in people.first:
            tests.setdefault(row["LBTESTCD"], {}).setdefault(row["USUBJID"], []).append(row)
    for test in sorted(tests):
        counts = Counter(
            (*_shift(tests[test].get(person, ()), people.first[person]), people.arm(person))
            for person in people.first
        )
        for before in LEVELS:
            for after in LEVELS:
                if any((before, after, arm) in counts for arm in people.sizes):
                    for arm in people.sizes:
                        yield f"{test}: {before} to {after}", arm, counts[before, after, arm]


def _shift(rows: Sequence[Row], first: str) -> tuple[str, str]:
    at_baseline = [row for row in rows if _is_baseline(row)]
    before = level_of(at_baseline[-1]) if at_baseline else "missing"
    later = {level_of(row) for row in rows if not _is_baseline(row) and _is_later(row, first)}
    if {"low", "high"} <= later:
        return before, "low and high"
    return before, next((one for one in ("low", "high", "normal") if one in later), "missing")


def _is_baseline(row: Row) -> bool:
    return "Y" in (row.get("LBBLFL"), row.get("LBLOBXFL"))


def _is_later(row: Row, first: str) -> bool:
    known = partial_date(first)
    return known is None or may_be_from(partial_date(row.get("LBDTC", "")), known)


def level_of(row: Mapping[str, str]) -> str:
    """Low, normal or high by the range of its report; "missing" without a value or a range."""
    value = number_of(row.get("LBSTRESN", ""))
    low, high = number_of(row.get("LBSTNRLO", "")), number_of(row.get("LBSTNRHI", ""))
    if value is None:
        return "missing"
    return _level(value, low, high)


def _level(value: Decimal, low: Decimal | None, high: Decimal | None) -> str:
    if low is not None and value < low:
        return "low"
    if high is not None and value > high:
        return "high"
    return "normal" if low is not None and high is not None else "missing"
