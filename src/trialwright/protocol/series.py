"""All records of an item, as one record of a form has them: what has come up to its own visit.

`form.item` is of a repeating form of the same visit, `visit.form.item` of all repeats and
occurrences of that visit. Of the visits of a form's own cycle those up to its occurrence count, so
that what comes later changes nothing that was computed, and signed, before. With a number of days,
of those visits that took place within so many days up to the day of the form's own.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from functools import partial

from trialwright.protocol.forms import Form
from trialwright.protocol.model import Protocol
from trialwright.protocol.occurrences import occurrence_of
from trialwright.protocol.records import Record, Records, value_of_records
from trialwright.protocol.terms import Series
from trialwright.protocol.values import Missing, Value

Place = tuple[str, str, int]
"""Where a record of a form stands: visit, form, repeat."""
Held = Mapping[str, Value | Missing]
Days = Mapping[str, date]
"""The day on which each visit, by its name with its occurrence, took place."""


@dataclass(frozen=True, slots=True)
class Gathered:
    """What a function takes: the other records; and its own item, whose value here comes last.

    dated: whether the day of the record itself is known, where the last days are counted from it.
    """

    term: Series
    records: Records
    own: str | None = None
    dated: bool = True

    def value(self, known: Mapping[str, Value | Missing | None]) -> Value | None:
        """What the function gives, with what is known of the record itself."""
        if not self.dated:
            return None
        here = (Record(None, known.get(self.own)),) if self.own else ()
        return value_of_records(self.term, (*self.records, *here))


def series_of(form: Form) -> tuple[Series, ...]:
    """The functions of all records in a form's computed items, conditions and checks."""
    asked = (each for item in form.items for each in (item.expression, item.show_when) if each)
    checked = (check.when for check in form.checks)
    found = {term.name: term for each in (*asked, *checked) for term in each.series}
    return tuple(found.values())


def gather(
    protocol: Protocol,
    form: Form,
    place: Place,
    record: Mapping[Place, Held],
    terms: tuple[Series, ...] | None = None,
    *,
    days: Days | None = None,
) -> dict[str, Gathered]:
    """What each function of a form takes, by the name under which its value is given.

    record: the participant's data by place, of the forms at least that the functions read. terms:
    the functions, where the caller has found them already. days: when the visits took place.
    """
    days = days or {}
    terms = series_of(form) if terms is None else terms
    if not terms:
        return {}
    counts, found = _counting(protocol, place[0]), {}
    others = {each: held for each, held in record.items() if each != place}
    for term in terms:
        *visits, of, item = term.path.split(".")
        visit = visits[0] if visits else ""
        records = _records(term, others, partial(counts, visit=visit), days, place[0])
        own = of == form.key and not form.repeating and counts(place[0], visit)
        dated = term.days is None or place[0] in days
        everything = replace(term, days=None)  # What isn't within the days has been left out.
        found[term.name] = Gathered(everything, records, item if own else None, dated)
    return found


def of_all(
    protocol: Protocol,
    terms: Iterable[Series],
    record: Mapping[Place, Held],
    *,
    visit: str = "",
    days: Days | None = None,
) -> dict[str, Value | None]:
    """What functions outside a form give, by the names under which their values are given.

    visit: the visit, by its name, from which they look, as a form of it would; without one all
    records count.
    """
    days, counts = days or {}, _counting(protocol, visit)
    found: dict[str, Value | None] = {}
    for term in terms:
        at, _dot, _rest = term.path.rpartition(".")[0].rpartition(".")
        records = _records(term, record, partial(counts, visit=at), days, visit)
        dated = term.days is None or visit in days
        found[term.name] = value_of_records(replace(term, days=None), records) if dated else None
    return found


def _counting(protocol: Protocol, own: str) -> Callable[..., bool]:
    """Whether a record of a visit, by its name, is among those that a visit's key means; without a
    key, those of the own visit. Of the own cycle nothing that comes later counts."""
    here, upto = occurrence_of(own) if own else ("", 0)
    cycles = {visit.key: visit.cycle for visit in protocol.visits}
    mine = cycles.get(here)
    together = {key for key, cycle in cycles.items() if cycle and cycle == mine} | {here}

    def counts(other: str, visit: str) -> bool:
        if not visit:
            return other == own
        key, number = occurrence_of(other)
        return key == visit and (key not in together or number <= upto)

    return counts


def _records(
    term: Series,
    record: Mapping[Place, Held],
    counts: Callable[..., bool],
    days: Days,
    own: str,
) -> Records:
    """The records that a function takes, in the order of occurrences and repeats."""
    of, item = term.path.split(".")[-2:]
    kept = sorted(
        (occurrence_of(each[0])[1], each[2], each)
        for each in record
        if each[1] == of and counts(each[0]) and _within(term, days, each[0], own)
    )
    return tuple(Record(days.get(each[0]), record[each].get(item)) for *_order, each in kept)


def _within(term: Series, days: Days, visit: str, own: str) -> bool:
    """Whether a visit took place within the term's days, up to the day of the record's own."""
    if term.days is None:
        return True
    there, here = days.get(visit), days.get(own)
    return there is not None and here is not None and 0 <= (here - there).days < term.days
