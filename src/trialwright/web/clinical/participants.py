"""The list of participants, and one of them: visits, what can be done, timeline."""

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from trialwright.accounts.models import Site
from trialwright.accounts.policy import Act, may, role_to_identify
from trialwright.conduct.actions import screening
from trialwright.conduct.diary.diaries import diaries_in
from trialwright.conduct.models import State
from trialwright.conduct.participants.planning import still_comes
from trialwright.conduct.participants.states import state_label
from trialwright.conduct.reads.arms import arm_for, asks_for_arm
from trialwright.conduct.reads.deviations import deviations_seen
from trialwright.conduct.reads.envelopes import has_openable
from trialwright.conduct.reads.identities import identifies_somewhere
from trialwright.conduct.reads.kits import KitOfParticipant, kits_of
from trialwright.conduct.reads.linked import linked_to
from trialwright.conduct.reads.participants import (
    ParticipantLine,
    Story,
    VisitLine,
    participants,
    story,
)
from trialwright.conduct.reads.steps import ALWAYS_OPEN, NextStep
from trialwright.conduct.reads.verification import plan_for
from trialwright.conduct.refusals import NotFound
from trialwright.messages import Message
from trialwright.protocol.basics import Text
from trialwright.protocol.forms import Item, ItemType
from trialwright.protocol.kits import strength_words
from trialwright.protocol.occurrences import occurrence_of
from trialwright.protocol.progress import Place
from trialwright.web.clinical import steps
from trialwright.web.clinical.deviation_words import about, kind_of, status_of
from trialwright.web.clinical.filters import choice
from trialwright.web.clinical.filters import participant as participant_filter
from trialwright.web.clinical.frame import Frame, in_study
from trialwright.web.clinical.kit_words import kit_status
from trialwright.web.clinical.listing import Kind, Listing, answer, iso, sorted_by
from trialwright.web.clinical.step_words import (
    STEP_PLACES,
    next_step_words,
    step_place,
    step_words,
)
from trialwright.web.clinical.steps import Given
from trialwright.web.clinical.story_words import moments_of, story_figure
from trialwright.web.clinical.verification import participant_task
from trialwright.web.clinical.visit_words import form_task, visit_status, window_words
from trialwright.web.components import Cell, Column, Link, Row, Status, Task
from trialwright.web.products.participant_links import product_links


@in_study
def list_page(frame: Frame, kind: Kind = "") -> HttpResponse:
    """All participants this person may see, by code."""
    lines = participants(frame.actor)
    sites = [(code, code) for code in sorted({line.site for line in lines})]
    found = sorted({line.state for line in lines}, key=list(State).index)
    states = [(state.value, state_label(state, frame.protocol)) for state in found]
    code = participant_filter(frame)
    site = choice(frame, "site", _("Site"), sites)
    state = choice(frame, "state", _("State"), states)
    shown = [
        line
        for line in lines
        if site.value in ("", line.site)
        and state.value in ("", line.state.value)
        and code.value in line.code
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
            *([Column(_("Kind of participant"))] if frame.protocol.kinds else []),
            *([Column(_("Group"))] if frame.protocol.groups else []),
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
            "filters": [code, site, state],
            "beside": Link(_("Find by hospital number"), f"{frame.href}/hospital-number")
            if identifies_somewhere(frame.actor)
            else None,
            "action": Link(_("Add to the screening log"), f"{frame.href}/screen")
            if may(frame.actor, Act.SCREEN)
            else None,
        },
    )
    return answer(frame, listing, kind)


def _cells(frame: Frame, line: ParticipantLine) -> list[Cell]:
    visit = frame.protocol.visit(line.next_visit) if line.next_visit else None
    kinds = frame.protocol.kinds
    return [
        Cell(line.code, href=f"{frame.href}/participants/{line.code}", code=True),
        *(Cell(kind.label.in_language(frame.language)) for kind in kinds if kind.key == line.kind),
        *([Cell(_group(frame, line.group), unsaid=_("none yet"))] if frame.protocol.groups else []),
        Cell(line.site),
        Cell(Status(state_label(line.state, frame.protocol))),
        Cell(visit.label.in_language(frame.language) if visit else "", unsaid=_("none planned")),
        Cell(line.next_opens or ""),
        Cell(line.next_closes or ""),
        Cell(line.open_queries or ""),
    ]


def _group(frame: Frame, key: str) -> str:
    return frame.protocol.group(key).label.in_language(frame.language) if key else ""


