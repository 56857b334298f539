"""Where each entry of a participant's diaries stands at a moment: for pages, casebook and cut."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time
from enum import StrEnum

from trialwright.conduct.diary.diaries import OwnDiary, ended_on
from trialwright.conduct.models import DiaryEntry, Participant
from trialwright.protocol.diaries import Slot
from trialwright.protocol.model import Protocol


class SlotStatus(StrEnum):
    """Where one entry of a diary stands. `ENDED`: the participant's part ended before it."""

    SENT = "sent"
    SENT_LATE = "sent_late"
    OPEN = "open"
    OPEN_LATE = "open_late"
    MISSED = "missed"
    AHEAD = "ahead"
    ENDED = "ended"


@dataclass(frozen=True, slots=True)
class DiaryLine:
    """One entry of a diary; `written_at` and `received_at` are None until it has come."""

    number: int
    day: date
    time: time
    opens: datetime
    late: datetime
    closes: datetime
    status: SlotStatus
    written_at: datetime | None
    received_at: datetime | None


def received_of(participant: Participant) -> dict[tuple[str, int], DiaryEntry]:
    """What came in of a participant's diaries, by form and number."""
    rows = DiaryEntry.objects.filter(entry__participant=participant).select_related("entry")
    return {(row.entry.form, row.entry.repeat): row for row in rows}


def lines_of(
    participant: Participant,
    protocol: Protocol,
    own: OwnDiary,
    received: Mapping[tuple[str, int], DiaryEntry],
    now: datetime,
) -> tuple[DiaryLine, ...]:
    """Every entry of one diary of a participant, in its order."""
    last = ended_on(participant, protocol, own.form.key) if own.slots else None
    return tuple(
        _line(slot, received.get((own.form.key, slot.number)), now,
              over=last is not None and slot.day > last)
        for slot in own.slots
    )  # fmt: skip


def _line(slot: Slot, row: DiaryEntry | None, now: datetime, *, over: bool) -> DiaryLine:
    return DiaryLine(
        slot.number, slot.day, slot.time, slot.opens, slot.late, slot.closes,
        _status(slot, row, now, over=over),
        row.written_at if row else None, row.received_at if row else None,
    )  # fmt: skip


def _status(slot: Slot, row: DiaryEntry | None, now: datetime, *, over: bool) -> SlotStatus:
    if row is not None:
        return SlotStatus.SENT_LATE if row.late else SlotStatus.SENT
    if over:
        return SlotStatus.ENDED
    if now < slot.opens:
        return SlotStatus.AHEAD
    if now >= slot.closes:
        return SlotStatus.MISSED
    return SlotStatus.OPEN_LATE if now >= slot.late else SlotStatus.OPEN
