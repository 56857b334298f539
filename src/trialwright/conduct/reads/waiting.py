"""What waits in a study, and what of it for one person: visits, forms, queries, signatures, steps.

Each is a set of rows that can be counted, cut into pages or listed; nothing is fetched before.
"""

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date, datetime
from hashlib import sha256
from typing import Any

from django.db.models import (
    Case,
    Count,
    DateField,
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

from trialwright.accounts.policy import Act, Actor, may
from trialwright.conduct.clock import Zones, day_of, installation_zone, zones_of
from trialwright.conduct.models import (
    AdverseEvent,
    Deviation,
    Draft,
    Entry,
    Query,
    Signature,
    VisitRecord,
    VisitStatus,
)
from trialwright.conduct.models.entries import EntryStatus, QueryStatus
from trialwright.conduct.reads.appointments import AppointmentLine, appointments_waiting
from trialwright.conduct.reads.causes import events_to_judge
from trialwright.conduct.reads.clocks import ClockLine, clocks_to_end
from trialwright.conduct.reads.cohorts import CohortsToRead, cohorts_waiting
from trialwright.conduct.reads.deviations import deviations_seen, deviations_to_classify
from trialwright.conduct.reads.drafts import own_drafts
from trialwright.conduct.reads.first_results import ResultsToReview, results_for
from trialwright.conduct.reads.holds import holds_to_decide
from trialwright.conduct.reads.kits import Shipment, shipments_coming
from trialwright.conduct.reads.meetings import meetings_to_sign
from trialwright.conduct.reads.monitoring import MonitoringMatter, monitoring_waiting
from trialwright.conduct.reads.participants import study_and_protocol, visible, visible_queries
from trialwright.conduct.reads.pregnancies import PregnancyLine, pregnancies_to_follow
from trialwright.conduct.reads.product_notices import NoticeLine, notices_waiting
from trialwright.conduct.reads.product_work import (
    ContainersComing,
    LotToDecide,
    containers_coming,
    lots_to_decide,
)
from trialwright.conduct.reads.reconsents import ReconsentLine, reconsents_due
from trialwright.conduct.reads.unblinding import UnblindingLine, unblindings_to_judge
from trialwright.conduct.reads.value_reviews import results_to_judge
from trialwright.conduct.reads.verification import SiteToVerify, sites_to_verify
from trialwright.conduct.reads.waiting_steps import (
    StepWaiting,
    named,
    own_steps_waiting,
    steps_waiting,
)
from trialwright.ledger import journal
from trialwright.protocol.forms import Form
from trialwright.protocol.model import Protocol


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
    deviations: QuerySet[Deviation]
    reviews: tuple[ResultsToReview, ...] = ()
    unblindings: tuple[UnblindingLine, ...] = ()
    holds: tuple[int, ...] = ()
    """How many holds wait for the person's decision, in one; none where none does."""
    meetings: tuple[int, ...] = ()
    """The numbers of the board's meetings that wait for the person's signature."""
    cohorts: tuple[CohortsToRead, ...] = ()
    shipments: tuple[Shipment, ...] = ()
    abnormal: QuerySet[Entry] = field(default_factory=Entry.objects.none)
    drafts: QuerySet[Draft] = field(default_factory=Draft.objects.none)
    """What this person has typed and not saved. It enters no ledger, so no count that is kept
    until the next action has it."""
    clocks: tuple[ClockLine, ...] = ()
    notices: tuple[NoticeLine, ...] = ()
    reconsents: tuple[ReconsentLine, ...] = ()
    pregnancies: tuple[PregnancyLine, ...] = ()
    appointments: tuple[AppointmentLine, ...] = ()
    lots: tuple[LotToDecide, ...] = ()
    containers: tuple[ContainersComing, ...] = ()
    causes: QuerySet[AdverseEvent] = field(default_factory=AdverseEvent.objects.none)
    verification: tuple[SiteToVerify, ...] = ()
    monitoring: tuple[MonitoringMatter, ...] = ()

    def count(self) -> int:
        """How many things there are in all, drafts aside."""
        rows: tuple[QuerySet[Any], ...] = (
            self.overdue, self.due, self.queries, self.answers, self.signatures, self.forms,
            self.deviations, self.abnormal, self.causes,
        )  # fmt: skip
        return (
            len(self.steps)
            + len(self.reviews)
            + len(self.holds)
            + len(self.meetings)
            + len(self.cohorts)
            + len(self.shipments)
            + len(self.clocks)
            + len(self.notices)
            + len(self.reconsents)
            + len(self.pregnancies)
            + len(self.appointments)
            + len(self.lots)
            + len(self.containers)
            + len(self.unblindings)
            + len(self.verification)
            + len(self.monitoring)
            + sum(each.count() for each in rows)
        )


def waiting_for(by: Actor) -> Waiting:
    """What this person should do today."""
    study, protocol = study_and_protocol(by)
    appointments = appointments_waiting(by, timezone.now())
    # Whose visit waits by its appointment doesn't wait a second time by its window.
    visits = _visits(by, Act.PLAN_VISITS).exclude(
        appointments__in=[line.id for line in appointments]
    )
    queries = visible_queries(by) if may(by, Act.SEE_PARTICIPANTS) else Query.objects.none()
    return Waiting(
        steps=(*steps_waiting(by, study, protocol), *own_steps_waiting(by, study, protocol)),
        overdue=visits.filter(closes__lt=F("today")),
        due=visits.filter(closes__gte=F("today")),
        queries=_those(queries, by, Act.ANSWER_QUERY, QueryStatus.OPEN),
        answers=_those(queries, by, Act.RAISE_QUERY, QueryStatus.ANSWERED),
        signatures=_unsigned(by, [f for f in _seen(by, protocol) if f.signed_by in _roles(by)]),
        forms=_open_forms(
            by,
            protocol,
            [f for f in _seen(by, protocol) if _roles(by) & set(f.completed_by)],
        ),
        deviations=deviations_to_classify(by),
        reviews=tuple(each for each in (results_for(by, protocol),) if each and each.waits),
        unblindings=unblindings_to_judge(by),
        holds=tuple(each for each in (holds_to_decide(by, protocol),) if each),
        meetings=meetings_to_sign(by, protocol),
        abnormal=results_to_judge(by),
        drafts=own_drafts(by),
        cohorts=cohorts_waiting(by, protocol),
        shipments=shipments_coming(by, protocol),
        clocks=clocks_to_end(by),
        notices=notices_waiting(by, protocol),
        reconsents=reconsents_due(by),
        pregnancies=pregnancies_to_follow(by),
        appointments=appointments,
        lots=lots_to_decide(by, protocol),
        containers=containers_coming(by, protocol),
        causes=events_to_judge(by),
        verification=sites_to_verify(by),
        monitoring=monitoring_waiting(by),
    )


def as_of(by: Actor) -> str:
    """A name for the state of things: while it is the same, so is what waits for this person."""
    now = timezone.now()
    elsewhere = sorted(zones_of(by.study).days(now).items())
    told = "".join(
        f"{site}{day}" for site, day in [("", day_of(now, installation_zone())), *elsewhere]
    )
    days = sha256(told.encode()).hexdigest()[:16]
    # By its hash a head is another one also where an older ledger was put back, and went on.
    heads = [journal.head(by.study, chain).hash.hex()[:16] for chain in ("open", "sealed")]
    return "/".join((by.study, str(by.person_id), *heads, days))


def waiting_in_study(by: Actor) -> Waiting:
    """What waits in the study, whoever should do it, as far as this person sees it."""
    _study, protocol = study_and_protocol(by)
    visits = _visits(by, Act.SEE_PARTICIPANTS)
    queries = visible_queries(by)
    seen = _seen(by, protocol)
    return Waiting(
        steps=(),
        overdue=visits.filter(closes__lt=F("today")),
        due=visits.filter(closes__gte=F("today")),
        queries=queries.filter(status=QueryStatus.OPEN.value).order_by("number"),
        answers=queries.filter(status=QueryStatus.ANSWERED.value).order_by("number"),
        signatures=_unsigned(by, [form for form in seen if form.signed_by]),
        forms=_open_forms(by, protocol, seen),
        deviations=deviations_seen(by).filter(classification=None),
    )


def visits_seen(by: Actor) -> QuerySet[VisitRecord]:
    """Every dated visit of the participants whom this person may see: first those whose window
    has opened where they take place, the latest first, then those ahead, the nearest first."""
    today = today_in(by.study)
    opened = Case(
        When(opens__lte=F("today"), then=Coalesce("actual", "opens")), output_field=DateField()
    )
    return (
        VisitRecord.objects.filter(participant__in=visible(by), target__isnull=False)
        .select_related("participant")
        .annotate(today=_today(today.zones, today.now), opened=opened)
        .order_by(F("opened").desc(nulls_last=True), "opens", "participant__code", "visit")
    )


@dataclass(frozen=True, slots=True)
class Today:
    """What day it is at each site of a study, at one moment."""

    now: datetime
    zones: Zones

    def at(self, site: str) -> date:
        """The day at a site."""
        return day_of(self.now, self.zones.at(site))


def today_in(study: str) -> Today:
    """What day it is now at each site of a study."""
    return Today(timezone.now(), zones_of(study))


def planned_later(by: Actor) -> QuerySet[VisitRecord]:
    """Planned visits whose window isn't open yet, where each takes place."""
    rows = visits_seen(by).filter(status=VisitStatus.PLANNED.value)
    return rows.filter(opens__gt=F("today"))


def status_of_visit(visit: VisitRecord, today: date) -> str:
    """Its status, with `overdue` and `due` told apart from `planned`."""
    if visit.status != VisitStatus.PLANNED or visit.closes is None or visit.opens is None:
        return visit.status
    if visit.closes < today:
        return "overdue"
    return "due" if visit.opens <= today else VisitStatus.PLANNED.value


def _roles(by: Actor) -> set[str]:
    return {seat.role for seat in by.seats}


def _seen(by: Actor, protocol: Protocol) -> list[Form]:
    arms = may(by, Act.SEE_ARM)
    return [form for form in protocol.forms if arms or not form.unmasking]


def _visits(by: Actor, act: Act) -> QuerySet[VisitRecord]:
    now, zones = timezone.now(), zones_of(by.study)
    latest = max([day_of(now, installation_zone()), *zones.days(now).values()])
    rows = VisitRecord.objects.filter(
        participant__study=by.study,
        status=VisitStatus.PLANNED.value,
        target__isnull=False,
        opens__lte=latest,
    )
    rows = rows.annotate(today=_today(zones, now)).filter(opens__lte=F("today"))
    return _at(rows, by, act).select_related("participant").order_by("closes", "participant__code")


def _today(zones: Zones, now: datetime) -> Case | Value:
    """What day it is at the site of a visit's participant."""
    here = Value(day_of(now, installation_zone()), output_field=DateField())
    other: dict[date, list[str]] = defaultdict(list)
    for site, day in zones.days(now).items():
        other[day].append(site)
    cases = [When(participant__site__in=sites, then=Value(day)) for day, sites in other.items()]
    return Case(*cases, default=here, output_field=DateField()) if cases else here


def _at(rows: Any, by: Actor, act: Act, path: str = "participant__site") -> Any:
    sites = by.sites_for(act)
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
    cases = [When(named([visit]), then=Value(number)) for visit, number in numbers.items()]
    return (
        VisitRecord.objects.filter(
            named(numbers), participant__in=visible(by), status=VisitStatus.DONE.value
        )
        .annotate(
            open_forms=Case(*cases, output_field=IntegerField())
            - Coalesce(Subquery(complete, output_field=IntegerField()), 0)
        )
        .filter(open_forms__gt=0)
        .select_related("participant")
        .order_by(F("actual").asc(), "participant__code")
    )
