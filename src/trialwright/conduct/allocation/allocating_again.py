"""Give a participant an arm again, at a later epoch; or let them keep theirs, which looks the same.

Everybody takes the same step, by the same statements, and has a place of the same list afterwards:
whether the arm in it was drawn or is the one that they had follows from sealed arms alone.
"""

from django.utils.translation import gettext_lazy as _

from trialwright.conduct.acting import ActionContext
from trialwright.conduct.allocation import allocation_list
from trialwright.conduct.allocation.allocating import require_stratum
from trialwright.conduct.models import AllocationSlot, Study
from trialwright.conduct.reads.values import values_of
from trialwright.conduct.refusals import ActionRefused
from trialwright.design.drawing import arm_again
from trialwright.protocol.allocations import Allocation
from trialwright.protocol.model import Protocol

NOT_AGAIN = "-"
"""The stratum of who doesn't meet the condition, which everybody may know."""


def allocate_again(context: ActionContext, allocation: Allocation) -> None:
    """Write the place of a later allocation. No refusal depends on any arm."""
    stratum = _stratum(context, allocation)
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
    return require_stratum(context, allocation)


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
