"""What waits in a study, and what of it for one person: visits, forms, queries, signatures, steps.

Each is a set of rows that can be counted, cut into pages or listed; nothing is fetched before.
"""

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import (
    Case,
    Count,
    Exists,
    F,
    IntegerField,
    OuterRef,
    QuerySet,
    Subquery,
    Value,
    When,
)
from django.db.models.functions import Coalesce
from django.utils import timezone

from trialwright.accounts.policy import GRANTS, Act, Actor, may
from trialwright.conduct.models import (
    CriterionAnswer,
    Entry,
    Query,
    Signature,
    State,
    VisitRecord,
    VisitStatus,
)
from trialwright.conduct.models.entries import EntryStatus, QueryStatus
from trialwright.conduct.planning import day_of
from trialwright.conduct.reads.participants import study_and_protocol, visible, visible_queries
from trialwright.conduct.reads.steps import ALWAYS_OPEN, NextStep, next_steps
from trialwright.ledger import book
from trialwright.protocol.basics import Role
from trialwright.protocol.forms import Form
from trialwright.protocol.model import Protocol

_BEFORE_TREATMENT = (State.SCREENED, State.CONSENTED, State.ELIGIBLE, State.RANDOMISED)


@dataclass(frozen=True, slots=True)
class StepWaiting:
    """A step of a participant's story that somebody should take."""

    code: str
    step: NextStep


@dataclass(frozen=True, slots=True)
class Waiting:
    """What waits. A visit of `forms` carries `open_forms`, how many are not complete."""

    steps: tuple[StepWaiting, ...]
    overdue: QuerySet[VisitRecord]
    due: QuerySet[VisitRecord]
    queries: QuerySet[Query]
    answers: QuerySet[Query]
    signatures: QuerySet[Entry]
    forms: QuerySet[VisitRecord]

    def count(self) -> int:
        """How many things there are in all."""
        rows = (self.overdue, self.due, self.queries, self.answers, self.signatures, self.forms)
        return len(self.steps) + sum(each.count() for each in rows)


def waiting_for(by: Actor) -> Waiting:
    """What this person herself should do, today."""
    _study, protocol = study_and_protocol(by)
    visits = _visits(by, Act.PLAN_VISITS)
    today = day_of(timezone.now())
    queries = visible_queries(by) if may(by, Act.SEE_PARTICIPANTS) else Query.objects.none()
    return Waiting(
        steps=tuple(_steps(by)),
        overdue=visits.filter(closes__lt=today),
        due=visits.filter(closes__gte=today),
        queries=_those(queries, by, Act.ANSWER_QUERY, QueryStatus.OPEN),
        answers=_those(queries, by, Act.RAISE_QUERY, QueryStatus.ANSWERED),
        signatures=_unsigned(by, [f for f in _seen(by, protocol) if f.signed_by in _roles(by)]),
        forms=_open_forms(
            by,
            protocol,
            [f for f in _seen(by, protocol) if _roles(by) & set(f.completed_by)],
        ),
    )


def as_of(by: Actor) -> str:
    """A name for the state of things: while it is the same, so is what waits for this person."""
    return f"{by.study}/{by.person_id}/{book.head(by.study).seq}/{day_of(timezone.now())}"


def waiting_in_study(by: Actor) -> Waiting:
    """What waits in the study, whoever should do it, as far as this person sees it."""
    _study, protocol = study_and_protocol(by)
    visits = _visits(by, Act.SEE_PARTICIPANTS)
    today = day_of(timezone.now())
    queries = visible_queries(by)
    seen = _seen(by, protocol)
    return Waiting(
        steps=(),
        overdue=visits.filter(closes__lt=today),
        due=visits.filter(closes__gte=today),
        queries=queries.filter(status=QueryStatus.OPEN.value).order_by("number"),
        answers=queries.filter(status=QueryStatus.ANSWERED.value).order_by("number"),
        signatures=_unsigned(by, [form for form in seen if form.signed_by]),
        forms=_open_forms(by, protocol, seen),
    )


