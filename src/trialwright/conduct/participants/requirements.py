"""What the protocol wants before a randomisation or a treatment: what is missing, and what follows.

What a participant has met is read by `conduct.participants.met`.
"""

from collections.abc import Collection

from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from trialwright.conduct.acting import ActionContext
from trialwright.conduct.clock import midnight
from trialwright.conduct.deviating import note
from trialwright.conduct.models import Participant
from trialwright.conduct.models.deviations import DeviationKind
from trialwright.conduct.participants.met import met_by
from trialwright.conduct.refusals import ActionRefused, Problem
from trialwright.messages import Message
from trialwright.protocol.model import Protocol
from trialwright.protocol.requirements import Before, Requirement, missing
from trialwright.protocol.steps import Milestone


def missing_before(participant: Participant, protocol: Protocol, milestone: Milestone) -> Before:
    """What is missing before a moment: what refuses it, and what asks for a reason."""
    wanted = protocol.required_before(milestone)
    if not (wanted.refuse or wanted.warn):
        return wanted
    met = met_by([participant])[participant.pk]
    return Before(milestone, missing(wanted.refuse, met), missing(wanted.warn, met))


def require_before(context: ActionContext, milestone: Milestone, despite: str) -> None:
    """Refuse what can't be done yet; note a deviation for each thing that a reason does without.

    Args:
        despite: why it is done without what the protocol only warns of, or "".
    """
    lacking = missing_before(context.participant, context.protocol, milestone)
    if lacking.refuse:
        raise ActionRefused(
            _("The protocol wants this first: %(missing)s. Complete it, then do this.")
            % {"missing": _listed(context.protocol, lacking.refuse)}
        )
    if lacking.warn and not despite.strip():
        words = _("This is missing: %(missing)s. Complete it, or say why it is done without.")
        told = words % {"missing": _listed(context.protocol, lacking.warn)}
        raise ActionRefused(problems=(Problem("despite", told),))
    for each in lacking.warn:
        note(
            context,
            DeviationKind.PREREQUISITE,
            on=context.today,
            subject=str(each)[:64],
            description=despite.strip(),
            # The minute of a treatment could tell an arm.
            recorded_at=midnight(context.at, context.zone)
            if milestone is Milestone.TREATMENT
            else None,
        )


def words_of(protocol: Protocol, requirement: Requirement) -> Message:
    """What a requirement is called: the visit, its form, the form's signature."""
    visit = protocol.visit(requirement.visit).label
    if not requirement.form:
        return Message("the visit “{visit}”", visit=visit)
    form = protocol.form(requirement.form).label
    if requirement.signed:
        return Message("the signature on “{form}” ({visit})", form=form, visit=visit)
    return Message("the form “{form}” ({visit})", form=form, visit=visit)


def _listed(protocol: Protocol, requirements: Collection[Requirement]) -> str:
    language = get_language() or "en"
    return "; ".join(words_of(protocol, each).in_language(language) for each in requirements)
