"""How an ISRCTN trial is built: since 2025 in fields of their own, before in a line of free text.

The line ("Randomised double-blind placebo-controlled trial") is read for the words that mean one
thing; what it says two ways, or doesn't say, isn't put. Words without a counterpart at
ClinicalTrials.gov stay the register's, and so do several purposes, of which none is the first.
"""

from __future__ import annotations

import re

from trialwright.registry.readers.build import Builder
from trialwright.registry.readers.common import coded, every, said
from trialwright.registry.record.values import Node

_INFO = "design/designInfo"
_ALLOCATIONS = {
    "randomized controlled trial": "RANDOMIZED",
    "randomised controlled trial": "RANDOMIZED",
    "non-randomized controlled trial": "NON_RANDOMIZED",
    "non-randomised controlled trial": "NON_RANDOMIZED",
    "n/a: single arm study": "NA",
    "single arm": "NA",
}
_MASKINGS = {"open (masking not used)": "NONE"}
_MODELS = {
    "parallel": "PARALLEL", "crossover": "CROSSOVER", "factorial": "FACTORIAL",
    "single": "SINGLE_GROUP", "single group": "SINGLE_GROUP", "sequential": "SEQUENTIAL",
}  # fmt: skip
_PURPOSES = {
    "treatment": "TREATMENT", "prevention": "PREVENTION", "diagnostic": "DIAGNOSTIC",
    "screening": "SCREENING", "supportive care": "SUPPORTIVE_CARE", "other": "OTHER",
    "health services research": "HEALTH_SERVICES_RESEARCH", "basic science": "BASIC_SCIENCE",
    "device feasibility": "DEVICE_FEASIBILITY",
}  # fmt: skip
_NOT_SAID = {"not specified", "not provided at time of registration"}
_OBSERVED = {"cohort study": "COHORT", "case-control study": "CASE_CONTROL"}

# What the words of a line mean.
_RANDOMISED = {
    "NON_RANDOMIZED": re.compile(r"\b(?:non|not|un)[- ]?randomi[sz]ed"),
    "RANDOMIZED": re.compile(r"(?<!non )(?<!not )(?<!non-)(?<!not-)\brandomi[sz]ed"),
}
_BLINDED = {
    # Open with a placebo is a part of it, or a contradiction.
    "NONE": re.compile(r"^(?!.*placebo).*(?:\bopen[- ]?label|\bopen\b|\b(?:un|non-?)blinded)"),
    "SINGLE": re.compile(r"\bsingle[- ](?:blind|mask)"),
    "DOUBLE": re.compile(r"\bdouble[- ](?:blind|mask)"),
    "TRIPLE": re.compile(r"\btriple[- ](?:blind|mask)"),
    "QUADRUPLE": re.compile(r"\bquadruple[- ](?:blind|mask)"),
}
_ASSIGNED = {
    "CROSSOVER": re.compile(r"\bcross[- ]?over"),
    "PARALLEL": re.compile(r"\bparallel"),
    "FACTORIAL": re.compile(r"factorial"),
    "SINGLE_GROUP": re.compile(r"\b(?:single|one)[- ]arm|\bsingle[- ]group"),
}


def put_design(builder: Builder, design: Node) -> None:
    """Put type, allocation, model, masking and purpose from `trialDesign`."""
    type_ = said(design["primaryStudyDesign"].raw).upper()
    builder.put("design/studyType", type_ or None, design["primaryStudyDesign"].at)
    if type_ == "OBSERVATIONAL":
        second = design["secondaryStudyDesign"]
        model = _OBSERVED.get(said(second.raw).lower())
        builder.put(f"{_INFO}/observationalModel", model, second.at)
        return
    own = design["interventionalTrialDesign"]
    for field, path, codes, meanings in (
        ("allocation", "allocation", _ALLOCATIONS, _RANDOMISED),
        ("assignment", "interventionModel", _MODELS, _ASSIGNED),
        ("masking", "maskingInfo/masking", _MASKINGS, _BLINDED),
    ):
        if code := coded(own[field].raw, codes):
            builder.put(f"{_INFO}/{path}", code, own[field].at)
            continue
        line, kind = design["studyDesign"], design["secondaryStudyDesign"]
        text = "; ".join(said(node.raw).lower() for node in (line, kind))
        builder.put(f"{_INFO}/{path}", _meant(text, meanings), line.at)
    _put_purpose(builder, design)


def _put_purpose(builder: Builder, design: Node) -> None:
    for node in (
        design / "interventionalTrialDesign/purposes/purpose",
        design / "trialTypes/trialType",
    ):
        words = [word for raw in every(node.raw) if (word := said(raw))]
        known = [word for word in words if word.lower() not in _NOT_SAID]
        if known:
            code = coded(known[0], _PURPOSES) if len(known) == 1 else ", ".join(known)
            builder.put(f"{_INFO}/primaryPurpose", code, node.at)
            return


def _meant(text: str, meanings: dict[str, re.Pattern[str]]) -> str | None:
    """The one meaning that a text has; None where it has none, or two."""
    found = [code for code, pattern in meanings.items() if pattern.search(text)]
    return found[0] if len(found) == 1 else None
