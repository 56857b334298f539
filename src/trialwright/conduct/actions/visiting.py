"""Visits: that one took place, or why it didn't."""

from datetime import date, datetime

from django.utils.translation import gettext_lazy as _

from trialwright.accounts.policy import Act, Actor
from trialwright.conduct.acting import ActionContext, acting
from trialwright.conduct.deviating import note
from trialwright.conduct.models import Entry, Participant, State, VisitRecord, VisitStatus
from trialwright.conduct.models.deviations import Deviation, DeviationKind
from trialwright.conduct.models.participants import EndingKind
from trialwright.conduct.participants.planning import anchors_of, enrolled_at, replan, still_comes
from trialwright.conduct.participants.reevaluating import follow_day
from trialwright.conduct.participants.states import require_consent
from trialwright.conduct.refusals import ActionRefused, NotFound, Problem
from trialwright.conduct.tables import row_of, rows_of
from trialwright.protocol.basics import UnknownKeyError
from trialwright.protocol.occurrences import name_of, occurrence_of
from trialwright.protocol.visits import Visit


def record_visit(
    *, by: Actor, code: str, visit: str, on: date, reason: str = "", at: datetime | None = None
) -> None:
    """Record the day on which a visit took place; outside its window, with the reason."""
    with acting(by, Act.PLAN_VISITS, "record_visit", code=code, at=at) as context:
        context.require_unlocked(visit)
        record = open_visit(context, visit)
        if on > context.today:
            raise ActionRefused(
                problems=(Problem("on", _("Enter a day that is not in the future.")),)
            )
        earliest = _earliest(context, visit, record.opens)
        if on < earliest:
            raise ActionRefused(
                problems=(
                    Problem(
                        "on",
                        _("Enter a day from %(date)s on: the visit is counted from there.")
                        % {"date": earliest.isoformat()},
                    ),
                )
            )
        _require_before_enrolment(context, record, on)
        left_on = _left_on(context.participant, context.protocol.visit(visit))
        if left_on is not None and on > left_on:
            raise ActionRefused(
                problems=(
                    Problem(
                        "on",
                        _("Enter a day up to %(date)s: from then on there were no visits.")
                        % {"date": left_on.isoformat()},
                    ),
                )
            )
        if record.status in (VisitStatus.DONE, VisitStatus.MISSED) and on != record.actual:
            if not reason.strip():
                raise ActionRefused(
                    problems=(Problem("reason", _("Say why what was recorded is changed.")),)
                )
            context.set_reason(reason.strip())
        outside = record.opens is not None and not record.opens <= on <= (record.closes or on)
        if outside and not reason.strip():
            raise ActionRefused(
                problems=(
                    Problem(
                        "reason",
                        _("The window is %(first)s to %(last)s. Say why the visit lies outside it.")
                        % {"first": record.opens, "last": record.closes},
                    ),
                )
            )
        before = record.actual
        context.change(
            record,
            status=VisitStatus.DONE.value,
            actual=on,
            reason=reason.strip() if outside else "",
        )
        _note_window(context, record, outside=outside)
        missed = DeviationKind.MISSED_VISIT.value
        # A visit that took place after all was not missed; the ledger keeps what was said of it.
        context.remove_all(_deviations(context, missed, record.visit))
        follow_day(context, visit, before)
        _plan_on(context, visit)


def _require_before_enrolment(context: ActionContext, record: VisitRecord, on: date) -> None:
    """Refuse a screening visit that is said to have come early once the participant is enrolled.

    It is recorded late only on a day of its window up to the enrolment: one that had not been due
    was not done.
    """
    enrolled = enrolled_at(context.participant, context.protocol)
    screening = context.protocol.visit(record.visit).screening
    if enrolled is None or not screening or record.status == VisitStatus.DONE:
        return
    if on > context.day_of(enrolled) or (record.opens is not None and on < record.opens):
        words = _(
            "The participant entered the trial on %(day)s without this visit, so it can only be "
            "recorded on a day of its window up to then. Record it as missed."
        )
        day = {"day": context.day_of(enrolled).isoformat()}
        raise ActionRefused(problems=(Problem("on", words % day),))


def _deviations(context: ActionContext, kind: str, visit: str) -> list[Deviation]:
    """The participant's deviations of a kind that concern a visit, the first one first."""
    found = rows_of(Deviation, participant_id=context.participant.pk, kind=kind, subject=visit)
    return sorted(found, key=lambda deviation: deviation.number)


def _note_window(context: ActionContext, record: VisitRecord, *, outside: bool) -> None:
    """A visit outside its window is a deviation, as long as its day stays outside."""
    kind, day = DeviationKind.VISIT_WINDOW, record.actual
    assert day is not None  # noqa: S101 - it took place
    known = next(iter(_deviations(context, kind.value, record.visit)), None)
    if not outside:
        if known is not None:
            context.remove(known)
    elif known is not None:
        context.change(known, on=day, description=record.reason)
    else:
        note(context, kind, on=day, subject=record.visit, description=record.reason)


