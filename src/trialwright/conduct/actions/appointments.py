"""Appointments of planned visits: made, moved with the reason, cancelled; and a person's calendar
link. That one was kept or missed is the visit's to say."""

from datetime import datetime

from django.utils.translation import gettext_lazy as _

from trialwright.accounts.policy import Act, Actor
from trialwright.conduct.acting import ActionContext, acting
from trialwright.conduct.actions.visiting import open_visit
from trialwright.conduct.models import Appointment, CalendarLink, VisitRecord, VisitStatus
from trialwright.conduct.refusals import ActionRefused, NotFound, Problem

SHORTEST_MINUTES, LONGEST_MINUTES = 5, 720


def make_appointment(
    *,
    by: Actor,
    code: str,
    visit: str,
    starts_at: datetime,
    minutes: int = 60,
    remind: bool = False,
    reason: str = "",
    at: datetime | None = None,
) -> None:
    """Make the appointment of a planned visit or, where it has one, move it.

    Args:
        starts_at: when it begins, with its zone.
        minutes: how long it lasts, from 5 to 720.
        remind: whether who makes it is sent a mail a day before.
        reason: why it is moved, or why it lies outside the visit's window.

    Raises:
        ActionRefused: the visit is not to come any more, the moment has passed, the reason is
            missing, or the length is not possible.
    """
    with acting(by, Act.PLAN_VISITS, "make_appointment", code=code, at=at) as context:
        record = _visit_to_come(context, visit)
        standing = Appointment.objects.filter(visit=record, cancelled_at=None).first()
        moved = standing is not None and standing.starts_at != starts_at
        # One that has begun may still have its length or its mail set right.
        ahead = starts_at > context.at or (standing is not None and not moved)
        problems = _time_problems(ahead, minutes)
        if (moved or standing is None) and not reason.strip():
            problems += _wants_reason(context, record, starts_at, moved=moved)
        if problems:
            raise ActionRefused(problems=tuple(problems))
        if reason.strip():
            context.set_reason(reason.strip())
        told = {
            "starts_at": starts_at,
            "minutes": minutes,
            "remind": remind,
            "made_at": context.at,
            "made_by": context.by.person_id,
            "role": context.role,
        }
        if standing is None:
            context.record(Appointment(visit=record, reason=reason.strip(), **told))
        else:
            said = reason.strip() or standing.reason
            moves = standing.moves + int(moved)
            context.change(standing, reason=said, moves=moves, **told)


def _time_problems(ahead: bool, minutes: int) -> list[Problem]:
    problems = []
    if not ahead:
        words = _("Enter a day and time that are still ahead; this one has passed.")
        problems.append(Problem("on", words))
    if not SHORTEST_MINUTES <= minutes <= LONGEST_MINUTES:
        span = {"least": SHORTEST_MINUTES, "most": LONGEST_MINUTES}
        words = _("Enter how long it lasts in minutes, from %(least)d to %(most)d.")
        problems.append(Problem("minutes", words % span))
    return problems


def _wants_reason(
    context: ActionContext, record: VisitRecord, starts_at: datetime, *, moved: bool
) -> list[Problem]:
    """What a moment needs a reason for: that it was another, or lies outside the window."""
    if moved:
        return [Problem("reason", _("Say why the appointment is moved."))]
    day = context.day_of(starts_at)
    if record.opens is None or record.opens <= day <= (record.closes or day):
        return []
    words = _("The window is %(first)s to %(last)s. Say why the appointment lies outside it.")
    return [Problem("reason", words % {"first": record.opens, "last": record.closes})]


def cancel_appointment(
    *, by: Actor, code: str, visit: str, reason: str, at: datetime | None = None
) -> None:
    """Cancel the appointment of a visit, and say why; another can be made.

    Raises:
        ActionRefused: there is none that stands, or no reason is given.
    """
    with acting(by, Act.PLAN_VISITS, "cancel_appointment", code=code, at=at) as context:
        context.require_unlocked(visit)
        row = Appointment.objects.filter(
            visit__participant=context.participant, visit__visit=visit, cancelled_at=None
        ).first()
        if row is None:
            raise ActionRefused(_("This visit has no appointment that could be cancelled."))
        if not reason.strip():
            words = _("Say why the appointment is cancelled.")
            raise ActionRefused(problems=(Problem("reason", words),))
        context.set_reason(reason.strip())
        context.change(row, cancelled_at=context.at, cancel_reason=reason.strip())


def make_calendar_link(*, by: Actor, language: str, at: datetime | None = None) -> None:
    """Make the person's own link to the study's appointments; one they had is ended.

    Args:
        language: in which the names of the visits are told.
    """
    with acting(by, Act.SEE_PARTICIPANTS, "make_calendar_link", at=at) as context:
        _end_links(context)
        row = CalendarLink(
            study=context.study, person=by.person_id, language=language, made_at=context.at
        )
        context.record(row)


def end_calendar_link(*, by: Actor, at: datetime | None = None) -> None:
    """End the person's own link: nothing is read by it any more.

    Raises:
        ActionRefused: they have none.
    """
    with acting(by, Act.SEE_PARTICIPANTS, "end_calendar_link", at=at) as context:
        if not _end_links(context):
            raise ActionRefused(_("You have no calendar link that could be ended."))


def _end_links(context: ActionContext) -> int:
    rows = list(
        CalendarLink.objects.filter(study=context.study, person=context.by.person_id, ended_at=None)
    )
    for row in rows:
        context.change(row, ended_at=context.at)
    return len(rows)


def _visit_to_come(context: ActionContext, visit: str) -> VisitRecord:
    """The row of a planned visit that is still to come."""
    context.require_unlocked(visit)
    record = open_visit(context, visit)
    if context.protocol.visit(visit).unscheduled:
        raise NotFound  # It was made because it took place.
    why = {
        VisitStatus.DONE: _("The visit has taken place, so it needs no appointment."),
        VisitStatus.MISSED: _(
            "The visit is recorded as missed. Where the participant still comes, record the visit "
            "on the day on which it takes place."
        ),
        VisitStatus.CANCELLED: _("The visit is cancelled, so it needs no appointment."),
    }.get(VisitStatus(record.status))
    if why is not None:
        raise ActionRefused(why)
    return record
