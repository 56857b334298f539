"""Records of the German Clinical Trials Register: its JSON, and the rows of its old CSV export."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator, Mapping
from typing import Any

from trialwright.registry.readers.build import Builder, roman_phases
from trialwright.registry.readers.common import coded, every, said
from trialwright.registry.readers.errors import UnreadableError
from trialwright.registry.record.record import Record, Register
from trialwright.registry.record.text import TextForm

_STATUSES = {
    "recruiting": "RECRUITING",
    "recruiting_ongoing": "RECRUITING",
    "recruiting ongoing": "RECRUITING",
    "not_yet_recruiting": "NOT_YET_RECRUITING",
    "recruiting_planned": "NOT_YET_RECRUITING",
    "recruiting planned": "NOT_YET_RECRUITING",
    "recruiting_complete_follow_up_continuing": "ACTIVE_NOT_RECRUITING",
    "recruiting complete, follow-up continuing": "ACTIVE_NOT_RECRUITING",
    "recruiting_complete_follow_up_complete": "COMPLETED",
    "recruiting complete, follow-up complete": "COMPLETED",
    "recruiting_suspended_on_temporary_hold": "SUSPENDED",
    "recruiting suspended on temporary hold": "SUSPENDED",
    "recruiting_stopped_after_recruiting_started": "TERMINATED",
    "recruiting stopped after recruiting started": "TERMINATED",
    "recruiting_withdrawn_before_recruiting_started": "WITHDRAWN",
    "recruiting withdrawn before recruiting started": "WITHDRAWN",
}
_TYPES = {"interventional": "INTERVENTIONAL", "non_interventional": "OBSERVATIONAL"}
_ALLOCATIONS = {
    "randomized_controlled_study": "RANDOMIZED", "randomized": "RANDOMIZED",
    "non_randomized_controlled_study": "NON_RANDOMIZED", "single_arm_study": "NA",
}  # fmt: skip
_MODELS = {
    "parallel": "PARALLEL", "crossover": "CROSSOVER", "factorial": "FACTORIAL",
    "single": "SINGLE_GROUP", "sequential": "SEQUENTIAL",
}  # fmt: skip
_PREFERRED = "en"
Tree = Mapping[str, Any]


def read_drks(tree: Tree) -> Record:
    """Read a record in the register's JSON; of texts in two languages the English.

    Raises:
        UnreadableError: it has no number of this register.
    """
    builder = Builder()
    about = _english(tree.get("trialDescriptions"))
    people = _part(tree, "recruitment")
    design = _part(tree, "studyCharacteristic")
    for path, value, at in (
        ("identification/briefTitle", about.get("title"), "trialDescriptions"),
        ("identification/acronym", about.get("acronym"), "trialDescriptions"),
        ("description/briefSummary", about.get("summary"), "trialDescriptions"),
        ("description/detailedDescription", about.get("scientificSummary"), "trialDescriptions"),
        ("status/studyFirstPostDateStruct/date", tree.get("registrationDrks"), "registrationDrks"),
        ("status/lastUpdatePostDateStruct/date", tree.get("lastUpdate"), "lastUpdate"),
    ):
        builder.put(path, value or None, f"/{at}")
    builder.put("status/overallStatus", coded(people.get("status"), _STATUSES), "/recruitment")
    _put_dates(builder, people)
    _put_numbers(builder, _part(tree, "secondaryIds"), every(tree.get("otherSecondaryIds")))
    for place, name in enumerate(_conditions(tree)):
        builder.put(f"conditions/conditions/{place}", name, "/studiedHealthConditions")
    sponsors = (
        _part(one, "contact").get("affiliation")
        for one in _parts(tree.get("trialContacts"))
        if _part(one, "idContactIdType").get("type") == "PRIMARY_SPONSOR"
    )
    lead = next((name for name in sponsors if name), None)
    builder.put("sponsorCollaborators/leadSponsor/name", lead, "/trialContacts")
    groups = [
        one.get("comment")
        for one in _parts(tree.get("observationalGroups")) + _parts(tree.get("interventionGroups"))
        if _part(one, "idArm").get("locale", _PREFERRED) == _PREFERRED
    ]
    for place, text in enumerate(filter(None, groups)):
        builder.put(f"armsInterventions/interventions/{place}/name", text, "/observationalGroups")
    _put_design(builder, design)
    _put_people(builder, people)
    _put_places(builder, people)
    return builder.record(_number(tree), Register.DRKS, TextForm.PLAIN)


def _put_dates(builder: Builder, people: Tree) -> None:
    for path, name in (("start", "StartDate"), ("completion", "CompletionDate")):
        for kind, code in (("actual", "ACTUAL"), ("scheduled", "ESTIMATED")):
            if date := people.get(f"{kind}{name}"):
                builder.put(f"status/{path}DateStruct/date", date, f"/recruitment/{kind}{name}")
                builder.put(f"status/{path}DateStruct/type", code, f"/recruitment/{kind}{name}")
                break


def _put_numbers(builder: Builder, known: Tree, others: list[Any]) -> None:
    names = ("eudraCtNumber", "universalTrialNumber", "otherPrimaryRegisterId", "eudamedNumber")
    numbers = [known.get(name) for name in names]
    numbers += [one.get("secondaryId") or one.get("id") for one in others if isinstance(one, dict)]
    for place, number in enumerate(dict.fromkeys(filter(None, map(said, numbers)))):
        builder.put(f"identification/secondaryIdInfos/{place}/id", number, "/secondaryIds")


def _conditions(tree: Tree) -> Iterator[str]:
    for one in _parts(tree.get("studiedHealthConditions")):
        if text := said(_english(one.get("studiedHealthConditionDescriptions")).get("comment")):
            yield text


def _put_design(builder: Builder, design: Tree) -> None:
    at = "/studyCharacteristic"
    builder.put("design/studyType", coded(design.get("type"), _TYPES), at)
    for key, path, codes in (
        ("allocation", "design/designInfo/allocation", _ALLOCATIONS),
        ("assignment", "design/designInfo/interventionModel", _MODELS),
    ):
        builder.put(path, codes.get(str(design.get(key)).lower()), f"{at}/{key}")
    phase = str(design.get("phase") or "").replace("_", " ")
    builder.put("design/phases", roman_phases(phase) if phase else None, f"{at}/phase")
    texts = _english(design.get("characteristicDescriptions"))
    for role in ("primary", "secondary"):
        measure = texts.get(f"{role}Outcome") or None
        builder.put(f"outcomes/{role}Outcomes/0/measure", measure, f"{at}/{role}Outcome")


def _put_people(builder: Builder, people: Tree) -> None:
    at = "/recruitment"
    for name in ("minimumAge", "maximumAge"):
        age = _part(people, name)
        count, unit = age.get("amount"), str(age.get("unit") or "").lower()
        text = "N/A" if unit.startswith("no_") else f"{count} {unit}" if count is not None else None
        builder.put(f"eligibility/{name}", text, f"{at}/{name}")
    sex = {"ALL": "ALL", "FEMALE": "FEMALE", "MALE": "MALE"}.get(str(people.get("gender")))
    builder.put("eligibility/sex", sex, f"{at}/gender")
    healthy = people.get("healthyVolunteers")
    builder.put("eligibility/healthyVolunteers", healthy, f"{at}/healthyVolunteers")
    texts = _english(people.get("recruitmentDescriptions"))
    blocks = [
        f"{heading} Criteria:\n\n{text}"
        for heading, key in (("Inclusion", "inclusionCriteria"), ("Exclusion", "exclusionCriteria"))
        if (text := texts.get(key))
    ]
    criteria = "\n\n".join(blocks) or None
    builder.put("eligibility/eligibilityCriteria", criteria, f"{at}/recruitmentDescriptions")
    counted, planned = people.get("totalParticipants"), people.get("plannedParticipants")
    builder.put("design/enrollmentInfo/count", planned if counted is None else counted, at)


def _put_places(builder: Builder, people: Tree) -> None:
    """Institutes; those of the record's only country are there, as the register shows them."""
    at = "/recruitment/institutes"
    countries = [_part(one, "idCountry").get("code") for one in _parts(people.get("countries"))]
    named = [_COUNTRIES.get(code, code) for code in countries if isinstance(code, str)]
    institutes = [one for one in _parts(people.get("institutes")) if one.get("city")]
    if not institutes or len(named) != 1:
        for place, country in enumerate(named):
            builder.put(f"contactsLocations/locations/{place}/country", country, at)
        return
    for place, one in enumerate(institutes):
        path = f"contactsLocations/locations/{place}"
        builder.put(f"{path}/facility", one.get("name") or None, at)
        builder.put(f"{path}/city", one["city"], at)
        builder.put(f"{path}/country", named[0], at)


