"""A laboratory's list of reference ranges as it is put in, and what is wrong with one. Pure.

For each test exactly one range covers each sex, age and day that the list speaks of: a gap or an
overlap is refused, so that a result never has two ranges.
"""

import csv
import io
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal, InvalidOperation
from itertools import pairwise

from django.utils.translation import gettext_lazy as _

from trialwright.conduct.refusals import ActionRefused, Problem, Sentence
from trialwright.protocol.laboratory import SEXES
from trialwright.protocol.model import Protocol
from trialwright.safety.units import spelled

COLUMNS = (
    "test", "unit", "sex", "age_from", "age_below", "low", "high", "first_day", "last_day",
)  # fmt: skip
_NEEDED = ("test", "unit", "low", "high", "first_day")
MOST_ROWS = 10_000
_MOST_OF_A_TEST = 200
_MOST_TOLD = 10
_ENDLESS_AGE = 1000
_LONGEST = {"test": 40, "unit": 32}


@dataclass(frozen=True, slots=True)
class NewRange:
    """One line of a list: limits of a test for a sex ("": both), ages in whole years from and
    below (None: without limit), and the days from the first to the last (None: still in force)."""

    row: int
    test: str
    unit: str
    sex: str
    age_from: int | None
    age_below: int | None
    low: str
    high: str
    first_day: date
    last_day: date | None

    def covers(self, sex: str, age: int | None, day: date) -> bool:
        """Whether it holds for this sex ("": not known), age (None: not known) and day."""
        if day < self.first_day or (self.last_day is not None and day > self.last_day):
            return False
        if self.sex and self.sex != sex:
            return False
        if age is None:
            return self.age_from is None and self.age_below is None
        return (self.age_from or 0) <= age < (self.age_below or _ENDLESS_AGE)


def ranges_from(text: str) -> tuple[NewRange, ...]:
    """Read a CSV with a head of `COLUMNS`, parted by commas, semicolons or tabs.

    Raises:
        ActionRefused: a line can't be read, with its number.
    """
    lines = text.lstrip("\ufeff").splitlines()
    head = lines[0] if lines else ""
    mark = max(",;\t", key=head.count)
    reader = csv.DictReader(io.StringIO("\n".join(lines)), delimiter=mark)
    names = [name.strip().lower() for name in reader.fieldnames or ()]
    reader.fieldnames = names
    if lacking := [name for name in _NEEDED if name not in names]:
        words = _(
            "The file has no column %(column)s. Its first line names the columns: %(columns)s."
        )
        raise _refused(words % {"column": lacking[0], "columns": ", ".join(COLUMNS)})
    found = []
    for row in reader:
        cells = {name: (row.get(name) or "").strip() for name in COLUMNS}
        if any(cells.values()):
            found.append(_line(reader.line_num, cells))
        if len(found) > MOST_ROWS:
            words = _("The file has more than %(most)d ranges. Split it by laboratory.")
            raise _refused(words % {"most": MOST_ROWS})
    return tuple(found)


def _line(row: int, cells: dict[str, str]) -> NewRange:
    sex = {"": "", "f": "female", "m": "male"}.get(cells["sex"].lower(), cells["sex"].lower())
    for name, most in _LONGEST.items():
        if not 0 < len(cells[name]) <= most:
            raise _unread(row, name, cells[name], _("words of at most %(most)d letters")
                          % {"most": most})  # fmt: skip
    if sex and sex not in SEXES:
        raise _unread(row, "sex", cells["sex"], _("female or male, or nothing for both"))
    ages = [_age(row, name, cells[name]) for name in ("age_from", "age_below")]
    low, high = (_limit(row, name, cells[name]) for name in ("low", "high"))
    if not low and not high:
        raise _unread(row, "low", "", _("a number; one of the two limits may be empty"))
    if low and high and Decimal(low) > Decimal(high):
        raise _unread(row, "high", high, _("a number that isn't below the lower limit"))
    if ages[0] is not None and ages[1] is not None and ages[0] >= ages[1]:
        raise _unread(row, "age_below", cells["age_below"], _("an age above age_from"))
    first, last = (_day(row, name, cells[name]) for name in ("first_day", "last_day"))
    if first is None or (last is not None and last < first):
        name = "first_day" if first is None else "last_day"
        raise _unread(row, name, cells[name], _("a day in order, such as 2026-01-31"))
    return NewRange(
        row, cells["test"], cells["unit"], sex, ages[0], ages[1], low, high, first, last
    )


def _age(row: int, name: str, text: str) -> int | None:
    if not text:
        return None
    if not re.fullmatch(r"[0-9]{1,3}", text):
        raise _unread(row, name, text, _("whole years, or nothing"))
    return int(text)


def _limit(row: int, name: str, text: str) -> str:
    text = text.replace(",", ".")
    try:
        good = not text or (len(text) <= 20 and Decimal(text).is_finite())
    except InvalidOperation:
        good = False
    if not good:
        raise _unread(row, name, text, _("a number, or nothing"))
    return f"{Decimal(text):f}" if text else ""


def _day(row: int, name: str, text: str) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        raise _unread(row, name, text, _("a day in order, such as 2026-01-31")) from None


def _unread(row: int, column: str, text: str, wanted: Sentence) -> ActionRefused:
    words = _(
        "Line %(row)d, column %(column)s: “%(text)s” isn't what belongs there. Write %(wanted)s."
    )
    return _refused(words % {"row": row, "column": column, "text": text[:60], "wanted": wanted})


