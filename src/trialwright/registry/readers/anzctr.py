"""ANZCTR's own file, `<ANZCTR_Trial>`: trials of Australia and New Zealand."""

from __future__ import annotations

import re

from lxml import etree

from trialwright.registry.readers.build import Builder, roman_phases
from trialwright.registry.readers.common import coded, said
from trialwright.registry.readers.errors import UnreadableError
from trialwright.registry.record.record import Record, Register
from trialwright.registry.record.text import TextForm

_TEXTS = {
    "trial_identification/studytitle": "identification/briefTitle",
    "trial_identification/scientifictitle": "identification/officialTitle",
    "trial_identification/trialacronym": "identification/acronym",
    "submitdate": "status/studyFirstSubmitDate",
    "approvaldate": "status/studyFirstPostDateStruct/date",
    "dateLastUpdated": "status/lastUpdatePostDateStruct/date",
    "ethicsAndSummary/summary": "description/briefSummary",
    "sponsorship/primarysponsorname": "sponsorCollaborators/leadSponsor/name",
    "recruitment/withdrawnreasonother": "status/whyStopped",
}
STATUSES = {
    "recruiting": "RECRUITING",
    "not yet recruiting": "NOT_YET_RECRUITING",
    "active, not recruiting": "ACTIVE_NOT_RECRUITING",
    "closed: follow-up continuing": "ACTIVE_NOT_RECRUITING",
    "closed: follow-up complete": "COMPLETED",
    "completed": "COMPLETED",
    "suspended": "SUSPENDED",
    "terminated": "TERMINATED",
    "stopped early": "TERMINATED",
    "withdrawn": "WITHDRAWN",
}
_SEXES = {
    "both males and females": "ALL", "females": "FEMALE", "males": "MALE",
    "female": "FEMALE", "male": "MALE",
}  # fmt: skip
_ALLOCATIONS = {
    "randomised controlled trial": "RANDOMIZED",
    "non-randomised trial": "NON_RANDOMIZED",
}
_MODELS = {
    "parallel": "PARALLEL", "crossover": "CROSSOVER", "factorial": "FACTORIAL",
    "single group": "SINGLE_GROUP",
}  # fmt: skip


def read_anzctr(root: etree._Element) -> Record:
    """Read an `<ANZCTR_Trial>`.

    Raises:
        UnreadableError: it has no number of this register.
    """
    number = _text(root, "actrnumber") or _text(root, "actrn")
    if number.isdigit():
        number = f"ACTRN{number}"
    if not re.fullmatch(r"ACTRN\d{14}p?", number):
        raise UnreadableError("an ANZCTR record needs a number like ACTRN12605000001695",
                              "/ANZCTR_Trial/actrnumber")  # fmt: skip
    builder = Builder()
    for source, path in _TEXTS.items():
        builder.put(path, _text(root, source) or None, _at(source))
    _put_lists(builder, root)
    _put_dates(builder, root)
    _put_design(builder, root)
    if (eligibility := root.find("eligibility")) is not None:
        put_people(builder, eligibility, _at("eligibility"))
    for role in ("primary", "secondary"):
        source = f"outcomes/{role}Outcome"
        for place, node in enumerate(_some(root, source, "outcome")):
            path = f"outcomes/{role}Outcomes/{place}"
            builder.put(f"{path}/measure", _text(node, "outcome"), _at(source))
            builder.put(f"{path}/timeFrame", _text(node, "timepoint") or None, _at(source))
    return builder.record(number, Register.ANZCTR, TextForm.PLAIN)


