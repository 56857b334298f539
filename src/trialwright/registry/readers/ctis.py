"""CTIS records, in the form of before and after 2024, with the portal's overview or without it.

Status words are kept as registered; only what has one clear counterpart becomes a code.
"""

from __future__ import annotations

import re
from typing import Any

from trialwright.registry.readers.build import Builder
from trialwright.registry.readers.common import (
    copy,
    listed,
    number_of,
    parts,
    put_ages,
    put_criteria,
    put_phases,
    put_sex,
)
from trialwright.registry.record.record import Record, Register
from trialwright.registry.record.text import TextForm
from trialwright.registry.record.values import MISSING, Copy, Node


def _put_ctis_people(builder: Builder, raw: Node, about: Node) -> None:
    """Ages and sex, as the portal's overview says them in words or else its form in codes."""
    words = raw["ageGroup"]
    people = about["populationOfTrialSubjects"]
    if isinstance(words.raw, str):
        found = [
            (int(low), int(high) if high else None)
            for low, high in re.findall(r"(\d+)(?:-(\d+)|\+) years", words.raw)
        ]
        put_ages(builder, found, words)
    else:
        codes = {str(node["ageRangeCategory"].raw) for node in listed(people["ageRanges"])}
        found = [_CTIS_AGES[code] for code in sorted(codes) if code in _CTIS_AGES]
        put_ages(builder, found, people["ageRanges"])
    if isinstance(raw["gender"].raw, str):
        put_sex(builder, raw["gender"])
        return
    female, male = people["isFemaleSubjects"], people["isMaleSubjects"]
    sexes = {(True, True): "ALL", (True, False): "FEMALE", (False, True): "MALE"}
    builder.put("eligibility/sex", sexes.get((female.raw is True, male.raw is True)), female.at)


# The portal's codes; records that have both codes and words agree with them.
_CTIS_AGES: dict[str, tuple[int, int | None]] = {"2": (0, 17), "3": (18, 64), "4": (65, None)}
_CTIS_PHASES = {
    "1": ["PHASE1"], "2": ["PHASE1"], "3": ["PHASE1"], "4": ["PHASE2"], "5": ["PHASE3"],
    "6": ["PHASE4"], "7": ["PHASE1", "PHASE2"], "8": ["PHASE1", "PHASE2"],
    "9": ["PHASE1", "PHASE2"], "10": ["PHASE2", "PHASE3"], "11": ["PHASE3", "PHASE4"],
}  # fmt: skip


def read_ctis(study: dict[str, Any]) -> Record:
    """Read an EU CTIS record of before or after 2024, with the portal's overview or without it.

    Raises:
        UnreadableError: it has no number.
    """
    raw = Node(study, Copy())
    number = number_of(raw["ctNumber"], r"\d{4}-\d{6}-\d{2}-\d{2}", "an EU CT number")
    part = raw["authorizedPartI"]
    if part.raw is MISSING:
        part = raw / "authorizedApplication/authorizedPartI"
    details = part["trialDetails"]
    about = details["trialInformation"]
    builder = Builder()
    for path, node in {
        "identification/briefTitle": details / "clinicalTrialIdentifiers/publicTitle",
        "identification/officialTitle": details / "clinicalTrialIdentifiers/fullTitle",
        "identification/orgStudyIdInfo/id": details / "clinicalTrialIdentifiers/shortTitle",
        "description/briefSummary": about / "trialObjective/mainObjective",
        "status/completionDateStruct/date": about / "trialDuration/estimatedEndDate",
        "status/lastUpdatePostDateStruct/date": raw["lastUpdated"],
        "design/enrollmentInfo/count": raw["totalNumberEnrolled"],
    }.items():
        copy(builder, path, node)
    _put_ctis_status(builder, raw, about)
    if isinstance(raw["trialPhase"].raw, str):
        put_phases(builder, raw["trialPhase"])
    else:
        phase = about / "trialCategory/trialPhase"
        builder.put("design/phases", _CTIS_PHASES.get(str(phase.raw)), phase.at)
    _put_ctis_people(builder, raw, about)
    _put_ctis_numbers(builder, raw, details["clinicalTrialIdentifiers"])
    builder.put("design/studyType", "INTERVENTIONAL", "/ctNumber")
    conditions = listed(about / "medicalCondition/partIMedicalConditions")
    builder.put_each("conditions/conditions", parts(conditions, "medicalCondition"))
    products = listed(part["products"])
    for place, (name, at) in enumerate(parts(products, "productName")):
        builder.put(f"armsInterventions/interventions/{place}/name", name, at)
    for role in ("primary", "secondary"):
        ends = parts(listed(about / f"endPoint/{role}EndPoints"), "endPoint")
        for place, (measure, at) in enumerate(ends):
            builder.put(f"outcomes/{role}Outcomes/{place}/measure", measure, at)
    criteria = about["eligibilityCriteria"]
    put_criteria(
        builder,
        [
            node["principalInclusionCriteria"]
            for node in listed(criteria["principalInclusionCriteria"])
        ],
        [
            node["principalExclusionCriteria"]
            for node in listed(criteria["principalExclusionCriteria"])
        ],
    )
    return builder.record(number, Register.CTIS, TextForm.PLAIN)