def _plain(line: ParticipantLine) -> dict[str, object]:
    return {
        "participant": line.code,
        "site": line.site,
        **({"kind": line.kind} if line.kind else {}),
        **({"group": line.group} if line.group else {}),
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
    """Add somebody to the screening log: the site is all that is asked."""
    sites = [
        site
        for site in Site.objects.filter(study=frame.actor.study).order_by("code")
        if may(frame.actor, Act.SCREEN, site=site.code)
    ]
    if not sites:
        raise NotFound
    codes = steps.choices(
        "site", *((site.code, Text(site.name_en, site.name_zh)) for site in sites)
    )
    of_site = steps.question(
        "site", Message.in_context("step", "Site"), ItemType.CHOICE, code_list=codes
    )
    form = steps.form_of(of_site, *_of_kind(frame))
    step = steps.Step(
        heading=_("Add to the screening log"),
        button=_("Add to the screening log"),
        form=form,
        act=lambda given: "/".join(
            (frame.href, "participants", _screened(frame, given))
        ),
        goes_on_to_what_came=True,
        done=_("Added. The code on this page is the participant's."),
        then=f"{frame.href}/participants",
        intro=_(
            "The participant gets the next code of the site. No name or birth date is kept here."
        ),
        start={"site": sites[0].code} if len(sites) == 1 else None,
    )  # fmt: skip
    context = frame.context(step.heading, crumbs=[Link(_("Participants"), step.then)])
    return steps.run(frame, step, context)


def _of_kind(frame: Frame) -> list[Item]:
    """What kind of participant it is, and whom they are linked to, where the file has kinds."""
    kinds = frame.protocol.kinds
    if not kinds:
        return []
    codes = steps.choices("kind", *((kind.key, kind.label) for kind in kinds))
    label, hint = Message("Linked to"), Message("Code of the participant, where the kind is linked")
    return [
        steps.question("kind", Message("Kind of participant"), ItemType.CHOICE, code_list=codes),
        steps.question("to", label, ItemType.TEXT, hint=hint, longest=16, optional=True),
    ]


def _screened(frame: Frame, given: Given) -> str:
    """The code that somebody gets in the screening log."""
    link = None
    if frame.protocol.kinds:
        to = str(given.get("to", "")).strip().upper()
        link = screening.Link(str(given["kind"]), to)
    return screening.screen(by=frame.actor, site=str(given["site"]), link=link)


@in_study
def participant_page(frame: Frame, code: str) -> HttpResponse:
    """One participant."""
    told = story(frame.actor, code)
    href = f"{frame.href}/participants/{code}"
    first, others = _actions(frame, told, href)
    timeline = story_figure(frame, told)
    kits = kits_of(frame.actor, told.row, told.protocol)
    context = frame.about(
        told.row,
        _("Participant {code}").format(code=code),
        groups=_groups(frame, told, href),
        action=first,
        steps=[*others, *_kit_links(kits, href), *product_links(frame, told.row, href)],
        matters=_matters(frame, told, href),
        moments=moments_of(frame, told, href),
        figure=timeline,
        sealed=_sealed(frame, told),
        kits=_kits(frame, told, kits),
    )
    return render(frame.request, "web/participant.html", context)


def _actions(frame: Frame, told: Story, href: str) -> tuple[Link | None, list[Link]]:
    """The one primary action, and the others: a step that is due, else the next visit."""
    offered = told.steps
    links = {
        step: Link(next_step_words(frame, step), f"{href}/{STEP_PLACES[step]}") for step in offered
    }
    pressing = [link for step, link in links.items() if step not in ALWAYS_OPEN]
    visit = next((line for line in told.visits if _can_take_place(line)), None)
    if visit is not None and may(frame.actor, Act.PLAN_VISITS, site=told.row.site):
        label = visit.visit.label.in_language(frame.language)
        words = _("Record the visit “{visit}”").format(visit=label)
        pressing.append(Link(words, f"{href}/visits/{visit.visit.key}/took-place"))
    if told.reconsent is not None and may(frame.actor, Act.CONSENT, site=told.row.site):
        pressing.insert(0, Link(_("Record re-consent"), f"{href}/consent/again"))
    later = [link for step, link in links.items() if step in ALWAYS_OPEN]
    if told.row.consented_at is not None:
        later.append(Link(_("Casebook (PDF)"), f"{href}/casebook.pdf"))
        later.append(Link(_("Attachments"), f"{href}/attachments"))
    pressing += [_step_link(frame, place, href) for place in told.open.due]
    later += [_not_given_link(frame, place, href) for place in told.open.refusable]
    if any(form.can_sign for line in told.visits for form in line.forms):
        later.append(Link(_("Check and sign the casebook"), f"{href}/sign"))
    if told.row.consented_at is not None:
        later.append(Link(_("Consent"), f"{href}/consent"))
    if told.row.consented_at is not None and diaries_in(told.protocol):
        later.append(Link(_("Diary"), f"{href}/diary"))
    if role_to_identify(frame.actor, told.row.site):
        later.append(Link(_("Identity"), f"{href}/identity"))
    if told.row.randomised_at is not None and frame.protocol.allocation is not None:
        if may(frame.actor, Act.UNBLIND, site=told.row.site):
            later.append(Link(_("Emergency unblinding"), f"{href}/unblind"))
            if has_openable(frame.actor, told.row):
                later.append(Link(_("Report an opened envelope"), f"{href}/envelope"))
        words = _("Report that you learned the arm by accident")
        later.append(Link(words, f"{href}/unblinding-accident"))
    if not told.knows_arm and asks_for_arm(frame.actor, told.row, told.protocol):
        later.append(Link(_("Reveal allocation"), f"{href}/arm"))
    if may(frame.actor, Act.PLAN_VISITS, site=told.row.site) and _comes_unscheduled(told):
        later.append(Link(_("Record an unscheduled visit"), f"{href}/unscheduled"))
    if may(frame.actor, Act.RECORD_DEVIATION, site=told.row.site):
        later.append(Link(_("Record a protocol deviation"), f"{href}/deviation"))
    if may(frame.actor, Act.RECORD_EVENTS, site=told.row.site):
        later += [
            Link(_("Record an adverse event"), f"{href}/adverse-event"),
            Link(_("Record a pregnancy"), f"{href}/pregnancy"),
            Link(_("Record a situation without harm"), f"{href}/situation"),
        ]
    if not pressing and NextStep.ASSESS in links:
        pressing, later = [links[NextStep.ASSESS]], later[1:]
    return (pressing[0] if pressing else None), [*pressing[1:], *later]


def _step_link(frame: Frame, place: Place, href: str) -> Link:
    return Link(step_words(frame, place), f"{href}/{step_place(place)}")


def _comes_unscheduled(told: Story) -> bool:
    """Whether the protocol has unscheduled visits, and the participant can come to one."""
    return told.row.consented_at is not None and any(
        visit.unscheduled and still_comes(told.row, visit) for visit in told.protocol.visits
    )


def _not_given_link(frame: Frame, place: Place, href: str) -> Link:
    words = _("Record as not given: {step}").format(step=step_words(frame, place))
    return Link(words, f"{href}/{step_place(place)}?record=yes")


def _can_take_place(line: VisitLine) -> bool:
    opens = line.opens
    return line.status == "planned" and opens is not None and opens <= timezone.localdate()


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
    linked = [
        Task(
            f"{each.code} · {each.kind.in_language(frame.language)}",
            Status(state_label(each.state, frame.protocol)),
            f"{frame.href}/participants/{each.code}",
        )
        for each in linked_to(frame.actor, told.row)
    ]
    groups: list[dict[str, object]] = [
        {"heading": _("Before randomisation"), "tasks": before},
        {"heading": _("Treatment and follow-up"), "tasks": after},
        {"heading": _("At any time"), "tasks": anytime},
        {"heading": _("Linked participants"), "tasks": linked},
    ]
    return [group for group in groups if group["tasks"]]


def _matters(frame: Frame, told: Story, href: str) -> list[Task]:
    found = []
    for line in told.visits:
        for form in line.forms:
            waits = form.open_queries or (form.needs_signature and not form.signed)
            if waits or form.status == "incomplete":
                found.append(form_task(frame, told, line, form, href))
    if (plan := plan_for(frame.actor, told.row)) is not None:
        found.append(participant_task(frame, told.row, plan))
    for deviation in deviations_seen(frame.actor).filter(participant=told.row, classification=None):
        where = f"{frame.href}/deviations/{deviation.number}"
        found.append(
            Task(kind_of(frame, deviation), status_of(deviation), where, about(frame, deviation))
        )
    return found


def _kits(frame: Frame, told: Story, kits: list[KitOfParticipant]) -> list[Task]:
    """The kits that were handed out, by number, the latest first."""
    tasks = []
    for kit in reversed(kits):
        line = kit.line
        strength = strength_words(told.protocol.kits, line.strength, frame.language)
        said = [strength] if strength else []
        said.append(step_words(frame, (line.step, *occurrence_of(line.visit))))
        if line.unused and told.protocol.kits:
            unused = f"{line.unused} {told.protocol.kits.unit}"
            said.append(_("{amount} unused").format(amount=unused))
        if line.reason:
            said.append(line.reason)
        words = _("Kit {number}").format(number=line.number)
        tasks.append(Task(words, kit_status(line.status), hint=" · ".join(said)))
    return tasks


def _kit_links(kits: list[KitOfParticipant], href: str) -> list[Link]:
    """What this person may do with the kits that the participant still has."""
    links = []
    for kit in kits:
        number = kit.line.number
        if kit.may_return:
            words = _("Record the return of kit {number}").format(number=number)
            links.append(Link(words, f"{href}/kits/{number}/return"))
        if kit.may_replace:
            words = _("Replace kit {number}").format(number=number)
            links.append(Link(words, f"{href}/kits/{number}/replace"))
    return links


def _sealed(frame: Frame, told: Story) -> list[Row]:
    arm = arm_for(frame.actor, told)
    if arm is None:
        return []
    rows = [Row(_("Arm"), f"{arm.number}. {arm.label.in_language(frame.language)}")]
    products = {each.key: each.label.in_language(frame.language) for each in told.protocol.products}
    for epoch in told.protocol.epochs:
        if epoch.key in arm.in_epochs:
            given = ", ".join(products[key] for key in arm.in_epochs[epoch.key])
            label = epoch.label.in_language(frame.language)
            rows.append(Row(label, given, unsaid=_("Nothing is given")))
    return rows
