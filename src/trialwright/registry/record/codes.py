"""The registers' coded values in words.

English wording: the "legacy value" of each enumeration of the ClinicalTrials.gov API 2.0.0
(`/api/v2/studies/enums`), which is how the register itself has shown them.
"""

from __future__ import annotations

from typing import Literal

from trialwright.messages import Message

Language = Literal["en", "zh-hans"]
Kind = Literal[
    "status", "recruitment", "phase", "study_type", "allocation", "intervention_model",
    "observational_model",
    "time_perspective", "purpose", "masking", "who_masked", "arm_type", "intervention_type",
    "sex", "age_group", "sponsor_class", "date_type", "role", "data_sharing",
]  # fmt: skip

_WORDS: dict[Kind, dict[str, Message]] = {
    "status": {
        "ACTIVE_NOT_RECRUITING": Message("Active, not recruiting"),
        "COMPLETED": Message("Completed"),
        "ENROLLING_BY_INVITATION": Message("Enrolling by invitation"),
        "NOT_YET_RECRUITING": Message("Not yet recruiting"),
        "RECRUITING": Message("Recruiting"),
        "SUSPENDED": Message("Suspended"),
        "TERMINATED": Message("Terminated"),
        "WITHDRAWN": Message.in_context("register", "Withdrawn"),
        "AVAILABLE": Message("Available"),
        "NO_LONGER_AVAILABLE": Message("No longer available"),
        "TEMPORARILY_NOT_AVAILABLE": Message("Temporarily not available"),
        "APPROVED_FOR_MARKETING": Message("Approved for marketing"),
        "WITHHELD": Message("Withheld"),
        "UNKNOWN": Message("Unknown status"),
    },
    "recruitment": {
        "OPEN": Message("Recruiting"),
        "PLANNED": Message("Not yet recruiting"),
        "CLOSED": Message("No longer recruiting"),
        "STOPPED": Message("Stopped or on hold"),
        "UNKNOWN": Message("Unknown status"),
    },
    "phase": {
        "NA": Message("Not applicable"),
        "EARLY_PHASE1": Message("Early phase 1"),
        "PHASE1": Message("Phase 1"),
        "PHASE2": Message("Phase 2"),
        "PHASE3": Message("Phase 3"),
        "PHASE4": Message("Phase 4"),
    },
    "study_type": {
        "INTERVENTIONAL": Message("Interventional"),
        "OBSERVATIONAL": Message("Observational"),
        "EXPANDED_ACCESS": Message("Expanded access"),
    },
    "allocation": {
        "RANDOMIZED": Message.in_context("register", "Randomised"),
        "NON_RANDOMIZED": Message("Not randomised"),
        "NA": Message("Not applicable"),
    },
    "intervention_model": {
        "SINGLE_GROUP": Message("Single group"),
        "PARALLEL": Message("Parallel groups"),
        "CROSSOVER": Message("Crossover"),
        "FACTORIAL": Message("Factorial"),
        "SEQUENTIAL": Message("Sequential"),
    },
    "observational_model": {
        "COHORT": Message("Cohort"),
        "CASE_CONTROL": Message("Case-control"),
        "CASE_ONLY": Message("Case-only"),
        "CASE_CROSSOVER": Message("Case-crossover"),
        "ECOLOGIC_OR_COMMUNITY": Message("Ecologic or community"),
        "FAMILY_BASED": Message("Family-based"),
        "DEFINED_POPULATION": Message("Defined population"),
        "NATURAL_HISTORY": Message("Natural history"),
        "OTHER": Message("Other"),
    },
    "time_perspective": {
        "RETROSPECTIVE": Message("Retrospective"),
        "PROSPECTIVE": Message("Prospective"),
        "CROSS_SECTIONAL": Message("Cross-sectional"),
        "OTHER": Message("Other"),
    },
    "purpose": {
        "TREATMENT": Message("Treatment"),
        "PREVENTION": Message("Prevention"),
        "DIAGNOSTIC": Message("Diagnosis"),
        "ECT": Message("Education, counselling or training"),
        "SUPPORTIVE_CARE": Message("Supportive care"),
        "SCREENING": Message("Screening"),
        "HEALTH_SERVICES_RESEARCH": Message("Health services research"),
        "BASIC_SCIENCE": Message("Basic science"),
        "DEVICE_FEASIBILITY": Message("Device feasibility"),
        "OTHER": Message("Other"),
    },
    "masking": {
        "NONE": Message("None (open label)"),
        "SINGLE": Message("Single"),
        "DOUBLE": Message("Double"),
        "TRIPLE": Message("Triple"),
        "QUADRUPLE": Message("Quadruple"),
    },
    "who_masked": {
        "PARTICIPANT": Message("Participant"),
        "CARE_PROVIDER": Message("Care provider"),
        "INVESTIGATOR": Message("Investigator"),
        "OUTCOMES_ASSESSOR": Message("Outcomes assessor"),
    },
    "arm_type": {
        "EXPERIMENTAL": Message("Experimental"),
        "ACTIVE_COMPARATOR": Message("Active comparator"),
        "PLACEBO_COMPARATOR": Message("Placebo comparator"),
        "SHAM_COMPARATOR": Message("Sham comparator"),
        "NO_INTERVENTION": Message("No intervention"),
        "OTHER": Message("Other"),
    },
    "intervention_type": {
        "BEHAVIORAL": Message("Behavioural"),
        "BIOLOGICAL": Message("Biological"),
        "COMBINATION_PRODUCT": Message("Combination product"),
        "DEVICE": Message("Device"),
        "DIAGNOSTIC_TEST": Message("Diagnostic test"),
        "DIETARY_SUPPLEMENT": Message("Dietary supplement"),
        "DRUG": Message("Drug"),
        "GENETIC": Message("Genetic"),
        "PROCEDURE": Message("Procedure"),
        "RADIATION": Message("Radiation"),
        "OTHER": Message("Other"),
    },
    "sex": {
        "FEMALE": Message("Female"),
        "MALE": Message("Male"),
        "ALL": Message.in_context("register", "All"),
    },
    "age_group": {
        "CHILD": Message("Child"),
        "ADULT": Message("Adult"),
        "OLDER_ADULT": Message("Older adult"),
    },
    "sponsor_class": {
        "NIH": Message("US NIH"),
        "FED": Message("US federal agency"),
        "OTHER_GOV": Message("Other government"),
        "INDIV": Message("Individual"),
        "INDUSTRY": Message("Industry"),
        "NETWORK": Message("Network"),
        "AMBIG": Message("Ambiguous"),
        "OTHER": Message("Other"),
        "UNKNOWN": Message.in_context("register", "Unknown"),
    },
    "data_sharing": {
        "YES": Message("Yes"),
        "NO": Message("No"),
        "UNDECIDED": Message("Undecided"),
    },
    "date_type": {"ACTUAL": Message("actual"), "ESTIMATED": Message("estimated")},
    "role": {
        "STUDY_CHAIR": Message("Study chair"),
        "STUDY_DIRECTOR": Message("Study director"),
        "PRINCIPAL_INVESTIGATOR": Message("Principal investigator"),
        "SUB_INVESTIGATOR": Message("Sub-investigator"),
        "CONTACT": Message("Contact"),
    },
}


def in_words(kind: Kind, code: str, language: Language = "en") -> str:
    """Return a coded value in words; an unknown code is returned as it is.

    >>> in_words("status", "NOT_YET_RECRUITING")
    'Not yet recruiting'
    >>> in_words("phase", "PHASE9")
    'PHASE9'
    """
    words = _WORDS[kind].get(code)
    return code if words is None else words.in_language(language)


def codes_of(kind: Kind) -> tuple[str, ...]:
    """Every known code of a kind, in the register's order."""
    return tuple(_WORDS[kind])
