"""The designs that a protocol can name: `kind` in the file, and the class it makes."""

from __future__ import annotations

from functools import cache
from typing import Any


@cache
def kinds() -> dict[str, type]:
    """Kind, as written in a protocol, to class."""
    from trialwright.design import (
        allocation,
        boin,
        boin12,
        crm,
        decision_table,
        exact_single_arm,
        exact_two_arm,
        excess,
        group_sequential,
        keyboard,
        minimisation,
        selection,
        simon,
        stopping,
        three_plus_three,
        tite_boin,
        tite_crm,
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
        crm.Crm,
        exact_single_arm.ExactSingleArm,
        exact_two_arm.ExactTwoArm,
        excess.ExcessOverControl,
        group_sequential.GroupSequential,
        minimisation.Minimisation,
        simon.SimonTwoStage,
        tite_boin.TiteBoin,
        tite_crm.TiteCrm,
        wang_tsiatis.WangTsiatis,
    )
    return {cls.kind: cls for cls in finding} | {
        "beta-binomial-stopping": stopping.BetaBinomialStopping,
        "permuted-blocks": allocation.PermutedBlocks,
        "selection": selection.SelectionDesign,
        "toxicity-boundary": stopping.ToxicityBoundary,
    }


def kind_of(design: Any) -> str:
    """The kind of a design object."""
    return next(kind for kind, cls in kinds().items() if type(design) is cls)
