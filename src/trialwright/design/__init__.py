"""How a trial decides: allocation, decision and stopping rules, and how they perform.

What reads protocol files comes on first use, so that a notebook needn't wait for it.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from trialwright.design.allocation import BlockProperties, PermutedBlocks
from trialwright.design.blrm import Blrm
from trialwright.design.boin import Boin
from trialwright.design.boin12 import Boin12
from trialwright.design.characteristics import OperatingCharacteristics
from trialwright.design.crm import Crm, calibrated_skeleton
from trialwright.design.decision_table import DecisionTable
from trialwright.design.errors import DesignError
from trialwright.design.exact_single_arm import ExactSingleArm
from trialwright.design.exact_two_arm import ExactTwoArm
from trialwright.design.excess import ExcessOverControl
from trialwright.design.finding import DoseState
from trialwright.design.group_sequential import GroupSequential
from trialwright.design.historical_control import HistoricalControl
from trialwright.design.keyboard import Keyboard, Mtpi, Mtpi2
from trialwright.design.live import LiveTrial
from trialwright.design.minimisation import Minimisation
from trialwright.design.predicted_power import conditional_power, predictive_power
from trialwright.design.sample_size import (
    power_two_means,
    power_two_proportions,
    sample_size_selection,
    sample_size_two_means,
    sample_size_two_proportions,
)
from trialwright.design.selection import SelectionDesign, SelectionState
from trialwright.design.selection_simulation import Conduct
from trialwright.design.selection_simulation import simulate as simulate_selection
from trialwright.design.sequential_estimates import repeated_intervals, stage_wise
from trialwright.design.simon import SimonTwoStage
from trialwright.design.stopping import BetaBinomialStopping, MonitoringState
from trialwright.design.table import Decision, RuleTable
from trialwright.design.three_plus_three import ThreePlusThree
from trialwright.design.time_to_event import Accrual, TimedCharacteristics
from trialwright.design.tite_boin import TiteBoin
from trialwright.design.tite_boin12 import TiteBoin12
from trialwright.design.tite_crm import TiteCrm
from trialwright.design.toxicity_boundaries import LikelihoodRatioBoundary, ToxicityBoundary
from trialwright.design.treatment_schedule import TreatmentSchedule

if TYPE_CHECKING:
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
    from trialwright.design.blrm_escalation import BlrmEscalation
    from trialwright.design.combination import InverseNormalTest
    from trialwright.design.combination_boin import CombinationBoin
    from trialwright.design.delayed_response import DelayedResponse
    from trialwright.design.dependent_outcomes import (
        ClusteredOutcomes,
        CrossoverOutcomes,
        RepeatedMeasures,
        StratifiedProportions,
    )
    from trialwright.design.efftox import EffTox
    from trialwright.design.exact_outcomes import (
        BelievedMeans,
        BelievedProportions,
        Means,
        Proportions,
    )
    from trialwright.design.fisher_combination import FisherCombination
    from trialwright.design.multi_arm import MultiArmMultiStage
    from trialwright.design.planned_size import SampleSize
    from trialwright.design.power_by_simulation import simulated_power, size_with_power
    from trialwright.design.regimen_comparison import RegimenComparison
    from trialwright.design.response_adaptive import ResponseAdaptive
    from trialwright.design.section import designs_from_node, from_node
    from trialwright.design.survival_design import SurvivalDesign
    from trialwright.design.survival_trial import (
        SurvivalTrial,
        events_needed,
        hazard_of,
        participants_needed,
    )
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


_LATER = {
    "BackfillBoin": "backfill_boin",
    "CombinationBoin": "combination_boin",
    "EffTox": "efftox",
    "BelievedMeans": "exact_outcomes",
    "BelievedProportions": "exact_outcomes",
    "Means": "exact_outcomes",
    "Proportions": "exact_outcomes",
    "SampleSize": "planned_size",
    "SurvivalDesign": "survival_design",
    "BlrmEscalation": "blrm_escalation",
    "ClusteredOutcomes": "dependent_outcomes",
    "CountedEvents": "assumed_outcomes",
    "CrossoverOutcomes": "dependent_outcomes",
    "DelayedResponse": "delayed_response",
    "FisherCombination": "fisher_combination",
    "InverseNormalTest": "combination",
    "MultiArmMultiStage": "multi_arm",
    "NormalOutcomes": "assumed_outcomes",
    "OrderedOutcomes": "assumed_outcomes",
    "RepeatedMeasures": "dependent_outcomes",
    "RegimenComparison": "regimen_comparison",
    "ResponseAdaptive": "response_adaptive",
    "StratifiedProportions": "dependent_outcomes",
    "SurvivalTrial": "survival_trial",
    "TimesToEvent": "assumed_outcomes",
    "assurance_normal": "assurance",
    "assurance_sequential": "assurance",
    "assurance_two_proportions": "assurance",
    "designs_from_node": "section",
    "events_needed": "survival_trial",
    "from_node": "section",
    "hazard_of": "survival_trial",
    "participants_needed": "survival_trial",
    "simulated_power": "power_by_simulation",
    "size_with_power": "power_by_simulation",
}


def __getattr__(name: str) -> Any:
    if name in _LATER:
        return getattr(import_module(f"{__name__}.{_LATER[name]}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
