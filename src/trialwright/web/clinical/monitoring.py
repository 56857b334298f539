"""Visits of monitors: the reports, writing and signing one, and following its findings."""

from typing import Literal

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from trialwright.accounts.models import Site
from trialwright.conduct.actions import monitoring as actions
from trialwright.conduct.actions.monitoring import Finding, VisitReport
from trialwright.conduct.models.monitoring import Severity, VisitKind
from trialwright.conduct.reads.monitoring import (
    FindingTold,
    Said,
    Signed,
    VisitTold,
    one_finding,
    one_visit,
    sites_to_write_of,
    visits_seen,
    writes_somewhere,
)
from trialwright.conduct.refusals import NotFound
from trialwright.conduct.visit_reports import FindingState
from trialwright.ledger import journal
from trialwright.messages import Message
from trialwright.protocol.basics import Text
from trialwright.protocol.forms import Form, ItemType
from trialwright.report.visit_report import FindingLine, VisitForm, visit_document
from trialwright.web import dates
from trialwright.web.clinical import signing, steps
from trialwright.web.clinical.cuts import as_pdf
from trialwright.web.clinical.filters import choice, sites_of
from trialwright.web.clinical.frame import Frame, in_study
from trialwright.web.clinical.listing import Kind, Listing, answer, iso
from trialwright.web.clinical.monitoring_words import (
    KIND_WORDS,
    SEVERITY_WORDS,
    STATE_WORDS,
    about_words,
    days_words,
    finding_name,
    finding_status,
    kind_words,
    visit_status,
)
from trialwright.web.clinical.steps import Given, day, question
from trialwright.web.components import Cell, Column, Link, Row, Table
from trialwright.web.signature_words import ACKNOWLEDGED, VISIT, meaning_of, signature_line


@in_study
def list_page(frame: Frame, kind: Kind = "") -> HttpResponse:
    """The reports of visits, the latest first."""
    site = sites_of(frame)
    found = [each for each in visits_seen(frame.actor) if site.value in ("", each.site)]
    count = ngettext("{count} visit", "{count} visits", len(found)).format(count=len(found))
    listing = Listing(
        heading=_("Monitoring visits"),
        caption=count,
        columns=[
            Column(_("Visit")), Column(_("Site")), Column(_("Kind")),
            Column(pgettext("visit", "Days")), Column(_("Findings"), number=True),
            Column(_("Open"), number=True), Column(_("Report")),
        ],
        rows=found,
        cells=lambda visit: [
            Cell(visit.number, href=f"{frame.href}/monitoring/{visit.number}"),
            Cell(visit.site),
            Cell(kind_words(frame, visit)),
            Cell(days_words(visit)),
            Cell(len(visit.findings)),
            Cell(_open(visit)),
            Cell(visit_status(visit)),
        ],
        plain=lambda visit: {
            "visit": visit.number,
            "site": visit.site,
            "kind": visit.kind.value,
            "first_day": iso(visit.first_day),
            "last_day": iso(visit.last_day),
            "findings": len(visit.findings),
            "open": _open(visit),
            "signed_at": iso(visit.signed.at) if visit.signed else None,
            "acknowledged_at": iso(visit.acknowledged.at) if visit.acknowledged else None,
        },
        empty=_("No report of a monitor's visit is here yet. The monitor writes it, and the site "
                "reads it once it is signed."),
        more={
            "filters": [site] if len(site.options) > 1 else [],
            "beside": Link(_("All findings"), f"{frame.href}/monitoring/findings"),
            "action": Link(_("Record a monitoring visit"), f"{frame.href}/monitoring/new")
            if writes_somewhere(frame.actor)
            else None,
        },
    )  # fmt: skip
    return answer(frame, listing, kind)


def _open(visit: VisitTold) -> int:
    return sum(each.state is not FindingState.CLOSED for each in visit.findings)


