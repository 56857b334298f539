"""The EU Clinical Trials Register's own downloads: text, a summary or full details of each trial.

Lines are "CODE label: value"; what has no code goes on with the value before it, and "(es)" after
a label marks the same in another language. They become the keys that the reader of JSON knows.
"""

from __future__ import annotations

import re
from typing import Any

from trialwright.registry.readers.errors import UnreadableError
from trialwright.registry.readers.euctr import read_euctr
from trialwright.registry.record.record import Record

_CODED = re.compile(r"(?P<code>[A-Z](?:\.\d+)+)\s+(?P<label>[^:]*?(?:e\.g[^:]*)?):\s*(?P<value>.*)")
_PLAIN = re.compile(r"(?:[NP]\. )?(?P<label>[A-Z][\w'/() -]{2,70}):\s*(?P<value>.*)")
_LANGUAGE = re.compile(r"\s*\(([a-z]{2})\)$")
_SECTION = re.compile(
    r"[A-Z]\. (?:Protocol|Sponsor|Applicant|IMP|General|Population|Investigator|Review|End of)"
    r"|[A-Z](?:\.\d+)+\s|Sponsor \d|D\.IMP: \d|MedDRA Classification"
)
# The keys of a full record that the reader knows, by the code of a line; a key begins with it.
_KEYS = {
    "A.1": "a1_member_state_concerned",
    "A.3": "a3_full_title_of_the_trial",
    "A.3.1": (
        "a31_title_of_the_trial_for_lay_people_in_easily_understood_ie_nontechnical_language"
    ),
    "A.3.2": "a32_name_or_abbreviated_title_of_the_trial_where_available",
    "A.4.1": "a41_sponsors_protocol_code_number",
    "A.5.1": "a51_isrctn_international_standard_randomised_controlled_trial_number",
    "A.5.2": "a52_us_nct_clinicaltrialsgov_registry_number",
    "A.5.3": "a53_who_universal_trial_reference_number_utrn",
    "A.5.4": "a54_other_identifiers",
    "E.1.1": "e11_medical_conditions_being_investigated",
    "E.2.1": "e21_main_objective_of_the_trial",
    "E.2.2": "e22_secondary_objectives_of_the_trial",
    "E.3": "e3_principal_inclusion_criteria",
    "E.4": "e4_principal_exclusion_criteria",
    "E.5.1": "e51_primary_end_points",
    "E.5.1.1": "e511_timepoints_of_evaluation_of_this_end_point",
    "E.5.2": "e52_secondary_end_points",
    "E.5.2.1": "e521_timepoints_of_evaluation_of_this_end_point",
    "E.7.1": "e71_human_pharmacology_phase_i",
    "E.7.2": "e72_therapeutic_exploratory_phase_ii",
    "E.7.3": "e73_therapeutic_confirmatory_phase_iii",
    "E.7.4": "e74_therapeutic_use_phase_iv",
    "E.8.1.1": "e811_randomised",
    "E.8.1.2": "e812_open",
    "E.8.1.3": "e813_single_blind",
    "E.8.1.4": "e814_double_blind",
    "E.8.1.5": "e815_parallel_group",
    "E.8.1.6": "e816_cross_over",
    "F.1.1.2": "f112_preterm_newborn_infants_up_to_gestational_age__37_weeks",
    "F.1.1.3": "f113_newborns_027_days",
    "F.1.1.4": "f114_infants_and_toddlers_28_days23_months",
    "F.1.1.5": "f115_children_211years",
    "F.1.1.6": "f116_adolescents_1217_years",
    "F.1.2": "f12_adults_1864_years",
    "F.1.3": "f13_elderly_65_years",
    "F.2.1": "f21_female",
    "F.2.2": "f22_male",
    "F.3.1": "f31_healthy_volunteers",
    "F.4.2.2": "f422_in_the_whole_clinical_trial",
}
_UNCODED = {
    "Trial Status": "x5_trial_status",
    "Date on which this record was first entered in the EudraCT database": (
        "x6_date_on_which_this_record_was_first_entered_in_the_eudract_database"
    ),
    "Sponsor's Protocol Code Number": "a41_sponsors_protocol_code_number",
    "Date of Competent Authority Decision": "n_date_of_competent_authority_decision",
    "Date of the global end of the trial": "p_date_of_the_global_end_of_the_trial",
    "End of Trial Status": "p_end_of_trial_status",
}
_SPONSOR = {"B.1.1": "b11_name_of_sponsor", "B.1.3.4": "b134_country"}
_PRODUCT = {"D.3.1": "d31_product_name", "D.2.1.1.1": "d2111_trade_name"}
# The lines of a summary.
_SUMMARY = {
    "Sponsor Protocol Number": "a41_sponsors_protocol_code_number",
    "Full Title": "a3_full_title_of_the_trial",
    "Start Date": "x6_date_on_which_this_record_was_first_entered_in_the_eudract_database",
    "Medical condition": "e11_medical_conditions_being_investigated",
}
_SUMMARY_AGES = {
    "preterm newborn infants": "F.1.1.2", "newborns": "F.1.1.3",
    "infants and toddlers": "F.1.1.4", "children": "F.1.1.5", "adolescents": "F.1.1.6",
    "adults": "F.1.2", "elderly": "F.1.3",
}  # fmt: skip


