"""The protocol's allocation as the rule that finds arms, and as the terms of its recomputation."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Protocol

from trialwright.design.biased_coin import BiasedCoin, SimpleRandomisation
from trialwright.design.cohort_draw import CohortDraw
from trialwright.design.minimisation import Minimisation, Profile
from trialwright.design.places import blocks_of
from trialwright.protocol.allocation_kinds import AllocationKind

if TYPE_CHECKING:
    from trialwright.protocol.allocations import Allocation


class Draws(Protocol):
    """A rule that finds the next arm when it is needed."""

    @property
    def specification(self) -> str: ...

    def next_arm(
        self,
        seed: bytes,
        profiles: Sequence[Profile],
        arms: Sequence[int],
        profile: Profile,
        place: int | None = None,
    ) -> int: ...


def draws_of(allocation: Allocation) -> Draws:
    """The rule of an allocation whose arms are drawn one by one.

    Raises LookupError for another kind.
    """
    arms, ratio = len(allocation.ratio), allocation.ratio
    if allocation.kind is AllocationKind.SIMPLE:
        return SimpleRandomisation(ratio=ratio)
    if allocation.kind is AllocationKind.BIASED_COIN:
        return BiasedCoin(arms=arms, ratio=ratio, probability=allocation.probability)
    if allocation.kind is AllocationKind.MINIMISATION:
        return Minimisation(
            arms=arms,
            factors=tuple(factor.key for factor in allocation.factors),
            weights=allocation.weights,
            ratio=ratio,
            measure=allocation.measure.value,
            probability=allocation.probability,
        )
    if allocation.kind is AllocationKind.DOSE_COHORT and allocation.control:
        return CohortDraw(doses=arms - 1)
    raise LookupError(allocation.kind)


def profile_of(allocation: Allocation, stratum: str) -> Profile:
    """What the rule reads of a participant in this stratum: nothing, its levels, or the stratum
    itself, which in a dose cohort is the place there."""
    if allocation.kind is AllocationKind.MINIMISATION:
        return tuple(stratum.split("/"))
    whole = allocation.kind in (AllocationKind.BIASED_COIN, AllocationKind.DOSE_COHORT)
    return (stratum,) if whole else ()


def arm_again(
    allocation: Allocation,
    seed: bytes,
    earlier: Sequence[tuple[str, int]],
    stratum: str,
    place: int,
    lost: int = 0,
    *,
    held: int = 0,
) -> int:
    """The number of the arm that a later allocation gives to the next who is allocated again.

    Args:
        seed: of this allocation alone.
        earlier: of those allocated again before, in order, the stratum and the arm's number.
        stratum: of the next one.
        place: the number of their place, from 1, among all who took this step.
        lost: how many places before it were lost with a restore; each may have taken one of a list.
        held: the arm before, from which a switch follows.
    """
    if allocation.kind is AllocationKind.SWITCH:
        return allocation.to.get(held, held)
    if allocation.kind is AllocationKind.NONE:
        return allocation.arms[0]
    if allocation.kind is AllocationKind.BLOCKS:
        taken = lost + sum(other == stratum for other, _arm in earlier)
        return allocation.arms[blocks_of(allocation).list(seed, stratum, taken + 1)[taken] - 1]
    return allocation.arms[
        draws_of(allocation).next_arm(
            seed,
            [profile_of(allocation, other) for other, _arm in earlier],
            [allocation.arms.index(arm) + 1 for _other, arm in earlier],
            profile_of(allocation, stratum),
            place - 1,
        )
        - 1
    ]


def terms_of(allocation: Allocation) -> dict[str, Any]:
    """All that finds the arms again, beside the seed and what is known of each participant: the
    object that `src/trialwright/ledger/alone/verify_ledger.py` reads."""
    terms: dict[str, Any] = {"kind": allocation.kind.value, "ratio": list(allocation.ratio)}
    if allocation.arms != tuple(range(1, len(allocation.ratio) + 1)):
        terms["arms"] = list(allocation.arms)
    unread = (AllocationKind.NONE, AllocationKind.EXTERNAL)
    people_decide = allocation.kind is AllocationKind.DOSE_COHORT and not allocation.is_drawn
    if allocation.kind in unread or people_decide:
        return terms
    if allocation.kind is AllocationKind.SWITCH:
        return {**terms, "to": {str(arm): to for arm, to in allocation.to.items()}}
    if allocation.kind is AllocationKind.BLOCKS:
        blocks = blocks_of(allocation)
        sizes = {"block_sizes": list(blocks.block_sizes), "run_in": list(blocks.run_in)}
        return {**terms, "specification": blocks.specification, **sizes}
    rule = draws_of(allocation)
    terms["specification"] = rule.specification
    if isinstance(rule, BiasedCoin):
        rule = rule.rule
    if isinstance(rule, Minimisation):
        terms |= {
            "weights": list(rule.weights),
            "measure": rule.measure,
            "probability": rule.probability,
        }
    return terms