def _refused(words: Sentence) -> ActionRefused:
    return ActionRefused(problems=(Problem("file", words),))


def list_problems(protocol: Protocol, new: Sequence[NewRange]) -> Iterator[Problem]:
    """What is wrong with a list: tests and units that the protocol doesn't ask for, what it can't
    tell of participants, gaps and overlaps. The first of each test."""
    if not new:
        yield Problem("file", _("The file has no range. Enter a line for each."))
        return
    units = units_of(protocol)
    by_test: dict[str, list[NewRange]] = {}
    for each in new:
        by_test.setdefault(each.test, []).append(each)
    told = 0
    for test, ranges in by_test.items():
        problem = _unknown(protocol, units, ranges) or _uncovered(test, ranges)
        if problem is not None:
            yield problem
            told += 1
        if told >= _MOST_TOLD:
            return


def units_of(protocol: Protocol) -> dict[str, str]:
    """The tests that the protocol asks for, each with its unit as it is written there."""
    return {
        item.test_code: item.unit
        for form in protocol.forms
        for item in form.items
        if item.unit and not item.computed
    }


def _unknown(
    protocol: Protocol, units: dict[str, str], ranges: Iterable[NewRange]
) -> Problem | None:
    known = protocol.laboratory
    for each in ranges:
        told = {"row": each.row, "test": each.test, "unit": each.unit}
        if each.test not in units:
            words = _(
                "Line %(row)d: the protocol asks for no test %(test)s. It asks for: %(tests)s."
            )
            return Problem("file", words % (told | {"tests": ", ".join(sorted(units))}))
        if spelled(units[each.test]) != spelled(each.unit):
            words = _(
                "Line %(row)d: the protocol asks for %(test)s in %(asked)s, and this range is in "
                "%(unit)s. Limits aren't converted: write them in %(asked)s."
            )
            return Problem("file", words % (told | {"asked": units[each.test]}))
        if each.sex and known is None:
            words = _(
                "Line %(row)d goes by sex, and the protocol doesn't say where that is found. Its "
                "block `laboratory` says it; until then give limits for both."
            )
            return Problem("file", words % told)
        aged = each.age_from is not None or each.age_below is not None
        if aged and not (known and (known.age or known.born)):
            words = _(
                "Line %(row)d goes by age, and the protocol doesn't say where that is found. Its "
                "block `laboratory` says it; until then give limits for every age."
            )
            return Problem("file", words % told)
    return None


def _uncovered(test: str, ranges: Sequence[NewRange]) -> Problem | None:
    """The first sex, age and time of a test without a range, or with two."""
    if len(ranges) > _MOST_OF_A_TEST:
        words = _("The test %(test)s has more than %(most)d ranges. Leave out those long past.")
        return Problem("file", words % {"test": test, "most": _MOST_OF_A_TEST})
    sexes = SEXES if any(not r.sex for r in ranges) else tuple(sorted({r.sex for r in ranges}))
    ages = sorted({r.age_from or 0 for r in ranges} | {r.age_below or _ENDLESS_AGE for r in ranges})
    ends = {r.last_day + timedelta(days=1) for r in ranges if r.last_day}
    days = sorted({r.first_day for r in ranges} | ends)
    # What is still in force has no last day: the time from the last change on is asked about too.
    spans: list[tuple[date, date | None]] = list(pairwise(days))
    if any(r.last_day is None for r in ranges):
        spans.append((days[-1], None))
    for first, end in spans:
        there = [r for r in ranges if r.covers(r.sex, r.age_from or 0, first)]
        for sex in sexes:
            for low, below in pairwise(ages):
                rows = [r.row for r in there if r.covers(sex, low, first)]
                if len(rows) != 1:
                    return _said(test, sex, (low, below), (first, end), rows)
    return None


def _said(
    test: str, sex: str, ages: tuple[int, int], days: tuple[date, date | None], rows: list[int]
) -> Problem:
    told = {
        "test": test,
        "sex": _("women") if sex == SEXES[0] else _("men"),
        "low": ages[0],
        "high": "∞" if ages[1] == _ENDLESS_AGE else ages[1] - 1,
        "first": days[0].isoformat(),
        "last": (days[1] - timedelta(days=1)).isoformat() if days[1] else "…",
        "rows": ", ".join(map(str, rows)),
    }
    place = _("%(test)s for %(sex)s of %(low)s to %(high)s years from %(first)s to %(last)s") % told
    if rows:
        words = _("Two ranges overlap: %(place)s is in lines %(rows)s. Leave one of them.")
    else:
        words = _("There is a gap: no range covers %(place)s. Add it, or end the others there.")
    return Problem("file", words % {"place": place, "rows": told["rows"]})


def overlapping(one: Sequence[NewRange], other: Sequence[NewRange]) -> str | None:
    """A test of which two lists have ranges in force on one day; None where there is none."""
    spans: dict[str, list[NewRange]] = {}
    for each in one:
        spans.setdefault(each.test, []).append(each)
    for theirs in other:
        for ours in spans.get(theirs.test, ()):
            ends_before = ours.last_day is not None and ours.last_day < theirs.first_day
            begins_after = theirs.last_day is not None and theirs.last_day < ours.first_day
            if not (ends_before or begins_after):
                return theirs.test
    return None
