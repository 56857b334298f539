"""Which words a design is told in: one module for each question that designs answer."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from trialwright.design import (
    DesignError,
    ExactTwoArm,
    ExcessOverControl,
    GroupSequential,
    Minimisation,
    PermutedBlocks,
    SelectionDesign,
    SimonTwoStage,
)
from trialwright.design.finding import DoseFinding
from trialwright.design.stopping import StoppingRule
from trialwright.design.time_to_event import TimeToEvent
from trialwright.report.designs import (
    allocation,
    dose_finding,
    rule_only,
    safety,
    selection,
    testing,
    two_stage,
)
from trialwright.report.designs.case import Case, Question, Told
from trialwright.report.words import Words

Teller = Callable[[Sequence[Case], Question, Words], Told]
_FAMILIES: tuple[tuple[str, type, Teller], ...] = (
    ("dose-finding", DoseFinding, dose_finding.tell),
    ("dose-finding", TimeToEvent, dose_finding.tell),
    ("safety", StoppingRule, safety.tell),
    ("safety", ExcessOverControl, safety.tell),
    ("two-stage", SimonTwoStage, two_stage.tell),
    ("two-arms", ExactTwoArm, testing.tell_two_arms),
    ("sequential", GroupSequential, testing.tell_sequential),
    ("selection", SelectionDesign, selection.tell),
    ("allocation", PermutedBlocks, allocation.tell),
    ("allocation", Minimisation, allocation.tell),
)


def family_of(design: Any) -> str:
    """The question that a design answers; designs of one family can be compared."""
    return next((name for name, cls, _ in _FAMILIES if isinstance(design, cls)), "rule-only")


def tell(cases: Sequence[Case], question: Question, words: Words) -> Told:
    """Tell designs of one family beside each other.

    Raises `DesignError` where the question doesn't fit them, or isn't one that can be compared.
    """
    families = {family_of(case.design) for case in cases}
    if len(families) > 1:
        raise DesignError(
            f"The designs answer different questions: {', '.join(sorted(families))}.",
            rule="Designs are compared when they answer the same question.",
            fix="Tell them one by one.",
        )
    for name, _, teller in _FAMILIES:
        if name in families:
            return teller(cases, question, words)
    return rule_only.tell(cases, words)
