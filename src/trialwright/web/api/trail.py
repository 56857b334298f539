"""The audit trail: what the page of it shows, line by line."""

from datetime import datetime

from django.http import HttpRequest
from ninja import Field, Query, Schema

from trialwright.accounts.reads import names_of
from trialwright.conduct.reads.ledger import LedgerAction, TrailFilter, ledger_actions
from trialwright.ledger.reading import LedgerLine
from trialwright.web.api.routing import router
from trialwright.web.api.who import actor_for

# A number of the ledger is a `bigint`.
_LAST = 2**63 - 1


class TrailLine(Schema):
    """One line of the audit trail: a field of a record, before and after.

    `old`, `new` and `reason` are null where there is none; `withheld` names those of them that
    exist and aren't for this person.
    """

    number: int
    recorded_at: datetime
    happened_at: datetime
    by: str
    role: str
    action: str
    participant: str
    record: str
    id: str
    field: str
    old: str | None
    new: str | None
    reason: str | None
    withheld: list[str]
    hash: str


class TrailOut(Schema):
    """Actions of the audit trail, the latest first, each with all its lines."""

    lines: list[TrailLine]
    before: int | None = Field(description="Ask for this next; null when there is no more.")


@router.get("/studies/{study}/audit-trail", response=TrailOut, summary="Audit trail")
def trail(
    request: HttpRequest, study: str, participant: str = "", action: str = "",
    before: int | None = Query(None, ge=1, le=_LAST),
) -> TrailOut:  # fmt: skip
    """List actions with their lines, the latest first, some hundred lines at a time."""
    actor, _protocol = actor_for(request, study)
    asked = TrailFilter(code=participant, action=action)
    found = ledger_actions(actor, asked=asked, before=before)
    names = names_of({each.last.by for each in found})
    first = found[-1].lines[0].seq if found else 0
    lines = [_line(each, line, names) for each in found for line in each.lines]
    return TrailOut(lines=lines, before=first if first > 1 else None)


def _line(action: LedgerAction, line: LedgerLine, names: dict[str, str]) -> TrailLine:
    told = {"old": line.old, "new": line.new, "reason": line.reason}
    return TrailLine(
        number=line.seq,
        recorded_at=line.recorded_at,
        happened_at=line.happened_at,
        by=names.get(line.by, line.by),
        role=line.role,
        action=line.action,
        participant=action.code,
        record=line.entity,
        id=line.id,
        field=line.field,
        **{name: each.text if each.state == "text" else None for name, each in told.items()},
        withheld=[name for name, each in told.items() if each.state == "withheld"],
        hash=line.hash,
    )
