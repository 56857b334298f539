"""The designs that a protocol can name: `kind` in the file, and the class it makes."""

from __future__ import annotations

from functools import cache
from typing import Any


@cache
def kinds() -> dict[str, type]:
    """Kind, as written in a protocol, to class."""
    from trialwright.design import (
        allocation,
        backfill_boin,
        blrm_escalation,
        boin,
        boin12,
        combination,
        combination_boin,
        crm,
        decision_table,
        delayed_response,
        efftox,
        exact_single_arm,
        exact_two_arm,
        excess,
        fisher_combination,
        group_sequential,
        historical_control,
        keyboard,
        minimisation,
        multi_arm,
        planned_size,
        regimen_comparison,
        response_adaptive,
        selection,
        simon,
        stopping,
        survival_design,
        three_plus_three,
        tite_boin,
        tite_boin12,
        tite_crm,
        toxicity_boundaries,
        wang_tsiatis,
    )

    finding = (
        boin.Boin,
        keyboard.Keyboard,
        keyboard.Mtpi2,
        keyboard.Mtpi,
        decision_table.DecisionTable,
        three_plus_three.ThreePlusThree,
        boin12.Boin12,
        backfill_boin.BackfillBoin,
        blrm_escalation.BlrmEscalation,
        fisher_combination.FisherCombination,
        combination.InverseNormalTest,
        combination_boin.CombinationBoin,
        crm.Crm,
        delayed_response.DelayedResponse,
        efftox.EffTox,
        exact_single_arm.ExactSingleArm,
        exact_two_arm.ExactTwoArm,
        excess.ExcessOverControl,
        group_sequential.GroupSequential,
        historical_control.HistoricalControl,
        minimisation.Minimisation,
        multi_arm.MultiArmMultiStage,
        planned_size.SampleSize,
        regimen_comparison.RegimenComparison,
        response_adaptive.ResponseAdaptive,
        simon.SimonTwoStage,
        survival_design.SurvivalDesign,
        tite_boin.TiteBoin,
        tite_boin12.TiteBoin12,
        tite_crm.TiteCrm,
        wang_tsiatis.WangTsiatis,
    )
    return {cls.kind: cls for cls in finding} | {
        "beta-binomial-stopping": stopping.BetaBinomialStopping,
        "likelihood-ratio-boundary": toxicity_boundaries.LikelihoodRatioBoundary,
        "permuted-blocks": allocation.PermutedBlocks,
        "selection": selection.SelectionDesign,
        "toxicity-boundary": toxicity_boundaries.ToxicityBoundary,
    }


def kind_of(design: Any) -> str:
    """The kind of a design object."""
    return next(kind for kind, cls in kinds().items() if type(design) is cls)


@cache
def outcomes() -> dict[str, type]:
    """Kind of the outcomes that a sample size is planned on, as written in a protocol, to class."""
    from trialwright.design import assumed_outcomes, dependent_outcomes, exact_outcomes

    planned = (
        exact_outcomes.Proportions,
        exact_outcomes.Means,
        exact_outcomes.BelievedProportions,
        exact_outcomes.BelievedMeans,
        assumed_outcomes.NormalOutcomes,
        assumed_outcomes.OrderedOutcomes,
        assumed_outcomes.CountedEvents,
        assumed_outcomes.TimesToEvent,
        dependent_outcomes.StratifiedProportions,
        dependent_outcomes.RepeatedMeasures,
        dependent_outcomes.ClusteredOutcomes,
        dependent_outcomes.CrossoverOutcomes,
    )
    return {cls.kind: cls for cls in planned}
