"""CTIS, EU Clinical Trials Register and ISRCTN records, in the JSON form in which they circulate.

Their status words are kept as registered; only what has one clear counterpart becomes a code.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Any

from trialwright.registry.readers.build import Builder, roman_phases
from trialwright.registry.readers.errors import UnreadableError
from trialwright.registry.record import Record, Register
from trialwright.registry.text import TextForm
from trialwright.registry.values import MISSING, Copy, Node


def read_isrctn(study: dict[str, Any]) -> Record:
    """Read an ISRCTN record.

    Raises:
        UnreadableError: it has no number.
    """
    raw = Node(study, Copy())
    digits = _number(raw["isrctn"], r"\d{8}", "an ISRCTN number of eight digits")
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
        "design/enrollmentInfo/count": "participants/targetEnrolment",
        "eligibility/minimumAge": "participants/lowerAgeLimit",
        "eligibility/maximumAge": "participants/upperAgeLimit",
        "outcomes/primaryOutcomes/0/measure": "trialDescription/primaryOutcome",
        "outcomes/secondaryOutcomes/0/measure": "trialDescription/secondaryOutcome",
    }.items():
        _copy(builder, path, raw / source)
    _put_sex(builder, raw / "participants/gender")
    _put_phases(builder, raw / "interventions/intervention/phase")
    kind = raw / "trialDesign/primaryStudyDesign"
    if isinstance(kind.raw, str):
        builder.put("design/studyType", kind.raw.strip().upper(), kind.at)
    conditions = _listed(raw / "conditions/condition")
    builder.put_each("conditions/conditions", _parts(conditions, "description"))
    for number, node in enumerate(_listed(raw / "interventions/intervention")):
        path = f"armsInterventions/interventions/{number}"
        builder.put(path, {}, node.at)
        _copy(builder, f"{path}/name", node["drugNames"])
        _copy(builder, f"{path}/description", node["description"])
        if isinstance(node["interventionType"].raw, str):
            code = node["interventionType"].raw.strip().upper()
            builder.put(f"{path}/type", code, node["interventionType"].at)
    _put_locations(
        builder,
        _listed(raw / "participants/trialCentres/trialCentre"),
        {"facility": "name", "city": "city", "state": "state", "country": "country"},
    )
    _put_criteria(builder, [(raw / "participants/inclusion")], [(raw / "participants/exclusion")])
    return builder.record(f"ISRCTN{digits}", Register.ISRCTN, TextForm.PLAIN)


_LAY_TITLE = "a31_title_of_the_trial_for_lay_people_in_easily_understood_ie_nontechnical_language"
# Where an EU Clinical Trials Register record keeps what our record has, by our paths.
_EUCTR = {
    "identification/briefTitle": _LAY_TITLE,
    "identification/officialTitle": "a3_full_title_of_the_trial",
    "identification/acronym": "a32_name_or_abbreviated_title_of_the_trial_where_available",
    "identification/orgStudyIdInfo/id": "a41_sponsors_protocol_code_number",
    "identification/secondaryIdInfos/0/id": "a52_us_nct_clinicaltrialsgov_registry_number",
    "status/overallStatus": "x5_trial_status",
    "status/studyFirstSubmitDate": (
        "x6_date_on_which_this_record_was_first_entered_in_the_eudract_database"
    ),
    "status/startDateStruct/date": "n_date_of_competent_authority_decision",
    "status/completionDateStruct/date": "p_date_of_the_global_end_of_the_trial",
    "description/briefSummary": "e21_main_objective_of_the_trial",
    "description/detailedDescription": "e22_secondary_objectives_of_the_trial",
    "conditions/conditions/0": "e11_medical_conditions_being_investigated",
    "design/enrollmentInfo/count": "f422_in_the_whole_clinical_trial",
    "outcomes/primaryOutcomes/0/measure": "e51_primary_end_points",
    "outcomes/primaryOutcomes/0/timeFrame": "e511_timepoints_of_evaluation_of_this_end_point",
    "outcomes/secondaryOutcomes/0/measure": "e52_secondary_end_points",
    "outcomes/secondaryOutcomes/0/timeFrame": ("e521_timepoints_of_evaluation_of_this_end_point"),
}


def read_euctr(study: dict[str, Any]) -> Record:
    """Read an EU Clinical Trials Register record: one trial in one member state.

    Raises:
        UnreadableError: it has no number.
    """
    raw = Node(study, Copy())
    number = _number(raw["_id"], r"\d{4}-\d{6}-\d{2}(-\w{2,3})?", "an EudraCT number")
    builder = Builder()
    for path, source in _EUCTR.items():
        _copy(builder, path, raw[source])
    if not isinstance(raw[_LAY_TITLE].raw, str):
        _copy(builder, "identification/briefTitle", raw["a3_full_title_of_the_trial"])
    builder.put("design/studyType", "INTERVENTIONAL", "/x4_clinical_trial_type")
    phases = {
        "PHASE1": "e71_human_pharmacology_phase_i",
        "PHASE2": "e72_therapeutic_exploratory_phase_ii",
        "PHASE3": "e73_therapeutic_confirmatory_phase_iii",
        "PHASE4": "e74_therapeutic_use_phase_iv",
    }
    named = [phase for phase, source in phases.items() if raw[source].raw == "Yes"]
    builder.put("design/phases", named or None, "/e71_human_pharmacology_phase_i")
    _put_euctr_design(builder, raw)
    for place, node in enumerate(_listed(raw["b1_sponsor"])):
        target = (
            "sponsorCollaborators/collaborators/" + str(place - 1)
            if place
            else "sponsorCollaborators/leadSponsor"
        )
        _copy(builder, f"{target}/name", node["b11_name_of_sponsor"])
    for place, node in enumerate(_listed(raw["dimp"])):
        path = f"armsInterventions/interventions/{place}"
        builder.put(path, {}, node.at)
        name = (
            node["d31_product_name"] if node["d31_product_name"].raw else node["d2111_trade_name"]
        )
        _copy(builder, f"{path}/name", name)
    _put_criteria(
        builder, [raw["e3_principal_inclusion_criteria"]], [raw["e4_principal_exclusion_criteria"]]
    )
    return builder.record(number, Register.EUCTR, TextForm.PLAIN)


def _put_euctr_design(builder: Builder, raw: Node) -> None:
    for source, path, code in (
        ("e811_randomised", "design/designInfo/allocation", "RANDOMIZED"),
        ("e815_parallel_group", "design/designInfo/interventionModel", "PARALLEL"),
        ("e816_cross_over", "design/designInfo/interventionModel", "CROSSOVER"),
        ("e812_open", "design/designInfo/maskingInfo/masking", "NONE"),
        ("e813_single_blind", "design/designInfo/maskingInfo/masking", "SINGLE"),
        ("e814_double_blind", "design/designInfo/maskingInfo/masking", "DOUBLE"),
    ):
        if raw[source].raw == "Yes":
            builder.put(path, code, raw[source].at)
    sexes = f"{raw['f21_female'].raw}, {raw['f22_male'].raw}"
    sex = {"Yes, Yes": "ALL", "Yes, No": "FEMALE", "No, Yes": "MALE"}.get(sexes)
    builder.put("eligibility/sex", sex, "/f21_female")
    healthy = raw["f31_healthy_volunteers"]
    if isinstance(healthy.raw, str):
        builder.put("eligibility/healthyVolunteers", healthy.raw, healthy.at)


def read_ctis(study: dict[str, Any]) -> Record:
    """Read an EU CTIS record, in the form of before or after 2024.

    Raises:
        UnreadableError: it has no number.
    """
    raw = Node(study, Copy())
    number = _number(raw["ctNumber"], r"\d{4}-\d{6}-\d{2}-\d{2}", "an EU CT number")
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
        _copy(builder, path, node)
    _put_ctis_status(builder, raw, about)
    _put_phases(builder, raw["trialPhase"])
    _put_sex(builder, raw["gender"])
    builder.put("design/studyType", "INTERVENTIONAL", "/ctrname")
    conditions = _listed(about / "medicalCondition/partIMedicalConditions")
    builder.put_each("conditions/conditions", _parts(conditions, "medicalCondition"))
    products = _listed(part["products"])
    for place, (name, at) in enumerate(_parts(products, "productName")):
        builder.put(f"armsInterventions/interventions/{place}/name", name, at)
    for role in ("primary", "secondary"):
        ends = _parts(_listed(about / f"endPoint/{role}EndPoints"), "endPoint")
        for place, (measure, at) in enumerate(ends):
            builder.put(f"outcomes/{role}Outcomes/{place}/measure", measure, at)
    criteria = about["eligibilityCriteria"]
    _put_criteria(
        builder,
        [
            node["principalInclusionCriteria"]
            for node in _listed(criteria["principalInclusionCriteria"])
        ],
        [
            node["principalExclusionCriteria"]
            for node in _listed(criteria["principalExclusionCriteria"])
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
        new_form = _listed(raw / "authorizedApplication/authorizedPartI/sponsors")
        named = [node / "organisation/name" for node in new_form if node["primary"].raw is True]
        sponsor = named[0] if named else sponsor
    _copy(builder, "sponsorCollaborators/leadSponsor/name", sponsor)
    countries = raw["trialCountries"]
    names = countries.raw if isinstance(countries.raw, list) else str(countries.raw).split(",")
    states = [name for name in names if isinstance(name, str) and ":" in name]
    for place, name in enumerate(states):
        path = f"contactsLocations/locations/{place}/country"
        builder.put(path, name.partition(":")[0].strip(), countries.at)


def _number(node: Node, pattern: str, name: str) -> str:
    text = node.raw.strip() if isinstance(node.raw, str) else ""
    if not re.fullmatch(pattern, text):
        raise UnreadableError(f"a record of this register needs {name}", node.path)
    return text


def _copy(builder: Builder, path: str, node: Node) -> None:
    if node.raw is not MISSING:
        builder.put(path, node.raw, node.at)


def _listed(node: Node) -> list[Node]:
    """The nodes of a list; these forms write a list of one as the one itself."""
    if isinstance(node.raw, list):
        return list(node.each(lambda item: item))
    return [node] if isinstance(node.raw, dict) else []


def _parts(nodes: Iterable[Node], key: str) -> Iterator[tuple[object, str]]:
    return ((node[key].raw, node[key].at) for node in nodes if isinstance(node[key].raw, str))


def _put_phases(builder: Builder, node: Node) -> None:
    if isinstance(node.raw, str):
        builder.put("design/phases", roman_phases(node.raw), node.at)


def _put_sex(builder: Builder, node: Node) -> None:
    if isinstance(node.raw, str):
        sexes = {word.strip().lower() for word in node.raw.split(",")}
        both = {"all", "both"} & sexes or sexes >= {"male", "female"}
        code = "ALL" if both else "".join(sexes).upper()
        builder.put("eligibility/sex", code, node.at)


def _put_criteria(builder: Builder, inclusion: list[Node], exclusion: list[Node]) -> None:
    """Join the criteria into one text under the two usual headings."""
    blocks = []
    for heading, nodes in (("Inclusion Criteria", inclusion), ("Exclusion Criteria", exclusion)):
        texts = [node.raw for node in nodes if isinstance(node.raw, str) and node.raw.strip()]
        if texts:
            blocks.append("\n\n".join([f"{heading}:", *texts]))
    if blocks:
        builder.put("eligibility/eligibilityCriteria", "\n\n".join(blocks), inclusion[0].at)


def _put_locations(builder: Builder, nodes: list[Node], keys: dict[str, str]) -> None:
    for number, node in enumerate(nodes):
        path = f"contactsLocations/locations/{number}"
        builder.put(path, {}, node.at)
        for key, source in keys.items():
            _copy(builder, f"{path}/{key}", node[source])
