"""Give a participant an arm again, at a later epoch; or let them keep theirs, which looks the same.

Everybody takes the same step, by the same statements, and has a place of the same list afterwards:
whether the arm in it was drawn or is the one that they had follows from sealed arms alone.
"""

from collections.abc import Collection

from django.utils.translation import gettext_lazy as _

from trialwright.conduct.acting import ActionContext
from trialwright.conduct.allocation import allocation_list
from trialwright.conduct.allocation.allocating import place_in_cohort, require_stratum
from trialwright.conduct.allocation.allocation_list import NOT_AGAIN
from trialwright.conduct.allocation.cohorts import cohorts_now
from trialwright.conduct.models import AllocationSlot, Study
from trialwright.conduct.reads.values import values_of
from trialwright.conduct.refusals import ActionRefused
from trialwright.design.drawing import arm_again
from trialwright.protocol.allocation_kinds import AllocationKind
from trialwright.protocol.allocations import Allocation
from trialwright.protocol.model import Protocol


def allocate_again(
    context: ActionContext, allocation: Allocation, skipped: Collection[int] = ()
) -> None:
    """Write the place of a later allocation. No refusal depends on an arm, but in dose cohorts,
    whose doses everybody knows.

    Args:
        skipped: the numbers of arms that are on hold.
    """
    if allocation.kind is AllocationKind.DOSE_COHORT:
        _join_cohort(context, allocation, skipped)
        return
    stratum = _stratum(context, allocation)
    _give(context, allocation, stratum)


def _join_cohort(context: ActionContext, allocation: Allocation, skipped: Collection[int]) -> None:
    """Who is meant joins the open cohort; everybody else, and all once the escalation has ended,
    keep their arm."""
    before = _arms_before(context.study, context.protocol, allocation)
    held = before[context.participant.pk]
    meant = _is_again(allocation, _meets(context, allocation), held)
    if not meant or cohorts_now(context.study, context.protocol, context.at).ended:
        _keep(context, allocation, held)
        return
    arm, place = place_in_cohort(context, allocation, skipped)
    if arm is None:
        _give(context, allocation, place)
    else:
        allocation_list.take(context.writer, context.participant, allocation, arm, place)


def _keep(context: ActionContext, allocation: Allocation, held: int) -> None:
    allocation_list.take(context.writer, context.participant, allocation, held, NOT_AGAIN)


def _give(context: ActionContext, allocation: Allocation, stratum: str) -> None:
    """Draw an arm by the stratum, and write it for who is meant."""
    study, participant = context.study, context.participant
    before = _arms_before(study, context.protocol, allocation)
    name = allocation.list_prefix
    own = AllocationSlot.objects.filter(study=study, list_name=name).order_by("place")
    earlier = [
        (slot.stratum or "", allocation_list.opened(slot))
        for slot in own
        if _is_again(allocation, slot.stratum, before[slot.participant_id])
    ]
    place = allocation_list.next_place(study, name)
    seed = allocation_list.seed_of(allocation_list.opened_seed(study), allocation)
    # Drawn for everybody, so that the time it takes tells nothing.
    lost = place - 1 - len(own)
    held, asked = before[participant.pk], stratum.removeprefix(NOT_AGAIN)
    drawn = arm_again(allocation, seed, earlier, asked, place, lost, held=held)
    arm = drawn if _is_again(allocation, stratum, held) else held
    allocation_list.take(context.writer, participant, allocation, arm, stratum)


def _is_again(allocation: Allocation, stratum: str | None, arm: int) -> bool:
    """Whether somebody of a stratum, who had this arm, is allocated again."""
    return stratum != NOT_AGAIN and (not allocation.among or arm in allocation.among)


def _stratum(context: ActionContext, allocation: Allocation) -> str:
    return _meets(context, allocation) or require_stratum(context, allocation)


def _meets(context: ActionContext, allocation: Allocation) -> str:
    """The stratum of who doesn't meet the condition, "" of who does; refused while it isn't
    known."""
    if allocation.when is not None:
        needed = set(allocation.when.references)
        holds = allocation.when.holds(values_of(context.participant, context.protocol, needed))
        if holds is not True and holds is not False:
            raise ActionRefused(
                _(
                    "It isn't known yet whether the participant is allocated again. Complete the "
                    "forms of the visits before."
                )
            )
        if holds is False:
            return NOT_AGAIN
    return ""


def _arms_before(study: Study, protocol: Protocol, allocation: Allocation) -> dict[object, int]:
    """The arm that each participant had when this allocation was or is made."""
    found: dict[object, int] = {}
    earlier: list[str | None] = [None]
    for each in protocol.later_allocations:
        if each.key == allocation.key:
            break
        earlier.append(each.key)
    slots = AllocationSlot.objects.filter(study=study, participant__isnull=False)
    by_key: dict[str | None, list[AllocationSlot]] = {}
    for slot in slots:
        by_key.setdefault(slot.allocation, []).append(slot)
    for key in earlier:
        for slot in by_key.get(key, ()):
            found[slot.participant_id] = allocation_list.opened(slot)
    return found
