"""The list of participants, and one of them: her visits, what can be done, her story."""

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from trialwright.accounts.models import Site
from trialwright.accounts.policy import Act, may
from trialwright.conduct.actions import screening
from trialwright.conduct.models import State
from trialwright.conduct.planning import day_of
from trialwright.conduct.reads.arms import arm_for
from trialwright.conduct.reads.participants import (
    ParticipantLine,
    Story,
    VisitLine,
    participants,
    story,
)
from trialwright.conduct.reads.steps import ALWAYS_OPEN, NextStep, next_steps
from trialwright.conduct.refusals import NotHere
from trialwright.conduct.states import STATE_LABELS
from trialwright.protocol.forms import ItemType
from trialwright.web.clinical import steps
from trialwright.web.clinical.frame import Frame, in_study
from trialwright.web.clinical.listing import Kind, Listing, answer, choice, iso, sorted_by
from trialwright.web.clinical.step_words import STEP_PLACES, STEP_WORDS
from trialwright.web.clinical.story_words import moments_of, story_figure
from trialwright.web.clinical.visit_words import form_task, visit_status, window_words
from trialwright.web.components import Cell, Column, Link, Row, Status, Task


@in_study
def list_page(frame: Frame, kind: Kind = "") -> HttpResponse:
    """All participants she may see, by code."""
    lines = participants(frame.actor)
    sites = [(code, code) for code in sorted({line.site for line in lines})]
    found = sorted({line.state for line in lines}, key=list(State).index)
    states = [(state.value, str(STATE_LABELS[state])) for state in found]
    site = choice(frame, "site", _("Site"), sites)
    state = choice(frame, "state", _("State"), states)
    shown = [
        line
        for line in lines
        if site["value"] in ("", line.site) and state["value"] in ("", line.state.value)
    ]
    rows, head = sorted_by(
        frame,
        {
            "code": lambda line: line.code,
            "next": lambda line: line.next_opens,
            "queries": lambda line: line.open_queries or None,
        },
        shown,
    )
    listing = Listing(
        heading=_("Participants"),
        caption=ngettext("{count} participant", "{count} participants", len(shown)).format(
            count=len(shown)
        ),
        columns=[
            Column(_("Participant"), sort=head("code")),
            Column(_("Site")),
            Column(_("State")),
            Column(_("Next visit")),
            Column(_("From"), sort=head("next")),
            Column(_("To")),
            Column(_("Open queries"), number=True, sort=head("queries")),
        ],
        rows=rows,
        cells=lambda line: _cells(frame, line),
        plain=_plain,
        empty=_("Nobody of this kind. Show all, or begin with the screening log.")
        if lines
        else _("Nobody has been screened yet. Begin with the screening log."),
        more={
            "filters": [site, state],
            "action": Link(_("Add to the screening log"), f"{frame.href}/screen")
            if may(frame.actor, Act.SCREEN)
            else None,
        },
    )
    return answer(frame, listing, kind)


def _cells(frame: Frame, line: ParticipantLine) -> list[Cell]:
    visit = frame.protocol.visit(line.next_visit) if line.next_visit else None
    return [
        Cell(line.code, href=f"{frame.href}/participants/{line.code}", code=True),
        Cell(line.site),
        Cell(Status(str(STATE_LABELS[line.state]))),
        Cell(visit.label.in_language(frame.language) if visit else "", unsaid=_("none planned")),
        Cell(line.next_opens or ""),
        Cell(line.next_closes or ""),
        Cell(line.open_queries or ""),
    ]


def _plain(line: ParticipantLine) -> dict[str, object]:
    return {
        "participant": line.code,
        "site": line.site,
        "state": line.state.value,
        "screened_at": iso(line.screened_at),
        "randomised_at": iso(line.randomised_at),
        "next_visit": line.next_visit,
        "next_opens": iso(line.next_opens),
        "next_closes": iso(line.next_closes),
        "open_queries": line.open_queries,
    }


@in_study
def screen_page(frame: Frame) -> HttpResponse:
    """Add a woman to the screening log: the site is all that is asked."""
    sites = [
        site
        for site in Site.objects.filter(study=frame.actor.study).order_by("code")
        if may(frame.actor, Act.SCREEN, site=site.code)
    ]
    if not sites:
        raise NotHere
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
    first, others = _actions(frame, told, href)
    timeline = story_figure(frame, told)
    context = frame.about(
        told.row,
        _("Participant {code}").format(code=code),
        groups=_groups(frame, told, href),
        action=first,
        steps=others,
        matters=_matters(frame, told, href),
        moments=moments_of(frame, told, href),
        figure=timeline,
        sealed=_sealed(frame, told),
    )
    return render(frame.request, "web/participant.html", context)


def _actions(frame: Frame, told: Story, href: str) -> tuple[Link | None, list[Link]]:
    """The one primary action, and the others: a step of her story, else her next visit."""
    offered = next_steps(frame.actor, told.row, assessed=told.row.criteria.exists())
    links = {step: Link(str(STEP_WORDS[step]), f"{href}/{STEP_PLACES[step]}") for step in offered}
    pressing = [link for step, link in links.items() if step not in ALWAYS_OPEN]
    visit = next((line for line in told.visits if _can_take_place(line)), None)
    if visit is not None and may(frame.actor, Act.PLAN_VISITS, site=told.row.site):
        label = visit.visit.label.in_language(frame.language)
        words = _("Record the visit “{visit}”").format(visit=label)
        pressing.append(Link(words, f"{href}/visits/{visit.visit.key}/took-place"))
    later = [link for step, link in links.items() if step in ALWAYS_OPEN]
    if not pressing and NextStep.ASSESS in links:
        pressing, later = [links[NextStep.ASSESS]], later[1:]
    return (pressing[0] if pressing else None), [*pressing[1:], *later]


def _can_take_place(line: VisitLine) -> bool:
    opens = line.opens
    return line.status == "planned" and opens is not None and opens <= day_of(timezone.now())


def _groups(frame: Frame, told: Story, href: str) -> list[dict[str, object]]:
    before, after, anytime = [], [], []
    for line in told.visits:
        task = Task(
            name=line.visit.label.in_language(frame.language),
            status=visit_status(line),
            href=f"{href}/visits/{line.visit.key}",
            hint=window_words(line),
        )
        if line.visit.screening:
            before.append(task)
        elif line.visit.any_time:
            anytime.append(task)
        elif line.status is not None and (line.target or line.actual):
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


def _sealed(frame: Frame, told: Story) -> list[Row]:
    arm = arm_for(frame.actor, told)
    if arm is None:
        return []
    return [Row(_("Arm"), f"{arm.number}. {arm.label.in_language(frame.language)}")]
