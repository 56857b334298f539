"""What ANZCTR's web service answers, `<SearchResult><trial>`: other names and places than its file.

The service tells what its search shows: the primary outcomes alone, no secondary numbers, no
allocation or masking, the planned dates and size. So it is short: the file stands before it.
"""

from __future__ import annotations

import re

from lxml import etree

from trialwright.registry.readers.anzctr import STATUSES, put_people
from trialwright.registry.readers.build import Builder, roman_phases
from trialwright.registry.readers.common import coded, put_outcomes, said
from trialwright.registry.readers.errors import UnreadableError
from trialwright.registry.record.record import Record, Register
from trialwright.registry.record.text import TextForm

_INNER = "Details/OutcomeMeasures"
_TEXTS = {
    "publictitle": "identification/briefTitle",
    "scientifictitle": "identification/officialTitle",
    "trialacronym": "identification/acronym",
    "utn": "identification/orgStudyIdInfo/id",
    f"{_INNER}/briefsummary": "description/briefSummary",
    f"{_INNER}/lastupdatedon": "status/lastUpdatePostDateStruct/date",
}
_DATES = {"startDateStruct": "startdate", "completionDateStruct": "enddate"}
_PURPOSES = {
    "treatment": "TREATMENT", "prevention": "PREVENTION", "diagnosis": "DIAGNOSTIC",
    "educational / counselling / training": "OTHER",
}  # fmt: skip
_CONTACTS = {
    "principal investigator": "overallOfficials",
    "public queries": "centralContacts",
}
_INDUSTRY = "commercial sector"
_AUSTRALIA = "Australia"


def read_anzctr_service(root: etree._Element) -> Record:
    """Read a `<trial>` of the service's answer.

    Raises:
        UnreadableError: it has no number of this register.
    """
    number = _text(root, "actrn")
    if not re.fullmatch(r"ACTRN\d{14}p?", number):
        raise UnreadableError(
            "a trial of ANZCTR's web service needs a number like ACTRN12605000001695",
            "/trial/actrn",
        )
    builder = Builder()
    for source, path in _TEXTS.items():
        builder.put(path, _text(root, source) or None, _at(source))
    _put_conditions(builder, root)
    measures = root.iterfind(f"{_INNER}/OutcomeMeasure")
    put_outcomes(
        builder,
        "primary",
        [(_text(m, "Outcome"), _text(m, "Timepoint"), _at(_INNER)) for m in measures],
    )
    _put_design(builder, root)
    _put_places(builder, root)
    if (eligibility := root.find(f"{_INNER}/eligibility")) is not None:
        put_people(builder, eligibility, _at(f"{_INNER}/eligibility"))
    _put_sponsors(builder, root)
    _put_contacts(builder, root)
    return builder.record(number, Register.ANZCTR, TextForm.PLAIN, short=True)


def _put_conditions(builder: Builder, root: etree._Element) -> None:
    source = "Details/conditions/healthcondition"
    builder.put_each(
        "conditions/conditions",
        ((name, _at(source)) for node in root.iterfind(source) if (name := said(node.text))),
    )
    named = ("Details/InterventionExposure", "Details/Comparison")
    told = [(source, text) for source in named if (text := _text(root, source))]
    for place, (source, text) in enumerate(told):
        builder.put(f"armsInterventions/interventions/{place}/name", text, _at(source))


