"""One trial in several registers: its registrations, linked by numbers, and where they differ.

Two records are of one trial when one names the number of the other; in the EU register those of
one EudraCT number in several countries are one trial too. Two numbers of one register are two
trials, whatever their records say: an extension names the trial that it extends.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import tantivy

from trialwright.registry.index.words import fold, without_suffix
from trialwright.registry.library.library import Library, summary_of
from trialwright.registry.record.record import Record, Register
from trialwright.registry.record.values import Value

_MOST_LINKED = 30


@dataclass(frozen=True, slots=True)
class Difference:
    """A fact that registrations tell: its name, and what each says ("" for nothing)."""

    fact: str
    told: tuple[str, ...]

    @property
    def differs(self) -> bool:
        """Whether two of them say different things; who says nothing contradicts nobody."""
        return len({" ".join(text.split()).casefold() for text in self.told if text}) > 1


def registrations(library: Library, record: Record) -> tuple[Record, ...]:
    """Return the other registrations of a trial that the library has, by register and number."""
    searcher = library.searcher()
    found: dict[str, Register] = {record.number: record.register}
    waiting = [record]
    others: list[Record] = []
    while waiting and len(others) < _MOST_LINKED:
        for summary in _beside(library, searcher, waiting.pop()):
            number, register = summary["nct"], Register(summary["register"])
            if number in found or _another_of(number, register, found):
                continue
            found[number] = register
            other = library.record(number)
            others.append(other)
            waiting.append(other)
    return tuple(sorted(others, key=lambda other: (str(other.register), other.number)))


def _another_of(number: str, register: Register, found: dict[str, Register]) -> bool:
    """Whether a record is another trial of a register that has one of these already."""
    same = [known for known, of in found.items() if of is register]
    base = without_suffix(number)
    return bool(same) and not (base and any(without_suffix(known) == base for known in same))


def _beside(
    library: Library, searcher: tantivy.Searcher, record: Record
) -> Iterator[dict[str, Any]]:
    numbers = [record.number, *(one.value for one in record.secondary_numbers if one.value)]
    short = [without_suffix(number) for number in numbers]
    wanted = list(dict.fromkeys(filter(None, [*numbers, *short])))
    own = [without_suffix(record.number) or record.number, record.number]
    queries = [
        tantivy.Query.term_set_query(library.schema, "number", wanted),
        tantivy.Query.term_set_query(library.schema, "other_number", [fold(one) for one in own]),
    ]
    if eu := [fold(base) for base in short if base]:
        queries.append(tantivy.Query.term_set_query(library.schema, "other_number", eu))
    query = tantivy.Query.boolean_query([(tantivy.Occur.Should, one) for one in queries])
    for _, address in searcher.search(query, _MOST_LINKED, count=False).hits:
        yield summary_of(searcher.doc(address))


def differences(records: Iterable[Record]) -> tuple[Difference, ...]:
    """Return what registrations say of the facts in which registers may differ."""
    known = tuple(records)
    return tuple(
        Difference(fact, tuple(tell(record) for record in known)) for fact, tell in _FACTS.items()
    )


def _text(value: Value[Any]) -> str:
    return "" if value.value is None else str(value.value)


def _age(value: Value[Any]) -> str:
    return f"{value.value.count:g} {value.value.unit}" if value.value else ""


def _outcomes(record: Record) -> str:
    measures = (outcome.measure.value for outcome in record.primary_outcomes)
    return "; ".join(filter(None, measures))


_FACTS: dict[str, Callable[[Record], str]] = {
    "status": lambda record: _text(record.status),
    "start": lambda record: _text(record.start.date),
    "completion": lambda record: _text(record.completion.date),
    "enrolment": lambda record: _text(record.enrolment.count),
    "phase": lambda record: "|".join(phase.value for phase in record.phases if phase.value),
    "sex": lambda record: _text(record.eligibility.sex),
    "youngest": lambda record: _age(record.eligibility.minimum_age),
    "oldest": lambda record: _age(record.eligibility.maximum_age),
    "sponsor": lambda record: _text(record.sponsor.name),
    "primary outcomes": _outcomes,
    "updated": lambda record: _text(record.last_update_posted.date),
}
