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
    said,
    tree_of,
)
from trialwright.registry.readers.isrctn_design import put_design
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
    }.items():
        copy(builder, path, raw / source)
    for rank in ("primary", "secondary"):
        _put_outcomes(builder, raw["trialDescription"], rank)
    put_sex(builder, raw / "participants/gender")
    _put_age_limits(builder, raw["participants"])
    _put_enrolment(builder, raw["participants"])
    put_phases(builder, raw / "interventions/intervention/phase")
    put_design(builder, raw["trialDesign"])
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
    _put_sponsors(builder, raw)
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


def _put_sponsors(builder: Builder, raw: Node) -> None:
    """The first sponsor leads; further ones, and the funders, support the trial."""
    named = [(node, "organisation") for node in listed(raw["sponsor"])]
    named += [(node, "name") for node in listed(raw["funder"]) if _is_name(node["name"])]
    paths = ["leadSponsor"] if raw["sponsor"].raw else []
    paths += [f"collaborators/{place}" for place in range(len(named))]
    for path, (node, key) in zip(paths, named, strict=False):
        copy(builder, f"sponsorCollaborators/{path}/name", node[key])
        if "Industry" in said(node["sponsorType"].raw) or node["commercialStatus"].raw == (
            "Commercial"
        ):
            builder.put(f"sponsorCollaborators/{path}/class", "INDUSTRY", node.at)


def _is_name(node: Node) -> bool:
    """Whether a funder is named, and not when the entry was changed or that there is none."""
    text = said(node.raw)
    return bool(text) and not text.endswith(":") and not text.startswith("Not provided")


def _put_enrolment(builder: Builder, people: Node) -> None:
    """The number enrolled once it is told, until then the one planned."""
    for key, kind in (
        ("totalFinalEnrolment", "ACTUAL"),
        ("targetEnrolment", "ESTIMATED"),
    ):
        if people[key].raw not in {MISSING, "", "0", 0}:
            builder.put("design/enrollmentInfo/count", people[key].raw, people[key].at)
            builder.put("design/enrollmentInfo/type", kind, people[key].at)
            return


def _put_age_limits(builder: Builder, people: Node) -> None:
    """The limits where they are told; those that the age group means where the lower isn't."""
    for path, key in (("minimumAge", "lowerAgeLimit"), ("maximumAge", "upperAgeLimit")):
        if people[key].raw not in {MISSING, ""}:
            builder.put(f"eligibility/{path}", people[key].raw, people[key].at)
    if people["lowerAgeLimit"].raw in {MISSING, ""}:
        _put_age_group(builder, people["ageRange"])


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
    _put_limits(root, trial)
    element = root.find("{*}trial")
    changed = (root if element is None else element).get("lastUpdated")
    parties = {name: whole[name] for name in ("sponsor", "funder") if name in whole}
    return read_isrctn(trial | parties | ({"lastUpdated": changed} if changed else {}))


def _put_limits(root: etree._Element, trial: dict[str, Any]) -> None:
    """Put the limits of age that stand in attributes alone, as they did before 2025."""
    people = trial.get("participants")
    for name in ("lowerAgeLimit", "upperAgeLimit"):
        limit = root.find(f".//{{*}}{name}")
        if limit is None or not isinstance(people, dict) or (limit.text or "").strip():
            continue
        if number := (limit.get("value") or "").removesuffix(".0"):
            people[name] = f"{number} {limit.get('unit') or ''}".strip()