def read_euctr_text(text: str) -> Record:
    """Read one trial of a download, in one country (full details) or in all (summary).

    Raises:
        UnreadableError: it has no EudraCT number.
    """
    found = re.search(r"^EudraCT Number:\s*(\d{4}-\d{6}-\d{2})\s*$", text, re.MULTILINE)
    if found is None:
        raise UnreadableError("this reads as a text of the EU register, and has no EudraCT number")
    lines = list(_values(text))
    full = any(code for code, _, _ in lines)
    fields = _full(lines) if full else _short({label: value for _, label, value in lines})
    country = re.search(rf"/{found[1]}/(\w{{2,3}})\b", text) if full else None
    number = f"{found[1]}-{country[1]}" if country else found[1]
    return read_euctr({"_id": number, **fields})


def _values(text: str) -> list[tuple[str, str, str]]:
    """The code, label and value of each line; a line without either goes on with the last."""
    found: list[tuple[str, str, str]] = []
    skipping = False
    for line in text.splitlines():
        if coded := _CODED.match(line):
            skipping = _LANGUAGE.search(coded["label"]) is not None
            if not skipping:
                found.append((coded["code"], coded["label"], coded["value"]))
        elif (plain := _PLAIN.match(line)) and _is_label(plain["label"]):
            skipping = False
            found.append(("", plain["label"], plain["value"]))
        elif found and line.strip() and not skipping and not _SECTION.match(line):
            code, label, value = found[-1]
            found[-1] = (code, label, f"{value}\n{line.strip()}".strip())
    return found


# What else may stand before a colon at the beginning of a line, and is no part of a text.
_OTHER_LABELS = {
    "EudraCT Number", "Sponsor Name", "Population Age", "Gender", "Disease", "Trial protocol",
    "Trial results", "Link", "Clinical Trial Type", "National Competent Authority",
    "Competent Authority Decision", "Ethics Committee Opinion of the trial application",
    "Date of Ethics Committee Opinion", "Ethics Committee Opinion",
}  # fmt: skip


def _is_label(label: str) -> bool:
    return label in _UNCODED or label in _SUMMARY or label in _OTHER_LABELS


def _full(lines: list[tuple[str, str, str]]) -> dict[str, Any]:
    fields: dict[str, Any] = {}
    sponsors: list[dict[str, str]] = []
    products: list[dict[str, str]] = []
    for code, label, value in lines:
        key = _KEYS.get(code) if code else _UNCODED.get(label)
        if key is not None:
            fields.setdefault(key, value)
        elif code in _SPONSOR:
            if code == "B.1.1":
                sponsors.append({})
            if sponsors:
                sponsors[-1][_SPONSOR[code]] = value
        elif code == "D.1.2":
            products.append({})
        elif code in _PRODUCT and value:
            if not products:
                products.append({})
            products[-1].setdefault(_PRODUCT[code], value)
    named = [product for product in products if product]
    return fields | {"b1_sponsor": sponsors, "dimp": named}


def _short(values: dict[str, str]) -> dict[str, Any]:
    """The fields of a summary; its status tells each country's, so none is that of the trial."""
    fields: dict[str, Any] = {key: values[name] for name, key in _SUMMARY.items() if name in values}
    fields["b1_sponsor"] = [{"b11_name_of_sponsor": values.get("Sponsor Name", "")}]
    ages = {word.strip().lower() for word in values.get("Population Age", "").split(",")}
    for word, code in _SUMMARY_AGES.items():
        if word in ages:
            fields[_KEYS[code]] = "Yes"
    sexes = values.get("Gender", "").lower()
    if sexes:
        fields["f21_female"] = "Yes" if "female" in sexes else "No"
        fields["f22_male"] = "Yes" if re.search(r"\bmale", sexes) else "No"
    states = re.findall(r"\b[A-Z]{2,3}\(([^)]*)\)", values.get("Trial protocol", ""))
    if len(set(states)) == 1:
        fields["x5_trial_status"] = states[0]
    return fields
