"""ClinicalTrials.gov records in the old XML form (`<clinical_study>`)."""

from __future__ import annotations

import re

from lxml import etree

from trialwright.registry.readers.build import Builder
from trialwright.registry.readers.errors import UnreadableError
from trialwright.registry.record.record import Record, Register
from trialwright.registry.record.text import TextForm

# Where a value of the old form belongs in the v2 form, and how its words become a code.
_TEXTS = {
    "id_info/org_study_id": "identification/orgStudyIdInfo/id",
    "brief_title": "identification/briefTitle",
    "official_title": "identification/officialTitle",
    "acronym": "identification/acronym",
    "why_stopped": "status/whyStopped",
    "verification_date": "status/statusVerifiedDate",
    "study_first_submitted": "status/studyFirstSubmitDate",
    "last_update_submitted": "status/lastUpdateSubmitDate",
    "brief_summary/textblock": "description/briefSummary",
    "detailed_description/textblock": "description/detailedDescription",
    "study_design_info/intervention_model_description": (
        "design/designInfo/interventionModelDescription"
    ),
    "study_design_info/masking_description": "design/designInfo/maskingInfo/maskingDescription",
    "enrollment": "design/enrollmentInfo/count",
    "eligibility/criteria/textblock": "eligibility/eligibilityCriteria",
    "eligibility/study_pop/textblock": "eligibility/studyPopulation",
    "eligibility/minimum_age": "eligibility/minimumAge",
    "eligibility/maximum_age": "eligibility/maximumAge",
    "eligibility/gender_description": "eligibility/genderDescription",
}
_CODES = {
    "overall_status": "status/overallStatus",
    "last_known_status": "status/lastKnownStatus",
    "study_type": "design/studyType",
    "study_design_info/allocation": "design/designInfo/allocation",
    "study_design_info/intervention_model": "design/designInfo/interventionModel",
    "study_design_info/observational_model": "design/designInfo/observationalModel",
    "study_design_info/time_perspective": "design/designInfo/timePerspective",
    "study_design_info/primary_purpose": "design/designInfo/primaryPurpose",
    "study_design_info/masking": "design/designInfo/maskingInfo/masking",
    "eligibility/gender": "eligibility/sex",
    "eligibility/sampling_method": "eligibility/samplingMethod",
}
_DATES = {
    "start_date": "status/startDateStruct",
    "primary_completion_date": "status/primaryCompletionDateStruct",
    "completion_date": "status/completionDateStruct",
    "study_first_posted": "status/studyFirstPostDateStruct",
    "results_first_posted": "status/resultsFirstPostDateStruct",
    "last_update_posted": "status/lastUpdatePostDateStruct",
}
_LISTS = {
    "id_info/nct_alias": "identification/nctIdAliases",
    "condition": "conditions/conditions",
    "keyword": "conditions/keywords",
}
# Repeated blocks: the element, its place, and its parts as (element, key, is a code).
_PERSON = (
    ("last_name", "name", False),
    ("role", "role", False),
    ("affiliation", "affiliation", False),
    ("phone", "phone", False),
    ("email", "email", False),
)
_OUTCOME = (
    ("measure", "measure", False),
    ("time_frame", "timeFrame", False),
    ("description", "description", False),
)
_BLOCKS = {
    "id_info/secondary_id": ("identification/secondaryIdInfos", ((".", "id", False),)),
    "sponsors/collaborator": (
        "sponsorCollaborators/collaborators",
        (("agency", "name", False), ("agency_class", "class", True)),
    ),
    "overall_contact": ("contactsLocations/centralContacts", _PERSON),
    "overall_official": ("contactsLocations/overallOfficials", _PERSON),
    "location": (
        "contactsLocations/locations",
        (
            ("facility/name", "facility", False),
            ("facility/address/city", "city", False),
            ("facility/address/state", "state", False),
            ("facility/address/zip", "zip", False),
            ("facility/address/country", "country", False),
            ("status", "status", True),
        ),
    ),
    "primary_outcome": ("outcomes/primaryOutcomes", _OUTCOME),
    "secondary_outcome": ("outcomes/secondaryOutcomes", _OUTCOME),
    "other_outcome": ("outcomes/otherOutcomes", _OUTCOME),
    "arm_group": (
        "armsInterventions/armGroups",
        (
            ("arm_group_label", "label", False),
            ("arm_group_type", "type", True),
            ("description", "description", False),
        ),
    ),
    "intervention": (
        "armsInterventions/interventions",
        (
            ("intervention_type", "type", True),
            ("intervention_name", "name", False),
            ("description", "description", False),
        ),
    ),
    "reference": (
        "references/references",
        (("citation", "citation", False), ("PMID", "pmid", False)),
    ),
    "condition_browse/mesh_term": (
        "/derivedSection/conditionBrowseModule/meshes",
        ((".", "term", False),),
    ),
    "intervention_browse/mesh_term": (
        "/derivedSection/interventionBrowseModule/meshes",
        ((".", "term", False),),
    ),
}
# Words whose code is not the words themselves in capitals.
_OWN_CODES = {
    "Unknown status": "UNKNOWN",
    "N/A": "NA",
    "Educational/Counseling/Training": "ECT",
    "U.S. Fed": "FED",
    "Other Government": "OTHER_GOV",
    "Individual": "INDIV",
    "Anticipated": "ESTIMATED",
    "Estimate": "ESTIMATED",
}