def _put_design(builder: Builder, root: etree._Element) -> None:
    recruitment = f"{_INNER}/recruitment"
    status = coded(_text(root, f"{recruitment}/recruitmentstatus"), STATUSES)
    builder.put("status/overallStatus", status, _at(f"{recruitment}/recruitmentstatus"))
    for path, name in _DATES.items():
        for kind, code in (("actual", "ACTUAL"), ("anticipated", "ESTIMATED")):
            if text := _text(root, f"{recruitment}/{kind}{name}"):
                builder.put(f"status/{path}/date", text, _at(recruitment))
                builder.put(f"status/{path}/type", code, _at(recruitment))
                break
    kind = _text(root, "Details/studytype").upper()
    builder.put("design/studyType", kind or None, _at("Details/studytype"))
    if phase := (root.findtext(f"{_INNER}/Phase") or "").strip():
        builder.put("design/phases", roman_phases(phase), _at(f"{_INNER}/Phase"))
    purpose = coded(_text(root, f"{_INNER}/Purpose"), _PURPOSES)
    builder.put("design/designInfo/primaryPurpose", purpose, _at(f"{_INNER}/Purpose"))
    if size := _text(root, f"{recruitment}/samplesize"):
        builder.put("design/enrollmentInfo/count", size, _at(recruitment))
        builder.put("design/enrollmentInfo/type", "ESTIMATED", _at(recruitment))


def _put_places(builder: Builder, root: etree._Element) -> None:
    """Hospitals with their towns, else the states of Australia; then the countries beyond."""
    source = f"{_INNER}/recruitment"
    found: list[dict[str, str]] = []
    for node in root.iterfind(f"{source}/hospital"):
        if name := said(node.text):
            facility, _, city = name.rpartition(" - ")
            found.append({"facility": facility or name, "city": city if facility else ""})
    if not found:
        states = _text(root, f"{source}/recruitmentstate").split(",")
        found = [{"state": state.strip()} for state in states if state.strip()]
    if not found and any(said(node.text) for node in root.iterfind(f"{source}/postcode")):
        found = [{}]
    places = [{**place, "country": _AUSTRALIA} for place in found]
    for node in root.iterfind(f"{source}/countrysoutsideaustralia/countryoutsideaustralia"):
        if country := _text(node, "country"):
            places.append({"state": _text(node, "state"), "country": country})
    for place, facts in enumerate(places):
        for key, value in facts.items():
            builder.put(f"contactsLocations/locations/{place}/{key}", value or None, _at(source))


def _put_sponsors(builder: Builder, root: etree._Element) -> None:
    """The primary sponsor leads; secondary ones and funders support the trial, each once."""
    source = f"{_INNER}/FundingSponsors"
    lead = _text(root, f"{source}/primarysponsorname")
    named = [(_text(root, f"{source}/primarysponsortype"), lead)]
    for part, kind, name in (
        ("secondarysponsors/secondarysponsor", "type", "name"),
        ("fundingsources/fundingsource", "fundingtype", "fundingname"),
    ):
        for node in root.iterfind(f"{source}/{part}"):
            named.append((_text(node, kind), _text(node, name)))
    others = {name: kind for kind, name in named if name and name != lead}
    ranked = [*enumerate(others.items()), *([(None, (lead, named[0][0]))] if lead else [])]
    for place, (name, kind) in ranked:
        path = "leadSponsor" if place is None else f"collaborators/{place}"
        builder.put(f"sponsorCollaborators/{path}/name", name, _at(source))
        if kind.lower().startswith(_INDUSTRY):
            builder.put(f"sponsorCollaborators/{path}/class", "INDUSTRY", _at(source))


def _put_contacts(builder: Builder, root: etree._Element) -> None:
    """Who leads the trial, and whom the public asks, as registered."""
    source = f"{_INNER}/Contacts"
    counts = {"overallOfficials": 0, "centralContacts": 0}
    for node in root.iterfind(f"{source}/Enquiry"):
        name = _text(node, "name")
        path = _CONTACTS.get(_text(node, "type").lower(), "")
        if not path or not name:
            continue
        base = f"contactsLocations/{path}/{counts[path]}"
        counts[path] += 1
        told = {"name": f"{_text(node, 'title')} {name}".strip()}
        if path == "overallOfficials":
            told["role"] = "PRINCIPAL_INVESTIGATOR"
        else:
            told |= {"phone": _text(node, "phone"), "email": _text(node, "email")}
        for fact, value in told.items():
            builder.put(f"{base}/{fact}", value or None, _at(source))


def _text(root: etree._Element, path: str) -> str:
    return said(root.findtext(path))


def _at(path: str) -> str:
    return f"/trial/{path}"
