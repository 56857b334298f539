"""Queries: the list, and one with its answer."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from trialwright.accounts.policy import Act, may
from trialwright.conduct.actions import querying
from trialwright.conduct.models import Query
from trialwright.conduct.models.entries import QueryStatus
from trialwright.conduct.reads.participants import visible_queries
from trialwright.conduct.refusals import NotHere
from trialwright.protocol.forms import ItemType
from trialwright.web.clinical import steps
from trialwright.web.clinical.frame import Frame, in_study
from trialwright.web.clinical.steps import both, question
from trialwright.web.components import Cell, Column, Link, Row, Status, Table


def status_of(query: Query) -> Status:
    """How a query stands."""
    return {
        QueryStatus.OPEN.value: Status(_("Open"), "caution"),
        QueryStatus.ANSWERED.value: Status(_("Answered"), "todo"),
        QueryStatus.CLOSED.value: Status(_("Closed"), "good"),
    }[query.status]


@in_study
def list_page(frame: Frame) -> HttpResponse:
    """All queries she may see, the open ones first."""
    asked = frame.request.GET.get("status", "")
    rows = visible_queries(frame.actor).order_by("number")
    if asked in set(QueryStatus):
        rows = rows.filter(status=asked)
    table = Table(
        caption=_("{count} queries").format(count=len(rows)),
        columns=[
            Column(_("Number"), number=True),
            Column(_("Participant")),
            Column(_("Form")),
            Column(_("Question")),
            Column(_("Status")),
        ],
        rows=[
            [
                Cell(row.number, href=f"{frame.href}/queries/{row.number}"),
                Cell(row.entry.participant.code, code=True),
                Cell(frame.protocol.form(row.entry.form).label.in_language(frame.language)),
                Cell(row.text),
                Cell(status_of(row)),
            ]
            for row in rows
        ],
        empty=_("No query of this kind. A check or a monitor raises one on a form."),
    )
    options = [
        ("open", _("Open")), ("answered", _("Answered")), ("closed", _("Closed")),
    ]  # fmt: skip
    filters = [{"name": "status", "label": _("Status"), "value": asked, "options": options}]
    context = frame.context(_("Queries"), crumbs=[], table=table, filters=filters)
    return render(frame.request, "web/list.html", context)


@in_study
def query_page(frame: Frame, number: int) -> HttpResponse:
    """One query: answer it, or close it."""
    query = visible_queries(frame.actor).filter(number=number).first()
    if query is None:
        raise NotHere
    participant = query.entry.participant
    here = f"{frame.href}/queries/{number}"
    if frame.request.method == "POST" and "close" in frame.request.POST:
        querying.close_query(by=frame.actor, code=participant.code, number=number)
        messages.success(frame.request, _("The query is closed."))
        return redirect(here)
    item = frame.protocol.item(query.entry.form, query.item)
    entry = f"{query.entry.visit}/{query.entry.form}/{query.entry.repeat}"
    facts = [
        Row(_("Question"), query.text),
        Row(_("Asked about"), item.label.in_language(frame.language)),
        Row(_("Status"), status_of(query)),
        Row(_("Answer"), query.answer, unsaid=_("Not answered yet")),
    ]
    open_now = query.status == QueryStatus.OPEN
    may_answer = open_now and may(frame.actor, Act.ANSWER_QUERY, site=participant.site)
    form = steps.form_of(
        *(
            [question("answer", both("Answer", "答复"), ItemType.TEXT, longest=500)]
            if may_answer
            else []
        )
    )
    step = steps.Step(
        heading=_("Query {number}").format(number=number),
        button=_("Answer the query"),
        form=form,
        act=lambda given: querying.answer_query(
            by=frame.actor, code=participant.code, number=number, answer=str(given["answer"])
        ),
        done=_("The answer is recorded; whoever asked closes the query."),
        then=here,
        facts=facts,
    )
    context = frame.about(
        participant,
        step.heading,
        crumbs=[Link(_("Queries"), f"{frame.href}/queries")],
        no_button=not may_answer,
        form_link=Link(
            _("Open the form"), f"{frame.href}/participants/{participant.code}/visits/{entry}"
        ),
        may_close=query.status != QueryStatus.CLOSED
        and may(frame.actor, Act.RAISE_QUERY, site=participant.site),
    )
    return steps.run(frame, step, context)
