"""Queries: questions about data, asked by people (checks ask theirs when an entry is saved)."""

from datetime import datetime

from django.utils.translation import gettext_lazy as _

from trialwright.accounts.policy import Act, Actor, may_see_form
from trialwright.conduct.acting import Scene, acting
from trialwright.conduct.asking import ask
from trialwright.conduct.models import Entry, Query
from trialwright.conduct.models.entries import QueryStatus
from trialwright.conduct.refusals import NotHere, Problem, Refused


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
    with acting(by, Act.RAISE_QUERY, "raise_query", code=code, at=at) as scene:
        entry = Entry.objects.filter(
            participant=scene.participant, visit=visit, form=form, repeat=repeat
        ).first()
        if entry is None or not _sees(scene, entry):
            raise NotHere
        the_form = scene.protocol.form(form)
        if item not in {each.key for each in the_form.items} - the_form.unmasking_items:
            raise NotHere
        if not text.strip():
            raise Refused(problems=(Problem("text", _("Write the question.")),))
        return ask(scene, entry, item=item, text=text.strip()).number


def answer_query(
    *, by: Actor, code: str, number: int, answer: str, at: datetime | None = None
) -> None:
    """Answer a query; whoever asked it then closes it."""
    with acting(by, Act.ANSWER_QUERY, "answer_query", code=code, at=at) as scene:
        query = _query(scene, number)
        if query.status != QueryStatus.OPEN:
            raise Refused(_("Query %(number)d is not open.") % {"number": number})
        if not answer.strip():
            raise Refused(problems=(Problem("answer", _("Write the answer.")),))
        scene.change(query, status=QueryStatus.ANSWERED.value, answer=answer.strip())


def close_query(*, by: Actor, code: str, number: int, at: datetime | None = None) -> None:
    """Close a query whose answer settles it."""
    with acting(by, Act.RAISE_QUERY, "close_query", code=code, at=at) as scene:
        query = _query(scene, number)
        if query.status == QueryStatus.CLOSED:
            raise Refused(_("Query %(number)d is closed already.") % {"number": number})
        scene.change(query, status=QueryStatus.CLOSED.value, closed_at=scene.at)


def _query(scene: Scene, number: int) -> Query:
    query = (
        Query.objects.filter(entry__participant=scene.participant, number=number)
        .select_related("entry")
        .first()
    )
    if query is None or not _sees(scene, query.entry):
        raise NotHere
    return query


def _sees(scene: Scene, entry: Entry) -> bool:
    form = scene.protocol.form(entry.form)
    return may_see_form(scene.by, form, site=scene.participant.site, knows_arm=scene.knows_arm())
