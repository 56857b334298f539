"""Records of the WHO's search portal (ICTRP): one form for the trials of some eighteen registers.

The portal exports `<Trials_downloaded_from_ICTRP>` with a flat `<Trial>` for each record. It is a
copy, and a short one: where the library has a trial from a register that we read itself, that one
stays the newest version, whatever the portal's date. Status words are kept as the register wrote
them; only what has one clear counterpart becomes a code.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator, Mapping
from typing import TypeAlias

from trialwright.registry.readers.build import Builder, roman_phases
from trialwright.registry.readers.errors import UnreadableError
from trialwright.registry.record.record import Record, Register
from trialwright.registry.record.register_numbers import register_of
from trialwright.registry.record.text import TextForm

Texts: TypeAlias = dict[str, str]

# Registers whose own records we read, and which a copy must not stand before.
_READ_THEMSELVES = {Register.CTGOV, Register.EUCTR, Register.CTIS, Register.ISRCTN}
_PLAIN = {
    "Public_title": "identification/briefTitle",
    "Scientific_title": "identification/officialTitle",
    "Acronym": "identification/acronym",
    "Primary_sponsor": "sponsorCollaborators/leadSponsor/name",
    "Study_design": "design/designInfo/interventionModelDescription",
    "Date_registration": "status/studyFirstPostDateStruct/date",
    "Date_enrollement": "status/startDateStruct/date",
    "results_date_completed": "status/completionDateStruct/date",
}
# What one field lists, by semicolons or broken lines.
_LISTED = {
    "Condition": "conditions/conditions/{}",
    "Secondary_ID": "identification/secondaryIdInfos/{}/id",
    "Secondary_Sponsor": "sponsorCollaborators/collaborators/{}/name",
    "Countries": "contactsLocations/locations/{}/country",
    "Primary_outcome": "outcomes/primaryOutcomes/{}/measure",
    "Secondary_outcome": "outcomes/secondaryOutcomes/{}/measure",
}
_STATUSES = {
    "recruiting": "RECRUITING",
    "completed": "COMPLETED",
    "suspended": "SUSPENDED",
    "terminated": "TERMINATED",
    "withdrawn": "WITHDRAWN",
}
_KINDS = {
    "drug", "device", "biological", "procedure", "radiation", "behavioral", "genetic",
    "dietary supplement", "combination product", "diagnostic test", "other",
}  # fmt: skip
_AGE = re.compile(r"(?i)\s*(\d{1,3})\s*(y|years?|m|months?|w|weeks?|d|days?|h|hours?)?\s*\.?\s*")
_UNITS = {"y": "Years", "m": "Months", "w": "Weeks", "d": "Days", "h": "Hours"}
_DAY_MONTH_YEAR = re.compile(r"(\d{1,2}) ([A-Za-z]+) (\d{4})")
_EMPTY = {"", "null", "none", "-", "."}


def read_ictrp(texts: Texts) -> Record:
    """Read the fields of one `<Trial>`, each by the name of its element.

    Raises:
        UnreadableError: it has no number of a register that the portal collects.
    """
    number, register = number_and_register(texts.get("TrialID", "").strip())
    said = {name: text for name, raw in texts.items() if (text := _said(raw)).lower() not in _EMPTY}
    builder = Builder()
    for name, path in _PLAIN.items():
        builder.put(path, _date(said[name]) if name in said else None, _at(name))
    for name, path in _LISTED.items():
        for place, part in enumerate(_parts(said.get(name, ""))):
            builder.put(path.format(place), part, _at(name))
    if register not in _READ_THEMSELVES:
        refreshed = _date(said.get("Last_Refreshed_on", "")) or None
        builder.put("status/lastUpdatePostDateStruct/date", refreshed, _at("Last_Refreshed_on"))
    if status := said.get("Recruitment_Status"):
        code = _STATUSES.get(status.lower(), status)
        builder.put("status/overallStatus", code, _at("Recruitment_Status"))
    count = _participants(said.get("Target_size", ""))
    builder.put("design/enrollmentInfo/count", count or None, _at("Target_size"))
    _put_design(builder, said)
    _put_people(builder, said)
    for place, part in enumerate(_parts(said.get("Intervention", ""))):
        _put_intervention(builder, place, part)
    return builder.record(number, register, TextForm.PLAIN)


def read_ictrp_row(row: Mapping[str, str]) -> Record:
    """Read a row of the portal's CSV, each cell by the name of its column.

    Raises:
        UnreadableError: it has no number of a register that the portal collects.
    """
    return read_ictrp({name.replace(" ", "_"): text for name, text in row.items()})


def number_and_register(text: str) -> tuple[str, Register]:
    """Return a trial's number as its register writes it, and the register.

    Raises:
        UnreadableError: it is the number of no register that we know.
    """
    if register := register_of(text):
        return re.sub(r"^(?:EUCTR|CTIS)(?=\d)", "", text), register
    raise UnreadableError(
        f"this is a record of WHO's ICTRP with a number of no register we know: “{text[:60]}”",
        "/Trial/TrialID",
    )


def _at(name: str) -> str:
    return f"/Trial/{name}"


def _said(text: str) -> str:
    """A field's text: the portal leaves line breaks of HTML in it, escaped once more."""
    text = html.unescape(text.replace("\r", "\n"))
    text = re.sub(r"(?i)<br\s*/?>|</p>", "\n", text)
    lines = (" ".join(line.split()) for line in text.split("\n"))
    return "\n".join(line for line in lines if line)


