"""Clocks of reports as the sealed part of a cut has them."""

from collections.abc import Iterator
from datetime import datetime

from trialwright.analysis import cut_clocks as c
from trialwright.conduct.clock import installation_zone
from trialwright.conduct.models import Clock, Study
from trialwright.conduct.safety.clock_details import How, details_of_ending


def sealed_clocks(study: Study, at: datetime) -> Iterator[c.ReportClock]:
    """All clocks; those that run are late by the moment of the cut."""
    rows = Clock.objects.filter(study=study).order_by("number")
    for row in rows.select_related("event__participant", "hold", "ending"):
        ending = details_of_ending(row.ending) if hasattr(row, "ending") else None
        none_due = ending is not None and ending.how is How.NOT_DUE
        yield c.ReportClock(
            number=row.number,
            rule=row.rule,
            region=row.region,
            stage=row.stage,
            site=row.site,
            participant=row.event.participant.code if row.event else "",
            event=row.event.number if row.event else None,
            hold=row.hold.number if row.hold else None,
            started_at=_moment(row.started_at),
            due_at=_moment(row.due_at),
            how=ending.how.value if ending else "",
            ended_at=_moment(ending.sent_at) if ending else None,
            late=not none_due and (ending.sent_at if ending else at) > row.due_at,
        )


def _moment(at: datetime) -> str:
    return at.astimezone(installation_zone()).isoformat(timespec="minutes")
