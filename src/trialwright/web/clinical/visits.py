"""One visit of a participant: when it is, what is filled in at it, that it took place or not."""

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from trialwright.accounts.policy import Act, may
from trialwright.conduct.actions import visiting
from trialwright.conduct.models import State
from trialwright.conduct.participants.planning import plan_of
from trialwright.conduct.reads.appointments import AppointmentLine, appointment_of
from trialwright.conduct.reads.participants import Story, VisitLine, one, story
from trialwright.conduct.reads.visit_forms import fills_several
from trialwright.messages import Message
from trialwright.protocol.forms import ItemType
from trialwright.web import dates
from trialwright.web.clinical import steps
from trialwright.web.clinical.appointments import rows_of_visit
from trialwright.web.clinical.frame import Frame, in_study
from trialwright.web.clinical.steps import Given, question
from trialwright.web.clinical.visit_words import form_task, visit_status, window_words
from trialwright.web.components import Link, Row, Task


@in_study
def visit_page(frame: Frame, code: str, visit: str) -> HttpResponse:
    """A visit: its time, and its forms."""
    told = story(frame.actor, code)
    line = _line(told, visit)
    href = f"{frame.href}/participants/{code}"
    came = line.actual is not None
    appointment = appointment_of(frame.actor, code, visit)
    tasks = [
        Task(task.name, task.status, "" if line.closed and form.status == "empty" else task.href)
        for form in line.forms
        for task in [form_task(frame, told, line, form, href)]
    ]
    can = (
        may(frame.actor, Act.PLAN_VISITS, site=told.row.site)
        and line.target is not None
        and told.row.state != State.SCREEN_FAILED
    )
    here = f"{href}/visits/{visit}"
    fills = [form for form in line.forms if form.can_enter and not line.closed]
    recorded = Link(_("It took place"), f"{here}/took-place") if can and not came else None
    all_forms = Link(_("Fill in all forms"), f"{here}/forms") if len(fills) > 1 else None
    context = frame.about(
        told.row,
        line.visit.label.in_language(frame.language),
        crumbs=[],
        under=line.closed or "",
        facts=[*_facts(frame, told, line), *_appointment_rows(frame, line, appointment)],
        forms=tasks,
        why_none=_("This visit has no forms that you may see."),
        action=recorded or _sign_link(line, here) or (None if line.visit.any_time else all_forms),
        others=[*_others(line, here), *_appointment_links(line, appointment, here)] if can else [],
    )
    return render(frame.request, "web/visit.html", context)


def _sign_link(line: VisitLine, here: str) -> Link | None:
    """To sign all of a visit's forms that wait for this person."""
    if not any(form.can_sign for form in line.forms):
        return None
    return Link(_("Check and sign all forms"), f"{here}/sign")


def _others(line: VisitLine, here: str) -> list[Link]:
    """What else can be recorded of a visit."""
    if line.actual is not None:
        return [Link(_("Correct the day of the visit"), f"{here}/took-place")]
    return [Link(_("It was missed"), f"{here}/missed")] if line.status == "planned" else []


def _appointment_rows(
    frame: Frame, line: VisitLine, appointment: AppointmentLine | None
) -> list[Row]:
    """Its appointment; that there is none is said only where one could be made."""
    if appointment is None and not _can_have_appointment(line):
        return []
    return rows_of_visit(frame, appointment)


def _appointment_links(
    line: VisitLine, appointment: AppointmentLine | None, here: str
) -> list[Link]:
    if not _can_have_appointment(line):
        return []
    if appointment is None:
        return [Link(_("Make an appointment"), f"{here}/appointment")]
    return [
        Link(_("Move the appointment"), f"{here}/appointment"),
        Link(_("Cancel the appointment"), f"{here}/appointment/cancel"),
    ]


def _can_have_appointment(line: VisitLine) -> bool:
    return line.status == "planned" and line.target is not None and not line.visit.unscheduled


def _line(told: Story, visit: str) -> VisitLine:
    line = next((each for each in told.visits if each.visit.key == visit), None)
    if line is None:
        raise Http404
    return line


def _facts(frame: Frame, told: Story, line: VisitLine) -> list[Row]:
    if line.visit.any_time:
        return [Row(_("When"), _("At any time after consent"))]
    planned = plan_of(told.row, told.protocol).get(line.visit.key)
    rows = [
        Row(_("Status"), visit_status(line)),
        Row(
            _("Planned for"),
            dates.written(line.target) if line.target else "",
            unsaid=_("Not known yet"),
        ),
        Row(_("Window"), window_words(line) if line.actual is None else _window(line)),
        Row(
            _("Took place"),
            dates.written(line.actual) if line.actual else "",
            unsaid=_("Not yet"),
        ),
    ]
    if line.historic:
        rows.append(Row(_("Historic"), _("It took place before the protocol was signed.")))
    if planned is not None:
        rows.append(Row(_("Counted"), planned.reason.in_language(frame.language)))
    if line.reason:
        rows.append(Row(_("Reason given"), line.reason))
    return rows