@in_study
def findings_page(frame: Frame, kind: Kind = "") -> HttpResponse:
    """The findings of all visits, those due first on top."""
    language = frame.language
    site = sites_of(frame)
    states = [(key.value, words.in_language(language)) for key, words in STATE_WORDS.items()]
    grades = [(key.value, words.in_language(language)) for key, words in SEVERITY_WORDS.items()]
    state = choice(frame, "status", _("Status"), [*states, ("overdue", _("Overdue"))])
    grade = choice(frame, "severity", _("Severity"), grades)
    rows = [
        finding
        for visit in visits_seen(frame.actor)
        for finding in visit.findings
        if site.value in ("", finding.site)
        and grade.value in ("", finding.severity.value)
        and (state.value in ("", finding.state.value) or (state.value == "overdue"
                                                          and finding.overdue))
    ]  # fmt: skip
    rows.sort(key=lambda each: (each.state is FindingState.CLOSED, each.due, each.visit))
    count = ngettext("{count} finding", "{count} findings", len(rows)).format(count=len(rows))
    listing = Listing(
        heading=_("Findings of monitoring visits"),
        caption=count,
        columns=[Column(_("Finding")), Column(_("Site")), *_finding_columns()[1:]],
        rows=rows,
        cells=lambda each: _with_site(_finding_cells(frame, each), each.site),
        plain=lambda each: {
            "visit": each.visit,
            "finding": each.number,
            "site": each.site,
            "severity": each.severity.value,
            "participant": each.participant,
            "form": each.form,
            "description": each.description,
            "action": each.action,
            "due": iso(each.due),
            "status": each.state.value,
            "answer": each.answer.words if each.answer else None,
            "reply": each.reply.words if each.reply else None,
        },
        empty=_("No finding of this kind."),
        more={
            "filters": [*([site] if len(site.options) > 1 else []), state, grade],
            "beside": Link(_("Monitoring visits"), f"{frame.href}/monitoring"),
        },
    )  # fmt: skip
    return answer(frame, listing, kind)


def _href(frame: Frame, finding: FindingTold) -> str:
    return f"{frame.href}/monitoring/{finding.visit}/findings/{finding.number}"


@in_study
def record_page(frame: Frame) -> HttpResponse:
    """Write the report of a visit."""
    sites = sites_to_write_of(frame.actor)
    start = {"site": sites[0]} if len(sites) == 1 else None
    step = _report_step(frame, sites, None, start)
    return steps.run(frame, step, frame.context(step.heading, crumbs=_crumbs(frame)))


@in_study
def correct_page(frame: Frame, number: int) -> HttpResponse:
    """Correct a report until it is signed."""
    visit = _written(frame, number)
    start = {
        "site": visit.site,
        "kind": visit.kind.value,
        "first_day": visit.first_day.isoformat(),
        "last_day": visit.last_day.isoformat(),
        "summary": visit.summary,
    }
    step = _report_step(frame, (visit.site,), visit, start)
    return steps.run(frame, step, frame.context(step.heading, crumbs=_crumbs(frame, visit)))


def _written(frame: Frame, number: int) -> VisitTold:
    """A report that this person may change."""
    visit = one_visit(frame.actor, number)
    if not visit.writes:
        raise NotFound
    return visit


def _report_step(
    frame: Frame, sites: tuple[str, ...], visit: VisitTold | None, start: dict[str, str] | None
) -> steps.Step:
    rows = Site.objects.filter(study=frame.actor.study, code__in=sites).order_by("code")
    named = [(row.code, Text(row.name_en, row.name_zh)) for row in rows]
    kinds = [(key.value, words) for key, words in KIND_WORDS.items()]

    def record(given: Given) -> str:
        report = VisitReport(
            site=str(given["site"]),
            kind=VisitKind(str(given["kind"])),
            first_day=day(given["first_day"]),
            last_day=day(given["last_day"]),
            summary=str(given["summary"]),
        )
        number = visit.number if visit else None
        made = actions.record_visit(by=frame.actor, report=report, number=number)
        return f"{frame.href}/monitoring/{made}"

    return steps.Step(
        heading=_("Record a monitoring visit")
        if visit is None
        else _("Correct the report of visit {number}").format(number=visit.number),
        button=_("Save"),
        form=steps.form_of(
            question("site", Message.in_context("step", "Site"), ItemType.CHOICE,
                     code_list=steps.choices("site", *named)),
            question("kind", Message("Kind of visit"), ItemType.CHOICE,
                     code_list=steps.choices("kind", *kinds)),
            question("first_day", Message("First day"), ItemType.DATE),
            question("last_day", Message("Last day"), ItemType.DATE),
            question("summary", Message("What was looked at, and what was found"), ItemType.TEXT,
                     longest=actions.LONGEST_SUMMARY,
                     hint=Message("Blinded people read this: nothing by arm")),
            label=Message("The visit"),
        ),
        act=record,
        done=_("Saved. Add the findings, then sign the report."),
        then=f"{frame.href}/monitoring" + (f"/{visit.number}" if visit else ""),
        goes_on_to_what_came=True,
        start=start,
    )  # fmt: skip