# The register writes countries by ISO's two letters; most of its trials run in these.
_COUNTRIES = {
    "DE": "Germany", "AT": "Austria", "CH": "Switzerland", "FR": "France", "IT": "Italy",
    "ES": "Spain", "NL": "Netherlands", "BE": "Belgium", "PL": "Poland", "GB": "United Kingdom",
    "US": "United States", "CZ": "Czechia", "DK": "Denmark", "SE": "Sweden", "NO": "Norway",
    "HU": "Hungary", "GR": "Greece", "PT": "Portugal", "TR": "Turkey", "CN": "China",
    "EG": "Egypt", "IN": "India", "IR": "Iran", "IL": "Israel", "CA": "Canada", "AU": "Australia",
}  # fmt: skip


def read_drks_row(row: Mapping[str, str]) -> Record:
    """Read a row of the CSV that the register gave until 2022, with lists as numbered columns.

    Raises:
        UnreadableError: it has no number of this register.
    """
    builder = Builder()
    for column, path in {
        "title": "identification/briefTitle",
        "acronym": "identification/acronym",
        "firstDrksPublishDate": "status/studyFirstPostDateStruct/date",
        "startDate": "status/startDateStruct/date",
        "studyEnd": "status/completionDateStruct/date",
        "targetSize": "design/enrollmentInfo/count",
    }.items():
        builder.put(path, said(row.get(column)) or None, f"/{column}")
    status = coded(row.get("recruitmentStatus"), _STATUSES)
    builder.put("status/overallStatus", status, "/recruitmentStatus")
    for place, (_, text, at) in enumerate(_numbered(row, "intervention.category", "value")):
        builder.put(f"armsInterventions/interventions/{place}/name", text, at)
    for place, (_, text, at) in enumerate(_numbered(row, "indication.type", "value")):
        builder.put(f"conditions/conditions/{place}", text, at)
    for kind, text, at in _numbered(row, "address.type", "affiliation"):
        if kind == "Primary Sponsor":
            builder.put("sponsorCollaborators/leadSponsor/name", text, at)
            break
    return builder.record(_number(row), Register.DRKS, TextForm.PLAIN, short=True)


