"""The appointments of a study as a person sees them, and as their calendar link tells them."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from uuid import UUID
from zoneinfo import ZoneInfo

from django.core import signing
from django.db.models import F, Q, QuerySet
from django.utils import timezone

from trialwright.accounts.models import Person
from trialwright.accounts.policy import Act, Actor, may
from trialwright.conduct.clock import day_of, zones_of
from trialwright.conduct.models import Appointment, CalendarLink, VisitRecord, VisitStatus
from trialwright.conduct.reads.participants import one, visible
from trialwright.conduct.reads.people import enter
from trialwright.conduct.refusals import NotFound
from trialwright.protocol.basics import UnknownKeyError
from trialwright.protocol.model import Protocol

_SIGNER = signing.Signer(salt="trialwright.calendar", sep=".")
TOLD_BACK = timedelta(days=60)
"""How far back a calendar link tells what was."""
_A_DAY = timedelta(hours=26)  # The longest that a day can last, where clocks are put back.


class AppointmentStatus(StrEnum):
    """Where an appointment stands, by what became of its visit."""

    AHEAD = "ahead"
    UNRECORDED = "unrecorded"
    KEPT = "kept"
    OTHER_DAY = "other_day"
    MISSED = "missed"
    NOT_PLANNED = "not_planned"
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True)
class AppointmentLine:
    """One appointment; `starts_at` is in the site's zone. `came`: the day of the visit."""

    id: UUID
    code: str
    site: str
    visit: str
    starts_at: datetime
    minutes: int
    remind: bool
    moves: int
    reason: str
    status: AppointmentStatus
    came: date | None
    made_at: datetime
    made_by: str
    role: str
    cancel_reason: str

    @property
    def zone(self) -> ZoneInfo:
        """The zone of the site."""
        zone = self.starts_at.tzinfo
        assert isinstance(zone, ZoneInfo)  # noqa: S101 - `_lines` has set it
        return zone

    @property
    def day(self) -> date:
        """Its day at the site."""
        return self.starts_at.date()

    @property
    def ends_at(self) -> datetime:
        """When it ends, by the clock of the site."""
        utc = self.starts_at.astimezone(ZoneInfo("UTC")) + timedelta(minutes=self.minutes)
        return utc.astimezone(self.zone)


def appointment_rows(by: Actor) -> QuerySet[Appointment]:
    """The appointments of the participants whom this person may see, in the order of time."""
    return (
        Appointment.objects.filter(visit__participant__in=visible(by))
        .select_related("visit__participant")
        .order_by("starts_at", "visit__participant__code", "visit__visit")
    )


def with_status(
    rows: QuerySet[Appointment], status: AppointmentStatus, now: datetime
) -> QuerySet[Appointment]:
    """Those of one status; kept are all whose visit took place, on whichever day."""
    visit = {
        AppointmentStatus.AHEAD: Q(visit__status=VisitStatus.PLANNED, starts_at__gt=now),
        AppointmentStatus.UNRECORDED: Q(visit__status=VisitStatus.PLANNED, starts_at__lte=now),
        AppointmentStatus.KEPT: Q(visit__status=VisitStatus.DONE),
        AppointmentStatus.OTHER_DAY: Q(visit__status=VisitStatus.DONE),
        AppointmentStatus.MISSED: Q(visit__status=VisitStatus.MISSED),
        AppointmentStatus.NOT_PLANNED: Q(visit__status=VisitStatus.CANCELLED),
    }
    if status is AppointmentStatus.CANCELLED:
        return rows.exclude(cancelled_at=None)
    return rows.filter(visit[status], cancelled_at=None)


def appointment_teller(by: Actor, now: datetime) -> Callable[[Appointment], AppointmentLine]:
    """What turns a row into a plain line, in the zone of its site; the zones are read once."""
    zones = zones_of(by.study)
    return lambda row: _line(row, zones.at(row.visit.participant.site), now)


def appointments_between(
    by: Actor, first: date, last: date, *, site: str = ""
) -> tuple[AppointmentLine, ...]:
    """The appointments that stand on these days, each by the day at its site."""
    # A day of a site begins and ends within fourteen hours of that of UTC.
    begins = datetime.combine(first, datetime.min.time(), ZoneInfo("UTC")) - timedelta(hours=14)
    ends = datetime.combine(last, datetime.max.time(), ZoneInfo("UTC")) + timedelta(hours=14)
    rows = appointment_rows(by).filter(
        starts_at__gte=begins, starts_at__lte=ends, cancelled_at=None
    )
    if site:
        rows = rows.filter(visit__participant__site=site)
    lines = map(appointment_teller(by, timezone.now()), rows)
    return tuple(line for line in lines if first <= line.day <= last)


def appointments_waiting(by: Actor, now: datetime) -> tuple[AppointmentLine, ...]:
    """The appointments of today, and those before, whose visit neither took place nor was missed,
    in the order of time; how many there are changes with the ledger and the day of a site alone.

    For who makes appointments there; none for others.
    """
    if not may(by, Act.PLAN_VISITS):
        return ()
    rows = appointment_rows(by).filter(
        visit__status=VisitStatus.PLANNED.value, cancelled_at=None, starts_at__lt=now + _A_DAY
    )
    sites = by.sites_for(Act.PLAN_VISITS)
    if sites is not None:
        rows = rows.filter(visit__participant__site__in=sites)
    lines = map(appointment_teller(by, now), rows)
    return tuple(line for line in lines if line.day <= day_of(now, line.zone))


