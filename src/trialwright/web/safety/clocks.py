"""The clocks of reports: what must be told to whom by when, and recording that it was."""

from functools import partial
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from trialwright.accounts.policy import Act, may
from trialwright.accounts.reads import names_of
from trialwright.conduct.actions import clocks as actions
from trialwright.conduct.actions.clocks import Report
from trialwright.conduct.reads.clocks import ClockLine, clock_seen, clocks_seen
from trialwright.conduct.refusals import ActionRefused, NotFound, Problem
from trialwright.conduct.safety.clock_details import How
from trialwright.messages import Message
from trialwright.protocol.forms import Form, ItemType
from trialwright.web.clinical import signing, steps
from trialwright.web.clinical.filters import choice
from trialwright.web.clinical.frame import Frame, in_study
from trialwright.web.clinical.listing import Kind, Listing, answer, iso
from trialwright.web.clinical.steps import Given, question
from trialwright.web.components import Cell, Column, Link, Row, Table, Task
from trialwright.web.forms.fields import Answers, lay_out
from trialwright.web.forms.posting import read_post
from trialwright.web.safety.clock_words import (
    HOW_WORDS,
    STAGE_WORDS,
    WHY_WORDS,
    due_words,
    missing_words,
    start_words,
    status_of,
    what_words,
)
from trialwright.web.signature_words import CLOCK, meaning_of, signature_line


@in_study
def list_page(frame: Frame, kind: Kind = "") -> HttpResponse:
    """The clocks that run, the first due first; or those that have ended."""
    if not may(frame.actor, Act.SEE_PARTICIPANTS):
        raise NotFound
    shown = choice(
        frame, "status", _("Status"),
        [("running", _("Running")), ("overdue", _("Overdue")), ("ended", _("Ended"))],
    )  # fmt: skip
    now, status = timezone.now(), shown.value
    rows = [each for each in clocks_seen(frame.actor) if each.open_told]
    wanted = {
        "": lambda each: True,
        "running": lambda each: each.running,
        "overdue": lambda each: each.running and each.late(now),
        "ended": lambda each: not each.running,
    }[status]
    lines = [each for each in rows if wanted(each)]
    listing = Listing(
        heading=_("Reports due"),
        caption=ngettext("{count} report", "{count} reports", len(lines)).format(count=len(lines)),
        columns=[
            Column(_("Clock")), Column(_("What is to be told")), Column(_("Recipient")),
            Column(_("About")), Column(_("Because")), Column(_("Due by")), Column(_("Status")),
            Column(_("Missing")),
        ],
        rows=lines,
        cells=lambda each: [
            Cell(each.number, href=f"{frame.href}/clocks/{each.number}"),
            Cell(what_words(each, frame.language)),
            Cell(each.region, unsaid=_("Sponsor")),
            Cell(about_words(each)),
            Cell(WHY_WORDS[each.dues[-1].why].in_language(frame.language)),
            Cell(due_words(each.dues[-1], each.zone)),
            Cell(status_of(each, now)),
            Cell(missing_words(each, frame.language), unsaid="–"),
        ],
        plain=_plain,
        empty=_("No report of this kind. Clocks start with the event or hold that must be told."),
        more={"filters": [shown], "note": _note(frame), "beside": _mails(frame)},
    )  # fmt: skip
    return answer(frame, listing, kind)


def _note(frame: Frame) -> str:
    if may(frame.actor, Act.SEE_ARM):
        return ""
    return _("The sponsor's reports of single events are followed by the safety office alone.")


def _mails(frame: Frame) -> Link | None:
    """Where a demonstration shows the mails that it would send."""
    return Link(_("Mails sent to you"), "/mails") if frame.demonstration else None


def about_words(line: ClockLine) -> str:
    """The event or hold that is told of."""
    if line.hold is not None:
        return _("Hold {number}").format(number=line.hold)
    return _("{code} · event {number}").format(code=line.code, number=line.event)


def _plain(line: ClockLine) -> dict[str, Any]:
    ending = line.ending
    return {
        "clock": line.number,
        "rule": line.label.en,
        "region": line.region,
        "stage": line.stage.value,
        "event": line.event,
        "hold": line.hold,
        "participant": line.code,
        "because": line.dues[-1].why.value,
        "started_at": iso(line.started_at),
        "zone": line.zone,
        "due_at": iso(line.due_at),
        "missing": " ".join(line.missing),
        "ended": ending.how.value if ending else "",
        "ended_at": iso(ending.sent_at) if ending else "",
    }


@in_study
def clock_page(frame: Frame, number: int) -> HttpResponse:
    """One clock: why it runs, every due time that it had, how it ended."""
    line = clock_seen(frame.actor, number)
    context = frame.context(
        _("Clock {number}").format(number=number),
        crumbs=[Link(_("Reports due"), f"{frame.href}/clocks")],
        under=what_words(line, frame.language),
        facts=_facts(frame, line),
        dues=_dues(frame, line),
        action=Link(_("Record that it was reported"), f"{frame.href}/clocks/{number}/end")
        if line.can_end
        else None,
    )
    return render(frame.request, "web/safety/clock.html", context)