@in_study
def visit_page(frame: Frame, number: int) -> HttpResponse:
    """One report; it is signed and acknowledged here."""
    visit = one_visit(frame.actor, number)
    role, meaning, act = visit.to_sign, VISIT, actions.sign_visit
    if role is None:
        role, meaning, act = visit.to_acknowledge, ACKNOWLEDGED, actions.acknowledge_visit
    if frame.request.method == "POST" and role is None:
        raise NotFound
    came = signing.signed_by(
        frame, lambda read: act(by=frame.actor, number=number, content_hash=read)
    )
    here = f"{frame.href}/monitoring/{number}"
    if came.signed:
        messages.success(frame.request, _("Signed."))
        return redirect(here)
    links = [Link(_("Report (PDF)"), f"{here}/report.pdf")]
    if visit.writes:
        links = [
            Link(_("Add a finding"), f"{here}/findings/new"),
            Link(_("Correct the report"), f"{here}/correct"),
            *links,
        ]
    button = ""
    if role is not None:
        told = frame.protocol.roles.label(role, frame.language)
        words = _("Sign as {role}") if visit.writes else _("Acknowledge as {role}")
        button = words.format(role=told)
    context = frame.context(
        _("Monitoring visit {number}, site {site}").format(number=number, site=visit.site),
        crumbs=_crumbs(frame),
        sections=[(_("The visit"), _visit_rows(frame, visit))],
        about=_("Findings"),
        table=_findings_table(frame, visit),
        links=links,
        statement=meaning_of(meaning),
        revision=visit.content_hash,
        **signing.context(frame, button, came),
    )
    return render(frame.request, "web/check.html", context, status=came.status)


def _visit_rows(frame: Frame, visit: VisitTold) -> list[Row]:
    def line(signed: Signed, meaning: str) -> str:
        who = frame.name_and_role(signed.name, signed.role)
        return signature_line(who, signed.at, meaning, visit.content_hash)

    recorded = frame.name_and_role(visit.recorded.name, visit.recorded.role)
    return [
        Row(_("Kind of visit"), kind_words(frame, visit)),
        Row(pgettext("visit", "Days"), days_words(visit)),
        Row(_("What was looked at, and what was found"), visit.summary),
        Row(_("Recorded by"), f"{recorded}, {dates.written(visit.recorded.at)}"),
        Row(_("Signed"), line(visit.signed, VISIT) if visit.signed else "",
            unsaid=_("Not yet: the site doesn't see the report before")),
        Row(_("Acknowledged"),
            line(visit.acknowledged, ACKNOWLEDGED) if visit.acknowledged else "",
            unsaid=_("Not yet")),
    ]  # fmt: skip


def _findings_table(frame: Frame, visit: VisitTold) -> Table:
    return Table(
        caption=_("Findings"),
        captioned=False,
        columns=_finding_columns(),
        rows=[_finding_cells(frame, each) for each in visit.findings],
        empty=_("None"),
    )


def _with_site(cells: list[Cell], site: str) -> list[Cell]:
    return [cells[0], Cell(site), *cells[1:]]


def _finding_columns() -> list[Column]:
    return [
        Column(_("Finding")),
        Column(_("Severity")),
        Column(_("About")),
        Column(pgettext("finding", "What was found")),
        Column(_("Due date")),
        Column(_("Status")),
    ]


def _finding_cells(frame: Frame, each: FindingTold) -> list[Cell]:
    return [
        Cell(f"{each.visit}.{each.number}", href=_href(frame, each)),
        Cell(SEVERITY_WORDS[each.severity].in_language(frame.language)),
        Cell(about_words(frame, each), unsaid="–"),
        Cell(each.description),
        Cell(each.due),
        Cell(finding_status(frame, each)),
    ]


@in_study
def new_finding_page(frame: Frame, number: int) -> HttpResponse:
    """Add a finding to a report that isn't signed."""
    visit = _written(frame, number)
    step = _finding_step(frame, visit, None)
    return steps.run(frame, step, frame.context(step.heading, crumbs=_crumbs(frame, visit)))


