"""ISRCTN records, as JSON that mirrors the register's XML, and as that XML itself."""

from __future__ import annotations

from typing import Any

from lxml import etree

from trialwright.registry.readers.build import Builder
from trialwright.registry.readers.common import (
    copy,
    every,
    listed,
    number_of,
    parts,
    put_ages,
    put_criteria,
    put_locations,
    put_numbers,
    put_phases,
    put_sex,
    tree_of,
)
from trialwright.registry.record.record import Record, Register
from trialwright.registry.record.text import TextForm
from trialwright.registry.record.values import MISSING, Copy, Node

# What ISRCTN's words of age mean where a record gives no limits.
_ISRCTN_AGES: dict[str, tuple[int, int | None]] = {
    "neonate": (0, 0),
    "child": (0, 17),
    "adult": (18, None),
    "senior": (65, None),
    "all": (0, None),
}

_OUTCOME = {"measure": "variable", "description": "method", "timeFrame": "timepoints"}


def read_isrctn(study: dict[str, Any]) -> Record:
    """Read an ISRCTN record.

    Raises:
        UnreadableError: it has no number.
    """
    raw = Node(study, Copy())
    digits = number_of(raw["isrctn"], r"\d{8}", "an ISRCTN number of eight digits")
    builder = Builder()
    for path, source in {
        "identification/briefTitle": "trialDescription/title",
        "identification/officialTitle": "trialDescription/scientificTitle",
        "identification/acronym": "trialDescription/acronym",
        "identification/orgStudyIdInfo/id": "externalRefs/protocolSerialNumber",
        "description/briefSummary": "trialDescription/plainEnglishSummary",
        "description/detailedDescription": "trialDescription/studyHypothesis",
        "status/overallStatus": "trialDesign/overallStatusOverride",
        "status/whyStopped": "trialDesign/reasonAbandoned",
        "status/startDateStruct/date": "participants/recruitmentStart",
        "status/completionDateStruct/date": "trialDesign/overallEndDate",
        "design/enrollmentInfo/count": "participants/targetEnrolment",
        "eligibility/minimumAge": "participants/lowerAgeLimit",
        "eligibility/maximumAge": "participants/upperAgeLimit",
    }.items():
        copy(builder, path, raw / source)
    for rank in ("primary", "secondary"):
        _put_outcomes(builder, raw["trialDescription"], rank)
    put_sex(builder, raw / "participants/gender")
    if raw["participants"]["lowerAgeLimit"].raw in {MISSING, ""}:
        _put_age_group(builder, raw / "participants/ageRange")
    put_phases(builder, raw / "interventions/intervention/phase")
    kind = raw / "trialDesign/primaryStudyDesign"
    if isinstance(kind.raw, str):
        builder.put("design/studyType", kind.raw.strip().upper(), kind.at)
    refs = raw["externalRefs"]
    others = refs / "secondaryNumbers/secondaryNumber"
    put_numbers(
        builder,
        [
            refs["clinicalTrialsGovNumber"],
            refs["eudraCTNumber"],
            *(others.each(lambda item: item) if isinstance(others.raw, list) else [others]),
        ],
    )
    copy(builder, "sponsorCollaborators/leadSponsor/name", raw / "sponsor/organisation")
    copy(builder, "status/lastUpdatePostDateStruct/date", raw["lastUpdated"])
    conditions = listed(raw / "conditions/condition")
    builder.put_each("conditions/conditions", parts(conditions, "description"))
    for number, node in enumerate(listed(raw / "interventions/intervention")):
        path = f"armsInterventions/interventions/{number}"
        builder.put(path, {}, node.at)
        copy(builder, f"{path}/name", node["drugNames"])
        copy(builder, f"{path}/description", node["description"])
        if isinstance(node["interventionType"].raw, str):
            code = node["interventionType"].raw.strip().upper()
            builder.put(f"{path}/type", code, node["interventionType"].at)
    _put_places(builder, raw["participants"])
    put_criteria(builder, [(raw / "participants/inclusion")], [(raw / "participants/exclusion")])
    return builder.record(f"ISRCTN{digits}", Register.ISRCTN, TextForm.PLAIN)


def _put_outcomes(builder: Builder, told: Node, rank: str) -> None:
    """Outcomes as the register parts them since 2025, else the one text that there was before.

    Many records have both; the text then says the same once more.
    """
    path = f"outcomes/{rank}Outcomes"
    measures = listed(told[f"{rank}Outcomes"] / "outcomeMeasure")
    if not measures:
        copy(builder, f"{path}/0/measure", told[f"{rank}Outcome"])
    for number, node in enumerate(measures):
        for ours, theirs in _OUTCOME.items():
            copy(builder, f"{path}/{number}/{ours}", node[theirs])


def _put_age_group(builder: Builder, node: Node) -> None:
    known = _ISRCTN_AGES.get(node.raw.strip().lower()) if isinstance(node.raw, str) else None
    put_ages(builder, [known] if known else [], node)


def _put_places(builder: Builder, people: Node) -> None:
    """The centres; where none is named, the countries of recruitment."""
    if centres := listed(people / "trialCentres/trialCentre"):
        keys = {"facility": "name", "city": "city", "state": "state", "country": "country"}
        put_locations(builder, centres, keys)
        return
    node = people / "recruitmentCountries/country"
    for place, country in enumerate(every(node.raw)):
        builder.put(f"contactsLocations/locations/{place}/country", country, node.at)


def read_isrctn_xml(root: etree._Element) -> Record:
    """Read a `<fullTrial>` of the register's own export, or one `<trial>` of it.

    Raises:
        UnreadableError: it has no number.
    """
    full = tree_of(root)
    whole = full if isinstance(full, dict) else {}
    trial = whole["trial"] if isinstance(whole.get("trial"), dict) else whole
    sponsors = every(whole.get("sponsor"))
    element = root.find("{*}trial")
    changed = (root if element is None else element).get("lastUpdated")
    more = {"sponsor": sponsors[0] if sponsors else {}}
    return read_isrctn(trial | more | ({"lastUpdated": changed} if changed else {}))