def _numbered(row: Mapping[str, str], kinds: str, values: str) -> Iterator[tuple[str, str, str]]:
    """The kind and value of each of a list: columns "address.type0", "address.affiliation0"…"""
    stem = kinds.partition(".")[0]
    for place in range(sum(name.startswith(kinds) for name in row)):
        at = f"{stem}.{values}{place}"
        text = html.unescape(re.sub(r"<br\s*/?>", " ", row.get(at) or ""))
        if text := said(text):
            yield said(row.get(f"{kinds}{place}")), text, f"/{at}"


def _number(tree: Tree) -> str:
    number = tree.get("drksId")
    if not isinstance(number, str) or not re.fullmatch(r"DRKS\d{8}", number.strip()):
        raise UnreadableError("a DRKS record needs a number like DRKS00000115", "/drksId")
    return number.strip()


def _part(tree: Tree, key: str) -> Tree:
    found = tree.get(key)
    return found if isinstance(found, dict) else {}


def _parts(raw: object) -> list[Tree]:
    return [one for one in every(raw) if isinstance(one, dict)]


def _english(texts: object) -> Tree:
    """Of a list of texts the one in English, else the first."""
    known = _parts(texts)
    chosen = (one for one in known if _part(one, "idLocale").get("locale") == _PREFERRED)
    return next(chosen, known[0] if known else {})
