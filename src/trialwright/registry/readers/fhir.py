"""ResearchStudy of HL7 FHIR, releases 4 and 5, as a resource of its own or in a bundle.

A study is read when one of its identifiers is a number of a register that we know.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from trialwright.registry.readers.build import Builder, roman_phases
from trialwright.registry.readers.common import every, said
from trialwright.registry.readers.errors import UnreadableError
from trialwright.registry.readers.ictrp import number_and_register
from trialwright.registry.record.record import Record
from trialwright.registry.record.text import TextForm

# FHIR 4.0.1, value set research-study-status; of release 5 the states of progress.
_STATUSES = {
    "approved": "NOT_YET_RECRUITING",
    "not-yet-recruiting": "NOT_YET_RECRUITING",
    "recruiting": "RECRUITING",
    "enrolling-by-invitation": "ENROLLING_BY_INVITATION",
    "active-but-not-recruiting": "ACTIVE_NOT_RECRUITING",
    "closed-to-accrual": "ACTIVE_NOT_RECRUITING",
    "closed-to-accrual-and-intervention": "ACTIVE_NOT_RECRUITING",
    "completed": "COMPLETED",
    "temporarily-closed-to-accrual": "SUSPENDED",
    "temporarily-closed-to-accrual-and-intervention": "SUSPENDED",
    "administratively-completed": "TERMINATED",
    "withdrawn": "WITHDRAWN",
}
Tree = Mapping[str, Any]


def read_fhir(study: Tree) -> Record:
    """Read a ResearchStudy.

    Raises:
        UnreadableError: none of its identifiers is a number of a register.
    """
    builder = Builder()
    numbers = [said(one.get("value")) for one in _parts(study.get("identifier"))]
    number, register = _own(numbers)
    others = [one for one in numbers if one and one != number]
    for place, other in enumerate(others):
        builder.put(f"identification/secondaryIdInfos/{place}/id", other, "/identifier")
    for key, path in (
        ("title", "identification/briefTitle"),
        ("description", "description/briefSummary"),
    ):
        builder.put(path, said(study.get(key)) or None, f"/{key}")
    _put_status(builder, study)
    period = study.get("period")
    for end, path in (("start", "startDateStruct"), ("end", "completionDateStruct")):
        date = period.get(end) if isinstance(period, dict) else None
        builder.put(f"status/{path}/date", date or None, f"/period/{end}")
    phase = _words(study.get("phase"))
    builder.put("design/phases", roman_phases(phase.replace("-", " ")) if phase else None, "/phase")
    _put_lists(builder, study)
    return builder.record(number, register, TextForm.PLAIN, short=True)


def _own(numbers: list[str]) -> tuple[str, Any]:
    for number in numbers:
        try:
            return number_and_register(number)
        except UnreadableError:
            continue
    raise UnreadableError(
        "this is a ResearchStudy of FHIR without the number of a register that we know",
        "/identifier",
    )


def _put_status(builder: Builder, study: Tree) -> None:
    """The state of release 4, or the latest of release 5, whose own status is the resource's."""
    states = [_words(one.get("state")) for one in _parts(study.get("progressStatus"))]
    word = next((state for state in reversed(states) if state.lower() in _STATUSES), "")
    word = word or said(study.get("status"))
    code = _STATUSES.get(word.lower())
    builder.put("status/overallStatus", code or word.upper() or None, "/status")


def _put_lists(builder: Builder, study: Tree) -> None:
    for key, path in (
        ("condition", "conditions/conditions/{}"),
        ("keyword", "conditions/keywords/{}"),
        ("focus", "armsInterventions/interventions/{}/name"),
    ):
        for place, text in enumerate(filter(None, map(_words, every(study.get(key))))):
            builder.put(path.format(place), text, f"/{key}")
    for place, arm in enumerate(_parts(study.get("arm")) or _parts(study.get("comparisonGroup"))):
        path = f"armsInterventions/armGroups/{place}"
        builder.put(f"{path}/label", said(arm.get("name")) or None, "/arm")
        builder.put(f"{path}/description", said(arm.get("description")) or None, "/arm")
    objectives = _parts(study.get("outcomeMeasure")) or _parts(study.get("objective"))
    counts = {"primary": 0, "secondary": 0}
    for one in objectives:
        role = "primary" if "primary" in _words(one.get("type")).lower() else "secondary"
        path = f"outcomes/{role}Outcomes/{counts[role]}/measure"
        name = said(one.get("name"))
        if name := said(one.get("description")) if name.lower() in {"", *counts} else name:
            builder.put(path, name, "/objective")
            counts[role] += 1
    for place, country in enumerate(_countries(study)):
        builder.put(f"contactsLocations/locations/{place}/country", country, "/location")
    sponsor = study.get("sponsor")
    named = sponsor.get("display") if isinstance(sponsor, dict) else None
    parties = _parts(study.get("associatedParty"))
    leads = (said(one.get("name")) for one in parties if "sponsor" in _words(one.get("role")))
    named = named or next(leads, "")
    builder.put("sponsorCollaborators/leadSponsor/name", named or None, "/sponsor")


def _countries(study: Tree) -> Iterator[str]:
    for key in ("location", "region"):
        yield from filter(None, map(_words, every(study.get(key))))


def _words(concept: object) -> str:
    """What a CodeableConcept (or in release 5 a CodeableReference) says, its text first."""
    if isinstance(concept, str):
        return said(concept)
    if not isinstance(concept, dict):
        return ""
    if isinstance(concept.get("concept"), dict):
        return _words(concept["concept"])
    codes = _parts(concept.get("coding"))
    shown = [concept.get("text"), *(one.get("display") or one.get("code") for one in codes)]
    return next(filter(None, map(said, shown)), said(concept.get("display")))


def _parts(raw: object) -> list[Tree]:
    return [one for one in every(raw) if isinstance(one, dict)]
