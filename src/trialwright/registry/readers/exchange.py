"""The WHO's exchange form, `<trial><main>…`: what ChiCTR, IRCT, ReBEC and others give for a trial.

Its facts are those of the portal ICTRP under other names, and are read as those.
"""

from __future__ import annotations

from lxml import etree

from trialwright.registry.readers.errors import UnreadableError
from trialwright.registry.readers.ictrp import Texts, read_ictrp
from trialwright.registry.record.record import Record

_MAIN = {
    "trial_id": "TrialID",
    "public_title": "Public_title",
    "scientific_title": "Scientific_title",
    "acronym": "Acronym",
    "scientific_acronym": "Acronym",
    "primary_sponsor": "Primary_sponsor",
    "date_registration": "Date_registration",
    "date_enrolment": "Date_enrollement",
    "target_size": "Target_size",
    "recruitment_status": "Recruitment_Status",
    "study_type": "Study_type",
    "study_design": "Study_design",
    "phase": "Phase",
    "hc_freetext": "Condition",
    "i_freetext": "Intervention",
    "results_date_completed": "results_date_completed",
    "results_actual_enrolment": "results_actual_enrolment",
}
# Lists below the trial, each with the name of its parts.
_LISTS = {
    "countries/country2": "Countries",
    "countries/country": "Countries",
    "primary_outcome/prim_outcome": "Primary_outcome",
    "secondary_outcome/sec_outcome": "Secondary_outcome",
    "secondary_sponsor/sponsor_name": "Secondary_Sponsor",
    "secondary_ids/secondary_id/sec_id": "Secondary_ID",
}
_CRITERIA = {
    "inclusion_criteria": "Inclusion_Criteria",
    "exclusion_criteria": "Exclusion_Criteria",
    "agemin": "Inclusion_agemin",
    "agemax": "Inclusion_agemax",
    "gender": "Inclusion_gender",
}


def read_exchange(root: etree._Element) -> Record:
    """Read a `<trial>` of the exchange form.

    Raises:
        UnreadableError: it has no `<main>`, or a number of no register that the WHO collects.
    """
    main = root.find("main")
    if main is None:
        raise UnreadableError("a trial in the WHO's exchange form needs a <main>", "/trial")
    texts: Texts = {}
    for name, ours in _MAIN.items():
        if text := (main.findtext(name) or "").strip():
            texts.setdefault(ours, text)
    for path, ours in _LISTS.items():
        found = [text for node in root.findall(path) if (text := (node.text or "").strip())]
        if found:
            texts.setdefault(ours, "\n".join(found))
    criteria = root.find("criteria")
    for name, ours in _CRITERIA.items() if criteria is not None else ():
        if text := (criteria.findtext(name) or "").strip():
            texts[ours] = text
    return read_ictrp(texts)
