"""Appointments of visits: made or moved, cancelled, and all of them as a list."""

from datetime import UTC
from typing import Any

from django.http import HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from trialwright.accounts.policy import Act
from trialwright.accounts.reads import names_of
from trialwright.conduct.actions import appointments
from trialwright.conduct.reads.appointments import (
    AppointmentLine,
    AppointmentStatus,
    appointment_of,
    appointment_rows,
    appointment_teller,
    with_status,
)
from trialwright.conduct.reads.participants import participant_and_protocol
from trialwright.conduct.refusals import NotFound
from trialwright.messages import Message
from trialwright.protocol.basics import UnknownKeyError
from trialwright.protocol.forms import ItemType
from trialwright.web import dates
from trialwright.web.clinical import steps
from trialwright.web.clinical.appointment_words import (
    STATUS_WORDS,
    status_of,
    visit_words,
    when,
)
from trialwright.web.clinical.filters import Places, choice, narrowed
from trialwright.web.clinical.frame import Frame, in_study
from trialwright.web.clinical.listing import Kind, Listing, answer, iso
from trialwright.web.clinical.steps import Given, question
from trialwright.web.components import Cell, Column, Link, Row

_PLACES = Places(
    "visit__participant__code", "visit__participant__site", visit="visit__visit", moment="starts_at"
)
_ASKED = [each for each in AppointmentStatus if each is not AppointmentStatus.OTHER_DAY]


@in_study
def list_page(frame: Frame, kind: Kind = "") -> HttpResponse:
    """All appointments of the participants one may see, in the order of time."""
    now = timezone.now()
    options = [(each.value, str(STATUS_WORDS[each])) for each in _ASKED]
    status = choice(frame, "status", _("Status"), options)
    fields, rows = narrowed(frame, appointment_rows(frame.actor), _PLACES)
    if status.value:
        rows = with_status(rows, AppointmentStatus(status.value), now)
    count = rows.count()
    caption = ngettext("{count} appointment", "{count} appointments", count)
    line = appointment_teller(frame.actor, now)
    listing = Listing(
        heading=_("Appointments"),
        caption=caption.format(count=count),
        columns=[
            Column(_("Participant")), Column(_("Visit")), Column(_("When")),
            Column(_("Time zone")), Column(_("Status")),
        ],
        rows=rows,
        cells=lambda row: _cells(frame, line(row)),
        plain=lambda row: plain(line(row)),
        empty=_("No appointment of this kind. They are made on the page of a visit."),
        more={
            "filters": [*fields, status],
            "beside": Link(_("Calendar"), f"{frame.href}/calendar"),
        },
    )  # fmt: skip
    return answer(frame, listing, kind)


def _cells(frame: Frame, line: AppointmentLine) -> list[Cell]:
    href = f"{frame.href}/participants/{line.code}/visits/{line.visit}"
    return [
        Cell(line.code, href=href, code=True),
        Cell(visit_words(frame.protocol, line.visit, frame.language)),
        Cell(when(line)),
        Cell(line.zone.key),
        Cell(status_of(line)),
    ]


def plain(line: AppointmentLine) -> dict[str, Any]:
    """An appointment for a program: the moment in UTC, and the zone of the site."""
    return {
        "participant": line.code,
        "site": line.site,
        "visit": line.visit,
        "starts_at": iso(line.starts_at.astimezone(UTC)),
        "minutes": line.minutes,
        "zone": line.zone.key,
        "status": line.status.value,
        "moves": line.moves,
        "reason": line.reason,
    }


def rows_of_visit(frame: Frame, line: AppointmentLine | None) -> list[Row]:
    """What the page of a visit says of its appointment."""
    if line is None:
        return [Row(_("Appointment"), "", unsaid=_("None made"))]
    name = names_of({line.made_by}).get(line.made_by, "")
    rows = [
        Row(_("Appointment"), f"{when(line)} ({line.zone.key})"),
        Row(_("Appointment kept"), status_of(line)),
        Row(
            _("Made or last moved"),
            _("{day}, by {name}").format(
                day=dates.written(line.made_at), name=frame.name_and_role(name, line.role)
            ),
        ),
    ]
    if line.reason:
        rows.append(Row(_("Reason of the appointment"), line.reason))
    return rows


