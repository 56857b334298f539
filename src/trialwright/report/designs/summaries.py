"""Which words a design is told in: one module for each question that designs answer."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from trialwright.design import (
    DesignError,
    ExactSingleArm,
    ExactTwoArm,
    ExcessOverControl,
    GroupSequential,
    Minimisation,
    PermutedBlocks,
    SelectionDesign,
    SimonTwoStage,
    WangTsiatis,
)
from trialwright.design.combination import InverseNormalTest
from trialwright.design.combination_boin import CombinationBoin
from trialwright.design.delayed_response import DelayedResponse
from trialwright.design.efftox import EffTox
from trialwright.design.finding import DoseFinding
from trialwright.design.multi_arm import MultiArmMultiStage
from trialwright.design.planned_size import SampleSize
from trialwright.design.regimen_comparison import RegimenComparison
from trialwright.design.response_adaptive import ResponseAdaptive
from trialwright.design.simulated_finding import SimulatedFinding
from trialwright.design.stopping import StoppingRule
from trialwright.design.survival_design import SurvivalDesign
from trialwright.design.time_to_event import TimeToEvent
from trialwright.messages import Message, several
from trialwright.report.designs import (
    allocation,
    dose_finding,
    efftox,
    multi_arm,
    one_arm,
    regimens,
    response_adaptive,
    rule_only,
    safety,
    sample_size,
    selection,
    survival,
    testing,
    two_agents,
)
from trialwright.report.designs.case import Case, DesignSummary, Question
from trialwright.report.words import ReportWords

Teller = Callable[[Sequence[Case], Question, ReportWords], DesignSummary]
_FAMILIES: tuple[tuple[str, type, Teller], ...] = (
    ("dose-finding", DoseFinding, dose_finding.summarise),
    ("dose-finding", TimeToEvent, dose_finding.summarise),
    ("dose-finding", SimulatedFinding, dose_finding.summarise),
    ("two-agents", CombinationBoin, two_agents.summarise),
    ("safety", StoppingRule, safety.summarise),
    ("safety", ExcessOverControl, safety.summarise),
    ("two-stage", SimonTwoStage, one_arm.summarise),
    ("two-stage", ExactSingleArm, one_arm.summarise),
    ("two-arms", ExactTwoArm, testing.tell_two_arms),
    ("sequential", GroupSequential, testing.tell_sequential),
    ("sequential", WangTsiatis, testing.tell_sequential),
    ("sequential", InverseNormalTest, testing.tell_sequential),
    ("sequential", DelayedResponse, testing.tell_sequential),
    ("efficacy-toxicity", EffTox, efftox.summarise),
    ("survival", SurvivalDesign, survival.summarise),
    ("multi-arm", MultiArmMultiStage, multi_arm.summarise),
    ("sample-size", SampleSize, sample_size.summarise),
    ("adaptive", ResponseAdaptive, response_adaptive.summarise),
    ("regimens", RegimenComparison, regimens.summarise),
    ("selection", SelectionDesign, selection.summarise),
    ("allocation", PermutedBlocks, allocation.summarise),
    ("allocation", Minimisation, allocation.summarise),
)


def family_of(design: Any) -> str:
    """The question that a design answers; designs of one family can be compared."""
    return next((name for name, cls, _ in _FAMILIES if isinstance(design, cls)), "rule-only")


def summarise(cases: Sequence[Case], question: Question, words: ReportWords) -> DesignSummary:
    """Tell designs of one family beside each other.

    Raises `DesignError` where the question doesn't fit them, or isn't one that can be compared.
    """
    families = {family_of(case.design) for case in cases}
    if len(families) > 1:
        raise DesignError(
            Message(
                "The designs answer different questions: {families}.",
                families=several(sorted(families)),
            ),
            rule=Message("Designs are compared when they answer the same question."),
            fix=Message("Tell them one by one."),
        )
    for name, _, summary_of in _FAMILIES:
        if name in families:
            return summary_of(cases, question, words)
    return rule_only.summarise(cases, words)
