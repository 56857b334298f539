"""What a change of a protocol affects, from where in the file it stands."""

from enum import StrEnum

from trialwright.messages import Message
from trialwright.protocol.shapes import PROVENANCE, WORDING


class Effect(StrEnum):
    """What an amendment can touch, most serious first."""

    SAFETY_RULES = "safety_rules"
    ALLOCATION = "allocation"
    MASKING = "masking"
    CONSENT = "consent"
    ELIGIBILITY = "eligibility"
    PRODUCT = "product"
    STEPS = "steps"
    ENTERED_DATA = "entered_data"
    VISITS = "visits"
    FORMS = "forms"
    ANALYSIS = "analysis"
    READINESS = "readiness"
    VERIFICATION = "verification"
    DOCUMENTS = "documents"

    @property
    def words(self) -> Message:
        """What it means for the running trial."""
        return _WORDS[self]


_WORDS = {
    Effect.SAFETY_RULES: Message(
        "Safety and design rules: the decision table is compiled and signed again"
    ),
    Effect.ALLOCATION: Message(
        "Allocation: the list no longer fits; a new one is made and what was allocated stands"
    ),
    Effect.MASKING: Message("Masking: who may know an arm changes"),
    Effect.CONSENT: Message("Consent: participants still followed are asked again"),
    Effect.ELIGIBILITY: Message(
        "Eligibility: participants not yet allocated are assessed again; those allocated stay"
    ),
    Effect.PRODUCT: Message("Products: lots not yet released are held against the new tests"),
    Effect.STEPS: Message(
        "Steps: who takes which, and in which order, changes for those not yet taken"
    ),
    Effect.ENTERED_DATA: Message(
        "Data of enrolled participants: values already entered are checked again, and "
        "signatures stay with the version they were given under"
    ),
    Effect.VISITS: Message(
        "Visits: plans of enrolled participants are made again from their anchors"
    ),
    Effect.FORMS: Message("Forms: what is asked or shown changes"),
    Effect.ANALYSIS: Message("Analysis: what is estimated, or in whom, changes"),
    Effect.READINESS: Message(
        "Readiness: where facts come from changes, and with it whether real participants may enrol"
    ),
    Effect.VERIFICATION: Message(
        "Source data verification: what is to be verified changes; what was verified stands"
    ),
    Effect.DOCUMENTS: Message("Documents alone: nothing that runs changes"),
}

_BY_SECTION = {
    "arms": (Effect.ALLOCATION, Effect.ANALYSIS),
    "allocation": (Effect.ALLOCATION,),
    "allocations": (Effect.ALLOCATION,),
    "dose_levels": (Effect.SAFETY_RULES, Effect.ALLOCATION),
    "cohorts": (Effect.SAFETY_RULES, Effect.ALLOCATION),
    "participants": (Effect.ALLOCATION, Effect.ANALYSIS),
    "roles": (Effect.MASKING, Effect.FORMS),
    "blinding": (Effect.MASKING,),
    "masking": (Effect.MASKING,),
    "consent": (Effect.CONSENT,),
    "criteria": (Effect.ELIGIBILITY,),
    "products": (Effect.PRODUCT,),
    "kits": (Effect.PRODUCT, Effect.STEPS),
    "laboratory": (Effect.ENTERED_DATA,),
    "groups": (Effect.ALLOCATION, Effect.ELIGIBILITY),
    "kinds": (Effect.VISITS, Effect.ALLOCATION),
    "steps": (Effect.STEPS,),
    "before": (Effect.STEPS,),
    "visits": (Effect.VISITS,),
    "amendment": (Effect.CONSENT,),
    "anchors": (Effect.VISITS,),
    "cycles": (Effect.VISITS,),
    "epochs": (Effect.VISITS, Effect.ANALYSIS),
    "endpoints": (Effect.ANALYSIS,),
    "multiplicity": (Effect.ANALYSIS,),
    "baseline": (Effect.ANALYSIS,),
    "populations": (Effect.ANALYSIS,),
    "monitoring": (Effect.VERIFICATION,),
    "demonstration": (Effect.READINESS,),
    "languages": (Effect.FORMS,),
    "safety": (Effect.SAFETY_RULES,),
    "design": (Effect.SAFETY_RULES,),
}


def effects_of(path: tuple[str, ...], *, added: bool, removed: bool) -> tuple[Effect, ...]:
    """What a change at this place affects, most serious first."""
    section, last = path[0], path[-1]
    if last in PROVENANCE:
        return (Effect.DOCUMENTS,) if last == "note" else (Effect.READINESS,)
    if section in ("forms", "code_lists"):
        return _of_form(path, added=added)
    if section == "arms" and (last in WORDING or last == "description"):
        return (Effect.DOCUMENTS,)
    if section == "visits" and (removed or last == "forms"):
        return (Effect.ENTERED_DATA, Effect.VISITS)
    if section == "steps" and last in ("roles", "reveals_arm"):
        return (Effect.MASKING, Effect.STEPS)
    if last in WORDING and section not in ("consent",):
        return (Effect.DOCUMENTS,)
    return _BY_SECTION.get(section, (Effect.DOCUMENTS,))


def _of_form(path: tuple[str, ...], *, added: bool) -> tuple[Effect, ...]:
    last = path[-1]
    if "diary" in path[2:3]:
        return (Effect.VISITS, Effect.FORMS)
    if path[-1] == "unmasking":
        return (Effect.MASKING, Effect.FORMS)
    wording = last in WORDING - {"points"}
    if wording or (added and path[0] == "code_lists") or last in ("completed_by", "signed_by"):
        return (Effect.FORMS,)
    return (Effect.ENTERED_DATA, Effect.FORMS)