def code_of(words: str) -> str:
    """Return the v2 code of the old form's words.

    >>> code_of("Active, not recruiting"), code_of("Parallel Assignment"), code_of("Phase 1")
    ('ACTIVE_NOT_RECRUITING', 'PARALLEL', 'PHASE1')
    """
    words = re.sub(r"\s*[(\[].*", "", words.strip()).removesuffix(" Assignment")
    words = _OWN_CODES.get(words, words)
    return re.sub(r"[^A-Z0-9]+", "_", re.sub(r"(?i)phase (\d)", r"PHASE\1", words).upper())


def parse_xml(raw: bytes) -> etree._Element:
    """Parse a record's bytes; nothing outside them is read, and no entity expanded.

    Raises:
        UnreadableError: it is not well-formed XML.
    """
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, huge_tree=True, collect_ids=False
    )
    try:
        return etree.fromstring(raw, parser)
    except etree.XMLSyntaxError as error:
        raise UnreadableError(f"not well-formed XML: {error.msg}", f"line {error.lineno}") from None


def read_study(root: etree._Element) -> Record:
    """Read one `<clinical_study>`.

    Raises:
        UnreadableError: it is no study with an NCT number.
    """
    number = (root.findtext("id_info/nct_id") or "").strip()
    if root.tag != "clinical_study" or not re.fullmatch(r"NCT\d{8}", number):
        raise UnreadableError(
            "this is XML without a <clinical_study> that has a number like NCT01234567",
            "/clinical_study/id_info/nct_id",
        )
    builder = Builder()
    builder.put("identification/nctId", number, "/clinical_study/id_info/nct_id")
    _put_facts(builder, root)
    _put_special(builder, root)
    _put_blocks(builder, root)
    return builder.record(number, Register.CTGOV, TextForm.WRAPPED)


def _put_facts(builder: Builder, root: etree._Element) -> None:
    for source, path in _TEXTS.items():
        builder.put(path, _text(root.find(source)), _place(source))
    for source, path in _CODES.items():
        if (words := _text(root.find(source))) is not None:
            builder.put(path, code_of(words), _place(source))
    for source, path in _DATES.items():
        if (node := root.find(source)) is not None:
            builder.put(f"{path}/date", _text(node), _place(source))
            if kind := node.get("type"):
                builder.put(f"{path}/type", code_of(kind), f"{_place(source)}/@type")
    for source, path in _LISTS.items():
        found = enumerate(root.findall(source), start=1)
        builder.put_each(path, ((_text(node), f"{_place(source)}[{n}]") for n, node in found))


def _put_special(builder: Builder, root: etree._Element) -> None:
    lead = "sponsors/lead_sponsor"
    sponsor = "sponsorCollaborators/leadSponsor"
    builder.put(f"{sponsor}/name", _text(root.find(f"{lead}/agency")), _place(f"{lead}/agency"))
    if words := _text(root.find(f"{lead}/agency_class")):
        builder.put(f"{sponsor}/class", code_of(words), _place(f"{lead}/agency_class"))
    if (phase := _text(root.find("phase"))) is not None:
        phases = ["NA"] if phase.strip() == "N/A" else [code_of(p) for p in phase.split("/") if p]
        builder.put("design/phases", phases, _place("phase"))
    node = root.find("enrollment")
    if node is not None and (kind := node.get("type")):
        builder.put("design/enrollmentInfo/type", code_of(kind), _place("enrollment/@type"))
    masking = _text(root.find("study_design_info/masking")) or ""
    if who := re.search(r"\((.+)\)", masking):
        roles = [code_of(role) for role in who[1].split(",")]
        if roles != ["OPEN_LABEL"]:
            place = _place("study_design_info/masking")
            builder.put("design/designInfo/maskingInfo/whoMasked", roles, place)
    if volunteers := _text(root.find("eligibility/healthy_volunteers")):
        accepted = {"No": False, "Accepts Healthy Volunteers": True}.get(volunteers, volunteers)
        place = _place("eligibility/healthy_volunteers")
        builder.put("eligibility/healthyVolunteers", accepted, place)
    if based := _text(root.find("eligibility/gender_based")):
        builder.put("eligibility/genderBased", based == "Yes", _place("eligibility/gender_based"))
    results = root.find("clinical_results") is not None
    builder.put("/hasResults", results, _place("clinical_results"))


def _put_blocks(builder: Builder, root: etree._Element) -> None:
    for source, (path, parts) in _BLOCKS.items():
        for number, block in enumerate(root.findall(source)):
            place = f"{_place(source)}[{number + 1}]"
            builder.put(f"{path}/{number}", {}, place)
            for element, key, coded in parts:
                text = _text(block if element == "." else block.find(element))
                if text is not None and coded:
                    text = code_of(text)
                builder.put(f"{path}/{number}/{key}", text, f"{place}/{element}")
            if source == "intervention":
                for element, key in (
                    ("other_name", "otherNames"),
                    ("arm_group_label", "armGroupLabels"),
                ):
                    found = [_text(node) or "" for node in block.findall(element)]
                    builder.put(f"{path}/{number}/{key}", found or None, f"{place}/{element}")


def _place(source: str) -> str:
    return f"/clinical_study/{source}"


def _text(node: etree._Element | None) -> str | None:
    return None if node is None else (node.text or "")
