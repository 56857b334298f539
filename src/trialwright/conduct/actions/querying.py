"""Queries: questions about data, asked by people (checks ask theirs when an entry is saved)."""

from datetime import datetime

from django.utils.translation import gettext_lazy as _

from trialwright.accounts.policy import Act, Actor, may_see_form
from trialwright.conduct.acting import ActionContext, acting
from trialwright.conduct.asking import ask
from trialwright.conduct.models import Entry, Query
from trialwright.conduct.models.entries import QueryStatus
from trialwright.conduct.refusals import ActionRefused, NotFound, Problem


def raise_query(
    *,
    by: Actor,
    code: str,
    visit: str,
    form: str,
    item: str,
    text: str,
    repeat: int = 1,
    at: datetime | None = None,
) -> int:
    """Ask the site about one item of an entry; returns the query's number."""
    with acting(by, Act.RAISE_QUERY, "raise_query", code=code, at=at) as context:
        entry = Entry.objects.filter(
            participant=context.participant, visit=visit, form=form, repeat=repeat
        ).first()
        if entry is None or not _sees(context, entry):
            raise NotFound
        the_form = context.protocol.form(form)
        if item not in {each.key for each in the_form.items} - the_form.unmasking_items:
            raise NotFound
        if not text.strip():
            raise ActionRefused(problems=(Problem("text", _("Write the question.")),))
        return ask(context, entry, item=item, text=text.strip()).number


def answer_query(
    *, by: Actor, code: str, number: int, answer: str, at: datetime | None = None
) -> None:
    """Answer a query; whoever asked it then closes it."""
    with acting(by, Act.ANSWER_QUERY, "answer_query", code=code, at=at) as context:
        query = _query(context, number)
        if query.status != QueryStatus.OPEN:
            raise ActionRefused(_("Query %(number)d is not open.") % {"number": number})
        if not answer.strip():
            raise ActionRefused(problems=(Problem("answer", _("Write the answer.")),))
        context.change(query, status=QueryStatus.ANSWERED.value, answer=answer.strip())


def close_query(*, by: Actor, code: str, number: int, at: datetime | None = None) -> None:
    """Close a query whose answer settles it."""
    with acting(by, Act.RAISE_QUERY, "close_query", code=code, at=at) as context:
        query = _query(context, number)
        if query.status == QueryStatus.CLOSED:
            raise ActionRefused(_("Query %(number)d is closed already.") % {"number": number})
        context.change(query, status=QueryStatus.CLOSED.value, closed_at=context.at)


def reopen_query(
    *, by: Actor, code: str, number: int, reason: str, at: datetime | None = None
) -> None:
    """Open a query again whose answer doesn't settle it, and say why; the answer stays to read."""
    with acting(by, Act.RAISE_QUERY, "reopen_query", code=code, at=at) as context:
        query = _query(context, number)
        if query.status == QueryStatus.OPEN:
            raise ActionRefused(_("Query %(number)d is open already.") % {"number": number})
        if not reason.strip():
            words = _("Say what is still to be answered.")
            raise ActionRefused(problems=(Problem("reason", words),))
        context.set_reason(reason.strip())
        context.change(query, status=QueryStatus.OPEN.value, closed_at=None)


def _query(context: ActionContext, number: int) -> Query:
    query = (
        Query.objects.filter(entry__participant=context.participant, number=number)
        .select_related("entry")
        .first()
    )
    if query is None or not _sees(context, query.entry):
        raise NotFound
    return query


def _sees(context: ActionContext, entry: Entry) -> bool:
    form = context.protocol.form(entry.form)
    return may_see_form(
        context.by, form, site=context.participant.site, knows_arm=context.knows_arm()
    )
