"""Queries: the list, one with its answer, and raising one about an answer of a form."""

from django.contrib import messages
from django.db.models import Q
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from trialwright.accounts.policy import Act, may
from trialwright.accounts.reads import names_of
from trialwright.conduct.actions import querying
from trialwright.conduct.models import Query
from trialwright.conduct.models.entries import QueryStatus
from trialwright.conduct.reads.forms import form_page
from trialwright.conduct.reads.participants import visible_queries
from trialwright.conduct.reads.queries import thread_of
from trialwright.conduct.refusals import ActionRefused, NotFound
from trialwright.messages import Message
from trialwright.protocol.basics import UnknownKeyError
from trialwright.protocol.forms import ItemType
from trialwright.web.clinical import steps
from trialwright.web.clinical.filters import Filter, Places, choice, narrowed
from trialwright.web.clinical.form_words import entry_label, reasons_of
from trialwright.web.clinical.frame import Frame, in_study
from trialwright.web.clinical.listing import Kind, Listing, answer, iso
from trialwright.web.clinical.query_words import question_of, status_of
from trialwright.web.clinical.sent import sent_once
from trialwright.web.clinical.steps import question
from trialwright.web.components import Cell, Column, Link, Row
from trialwright.web.forms.presenter import answer_text
from trialwright.web.sentences import listed

_PLACES = Places(
    "entry__participant__code",
    "entry__participant__site",
    visit="entry__visit",
    form="entry__form",
    moment="opened_at",
)
_CHECK = "check"


@in_study
def list_page(frame: Frame, kind: Kind = "") -> HttpResponse:
    """All queries this person may see, the latest first."""
    options = [
        ("open", _("Open")), ("answered", _("Answered")), ("closed", _("Closed")),
    ]  # fmt: skip
    status = choice(frame, "status", _("Status"), options)
    fields, rows = narrowed(frame, visible_queries(frame.actor).order_by("-number"), _PLACES)
    if status.value:
        rows = rows.filter(status=status.value)
    askers = _askers(frame)
    if askers.value:
        rows = rows.filter(_asked_by(askers.value))
    names = dict(askers.options)
    count = rows.count()
    listing = Listing(
        heading=_("Queries"),
        caption=ngettext("{count} query", "{count} queries", count).format(count=count),
        columns=[
            Column(_("Query")),
            Column(_("Participant")),
            Column(_("Visit")),
            Column(_("Form")),
            Column(_("Question")),
            Column(_("Asked by")),
            Column(_("Days open"), number=True),
            Column(_("Status")),
        ],
        rows=rows,
        cells=lambda row: [
            Cell(row.number, href=f"{frame.href}/queries/{row.number}"),
            Cell(row.entry.participant.code, code=True),
            Cell(frame.protocol.visit(row.entry.visit).label.in_language(frame.language)),
            Cell(frame.protocol.form(row.entry.form).label.in_language(frame.language)),
            Cell(question_of(frame, row)),
            Cell(names[_CHECK if row.check_key else str(row.opened_by)]),
            Cell(((row.closed_at or timezone.now()) - row.opened_at).days),
            Cell(status_of(row)),
        ],
        plain=lambda row: {
            "query": row.number,
            "participant": row.entry.participant.code,
            "visit": row.entry.visit,
            "form": row.entry.form,
            "repeat": row.entry.repeat,
            "item": row.item,
            "question": row.text,
            "asked_by": names[_CHECK if row.check_key else str(row.opened_by)],
            "status": row.status,
            "answer": row.answer,
            "opened_at": iso(row.opened_at),
            "closed_at": iso(row.closed_at),
        },
        empty=_("No query of this kind. A check or a monitor raises one on a form."),
        more={"filters": [*fields, askers, status]},
    )
    return answer(frame, listing, kind)


def _askers(frame: Frame) -> Filter:
    """Who has asked: the checks of the forms, and each person by name."""
    asked = visible_queries(frame.actor).filter(check_key="").order_by()
    ids = {str(each) for each in asked.values_list("opened_by", flat=True).distinct()}
    people = sorted(names_of(ids).items(), key=lambda each: (each[1], each[0]))
    return choice(frame, "by", _("Asked by"), [(_CHECK, _("a check of the form")), *people])


def _asked_by(asker: str) -> Q:
    return ~Q(check_key="") if asker == _CHECK else Q(check_key="", opened_by=asker)


@in_study
def raise_page(
    frame: Frame, code: str, visit: str, form: str, item: str, repeat: int = 1
) -> HttpResponse:
    """Ask the site about one answer of a form."""
    page = form_page(frame.actor, code, visit, form, repeat)
    if page.revision == 0 or not may(frame.actor, Act.RAISE_QUERY, site=page.participant.site):
        raise NotFound
    try:
        asked = page.form.item(item)
    except UnknownKeyError:
        raise NotFound from None
    if item in page.form.unmasking_items:
        raise NotFound
    label = asked.label.in_language(frame.language)
    form_label = page.form.label.in_language(frame.language)
    place = f"{frame.href}/participants/{code}/visits/{visit}/{form}/{repeat}"
    stands = answer_text(asked, page.saved.get(item, ""), reasons_of(page), frame.language)
    step = steps.Step(
        heading=_("Ask about “{item}”").format(item=label),
        button=_("Raise the query"),
        form=steps.form_of(
            question("text", Message("Question to the site"), ItemType.TEXT,
                     longest=500)
        ),
        act=lambda given: querying.raise_query(
            by=frame.actor, code=code, visit=visit, form=form, repeat=repeat, item=item,
            text=str(given["text"]),
        ),
        done=_("The query is raised; the site sees it today."),
        then=place,
        facts=[Row(label, stands, unsaid=_("No answer"))],
    )  # fmt: skip
    crumbs = [Link(form_label, place)]
    return steps.run(frame, step, frame.about(page.participant, step.heading, crumbs=crumbs))