def _window(line: VisitLine) -> str:
    if line.opens is None or line.closes is None:
        return ""
    return _("{first} to {last}").format(
        first=dates.written(line.opens), last=dates.written(line.closes)
    )


def _when(line: VisitLine) -> str:
    """Its window, for who records whether it took place."""
    window = _window(line)
    return _("Its window: {window}.").format(window=window) if window else ""


@in_study
def took_place_page(frame: Frame, code: str, visit: str) -> HttpResponse:
    """Record the day on which it took place."""
    line = _line(story(frame.actor, code), visit)
    form = steps.form_of(
        question("on", Message("Day of the visit"), ItemType.DATE),
        question(
            "reason", Message("Why outside its window"), ItemType.TEXT, longest=500,
            optional=True,
            hint=Message("Needed only for a day outside the window"),
        ),
    )  # fmt: skip

    here = f"{frame.href}/participants/{code}/visits/{visit}"
    onward = (
        f"{here}/forms" if line.actual is None and fills_several(frame.actor, code, visit) else here
    )

    def act(given: Given) -> str:
        visiting.record_visit(
            by=frame.actor,
            code=code,
            visit=visit,
            on=steps.day(given["on"]),
            reason=str(given.get("reason", "")),
        )
        return onward

    return _step(
        frame,
        code,
        visit,
        steps.Step(
            heading=_("When did the visit take place?"),
            button=_("Record the visit"),
            form=form,
            act=act,
            goes_on_to_what_came=True,
            done=_("The visit is recorded; its forms are open."),
            then=here,
            intro=_when(line),
        ),
    )


@in_study
def unscheduled_page(frame: Frame, code: str) -> HttpResponse:
    """Record an unscheduled visit; one goes on to its forms."""
    participant = one(frame.actor, code, Act.PLAN_VISITS)
    offered = [visit for visit in frame.protocol.visits if visit.unscheduled]
    if not offered:
        raise Http404
    kinds = steps.choices("visit", *((visit.key, visit.label) for visit in offered))
    form = steps.form_of(
        question("visit", Message("Which visit"), ItemType.CHOICE, code_list=kinds),
        question("on", Message("Day of the visit"), ItemType.DATE),
        question("reason", Message("Why there was a visit"), ItemType.TEXT, longest=500),
    )
    href = f"{frame.href}/participants/{code}"

    def act(given: Given) -> str:
        made = visiting.add_unscheduled_visit(
            by=frame.actor,
            code=code,
            visit=str(given["visit"]),
            on=steps.day(given["on"]),
            reason=str(given["reason"]),
        )
        return f"{href}/visits/{made}"

    heading = _("Record an unscheduled visit")
    step = steps.Step(
        heading=heading,
        button=_("Record the visit"),
        form=form,
        act=act,
        goes_on_to_what_came=True,
        done=_("The visit is recorded; its forms are open."),
        then=href,
        start={"visit": offered[0].key} if len(offered) == 1 else None,
    )
    return steps.run(frame, step, frame.about(participant, heading, crumbs=[]))


@in_study
def missed_page(frame: Frame, code: str, visit: str) -> HttpResponse:
    """Record that it did not take place."""
    line = _line(story(frame.actor, code), visit)
    form = steps.form_of(
        question("reason", Message("Why it was missed"), ItemType.TEXT, longest=500)
    )
    return _step(
        frame,
        code,
        visit,
        steps.Step(
            heading=_("The visit was missed"),
            button=_("Record it as missed"),
            form=form,
            act=lambda given: visiting.record_missed_visit(
                by=frame.actor, code=code, visit=visit, reason=str(given["reason"])
            ),
            done=_("The visit is recorded as missed."),
            then=f"{frame.href}/participants/{code}/visits/{visit}",
            intro=_when(line),
        ),
    )


def _step(frame: Frame, code: str, visit: str, step: steps.Step) -> HttpResponse:
    participant = one(frame.actor, code, Act.PLAN_VISITS)
    planned = frame.protocol.visit(visit)
    if planned.any_time:
        raise Http404
    crumbs = [Link(planned.label.in_language(frame.language), step.then)]
    return steps.run(frame, step, frame.about(participant, step.heading, crumbs=crumbs))
