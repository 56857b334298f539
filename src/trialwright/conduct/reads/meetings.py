"""Meetings of the board as a person may see them: the open part, and the closed one."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from trialwright.accounts.policy import (
    Act,
    Actor,
    may,
    role_to_keep_board,
    role_to_sign_meeting,
)
from trialwright.accounts.reads import holders_of, names_of
from trialwright.conduct.models import BoardMeeting, MeetingSignature
from trialwright.conduct.reads.participants import study_and_protocol
from trialwright.conduct.refusals import NotFound
from trialwright.conduct.safety.meeting_details import (
    MeetingDetails,
    content_hash,
    details_of,
    members_present,
)
from trialwright.protocol.model import Protocol
from trialwright.safety.board import board_rules


@dataclass(frozen=True, slots=True)
class MemberSignature:
    """One member's signature on the record as it stands."""

    name: str
    role: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Meeting:
    """One meeting. `details` are there for whoever sees results by arm; `to_sign` is the role under
    which the person may sign it now, `keeps` whether they may correct it."""

    number: int
    version: int
    held_on: date
    cut: str
    cut_sha256: str
    present: tuple[UUID, ...]
    names: dict[UUID, str]
    chair: UUID
    quorum: int
    advice: str
    minutes: str
    recorded_at: datetime
    recorded_by: str
    signed_at: datetime | None
    signatures: tuple[MemberSignature, ...] = ()
    content_hash: str = ""
    to_sign: str | None = None
    keeps: bool = False
    details: MeetingDetails | None = None


def meetings_seen(by: Actor) -> tuple[Meeting, ...]:
    """All meetings, the latest first."""
    _study, protocol = study_and_protocol(by)
    if not may(by, Act.SEE_PARTICIPANTS):
        raise NotFound
    rows = BoardMeeting.objects.filter(study=by.study).select_related("cut")
    latest = {row.number: row for row in rows.order_by("number", "version")}
    names = _names(latest.values())
    signed = _signatures(latest.values())
    return tuple(
        _meeting(by, protocol, row, names, signed.get(row.pk, []))
        for row in sorted(latest.values(), key=lambda row: -row.number)
    )


def one_meeting(by: Actor, number: int) -> Meeting:
    """One meeting as it stands; NotFound where there is none."""
    found = next((each for each in meetings_seen(by) if each.number == number), None)
    if found is None:
        raise NotFound
    return found


def keeps_board(by: Actor, protocol: Protocol) -> bool:
    """Whether a person records the board's meetings."""
    return role_to_keep_board(by, board_rules(protocol).members) is not None


def board_members(by: Actor) -> dict[UUID, str]:
    """Who is or was a member of the board, by name, for whoever records its meetings."""
    _study, protocol = study_and_protocol(by)
    if not keeps_board(by, protocol):
        raise NotFound
    return holders_of(by.study, board_rules(protocol).members)


def meetings_to_sign(by: Actor, protocol: Protocol) -> tuple[int, ...]:
    """The numbers of the meetings that wait for this person's signature."""
    if role_to_sign_meeting(by, board_rules(protocol).members) is None:
        return ()
    return tuple(each.number for each in reversed(meetings_seen(by)) if each.to_sign)


def _names(rows: Collection[BoardMeeting]) -> dict[UUID, str]:
    people = {str(row.recorded_by) for row in rows}
    people |= {each for row in rows for each in (*row.present, str(row.chair))}
    return {UUID(key): name for key, name in names_of(people).items()}


def _signatures(rows: Collection[BoardMeeting]) -> dict[UUID, list[MeetingSignature]]:
    found: dict[UUID, list[MeetingSignature]] = {}
    of = MeetingSignature.objects.filter(meeting__in=list(rows))
    for each in of.order_by("signed_at", "signed_by"):
        found.setdefault(each.meeting_id, []).append(each)
    return found


def _meeting(
    by: Actor,
    protocol: Protocol,
    row: BoardMeeting,
    names: dict[UUID, str],
    signed: list[MeetingSignature],
) -> Meeting:
    opened = may(by, Act.SEE_ARMS)
    role = role_to_sign_meeting(by, board_rules(protocol).members) if opened else None
    present = members_present(row)
    waits = by.person_id in present and by.person_id not in {each.signed_by for each in signed}
    return Meeting(
        row.number,
        row.version,
        row.held_on,
        row.cut.name,
        row.cut.sha256,
        present,
        {key: names.get(key, str(key)) for key in (*present, row.chair)},
        row.chair,
        row.quorum,
        row.advice,
        row.minutes,
        row.recorded_at,
        names.get(row.recorded_by, str(row.recorded_by)),
        row.signed_at,
        tuple(
            MemberSignature(names.get(s.signed_by, str(s.signed_by)), s.role, s.signed_at)
            for s in signed
        ),
        content_hash(row) if opened else "",
        role if waits else None,
        row.signed_at is None and keeps_board(by, protocol),
        details_of(row) if opened else None,
    )