@in_study
def correct_finding_page(frame: Frame, number: int, finding: int) -> HttpResponse:
    """Correct a finding of a report that isn't signed."""
    visit, told = _written_finding(frame, number, finding)
    step = _finding_step(frame, visit, told)
    return steps.run(frame, step, frame.context(step.heading, crumbs=_crumbs(frame, visit)))


@in_study
def remove_finding_page(frame: Frame, number: int, finding: int) -> HttpResponse:
    """Take a finding out of a report that isn't signed."""
    visit, told = _written_finding(frame, number, finding)
    step = steps.Step(
        heading=_("Remove finding {visit}.{number}").format(visit=number, number=finding),
        button=_("Remove the finding"),
        form=steps.form_of(),
        act=lambda _given: actions.remove_finding(by=frame.actor, visit=number, number=finding),
        done=_("The finding is removed."),
        then=f"{frame.href}/monitoring/{number}",
        facts=_told_rows(frame, told),
    )
    return steps.run(frame, step, frame.context(step.heading, crumbs=_crumbs(frame, visit)))


def _written_finding(frame: Frame, number: int, finding: int) -> tuple[VisitTold, FindingTold]:
    visit, told = one_finding(frame.actor, number, finding)
    if not visit.writes:
        raise NotFound
    return visit, told


def _finding_step(frame: Frame, visit: VisitTold, told: FindingTold | None) -> steps.Step:
    grades = [(key.value, words) for key, words in SEVERITY_WORDS.items()]
    forms = [(form.key, form.label) for form in frame.protocol.forms if not form.unmasking]
    most = actions.LONGEST

    def record(given: Given) -> None:
        actions.record_finding(
            by=frame.actor,
            visit=visit.number,
            number=told.number if told else None,
            finding=Finding(
                severity=Severity(str(given["severity"])),
                description=str(given["description"]),
                action=str(given["action"]),
                due=day(given["due"]),
                participant=str(given.get("participant", "")),
                form=str(given.get("form", "")),
            ),
        )

    start = None
    if told is not None:
        start = {
            "severity": told.severity.value,
            "participant": told.participant,
            "form": told.form,
            "description": told.description,
            "action": told.action,
            "due": told.due.isoformat(),
        }
    return steps.Step(
        heading=_("Add a finding to visit {number}").format(number=visit.number)
        if told is None
        else _("Correct finding {visit}.{number}").format(visit=visit.number, number=told.number),
        button=_("Save the finding"),
        form=steps.form_of(
            question("description", Message.in_context("finding", "What was found"),
                     ItemType.TEXT, longest=most,
                     hint=Message("Blinded people read this: nothing by arm")),
            question("severity", Message("Severity"), ItemType.CHOICE,
                     code_list=steps.choices("severity", *grades)),
            question("participant", Message("Participant"), ItemType.TEXT, longest=16,
                     optional=True, hint=Message("Code, where it is about one")),
            question("form", Message("Form"), ItemType.CHOICE, optional=True,
                     code_list=steps.choices("form", *forms)),
            question("action", Message("What the site is asked to do"), ItemType.TEXT,
                     longest=most),
            question("due", Message("Due date"), ItemType.DATE),
            label=Message("The finding"),
        ),
        act=record,
        done=_("The finding is saved."),
        then=f"{frame.href}/monitoring/{visit.number}",
        start=start,
    )  # fmt: skip


@in_study
def finding_page(frame: Frame, number: int, finding: int) -> HttpResponse:
    """One finding: the site answers it, and who verifies there says whether that settles it."""
    visit, told = one_finding(frame.actor, number, finding)
    acts = told.answers or told.replies
    if frame.request.method == "POST" and not acts:
        raise NotFound
    step = _reply_step(frame, told) if told.replies else _answer_step(frame, told)
    crumbs = _crumbs(frame, visit)
    context = frame.context(step.heading, crumbs=crumbs, no_button=not acts)
    return steps.run(frame, step, context)


def _answer_step(frame: Frame, told: FindingTold) -> steps.Step:
    asked = question("answer", Message("What was done about it"), ItemType.TEXT,
                     longest=actions.LONGEST)  # fmt: skip
    return steps.Step(
        heading=finding_name(told.visit, told.number),
        button=_("Save the answer"),
        form=steps.form_of(*([asked] if told.answers else [])),
        act=lambda given: actions.answer_finding(
            by=frame.actor, visit=told.visit, number=told.number, answer=str(given["answer"])
        ),
        done=_("The answer is saved; the monitor judges it next."),
        then=_href(frame, told),
        facts=_told_rows(frame, told),
    )


