"""Visits: that one took place, or why it didn't."""

from datetime import date, datetime

from django.utils.translation import gettext_lazy as _

from trialwright.accounts.policy import Act, Actor
from trialwright.conduct.acting import Scene, acting
from trialwright.conduct.models import Entry, Participant, State, VisitRecord, VisitStatus
from trialwright.conduct.models.participants import EndingKind
from trialwright.conduct.planning import OVER, anchors_of, day_of
from trialwright.conduct.reads.values import values_of
from trialwright.conduct.refusals import NotHere, Problem, Refused
from trialwright.conduct.states import require_consent
from trialwright.conduct.tables import row_of
from trialwright.protocol.basics import UnknownKeyError


def record_visit(
    *, by: Actor, code: str, visit: str, on: date, reason: str = "", at: datetime | None = None
) -> None:
    """Record the day on which a visit took place; outside its window, with the reason."""
    with acting(by, Act.PLAN_VISITS, "record_visit", code=code, at=at) as scene:
        record = _open_visit(scene, visit)
        if on > day_of(scene.at):
            raise Refused(problems=(Problem("on", _("Enter a day that is not in the future.")),))
        earliest = _earliest(scene, visit)
        if on < earliest:
            raise Refused(
                problems=(
                    Problem(
                        "on",
                        _("Enter a day from %(date)s on: the visit is counted from there.")
                        % {"date": earliest.isoformat()},
                    ),
                )
            )
        left_on = _left_on(scene.participant)
        if left_on is not None and on > left_on:
            raise Refused(
                problems=(
                    Problem(
                        "on",
                        _("Enter a day up to %(date)s: from then on she came to no visits.")
                        % {"date": left_on.isoformat()},
                    ),
                )
            )
        if record.status in (VisitStatus.DONE, VisitStatus.MISSED) and on != record.actual:
            if not reason.strip():
                raise Refused(
                    problems=(Problem("reason", _("Say why what was recorded is changed.")),)
                )
            scene.because(reason.strip())
        outside = record.opens is not None and not record.opens <= on <= (record.closes or on)
        if outside and not reason.strip():
            raise Refused(
                problems=(
                    Problem(
                        "reason",
                        _("The window is %(first)s to %(last)s. Say why the visit lies outside it.")
                        % {"first": record.opens, "last": record.closes},
                    ),
                )
            )
        scene.change(
            record,
            status=VisitStatus.DONE.value,
            actual=on,
            reason=reason.strip() if outside else "",
        )


def miss_visit(
    *, by: Actor, code: str, visit: str, reason: str, at: datetime | None = None
) -> None:
    """Record that a visit did not take place, and why."""
    with acting(by, Act.PLAN_VISITS, "miss_visit", code=code, at=at) as scene:
        record = _open_visit(scene, visit)
        if not reason.strip():
            raise Refused(problems=(Problem("reason", _("Say why the visit was missed.")),))
        if record.status == VisitStatus.CANCELLED:
            raise Refused(_("The visit is cancelled, so it can't be missed."))
        if record.opens is not None and day_of(scene.at) < record.opens:
            raise Refused(
                _("The window of this visit opens on %(date)s; it can't be missed before.")
                % {"date": record.opens.isoformat()}
            )
        if Entry.objects.filter(participant=scene.participant, visit=visit).exists():
            raise Refused(_("The visit has data, so it took place."))
        scene.change(record, status=VisitStatus.MISSED.value, actual=None, reason=reason.strip())


def _open_visit(scene: Scene, visit: str) -> VisitRecord:
    """The visit's row; refuses one that can't exist yet or no longer."""
    participant = scene.participant
    try:
        planned = scene.protocol.visit(visit)
    except UnknownKeyError:
        raise NotHere from None
    if planned.any_time:
        raise NotHere
    require_consent(participant)
    record = row_of(VisitRecord, participant_id=participant.pk, visit=visit)
    if record is None or record.target is None:
        raise Refused(
            _(
                "This visit is counted from something that has not been entered yet, so it can't "
                "exist. Enter that first."
            )
        )
    if participant.state == State.SCREEN_FAILED:
        raise Refused(
            _("%(code)s did not enter the trial, so she has no more visits.")
            % {"code": participant.code}
        )
    return record


def _earliest(scene: Scene, visit: str) -> date:
    """The first day it can have been on: never before consent, nor before what it counts from."""
    participant = scene.participant
    assert participant.consented_at is not None  # noqa: S101 - `_open_visit` has asked
    consented = day_of(participant.consented_at)
    planned = scene.protocol.visit(visit)
    if planned.anchor is None or planned.day < 0:
        return consented
    item = scene.protocol.anchor(planned.anchor).item
    values = values_of(participant, scene.protocol, () if item is None else (str(item),))
    anchor = anchors_of(participant, scene.protocol, values).get(planned.anchor)
    return consented if anchor is None else max(consented, anchor)


def _left_on(participant: Participant) -> date | None:
    """The day she came to the end of her visits; None while she comes."""
    if participant.state not in OVER:
        return None
    return min(
        ending.on
        for ending in participant.endings.all()
        if ending.kind != EndingKind.WITHDRAWN or "visits" in ending.stops
    )
