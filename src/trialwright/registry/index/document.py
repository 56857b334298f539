"""A trial's document in the search index.

One document stands for one trial: the text of its newest version, and the list of all versions
with their places in the record store.
"""

from __future__ import annotations

from array import array
from base64 import b64encode
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import chain
from typing import Any

import orjson

from trialwright.registry.index.mesh import Mesh
from trialwright.registry.index.schema import (
    BY_SET,
    LEAD_SPONSOR,
    NO_MAXIMUM_AGE,
    NOT_PROVIDED,
    SET_MARK,
    days,
    set_of,
)
from trialwright.registry.index.words import chinese_pairs, fold, without_suffix
from trialwright.registry.record.dates import PartialDate
from trialwright.registry.record.parts import (
    ArmGroup,
    Intervention,
    Location,
    MeshTerm,
    RecordFact,
    RecordPart,
    RegisteredOutcome,
    Sponsor,
)
from trialwright.registry.record.record import Record, Register
from trialwright.registry.record.scales import country, open_places, recruitment
from trialwright.registry.record.summaries import codes_of_phases, stated, updated
from trialwright.registry.record.values import Given, Value

# A value of the index may have 65,530 bytes.
_MOST_IN_SET = 60


@dataclass(frozen=True, slots=True)
class IndexedFacts:
    """What the index takes of a record."""

    texts: dict[str, list[str]]
    codes: dict[str, list[str]]
    numbers: dict[str, int]
    mesh: list[str]
    places: list[str]
    spots: list[tuple[float, float]]
    open_spots: list[tuple[float, float]]
    other_numbers: list[str]


def facts_of(record: Record, mesh: Mesh) -> IndexedFacts:
    """Take from a record what the index holds."""
    texts = _texts(record)
    north, east = Location.latitude.of, Location.longitude.of
    spots = [(north(place), east(place)) for place in record.locations]
    return IndexedFacts(
        texts=texts,
        codes=_codes(record),
        numbers=_numbers(record),
        mesh=_headings(record, mesh, texts),
        places=list(dict.fromkeys(fold(name) for name in _names_of_places(record))),
        spots=list(dict.fromkeys((n, e) for n, e in spots if n is not None and e is not None)),
        open_spots=open_places(record),
        other_numbers=_other_numbers(record),
    )


def _other_numbers(record: Record) -> list[str]:
    """The numbers by which a trial is found beside its own; of EU numbers without suffix too."""
    others = (record.sponsor_number, *record.secondary_numbers, *record.aliases)
    numbers = [fold(other.value) for other in others if other.value]
    short = [without_suffix(number) for number in (record.number, *numbers)]
    return list(dict.fromkeys([*numbers, *filter(None, short)]))


def _names_of_places(record: Record) -> Iterator[str]:
    kinds = (Location.city.of, Location.state.of, Location.country.of)
    for place in record.locations:
        for name in kinds:
            if found := name(place):
                yield found


def headings_of(record: Record, mesh: Mesh) -> list[str]:
    """Return the MeSH headings of a trial: the register's, and those that its own terms name."""
    return _headings(record, mesh, _texts(record))


def _headings(record: Record, mesh: Mesh, texts: dict[str, list[str]]) -> list[str]:
    found = []
    for term in (*record.condition_mesh, *record.intervention_mesh):
        if id := MeshTerm.id.of(term):
            found.append(id)
        elif name := MeshTerm.name.of(term):
            found += [heading.id for heading in mesh.named(name)]
    # A record without conditions says in its summary what it is about.
    naming = ("title", "condition", "intervention", "keyword")
    for field in naming if texts["condition"] else (*naming, "summary"):
        for text in texts[field]:
            found += [id for _, _, ids in mesh.mentions(text) for id in ids]
    return list(dict.fromkeys(found))


def cell_of(latitude: float, longitude: float) -> str:
    """Return the cell of one degree by one degree in which a place lies."""
    return f"{int(latitude // 1)},{int(longitude // 1)}"


def _texts(record: Record) -> dict[str, list[str]]:
    arms, interventions, outcomes = record.arms, record.interventions, record.outcomes
    mesh = (*record.condition_mesh, *record.intervention_mesh)
    rest = stated([record.description, record.eligibility.criteria])
    rest += stated([record.eligibility.study_population])
    rest += _each(ArmGroup.description, arms) + _each(ArmGroup.label, arms)
    rest += _each(Intervention.description, interventions)
    rest += _each(RegisteredOutcome.measure, outcomes) + _each(
        RegisteredOutcome.description, outcomes
    )
    names = _each(Intervention.name, interventions)
    names += [name for item in interventions for name in Intervention.other_names.of(item)]
    sponsors = (record.sponsor, *record.collaborators)
    texts = {
        "title": stated([record.title, record.official_title, record.acronym]),
        "condition": stated(record.conditions),
        "intervention": names,
        "keyword": stated(record.keywords) + _each(MeshTerm.name, mesh),
        "summary": stated([record.summary]),
        "sponsor": _each(Sponsor.name, sponsors),
    }
    return texts | {"text": [text for found in texts.values() for text in found] + rest}