def _reply_step(frame: Frame, told: FindingTold) -> steps.Step:
    return steps.Step(
        heading=finding_name(told.visit, told.number),
        button=_("Save"),
        form=_reply_form(),
        act=lambda given: actions.reply_to_finding(
            by=frame.actor,
            visit=told.visit,
            number=told.number,
            settled=given["settled"] is True,
            reply=str(given["reply"]),
        ),
        done=_("Saved."),
        then=_href(frame, told),
        facts=_told_rows(frame, told),
    )


def _reply_form() -> Form:
    return steps.form_of(
        question("settled", Message("Does the answer settle the finding?"), ItemType.YES_NO,
                 hint=Message("Yes closes it; no has it wait for the site again")),
        question("reply", Message("How it was settled, or what is still to be done"),
                 ItemType.TEXT, longest=actions.LONGEST),
    )  # fmt: skip


def _told_rows(frame: Frame, told: FindingTold) -> list[Row]:
    def said(words: Said | None) -> str:
        if words is None:
            return ""
        return f"{words.words} ({words.by}, {dates.written(words.at)})"

    return [
        Row(pgettext("finding", "What was found"), told.description),
        Row(_("Severity"), SEVERITY_WORDS[told.severity].in_language(frame.language)),
        Row(_("About"), about_words(frame, told), unsaid="–"),
        Row(_("What the site is asked to do"), told.action),
        Row(_("Due date"), told.due),
        Row(_("Status"), finding_status(frame, told)),
        Row(_("What was done"), said(told.answer), unsaid=_("Not said yet")),
        *([Row(_("Reply"), said(told.reply))] if told.reply else []),
    ]


@in_study
def pdf_page(frame: Frame, number: int) -> HttpResponse:
    """The report as a document."""
    visit = one_visit(frame.actor, number)
    language: Literal["en", "zh"] = "zh" if frame.language.startswith("zh") else "en"
    document = visit_document(_form(frame, visit), language=language)
    return as_pdf(document, f"{frame.actor.study}-monitoring-{visit.site}-{number}")


def _form(frame: Frame, visit: VisitTold) -> VisitForm:
    head, now = journal.head(frame.actor.study), timezone.now().replace(microsecond=0)
    site = Site.objects.filter(study=frame.actor.study, code=visit.site).first()
    name = (site.name_zh if frame.language.startswith("zh") else site.name_en) if site else ""

    def line(signed: Signed | None, meaning: str) -> str:
        if signed is None:
            return ""
        who = frame.name_and_role(signed.name, signed.role)
        return signature_line(who, signed.at, meaning, visit.content_hash)

    return VisitForm(
        study=frame.actor.study,
        title=frame.protocol.title.in_language(frame.language),
        protocol=frame.protocol.version,
        number=visit.number,
        site=f"{visit.site} · {name}" if name else visit.site,
        kind=kind_words(frame, visit),
        days=days_words(visit),
        monitor=frame.name_and_role(visit.recorded.name, visit.recorded.role),
        summary=visit.summary,
        findings=tuple(_line(frame, each) for each in visit.findings),
        signed=line(visit.signed, VISIT),
        acknowledged=line(visit.acknowledged, ACKNOWLEDGED),
        made_on=timezone.localdate().isoformat(),
        made_at=now,
        ledger=(head.seq, head.hash.hex()),
        demonstration=frame.demonstration,
        training_of=frame.protocol.training_of,
    )


def _line(frame: Frame, each: FindingTold) -> FindingLine:
    return FindingLine(
        number=f"{each.visit}.{each.number}",
        severity=SEVERITY_WORDS[each.severity].in_language(frame.language),
        about=about_words(frame, each),
        description=each.description,
        action=each.action,
        due=each.due.isoformat(),
        status=finding_status(frame, each).word,
        answer=each.answer.words if each.answer else "",
        reply=each.reply.words if each.reply else "",
    )


def _crumbs(frame: Frame, visit: VisitTold | None = None) -> list[Link]:
    found = [Link(_("Monitoring visits"), f"{frame.href}/monitoring")]
    if visit is not None:
        words = _("Visit {number}").format(number=visit.number)
        found.append(Link(words, f"{frame.href}/monitoring/{visit.number}"))
    return found
