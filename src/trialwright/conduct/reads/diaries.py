"""The diaries of a participant, as the staff of the site see them and as the participant does."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from enum import StrEnum
from uuid import UUID

from django.utils import timezone

from trialwright.accounts.policy import Actor, role_to_give_diary
from trialwright.conduct.diary.diaries import (
    OwnDiary,
    diaries_of,
    ended_on,
    protocol_of_link,
)
from trialwright.conduct.models import DiaryEntry, DiaryLink, Participant
from trialwright.conduct.reads.participants import participant_and_protocol
from trialwright.conduct.refusals import NotFound
from trialwright.protocol.diaries import Slot
from trialwright.protocol.forms import Form
from trialwright.protocol.model import Protocol


class SlotStatus(StrEnum):
    """Where one entry of a diary stands."""

    SENT = "sent"
    SENT_LATE = "sent_late"
    OPEN = "open"
    OPEN_LATE = "open_late"
    MISSED = "missed"
    AHEAD = "ahead"


@dataclass(frozen=True, slots=True)
class DiaryLine:
    """One entry of a diary; the moments are None until it has come."""

    number: int
    day: date
    time: time
    opens: datetime
    late: datetime
    closes: datetime
    status: SlotStatus
    written_at: datetime | None
    received_at: datetime | None


@dataclass(frozen=True, slots=True)
class DiaryTold:
    """A diary: its form, the visit where it stands, and its entries; none where its day 0 isn't
    known yet, which `from_label` names."""

    form: Form
    visit: str
    anchor: str
    lines: tuple[DiaryLine, ...]

    def count(self, *statuses: SlotStatus) -> int:
        """How many entries stand so."""
        return sum(line.status in statuses for line in self.lines)


@dataclass(frozen=True, slots=True)
class LinkTold:
    """A link of a participant; `id` is there for those alone who may hand it over."""

    number: int
    language: str
    made_at: datetime
    made_by: str
    role: str
    expires_at: datetime
    opened_at: datetime | None
    ended_at: datetime | None
    end_reason: str
    id: UUID | None


@dataclass(frozen=True, slots=True)
class DiariesTold:
    """All that the page of a participant's diaries shows; `gives`: may make and end links."""

    participant: Participant
    protocol: Protocol
    diaries: tuple[DiaryTold, ...]
    links: tuple[LinkTold, ...]
    gives: bool


def diaries_told(by: Actor, code: str) -> DiariesTold:
    """The diaries and links of a participant.

    Raises:
        NotFound: the participant isn't there for them, or the protocol has no diary.
    """
    participant, protocol = participant_and_protocol(by, code)
    own = diaries_of(participant, protocol)
    if not own:
        raise NotFound
    gives = role_to_give_diary(by, participant.site) is not None
    rows = DiaryLink.objects.filter(participant=participant).order_by("-number")
    return DiariesTold(
        participant,
        protocol,
        _told(participant, protocol, own, timezone.now()),
        tuple(_link(row, gives=gives) for row in rows),
        gives,
    )


@dataclass(frozen=True, slots=True)
class OwnPage:
    """What a participant's own page shows."""

    participant: Participant
    protocol: Protocol
    diaries: tuple[DiaryTold, ...]
    ended: bool


def own_diaries(link: DiaryLink, now: datetime) -> OwnPage:
    """The diaries of the participant whose link this is; the page has asked for its browser."""
    protocol = protocol_of_link(link)
    participant = link.participant
    own = diaries_of(participant, protocol)
    over = bool(own) and all(
        ended_on(participant, protocol, each.form.key) is not None for each in own
    )
    return OwnPage(participant, protocol, _told(participant, protocol, own, now), over)


def _link(row: DiaryLink, *, gives: bool) -> LinkTold:
    return LinkTold(
        row.number, row.language, row.made_at, str(row.made_by), row.role, row.expires_at,
        row.opened_at, row.ended_at, row.end_reason or "", row.pk if gives else None,
    )  # fmt: skip


def _told(
    participant: Participant, protocol: Protocol, own: Sequence[OwnDiary], now: datetime
) -> tuple[DiaryTold, ...]:
    rows = DiaryEntry.objects.filter(entry__participant=participant).select_related("entry")
    sent = {(row.entry.form, row.entry.repeat): row for row in rows}
    return tuple(
        DiaryTold(
            each.form,
            each.visit,
            each.form.diary.anchor if each.form.diary else "",
            tuple(_line(slot, sent.get((each.form.key, slot.number)), now) for slot in each.slots),
        )
        for each in own
    )


def _line(slot: Slot, row: DiaryEntry | None, now: datetime) -> DiaryLine:
    return DiaryLine(
        slot.number, slot.day, slot.time, slot.opens, slot.late, slot.closes,
        _status(slot, row, now),
        row.written_at if row else None, row.received_at if row else None,
    )  # fmt: skip


def _status(slot: Slot, row: DiaryEntry | None, now: datetime) -> SlotStatus:
    if row is not None:
        return SlotStatus.SENT_LATE if row.late else SlotStatus.SENT
    if now < slot.opens:
        return SlotStatus.AHEAD
    if now >= slot.closes:
        return SlotStatus.MISSED
    return SlotStatus.OPEN_LATE if now >= slot.late else SlotStatus.OPEN