def _each(fact: RecordFact[str], parts: Iterable[RecordPart]) -> list[str]:
    """What each of the parts states."""
    return [text for text in map(fact.of, parts) if text]


def _codes(record: Record) -> dict[str, list[str]]:
    results = {True: "yes", False: "no", None: ""}[record.has_results.value]
    countries = dict.fromkeys(map(country, _each(Location.country, record.locations)))
    open_now = recruitment(record.status.value)
    kinds = dict.fromkeys(_each(Intervention.type, record.interventions))
    found = {
        "status": stated([record.status]),
        "recruitment": [open_now] if open_now else [],
        "phase": codes_of_phases(record.phases),
        "type": stated([record.study_type]),
        "sex": stated([record.eligibility.sex]),
        "age_group": stated(record.eligibility.age_groups),
        "country": list(countries),
        "sponsor_class": stated([record.sponsor.sponsor_class]),
        "results": [results] if results else [],
        "intervention_type": list(kinds),
        "register": [str(record.register)],
        LEAD_SPONSOR: stated([record.sponsor.name]),
    }
    return {name: codes or [NOT_PROVIDED] for name, codes in found.items()}


def _numbers(record: Record) -> dict[str, int]:
    known: dict[str, int | None] = {
        "start": _day(record.start.date),
        "start_year": record.start.date.value.year if record.start.date.value else None,
        "completion": _day(record.completion.date),
        "updated": _day(updated(record)),
        "enrolment": record.enrolment.count.value,
        **_age_limits(record),
    }
    return {key: value for key, value in known.items() if value is not None and value < 2**62}


def _age_limits(record: Record) -> dict[str, int]:
    """The ages admitted; none where they aren't known, for unknown doesn't mean admitted.

    ClinicalTrials.gov leaves a limit out where there is none; other registers, where none is told.
    """
    low, high = record.eligibility.minimum_age, record.eligibility.maximum_age
    silent = (low.value, high.value) == (None, None) and record.register is not Register.CTGOV
    open_ended = {Given.NOT_APPLICABLE, Given.ABSENT, Given.BLANK}
    unread = any(limit.value is None and limit.given not in open_ended for limit in (low, high))
    if unread or (silent and low.given is not Given.NOT_APPLICABLE):
        return {}
    return {
        "min_age": int(low.value.years) if low.value else 0,
        "max_age": int(high.value.years) if high.value else NO_MAXIMUM_AGE,
    }


def _day(value: Value[PartialDate]) -> int | None:
    return days(value.value.earliest) if value.value else None


def fields_of(number: str, facts: IndexedFacts, mesh: Mesh, short_facts: bytes) -> dict[str, Any]:
    """Return a trial's document as the index reads it from JSON, but for its versions."""
    texts = {name: [_storable(text) for text in found] for name, found in facts.texts.items()}
    chinese = [text for text in texts["text"] if not text.isascii()]
    above = {up for id in facts.mesh for up in mesh.all_wider(id)}
    codes = {name: [code[:200] for code in found] for name, found in facts.codes.items()}
    for name in BY_SET:
        codes[name] = list(dict.fromkeys(codes[name]))[:_MOST_IN_SET]
    sets = {set_of(name): SET_MARK.join(codes[name]) for name in BY_SET}
    fields: dict[str, Any] = {
        "number": number,
        "other_number": facts.other_numbers,
        **texts,
        "chinese": " ".join(pair for text in chinese for pair in chinese_pairs(text)),
        "mesh": facts.mesh,
        "mesh_above": sorted(above.difference(facts.mesh)),
        "place": [place[:200] for place in facts.places],
        "cell": list(dict.fromkeys(cell_of(*spot) for spot in facts.spots)),
        **codes,
        **sets,
        **facts.numbers,
        "facts": in_base64(short_facts),
    }
    if facts.spots:
        fields["spots"] = in_base64(array("f", chain.from_iterable(facts.spots)).tobytes())
    if facts.open_spots:
        fields["open_spots"] = in_base64(
            array("f", chain.from_iterable(facts.open_spots)).tobytes()
        )
    return fields


def with_versions(fields: bytes, versions: bytes, digests: Iterable[str]) -> str:
    """Return a trial's document whole: its fields in JSON, and what tells of its versions."""
    told = {"versions": in_base64(versions), "digest": list(digests)}
    return (orjson.dumps(told)[:-1] + b"," + fields[1:]).decode()


def in_base64(data: bytes) -> str:
    """Return bytes as the index reads them from JSON."""
    return b64encode(data).decode("ascii")


def _storable(text: str) -> str:
    return text if text.isascii() else text.encode("utf-8", "replace").decode()
