"""Nobody who could foresee the next arm chooses who gets it.

Whoever has seen an arm of a block that still has places guesses the next one better than chance.
Where a role is blinded, or is shown arms by a step alone, its people neither confirm an eligibility
nor randomises while that block may be open. A role that the file opens to arms is let through:
for it `protocol check` has asked for blocks that can't be counted off.
"""

from django.db.models import Max
from django.utils.translation import gettext_lazy as _

from trialwright.conduct.acting import ActionContext
from trialwright.conduct.models import AllocationSlot
from trialwright.conduct.refusals import ActionRefused
from trialwright.design.allocation import RUN_IN
from trialwright.protocol.allocation_kinds import AllocationKind
from trialwright.protocol.allocations import Allocation
from trialwright.protocol.roles import Knows

_GUESSABLE = (AllocationKind.BLOCKS, AllocationKind.BIASED_COIN, AllocationKind.MINIMISATION)
"""Kinds of allocation in which earlier arms say something of the next."""


def require_blind_choice(scene: ActionContext) -> None:
    """Refuse a choice to a person who has seen an arm of a block that may still be open."""
    allocation = scene.protocol.allocation
    role = scene.protocol.roles.by_key[scene.role]
    if allocation is None or role.knows_arm is Knows.YES or allocation.kind not in _GUESSABLE:
        return
    seen = AllocationSlot.objects.filter(
        study=scene.study,
        allocation=None,
        list_name__startswith=allocation.list_prefix,
        participant__seen_by__person=scene.by.person_id,
    )
    latest = dict(seen.values_list("list_name").annotate(Max("place")).order_by())
    if not latest:
        return
    taken = AllocationSlot.objects.filter(
        study=scene.study, list_name__in=latest, participant__isnull=False
    )
    last = dict(taken.values_list("list_name").annotate(Max("place")).order_by())
    if any(latest[name] >= _open_from(allocation, name, last[name]) for name in latest):
        raise ActionRefused(
            _(
                "You have seen the arm of a participant whose block still has places, so you could "
                "guess the next one, and can't choose who gets it. Ask somebody of the team who "
                "has seen none."
            )
        )


def _open_from(allocation: Allocation, list_name: str, last: int) -> int:
    """The first place that may belong to the block of the next one, after `last`.

    With one size it is known where blocks end; with several it may be anywhere, so that the
    largest counts. Where arms are drawn so that they stay even, all of them count.
    """
    if not allocation.kind.has_list:
        return 1
    run_in = allocation.run_in
    own = list_name.removeprefix(allocation.list_prefix)
    sizes = {run_in.block_size} if own == RUN_IN and run_in else set(allocation.block_sizes)
    if len(sizes) == 1:
        return last - last % min(sizes) + 1
    return last - max(sizes) + 2
