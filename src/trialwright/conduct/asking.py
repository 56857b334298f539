"""Open a query: the same for a check and for a person."""

from django.db.models import Max

from trialwright.conduct.acting import ActionContext
from trialwright.conduct.models import Entry, Query
from trialwright.conduct.models.entries import QueryStatus


def ask(
    context: ActionContext, entry: Entry, *, item: str, text: str, check_key: str = ""
) -> Query:
    """Open the study's next query about one item of an entry."""
    last = Query.objects.filter(study=context.study).aggregate(last=Max("number"))["last"]
    query = Query(
        study=context.study,
        number=(last or 0) + 1,
        entry=entry,
        item=item,
        check_key=check_key,
        text=text,
        status=QueryStatus.OPEN.value,
        opened_at=context.at,
        opened_by=context.by.person_id,
    )
    context.record(query)
    return query