def _put_ctis_status(builder: Builder, raw: Node, about: Node) -> None:
    status = raw["ctStatus"]
    words = f"CTIS status {status.raw}" if isinstance(status.raw, int) else status.raw
    builder.put("status/overallStatus", None if words is MISSING else words, status.at)
    started = raw["startDateEU"]
    planned = about / "trialDuration/estimatedRecruitmentStartDate"
    for node, kind in ((started, "ACTUAL"), (planned, "ESTIMATED")):
        if isinstance(node.raw, str):
            builder.put("status/startDateStruct/date", node.raw, node.at)
            builder.put("status/startDateStruct/type", kind, node.at)
            break
    sponsor = raw / "primarySponsor/organisation/name"
    if sponsor.raw is MISSING:
        new_form = listed(raw / "authorizedApplication/authorizedPartI/sponsors")
        named = [node / "organisation/name" for node in new_form if node["primary"].raw is True]
        sponsor = named[0] if named else sponsor
    copy(builder, "sponsorCollaborators/leadSponsor/name", sponsor)
    countries = raw["trialCountries"]
    if countries.raw is MISSING:
        states = listed(raw / "authorizedApplication/memberStatesConcerned")
        for place, (name, at) in enumerate(parts(states, "mscName")):
            builder.put(f"contactsLocations/locations/{place}/country", name, at)
        return
    names = countries.raw if isinstance(countries.raw, list) else str(countries.raw).split(",")
    known = [name for name in names if isinstance(name, str) and ":" in name]
    for place, name in enumerate(known):
        path = f"contactsLocations/locations/{place}/country"
        builder.put(path, name.partition(":")[0].strip(), countries.at)


def _put_ctis_numbers(builder: Builder, raw: Node, identifiers: Node) -> None:
    """The numbers of the same trial in other registers, by which it is found too."""
    nodes = [
        raw / "authorizedApplication/eudraCt/eudraCtCode",
        raw / "eudraCtInfo/eudraCtCode",
        identifiers / "secondaryIdentifyingNumbers/nctNumber/number",
        identifiers / "secondaryIdentifyingNumbers/isrctnNumber/number",
        identifiers / "secondaryIdentifyingNumbers/whoUniversalTrialNumber/number",
    ]
    others = listed(identifiers / "secondaryIdentifyingNumbers/additionalRegistries")
    nodes += [node["number"] for node in others]
    stated = [node for node in nodes if isinstance(node.raw, str) and node.raw.strip()]
    for place, node in enumerate(stated):
        builder.put(f"identification/secondaryIdInfos/{place}/id", node.raw, node.at)
