"""A registered trial as a citation: RIS, BibTeX, CSL-JSON, and schema.org's JSON-LD."""

from __future__ import annotations

import re
from typing import Any

from trialwright.registry.record.record import Record

# schema.org's words for a trial's status; what has no counterpart is left out.
_STATUSES = {
    "RECRUITING": "Recruiting",
    "NOT_YET_RECRUITING": "NotYetRecruiting",
    "ACTIVE_NOT_RECRUITING": "ActiveNotRecruiting",
    "COMPLETED": "Completed",
    "SUSPENDED": "Suspended",
    "TERMINATED": "Terminated",
    "WITHDRAWN": "Withdrawn",
    "ENROLLING_BY_INVITATION": "EnrollingByInvitation",
}


def ris(record: Record) -> str:
    """Return a RIS record."""
    date = record.first_posted.date.value
    pairs = [
        ("TY", "DBASE"),
        ("ID", record.number),
        ("AN", record.number),
        ("TI", _title(record)),
        ("AU", record.sponsor.name.value),
        ("PY", str(date.year) if date else None),
        ("DB", record.register.value),
        ("UR", record.address),
        ("AB", " ".join((record.summary.value or "").split())),
    ]
    keywords = [("KW", condition.value) for condition in record.conditions if condition.value]
    lines = [f"{tag}  - {' '.join(text.split())}" for tag, text in (*pairs, *keywords) if text]
    return "\r\n".join([*lines, "ER  - ", ""])


def bibtex(record: Record) -> str:
    """Return a BibTeX entry."""
    date = record.first_posted.date.value
    fields = {
        "title": f"{{{_escaped(_title(record))}}}",
        "author": f"{{{_escaped(record.sponsor.name.value or '')}}}",
        "year": str(date.year) if date else "",
        "howpublished": _escaped(f"{record.register.value}, {record.number}"),
        "url": record.address,
    }
    lines = [f"  {name} = {{{text}}}," for name, text in fields.items() if text not in {"", "{}"}]
    key = re.sub(r"\W+", "", record.number)
    return "\n".join([f"@misc{{{key},", *lines, "}", ""])


def csl(record: Record) -> list[dict[str, Any]]:
    """Return a list of one CSL-JSON item."""
    date = record.first_posted.date.value
    parts = [part for part in (date.year, date.month, date.day) if part] if date else []
    sponsor = record.sponsor.name.value
    item = {
        "id": record.number,
        "type": "dataset",
        "title": _title(record),
        "author": [{"literal": sponsor}] if sponsor else None,
        "issued": {"date-parts": [parts]} if parts else None,
        "number": record.number,
        "publisher": record.register.value,
        "URL": record.address,
    }
    return [{key: value for key, value in item.items() if value}]


def json_ld(record: Record) -> dict[str, Any]:
    """Return the trial as schema.org describes one (MedicalTrial or MedicalObservationalStudy)."""
    observational = record.study_type.value == "OBSERVATIONAL"
    countries = dict.fromkeys(place.country.value for place in record.locations)
    phases = [phase.value for phase in record.phases if phase.value]
    sponsor = record.sponsor.name.value
    found = {
        "@context": "https://schema.org",
        "@type": "MedicalObservationalStudy" if observational else "MedicalTrial",
        "identifier": record.number,
        "name": _title(record),
        "description": record.summary.value,
        "url": record.address,
        "status": _STATUSES.get(record.status.value or ""),
        "healthCondition": [
            {"@type": "MedicalCondition", "name": condition.value}
            for condition in record.conditions
            if condition.value
        ],
        "sponsor": {"@type": "Organization", "name": sponsor} if sponsor else None,
        "phase": ", ".join(phases) if not observational else None,
        "studyLocation": [
            {"@type": "AdministrativeArea", "name": country} for country in countries if country
        ],
    }
    return {key: value for key, value in found.items() if value}


def _title(record: Record) -> str:
    return record.official_title.value or record.title.value or record.number


def _escaped(text: str) -> str:
    """Text as TeX sets it: its own signs escaped, braces and backslashes too."""
    signs = {"\\": r"\textbackslash{}", "~": r"\textasciitilde{}", "^": r"\textasciicircum{}"}
    return "".join(signs.get(sign, f"\\{sign}" if sign in "{}#$%&_" else sign) for sign in text)
