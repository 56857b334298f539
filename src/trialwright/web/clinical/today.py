"""What a person must do today, in all their studies, and who they are here."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial, wraps
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache

from trialwright.accounts.models import Person
from trialwright.accounts.policy import Actor
from trialwright.accounts.reads import studies_of
from trialwright.conduct.models import (
    AdverseEvent,
    Deviation,
    Draft,
    Entry,
    KitStatus,
    Query,
    VisitRecord,
)
from trialwright.conduct.participants.reconsenting import Reconsent
from trialwright.conduct.reads.appointments import AppointmentLine, AppointmentStatus
from trialwright.conduct.reads.cohorts import CohortsToRead
from trialwright.conduct.reads.first_results import ResultsToReview
from trialwright.conduct.reads.kits import Shipment
from trialwright.conduct.reads.people import enter
from trialwright.conduct.reads.pregnancies import PregnancyLine
from trialwright.conduct.reads.reconsents import ReconsentLine
from trialwright.conduct.reads.steps import NextStep
from trialwright.conduct.reads.unblinding import UnblindingLine
from trialwright.conduct.reads.waiting import Waiting, waiting_for
from trialwright.conduct.reads.waiting_steps import StepWaiting
from trialwright.conduct.refusals import NotFound
from trialwright.web import dates
from trialwright.web.clinical import session
from trialwright.web.clinical.appointment_words import status_of, visit_words, when
from trialwright.web.clinical.deviation_words import about, kind_of
from trialwright.web.clinical.form_words import entry_label
from trialwright.web.clinical.frame import Frame, count_today
from trialwright.web.clinical.kit_words import kit_status
from trialwright.web.clinical.monitoring_words import monitoring_task
from trialwright.web.clinical.query_words import question_of
from trialwright.web.clinical.step_words import (
    STEP_PLACES,
    next_step_words,
    step_place,
    step_words,
)
from trialwright.web.clinical.verification import verification_task
from trialwright.web.components import Link, Status, Task
from trialwright.web.products.deciding import lot_task
from trialwright.web.products.notices import notice_task
from trialwright.web.products.shipping import receive_task
from trialwright.web.safety.clocks import clock_task
from trialwright.web.safety.event_words import term_words
from trialwright.web.safety.unblinding_words import URGENCY_WORDS
from trialwright.web.setup.waiting import setup_tasks

FEW = 12


@dataclass(frozen=True, slots=True)
class Matter:
    """One kind of thing to do; `more` leads to the rest, `in_turn` to all of them one by one."""

    heading: str
    name: str
    tasks: list[Task]
    more: Link | None = None
    in_turn: Link | None = None


def signed_in(view: Callable[[HttpRequest, list[Frame]], HttpResponse]) -> Any:
    """A page about a person in all their studies; as those of a study, no browser keeps it."""

    @never_cache
    @wraps(view)
    def wrapped(request: HttpRequest) -> HttpResponse:
        if not isinstance(request.user, Person):
            return session.ask_to_sign_in(request)
        return view(request, frames_of(request, request.user))

    return wrapped


def frames_of(request: HttpRequest, person: Person) -> list[Frame]:
    """The studies of a person, each as one request has it."""
    frames = []
    for study in studies_of(person):
        try:
            actor, row, protocol = enter(person, study)
        except NotFound:
            continue
        frames.append(Frame(request, actor, protocol, row.demonstration))
    return frames


@signed_in
def today_page(request: HttpRequest, frames: list[Frame]) -> HttpResponse:
    """What waits: steps of the day, visits, queries, signatures, forms."""
    several = len(frames) > 1
    assert isinstance(request.user, Person)  # noqa: S101 - signed_in
    matters = [
        Matter(heading, name, tasks) for heading, name, tasks in setup_tasks(request.user) if tasks
    ]
    matters += [
        matter for frame in frames for matter in _matters(frame, waiting_for(frame.actor), several)
    ]
    context = personal_context(
        request,
        frames,
        _("What must I do today?"),
        under=dates.written(timezone.localdate()),
        matters=matters,
        tour=any(frame.demonstration for frame in frames),
        quiet=_("Nothing waits for you today.") if frames else _("You have no study yet."),
        next=Link(_("Go to the study"), frames[0].href)
        if len(frames) == 1
        else Link(_("Go to the studies"), "/studies"),
    )
    return render(request, "web/today.html", context)


def _matters(frame: Frame, waits: Waiting, several: bool) -> list[Matter]:
    ahead = _of(waits.appointments, AppointmentStatus.AHEAD)
    unrecorded = _of(waits.appointments, AppointmentStatus.UNRECORDED)
    # Of sites in several zones, the day that is furthest on.
    last = max((line.day for line in ahead), default=timezone.localdate())
    lists: list[tuple[str, str, Any, Callable[[Frame, Any], Task], str]] = [
        (_("Typed and not saved"), "drafts", waits.drafts, _draft_task, "participants"),
        (_("Reports due"), "clocks", waits.clocks, clock_task, "clocks?status=running"),
        (_("Participants to call"), "notices", waits.notices, notice_task, "participants"),
        (_("Holds to decide"), "holds", waits.holds, _hold_task, "holds/decide"),
        (_("Lots to decide"), "lots", waits.lots, lot_task, "products"),
        (_("Containers to receive"), "containers", waits.containers, receive_task, "products"),
        (_("Causes to judge"), "causes", waits.causes, _cause_task, "adverse-events?cause=open"),
        (_("Board meetings to sign"), "meetings", waits.meetings, _meeting_task, "board"),
        (_("Unblindings to judge"), "unblindings", waits.unblindings, _unblinding_task,
         "unblindings"),
        (_("Results to review"), "reviews", waits.reviews, _review_task, "first-results"),
        (_("Cohorts to decide"), "cohorts", waits.cohorts, _cohort_task, "cohorts"),
        (_("Shipments to confirm"), "shipments", waits.shipments, _shipment_task, "kits"),
        (_("Pregnancies to follow"), "pregnancies", waits.pregnancies, _pregnancy_task,
         "adverse-events"),
        (_("Consents to renew"), "reconsents", waits.reconsents, _reconsent_task,
         "participants"),
        (_("Actions due"), "steps", waits.steps, _step_task, "participants"),
        (_("Appointments today"), "appointments", ahead, _appointment_task,
         f"appointments?status=ahead&to={last}"),
        (_("Appointments past, visit not recorded"), "unrecorded", unrecorded, _appointment_task,
         "appointments?status=unrecorded"),
        (_("Visits overdue"), "overdue", waits.overdue, partial(_visit_task, late=True),
         "visits?status=overdue"),
        (_("Visits due"), "due", waits.due, partial(_visit_task, late=False),
         "visits?status=due"),
        (_("Open queries"), "queries", waits.queries, _query_task, "queries?status=open"),
        (_("Query responses to review"), "answers", waits.answers, _query_task,
         "queries?status=answered"),
        (_("Deviations to classify"), "deviations", waits.deviations, _deviation_task,
         "deviations?status=open"),
        (_("Results to judge"), "abnormal", waits.abnormal, _abnormal_task,
         "forms?status=abnormal"),
        (_("Monitoring visits"), "monitoring", waits.monitoring, monitoring_task,
         "monitoring/findings?status=open"),
        (_("Source data to verify"), "verification", waits.verification, verification_task,
         "verification"),
        (_("Signatures due"), "signatures", waits.signatures, _entry_task,
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
                heading=_in_study(frame, heading) if several else heading,
                name=f"{frame.actor.study}-{name}" if several else name,
                tasks=[task(frame, row) for row in shown[:FEW]],
                more=Link(words, f"{frame.href}/{place}") if len(shown) > FEW else None,
                in_turn=Link(_("Check and sign them, visit by visit"), f"{frame.href}/to-sign")
                if name == "signatures"
                else None,
            )
        )
    return found


def _in_study(frame: Frame, heading: str) -> str:
    """A heading under the line of its study, with what marks that study.

    The ribbon over the page stands for all of it, so beside studies of real participants it is
    away, and each study tells by itself that its participants are invented.
    """
    if of := frame.protocol.training_of:
        mark = _("Training copy of {study}").format(study=of)
    elif frame.demonstration:
        mark = _("Demonstration")
    else:
        mark = ""
    marked = [(frame.actor.study,), *([(mark,)] if mark else [])]
    line = format_html_join(" ", "<span>{}</span>", marked)
    return format_html('<span class="of-study">{}</span> {}', line, heading)


def _of(
    lines: tuple[AppointmentLine, ...], status: AppointmentStatus
) -> tuple[AppointmentLine, ...]:
    return tuple(line for line in lines if line.status is status)


def _appointment_task(frame: Frame, line: AppointmentLine) -> Task:
    return Task(
        f"{line.code} · {visit_words(frame.protocol, line.visit, frame.language)}",
        status_of(line),
        f"{frame.href}/participants/{line.code}/visits/{line.visit}",
        f"{when(line)} ({line.zone.key})",
    )


def _step_task(frame: Frame, waits: StepWaiting) -> Task:
    if isinstance(waits.step, NextStep):
        words, place = next_step_words(frame, waits.step), STEP_PLACES[waits.step]
    else:
        words, place = step_words(frame, waits.step), step_place(waits.step)
    return Task(
        f"{waits.code} · {words}",
        Status(_("To do"), "todo"),
        f"{frame.href}/participants/{waits.code}/{place}",
    )


def _reconsent_task(frame: Frame, line: ReconsentLine) -> Task:
    words = {
        Reconsent.MAJORITY: _("{code} · may have come of age, consents again"),
        Reconsent.VERSION: _("{code} · consents to version {version}"),
    }[line.why].format(code=line.code, version=line.version)
    where = f"{frame.href}/participants/{line.code}/consent/again"
    return Task(words, Status(_("To do"), "todo"), where)


def _pregnancy_task(frame: Frame, line: PregnancyLine) -> Task:
    words = _("{code} · how did the pregnancy end?").format(code=line.code)
    where = f"{frame.href}/adverse-events/{line.case}/outcome"
    return Task(words, Status(_("To do"), "todo"), where)


def _review_task(frame: Frame, review: ResultsToReview) -> Task:
    number = len(review.results)
    words = ngettext("The first result", "The first {count} results", number).format(count=number)
    return Task(words, Status(_("To be signed"), "todo"), f"{frame.href}/first-results")


def _unblinding_task(frame: Frame, line: UnblindingLine) -> Task:
    words = URGENCY_WORDS[line.urgency].in_language(frame.language)
    where = f"{frame.href}/unblindings/{line.number}/judge"
    return Task(f"{line.code} · {words}", Status(_("To be judged"), "todo"), where)


def _hold_task(frame: Frame, number: int) -> Task:
    words = ngettext("{count} hold in force", "{count} holds in force", number)
    where = f"{frame.href}/holds/decide"
    return Task(words.format(count=number), Status(_("To be decided"), "stop"), where)


def _cause_task(frame: Frame, event: AdverseEvent) -> Task:
    number = event.number
    return Task(
        f"{event.participant.code} · {term_words(event.term, frame.language)}",
        Status(_("To be judged"), "todo"),
        f"{frame.href}/adverse-events/{number}/cause",
        _("Adverse event {number}").format(number=number),
    )


def _meeting_task(frame: Frame, number: int) -> Task:
    words = _("Meeting {number} of the board").format(number=number)
    return Task(words, Status(_("To be signed"), "todo"), f"{frame.href}/board/{number}")


def _cohort_task(frame: Frame, cohorts: CohortsToRead) -> Task:
    words, place = _("The next dose cohort"), f"{frame.href}/cohorts"
    if cohorts.group:
        group = frame.protocol.group(cohorts.group).label.in_language(frame.language)
        words, place = f"{words} · {group}", f"{place}/{cohorts.group}"
    return Task(words, Status(_("To be signed"), "todo"), place)


def _shipment_task(frame: Frame, shipment: Shipment) -> Task:
    words = ngettext("{count} kit", "{count} kits", shipment.kits).format(count=shipment.kits)
    site = _("Site {code}").format(code=shipment.site)
    return Task(f"{site} · {words}", kit_status(KitStatus.SENT), f"{frame.href}/kits/receive")


def _visit_task(frame: Frame, visit: VisitRecord, *, late: bool) -> Task:
    label = frame.protocol.visit(visit.visit).label.in_language(frame.language)
    assert visit.closes is not None  # noqa: S101 - a visit that waits has its window
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


def _deviation_task(frame: Frame, deviation: Deviation) -> Task:
    return Task(
        f"{deviation.participant.code} · {kind_of(frame, deviation)}",
        Status(_("To be classified"), "todo"),
        f"{frame.href}/deviations/{deviation.number}",
        about(frame, deviation),
    )


def _entry_task(frame: Frame, entry: Entry) -> Task:
    label = entry_label(frame, entry)
    code = entry.participant.code
    return Task(
        f"{code} · {label}",
        Status(_("To be signed"), "todo"),
        f"{frame.href}/participants/{code}/visits/{entry.visit}/{entry.form}/{entry.repeat}/sign",
        frame.protocol.visit(entry.visit).label.in_language(frame.language),
    )


def _draft_task(frame: Frame, draft: Draft) -> Task:
    label = entry_label(frame, draft)
    code = draft.participant.code
    return Task(
        f"{code} · {label}",
        Status(_("Draft, not saved"), "todo"),
        f"{frame.href}/participants/{code}/visits/{draft.visit}/{draft.form}/{draft.repeat}",
        frame.protocol.visit(draft.visit).label.in_language(frame.language),
    )


def _abnormal_task(frame: Frame, entry: Entry) -> Task:
    label = entry_label(frame, entry)
    code = entry.participant.code
    place = f"{code}/visits/{entry.visit}/{entry.form}/{entry.repeat}/significance"
    return Task(
        f"{code} · {label}",
        Status(_("To be judged"), "todo"),
        f"{frame.href}/participants/{place}",
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


def personal_context(
    request: HttpRequest, frames: list[Frame], heading: str, **more: Any
) -> dict[str, Any]:
    """What the base wants: the study's own bar where the person has one study; the ribbon of
    invented participants where they have no other."""
    if len(frames) == 1:
        return frames[0].context(heading, **more)
    actors: list[Actor] = [frame.actor for frame in frames]
    person = request.user
    assert isinstance(person, Person)  # noqa: S101 - signed_in
    return {
        "heading": heading,
        "person": {"name": person.name},
        "today": count_today(actors),
        "demonstration": bool(frames) and all(frame.demonstration for frame in frames),
        **more,
    }
