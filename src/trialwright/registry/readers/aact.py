"""AACT's pipe-delimited tables: a trial is a row of `studies`, joined with its rows of others.

What is read here is one trial joined, `{"aact": {"studies": {…}, "conditions": [{…}, …]}}`, as
`tables.py` makes it. AACT is a copy of ClinicalTrials.gov made every night.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from trialwright.registry.readers.build import Builder, roman_phases
from trialwright.registry.readers.common import every, said
from trialwright.registry.readers.errors import UnreadableError
from trialwright.registry.record.record import Record, Register
from trialwright.registry.record.text import TextForm

# The tables that a record is made of; the others are left out.
TABLES = (
    "studies", "brief_summaries", "detailed_descriptions", "conditions", "keywords",
    "interventions", "design_groups", "designs", "eligibilities", "design_outcomes", "sponsors",
    "facilities", "id_information", "browse_conditions", "browse_interventions",
)  # fmt: skip
_STUDY = {
    "brief_title": "identification/briefTitle",
    "official_title": "identification/officialTitle",
    "acronym": "identification/acronym",
    "why_stopped": "status/whyStopped",
    "verification_date": "status/statusVerifiedDate",
    "verification_month_year": "status/statusVerifiedDate",
    "study_first_submitted_date": "status/studyFirstSubmitDate",
    "last_update_submitted_date": "status/lastUpdateSubmitDate",
    "enrollment": "design/enrollmentInfo/count",
}
_DATES = {
    "start": "startDateStruct", "primary_completion": "primaryCompletionDateStruct",
    "completion": "completionDateStruct",
}  # fmt: skip
_POSTED = {
    "study_first_posted_date": "studyFirstPostDateStruct",
    "results_first_posted_date": "resultsFirstPostDateStruct",
    "last_update_posted_date": "lastUpdatePostDateStruct",
}
_DESIGN = {
    "allocation": "allocation", "intervention_model": "interventionModel",
    "observational_model": "observationalModel", "primary_purpose": "primaryPurpose",
    "time_perspective": "timePerspective", "masking": "maskingInfo/masking",
}  # fmt: skip
Row = Mapping[str, Any]


def read_aact(tables: Mapping[str, Any]) -> Record:
    """Read a trial joined from the tables.

    Raises:
        UnreadableError: it has no NCT number.
    """
    study = _first(tables, "studies")
    number = said(study.get("nct_id"))
    if not re.fullmatch(r"NCT\d{8}", number):
        raise UnreadableError("a row of AACT's studies needs a number like NCT01234567",
                              "/aact/studies/nct_id")  # fmt: skip
    builder = Builder()
    for column, path in _STUDY.items():
        value = said(study.get(column))
        builder.put(path, value or None, _at(column))
    kind = _code(study.get("enrollment_type"))
    path = "design/enrollmentInfo/type"
    builder.put(path, _TYPES.get(kind, kind) or None, _at("enrollment_type"))
    builder.put("status/overallStatus", _code(study.get("overall_status")) or None, _at("status"))
    known = _code(study.get("last_known_status"))
    builder.put("status/lastKnownStatus", known or None, _at("last_known_status"))
    builder.put("design/studyType", _code(study.get("study_type")) or None, _at("study_type"))
    _put_dates(builder, study)
    phase = said(study.get("phase"))
    words = "EARLY_PHASE1" if "early" in phase.lower() else ""
    phases = [words] if words else roman_phases(re.sub(r"(?i)phase", "Phase ", phase))
    builder.put("design/phases", phases if phase else None, _at("phase"))
    posted = bool(said(study.get("results_first_posted_date")))
    builder.put("/hasResults", posted, _at("results_first_posted_date"))
    _put_texts(builder, tables)
    _put_arms(builder, tables)
    _put_people(builder, tables)
    _put_outcomes(builder, tables)
    _put_places(builder, tables)
    _put_mesh(builder, tables)
    return builder.record(number, Register.CTGOV, TextForm.PLAIN, short=True)


def _put_dates(builder: Builder, study: Row) -> None:
    """Dates as precise as registered, which `start_month_year` tells and `start_date` does not."""
    for name, path in _DATES.items():
        date = said(study.get(f"{name}_month_year")) or said(study.get(f"{name}_date"))
        builder.put(f"status/{path}/date", date or None, _at(f"{name}_date"))
        kind = _code(study.get(f"{name}_date_type"))
        builder.put(f"status/{path}/type", _TYPES.get(kind, kind) or None, _at(f"{name}_date_type"))
    for column, path in _POSTED.items():
        builder.put(f"status/{path}/date", said(study.get(column)) or None, _at(column))


_TYPES = {"ANTICIPATED": "ESTIMATED"}


def _put_texts(builder: Builder, tables: Mapping[str, Any]) -> None:
    for table, path in (
        ("brief_summaries", "description/briefSummary"),
        ("detailed_descriptions", "description/detailedDescription"),
    ):
        text = _lines(_first(tables, table).get("description"))
        builder.put(path, text or None, f"/aact/{table}")
    for table, path in (
        ("conditions", "conditions/conditions/{}"), ("keywords", "conditions/keywords/{}")
    ):  # fmt: skip
        names = (said(row.get("name")) for row in _rows(tables, table))
        for place, name in enumerate(filter(None, names)):
            builder.put(path.format(place), name, f"/aact/{table}")
    _put_numbers(builder, tables)
    others = 0
    for row in _rows(tables, "sponsors"):
        lead = said(row.get("lead_or_collaborator")).lower() == "lead"
        path = "leadSponsor" if lead else f"collaborators/{others}"
        others += not lead
        base = f"sponsorCollaborators/{path}"
        builder.put(f"{base}/name", said(row.get("name")) or None, "/aact/sponsors")
        builder.put(f"{base}/class", _code(row.get("agency_class")) or None, "/aact/sponsors")


def _put_numbers(builder: Builder, tables: Mapping[str, Any]) -> None:
    counts = {"secondaryIdInfos": 0, "nctIdAliases": 0}
    for row in _rows(tables, "id_information"):
        number = said(row.get("id_value"))
        kind = said(row.get("id_source") or row.get("id_type")).lower()
        if not number:
            continue
        if kind.startswith("org"):
            builder.put("identification/orgStudyIdInfo/id", number, "/aact/id_information")
            continue
        name = "nctIdAliases" if "alias" in kind else "secondaryIdInfos"
        end = "" if name == "nctIdAliases" else "/id"
        path = f"identification/{name}/{counts[name]}{end}"
        builder.put(path, number, "/aact/id_information")
        counts[name] += 1


def _put_arms(builder: Builder, tables: Mapping[str, Any]) -> None:
    for place, row in enumerate(_rows(tables, "design_groups")):
        path = f"armsInterventions/armGroups/{place}"
        builder.put(f"{path}/label", said(row.get("title")) or None, "/aact/design_groups")
        kind = _code(row.get("group_type"))
        builder.put(f"{path}/type", kind or None, "/aact/design_groups")
        text = _lines(row.get("description"))
        builder.put(f"{path}/description", text or None, "/aact/design_groups")
    for place, row in enumerate(_rows(tables, "interventions")):
        path = f"armsInterventions/interventions/{place}"
        kind = _code(row.get("intervention_type"))
        builder.put(f"{path}/type", kind or None, "/aact/interventions")
        builder.put(f"{path}/name", said(row.get("name")) or None, "/aact/interventions")
        text = _lines(row.get("description"))
        builder.put(f"{path}/description", text or None, "/aact/interventions")
    design = _first(tables, "designs")
    for column, path in _DESIGN.items():
        code = _code(str(design.get(column) or "").partition("(")[0])
        builder.put(f"design/designInfo/{path}", _MODELS.get(code, code) or None, "/aact/designs")


_MODELS = {
    "SINGLE_GROUP_ASSIGNMENT": "SINGLE_GROUP", "PARALLEL_ASSIGNMENT": "PARALLEL",
    "CROSSOVER_ASSIGNMENT": "CROSSOVER", "FACTORIAL_ASSIGNMENT": "FACTORIAL",
    "SEQUENTIAL_ASSIGNMENT": "SEQUENTIAL", "N_A": "NA", "NONE_OPEN_LABEL": "NONE",
}  # fmt: skip


def _put_people(builder: Builder, tables: Mapping[str, Any]) -> None:
    row, at = _first(tables, "eligibilities"), "/aact/eligibilities"
    for column, path in (("minimum_age", "minimumAge"), ("maximum_age", "maximumAge")):
        builder.put(f"eligibility/{path}", str(row.get(column) or "").strip() or None, at)
    builder.put("eligibility/sex", _code(row.get("gender")) or None, at)
    healthy = _YES_NO.get(said(row.get("healthy_volunteers")).lower())
    builder.put("eligibility/healthyVolunteers", healthy, at)
    criteria = _lines(row.get("criteria"))
    builder.put("eligibility/eligibilityCriteria", criteria or None, at)


_YES_NO = {
    "accepts healthy volunteers": True, "yes": True, "t": True, "true": True,
    "no": False, "f": False, "false": False,
}  # fmt: skip


def _put_outcomes(builder: Builder, tables: Mapping[str, Any]) -> None:
    counts = {"primary": 0, "secondary": 0, "other": 0}
    for row in _rows(tables, "design_outcomes"):
        role = said(row.get("outcome_type")).lower()
        if role not in counts or not said(row.get("measure")):
            continue
        path = f"outcomes/{role}Outcomes/{counts[role]}"
        counts[role] += 1
        for column, name in (
            ("measure", "measure"), ("time_frame", "timeFrame"), ("description", "description")
        ):  # fmt: skip
            text = _lines(row.get(column)) if column == "description" else said(row.get(column))
            builder.put(f"{path}/{name}", text or None, "/aact/design_outcomes")


def _put_places(builder: Builder, tables: Mapping[str, Any]) -> None:
    for place, row in enumerate(_rows(tables, "facilities")):
        path = f"contactsLocations/locations/{place}"
        builder.put(path, {}, "/aact/facilities")
        for column, name in (
            ("name", "facility"), ("city", "city"), ("state", "state"), ("country", "country")
        ):  # fmt: skip
            builder.put(f"{path}/{name}", said(row.get(column)) or None, "/aact/facilities")
        builder.put(f"{path}/status", _code(row.get("status")) or None, "/aact/facilities")
        for column, name in (("latitude", "lat"), ("longitude", "lon")):
            if degrees := _degrees(row.get(column)):
                builder.put(f"{path}/geoPoint/{name}", degrees, "/aact/facilities")


def _degrees(raw: object) -> float | None:
    try:
        return float(str(raw))
    except ValueError:
        return None


def _put_mesh(builder: Builder, tables: Mapping[str, Any]) -> None:
    for table, browse in (
        ("browse_conditions", "condition"), ("browse_interventions", "intervention")
    ):  # fmt: skip
        names = [
            said(row.get("mesh_term"))
            for row in _rows(tables, table)
            if said(row.get("mesh_type")) in {"", "mesh-list"}
        ]
        for place, name in enumerate(filter(None, names)):
            path = f"/derivedSection/{browse}BrowseModule/meshes/{place}/term"
            builder.put(path, name, f"/aact/{table}")


# AACT's export ends lines by a "~"; after a space and before a number it means "about".
_LINE_END = re.compile(r"~(?!(?<=\s~)\s?\d)")


def _lines(raw: object) -> str:
    """A text of several lines."""
    return _LINE_END.sub("\n", str(raw or "")).strip()


def _code(raw: object) -> str:
    words = said(raw)
    code = re.sub(r"[^A-Za-z0-9]+", "_", words).strip("_").upper()
    return {"UNKNOWN_STATUS": "UNKNOWN"}.get(code, code)


def _rows(tables: Mapping[str, Any], table: str) -> Iterator[Row]:
    yield from (row for row in every(tables.get(table)) if isinstance(row, dict))


def _first(tables: Mapping[str, Any], table: str) -> Row:
    return next(_rows(tables, table), {})


def _at(column: str) -> str:
    return f"/aact/studies/{column}"
