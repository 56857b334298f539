"""How a trial decides: allocation, decision and stopping rules, and how they perform.

Each is read from its module on first use, so that a notebook waits for nothing that it doesn't use.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from trialwright.design.allocation import BlockProperties, PermutedBlocks
    from trialwright.design.assumed_outcomes import (
        CountedEvents,
        NormalOutcomes,
        OrderedOutcomes,
        TimesToEvent,
    )
    from trialwright.design.assurance import (
        assurance_normal,
        assurance_sequential,
        assurance_two_proportions,
    )
    from trialwright.design.backfill_boin import BackfillBoin
    from trialwright.design.blrm import Blrm
    from trialwright.design.blrm_escalation import BlrmEscalation
    from trialwright.design.boin import Boin
    from trialwright.design.boin12 import Boin12
    from trialwright.design.characteristics import OperatingCharacteristics
    from trialwright.design.combination import InverseNormalTest
    from trialwright.design.combination_boin import CombinationBoin
    from trialwright.design.crm import Crm, calibrated_skeleton
    from trialwright.design.decision_table import DecisionTable
    from trialwright.design.delayed_response import DelayedResponse
    from trialwright.design.dependent_outcomes import (
        ClusteredOutcomes,
        CrossoverOutcomes,
        RepeatedMeasures,
        StratifiedProportions,
    )
    from trialwright.design.efftox import EffTox
    from trialwright.design.errors import DesignError
    from trialwright.design.exact_outcomes import (
        BelievedMeans,
        BelievedProportions,
        Means,
        Proportions,
    )
    from trialwright.design.exact_single_arm import ExactSingleArm
    from trialwright.design.exact_two_arm import ExactTwoArm
    from trialwright.design.excess import ExcessOverControl
    from trialwright.design.finding import DoseState
    from trialwright.design.fisher_combination import FisherCombination
    from trialwright.design.group_sequential import GroupSequential
    from trialwright.design.historical_control import HistoricalControl
    from trialwright.design.keyboard import Keyboard, Mtpi, Mtpi2
    from trialwright.design.live import LiveTrial
    from trialwright.design.minimisation import Minimisation
    from trialwright.design.multi_arm import MultiArmMultiStage
    from trialwright.design.planned_size import SampleSize
    from trialwright.design.power_by_simulation import simulated_power, size_with_power
    from trialwright.design.predicted_power import conditional_power, predictive_power
    from trialwright.design.regimen_comparison import RegimenComparison
    from trialwright.design.response_adaptive import ResponseAdaptive
    from trialwright.design.sample_size import (
        power_two_means,
        power_two_proportions,
        sample_size_selection,
        sample_size_two_means,
        sample_size_two_proportions,
    )
    from trialwright.design.section import designs_from_node, from_node
    from trialwright.design.selection import SelectionDesign, SelectionState
    from trialwright.design.selection_conduct import Conduct
    from trialwright.design.selection_simulation import simulate as simulate_selection
    from trialwright.design.sequential_estimates import repeated_intervals, stage_wise
    from trialwright.design.simon import SimonTwoStage
    from trialwright.design.stopping import BetaBinomialStopping, MonitoringState
    from trialwright.design.survival_design import SurvivalDesign
    from trialwright.design.survival_trial import (
        SurvivalTrial,
        events_needed,
        hazard_of,
        participants_needed,
    )
    from trialwright.design.table import Decision, RuleTable
    from trialwright.design.three_plus_three import ThreePlusThree
    from trialwright.design.time_to_event import Accrual, TimedCharacteristics
    from trialwright.design.tite_boin import TiteBoin
    from trialwright.design.tite_boin12 import TiteBoin12
    from trialwright.design.tite_crm import TiteCrm
    from trialwright.design.toxicity_boundaries import LikelihoodRatioBoundary, ToxicityBoundary
    from trialwright.design.treatment_schedule import TreatmentSchedule
    from trialwright.design.wang_tsiatis import WangTsiatis

__all__ = [
    "Accrual",
    "BackfillBoin",
    "BelievedMeans",
    "BelievedProportions",
    "BetaBinomialStopping",
    "BlockProperties",
    "Blrm",
    "BlrmEscalation",
    "Boin",
    "Boin12",
    "ClusteredOutcomes",
    "CombinationBoin",
    "Conduct",
    "CountedEvents",
    "Crm",
    "CrossoverOutcomes",
    "Decision",
    "DecisionTable",
    "DelayedResponse",
    "DesignError",
    "DoseState",
    "EffTox",
    "ExactSingleArm",
    "ExactTwoArm",
    "ExcessOverControl",
    "FisherCombination",
    "GroupSequential",
    "HistoricalControl",
    "InverseNormalTest",
    "Keyboard",
    "LikelihoodRatioBoundary",
    "LiveTrial",
    "Means",
    "Minimisation",
    "MonitoringState",
    "Mtpi",
    "Mtpi2",
    "MultiArmMultiStage",
    "NormalOutcomes",
    "OperatingCharacteristics",
    "OrderedOutcomes",
    "PermutedBlocks",
    "Proportions",
    "RegimenComparison",
    "RepeatedMeasures",
    "ResponseAdaptive",
    "RuleTable",
    "SampleSize",
    "SelectionDesign",
    "SelectionState",
    "SimonTwoStage",
    "StratifiedProportions",
    "SurvivalDesign",
    "SurvivalTrial",
    "ThreePlusThree",
    "TimedCharacteristics",
    "TimesToEvent",
    "TiteBoin",
    "TiteBoin12",
    "TiteCrm",
    "ToxicityBoundary",
    "TreatmentSchedule",
    "WangTsiatis",
    "assurance_normal",
    "assurance_sequential",
    "assurance_two_proportions",
    "calibrated_skeleton",
    "conditional_power",
    "designs_from_node",
    "events_needed",
    "from_node",
    "hazard_of",
    "participants_needed",
    "power_two_means",
    "power_two_proportions",
    "predictive_power",
    "repeated_intervals",
    "sample_size_selection",
    "sample_size_two_means",
    "sample_size_two_proportions",
    "simulate_selection",
    "simulated_power",
    "size_with_power",
    "stage_wise",
]

# The module of each name, and the name there where it is another one.
_WHERE = {
    "Accrual": "time_to_event",
    "BackfillBoin": "backfill_boin",
    "BelievedMeans": "exact_outcomes",
    "BelievedProportions": "exact_outcomes",
    "BetaBinomialStopping": "stopping",
    "BlockProperties": "allocation",
    "Blrm": "blrm",
    "BlrmEscalation": "blrm_escalation",
    "Boin": "boin",
    "Boin12": "boin12",
    "ClusteredOutcomes": "dependent_outcomes",
    "CombinationBoin": "combination_boin",
    "Conduct": "selection_conduct",
    "CountedEvents": "assumed_outcomes",
    "Crm": "crm",
    "CrossoverOutcomes": "dependent_outcomes",
    "Decision": "table",
    "DecisionTable": "decision_table",
    "DelayedResponse": "delayed_response",
    "DesignError": "errors",
    "DoseState": "finding",
    "EffTox": "efftox",
    "ExactSingleArm": "exact_single_arm",
    "ExactTwoArm": "exact_two_arm",
    "ExcessOverControl": "excess",
    "FisherCombination": "fisher_combination",
    "GroupSequential": "group_sequential",
    "HistoricalControl": "historical_control",
    "InverseNormalTest": "combination",
    "Keyboard": "keyboard",
    "LikelihoodRatioBoundary": "toxicity_boundaries",
    "LiveTrial": "live",
    "Means": "exact_outcomes",
    "Minimisation": "minimisation",
    "MonitoringState": "stopping",
    "Mtpi": "keyboard",
    "Mtpi2": "keyboard",
    "MultiArmMultiStage": "multi_arm",
    "NormalOutcomes": "assumed_outcomes",
    "OperatingCharacteristics": "characteristics",
    "OrderedOutcomes": "assumed_outcomes",
    "PermutedBlocks": "allocation",
    "Proportions": "exact_outcomes",
    "RegimenComparison": "regimen_comparison",
    "RepeatedMeasures": "dependent_outcomes",
    "ResponseAdaptive": "response_adaptive",
    "RuleTable": "table",
    "SampleSize": "planned_size",
    "SelectionDesign": "selection",
    "SelectionState": "selection",
    "SimonTwoStage": "simon",
    "StratifiedProportions": "dependent_outcomes",
    "SurvivalDesign": "survival_design",
    "SurvivalTrial": "survival_trial",
    "ThreePlusThree": "three_plus_three",
    "TimedCharacteristics": "time_to_event",
    "TimesToEvent": "assumed_outcomes",
    "TiteBoin": "tite_boin",
    "TiteBoin12": "tite_boin12",
    "TiteCrm": "tite_crm",
    "ToxicityBoundary": "toxicity_boundaries",
    "TreatmentSchedule": "treatment_schedule",
    "WangTsiatis": "wang_tsiatis",
    "assurance_normal": "assurance",
    "assurance_sequential": "assurance",
    "assurance_two_proportions": "assurance",
    "calibrated_skeleton": "crm",
    "conditional_power": "predicted_power",
    "designs_from_node": "section",
    "events_needed": "survival_trial",
    "from_node": "section",
    "hazard_of": "survival_trial",
    "participants_needed": "survival_trial",
    "power_two_means": "sample_size",
    "power_two_proportions": "sample_size",
    "predictive_power": "predicted_power",
    "repeated_intervals": "sequential_estimates",
    "sample_size_selection": "sample_size",
    "sample_size_two_means": "sample_size",
    "sample_size_two_proportions": "sample_size",
    "simulate_selection": "selection_simulation:simulate",
    "simulated_power": "power_by_simulation",
    "size_with_power": "power_by_simulation",
    "stage_wise": "sequential_estimates",
}


def __getattr__(name: str) -> Any:
    if name not in _WHERE:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    module, _, there = _WHERE[name].partition(":")
    found = globals()[name] = getattr(import_module(f"{__name__}.{module}"), there or name)
    return found


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