@dataclass(frozen=True, slots=True)
class ToArrange:
    """A planned visit without an appointment."""

    code: str
    visit: str
    opens: date
    closes: date


MOST_TO_ARRANGE = 100


def to_arrange(by: Actor, first: date, last: date, *, site: str = "") -> tuple[ToArrange, ...]:
    """The planned visits without an appointment whose window reaches into these days, those whose
    window closes first at the top; at most `MOST_TO_ARRANGE`. None for who makes no appointments.
    """
    sites = by.sites_for(Act.PLAN_VISITS)
    if not may(by, Act.PLAN_VISITS):
        return ()
    rows = VisitRecord.objects.filter(
        participant__in=visible(by),
        status=VisitStatus.PLANNED.value,
        opens__lte=last,
        closes__gte=first,
    ).exclude(appointments__in=Appointment.objects.filter(cancelled_at=None))
    if sites is not None:
        rows = rows.filter(participant__site__in=sites)
    if site:
        rows = rows.filter(participant__site=site)
    found = rows.values_list("participant__code", "visit", "opens", "closes")
    ordered = found.order_by("closes", "participant__code", F("visit").asc())
    return tuple(
        ToArrange(code, visit, opens, closes)
        for code, visit, opens, closes in ordered[:MOST_TO_ARRANGE]
        if opens is not None and closes is not None
    )


def appointment_of(by: Actor, code: str, visit: str) -> AppointmentLine | None:
    """The appointment of a visit that stands; None where there is none."""
    participant = one(by, code)
    row = (
        Appointment.objects.filter(
            visit__participant=participant, visit__visit=visit, cancelled_at=None
        )
        .select_related("visit__participant")
        .first()
    )
    return None if row is None else appointment_teller(by, timezone.now())(row)


def _line(row: Appointment, zone: ZoneInfo, now: datetime) -> AppointmentLine:
    visit = row.visit
    return AppointmentLine(
        id=row.pk,
        code=visit.participant.code,
        site=visit.participant.site,
        visit=visit.visit,
        starts_at=row.starts_at.astimezone(zone),
        minutes=row.minutes,
        remind=row.remind,
        moves=row.moves,
        reason=row.reason,
        status=_status(row, zone, now),
        came=visit.actual,
        made_at=row.made_at,
        made_by=str(row.made_by),
        role=row.role,
        cancel_reason=row.cancel_reason or "",
    )


def _status(row: Appointment, zone: ZoneInfo, now: datetime) -> AppointmentStatus:
    visit = row.visit
    if row.cancelled_at is not None:
        return AppointmentStatus.CANCELLED
    if visit.status == VisitStatus.DONE:
        same = visit.actual == day_of(row.starts_at, zone)
        return AppointmentStatus.KEPT if same else AppointmentStatus.OTHER_DAY
    if visit.status == VisitStatus.PLANNED:
        ahead = row.starts_at > now
        return AppointmentStatus.AHEAD if ahead else AppointmentStatus.UNRECORDED
    missed = visit.status == VisitStatus.MISSED
    return AppointmentStatus.MISSED if missed else AppointmentStatus.NOT_PLANNED


@dataclass(frozen=True, slots=True)
class LinkLine:
    """A person's own calendar link: what stands in its address, and since when."""

    token: str
    made_at: datetime


def own_calendar_link(by: Actor) -> LinkLine | None:
    """The person's own link to the study's calendar that is open; None where they have none."""
    if not may(by, Act.SEE_PARTICIPANTS):
        raise NotFound
    row = CalendarLink.objects.filter(study=by.study, person=by.person_id, ended_at=None).first()
    return None if row is None else LinkLine(_SIGNER.sign(str(row.pk)), row.made_at)


@dataclass(frozen=True, slots=True)
class Feed:
    """What a calendar link tells: codes and visits, as its person may see them at this moment."""

    study: str
    demonstration: bool
    language: str
    protocol: Protocol
    lines: tuple[AppointmentLine, ...]


def feed_of(token: str, now: datetime) -> Feed:
    """What a calendar link tells now.

    Raises:
        NotFound: nobody made it, it is ended, or its person isn't in the study any more.
    """
    try:
        id = UUID(_SIGNER.unsign(token))
    except (signing.BadSignature, ValueError):
        raise NotFound from None
    link = CalendarLink.objects.filter(pk=id, ended_at=None).first()
    if link is None:
        raise NotFound
    person = Person.objects.filter(pk=link.person, is_active=True).first()
    if person is None:
        raise NotFound
    actor, study, protocol = enter(person, str(link.study_id))
    rows = appointment_rows(actor).filter(cancelled_at=None, starts_at__gte=now - TOLD_BACK)
    lines = tuple(
        line
        for line in map(appointment_teller(actor, now), rows)
        if line.status is not AppointmentStatus.NOT_PLANNED
    )
    return Feed(str(study.identifier), study.demonstration, link.language, protocol, lines)


def tells_no_arm(protocol: Protocol, visit: str) -> bool:
    """Whether a visit's name may leave the system: one that only some arms come to may not."""
    try:
        return not protocol.visit(visit).arms
    except UnknownKeyError:
        return False
