"""A record as rows, one for each of its facts: for a spreadsheet, or for comparing two records."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property
from typing import Any

from trialwright.registry.record.parts import Age, RecordFact, RecordFacts, RecordPart
from trialwright.registry.record.record import Record
from trialwright.registry.record.values import Several, Value

COLUMNS = ("fact", "given", "value", "condensed", "at")
_FACTS = tuple(
    name
    for name, kind in vars(Record).items()
    if isinstance(kind, cached_property) and not name.startswith("_")
)


def flat(record: Record) -> Iterator[dict[str, str]]:
    """Yield every fact of a record: its name, what was given, its value, and where it stood.

    Items of a list are numbered from 1 ("arms.2.label"). An empty list is a row of its own.

    >>> from trialwright.registry.library.sample import sample_record
    >>> next(flat(sample_record("NCT03223454")))["value"]
    "Human Amniotic Epithelial Cells for Asherman's Syndrome"
    """
    for name in _FACTS:
        yield from _rows(name, getattr(record, name))


def _rows(name: str, thing: Any) -> Iterator[dict[str, str]]:
    if isinstance(thing, Value) or (isinstance(thing, Several) and not thing.items):
        yield _row(name, thing)
    elif isinstance(thing, Several):
        for place, item in enumerate(thing, 1):
            yield from _rows(f"{name}.{place}", item)
    elif isinstance(thing, RecordPart):
        for fact, kind in vars(type(thing)).items():
            if isinstance(kind, RecordFact | RecordFacts):
                yield from _rows(f"{name}.{fact}", getattr(thing, fact))


def _row(name: str, thing: Value[Any] | Several[Any]) -> dict[str, str]:
    value = thing if isinstance(thing, Value) else None
    return {
        "fact": name,
        "given": str(thing.given),
        "value": _text(value.value) if value else "",
        "condensed": "yes" if value is not None and value.condensed else "",
        "at": thing.at,
    }


def _text(value: object) -> str:
    match value:
        case None:
            return ""
        case bool():
            return "yes" if value else "no"
        case Age():
            return f"{value.count:g} {value.unit}"
    return str(value)
