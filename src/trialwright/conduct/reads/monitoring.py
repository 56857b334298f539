"""Reports of monitoring visits as a person may read them, and what of them waits.

Who verifies at a site reads them from the first word on; whoever else sees its participants, once
they are signed.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from django.db.models import Q, QuerySet
from django.utils import timezone

from trialwright.accounts.models import Site
from trialwright.accounts.policy import Act, Actor, may, role_to_acknowledge
from trialwright.accounts.reads import names_of
from trialwright.conduct.clock import day_of, zones_of
from trialwright.conduct.models import MonitoringVisit, VisitFinding
from trialwright.conduct.models.monitoring import Severity, VisitKind
from trialwright.conduct.reads.participants import study_and_protocol
from trialwright.conduct.refusals import NotFound
from trialwright.conduct.visit_reports import (
    ANSWERED,
    OPEN,
    FindingState,
    content_hash,
    findings_of,
    state_of,
)


@dataclass(frozen=True, slots=True)
class Said:
    """Words of somebody: who, and when."""

    words: str
    by: str
    at: datetime


@dataclass(frozen=True, slots=True)
class FindingTold:
    """One finding; `signed` with its report. `answers` and `replies`: whether this person may do
    that now."""

    visit: int
    site: str
    number: int
    severity: Severity
    participant: str
    form: str
    description: str
    action: str
    due: date
    signed: bool
    state: FindingState
    overdue: bool
    answer: Said | None
    reply: Said | None
    answers: bool
    replies: bool


@dataclass(frozen=True, slots=True)
class Signed:
    """A signature on a report: who, under which role, when."""

    name: str
    role: str
    at: datetime


@dataclass(frozen=True, slots=True)
class VisitTold:
    """One report. `writes`: whether this person may change it; `to_sign` and `to_acknowledge` are
    the roles under which they may do that now, None where they may not."""

    number: int
    site: str
    kind: VisitKind
    first_day: date
    last_day: date
    summary: str
    recorded: Signed
    signed: Signed | None
    acknowledged: Signed | None
    content_hash: str
    findings: tuple[FindingTold, ...]
    to_sign: str | None
    to_acknowledge: str | None

    @property
    def writes(self) -> bool:
        """Whoever may sign a report may change it."""
        return self.to_sign is not None


class Waits(StrEnum):
    """What somebody has to do with a report or a finding."""

    SIGN = "sign"
    ACKNOWLEDGE = "acknowledge"
    ANSWER = "answer"
    REPLY = "reply"


@dataclass(frozen=True, slots=True)
class MonitoringMatter:
    """One thing that waits for a person: of a visit, or of one of its findings."""

    what: Waits
    visit: int
    site: str
    finding: int | None = None
    due: date | None = None
    overdue: bool = False


def writes_somewhere(by: Actor) -> bool:
    """Whether a person writes reports of visits."""
    return may(by, Act.VERIFY_SOURCE) and may(by, Act.SEE_PARTICIPANTS)


def sites_to_write_of(by: Actor) -> tuple[str, ...]:
    """The sites of whose visits a person writes the report.

    Raises:
        NotFound: there is none.
    """
    study_and_protocol(by)
    rows = Site.objects.filter(study=by.study).order_by("code").values_list("code", flat=True)
    found = tuple(code for code in rows if may(by, Act.VERIFY_SOURCE, site=code))
    if not found or not writes_somewhere(by):
        raise NotFound
    return found


def visits_seen(by: Actor) -> tuple[VisitTold, ...]:
    """The reports that a person may read, the latest first."""
    return _told(by, _seen(by))


def one_visit(by: Actor, number: int) -> VisitTold:
    """One report; NotFound where there is none for this person."""
    found = _told(by, _seen(by).filter(number=number))
    if not found:
        raise NotFound
    return found[0]


def one_finding(by: Actor, visit: int, number: int) -> tuple[VisitTold, FindingTold]:
    """One finding with its report."""
    report = one_visit(by, visit)
    found = next((each for each in report.findings if each.number == number), None)
    if found is None:
        raise NotFound
    return report, found


def monitoring_waiting(by: Actor) -> tuple[MonitoringMatter, ...]:
    """What of reports and findings waits for this person, findings by the day they are due."""
    if not may(by, Act.SEE_PARTICIPANTS) or not (
        may(by, Act.VERIFY_SOURCE) or may(by, Act.ANSWER_QUERY)
    ):
        return ()
    found = []
    for row in _seen(by).filter(Q(signed_at=None) | Q(acknowledged_at=None)).order_by("number"):
        if row.signed_at is None:
            found.append(MonitoringMatter(Waits.SIGN, row.number, row.site))
        elif role_to_acknowledge(by, row.site):
            found.append(MonitoringMatter(Waits.ACKNOWLEDGE, row.number, row.site))
    today = _Today(by.study)
    rows = VisitFinding.objects.filter(OPEN | ANSWERED, visit__in=_seen(by))
    for each in rows.select_related("visit").order_by("due", "visit__number", "number"):
        site, waits = each.visit.site, state_of(each) is FindingState.OPEN
        act = Act.ANSWER_QUERY if waits else Act.VERIFY_SOURCE
        if each.visit.signed_at is not None and may(by, act, site=site):
            what = Waits.ANSWER if waits else Waits.REPLY
            late = waits and each.due < today.at(site)
            found.append(
                MonitoringMatter(what, each.visit.number, site, each.number, each.due, late)
            )
    return tuple(found)


class _Today:
    """What day it is at each site, asked of the database once."""

    def __init__(self, study: str) -> None:
        self._zones, self._now = zones_of(study), timezone.now()

    def at(self, site: str) -> date:
        return day_of(self._now, self._zones.at(site))


def _seen(by: Actor) -> QuerySet[MonitoringVisit]:
    study_and_protocol(by)
    if not may(by, Act.SEE_PARTICIPANTS):
        raise NotFound
    rows = MonitoringVisit.objects.filter(study=by.study).order_by("-number")
    if by.sites is not None:
        rows = rows.filter(site__in=by.sites)
    verified = by.sites_for(Act.VERIFY_SOURCE)
    if verified is None:
        return rows
    return rows.filter(Q(signed_at__isnull=False) | Q(site__in=verified))


def _told(by: Actor, rows: QuerySet[MonitoringVisit]) -> tuple[VisitTold, ...]:
    visits = list(rows)
    of: dict[UUID, list[VisitFinding]] = defaultdict(list)
    for each in findings_of(*visits):
        of[each.visit_id].append(each)
    names = _names(visits, [each for held in of.values() for each in held])
    today = _Today(by.study)
    return tuple(_visit(by, row, of[row.pk], names, today) for row in visits)


def _names(visits: Sequence[MonitoringVisit], findings: Sequence[VisitFinding]) -> dict[str, str]:
    people = {
        *(p for row in visits for p in (row.recorded_by, row.signed_by, row.acknowledged_by)),
        *(p for row in findings for p in (row.answered_by, row.replied_by)),
    }
    return names_of({str(each) for each in people if each is not None})


def _visit(
    by: Actor,
    row: MonitoringVisit,
    findings: Sequence[VisitFinding],
    names: dict[str, str],
    today: _Today,
) -> VisitTold:
    def signed(who: UUID | None, role: str | None, at: datetime | None) -> Signed | None:
        if who is None or role is None or at is None:
            return None
        return Signed(names.get(str(who), str(who)), role, at)

    recorded = signed(row.recorded_by, row.role, row.recorded_at)
    assert recorded is not None  # noqa: S101 - these columns are filled
    unsigned = row.signed_at is None
    to_sign = by.role_for(Act.VERIFY_SOURCE, row.site) if unsigned else None
    waits = not unsigned and row.acknowledged_at is None
    return VisitTold(
        number=row.number,
        site=row.site,
        kind=VisitKind(row.kind),
        first_day=row.first_day,
        last_day=row.last_day,
        summary=row.summary,
        recorded=recorded,
        signed=signed(row.signed_by, row.signed_as, row.signed_at),
        acknowledged=signed(row.acknowledged_by, row.acknowledged_as, row.acknowledged_at),
        content_hash=row.content_hash or content_hash(row, findings),
        findings=tuple(_finding(by, row, each, names, today.at(row.site)) for each in findings),
        to_sign=to_sign,
        to_acknowledge=role_to_acknowledge(by, row.site) if waits else None,
    )


def _finding(
    by: Actor, visit: MonitoringVisit, row: VisitFinding, names: dict[str, str], today: date
) -> FindingTold:
    def said(words: str | None, who: UUID | None, at: datetime | None) -> Said | None:
        if words is None or who is None or at is None:
            return None
        return Said(words, names.get(str(who), str(who)), at)

    state, signed = state_of(row), visit.signed_at is not None
    closed = state is FindingState.CLOSED
    return FindingTold(
        visit=visit.number,
        site=visit.site,
        number=row.number,
        severity=Severity(row.severity),
        participant=row.participant.code if row.participant else "",
        form=row.form,
        description=row.description,
        action=row.action,
        due=row.due,
        signed=signed,
        state=state,
        overdue=signed and state is FindingState.OPEN and row.due < today,
        answer=said(row.answer, row.answered_by, row.answered_at),
        reply=said(row.reply, row.replied_by, row.replied_at),
        answers=signed and not closed and may(by, Act.ANSWER_QUERY, site=visit.site),
        replies=state is FindingState.ANSWERED and may(by, Act.VERIFY_SOURCE, site=visit.site),
    )