@in_study
def appointment_page(frame: Frame, code: str, visit: str) -> HttpResponse:
    """Make the appointment of a visit, or move it."""
    participant, label, there = _about(frame, code, visit)
    standing = appointment_of(frame.actor, code, visit)
    here = f"{frame.href}/participants/{code}/visits/{visit}"
    zone = timezone.get_current_timezone_name()
    form = steps.form_of(
        question("on", Message("Day"), ItemType.DATE, future=True),
        question(
            "time", Message("Time"), ItemType.TIME,
            hint=Message("By the clock of the site, in {zone}.", zone=zone),
        ),
        question("minutes", Message("How long it lasts, in minutes"), ItemType.INTEGER),
        question("remind", Message("Send me a mail a day before"), ItemType.YES_NO,
                 hint=Message("It names nothing, and has a link to this visit")),
        question(
            "reason", Message("Why it is moved, or lies outside the window"), ItemType.TEXT,
            longest=500, optional=True,
            hint=Message("Needed only then"),
        ),
        label=Message("Appointment"),
    )  # fmt: skip

    def act(given: Given) -> None:
        appointments.make_appointment(
            by=frame.actor,
            code=code,
            visit=visit,
            starts_at=steps.moment(given["on"], given["time"], "time"),
            minutes=int(str(given["minutes"])),
            remind=given["remind"] is True,
            reason=str(given.get("reason", "")),
        )

    moving = standing is not None
    start = {"minutes": "60", "remind": "no"}
    if standing is not None:
        start = {
            "on": standing.day.isoformat(),
            "time": f"{standing.starts_at:%H:%M}",
            "minutes": str(standing.minutes),
            "remind": "yes" if standing.remind else "no",
        }
    heading = _("Move the appointment of “{visit}”") if moving else _("Appointment for “{visit}”")
    step = steps.Step(
        heading=heading.format(visit=label),
        button=_("Save the appointment"),
        form=form,
        act=act,
        done=_("The appointment is saved."),
        then=here,
        facts=there,
        start=start,
    )
    context = frame.about(participant, step.heading, crumbs=[Link(label, here)])
    return steps.run(frame, step, context)


@in_study
def cancel_page(frame: Frame, code: str, visit: str) -> HttpResponse:
    """Cancel the appointment of a visit, with the reason."""
    participant, label, _facts = _about(frame, code, visit)
    standing = appointment_of(frame.actor, code, visit)
    if standing is None:
        raise NotFound
    here = f"{frame.href}/participants/{code}/visits/{visit}"
    step = steps.Step(
        heading=_("Cancel the appointment of “{visit}”").format(visit=label),
        button=_("Cancel the appointment"),
        form=steps.form_of(
            question("reason", Message("Why it is cancelled"), ItemType.TEXT, longest=500),
            label=Message("Appointment"),
        ),
        act=lambda given: appointments.cancel_appointment(
            by=frame.actor, code=code, visit=visit, reason=str(given["reason"])
        ),
        done=_("The appointment is cancelled. The visit stays planned."),
        then=here,
        facts=rows_of_visit(frame, standing),
    )
    return steps.run(
        frame, step, frame.about(participant, step.heading, crumbs=[Link(label, here)])
    )


def _about(frame: Frame, code: str, visit: str) -> tuple[Any, str, list[Row]]:
    """The participant, what the visit is called, and its window, for who makes appointments."""
    participant, protocol = participant_and_protocol(frame.actor, code, Act.PLAN_VISITS)
    try:
        planned = protocol.visit(visit)
    except UnknownKeyError:
        raise NotFound from None
    if planned.any_time or planned.unscheduled:
        raise NotFound
    record = participant.visits.filter(visit=visit).first()
    facts = []
    if record is not None and record.opens is not None:
        window = _("{first} to {last}").format(
            first=dates.written(record.opens), last=dates.written(record.closes)
        )
        facts.append(Row(_("Window"), window))
    return participant, planned.label.in_language(frame.language), facts
