"""Allocation of one participant. A refusal never depends on the arm they would get."""

from datetime import datetime

from django.utils.translation import gettext_lazy as _

from trialwright.accounts.policy import Act, Actor
from trialwright.conduct import allocation_list
from trialwright.conduct.acting import acting
from trialwright.conduct.actions.sites import require_open
from trialwright.conduct.allocating import Choice, allocate
from trialwright.conduct.criteria import unmet
from trialwright.conduct.foreseeing import require_blind_choice
from trialwright.conduct.holding import numbers_of, require_no_hold
from trialwright.conduct.kits import require_stock
from trialwright.conduct.models import Participant, State
from trialwright.conduct.pacing import require_time_to_randomise
from trialwright.conduct.planning import replan
from trialwright.conduct.refusals import ActionRefused, NotFound
from trialwright.conduct.requirements import require_before
from trialwright.conduct.states import require_step
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
        require_before(context, Milestone.ALLOCATION, despite)
        require_time_to_randomise(context, allocation, count)
        require_stock(context, skipped)
        allocate(context, allocation, count, choice, skipped)
        context.change(participant, state=State.RANDOMISED.value, randomised_at=context.at)
        replan(context)
