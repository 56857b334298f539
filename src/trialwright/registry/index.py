"""The search index: which fields a record has there, and how its text becomes terms.

One document stands for one trial: the text of its newest version, and the list of all versions
with their places in the packs. Text fields are searched, fast fields filtered and counted.
"""

from __future__ import annotations

from array import array
from base64 import b64encode
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from functools import cache
from itertools import chain
from typing import Any

import orjson
import tantivy

from trialwright.registry.dates import PartialDate
from trialwright.registry.mesh import Mesh
from trialwright.registry.parts import (
    Arm,
    Fact,
    Intervention,
    Location,
    MeshTerm,
    Outcome,
    Part,
    Sponsor,
)
from trialwright.registry.record import Record
from trialwright.registry.values import Several, Value
from trialwright.registry.words import chinese_pairs, fold

FORMAT = 4
ANALYSER = "english"

# Fields of text, from the most to the least telling.
TEXT_FIELDS = ("title", "condition", "intervention", "keyword", "summary", "body", "sponsor")
# Fields to filter by and count; each holds codes or names as registered, "N/A" or "".
FACETS = (
    "status", "phase", "type", "sex", "age_group", "country", "sponsor_class", "results",
    "intervention_type", "register",
)  # fmt: skip
# Facets of which a trial may have several codes and few sets of codes are met: counted by set, as
# one value for each trial, which is ten times as fast.
BY_SET = ("phase", "age_group", "intervention_type")
# No code has this character: cleaned text has no control characters.
SET_MARK = "\x1f"
# A value of the index may have 65,530 bytes.
_MOST_IN_SET = 60
# A field to filter and group by, whose values are too many to count beside every search.
LEAD_SPONSOR = "lead_sponsor"
# Whole-number fields for ranges; dates are days since 1 January 1970, the earliest they can be.
NUMBERS = ("start", "start_year", "completion", "updated", "enrolment", "min_age", "max_age")
NO_MAXIMUM_AGE = 200
NOT_PROVIDED = "(not provided)"


def schema() -> tantivy.Schema:
    """Return the schema of the index."""
    builder = tantivy.SchemaBuilder()
    builder.add_text_field("number", stored=True, tokenizer_name="raw", index_option="basic")
    builder.add_text_field("other_number", tokenizer_name="raw", index_option="basic")
    for name in TEXT_FIELDS:
        builder.add_text_field(name, tokenizer_name=ANALYSER, index_option="position")
    builder.add_text_field("chinese", tokenizer_name="whitespace", index_option="freq")
    builder.add_text_field("mesh", tokenizer_name="raw", index_option="basic")
    builder.add_text_field("mesh_above", tokenizer_name="raw", index_option="basic")
    builder.add_text_field("place", tokenizer_name="raw", index_option="basic")
    builder.add_text_field("cell", tokenizer_name="raw", index_option="basic")
    for name in FACETS:
        builder.add_text_field(name, tokenizer_name="raw", index_option="basic", fast=True)
    for name in BY_SET:
        builder.add_text_field(set_of(name), tokenizer_name="raw", index_option="basic", fast=True)
    for name in NUMBERS:
        builder.add_integer_field(name, indexed=True, fast=True)
    builder.add_bytes_field("spots", stored=True)
    builder.add_bytes_field("card", stored=True)
    builder.add_bytes_field("versions", stored=True)
    builder.add_text_field(LEAD_SPONSOR, tokenizer_name="raw", index_option="basic", fast=True)
    builder.add_text_field("digest", tokenizer_name="raw", index_option="basic")
    return builder.build()


def set_of(facet: str) -> str:
    """Return the field that has all codes of a facet as one value."""
    return f"{facet}_set"


@cache
def analyser() -> tantivy.TextAnalyzer:
    """Return the analyser of the text fields: words, folded, stemmed as English."""
    return (
        tantivy.TextAnalyzerBuilder(tantivy.Tokenizer.simple())
        .filter(tantivy.Filter.remove_long(60))
        .filter(tantivy.Filter.lowercase())
        .filter(tantivy.Filter.ascii_fold())
        .filter(tantivy.Filter.stemmer("english"))
        .build()
    )


def register_analyser(index: tantivy.Index) -> None:
    """Give an opened index the analyser its text fields were made with."""
    index.register_tokenizer(ANALYSER, analyser())


@dataclass(frozen=True, slots=True)
class Facts:
    """What the index takes of a record."""

    texts: dict[str, list[str]]
    codes: dict[str, list[str]]
    numbers: dict[str, int]
    mesh: list[str]
    places: list[str]
    spots: list[tuple[float, float]]
    other_numbers: list[str]


