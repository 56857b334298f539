"""What a person must do today, in all her studies, and who she is here."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache

from trialwright.accounts.models import Membership, Person, Site
from trialwright.accounts.policy import Actor
from trialwright.accounts.reads import actor_in, studies_of
from trialwright.accounts.roles import ROLE_LABELS, Role
from trialwright.conduct.models import Entry, Query, VisitRecord
from trialwright.conduct.planning import day_of
from trialwright.conduct.reads.participants import study_and_protocol
from trialwright.conduct.reads.waiting import StepWaiting, Waiting, waiting_for
from trialwright.conduct.refusals import NotHere
from trialwright.web import dates, language
from trialwright.web.clinical import session
from trialwright.web.clinical.frame import Frame, count_today
from trialwright.web.clinical.query_words import question_of
from trialwright.web.clinical.step_words import STEP_PLACES, STEP_WORDS
from trialwright.web.components import Cell, Column, Link, Row, Status, Table, Task

FEW = 12


@dataclass(frozen=True, slots=True)
class Matter:
    """One kind of thing to do; `more` leads to the rest."""

    heading: str
    name: str
    tasks: list[Task]
    more: Link | None = None


def signed_in(view: Callable[[HttpRequest, list[Frame]], HttpResponse]) -> Any:
    """A page about a person in all her studies; as those of a study, no browser keeps it."""

    @never_cache
    @wraps(view)
    def wrapped(request: HttpRequest) -> HttpResponse:
        if not isinstance(request.user, Person):
            return session.ask_to_sign_in(request)
        return view(request, _frames(request, request.user))

    return wrapped


def _frames(request: HttpRequest, person: Person) -> list[Frame]:
    frames = []
    for study in studies_of(person):
        actor = actor_in(person, study)
        if actor is None:
            continue
        try:
            row, protocol = study_and_protocol(actor)
        except NotHere:
            continue
        frames.append(Frame(request, actor, protocol, row.demonstration))
    return frames


@signed_in
def today_page(request: HttpRequest, frames: list[Frame]) -> HttpResponse:
    """What waits: steps of the day, visits, queries, signatures, forms."""
    several = len(frames) > 1
    matters = [
        matter for frame in frames for matter in _matters(frame, waiting_for(frame.actor), several)
    ]
    context = _context(
        request,
        frames,
        _("What must I do today?"),
        under=dates.written(day_of(timezone.now())),
        matters=matters,
        quiet=_("Nothing waits for you today.") if frames else _("You have no study yet."),
        next=Link(_("Go to the study"), frames[0].href) if frames else None,
    )
    return render(request, "web/today.html", context)


def _matters(frame: Frame, waits: Waiting, several: bool) -> list[Matter]:
    lists: list[tuple[str, str, Any, Callable[[Frame, Any], Task], str]] = [
        (_("Steps to take"), "steps", waits.steps, _step_task, "participants"),
        (_("Visits overdue"), "overdue", waits.overdue, _visit_task, "visits?status=overdue"),
        (_("Visits due"), "due", waits.due, _visit_task, "visits?status=due"),
        (_("Queries to answer"), "queries", waits.queries, _query_task, "queries?status=open"),
        (_("Answers to judge"), "answers", waits.answers, _query_task, "queries?status=answered"),
        (_("Signatures asked for"), "signatures", waits.signatures, _entry_task,
         "forms?status=unsigned"),
        (_("Forms to fill in"), "forms", waits.forms, _forms_task, "forms?status=open"),
    ]  # fmt: skip
    found = []
    for heading, name, rows, task, place in lists:
        shown = list(rows[: FEW + 1])
        if not shown:
            continue
        rest = len(rows) if isinstance(rows, tuple) else rows.count()
        words = _("All {count}").format(count=rest)
        found.append(
            Matter(
                heading=f"{frame.actor.study} · {heading}" if several else heading,
                name=f"{frame.actor.study}-{name}" if several else name,
                tasks=[task(frame, row) for row in shown[:FEW]],
                more=Link(words, f"{frame.href}/{place}") if len(shown) > FEW else None,
            )
        )
    return found


def _step_task(frame: Frame, waits: StepWaiting) -> Task:
    return Task(
        f"{waits.code} · {STEP_WORDS[waits.step]}",
        Status(_("To do"), "todo"),
        f"{frame.href}/participants/{waits.code}/{STEP_PLACES[waits.step]}",
    )


def _visit_task(frame: Frame, visit: VisitRecord) -> Task:
    label = frame.protocol.visit(visit.visit).label.in_language(frame.language)
    assert visit.closes is not None  # noqa: S101 - a visit that waits has its window
    late = visit.closes < day_of(timezone.now())
    return Task(
        f"{visit.participant.code} · {label}",
        Status(_("Overdue"), "stop") if late else Status(_("Due"), "todo"),
        f"{frame.href}/participants/{visit.participant.code}/visits/{visit.visit}",
        _("until {day}").format(day=dates.written(visit.closes)),
    )


def _query_task(frame: Frame, query: Query) -> Task:
    answered = query.status == "answered"
    return Task(
        f"{query.entry.participant.code} · {question_of(frame, query)}",
        Status(_("Answered"), "todo") if answered else Status(_("Query open"), "caution"),
        f"{frame.href}/queries/{query.number}",
        frame.protocol.form(query.entry.form).label.in_language(frame.language),
    )


def _entry_task(frame: Frame, entry: Entry) -> Task:
    label = frame.protocol.form(entry.form).label.in_language(frame.language)
    code = entry.participant.code
    return Task(
        f"{code} · {label}",
        Status(_("To be signed"), "todo"),
        f"{frame.href}/participants/{code}/visits/{entry.visit}/{entry.form}/{entry.repeat}/sign",
        frame.protocol.visit(entry.visit).label.in_language(frame.language),
    )


def _forms_task(frame: Frame, visit: VisitRecord) -> Task:
    number: int = visit.open_forms  # type: ignore[attr-defined]
    label = frame.protocol.visit(visit.visit).label.in_language(frame.language)
    words = ngettext("{count} form", "{count} forms", number).format(count=number)
    return Task(
        f"{visit.participant.code} · {label}",
        Status(words, "todo"),
        f"{frame.href}/participants/{visit.participant.code}/visits/{visit.visit}",
        _("took place on {day}").format(day=dates.written(visit.actual)),
    )


@signed_in
def account_page(request: HttpRequest, frames: list[Frame]) -> HttpResponse:
    """Her name, her roles, her language, and the way out."""
    assert isinstance(request.user, Person)  # noqa: S101 - signed_in
    sites = {(site.study, site.code): site for site in Site.objects.all()}
    rows = []
    for seat in Membership.objects.filter(person=request.user).order_by("study", "role", "site"):
        site = sites.get((seat.study, seat.site))
        chinese = language.current_tag().startswith("zh")
        name = (site.name_zh if chinese else site.name_en) if site else ""
        rows.append(
            [
                Cell(seat.study, href=f"/studies/{seat.study}", code=True),
                Cell(str(ROLE_LABELS[Role(seat.role)])),
                Cell(name, unsaid=_("all sites")),
            ]
        )
    others = [
        Row(_("Other language"), Link(each.name, each.href)) for each in language.others(request)
    ]
    facts = [
        Row(_("Name"), request.user.name),
        Row(_("Name for signing in"), request.user.username, code=True),
        Row(_("Language of the pages"), language.NAMES[request.LANGUAGE_CODE][1]),
        *others,
    ]
    table = Table(
        caption=_("Roles"),
        columns=[Column(_("Study")), Column(_("Role")), Column(_("Site"))],
        rows=rows,
        empty=_("You hold no role in a study. An administrator gives you one."),
        captioned=False,
    )
    context = _context(request, frames, request.user.name, account=facts, roles=table)
    return render(request, "web/account.html", context)


def _context(
    request: HttpRequest, frames: list[Frame], heading: str, **more: Any
) -> dict[str, Any]:
    """What the base wants: the study's own bar where she has one study."""
    if len(frames) == 1:
        return frames[0].context(heading, **more)
    actors: list[Actor] = [frame.actor for frame in frames]
    person = request.user
    assert isinstance(person, Person)  # noqa: S101 - signed_in
    return {
        "heading": heading,
        "person": {"name": person.name},
        "today": count_today(actors),
        "demonstration": any(frame.demonstration for frame in frames),
        **more,
    }


def home(request: HttpRequest) -> HttpResponse:
    """Registered trials for everybody; what waits today for who is signed in."""
    signed = isinstance(request.user, Person) and studies_of(request.user)
    return redirect("/today" if signed else "trials")
