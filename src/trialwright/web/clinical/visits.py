"""One visit of a participant: when it is, what is filled in at it, that it took place or not."""

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from trialwright.accounts.policy import Act, may
from trialwright.conduct.actions import visiting
from trialwright.conduct.models import State
from trialwright.conduct.planning import plan_of
from trialwright.conduct.reads.participants import Story, VisitLine, one, story
from trialwright.protocol.forms import ItemType
from trialwright.web import dates
from trialwright.web.clinical import steps
from trialwright.web.clinical.frame import Frame, in_study
from trialwright.web.clinical.steps import Given, both, question
from trialwright.web.clinical.visit_words import form_task, visit_status, window_words
from trialwright.web.components import Link, Row, Task


@in_study
def visit_page(frame: Frame, code: str, visit: str) -> HttpResponse:
    """A visit: its time, and its forms."""
    told = story(frame.actor, code)
    line = _line(told, visit)
    href = f"{frame.href}/participants/{code}"
    came = line.actual is not None
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
    context = frame.about(
        told.row,
        line.visit.label.in_language(frame.language),
        crumbs=[],
        under=line.closed or "",
        facts=_facts(frame, told, line),
        forms=tasks,
        why_none=_("This visit has no forms that you may see."),
        action=Link(_("It took place"), f"{here}/took-place") if can and not came else None,
        others=[Link(_("It was missed"), f"{here}/missed")]
        if can and line.status == "planned"
        else [],
    )
    return render(frame.request, "web/visit.html", context)


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
        question("on", both("Day of the visit", "访视日期"), ItemType.DATE),
        question(
            "reason", both("Why outside its window", "超窗原因"), ItemType.TEXT, longest=500,
            optional=True,
            hint=both("Needed only for a day outside the window", "仅超出访视窗时需要填写"),
        ),
    )  # fmt: skip

    def act(given: Given) -> None:
        visiting.record_visit(
            by=frame.actor,
            code=code,
            visit=visit,
            on=steps.day(given["on"]),
            reason=str(given.get("reason", "")),
        )

    return _step(
        frame,
        code,
        visit,
        steps.Step(
            heading=_("When did the visit take place?"),
            button=_("Record the visit"),
            form=form,
            act=act,
            done=_("The visit is recorded; its forms are open."),
            then=f"{frame.href}/participants/{code}/visits/{visit}",
            intro=_when(line),
        ),
    )


@in_study
def missed_page(frame: Frame, code: str, visit: str) -> HttpResponse:
    """Record that it did not take place."""
    line = _line(story(frame.actor, code), visit)
    form = steps.form_of(
        question("reason", both("Why it was missed", "缺失原因"), ItemType.TEXT, longest=500)
    )
    return _step(
        frame,
        code,
        visit,
        steps.Step(
            heading=_("The visit was missed"),
            button=_("Record it as missed"),
            form=form,
            act=lambda given: visiting.miss_visit(
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
