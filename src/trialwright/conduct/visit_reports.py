"""What reports of monitoring visits are to actions and pages alike: what is signed, and where a
finding stands."""

from collections.abc import Iterable
from enum import StrEnum

from django.db.models import Q, QuerySet

from trialwright.conduct.models import MonitoringVisit, VisitFinding
from trialwright.conduct.signing import hash_of


class FindingState(StrEnum):
    """Whom a finding waits for: the site, who verifies there, or nobody."""

    OPEN = "open"
    ANSWERED = "answered"
    CLOSED = "closed"


OPEN = Q(closed_at=None) & (Q(answer=None) | Q(reply__isnull=False))
ANSWERED = Q(closed_at=None, answer__isnull=False, reply=None)


def state_of(row: VisitFinding) -> FindingState:
    """Where a finding stands; for the database `OPEN` and `ANSWERED` say the same."""
    if row.closed_at is not None:
        return FindingState.CLOSED
    waits = row.answer is None or row.reply is not None
    return FindingState.OPEN if waits else FindingState.ANSWERED


def findings_of(*visits: MonitoringVisit) -> QuerySet[VisitFinding]:
    """The findings of reports, each report's by their numbers."""
    rows = VisitFinding.objects.filter(visit__in=visits)
    return rows.select_related("participant").order_by("number")


def content_hash(visit: MonitoringVisit, findings: Iterable[VisitFinding]) -> str:
    """The hash of what is signed: the report with all its findings as they stand."""
    return hash_of(
        {
            "visit": [visit.number, visit.site, visit.kind],
            "days": [visit.first_day.isoformat(), visit.last_day.isoformat()],
            "summary": visit.summary,
            "findings": [
                [
                    row.number,
                    row.severity,
                    row.participant.code if row.participant else "",
                    row.form,
                    row.description,
                    row.action,
                    row.due.isoformat(),
                ]
                for row in findings
            ],
        }
    )
