"""The parts of a registered trial: arms, interventions, outcomes, places, people and the rest."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from trialwright.registry.dates import PartialDate
from trialwright.registry.values import Node, Several, Value

OutcomeRole = Literal["primary", "secondary", "other"]

# A month of a register's age is a twelfth of a year, whatever the month.
_YEARS = {
    "year": 1.0, "month": 1 / 12, "week": 7 / 365.25, "day": 1 / 365.25,
    "hour": 1 / 8766, "minute": 1 / 525960,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class StudyDate:
    """A milestone: its date, and whether it is actual or estimated ("ACTUAL", "ESTIMATED")."""

    date: Value[PartialDate]
    type: Value[str]

    @classmethod
    def read(cls, node: Node) -> StudyDate:
        """Read a date structure of the v2 form."""
        return cls(node["date"].date(), node["type"].code())


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


@dataclass(frozen=True, slots=True)
class Sponsor:
    """An organisation or person that leads or supports the trial."""

    name: Value[str]
    sponsor_class: Value[str]

    @classmethod
    def read(cls, node: Node) -> Sponsor:
        """Read a sponsor or collaborator."""
        return cls(node["name"].text(), node["class"].code())


@dataclass(frozen=True, slots=True)
class Design:
    """How the study is built, in the register's codes."""

    allocation: Value[str]
    intervention_model: Value[str]
    intervention_model_description: Value[str]
    observational_model: Value[str]
    time_perspective: Value[str]
    purpose: Value[str]
    masking: Value[str]
    masking_description: Value[str]
    who_masked: Several[Value[str]]

    @classmethod
    def read(cls, node: Node) -> Design:
        """Read a design info block."""
        masking = node["maskingInfo"]
        return cls(
            allocation=node["allocation"].code(),
            intervention_model=node["interventionModel"].code(),
            intervention_model_description=node["interventionModelDescription"].text(),
            observational_model=node["observationalModel"].code(),
            time_perspective=node["timePerspective"].code(),
            purpose=node["primaryPurpose"].code(),
            masking=masking["masking"].code(),
            masking_description=masking["maskingDescription"].text(),
            who_masked=masking["whoMasked"].codes(),
        )


@dataclass(frozen=True, slots=True)
class Enrolment:
    """How many participants, and whether counted ("ACTUAL") or planned ("ESTIMATED")."""

    count: Value[int]
    type: Value[str]


@dataclass(frozen=True, slots=True)
class Arm:
    """An arm or group as registered, numbered from 1 in the record's order."""

    number: int
    label: Value[str]
    type: Value[str]
    description: Value[str]
    intervention_names: Several[Value[str]]

    @classmethod
    def read(cls, node: Node) -> Arm:
        """Read an arm group."""
        return cls(
            number=int(node.path.rsplit("/", 1)[1]) + 1,
            label=node["label"].text(),
            type=node["type"].code(),
            description=node["description"].text(),
            intervention_names=node["interventionNames"].each(Node.text),
        )


@dataclass(frozen=True, slots=True)
class Intervention:
    """What is given or done."""

    type: Value[str]
    name: Value[str]
    description: Value[str]
    other_names: Several[Value[str]]
    arm_labels: Several[Value[str]]

    @classmethod
    def read(cls, node: Node) -> Intervention:
        """Read an intervention."""
        return cls(
            type=node["type"].code(),
            name=node["name"].text(),
            description=node["description"].text(),
            other_names=node["otherNames"].each(Node.text),
            arm_labels=node["armGroupLabels"].each(Node.text),
        )


@dataclass(frozen=True, slots=True)
class Outcome:
    """An outcome measure as registered."""

    role: OutcomeRole
    measure: Value[str]
    description: Value[str]
    time_frame: Value[str]


@dataclass(frozen=True, slots=True)
class Eligibility:
    """Who may take part, as registered; the criteria are one text."""

    criteria: Value[str]
    sex: Value[str]
    minimum_age: Value[Age]
    maximum_age: Value[Age]
    healthy_volunteers: Value[bool]
    age_groups: Several[Value[str]]
    gender_based: Value[bool]
    gender_description: Value[str]
    study_population: Value[str]
    sampling_method: Value[str]

    @classmethod
    def read(cls, node: Node) -> Eligibility:
        """Read an eligibility block."""
        return cls(
            criteria=node["eligibilityCriteria"].text(),
            sex=node["sex"].code(),
            minimum_age=node["minimumAge"].text().map(read_age),
            maximum_age=node["maximumAge"].text().map(read_age),
            healthy_volunteers=node["healthyVolunteers"].yes_no(),
            age_groups=node["stdAges"].codes(),
            gender_based=node["genderBased"].yes_no(),
            gender_description=node["genderDescription"].text(),
            study_population=node["studyPopulation"].text(),
            sampling_method=node["samplingMethod"].code(),
        )


@dataclass(frozen=True, slots=True)
class Contact:
    """A person or desk to ask, as registered."""

    name: Value[str]
    role: Value[str]
    phone: Value[str]
    email: Value[str]
    affiliation: Value[str]

    @classmethod
    def read(cls, node: Node) -> Contact:
        """Read a contact or an official."""
        return cls(*(node[key].text() for key in ("name", "role", "phone", "email", "affiliation")))


@dataclass(frozen=True, slots=True)
class Location:
    """A place where the trial runs; coordinates are in degrees north and east."""

    facility: Value[str]
    city: Value[str]
    state: Value[str]
    country: Value[str]
    status: Value[str]
    latitude: Value[float]
    longitude: Value[float]

    @classmethod
    def read(cls, node: Node) -> Location:
        """Read a location."""
        return cls(
            facility=node["facility"].text(),
            city=node["city"].text(),
            state=node["state"].text(),
            country=node["country"].text(),
            status=node["status"].code(),
            latitude=(node / "geoPoint/lat").number(),
            longitude=(node / "geoPoint/lon").number(),
        )


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


@dataclass(frozen=True, slots=True)
class MeshTerm:
    """A MeSH descriptor that the register assigned; older records have the name alone."""

    id: Value[str]
    name: Value[str]

    @classmethod
    def read(cls, node: Node) -> MeshTerm:
        """Read a browse term, its identifier repaired."""
        return cls(node["id"].text().map(repaired_mesh_id), node["term"].text())


@dataclass(frozen=True, slots=True)
class Reference:
    """A publication that the record cites."""

    citation: Value[str]
    pmid: Value[str]
    type: Value[str]

    @classmethod
    def read(cls, node: Node) -> Reference:
        """Read a reference."""
        return cls(node["citation"].text(), node["pmid"].text(), node["type"].code())
