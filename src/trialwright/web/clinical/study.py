"""The study at a glance, its protocol and its ledger."""

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.safestring import mark_safe
from django.utils.translation import gettext as _

from trialwright.accounts.policy import Act, may
from trialwright.accounts.reads import names_of
from trialwright.accounts.roles import ROLE_LABELS
from trialwright.conduct.models import State
from trialwright.conduct.planning import day_of
from trialwright.conduct.reads.study import Overview, VisitDue, ledger_lines, overview
from trialwright.conduct.states import STATE_LABELS
from trialwright.ledger import book
from trialwright.ledger.reading import LedgerLine, Told
from trialwright.protocol.basics import Role
from trialwright.report.figures.enrolment import (
    EnrolmentChart,
    enrolment_figure,
    enrolment_sentence,
)
from trialwright.report.words import Words
from trialwright.web import dates
from trialwright.web.clinical.frame import Frame, in_study
from trialwright.web.components import Cell, Column, Link, Row, Status, Table, Task
from trialwright.web.protocol_page import Reader

_MANY = 12
PER_PAGE = 100


@in_study
def overview_page(frame: Frame) -> HttpResponse:
    """Enrolment, participants by state, what is open, what the study runs on."""
    from django.utils import timezone

    told = overview(frame.actor)
    words = Words("zh" if frame.language.startswith("zh") else "en")
    chart = EnrolmentChart(
        days=told.randomised_on,
        target=frame.protocol.participants,
        plan_from=None,
        plan_to=None,
        until=day_of(timezone.now()),
    )
    clinical = may(frame.actor, Act.SEE_PARTICIPANTS)
    context = frame.context(
        frame.protocol.title.in_language(frame.language),
        under=frame.actor.study,
        sentence=enrolment_sentence(chart, words),
        figure=mark_safe(enrolment_figure(chart, words).svg) if clinical else "",  # noqa: S308
        figure_table=_months(told),
        states=_states(told),
        matters=_matters(frame, told),
        facts=_facts(frame),
        places=_places(frame),
        action=Link(_("Participants"), f"{frame.href}/participants") if clinical else None,
    )
    return render(frame.request, "web/study.html", context)


def _places(frame: Frame) -> list[Link]:
    offered = [
        (Act.SEE_STUDY, _("Protocol"), "protocol"),
        (Act.SEE_PARTICIPANTS, _("Queries"), "queries"),
        (Act.SEE_CUTS, _("Data cuts and reports"), "cuts"),
        (Act.SEE_LEDGER, _("Ledger"), "ledger"),
    ]
    return [
        Link(words, f"{frame.href}/{place}")
        for act, words, place in offered
        if may(frame.actor, act)
    ]


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


def _states(told: Overview) -> Table:
    found = [state for state in State if any((state, site) in told.states for site in told.sites)]
    rows = [
        [
            Cell(str(STATE_LABELS[state])),
            *(Cell(told.states.get((state, site), 0)) for site in told.sites),
            Cell(sum(told.states.get((state, site), 0) for site in told.sites)),
        ]
        for state in found
    ]
    return Table(
        caption=_("Participants by state and site"),
        columns=[
            Column(_("State")),
            *(Column(_("Site {code}").format(code=site), number=True) for site in told.sites),
            Column(_("All"), number=True),
        ],
        rows=rows,
        empty=_("Nobody has been screened yet."),
        captioned=False,
    )


def _matters(frame: Frame, told: Overview) -> list[Task]:
    people = f"{frame.href}/participants"

    def visit(line: VisitDue, status: Status) -> Task:
        label = frame.protocol.visit(line.visit).label.in_language(frame.language)
        return Task(
            f"{line.code} · {label}",
            status,
            f"{people}/{line.code}/visits/{line.visit}",
            _("until {day}").format(day=dates.written(line.closes)),
        )

    tasks = [visit(line, Status(_("Overdue"), "caution")) for line in told.overdue]
    tasks += [visit(line, Status(_("Due"), "todo")) for line in told.due]
    tasks += [
        Task(
            f"{query.entry.participant.code} · {query.text}",
            Status(_("Query open"), "caution"),
            f"{frame.href}/queries/{query.number}",
        )
        for query in told.open_queries
    ]
    tasks += [
        Task(
            f"{entry.participant.code} · "
            f"{frame.protocol.form(entry.form).label.in_language(frame.language)}",
            Status(_("To be signed"), "todo"),
            f"{people}/{entry.participant.code}/visits/{entry.visit}/{entry.form}/{entry.repeat}",
            frame.protocol.visit(entry.visit).label.in_language(frame.language),
        )
        for entry in told.unsigned
    ]
    more = len(tasks) - _MANY
    if more > 0:
        tasks = tasks[:_MANY]
        words = _("{count} more").format(count=more)
        tasks.append(Task(words, Status(_("Open"), "idle"), people))
    return tasks


def _facts(frame: Frame) -> list[Row]:
    head = book.head(frame.actor.study)
    protocol = frame.protocol
    return [
        Row(_("Protocol version"), f"{protocol.version} · {protocol.date.isoformat()}"),
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
    )
    return render(frame.request, "web/protocol.html", context)


@in_study
def ledger_page(frame: Frame) -> HttpResponse:
    """The open chain of the ledger, latest first."""
    asked = frame.request.GET.get("before", "")
    before = int(asked) if asked.isascii() and asked.isdigit() else None
    lines = ledger_lines(frame.actor, before=before, limit=PER_PAGE)
    head = book.head(frame.actor.study)
    names = names_of({line.by for line in lines})
    table = Table(
        caption=_("Entries of the open chain, the latest first"),
        columns=[
            Column(_("Number"), number=True),
            Column(_("Recorded")),
            Column(_("Who")),
            Column(_("Action")),
            Column(_("What")),
            Column(_("Now")),
            Column(_("Before")),
            Column(_("Why")),
        ],
        rows=[_ledger_row(line, names) for line in lines],
        empty=_("Nothing has been entered yet."),
    )
    last = lines[-1].seq if lines else 0
    context = frame.context(
        _("Ledger"),
        crumbs=[],
        table=table,
        head={"number": head.seq, "hash": head.hash.hex()},
        older=Link(_("Older entries"), f"?before={last}") if last > 1 else None,
        how=_("Anyone with access to the machine can prove it: trialwright verify"),
    )
    return render(frame.request, "web/ledger.html", context)


def _ledger_row(line: LedgerLine, names: dict[str, str]) -> list[Cell]:
    role = str(ROLE_LABELS[Role(line.role)]) if line.role in set(Role) else line.role
    return [
        Cell(line.seq),
        Cell(line.recorded_at),
        Cell(f"{names.get(line.by, line.by)}, {role}"),
        Cell(line.action, code=True),
        Cell(f"{line.entity} {line.id[:8]} {line.field}", code=True),
        _told(line.new),
        _told(line.old),
        _told(line.reason),
    ]


def _told(told: Told) -> Cell:
    words = {
        "empty": _("emptied"),
        "never": "",
        "withheld": _("not shown to you"),
        "erased": _("erased"),
    }
    return Cell(told.text) if told.state == "text" else Cell("", unsaid=words[told.state] or "–")
