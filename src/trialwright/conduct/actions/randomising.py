"""Allocation of one participant, at the beginning or again at a later epoch.

A refusal never depends on the arm they would get.
"""

import json
from datetime import datetime

from django.utils.translation import gettext_lazy as _

from trialwright.accounts.policy import Act, Actor
from trialwright.conduct.acting import acting
from trialwright.conduct.actions.sites import require_open
from trialwright.conduct.allocation import allocation_list
from trialwright.conduct.allocation.allocating import Choice, allocate, unreached
from trialwright.conduct.allocation.allocating_again import allocate_again
from trialwright.conduct.allocation.foreseeing import require_blind_choice
from trialwright.conduct.allocation.groups import require_place_in_group
from trialwright.conduct.allocation.pacing import require_time_to_randomise
from trialwright.conduct.kits.stock import require_stock
from trialwright.conduct.models import Participant, State, VisitRecord
from trialwright.conduct.participants.criteria import unmet
from trialwright.conduct.participants.planning import replan, replan_sharing
from trialwright.conduct.participants.requirements import require_before
from trialwright.conduct.participants.states import require_step
from trialwright.conduct.reads.steps import due_again
from trialwright.conduct.refusals import ActionRefused, NotFound
from trialwright.conduct.safety.holding import numbers_of, require_no_hold
from trialwright.conduct.tables import rows_of
from trialwright.protocol.allocation_kinds import AllocationKind
from trialwright.protocol.steps import Milestone


def randomise(
    *,
    by: Actor,
    code: str,
    despite: str = "",
    choice: Choice | None = None,
    at: datetime | None = None,
) -> None:
    """Give a participant an arm: the next place of their list, one that is drawn, or as the
    protocol's rule or a person chooses. Nobody else learns the arm by this.

    Args:
        despite: why it is done without what the protocol only warns of, or "".
        choice: the arm and why, where the protocol lets a person choose.
    """
    with acting(by, Act.RANDOMISE, "randomise", code=code, at=at) as context:
        participant = context.participant
        allocation = context.protocol.allocation
        if allocation is None:
            raise NotFound
        require_open(by.study, participant.site)
        require_blind_choice(context)
        if participant.eligible_at is None:
            raise ActionRefused(
                _(
                    "The eligibility of %(code)s is not signed, and no randomisation comes before "
                    "that. Ask an investigator to confirm it."
                )
                % {"code": code}
            )
        require_step(participant, State.RANDOMISED, context.protocol)
        if participant.stops_treatment:
            raise ActionRefused(
                _("%(code)s has withdrawn from treatment, so they can't be randomised.")
                % {"code": code}
            )
        if unmet(participant, context.protocol):
            raise ActionRefused(
                _(
                    "Data entered since the eligibility of %(code)s was signed say that a "
                    "criterion is not met. Answer the criteria again, or record a screening "
                    "failure."
                )
                % {"code": code}
            )
        randomised = Participant.objects.filter(study=context.study, randomised_at__isnull=False)
        count = randomised.count()
        skipped = numbers_of(context.protocol, require_no_hold(context))
        lost = allocation_list.places_lost(context.study, context.protocol)
        if count + lost >= context.protocol.participants:
            raise ActionRefused(
                _("All %(count)d places of the trial are taken. Record a screening failure.")
                % {"count": count + lost}
            )
        require_place_in_group(context)
        require_before(context, Milestone.ALLOCATION, despite)
        own = allocation_list.taken_by(context.study, allocation, count)
        require_time_to_randomise(context, allocation, own)
        require_stock(context, allocation, {*skipped, *unreached(context, allocation)})
        allocate(context, allocation, own, choice, skipped)
        context.change(participant, state=State.RANDOMISED.value, randomised_at=context.at)
        replan(context)
        replan_sharing(context)


def randomise_again(*, by: Actor, code: str, at: datetime | None = None) -> str:
    """Make the later allocation that is due of a participant: whoever of its arms and condition is
    meant gets an arm anew, all others keep theirs, and nobody learns which by this.

    Returns the key of the allocation.

    Raises:
        ActionRefused: none is due, or a hold is in force.
    """
    with acting(by, Act.RANDOMISE, "randomise_again", code=code, at=at) as context:
        participant, protocol = context.participant, context.protocol
        if not protocol.later_allocations:
            raise NotFound
        require_open(by.study, participant.site)
        made = participant.made_again
        records = rows_of(VisitRecord, participant_id=participant.pk)
        allocation = due_again(participant, protocol, records, context.today)
        if allocation is None:
            raise ActionRefused(
                _(
                    "No allocation of %(code)s is due. It is made once a visit of its epoch may "
                    "take place, of everybody who goes on with the treatment."
                )
                % {"code": code}
            )
        held = numbers_of(protocol, require_no_hold(context))
        in_cohort = allocation.kind is AllocationKind.DOSE_COHORT
        if held & set(allocation.arms) and not in_cohort:
            raise ActionRefused(
                _(
                    "The trial is on hold: an arm is held or closed, and this kind of allocation "
                    "can't pass one over. Amend the protocol, or have the hold ended."
                )
            )
        require_stock(context, allocation, {*held, *unreached(context, allocation)})
        allocate_again(context, allocation, held)
        moment = context.at.isoformat(timespec="seconds")
        again = json.dumps({**made, allocation.key: moment})
        context.change(participant, allocated_again=again)
        replan(context)
        return allocation.key