def _facts(frame: Frame, line: ClockLine) -> list[Row]:
    language, last = frame.language, line.dues[-1]
    href = f"{frame.href}/adverse-events/{line.event}" if line.event else f"{frame.href}/holds"
    sources = {each.key: each.citation for each in frame.protocol.sources}
    rows = [
        Row(_("About"), links=[Link(about_words(line), href)]),
        Row(_("Recipient"), line.region, unsaid=_("Sponsor")),
        Row(_("Report"), STAGE_WORDS[line.stage].in_language(language)),
        Row(_("Because"), WHY_WORDS[last.why].in_language(language)),
        Row(_("Started"), start_words(line.started_at, line.zone)),
        Row(_("Due by"), due_words(last, line.zone)),
        Row(_("Status"), status_of(line, timezone.now())),
        Row(_("Still missing"), missing_words(line, language), unsaid=_("Nothing")),
        Row(_("By the rule of"), sources.get(line.source, line.source)),
    ]
    if line.ending:
        ending = line.ending
        name = names_of({str(ending.by)}).get(str(ending.by), "")
        signer = frame.name_and_role(name, ending.role)
        if ending.signed_at:
            signer = signature_line(signer, ending.signed_at, CLOCK, ending.content_hash)
        rows += [
            Row(_("Ended"), HOW_WORDS[ending.how].in_language(language)),
            Row(_("At"), start_words(ending.sent_at, line.zone)),
            Row(_("Signed"), signer),
            Row(_("Number of the receipt"), ending.reference, unsaid=_("None")),
            Row(_("Reason"), ending.reason, unsaid="–"),
        ]
    return rows


def _dues(frame: Frame, line: ClockLine) -> Table:
    return Table(
        caption=_("Due times, the present one last"),
        columns=[Column(_("Because")), Column(_("Counted from")), Column(_("Due by")),
                 Column(_("Since"))],
        rows=[
            [
                Cell(WHY_WORDS[each.why].in_language(frame.language)),
                Cell(start_words(each.started_at, line.zone)),
                Cell(due_words(each, line.zone)),
                Cell(each.since),
            ]
            for each in line.dues
        ],
    )  # fmt: skip


@in_study
def end_page(frame: Frame, number: int) -> HttpResponse:
    """Record that a report was sent, or sign that none is due."""
    line = clock_seen(frame.actor, number)
    if not line.can_end:
        raise NotFound
    form = _form(line)
    posted = read_post(form, frame.request.POST) if frame.request.method == "POST" else None
    came = signing.signed_by(frame, partial(_end, frame, form, number))
    if came.signed:
        messages.success(frame.request, _("The clock has ended."))
        return redirect(f"{frame.href}/clocks")
    groups = lay_out(
        form, Answers(values=posted.values if posted else {}), reasons=None, language=frame.language
    )
    context = frame.context(
        _("Record the report of clock {number}").format(number=number),
        crumbs=[Link(_("Clock {number}").format(number=number), f"{frame.href}/clocks/{number}")],
        sections=[(what_words(line, frame.language), _facts(frame, line)[:6])],
        tables=[],
        groups=groups,
        statement=meaning_of(CLOCK),
        **signing.context(frame, _("Sign, and end the clock"), came),
    )
    return render(frame.request, "web/safety/decide.html", context, status=came.status)


def _form(line: ClockLine) -> Form:
    ways = [how for how in How if how is not How.INCOMPLETE or line.can_be_incomplete]
    how = steps.choices("how", *((each.value, HOW_WORDS[each]) for each in ways))
    return steps.form_of(
        question("how", Message("How does it end?"), ItemType.CHOICE, code_list=how),
        question("sent_on", Message("Day it was sent, if not just now"), ItemType.DATE,
                 optional=True),
        question("sent_at", Message("Time it was sent"), ItemType.TIME, optional=True),
        question("reference", Message("Number of the receipt"), ItemType.TEXT, optional=True,
                 longest=actions.LONGEST_REFERENCE),
        question("reason", Message("Why no report is due"), ItemType.TEXT, optional=True,
                 longest=actions.LONGEST_REASON,
                 hint=Message("Needed where none is due; blinded people never see it")),
        label=Message("The report"),
    )  # fmt: skip


def _end(frame: Frame, form: Form, number: int, _hash: str) -> None:
    given: Given = steps.read(form, read_post(form, frame.request.POST))
    on, at = given.get("sent_on"), given.get("sent_at")
    if (on is None) != (at is None):
        field = "sent_on" if on is None else "sent_at"
        raise ActionRefused(problems=(Problem(field, _("Enter both the day and the time.")),))
    report = Report(
        How(str(given["how"])),
        steps.moment(on, at, "sent_at") if on is not None else None,
        str(given.get("reference", "")),
        str(given.get("reason", "")),
    )
    actions.end_clock(by=frame.actor, number=number, report=report)


def clocks_of(frame: Frame, event: int) -> Table | None:
    """The clocks of an event, for its own page; None where it has none."""
    lines = clocks_seen(frame.actor, event=event)
    if not lines:
        return None
    now = timezone.now()
    return Table(
        caption=_("Who must be told, by when"),
        columns=[Column(_("Clock")), Column(_("What is to be told")), Column(_("Recipient")),
                 Column(_("Because")), Column(_("Due by")), Column(_("Status"))],
        rows=[
            [
                Cell(each.number, href=f"{frame.href}/clocks/{each.number}"),
                Cell(what_words(each, frame.language)),
                Cell(each.region, unsaid=_("Sponsor")),
                Cell(WHY_WORDS[each.dues[-1].why].in_language(frame.language)),
                Cell(due_words(each.dues[-1], each.zone)),
                Cell(status_of(each, now)),
            ]
            for each in lines
        ],
    )  # fmt: skip


def clock_task(frame: Frame, line: ClockLine) -> Task:
    """A report that waits, as *Today* shows it: what, by when, and what is missing."""
    status = status_of(line, timezone.now())
    due = _("due {when}").format(when=due_words(line.dues[-1], line.zone))
    why = WHY_WORDS[line.dues[-1].why].in_language(frame.language)
    missing = missing_words(line, frame.language)
    told = [due, why, *([_("missing: {what}").format(what=missing)] if missing else [])]
    return Task(
        f"{about_words(line)} · {what_words(line, frame.language)}",
        status,
        f"{frame.href}/clocks/{line.number}",
        " · ".join(told),
    )
