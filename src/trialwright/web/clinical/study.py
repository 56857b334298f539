"""The study at a glance, and its protocol."""

from typing import Literal

from csp.decorators import csp_update
from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.safestring import mark_safe
from django.utils.translation import gettext as _

from trialwright.accounts.policy import Act, may
from trialwright.conduct.models import State
from trialwright.conduct.participants.states import state_label
from trialwright.conduct.reads.holds import holds_seen
from trialwright.conduct.reads.study import Overview, overview
from trialwright.conduct.reads.waiting import waiting_in_study
from trialwright.ledger import journal
from trialwright.protocol.model import Protocol
from trialwright.report.document import Document
from trialwright.report.figures.enrolment import (
    enrolment_chart,
    enrolment_figure,
    enrolment_sentence,
)
from trialwright.report.words import ReportWords
from trialwright.web import dates
from trialwright.web.clinical.cuts import as_pdf
from trialwright.web.clinical.frame import Frame, in_study
from trialwright.web.components import Cell, Column, Link, Row, Status, Table, Task, Tone
from trialwright.web.protocol_page import Reader


@in_study
def overview_page(frame: Frame) -> HttpResponse:
    """Enrolment, participants by state, what is open, what the study runs on."""
    told = overview(frame.actor)
    words = ReportWords("zh" if frame.language.startswith("zh") else "en")
    today = timezone.localdate()
    chart = enrolment_chart(frame.protocol, told.randomised_on, began=told.began, until=today)
    clinical = may(frame.actor, Act.SEE_PARTICIPANTS)
    context = frame.context(
        frame.protocol.title.in_language(frame.language),
        under=frame.actor.study,
        sentence=enrolment_sentence(chart, words),
        figure=mark_safe(enrolment_figure(chart, words).svg) if clinical else "",  # noqa: S308
        figure_table=_months(told),
        states=_states(told, frame.protocol),
        matters=_matters(frame) if clinical else [],
        clinical=clinical,
        facts=_facts(frame),
        action=Link(_("Participants"), f"{frame.href}/participants") if clinical else None,
    )
    return render(frame.request, "web/study.html", context)


def _months(told: Overview) -> Table:
    months: dict[str, int] = {}
    for day in told.randomised_on:
        month = f"{day:%Y-%m}"
        months[month] = months.get(month, 0) + 1
    total = 0
    rows = []
    for month, count in months.items():
        total += count
        rows.append([Cell(month), Cell(count), Cell(total)])
    return Table(
        caption=_("Randomised by month"),
        columns=[
            Column(_("Month")),
            Column(_("Randomised"), number=True),
            Column(_("In all"), number=True),
        ],
        rows=rows,
        empty=_("Nobody has been randomised yet."),
    )


def _states(told: Overview, protocol: Protocol) -> Table:
    found = [state for state in State if any((state, site) in told.states for site in told.sites)]
    # Who sees one site is not told its numbers a second time as everybody's.
    several = len(told.sites) > 1
    rows = []
    for state in found:
        counts = [told.states.get((state, site), 0) for site in told.sites]
        rows.append([Cell(state_label(state, protocol)), *map(Cell, counts)])
        if several:
            rows[-1].append(Cell(sum(counts)))
    return Table(
        caption=_("Participants by state and site"),
        columns=[
            Column(_("State")),
            *(Column(_("Site {code}").format(code=site), number=True) for site in told.sites),
            *([Column(_("All"), number=True)] if several else []),
        ],
        rows=rows,
        empty=_("Nobody has been screened yet."),
        captioned=False,
    )


def _matters(frame: Frame) -> list[Task]:
    """Counts, each with the way to its list: a study's own list would be too long to read."""
    waits = waiting_in_study(frame.actor)
    holds = sum(each.in_force for each in holds_seen(frame.actor))
    counted: list[tuple[str, int, Tone, str]] = [
        (_("Holds in force"), holds, "stop", "holds"),
        (_("Visits overdue"), waits.overdue.count(), "stop", "visits?status=overdue"),
        (_("Visits due"), waits.due.count(), "todo", "visits?status=due"),
        (_("Visits with forms to fill in"), waits.forms.count(), "todo", "forms?status=open"),
        (_("Forms to be signed"), waits.signatures.count(), "todo", "forms?status=unsigned"),
        (_("Open queries"), waits.queries.count(), "caution", "queries?status=open"),
        (_("Query responses to review"), waits.answers.count(), "todo", "queries?status=answered"),
    ]
    return [
        Task(words, Status(str(count), tone), f"{frame.href}/{place}")
        for words, count, tone, place in counted
        if count
    ]


def _facts(frame: Frame) -> list[Row]:
    head = journal.head(frame.actor.study)
    protocol = frame.protocol
    return [
        Row(_("Protocol version"), f"{protocol.version} · {dates.written(protocol.date)}"),
        Row(_("Twin of"), protocol.twin_of or "", unsaid=_("No other trial")),
        Row(_("Hash of the protocol"), protocol.sha256[:16], code=True),
        Row(_("Ledger head"), f"{head.seq} · {head.hash.hex()[:12]}", code=True),
    ]


@in_study
def protocol_page(frame: Frame) -> HttpResponse:
    """The protocol to read, origins marked; block sizes only for unmasked people."""
    reader = Reader(frame.protocol, frame.language, masked=not may(frame.actor, Act.SEE_ARMS))
    context = frame.context(
        _("Protocol {version}").format(version=frame.protocol.version),
        crumbs=[],
        origins=reader.counts(),
        sections=reader.sections(),
        plans=[
            Link(_("Statistical analysis plan (PDF)"), f"{frame.href}/protocol/analysis-plan.pdf"),
            Link(
                _("Statistical analysis plan (page)"), f"{frame.href}/protocol/analysis-plan.html"
            ),
            Link(_("Case report form, blank (PDF)"), f"{frame.href}/protocol/crf.pdf"),
            Link(_("Annotated case report form (PDF)"), f"{frame.href}/protocol/annotated-crf.pdf"),
        ],
    )
    return render(frame.request, "web/protocol.html", context)


def _plan(frame: Frame) -> Document:
    from trialwright.report.analysis_plan import analysis_plan

    language: Literal["en", "zh"] = "zh" if frame.language.startswith("zh") else "en"
    shown = may(frame.actor, Act.SEE_ARMS)
    return analysis_plan(frame.protocol, language=language, block_sizes=shown)


@in_study
def plan_pdf(frame: Frame) -> HttpResponse:
    """The statistical analysis plan as PDF; block sizes only for unblinded people."""
    return as_pdf(_plan(frame), f"{frame.actor.study}-analysis-plan")


@csp_update({"style-src": ["'unsafe-inline'"]})
@in_study
def plan_html(frame: Frame) -> HttpResponse:
    """The statistical analysis plan as a page that stands alone."""
    from trialwright.report.html import render_html

    back = (_("Protocol"), f"{frame.href}/protocol")
    return HttpResponse(render_html(_plan(frame), back=back))
