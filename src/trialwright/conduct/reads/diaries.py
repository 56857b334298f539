"""The diaries of a participant, as the staff of the site see them and as the participant does."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.utils import timezone

from trialwright.accounts.policy import Actor, role_to_give_diary
from trialwright.conduct.diary.diaries import (
    diaries_in,
    diaries_of,
    ended_on,
    protocol_of_link,
)
from trialwright.conduct.diary.standing import DiaryLine, SlotStatus, lines_of, received_of
from trialwright.conduct.models import DiaryLink, Participant
from trialwright.conduct.reads.participants import participant_and_protocol
from trialwright.conduct.refusals import NotFound
from trialwright.protocol.forms import Form
from trialwright.protocol.model import Protocol


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
    if not diaries_in(protocol):
        raise NotFound
    gives = role_to_give_diary(by, participant.site) is not None
    rows = DiaryLink.objects.filter(participant=participant).order_by("-number")
    return DiariesTold(
        participant,
        protocol,
        told_of(participant, protocol, timezone.now()),
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
    forms = diaries_in(protocol)
    over = bool(forms) and all(
        ended_on(participant, protocol, form.key) is not None for form in forms
    )
    return OwnPage(participant, protocol, told_of(participant, protocol, now), over)


def _link(row: DiaryLink, *, gives: bool) -> LinkTold:
    return LinkTold(
        row.number, row.language, row.made_at, str(row.made_by), row.role, row.expires_at,
        row.opened_at, row.ended_at, row.end_reason or "", row.pk if gives else None,
    )  # fmt: skip


def told_of(participant: Participant, protocol: Protocol, now: datetime) -> tuple[DiaryTold, ...]:
    """The diaries of a participant at a moment; ask the policy first."""
    if not diaries_in(protocol):
        return ()
    received = received_of(participant)
    return tuple(
        DiaryTold(
            each.form,
            each.visit,
            each.form.diary.anchor if each.form.diary else "",
            lines_of(participant, protocol, each, received, now),
        )
        for each in diaries_of(participant, protocol)
    )