def _put_lists(builder: Builder, root: etree._Element) -> None:
    for source, path in (
        ("conditions/healthcondition", "conditions/conditions/{}"),
        ("trial_identification/secondaryid", "identification/secondaryIdInfos/{}/id"),
        ("recruitment/recruitmentcountry", "contactsLocations/locations/{}/country"),
        ("sponsorship/collaboratorname", "sponsorCollaborators/collaborators/{}/name"),
    ):
        texts = [text for node in root.findall(source) if (text := said(node.text))]
        for place, text in enumerate(texts):
            builder.put(path.format(place), text, _at(source))
    universal = _text(root, "trial_identification/utrn")
    builder.put("identification/orgStudyIdInfo/id", universal or None, _at("trial_identification"))
    what = _text(root, "interventions/interventions")
    for place, name in enumerate(filter(None, (what, _text(root, "interventions/comparator")))):
        path = f"armsInterventions/interventions/{place}/name"
        builder.put(path, name, _at("interventions"))


def _put_dates(builder: Builder, root: etree._Element) -> None:
    for path, name in (("startDateStruct", "startdate"), ("completionDateStruct", "enddate")):
        for kind, code in (("actual", "ACTUAL"), ("anticipated", "ESTIMATED")):
            if text := _anywhere(root, f"{kind}{name}"):
                builder.put(f"status/{path}/date", text, _at(f"recruitment/{kind}{name}"))
                builder.put(f"status/{path}/type", code, _at(f"recruitment/{kind}{name}"))
                break


def _put_design(builder: Builder, root: etree._Element) -> None:
    status = coded(_anywhere(root, "recruitmentstatus"), STATUSES)
    builder.put("status/overallStatus", status, _at("recruitment/recruitmentstatus"))
    kind = _anywhere(root, "studytype").upper()
    builder.put("design/studyType", kind or None, _at("trial_design/studytype"))
    phases = _anywhere(root, "phase")
    builder.put("design/phases", roman_phases(phases) if phases else None, _at("trial_design"))
    for source, path, codes in (
        ("allocation", "design/designInfo/allocation", _ALLOCATIONS),
        ("assignment", "design/designInfo/interventionModel", _MODELS),
    ):
        code = codes.get(_text(root, f"trial_design/{source}").lower())
        builder.put(path, code, _at(f"trial_design/{source}"))
    actual, planned = _anywhere(root, "actualsamplesize"), _anywhere(root, "samplesize")
    builder.put("design/enrollmentInfo/count", actual or planned or None, _at("recruitment"))
    if actual or planned:
        code = "ACTUAL" if actual else "ESTIMATED"
        builder.put("design/enrollmentInfo/type", code, _at("recruitment"))


def put_people(builder: Builder, eligibility: etree._Element, at: str) -> None:
    """Put who may take part from an `<eligibility>`, whose place in the record is `at`."""
    for end, path in (("min", "minimumAge"), ("max", "maximumAge")):
        source = f"inclusive{end}age"
        count, unit = _text(eligibility, source), _text(eligibility, f"{source}type")
        age = "N/A" if unit.lower() == "no limit" else f"{count} {unit}".strip()
        builder.put(f"eligibility/{path}", age or None, f"{at}/{source}")
    sex = coded(_text(eligibility, "inclusivegender"), _SEXES)
    builder.put("eligibility/sex", sex, f"{at}/inclusivegender")
    healthy = _text(eligibility, "healthyvolunteer")
    builder.put("eligibility/healthyVolunteers", healthy or None, at)
    blocks = [
        f"{heading} Criteria:\n\n{text.strip()}"
        for heading, source in (("Inclusion", "inclusive"), ("Exclusion", "exclusive"))
        if (text := eligibility.findtext(f"{source}criteria") or "").strip()
    ]
    builder.put("eligibility/eligibilityCriteria", "\n\n".join(blocks) or None, at)


def _some(root: etree._Element, path: str, part: str) -> list[etree._Element]:
    return [node for node in root.findall(path) if _text(node, part)]


def _text(root: etree._Element, path: str) -> str:
    return said(root.findtext(path))


def _anywhere(root: etree._Element, name: str) -> str:
    """A fact that exports of different years keep in different parts."""
    return next((text for node in root.iter(name) if (text := said(node.text))), "")


def _at(path: str) -> str:
    return f"/ANZCTR_Trial/{path}"
