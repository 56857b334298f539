"""Visits: that one took place, or why it didn't."""

from datetime import date, datetime

from django.utils.translation import gettext_lazy as _

from trialwright.accounts.policy import Act, Actor
from trialwright.conduct.acting import Scene, acting
from trialwright.conduct.models import Entry, VisitRecord, VisitStatus
from trialwright.conduct.planning import anchors_of, day_of, replan
from trialwright.conduct.reads.values import values_of
from trialwright.conduct.refusals import NotHere, Problem, Refused
from trialwright.conduct.states import require_consent
from trialwright.protocol.basics import UnknownKeyError


def record_visit(
    *, by: Actor, code: str, visit: str, on: date, reason: str = "", at: datetime | None = None
) -> None:
    """Record the day on which a visit took place; outside its window, with the reason."""
    with acting(by, Act.PLAN_VISITS, "record_visit", code=code, at=at) as scene:
        row = _open_visit(scene, visit)
        if on > day_of(scene.at):
            raise Refused(problems=(Problem("on", _("Enter a day that is not in the future.")),))
        planned = scene.protocol.visit(visit)
        values = values_of(scene.participant, scene.protocol)
        anchor = anchors_of(scene.participant, scene.protocol, values).get(planned.anchor or "")
        if anchor is not None and planned.day >= 0 and on < anchor:
            raise Refused(
                problems=(
                    Problem(
                        "on",
                        _("Enter a day from %(date)s on: the visit is counted from there.")
                        % {"date": anchor.isoformat()},
                    ),
                )
            )
        outside = row.opens is not None and not row.opens <= on <= (row.closes or on)
        if outside and not reason.strip():
            raise Refused(
                problems=(
                    Problem(
                        "reason",
                        _("The window is %(first)s to %(last)s. Say why the visit lies outside it.")
                        % {"first": row.opens, "last": row.closes},
                    ),
                )
            )
        scene.change(
            row,
            status=VisitStatus.DONE.value,
            actual=on,
            reason=reason.strip() if outside else "",
        )
        replan(scene)


def miss_visit(
    *, by: Actor, code: str, visit: str, reason: str, at: datetime | None = None
) -> None:
    """Record that a visit did not take place, and why."""
    with acting(by, Act.PLAN_VISITS, "miss_visit", code=code, at=at) as scene:
        row = _open_visit(scene, visit)
        if not reason.strip():
            raise Refused(problems=(Problem("reason", _("Say why the visit was missed.")),))
        if Entry.objects.filter(participant=scene.participant, visit=visit).exists():
            raise Refused(_("The visit has data, so it took place."))
        scene.change(row, status=VisitStatus.MISSED.value, actual=None, reason=reason.strip())
        replan(scene)


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
    row = VisitRecord.objects.filter(participant=participant, visit=visit).first()
    if row is None or row.target is None:
        raise Refused(
            _(
                "This visit is counted from something that has not been entered yet, so it can't "
                "exist. Enter that first."
            )
        )
    if participant.stops_visits and row.status != VisitStatus.DONE:
        raise Refused(_("%(code)s has withdrawn from visits.") % {"code": participant.code})
    return row