def record_missed_visit(
    *, by: Actor, code: str, visit: str, reason: str, at: datetime | None = None
) -> None:
    """Record that a visit did not take place, and why."""
    with acting(by, Act.PLAN_VISITS, "miss_visit", code=code, at=at) as context:
        context.require_unlocked(visit)
        record = open_visit(context, visit)
        if context.protocol.visit(visit).unscheduled:
            raise NotFound  # It was made because it took place.
        if not reason.strip():
            raise ActionRefused(problems=(Problem("reason", _("Say why the visit was missed.")),))
        if record.status == VisitStatus.CANCELLED:
            raise ActionRefused(_("The visit is cancelled, so it can't be missed."))
        left_out = (
            context.protocol.visit(visit).screening
            and enrolled_at(context.participant, context.protocol) is not None
        )
        if record.opens is not None and context.today < record.opens and not left_out:
            raise ActionRefused(
                _("The window of this visit opens on %(date)s; it can't be missed before.")
                % {"date": record.opens.isoformat()}
            )
        if Entry.objects.filter(participant=context.participant, visit=visit).exists():
            raise ActionRefused(_("The visit has data, so it took place."))
        context.change(record, status=VisitStatus.MISSED.value, actual=None, reason=reason.strip())
        day = context.today
        note(
            context,
            DeviationKind.MISSED_VISIT,
            on=min(record.closes or day, day),
            subject=visit,
            description=reason.strip(),
        )
        _plan_on(context, visit)


def add_unscheduled_visit(
    *, by: Actor, code: str, visit: str, on: date, reason: str, at: datetime | None = None
) -> str:
    """Record an unscheduled visit that took place, and why; returns its occurrence's name."""
    with acting(by, Act.PLAN_VISITS, "add_visit", code=code, at=at) as context:
        participant = context.participant
        try:
            planned = context.protocol.visit(visit)
        except UnknownKeyError:
            raise NotFound from None
        if not planned.unscheduled or planned.occurrence != 1:
            raise NotFound
        require_consent(participant)
        if participant.consented_at is None or not still_comes(participant, planned):
            raise ActionRefused(
                _("The participation of %(code)s is over, so there are no more visits.")
                % {"code": code}
            )
        first, last = context.day_of(participant.consented_at), context.today
        if not first <= on <= last:
            words = _("Enter a day from the consent, %(first)s, to today.")
            raise ActionRefused(problems=(Problem("on", words % {"first": first.isoformat()}),))
        if not reason.strip():
            words = _("Say why there was an unscheduled visit.")
            raise ActionRefused(problems=(Problem("reason", words),))
        known = [occurrence_of(each.visit) for each in participant.visits.all()]
        number = 1 + max((number for key, number in known if key == visit), default=0)
        made = VisitRecord(
            participant=participant,
            visit=name_of(visit, number),
            status=VisitStatus.DONE.value,
            actual=on,
            reason=reason.strip(),
        )
        context.record(made)
        return made.visit


def _plan_on(context: ActionContext, visit: str) -> None:
    """Plan what waits for this visit to have taken place or been missed."""
    if context.protocol.moves_others(context.protocol.visit(visit)):
        replan(context)


def open_visit(context: ActionContext, visit: str) -> VisitRecord:
    """The visit's row; refuses one that can't exist yet or no longer."""
    participant = context.participant
    try:
        planned = context.protocol.visit(visit)
    except UnknownKeyError:
        raise NotFound from None
    if planned.any_time:
        raise NotFound
    require_consent(participant)
    record = row_of(VisitRecord, participant_id=participant.pk, visit=visit)
    if record is None or (record.target is None and not planned.unscheduled):
        raise ActionRefused(
            _(
                "This visit is counted from something that has not been entered yet, so it can't "
                "exist. Enter that first."
            )
        )
    if participant.state == State.SCREEN_FAILED:
        raise ActionRefused(
            _("%(code)s did not enter the trial, so there are no more visits.")
            % {"code": participant.code}
        )
    return record


def _earliest(context: ActionContext, visit: str, opens: date | None) -> date:
    """The first day it can have been on: never before consent, nor before what it counts from,
    unless its window opens before that."""
    participant = context.participant
    assert participant.consented_at is not None  # noqa: S101 - `open_visit` has asked
    consented = context.day_of(participant.consented_at)
    planned = context.protocol.visit(visit)
    counted = context.protocol.cycle(planned.cycle).anchor if planned.cycle else planned.anchor
    if counted is None or planned.day < 0:
        return consented
    anchor = anchors_of(participant, context.protocol).get(counted)
    return consented if anchor is None else max(consented, min(anchor, opens or anchor))


def _left_on(participant: Participant, visit: Visit) -> date | None:
    """The day from which there was no such visit any more; None while it goes on."""
    if still_comes(participant, visit):
        return None
    stop = "contact" if visit.remote else "visits"
    return min(
        ending.on
        for ending in participant.endings.all()
        if ending.kind != EndingKind.WITHDRAWN or stop in ending.stops
    )