def visits_seen(by: Actor) -> QuerySet[VisitRecord]:
    """Every dated visit of the participants whom this person may see, the earliest first."""
    return (
        VisitRecord.objects.filter(participant__in=visible(by), target__isnull=False)
        .select_related("participant")
        .order_by("closes", "participant__code", "visit")
    )


def status_of_visit(visit: VisitRecord, today: date) -> str:
    """Its status, with `overdue` and `due` told apart from `planned`."""
    if visit.status != VisitStatus.PLANNED or visit.closes is None or visit.opens is None:
        return visit.status
    if visit.closes < today:
        return "overdue"
    return "due" if visit.opens <= today else VisitStatus.PLANNED.value


def _roles(by: Actor) -> set[Role]:
    return {seat.role for seat in by.seats}


def _seen(by: Actor, protocol: Protocol) -> list[Form]:
    arms = may(by, Act.SEE_ARM)
    return [form for form in protocol.forms if arms or not form.unmasking]


def _visits(by: Actor, act: Act) -> QuerySet[VisitRecord]:
    today = day_of(timezone.now())
    rows = VisitRecord.objects.filter(
        participant__study=by.study,
        status=VisitStatus.PLANNED.value,
        target__isnull=False,
        opens__lte=today,
    )
    return _at(rows, by, act).select_related("participant").order_by("closes", "participant__code")


def _at(rows: Any, by: Actor, act: Act, path: str = "participant__site") -> Any:
    sites = by.sites_among(GRANTS[act])
    return rows if sites is None else rows.filter(**{f"{path}__in": sites})


def _those(rows: Any, by: Actor, act: Act, status: QueryStatus) -> QuerySet[Query]:
    found: QuerySet[Query] = _at(rows, by, act, "entry__participant__site")
    return found.filter(status=status.value).order_by("number")


def _unsigned(by: Actor, forms: list[Form]) -> QuerySet[Entry]:
    if not may(by, Act.SEE_PARTICIPANTS):
        return Entry.objects.none()
    valid = Signature.objects.filter(entry=OuterRef("pk"), void_at=None)
    return (
        Entry.objects.filter(
            ~Exists(valid),
            participant__in=visible(by),
            status=EntryStatus.COMPLETE.value,
            form__in=[form.key for form in forms],
        )
        .select_related("participant")
        .order_by("participant__code", "visit", "form")
    )


def _open_forms(by: Actor, protocol: Protocol, forms: list[Form]) -> QuerySet[VisitRecord]:
    """Visits that took place and whose forms, of those given, are not all complete."""
    wanted = {form.key for form in forms if not form.repeating}
    numbers = {visit.key: len(wanted & set(visit.forms)) for visit in protocol.visits}
    numbers = {visit: number for visit, number in numbers.items() if number}
    if not numbers or not may(by, Act.SEE_PARTICIPANTS):
        return VisitRecord.objects.none()
    complete = (
        Entry.objects.filter(
            participant=OuterRef("participant"),
            visit=OuterRef("visit"),
            form__in=wanted,
            repeat=1,
            status=EntryStatus.COMPLETE.value,
        )
        .order_by()
        .values("visit")
        .annotate(number=Count("pk"))
        .values("number")
    )
    cases = [When(visit=visit, then=Value(number)) for visit, number in numbers.items()]
    return (
        VisitRecord.objects.filter(
            participant__in=visible(by), status=VisitStatus.DONE.value, visit__in=numbers
        )
        .annotate(
            open_forms=Case(*cases, output_field=IntegerField())
            - Coalesce(Subquery(complete, output_field=IntegerField()), 0)
        )
        .filter(open_forms__gt=0)
        .select_related("participant")
        .order_by(F("actual").asc(), "participant__code")
    )


def _steps(by: Actor) -> list[StepWaiting]:
    if not may(by, Act.SEE_PARTICIPANTS):
        return []
    answered = CriterionAnswer.objects.filter(participant=OuterRef("pk"))
    rows = visible(by).filter(state__in=[state.value for state in _BEFORE_TREATMENT])
    found = []
    for row in rows.annotate(assessed=Exists(answered)).order_by("code"):
        found += [
            StepWaiting(row.code, step)
            for step in next_steps(by, row, assessed=row.assessed)
            if step not in ALWAYS_OPEN
        ]
    return found
