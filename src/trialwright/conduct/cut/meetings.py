"""Meetings of the board as a cut has them: an open part and a sealed one."""

from collections.abc import Iterator

from trialwright.analysis import cut_meetings as c
from trialwright.conduct.clock import day_of, installation_zone
from trialwright.conduct.models import BoardMeeting, Study
from trialwright.conduct.safety.meeting_details import details_of


def open_meetings(study: Study) -> Iterator[c.BoardMeeting]:
    """All meetings as they stand, without what could tell an arm."""
    zone = installation_zone()
    for row in _latest(study):
        yield c.BoardMeeting(
            row.number,
            row.held_on.isoformat(),
            row.cut.name,
            len(row.present),
            row.quorum,
            row.advice,
            row.minutes,
            day_of(row.signed_at, zone).isoformat() if row.signed_at else None,
        )


def sealed_meetings(study: Study) -> Iterator[c.MeetingDetail]:
    """What only unblinded people may know of them."""
    for row in _latest(study):
        details = details_of(row)
        yield c.MeetingDetail(
            row.number,
            details.recommendation.value,
            details.arms,
            details.reason,
            details.closed_minutes,
            tuple(each.words for each in details.conflicts),
        )


def _latest(study: Study) -> list[BoardMeeting]:
    rows = BoardMeeting.objects.filter(study=study).select_related("cut")
    latest = {row.number: row for row in rows.order_by("number", "version")}
    return list(latest.values())
