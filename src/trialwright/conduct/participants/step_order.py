"""Why a step of the protocol can't be taken now, or can't have happened when it is said to have."""

from datetime import datetime

from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from trialwright.conduct.acting import ActionContext
from trialwright.conduct.allocation.links import allocated_at
from trialwright.conduct.clock import LATE, Happened
from trialwright.conduct.models import State, StepRecord
from trialwright.conduct.participants.planning import OVER
from trialwright.conduct.participants.requirements import words_of
from trialwright.conduct.participants.step_details import details_of
from trialwright.conduct.refusals import ActionRefused, Problem
from trialwright.protocol.progress import (
    Progress,
    comes_after,
    recorded_after,
    serves_treatment,
    undone_before,
)
from trialwright.protocol.requirements import Requirement
from trialwright.protocol.steps import Milestone, Step


def require_possible(context: ActionContext, planned: Step, given: bool) -> None:
    """Refuse a step for whom it can't be taken any more."""
    participant = context.participant
    if participant.state == State.SCREEN_FAILED or participant.state in OVER:
        raise ActionRefused(
            _("The participation of %(code)s is over, so no step can be taken.")
            % {"code": participant.code}
        )
    if participant.stops_treatment and given and serves_treatment(context.protocol, planned):
        raise ActionRefused(
            _("%(code)s has withdrawn from treatment. Record of a dose that none was given.")
            % {"code": participant.code}
        )


def require_turn(
    context: ActionContext, planned: Step, progress: Progress, place: tuple[str, int], given: bool
) -> None:
    """Refuse a step before what it comes after, twice, or once what follows it is recorded."""
    if progress.has((planned.key, *place)):
        raise ActionRefused(
            _("The step “%(step)s” was already recorded.") % {"step": words(context, planned.key)}
        )
    undone = undone_before(context.protocol, planned, progress, *place)
    if not given:
        # What is not given needs no preparation, but somebody to whom it would have been given.
        undone = tuple(each for each in undone if each in list(Milestone))
    if undone:
        raise ActionRefused(
            _("“%(step)s” comes after: %(undone)s. Record that first.")
            % {
                "step": words(context, planned.key),
                "undone": "; ".join(words(context, each) for each in undone),
            }
        )
    if later := recorded_after(context.protocol, planned, progress, *place):
        raise ActionRefused(
            _("“%(later)s”, which comes after this step, is already recorded.")
            % {"later": words(context, later)}
        )


_MILESTONES = {
    Milestone.CONSENT: _("the consent"),
    Milestone.ELIGIBILITY: _("the confirmed eligibility"),
    Milestone.ALLOCATION: _("the randomisation"),
}


def words(context: ActionContext, name: str) -> str:
    if name in list(Milestone):
        return str(_MILESTONES[Milestone(name)])
    for each in context.protocol.later_allocations:
        if each.milestone == name and each.label is not None:
            return each.label.in_language(get_language() or "en")
    if name not in {step.key for step in context.protocol.steps}:
        required = words_of(context.protocol, Requirement.of(name))
        return required.in_language(get_language() or "en")
    return context.protocol.step(name).label.in_language(get_language() or "en")


def latest_before(
    context: ActionContext, planned: Step, records: list[StepRecord], given: bool
) -> datetime:
    """The latest moment of what a step comes after; of one not given, of its milestones."""
    participant = context.participant
    reached = {
        Milestone.CONSENT: participant.consented_at,
        Milestone.ELIGIBILITY: participant.eligible_at,
        Milestone.ALLOCATION: allocated_at(participant),
    }
    names = comes_after(context.protocol, planned)
    found = [moment for name, moment in reached.items() if name in names and moment is not None]
    if given:
        study = context.study.identifier
        found += [details_of(study, each).at for each in records if each.step in names]
    return max(found)


def mistimed(context: ActionContext, happened: Happened, earlier: datetime) -> list[Problem]:
    """What is wrong with when a step is said to have happened."""
    if happened.at is None:
        return []
    if happened.at > context.at:
        return [Problem("happened_at", _("This lies in the future. Enter when it happened."))]
    # Typed times have no seconds.
    latest = earlier.replace(second=0, microsecond=0)
    if happened.at < latest:
        message = _("This lies before the step that it follows, at %(time)s.")
        time = f"{latest.astimezone(context.zone):%Y-%m-%d %H:%M}"
        return [Problem("happened_at", message % {"time": time})]
    if context.at - happened.at > LATE and not happened.why_late.strip():
        return [Problem("why_late", _("Say why this is recorded so long after it happened."))]
    return []