@in_study
def query_page(frame: Frame, number: int) -> HttpResponse:
    """One query: answer it, or close it."""
    query = visible_queries(frame.actor).filter(number=number).first()
    if query is None:
        raise NotFound
    participant = query.entry.participant
    here = f"{frame.href}/queries/{number}"
    if frame.request.method == "POST" and "close" in frame.request.POST:
        return _close(frame, query, here)
    asks = may(frame.actor, Act.RAISE_QUERY, site=participant.site)
    if asks and query.status != QueryStatus.OPEN:
        return _reopen(frame, query, here)
    answers = may(frame.actor, Act.ANSWER_QUERY, site=participant.site)
    if frame.request.method == "POST" and not answers:
        raise NotFound
    step = steps.Step(
        heading=_("Query {number}").format(number=number),
        button=_("Answer the query"),
        form=steps.form_of(
            question("answer", Message("Answer"), ItemType.TEXT, longest=500)
        ),
        act=lambda given: querying.answer_query(
            by=frame.actor, code=participant.code, number=number, answer=str(given["answer"])
        ),
        done=_("The answer is recorded; whoever asked closes the query."),
        then=here,
        facts=_facts(frame, query),
    )  # fmt: skip
    context = frame.about(
        participant,
        step.heading,
        crumbs=[Link(_("Queries"), f"{frame.href}/queries")],
        no_button=not answers or query.status != QueryStatus.OPEN,
        may_close=query.status != QueryStatus.CLOSED and asks,
    )
    return steps.run(frame, step, context)


def _reopen(frame: Frame, query: Query, here: str) -> HttpResponse:
    """An answered or closed query, which whoever asks can close or open again."""
    code = query.entry.participant.code
    step = steps.Step(
        heading=_("Query {number}").format(number=query.number),
        button=_("Open the query again"),
        form=steps.form_of(
            question("reason", Message("What is still to be answered"), ItemType.TEXT, longest=500)
        ),
        act=lambda given: querying.reopen_query(
            by=frame.actor, code=code, number=query.number, reason=str(given["reason"])
        ),
        done=_("The query is open again; the site sees it today."),
        then=here,
        facts=_facts(frame, query),
    )
    context = frame.about(
        query.entry.participant,
        step.heading,
        crumbs=[Link(_("Queries"), f"{frame.href}/queries")],
        may_close=query.status != QueryStatus.CLOSED,
    )
    return steps.run(frame, step, context)


def _close(frame: Frame, query: Query, here: str) -> HttpResponse:
    code = query.entry.participant.code

    def close() -> str:
        querying.close_query(by=frame.actor, code=code, number=query.number)
        return here

    try:
        sent_once(frame.actor, frame.request.POST, close)
    except ActionRefused as error:
        messages.error(frame.request, str(error))
    else:
        messages.success(frame.request, _("The query is closed."))
    return redirect(here)


def _facts(frame: Frame, query: Query) -> list[Row]:
    entry = query.entry
    item = frame.protocol.item(entry.form, query.item)
    label = entry_label(frame, entry)
    visit = f"{frame.href}/participants/{entry.participant.code}/visits/{entry.visit}"
    names = names_of({str(query.opened_by)})
    asker = names.get(str(query.opened_by), "")
    page = form_page(frame.actor, entry.participant.code, entry.visit, entry.form, entry.repeat)
    stands = answer_text(item, page.saved.get(query.item, ""), reasons_of(page), frame.language)
    at_visit = frame.protocol.visit(entry.visit).label.in_language(frame.language)
    return [
        Row(_("Visit"), Link(at_visit, visit)),
        Row(_("Form"), Link(label, f"{visit}/{entry.form}/{entry.repeat}")),
        Row(_("Asked about"), item.label.in_language(frame.language)),
        Row(_("Value now"), stands, unsaid=_("No answer")),
        Row(_("Question"), question_of(frame, query)),
        Row(_("Asked by"), _("a check of the form") if query.check_key else asker),
        Row(_("Asked"), query.opened_at),
        Row(_("Status"), status_of(query)),
        *_waits_for(frame, query, asker),
        *_thread(frame, query),
    ]


def _waits_for(frame: Frame, query: Query, asker: str) -> list[Row]:
    """Whose turn it is: the site's roles that answer, then whoever asked."""
    if query.status == QueryStatus.CLOSED:
        return []
    turn = Act.ANSWER_QUERY if query.status == QueryStatus.OPEN else Act.RAISE_QUERY
    roles = [frame.role_name(role) for role in sorted(frame.actor.roles.who_may(turn))]
    if asker and not query.check_key and turn is Act.RAISE_QUERY:
        roles = [asker]
    return [Row(_("Waits for"), listed(roles))]


_REMARKS = {
    "answered": Message("Answer"),
    "closed": Message.in_context("query", "Closed"),
    "reopened": Message("Opened again"),
}


def _thread(frame: Frame, query: Query) -> list[Row]:
    """What was answered, closed and opened again, each with who and when."""
    remarks = [each for each in thread_of(frame.actor, query) if each.what in _REMARKS]
    names = names_of({each.by for each in remarks})
    rows = []
    for each in remarks:
        who = frame.name_and_role(names.get(each.by, each.by), each.role)
        when = f"{timezone.localtime(each.at):%Y-%m-%d %H:%M}"
        words = f"{each.words} ({who}, {when})" if each.words else f"{who}, {when}"
        rows.append(Row(_REMARKS[each.what].in_language(frame.language), words))
    return rows or [Row(_("Answer"), unsaid=_("Not answered yet"))]
