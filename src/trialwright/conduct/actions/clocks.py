"""Ending a clock: the report was sent, or none is due after all; signed either way."""

from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext_lazy as _

from trialwright.accounts.policy import Act, Actor, may, role_to_end_clock
from trialwright.conduct import sealed_values
from trialwright.conduct.acting import ActionContext, acting
from trialwright.conduct.models import Clock, ClockEnding
from trialwright.conduct.refusals import ActionRefused, NotFound, Problem
from trialwright.conduct.safety.clock_details import EndingDetails, How
from trialwright.safety.duties import Stage

LONGEST_REASON = 2_000
LONGEST_REFERENCE = 200


@dataclass(frozen=True, slots=True)
class Report:
    """What ends a clock.

    how: sent whole, sent to be completed, or not due. sent_at: when it went out; the present if
    left out. reference: the number of the receipt. reason: why none is due.
    """

    how: How
    sent_at: datetime | None = None
    reference: str = ""
    reason: str = ""


def end_clock(*, by: Actor, number: int, report: Report, at: datetime | None = None) -> None:
    """Record that a report was sent, or sign that none is due and why; the clock ends.

    A first report that is whole ends the clock of what would complete it too.

    Raises:
        NotFound: there is no such clock, it has ended, or it isn't for this person to end.
        ActionRefused: the report was sent in the future or before the clock started, can't be
            incomplete, or there is no reason why none is due.
    """
    with acting(by, lambda context: _role(context, number), "end_clock", at=at) as context:
        clock = _clock(context, number)
        assert clock is not None  # noqa: S101 - `_role` has found it
        problems = _problems(context, clock, report)
        if problems:
            raise ActionRefused(problems=tuple(problems))
        _end(context, clock, report)
        if clock.stage == Stage.FIRST and report.how is not How.INCOMPLETE:
            for other in _completing(clock):
                _end(context, other, report)


def _role(context: ActionContext, number: int) -> str | None:
    clock = _clock(context, number)
    if clock is None:
        raise NotFound
    if clock.event is not None:
        # The event's participant must be in sight.
        site = clock.event.participant.site
        if not may(context.by, Act.SEE_PARTICIPANTS, site=site):
            raise NotFound
    return role_to_end_clock(context.by, clock.site or None)


def _clock(context: ActionContext, number: int) -> Clock | None:
    rows = Clock.objects.filter(study=context.study, ending=None)
    found: Clock | None = rows.select_related("event__participant").filter(number=number).first()
    return found


def _completing(clock: Clock) -> list[Clock]:
    """The open clock of what would complete this first report."""
    rows = Clock.objects.filter(event=clock.event, region=clock.region, ending=None)
    return list(rows.filter(stage=Stage.COMPLETE.value).order_by("number"))


def _problems(context: ActionContext, clock: Clock, report: Report) -> list[Problem]:
    problems = []
    if report.sent_at is not None and report.sent_at > context.at:
        problems.append(Problem("sent_at", _("This time lies in the future.")))
    elif report.sent_at is not None and report.sent_at < clock.started_at:
        words = _("The clock started later. Enter when this report was sent.")
        problems.append(Problem("sent_at", words))
    if report.how is How.NOT_DUE and not report.reason.strip():
        problems.append(Problem("reason", _("Write why no report is due.")))
    if len(report.reason) > LONGEST_REASON or len(report.reference) > LONGEST_REFERENCE:
        words = _("Write at most %(most)d characters.")
        problems.append(Problem("reason", words % {"most": LONGEST_REASON}))
    if report.how is How.INCOMPLETE and not (
        clock.stage == Stage.FIRST and clock.event is not None and _completing(clock)
    ):
        words = _("Nothing may complete this report later: send it whole.")
        problems.append(Problem("how", words))
    return problems


def _end(context: ActionContext, clock: Clock, report: Report) -> None:
    details = EndingDetails(
        clock.number,
        report.how,
        report.sent_at or context.at,
        " ".join(report.reference.split()),
        " ".join(report.reason.split()),
        context.by.person_id,
        context.role,
        context.at,
    )
    context.record_sealed(
        ClockEnding(study=context.study, clock=clock), sealed_values.dump(details)
    )
