"""ClinicalTrials.gov's downloads for tables and reference managers: CSV and RIS.

They are short: no criteria, no arms. Where the library has the record itself, it stays the newest.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from trialwright.registry.readers.build import Builder, roman_phases
from trialwright.registry.readers.common import said
from trialwright.registry.readers.errors import UnreadableError
from trialwright.registry.record.record import Record, Register
from trialwright.registry.record.text import TextForm

# Columns, in the words of the site since 2023 and before, and where they belong.
_TEXTS = {
    "Study Title": "identification/briefTitle",
    "Official Title": "identification/officialTitle",
    "Title": "identification/briefTitle",
    "Acronym": "identification/acronym",
    "Brief Summary": "description/briefSummary",
    "Start Date": "status/startDateStruct/date",
    "Primary Completion Date": "status/primaryCompletionDateStruct/date",
    "Completion Date": "status/completionDateStruct/date",
    "First Posted": "status/studyFirstPostDateStruct/date",
    "Results First Posted": "status/resultsFirstPostDateStruct/date",
    "Last Update Posted": "status/lastUpdatePostDateStruct/date",
    "Enrollment": "design/enrollmentInfo/count",
    "Sponsor": "sponsorCollaborators/leadSponsor/name",
    "Funder Type": "sponsorCollaborators/leadSponsor/class",
}
_CODES = {
    "Study Status": "status/overallStatus",
    "Status": "status/overallStatus",
    "Study Type": "design/studyType",
    "Sex": "eligibility/sex",
    "Gender": "eligibility/sex",
}
_DESIGN = {
    "Allocation": "design/designInfo/allocation",
    "Intervention Model": "design/designInfo/interventionModel",
    "Masking": "design/designInfo/maskingInfo/masking",
    "Primary Purpose": "design/designInfo/primaryPurpose",
    "Observational Model": "design/designInfo/observationalModel",
    "Time Perspective": "design/designInfo/timePerspective",
}
_AGE = re.compile(r"(?:(\d+ \w+)\s+(?:to|and)\s+)?(\d+ \w+|up|older)?", re.IGNORECASE)
_LIST_MARK = "|"
_GROUPS = {"CHILD", "ADULT", "OLDER_ADULT"}


def read_table_row(row: Mapping[str, str]) -> Record:
    """Read a row of a CSV, each cell by the name of its column.

    Raises:
        UnreadableError: it has no NCT number.
    """
    builder = Builder()
    for column, path in _TEXTS.items():
        builder.put(path, said(row.get(column)) or None, _at(column))
    for column, path in _CODES.items():
        builder.put(path, _code(row.get(column, "")), _at(column))
    sponsors = list(_listed(row.get("Sponsor/Collaborators", "")))
    if sponsors:
        builder.put("sponsorCollaborators/leadSponsor/name", sponsors[0], _at("Sponsor"))
    others = sponsors[1:] or list(_listed(row.get("Collaborators", "")))
    for place, name in enumerate(others):
        builder.put(f"sponsorCollaborators/collaborators/{place}/name", name, _at("Collaborators"))
    results = {"YES": True, "HAS_RESULTS": True, "NO": False, "NO_RESULTS_AVAILABLE": False}
    builder.put("/hasResults", results.get(_code(row.get("Study Results", "")) or ""),
                _at("Study Results"))  # fmt: skip
    for place, name in enumerate(_listed(row.get("Conditions", ""))):
        builder.put(f"conditions/conditions/{place}", name, _at("Conditions"))
    for place, text in enumerate(_listed(row.get("Other IDs", ""))):
        own = "orgStudyIdInfo/id" if place == 0 else f"secondaryIdInfos/{place - 1}/id"
        builder.put(f"identification/{own}", text, _at("Other IDs"))
    _put_interventions(builder, row)
    _put_outcomes(builder, row)
    _put_design(builder, row)
    _put_places(builder, row)
    return builder.record(
        _number(row.get("NCT Number", "")), Register.CTGOV, TextForm.PLAIN, short=True
    )


def _put_interventions(builder: Builder, row: Mapping[str, str]) -> None:
    for place, text in enumerate(_listed(row.get("Interventions", ""))):
        kind, colon, name = text.partition(": ")
        path = f"armsInterventions/interventions/{place}"
        if colon:
            builder.put(f"{path}/type", _code(kind), _at("Interventions"))
        builder.put(f"{path}/name", name if colon else text, _at("Interventions"))


def _put_outcomes(builder: Builder, row: Mapping[str, str]) -> None:
    """Outcomes as the table has them: measure, description and time frame in one text."""
    for column, role in (
        ("Primary Outcome Measures", "primary"), ("Outcome Measures", "primary"),
        ("Secondary Outcome Measures", "secondary"), ("Other Outcome Measures", "other"),
    ):  # fmt: skip
        for place, text in enumerate(_listed(row.get(column, ""))):
            builder.put(f"outcomes/{role}Outcomes/{place}/measure", text, _at(column))


def _put_design(builder: Builder, row: Mapping[str, str]) -> None:
    column = "Study Design" if "Study Design" in row else "Study Designs"
    for part in _listed(row.get(column, "")):
        name, _, value = part.partition(":")
        if path := _DESIGN.get(name.strip()):
            builder.put(path, _code(value.partition("(")[0]), _at(column))
    phases = row.get("Phases", "")
    words = " ".join(re.sub(r"(?i)PHASE", "Phase ", text) for text in _listed(phases))
    early = ["EARLY_PHASE1"] if "early" in phases.lower() else None
    builder.put("design/phases", early or (roman_phases(words) if words else None), _at("Phases"))
    said_ages, _, groups = row.get("Age", "").partition("(")
    codes = [_code(word) or "" for word in re.split(r"[,|]", (groups or said_ages).strip(") "))]
    for place, code in enumerate(code for code in codes if code in _GROUPS):
        builder.put(f"eligibility/stdAges/{place}", code, _at("Age"))
    if groups and (found := _AGE.fullmatch(said_ages.strip())):
        low, high = found.groups()
        builder.put("eligibility/minimumAge", low or "N/A", _at("Age"))
        open_ended = high is None or high.lower() in {"up", "older"}
        builder.put("eligibility/maximumAge", "N/A" if open_ended else high, _at("Age"))


def _put_places(builder: Builder, row: Mapping[str, str]) -> None:
    """Places as "facility, city, state, postcode, country"; the last part is the country."""
    for place, text in enumerate(_listed(row.get("Locations", ""))):
        path = f"contactsLocations/locations/{place}"
        names = [part.strip() for part in text.split(",")]
        builder.put(f"{path}/country", names[-1], _at("Locations"))
        builder.put(f"{path}/facility", text.rpartition(",")[0].strip() or None, _at("Locations"))


# The tags of a RIS record of the site, and the columns they stand for.
_TAGS = {
    "ST": "Study Title", "AB": "Brief Summary", "C1": "Sponsor", "C2": "Study Status",
    "C3": "Last Update Posted", "C5": "Study Type", "C6": "Study Results", "Y2": "Start Date",
    "KW": "Conditions", "A2": "Collaborators", "U1": "Other IDs",
}  # fmt: skip
_NUMBER_TAGS = ("ID", "AN", "UR", "M1", "N1", "TI", "T1")


def read_ris(text: str) -> Record:
    """Read a RIS record, of the site itself or of a reference manager that names the trial.

    Raises:
        UnreadableError: it names no NCT number.
    """
    tags: dict[str, list[str]] = {}
    last = ""
    for line in text.splitlines():
        if found := re.match(r"([A-Z][A-Z0-9])  - ?(.*)", line):
            last = found[1]
            tags.setdefault(last, []).append(found[2].strip())
        elif last and line.strip():
            tags[last][-1] = f"{tags[last][-1]} {line.strip()}"
    row = {name: _LIST_MARK.join(tags[tag]) for tag, name in _TAGS.items() if tag in tags}
    title = " ".join(tags.get("TI") or tags.get("T1") or [])
    # The site gives both titles; a reference manager one.
    row |= {"Official Title": title} if "Study Title" in row else {"Study Title": title}
    # "2020-A1 [OTHER]": a number and its kind.
    row["Other IDs"] = re.sub(r" \[[^\]|]*\](?=\||$)", "", row.get("Other IDs", ""))
    named = (text for tag in _NUMBER_TAGS for text in tags.get(tag, []))
    numbers = (found[0] for text in named if (found := re.search(r"NCT\d{8}", text)))
    if (number := next(numbers, None)) is None:
        raise UnreadableError(
            "an entry of a reference manager is read where it names a trial of ClinicalTrials.gov"
            " (NCT and eight digits); this one names none"
        )
    return read_table_row(row | {"NCT Number": number})


def _listed(text: str) -> Iterator[str]:
    yield from (part for raw in text.split(_LIST_MARK) if (part := " ".join(raw.split())))


def _code(words: str) -> str | None:
    """A word as the register codes it: "Not yet recruiting" is NOT_YET_RECRUITING."""
    code = re.sub(r"[^A-Za-z0-9]+", "_", words.strip()).strip("_").upper()
    return _RENAMED.get(code, code) or None


_RENAMED = {
    "UNKNOWN_STATUS": "UNKNOWN", "N_A": "NA", "NONE_OPEN_LABEL": "NONE",
    "SINGLE_GROUP_ASSIGNMENT": "SINGLE_GROUP", "PARALLEL_ASSIGNMENT": "PARALLEL",
    "CROSSOVER_ASSIGNMENT": "CROSSOVER", "FACTORIAL_ASSIGNMENT": "FACTORIAL",
    "SEQUENTIAL_ASSIGNMENT": "SEQUENTIAL",
}  # fmt: skip


def _at(column: str) -> str:
    return f"/{column}"


def _number(text: str) -> str:
    if not re.fullmatch(r"NCT\d{8}", text.strip()):
        raise UnreadableError(
            f"a row of ClinicalTrials.gov needs a number like NCT01234567, not “{text[:60]}”",
            "/NCT Number",
        )
    return text.strip()
