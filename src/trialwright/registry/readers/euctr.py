"""Records of the EU Clinical Trials Register: one trial in one member state."""

from __future__ import annotations

from typing import Any

from trialwright.registry.readers.build import Builder
from trialwright.registry.readers.common import (
    copy,
    listed,
    number_of,
    put_ages,
    put_criteria,
    put_numbers,
)
from trialwright.registry.record.record import Record, Register
from trialwright.registry.record.text import TextForm
from trialwright.registry.record.values import Copy, Node

_LAY_TITLE = "a31_title_of_the_trial_for_lay_people_in_easily_understood_ie_nontechnical_language"
# Where an EU Clinical Trials Register record keeps what our record has, by our paths.
_EUCTR = {
    "identification/briefTitle": _LAY_TITLE,
    "identification/officialTitle": "a3_full_title_of_the_trial",
    "identification/acronym": "a32_name_or_abbreviated_title_of_the_trial_where_available",
    "identification/orgStudyIdInfo/id": "a41_sponsors_protocol_code_number",
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

_OTHER_NUMBERS = (
    "a51_isrctn_international_standard_randomised_controlled_trial_number",
    "a52_us_nct_clinicaltrialsgov_registry_number",
    "a53_who_universal_trial_reference_number_utrn",
    "a54_other_identifiers",
)


def read_euctr(study: dict[str, Any]) -> Record:
    """Read an EU Clinical Trials Register record: one trial in one member state.

    Raises:
        UnreadableError: it has no number.
    """
    raw = Node(study, Copy())
    number = number_of(raw["_id"], r"\d{4}-\d{6}-\d{2}(-\w{2,3})?", "an EudraCT number")
    builder = Builder()
    for path, source in _EUCTR.items():
        copy(builder, path, raw[source])
    if not isinstance(raw[_LAY_TITLE].raw, str):
        copy(builder, "identification/briefTitle", raw["a3_full_title_of_the_trial"])
    put_numbers(builder, [raw[key] for key in _OTHER_NUMBERS])
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
    if isinstance(raw["a1_member_state_concerned"].raw, str):
        country = raw["a1_member_state_concerned"].raw.partition(" - ")[0].strip()
        at = raw["a1_member_state_concerned"].at
        builder.put("contactsLocations/locations/0/country", country or None, at)
    for place, node in enumerate(listed(raw["b1_sponsor"])):
        target = (
            "sponsorCollaborators/collaborators/" + str(place - 1)
            if place
            else "sponsorCollaborators/leadSponsor"
        )
        copy(builder, f"{target}/name", node["b11_name_of_sponsor"])
    for place, node in enumerate(listed(raw["dimp"])):
        path = f"armsInterventions/interventions/{place}"
        builder.put(path, {}, node.at)
        name = (
            node["d31_product_name"] if node["d31_product_name"].raw else node["d2111_trade_name"]
        )
        copy(builder, f"{path}/name", name)
    put_criteria(
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
    put_ages(builder, [range_ for key, range_ in _EUCTR_AGES if raw[key].raw == "Yes"], raw)
    healthy = raw["f31_healthy_volunteers"]
    if isinstance(healthy.raw, str):
        builder.put("eligibility/healthyVolunteers", healthy.raw, healthy.at)


# Section F.1 of a record: the age ranges of its participants in years, both ends included.
_EUCTR_AGES = (
    ("f112_preterm_newborn_infants_up_to_gestational_age__37_weeks", (0, 0)),
    ("f113_newborns_027_days", (0, 0)),
    ("f114_infants_and_toddlers_28_days23_months", (0, 1)),
    ("f115_children_211years", (2, 11)),
    ("f116_adolescents_1217_years", (12, 17)),
    ("f12_adults_1864_years", (18, 64)),
    ("f13_elderly_65_years", (65, None)),
)