def _parts(text: str) -> Iterator[str]:
    """What a field lists; a semicolon within parentheses parts nothing."""
    for part in re.split(r";(?![^()]*\))|\n", text):
        if (stripped := part.strip(" .;")) and stripped.lower() not in _EMPTY:
            yield stripped


def _date(text: str) -> str:
    """A date with the month before the day, as our dates are read; other text as it is."""
    if found := _DAY_MONTH_YEAR.fullmatch(text):
        day, month, year = found.groups()
        return f"{month} {day}, {year}"
    return text


def _participants(text: str) -> str:
    """How many participants; some registers write them by group ("treated:10;control:10;")."""
    groups = re.findall(r"[^;:]+:\s*(\d{1,7})\s*(?:;|$)", text)
    return str(sum(map(int, groups))) if groups else text


def _put_design(builder: Builder, said: Texts) -> None:
    kind = said.get("Study_type", "").lower()
    for word in ("interventional", "observational"):
        if word in kind:
            builder.put("design/studyType", word.upper(), _at("Study_type"))
    phase = said.get("Phase", "")
    confirmed = re.findall(r"(?i)\(phase (IV|I{1,3})\):\s*yes", phase)
    words = " ".join(f"Phase {number}" for number in confirmed) if ": no" in phase else phase
    builder.put("design/phases", roman_phases(words) if words else None, _at("Phase"))
    results = {"yes": True, "no": False}.get(said.get("results_yes_no", "").lower())
    builder.put("/hasResults", results, _at("results_yes_no"))


def _put_people(builder: Builder, said: Texts) -> None:
    for name, path in (("Inclusion_agemin", "minimumAge"), ("Inclusion_agemax", "maximumAge")):
        if found := _AGE.fullmatch(said.get(name, "")):
            count, unit = found.groups()
            age = f"{count} {_UNITS[(unit or 'y')[0].lower()]}"
            builder.put(f"eligibility/{path}", age, _at(name))
        elif name in said:
            builder.put(f"eligibility/{path}", said[name], _at(name))
    builder.put("eligibility/sex", _sex(said.get("Inclusion_gender", "")), _at("Inclusion_gender"))
    blocks = []
    for heading, name in (("Inclusion", "Inclusion_Criteria"), ("Exclusion", "Exclusion_Criteria")):
        if text := said.get(name):
            headed = re.match(rf"(?i){heading} criteria\s*:?\s*", text)
            body = text[headed.end() :] if headed else text
            blocks.append(f"{heading} Criteria:\n\n{body}")
    criteria = "\n\n".join(blocks) or None
    builder.put("eligibility/eligibilityCriteria", criteria, _at("Inclusion_Criteria"))


def _sex(text: str) -> str | None:
    """The sex as a code; EU records of the portal write "Female: yes Male: no"."""
    words = text.lower()
    if "female: " in words:
        female, male = "female: yes" in words, re.search(r"\bmale: yes", words) is not None
    else:
        both = re.search(r"\b(?:both|all)\b", words) is not None
        female = both or "female" in words or "women" in words
        male = both or re.search(r"\b(?:male|men)", words) is not None
    return {(True, True): "ALL", (True, False): "FEMALE", (False, True): "MALE"}.get((female, male))


def _put_intervention(builder: Builder, place: int, part: str) -> None:
    path = f"armsInterventions/interventions/{place}"
    kind, colon, name = part.partition(":")
    if colon and name.strip() and kind.strip().lower() in _KINDS:
        code = kind.strip().upper().replace(" ", "_")
        builder.put(f"{path}/type", code, _at("Intervention"))
        part = name.strip()
    builder.put(f"{path}/name", part, _at("Intervention"))
