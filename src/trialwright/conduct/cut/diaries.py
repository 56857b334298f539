"""Entries of participants' diaries as a cut has them: in time, late, missed, or still open."""

from collections import defaultdict
from collections.abc import Collection, Iterator
from datetime import datetime

from trialwright.analysis.cut_diaries import DiaryMark
from trialwright.conduct.clock import zone_of
from trialwright.conduct.diary.diaries import diaries_in, diaries_of
from trialwright.conduct.diary.standing import SlotStatus, lines_of
from trialwright.conduct.models import DiaryEntry, DiaryLink, Participant
from trialwright.protocol.model import Protocol

_STATUSES = {
    SlotStatus.SENT: "on_time",
    SlotStatus.SENT_LATE: "late",
    SlotStatus.MISSED: "missed",
    SlotStatus.OPEN: "open",
    SlotStatus.OPEN_LATE: "open",
}


def diary_marks(
    rows: Collection[Participant], protocol: Protocol, at: datetime
) -> Iterator[DiaryMark]:
    """Every entry that had opened by a moment, of those of these participants who were given a link
    to their diaries."""
    if not diaries_in(protocol):
        return
    received: dict[object, dict[tuple[str, int], DiaryEntry]] = defaultdict(dict)
    came = DiaryEntry.objects.filter(entry__participant__in=rows).select_related("entry")
    for each in came:
        entry = each.entry
        received[entry.participant_id][entry.form, entry.repeat] = each
    given = set(
        DiaryLink.objects.filter(participant__in=rows).values_list("participant", flat=True)
    )
    for row in rows:
        if row.pk in given:
            for own in diaries_of(row, protocol):
                for line in lines_of(row, protocol, own, received[row.pk], at):
                    if line.status in _STATUSES:
                        yield DiaryMark(
                            row.code,
                            own.form.key,
                            line.number,
                            _moment(line.opens, row),
                            _STATUSES[line.status],
                            _moment(line.written_at, row),
                            _moment(line.received_at, row),
                        )


def _moment(at: datetime | None, row: Participant) -> str:
    return "" if at is None else at.astimezone(zone_of(row)).isoformat(timespec="minutes")
