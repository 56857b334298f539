"""Nobody who could foresee the next arm chooses who gets it.

Whoever has seen an arm of a block that still has places guesses the next one better than chance.
Where a role is blinded, or is shown arms by a step alone, its people neither confirm an eligibility
nor randomises while that block may be open. A role that the file opens to arms is let through:
for it `protocol check` has asked for blocks that can't be counted off.
"""

from django.db.models import Max, QuerySet
from django.utils.translation import gettext_lazy as _

from trialwright.conduct.acting import ActionContext
from trialwright.conduct.models import AllocationSlot, CohortDecision, UploadedList
from trialwright.conduct.refusals import ActionRefused
from trialwright.design.allocation import RUN_IN
from trialwright.protocol.allocation_kinds import AllocationKind
from trialwright.protocol.allocations import Allocation
from trialwright.protocol.groups import cohorts_of
from trialwright.protocol.roles import Knows

_GUESSABLE = (
    AllocationKind.BLOCKS,
    AllocationKind.BIASED_COIN,
    AllocationKind.MINIMISATION,
    AllocationKind.EXTERNAL,
)
"""Kinds of allocation in which earlier arms say something of the next."""


def require_blind_choice(scene: ActionContext) -> None:
    """Refuse a choice to a person who has seen an arm of a block that may still be open."""
    allocation = scene.protocol.allocation
    _require_no_upload(scene)
    role = scene.protocol.roles.by_key[scene.role]
    if allocation is None or role.knows_arm is Knows.YES:
        return
    if allocation.kind not in _GUESSABLE and not allocation.control:
        return
    seen = AllocationSlot.objects.filter(
        study=scene.study,
        allocation=None,
        list_name__startswith=allocation.list_prefix,
        participant__seen_by__person=scene.by.person_id,
    )
    if _may_guess(scene, allocation, seen):
        raise ActionRefused(
            _(
                "You have seen the arm of a participant whose block still has places, so you could "
                "guess the next one, and can't choose who gets it. Ask somebody of the team who "
                "has seen none."
            )
        )


def _may_guess(
    scene: ActionContext, allocation: Allocation, seen: QuerySet[AllocationSlot]
) -> bool:
    """Whether one of these places is of a block that may still be open, or of the open cohort."""
    if allocation.control:
        group = cohorts_of(scene.protocol, allocation).group or None
        decisions = CohortDecision.objects.filter(study=scene.study, group=group)
        number = decisions.aggregate(last=Max("number"))["last"]
        return seen.filter(stratum__startswith=f"{number}/").exists()
    latest = dict(seen.values_list("list_name").annotate(Max("place")).order_by())
    if not latest:
        return False
    taken = AllocationSlot.objects.filter(
        study=scene.study, list_name__in=latest, participant__isnull=False
    )
    last = dict(taken.values_list("list_name").annotate(Max("place")).order_by())
    return any(latest[name] >= _open_from(allocation, name, last[name]) for name in latest)


def _require_no_upload(scene: ActionContext) -> None:
    """Refuse a choice to a person who has uploaded a list of the study, whatever their role."""
    if UploadedList.objects.filter(study=scene.study, uploaded_by=scene.by.person_id).exists():
        raise ActionRefused(
            _(
                "You have uploaded the allocation list, so you know the next arm, and can't choose "
                "who gets it. Ask somebody of the team who doesn't know the list."
            )
        )


def _open_from(allocation: Allocation, list_name: str, last: int) -> int:
    """The first place that may belong to the block of the next one, after `last`.

    With one size it is known where blocks end; with several it may be anywhere, so that the
    largest counts. Where arms are drawn so that they stay even, or outside, all
    of them count.
    """
    if not allocation.kind.has_blocks:
        return 1
    run_in = allocation.run_in
    own = list_name.removeprefix(allocation.list_prefix)
    sizes = {run_in.block_size} if own == RUN_IN and run_in else set(allocation.block_sizes)
    if len(sizes) == 1:
        return last - last % min(sizes) + 1
    return last - max(sizes) + 2
