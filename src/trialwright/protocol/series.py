"""All records of an item, as one record of a form has them: what has come up to its own visit.

`form.item` is of a repeating form of the same visit, `visit.form.item` of all repeats and
occurrences of that visit. Of the visits of a form's own cycle those up to its occurrence count, so
that what comes later changes nothing that was computed, and signed, before.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from trialwright.protocol.forms import Form
from trialwright.protocol.model import Protocol
from trialwright.protocol.occurrences import occurrence_of
from trialwright.protocol.records import Record, Records, value_of_records
from trialwright.protocol.terms import Series
from trialwright.protocol.values import Missing, Value

Place = tuple[str, str, int]
"""Where a record of a form stands: visit, form, repeat."""
Held = Mapping[str, Value | Missing]


@dataclass(frozen=True, slots=True)
class Gathered:
    """What a function takes: the other records; and its own item, whose value here comes last."""

    term: Series
    records: Records
    own: str | None = None

    def value(self, known: Mapping[str, Value | Missing | None]) -> Value | None:
        """What the function gives, with what is known of the record itself."""
        here = (Record(None, known.get(self.own)),) if self.own else ()
        return value_of_records(self.term, (*self.records, *here))


def series_of(form: Form) -> tuple[Series, ...]:
    """The functions of all records in a form's computed items, conditions and checks."""
    asked = (each for item in form.items for each in (item.expression, item.show_when) if each)
    checked = (check.when for check in form.checks)
    found = {term.name: term for each in (*asked, *checked) for term in each.series}
    return tuple(found.values())


def gather(
    protocol: Protocol, form: Form, place: Place, record: Mapping[Place, Held]
) -> dict[str, Gathered]:
    """What each function of a form takes, by the name under which its value is given.

    record: the participant's data by place, of the forms at least that the functions read.
    """
    return {
        term.name: _gathered(protocol, term, place, record, repeating=form.repeating)
        for term in series_of(form)
    }


def _gathered(
    protocol: Protocol,
    term: Series,
    place: Place,
    record: Mapping[Place, Held],
    *,
    repeating: bool,
) -> Gathered:
    *visit, form, item = term.path.split(".")
    found = [
        (occurrence_of(other[0])[1], other[2], Record(None, held.get(item)))
        for other, held in record.items()
        if other[1] == form and other != place and _counts(protocol, other[0], place[0], visit)
    ]
    here = form == place[1] and not repeating and _counts(protocol, place[0], place[0], visit)
    records = tuple(each[-1] for each in sorted(found, key=lambda each: each[:2]))
    return Gathered(term, records, item if here else None)


def _counts(protocol: Protocol, other: str, own: str, visit: list[str]) -> bool:
    """Whether a record of another visit, or occurrence, is among those that a name means."""
    if not visit:
        return other == own
    (key, number), (here, upto) = occurrence_of(other), occurrence_of(own)
    if key != visit[0]:
        return False
    cycle = protocol.visit(here).cycle
    together = key == here or (cycle is not None and protocol.visit(key).cycle == cycle)
    return not together or number <= upto