def facts_of(record: Record, mesh: Mesh) -> Facts:
    """Take from a record what the index holds."""
    texts = _texts(record)
    north, east = Location.latitude.of, Location.longitude.of
    spots = [(north(place), east(place)) for place in record.locations]
    return Facts(
        texts=texts,
        codes=_codes(record),
        numbers=_numbers(record),
        mesh=_headings(record, mesh, texts),
        places=list(dict.fromkeys(fold(name) for name in _names_of_places(record))),
        spots=list(dict.fromkeys((n, e) for n, e in spots if n is not None and e is not None)),
        other_numbers=[
            fold(other.value)
            for other in (record.sponsor_number, *record.secondary_numbers, *record.aliases)
            if other.value
        ],
    )


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


def _stated(values: Iterable[Value[str]]) -> list[str]:
    return [value.value for value in values if value.value]


def _texts(record: Record) -> dict[str, list[str]]:
    arms, interventions, outcomes = record.arms, record.interventions, record.outcomes
    mesh = (*record.condition_mesh, *record.intervention_mesh)
    body = _stated([record.description, record.eligibility.criteria])
    body += _stated([record.eligibility.study_population])
    body += _each(Arm.description, arms) + _each(Arm.label, arms)
    body += _each(Intervention.description, interventions)
    body += _each(Outcome.measure, outcomes) + _each(Outcome.description, outcomes)
    names = _each(Intervention.name, interventions)
    names += [name for item in interventions for name in Intervention.other_names.of(item)]
    sponsors = (record.sponsor, *record.collaborators)
    return {
        "title": _stated([record.title, record.official_title, record.acronym]),
        "condition": _stated(record.conditions),
        "intervention": names,
        "keyword": _stated(record.keywords) + _each(MeshTerm.name, mesh),
        "summary": _stated([record.summary]),
        "body": body,
        "sponsor": _each(Sponsor.name, sponsors),
    }


def _each(fact: Fact[str], parts: Iterable[Part]) -> list[str]:
    """What each of the parts states."""
    return [text for text in map(fact.of, parts) if text]


def _codes(record: Record) -> dict[str, list[str]]:
    results = {True: "yes", False: "no", None: ""}[record.has_results.value]
    countries = dict.fromkeys(_each(Location.country, record.locations))
    kinds = dict.fromkeys(_each(Intervention.type, record.interventions))
    found = {
        "status": _stated([record.status]),
        "phase": codes_of_phases(record.phases),
        "type": _stated([record.study_type]),
        "sex": _stated([record.eligibility.sex]),
        "age_group": _stated(record.eligibility.age_groups),
        "country": list(countries),
        "sponsor_class": _stated([record.sponsor.sponsor_class]),
        "results": [results] if results else [],
        "intervention_type": list(kinds),
        "register": [str(record.register)],
        LEAD_SPONSOR: _stated([record.sponsor.name]),
    }
    return {name: codes or [NOT_PROVIDED] for name, codes in found.items()}


def codes_of_phases(phases: Several[Value[str]]) -> list[str]:
    """Return phases as codes; "N/A" as the register's own "NA", and nothing for nothing."""
    return ["NA"] if phases.given.value == "N/A" else _stated(phases)


def _numbers(record: Record) -> dict[str, int]:
    ages = record.eligibility
    known: dict[str, int | None] = {
        "start": _day(record.start.date),
        "start_year": record.start.date.value.year if record.start.date.value else None,
        "completion": _day(record.completion.date),
        "updated": _day(updated(record)),
        "enrolment": record.enrolment.count.value,
        "min_age": int(ages.minimum_age.value.years) if ages.minimum_age.value else 0,
        "max_age": int(ages.maximum_age.value.years) if ages.maximum_age.value else NO_MAXIMUM_AGE,
    }
    return {key: value for key, value in known.items() if value is not None and value < 2**62}


def updated(record: Record) -> Value[PartialDate]:
    """Return the date of a record's version: of its last submission, else of its last posting."""
    submitted = record.last_update_submitted
    return submitted if submitted.value else record.last_update_posted.date


def _day(value: Value[PartialDate]) -> int | None:
    return days(value.value.earliest) if value.value else None


def days(day: date) -> int:
    """Return a date as days since 1 January 1970."""
    return day.toordinal() - 719163


def fields_of(number: str, facts: Facts, mesh: Mesh, card: bytes) -> dict[str, Any]:
    """Return a trial's document as the index reads it from JSON, but for its versions."""
    texts = {name: [_storable(text) for text in found] for name, found in facts.texts.items()}
    chinese = [text for found in texts.values() for text in found if not text.isascii()]
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
        "card": in_base64(card),
    }
    if facts.spots:
        fields["spots"] = in_base64(array("f", chain.from_iterable(facts.spots)).tobytes())
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
