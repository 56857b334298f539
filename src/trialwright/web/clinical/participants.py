"""The list of participants, and one of them: her visits, what can be done, her story."""

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from trialwright.accounts.models import Site
from trialwright.accounts.policy import Act, may
from trialwright.conduct.actions import screening
from trialwright.conduct.models import Participant, State
from trialwright.conduct.reads.arms import arm_for
from trialwright.conduct.reads.participants import Story, participants, story
from trialwright.protocol.forms import ItemType
from trialwright.web.clinical import steps
from trialwright.web.clinical.frame import Frame, in_study
from trialwright.web.clinical.next_steps import next_steps
from trialwright.web.clinical.visit_words import form_task, visit_status, window_words
from trialwright.web.components import Cell, Column, Link, Moment, Row, Status, Table, Task


@in_study
def list_page(frame: Frame) -> HttpResponse:
    """All participants she may see, by code."""
    lines = participants(frame.actor)
    asked_site = frame.request.GET.get("site", "")
    asked_state = frame.request.GET.get("state", "")
    shown = [
        line
        for line in lines
        if asked_site in ("", line.site) and asked_state in ("", line.state.value)
    ]
    rows = []
    for line in shown:
        visit = frame.protocol.visit(line.next_visit) if line.next_visit else None
        label = visit.label.in_language(frame.language) if visit else ""
        rows.append(
            [
                Cell(line.code, href=f"{frame.href}/participants/{line.code}", code=True),
                Cell(line.site),
                Cell(Status(_state_word(line.state))),
                Cell(label, unsaid=_("none planned")),
                Cell(line.next_opens or ""),
                Cell(line.next_closes or ""),
                Cell(line.open_queries or ""),
            ]
        )
    table = Table(
        caption=_("{count} participants").format(count=len(shown)),
        columns=[
            Column(_("Participant")),
            Column(_("Site")),
            Column(_("State")),
            Column(_("Next visit")),
            Column(_("From")),
            Column(_("To")),
            Column(_("Open queries"), number=True),
        ],
        rows=rows,
        empty=_("Nobody has been screened yet. Begin with the screening log."),
    )
    states = sorted({line.state for line in lines}, key=list(State).index)
    context = frame.context(
        _("Participants"),
        crumbs=[],
        table=table,
        filters=[
            {
                "name": "site",
                "label": _("Site"),
                "value": asked_site,
                "options": [(code, code) for code in sorted({line.site for line in lines})],
            },
            {
                "name": "state",
                "label": _("State"),
                "value": asked_state,
                "options": [(state.value, _state_word(state)) for state in states],
            },
        ],
        action=Link(_("Add to the screening log"), f"{frame.href}/screen")
        if may(frame.actor, Act.SCREEN)
        else None,
    )
    return render(frame.request, "web/list.html", context)


def _state_word(state: State) -> str:
    from trialwright.conduct.states import STATE_LABELS

    return str(STATE_LABELS[state])


@in_study
def screen_page(frame: Frame) -> HttpResponse:
    """Add a woman to the screening log: the site is all that is asked."""
    sites = [
        site
        for site in Site.objects.filter(study=frame.actor.study).order_by("code")
        if may(frame.actor, Act.SCREEN, site=site.code)
    ]
    codes = steps.choices(
        "site", *((site.code, steps.both(site.name_en, site.name_zh)) for site in sites)
    )
    form = steps.form_of(
        steps.question("site", steps.both("Site", "中心"), ItemType.CHOICE, code_list=codes)
    )
    made: list[str] = []
    step = steps.Step(
        heading=_("Add to the screening log"),
        button=_("Add to the screening log"),
        form=form,
        act=lambda given: made.append(
            screening.screen(by=frame.actor, site=str(given["site"]))
        ),
        done=_("Added. Her code is the one on this page."),
        then=f"{frame.href}/participants",
        intro=_("She gets the next code of the site. No name or birth date is kept here."),
        start={"site": sites[0].code} if len(sites) == 1 else None,
    )  # fmt: skip
    context = frame.context(step.heading, crumbs=[Link(_("Participants"), step.then)])
    response = steps.run(frame, step, context)
    return redirect(f"{step.then}/{made[0]}") if made else response


@in_study
def participant_page(frame: Frame, code: str) -> HttpResponse:
    """One participant."""
    told = story(frame.actor, code)
    href = f"{frame.href}/participants/{code}"
    waiting = next_steps(frame, told)
    context = frame.about(
        told.row,
        _("Participant {code}").format(code=code),
        groups=_groups(frame, told, href),
        steps=waiting[1:],
        action=waiting[0] if waiting else None,
        matters=_matters(frame, told, href),
        moments=_moments(told),
        sealed=_sealed(frame, told),
    )
    return render(frame.request, "web/participant.html", context)


def _groups(frame: Frame, told: Story, href: str) -> list[dict[str, object]]:
    before, after, anytime = [], [], []
    for line in told.visits:
        task = Task(
            name=line.visit.label.in_language(frame.language),
            status=visit_status(line),
            href=f"{href}/visits/{line.visit.key}",
            hint=window_words(line),
        )
        if line.visit.any_time and not line.visit.screening:
            anytime.append(task)
        elif line.visit.screening:
            before.append(task)
        elif line.status is not None:
            after.append(task)
    groups: list[dict[str, object]] = [
        {"heading": _("Before randomisation"), "tasks": before},
        {"heading": _("Treatment and follow-up"), "tasks": after},
        {"heading": _("At any time"), "tasks": anytime},
    ]
    return [group for group in groups if group["tasks"]]


def _matters(frame: Frame, told: Story, href: str) -> list[Task]:
    found = []
    for line in told.visits:
        for form in line.forms:
            waits = form.open_queries or (form.needs_signature and not form.signed)
            if waits or form.status == "incomplete":
                found.append(form_task(frame, told, line, form, href))
    return found


def _moments(told: Story) -> list[Moment]:
    row = told.row
    named = [
        (row.screened_at, _("Screened")),
        (row.consented_at, _("Consented")),
        (row.eligible_at, _("Eligibility confirmed")),
        (row.randomised_at, _("Randomised")),
        (row.allocation_received_at, _("Allocation received at the cell laboratory")),
        (row.product_released_at, _("Product released")),
        (row.resection_complete_at, _("Resection declared complete")),
        (row.surgeon_told_at, _("Surgeon told")),
        (row.treated_at, _treatment_word(row)),
    ]
    moments = [Moment(at, what) for at, what in named if at is not None]
    for line in told.visits:
        if line.actual is not None:
            moments.append(Moment(line.actual, line.visit.label.en))
    for ending in row.endings.all():
        moments.append(Moment(ending.on, _ending_word(ending.kind), ending.reason, tone="stop"))
    return sorted(moments, key=lambda moment: str(moment.when)[:16], reverse=True)


def _treatment_word(row: Participant) -> str:
    words = {
        "full": _("Treated"),
        "part": _("Treated in part: {reason}"),
        "none": _("Not treated: {reason}"),
    }
    return words.get(row.treatment_status or "", "").format(reason=row.treatment_reason)


def _ending_word(kind: str) -> str:
    return {
        "withdrawn": _("Withdrawn"),
        "lost": _("Lost to follow-up"),
        "died": _("Died"),
        "completed": _("Completed"),
    }[kind]


def _sealed(frame: Frame, told: Story) -> list[Row]:
    arm = arm_for(frame.actor, told)
    if arm is None:
        return []
    return [Row(_("Arm"), f"{arm.number}. {arm.label.in_language(frame.language)}")]
