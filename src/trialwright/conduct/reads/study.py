"""The study at a glance, and its ledger, as this person may see them."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from django.utils import timezone

from trialwright.accounts.policy import Act, Actor, may
from trialwright.conduct.models import Entry, Query, Signature, State, VisitRecord
from trialwright.conduct.models.entries import EntryStatus, QueryStatus
from trialwright.conduct.planning import day_of
from trialwright.conduct.reads.participants import (
    study_and_protocol,
    visible,
    visible_queries,
)
from trialwright.conduct.refusals import NotHere
from trialwright.ledger import reading
from trialwright.ledger.reading import LedgerLine


@dataclass(frozen=True, slots=True)
class VisitDue:
    """A visit whose window is open or past."""

    code: str
    visit: str
    opens: date
    closes: date


@dataclass(frozen=True, slots=True)
class Overview:
    """Counts and open matters of the participants a person may see."""

    randomised_on: tuple[date, ...]
    states: Mapping[tuple[State, str], int]
    sites: tuple[str, ...]
    due: tuple[VisitDue, ...]
    overdue: tuple[VisitDue, ...]
    open_queries: tuple[Query, ...]
    unsigned: tuple[Entry, ...]


def overview(by: Actor) -> Overview:
    """The study as it stands. Who sees no participants gets the counts of enrolment alone."""
    _study, protocol = study_and_protocol(by)
    if not may(by, Act.SEE_PARTICIPANTS):
        return Overview((), {}, (), (), (), (), ())
    rows = list(visible(by))
    today = day_of(timezone.now())
    planned = (
        VisitRecord.objects.filter(
            participant__in=rows, status="planned", opens__lte=today, target__isnull=False
        )
        .select_related("participant")
        .order_by("closes", "participant__code")
    )
    due: list[VisitDue] = []
    overdue: list[VisitDue] = []
    for visit in planned:
        assert visit.opens is not None and visit.closes is not None  # noqa: S101 - has a target
        line = VisitDue(visit.participant.code, visit.visit, visit.opens, visit.closes)
        (overdue if visit.closes < today else due).append(line)
    signed = Signature.objects.filter(participant__in=rows, void_at=None).exclude(entry=None)
    signable = [form.key for form in protocol.forms if form.signed_by and not form.unmasking]
    unsigned = (
        Entry.objects.filter(
            participant__in=rows, status=EntryStatus.COMPLETE.value, form__in=signable
        )
        .exclude(pk__in=signed.values("entry"))
        .select_related("participant")
        .order_by("participant__code", "visit", "form")
    )
    return Overview(
        randomised_on=tuple(
            sorted(day_of(row.randomised_at) for row in rows if row.randomised_at is not None)
        ),
        states=Counter((State(row.state), row.site) for row in rows),
        sites=tuple(sorted({row.site for row in rows})),
        due=tuple(due),
        overdue=tuple(overdue),
        open_queries=tuple(
            visible_queries(by).filter(status=QueryStatus.OPEN.value).order_by("number")
        ),
        unsigned=tuple(unsigned),
    )


def ledger_lines(by: Actor, *, before: int | None = None, limit: int = 100) -> list[LedgerLine]:
    """The open chain, latest first.

    A person of one site sees that something was entered, not what: rows don't say whose they are.
    """
    if not may(by, Act.SEE_LEDGER):
        raise NotHere

    def may_reveal(_line: LedgerLine) -> bool:
        return by.sites is None

    if before is None:
        return reading.rows(by.study, may_reveal=may_reveal, limit=limit)
    return reading.rows(by.study, may_reveal=may_reveal, before=before, limit=limit)
