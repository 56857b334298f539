"""What was said in a query, in its order, from the audit trail."""

from dataclasses import dataclass
from datetime import datetime

from trialwright.accounts.policy import Actor
from trialwright.conduct.models import Query
from trialwright.conduct.models.entries import QueryStatus
from trialwright.ledger import reading

_FIELDS = ("text", "answer", "status")


@dataclass(frozen=True, slots=True)
class Remark:
    """One thing that was said or done: a question, an answer, the closing, the opening again."""

    at: datetime
    by: str
    role: str
    what: str
    words: str


def thread_of(by: Actor, query: Query) -> list[Remark]:
    """The thread of a query that this person may see; no query is about what could tell an arm."""
    lines = reading.rows(
        by.study, may_reveal=lambda _line: True, entity="query", id=str(query.pk), limit=1000
    )
    found: list[Remark] = []
    for line in reversed(lines):
        if line.field not in _FIELDS:
            continue
        told = (line.happened_at, line.by, line.role)
        if line.field == "text":
            found.append(Remark(*told, "asked", line.new.text))
        elif line.field == "answer" and line.new.text:
            found.append(Remark(*told, "answered", line.new.text))
        elif line.field == "status" and line.new.text == QueryStatus.CLOSED:
            found.append(Remark(*told, "closed", line.reason.text))
        elif line.field == "status" and line.new.text == QueryStatus.OPEN and line.old.text:
            found.append(Remark(*told, "reopened", line.reason.text))
    return found
