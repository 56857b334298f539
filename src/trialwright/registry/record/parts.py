"""The parts of a registered trial: arms, interventions, outcomes, places, people and the rest."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, Literal, Self, TypeVar, overload

from trialwright.registry.record.text import TextForm
from trialwright.registry.record.values import (
    Node,
    Reader,
    Several,
    Value,
    read_code,
    read_day,
    read_number,
    read_text,
    read_whole,
    read_yes_no,
    stated,
)

T = TypeVar("T")
OutcomeRole = Literal["primary", "secondary", "other"]

# A month of a register's age is a twelfth of a year, whatever the month.
_YEARS = {
    "year": 1.0, "month": 1 / 12, "week": 7 / 365.25, "day": 1 / 365.25,
    "hour": 1 / 8766, "minute": 1 / 525960,
}  # fmt: skip


class RecordPart:
    """A part of a record: a lazy, read-only view of its place, as `Record` is of the whole."""

    def __init__(self, node: Node) -> None:
        """Look at a place."""
        self.node = node


class _Below(Generic[T]):
    """What stands at a path below a part; it is read when asked for, once."""

    def __init__(self, path: str, view: Callable[[Node], T]) -> None:
        """What stands at `path` ("geoPoint/lat"), as `view` reads it."""
        self._path = path
        self._keys = path.split("/")
        self._view = view

    def __set_name__(self, owner: type[RecordPart], name: str) -> None:
        """Learn the name under which what was read is kept."""
        self._name = name

    @overload
    def __get__(self, part: None, owner: type[RecordPart]) -> Self: ...
    @overload
    def __get__(self, part: RecordPart, owner: type[RecordPart]) -> T: ...
    def __get__(self, part: RecordPart | None, owner: type[RecordPart]) -> Self | T:
        """Read it; Python asks again only when the part has nothing of this name."""
        if part is None:
            return self
        found = part.__dict__[self._name] = self._view(part.node / self._path)
        return found

    def _raw(self, part: RecordPart) -> object:
        raw = part.node.raw
        for key in self._keys:
            raw = raw.get(key) if isinstance(raw, dict) else None
        return raw


class RecordFact(_Below[Value[T]]):
    """One fact of a part."""

    def __init__(self, path: str, read: Reader[T]) -> None:
        """The fact at `path`, and how it is read."""
        super().__init__(path, lambda node: node.value(read))
        self._read = read

    def of(self, part: RecordPart) -> T | None:
        """What is stated, without a `Value` of it: for going through many records."""
        return stated(self._raw(part), self._read, part.node.copy.form)


class RecordFacts(_Below[Several[Value[str]]]):
    """A list of texts of a part."""

    def __init__(self, path: str) -> None:
        """The list at `path`."""
        super().__init__(path, lambda node: node.each(Node.text))

    def of(self, part: RecordPart) -> list[str]:
        """What is stated, without a `Value` of each."""
        raw, form = self._raw(part), part.node.copy.form
        found = (stated(item, read_text, form) for item in raw) if isinstance(raw, list) else ()
        return [text for text in found if text is not None]


class StudyDate(RecordPart):
    """A milestone: its date, and whether it is actual or estimated ("ACTUAL", "ESTIMATED")."""

    date = RecordFact("date", read_day)
    type = RecordFact("type", read_code)


@dataclass(frozen=True, slots=True)
class Age:
    """An age limit as written: a count of a unit."""

    count: float
    unit: str

    @property
    def years(self) -> float:
        """The same in years."""
        return self.count * _YEARS[self.unit]


def read_age(text: str) -> Age | None:
    """Read ``18 Years``, ``6 Months`` or a bare number of years.

    >>> read_age("6 Months").years
    0.5
    """
    found = re.fullmatch(
        r"\s*(\d{1,5}(?:\.\d{1,3})?)\s*(year|month|week|day|hour|minute)?(?:s|\(s\))?\s*",
        text.lower(),
    )
    return Age(float(found[1]), found[2] or "year") if found else None


def _age(raw: object, form: TextForm) -> Age | None:
    text = read_text(raw, form)
    return None if text is None else read_age(text)


class Sponsor(RecordPart):
    """An organisation or person that leads or supports the trial."""

    name = RecordFact("name", read_text)
    sponsor_class = RecordFact("class", read_code)


class Design(RecordPart):
    """How the study is built, in the register's codes."""

    allocation = RecordFact("allocation", read_code)
    intervention_model = RecordFact("interventionModel", read_code)
    intervention_model_description = RecordFact("interventionModelDescription", read_text)
    observational_model = RecordFact("observationalModel", read_code)
    time_perspective = RecordFact("timePerspective", read_code)
    purpose = RecordFact("primaryPurpose", read_code)
    masking = RecordFact("maskingInfo/masking", read_code)
    masking_description = RecordFact("maskingInfo/maskingDescription", read_text)
    who_masked = _Below("maskingInfo/whoMasked", Node.codes)


