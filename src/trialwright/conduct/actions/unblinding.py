"""Unblinding outside the plan: in an emergency, for a suspected reaction, by accident, on paper.

One participant, one person, a reason; no approver. That it happened is open, what was learned isn't
kept anywhere but with the person, who from then on signs no blinded assessment of the participant.
"""

import json
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Max
from django.utils.translation import gettext_lazy as _

from trialwright.accounts.policy import Act, Actor
from trialwright.conduct.acting import ActionContext, acting
from trialwright.conduct.actions.envelopes import settle
from trialwright.conduct.allocation import allocation_list
from trialwright.conduct.models import (
    AdverseEvent,
    Envelope,
    EnvelopeState,
    UnplannedUnblinding,
)
from trialwright.conduct.models.allocation import Urgency
from trialwright.conduct.refusals import ActionRefused, NotFound, Problem

LONGEST_REASON = 500


@dataclass(frozen=True, slots=True)
class Shown:
    """What is shown once: the unblinding's number, and that of the arm."""

    number: int
    arm: int


def unblind(*, by: Actor, code: str, reason: str, at: datetime | None = None) -> Shown:
    """Show a participant's arm in an emergency; again only for a new reason."""
    with acting(by, Act.UNBLIND, "unblind", code=code, at=at) as context:
        _require(context, reason)
        number = _record(context, Urgency.EMERGENCY, reason).number
        return Shown(number, allocation_list.arm_of(context.participant))


def unblind_for_reaction(
    *, by: Actor, code: str, event: int, reason: str, at: datetime | None = None
) -> Shown:
    """Show the safety office the arm of one participant with a suspected serious reaction."""
    with acting(by, Act.REPORT_SAFETY, "unblind_for_reaction", code=code, at=at) as context:
        _require(context, reason)
        rows = AdverseEvent.objects.filter(participant=context.participant, nullified="")
        found = rows.filter(number=event).first()
        if found is None:
            words = _("There is no event of this number of this participant.")
            raise ActionRefused(problems=(Problem("event", words),))
        number = _record(context, Urgency.REACTION, reason, found).number
        return Shown(number, allocation_list.arm_of(context.participant))


def report_accident(*, by: Actor, code: str, reason: str, at: datetime | None = None) -> int:
    """Report having learned a participant's arm by accident; returns the unblinding's number."""
    with acting(by, Act.SEE_PARTICIPANTS, "report_unblinding", code=code, at=at) as context:
        _require(context, reason)
        return _record(context, Urgency.ACCIDENT, reason).number


def report_opening(
    *, by: Actor, code: str, number: int, opened_at: datetime, reason: str,
    at: datetime | None = None,
) -> int:  # fmt: skip
    """Report having opened a participant's sealed envelope; returns the unblinding's number.

    Args:
        number: the envelope's, as it stands on it.
        opened_at: when; it may be long ago, the system couldn't be reached then.
    """
    with acting(by, Act.UNBLIND, "report_envelope", code=code, at=at) as context:
        rows = Envelope.objects.filter(participant=context.participant, number=number)
        envelope = rows.first()
        if envelope is None:
            raise NotFound
        _require(context, reason)
        if problem := _opening_problem(context, envelope, opened_at):
            raise ActionRefused(problems=(problem,))
        row = _record(context, Urgency.ENVELOPE, reason, happened_at=opened_at)
        if envelope.state != EnvelopeState.OPENED:
            settle(context, envelope, EnvelopeState.OPENED, "")
        context.change(envelope, unblinding=row)
        return row.number


def _opening_problem(
    context: ActionContext, envelope: Envelope, opened_at: datetime
) -> Problem | None:
    if envelope.unblinding_id is not None:
        return Problem("number", _("Who opened this envelope is recorded already."))
    if envelope.state in (EnvelopeState.RETURNED, EnvelopeState.DESTROYED):
        words = _("This envelope was given back sealed. Check the number on the one you opened.")
        return Problem("number", words)
    if opened_at > context.at:
        return Problem("opened_at", _("This time lies in the future."))
    if opened_at < envelope.printed_at:
        return Problem("opened_at", _("The envelope was printed after this time."))
    return None


def judge_unblinding(*, by: Actor, number: int, effect: str, at: datetime | None = None) -> None:
    """Say what an unblinding does to the results (ICH E6(R3), 4.1.4)."""
    with acting(by, Act.JUDGE_EVENTS_FOR_SPONSOR, "judge_unblinding", at=at) as context:
        rows = UnplannedUnblinding.objects.filter(study=context.study)
        row = rows.filter(number=number).first()
        if row is None:
            raise NotFound
        if not effect.strip():
            words = _("Write what it does to the results, or why nothing.")
            raise ActionRefused(problems=(Problem("effect", words),))
        context.change(
            row,
            effect=" ".join(effect.split()),
            judged_at=context.at,
            judged_by=context.by.person_id,
        )


def _require(context: ActionContext, reason: str) -> None:
    if context.protocol.allocation is None or context.participant.randomised_at is None:
        raise ActionRefused(_("This participant is not randomised, so there is no arm to learn."))
    if not reason.strip():
        raise ActionRefused(problems=(Problem("reason", _("Write why.")),))
    if len(reason) > LONGEST_REASON:
        words = _("Write at most %(most)d characters.") % {"most": LONGEST_REASON}
        raise ActionRefused(problems=(Problem("reason", words),))


def _record(
    context: ActionContext,
    urgency: Urgency,
    reason: str,
    event: AdverseEvent | None = None,
    happened_at: datetime | None = None,
) -> UnplannedUnblinding:
    said = " ".join(reason.split())
    # Who knows the arm already could write it down.
    knew = context.may_see_arm() or urgency in (Urgency.ACCIDENT, Urgency.ENVELOPE)
    numbers = UnplannedUnblinding.objects.filter(study=context.study)
    row = UnplannedUnblinding(
        study=context.study,
        number=(numbers.aggregate(last=Max("number"))["last"] or 0) + 1,
        participant=context.participant,
        person=context.by.person_id,
        role=context.role,
        urgency=urgency.value,
        happened_at=happened_at or context.at,
        reason="" if knew else said,
        event=event,
    )
    context.record_sealed(row, json.dumps({"reason": said if knew else ""}, ensure_ascii=False))
    context.record_unblinding(urgency.value)
    return row