class EnrolmentCount(RecordPart):
    """How many participants, and whether counted ("ACTUAL") or planned ("ESTIMATED")."""

    count = RecordFact("count", read_whole)
    type = RecordFact("type", read_code)


class ArmGroup(RecordPart):
    """An arm or group as registered."""

    label = RecordFact("label", read_text)
    type = RecordFact("type", read_code)
    description = RecordFact("description", read_text)
    intervention_names = RecordFacts("interventionNames")

    @property
    def number(self) -> int:
        """Its number in the record's order, from 1."""
        return self.node.place + 1


class Intervention(RecordPart):
    """What is given or done."""

    type = RecordFact("type", read_code)
    name = RecordFact("name", read_text)
    description = RecordFact("description", read_text)
    other_names = RecordFacts("otherNames")
    arm_labels = RecordFacts("armGroupLabels")


class RegisteredOutcome(RecordPart):
    """An outcome measure as registered."""

    measure = RecordFact("measure", read_text)
    description = RecordFact("description", read_text)
    time_frame = RecordFact("timeFrame", read_text)

    def __init__(self, node: Node, role: OutcomeRole) -> None:
        """Look at an outcome in the list of this role."""
        super().__init__(node)
        self.role = role


class EligibilityRules(RecordPart):
    """Who may take part, as registered; the criteria are one text."""

    criteria = RecordFact("eligibilityCriteria", read_text)
    sex = RecordFact("sex", read_code)
    minimum_age = RecordFact("minimumAge", _age)
    maximum_age = RecordFact("maximumAge", _age)
    healthy_volunteers = RecordFact("healthyVolunteers", read_yes_no)
    age_groups = _Below("stdAges", Node.codes)
    gender_based = RecordFact("genderBased", read_yes_no)
    gender_description = RecordFact("genderDescription", read_text)
    study_population = RecordFact("studyPopulation", read_text)
    sampling_method = RecordFact("samplingMethod", read_code)


class Contact(RecordPart):
    """A person or desk to ask, as registered."""

    name = RecordFact("name", read_text)
    role = RecordFact("role", read_text)
    phone = RecordFact("phone", read_text)
    email = RecordFact("email", read_text)
    affiliation = RecordFact("affiliation", read_text)


class Location(RecordPart):
    """A place where the trial runs; coordinates are in degrees north and east."""

    facility = RecordFact("facility", read_text)
    city = RecordFact("city", read_text)
    state = RecordFact("state", read_text)
    country = RecordFact("country", read_text)
    status = RecordFact("status", read_code)
    latitude = RecordFact("geoPoint/lat", read_number)
    longitude = RecordFact("geoPoint/lon", read_number)


# Six-digit descriptors end at D066331 and nine-digit ones begin at D000066388 (MeSH 2024),
# so a nine-digit number below that is a six-digit one, padded by older captures of the API.
_FIRST_NINE_DIGIT_DESCRIPTOR = 66388


def repaired_mesh_id(written: str) -> str:
    """Return a MeSH descriptor's identifier as NLM writes it.

    >>> repaired_mesh_id("D000003550"), repaired_mesh_id("D000097902")
    ('D003550', 'D000097902')
    """
    if re.fullmatch(r"D000\d{6}", written) and int(written[1:]) < _FIRST_NINE_DIGIT_DESCRIPTOR:
        return f"D{written[4:]}"
    return written


def _mesh_id(raw: object, form: TextForm) -> str | None:
    text = read_text(raw, form)
    return None if text is None else repaired_mesh_id(text)


class MeshTerm(RecordPart):
    """A MeSH descriptor that the register assigned; older records have the name alone."""

    id = RecordFact("id", _mesh_id)
    name = RecordFact("term", read_text)


class CitedReference(RecordPart):
    """A publication that the record cites."""

    citation = RecordFact("citation", read_text)
    pmid = RecordFact("pmid", read_text)
    type = RecordFact("type", read_code)
