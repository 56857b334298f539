"""Meetings of the data and safety monitoring board: recorded, corrected until signed, signed."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.db.models import Max
from django.utils.translation import gettext_lazy as _

from trialwright.accounts.policy import Actor, role_to_keep_board, role_to_sign_meeting
from trialwright.accounts.reads import holders_of
from trialwright.conduct import sealed_values
from trialwright.conduct.acting import ActionContext, acting
from trialwright.conduct.clock import day_of, installation_zone
from trialwright.conduct.models import BoardMeeting, DataCut, MeetingSignature
from trialwright.conduct.refusals import ActionRefused, NotFound, Problem
from trialwright.conduct.safety.meeting_details import (
    DeclaredConflict,
    MeetingDetails,
    content_hash,
    members_present,
)
from trialwright.safety.board import ADVICE, Recommendation, board_rules

LONGEST_MINUTES = 20_000
LONGEST_REASON = 2_000


@dataclass(frozen=True, slots=True)
class MeetingReport:
    """What is recorded of a meeting.

    present: the members who took part, each with the conflict of interest that they declared, ""
    for none. minutes: of the open session, which blinded people read; closed_minutes: of the closed
    one. arms: those that are to be stopped, with that recommendation alone.
    """

    held_on: date
    cut: str
    present: Mapping[UUID, str]
    chair: UUID
    recommendation: Recommendation
    reason: str
    arms: tuple[str, ...] = ()
    minutes: str = ""
    closed_minutes: str = ""


def record_meeting(
    *, by: Actor, report: MeetingReport, number: int | None = None, at: datetime | None = None
) -> int:
    """Record a meeting of the board; returns its number.

    Args:
        number: that of a meeting which is corrected; None for a new one. What was signed of its
            earlier version doesn't count for this one.

    Raises:
        NotFound: this person doesn't keep the board's records, or there is no such meeting.
        ActionRefused: there is no quorum, something is missing or can't be, or enough members have
            signed the meeting already.
    """
    with acting(by, _keeper, "record_meeting", at=at) as context:
        cut = _checked(context, report)
        earlier = None if number is None else _latest(context, number)
        if earlier is not None and earlier.signed_at is not None:
            raise ActionRefused(
                _(
                    "The members have signed this meeting, so it doesn't change any more. Record "
                    "what has to be said of it as another meeting."
                )
            )
        rows = BoardMeeting.objects.filter(study=context.study)
        row = BoardMeeting(
            study=context.study,
            number=number or (rows.aggregate(last=Max("number"))["last"] or 0) + 1,
            version=earlier.version + 1 if earlier else 1,
            held_on=report.held_on,
            cut=cut,
            present=sorted(str(each) for each in report.present),
            chair=report.chair,
            quorum=board_rules(context.protocol).quorum,
            advice=ADVICE[report.recommendation].value,
            minutes=report.minutes.strip(),
            recorded_at=context.at,
            recorded_by=context.by.person_id,
            role=context.role,
        )
        context.record_sealed(row, sealed_values.dump(_details(report)))
        return row.number


def sign_meeting(*, by: Actor, number: int, content_hash: str, at: datetime | None = None) -> bool:
    """Sign a meeting as a member who took part; returns whether it is signed by this.

    It is once the chair and as many members as the quorum asks for have signed the same record.

    Raises:
        NotFound: there is no such meeting, or this person didn't take part in it.
        ActionRefused: it was corrected since it was read, or they have signed it already.
    """
    with acting(by, _member, "sign_meeting", at=at) as context:
        row = _latest(context, number)
        if context.by.person_id not in members_present(row):
            raise NotFound
        _require_same(row, content_hash)
        signed = set(row.signatures.values_list("signed_by", flat=True))
        if context.by.person_id in signed:
            raise ActionRefused(_("You have signed this meeting already."))
        context.record(
            MeetingSignature(
                meeting=row,
                content_hash=content_hash,
                signed_at=context.at,
                signed_by=context.by.person_id,
                role=context.role,
            )
        )
        signed.add(context.by.person_id)
        whole = row.chair in signed and len(signed) >= row.quorum
        if whole and row.signed_at is None:
            context.change(row, signed_at=context.at)
        return whole


def _require_same(row: BoardMeeting, read: str) -> None:
    if content_hash(row) != read:
        raise ActionRefused(
            _("The record of this meeting was corrected since you read it. Read it, then sign.")
        )


def _latest(context: ActionContext, number: int) -> BoardMeeting:
    rows = BoardMeeting.objects.filter(study=context.study, number=number)
    row = rows.select_related("cut").order_by("-version").first()
    if row is None:
        raise NotFound
    return row


def _checked(context: ActionContext, report: MeetingReport) -> DataCut:
    """The cut that the members read, once nothing of the report is missing or impossible."""
    cut = DataCut.objects.filter(study=context.study, name=report.cut).first()
    problems = [*_present_problems(context, report), *_said_problems(context, report)]
    if cut is None:
        problems.append(Problem("cut", _("Say which data cut the members read.")))
    elif report.held_on < day_of(cut.cut_at, installation_zone()):
        words = _("The members can't have read a cut that was made after the meeting.")
        problems.append(Problem("held_on", words))
    if report.held_on > day_of(context.at, installation_zone()):
        words = _("This day lies in the future. A meeting is recorded once it was held.")
        problems.append(Problem("held_on", words))
    if problems or cut is None:
        raise ActionRefused(problems=tuple(problems))
    return cut


def _present_problems(context: ActionContext, report: MeetingReport) -> list[Problem]:
    rules = board_rules(context.protocol)
    members = holders_of(context.study.identifier, rules.members)
    if not report.present.keys() <= members.keys():
        raise NotFound
    problems = []
    if len(report.present) < rules.quorum:
        words = _(
            "The protocol asks for %(needed)d members and %(named)d are named. A meeting without "
            "its quorum recommends nothing: name who else took part."
        ) % {"needed": rules.quorum, "named": len(report.present)}
        problems.append(Problem("chair", words))
    elif report.chair not in report.present:
        problems.append(Problem("chair", _("The chair is one of the members who took part.")))
    if any(len(each) > LONGEST_REASON for each in report.present.values()):
        problems.append(_too_long("chair", LONGEST_REASON))
    return problems


def _said_problems(context: ActionContext, report: MeetingReport) -> list[Problem]:
    problems = []
    stops = report.recommendation is Recommendation.STOP_ARM
    if stops and not (report.arms and set(report.arms) <= {a.key for a in context.protocol.arms}):
        words = _("Say which arm is to be stopped, or choose otherwise.")
        problems.append(Problem("recommendation", words))
    if not report.reason.strip():
        problems.append(Problem("reason", _("Write why.")))
    longest = {
        "reason": (report.reason, LONGEST_REASON),
        "minutes": (report.minutes, LONGEST_MINUTES),
        "closed_minutes": (report.closed_minutes, LONGEST_MINUTES),
    }
    problems += [_too_long(key, most) for key, (said, most) in longest.items() if len(said) > most]
    return problems


def _too_long(field: str, most: int) -> Problem:
    return Problem(field, _("Write at most %(most)d characters.") % {"most": most})


def _details(report: MeetingReport) -> MeetingDetails:
    stops = report.recommendation is Recommendation.STOP_ARM
    declared = sorted((str(key), said) for key, said in report.present.items() if said.strip())
    return MeetingDetails(
        report.recommendation,
        tuple(sorted(report.arms)) if stops else (),
        report.reason.strip(),
        report.closed_minutes.strip(),
        tuple(DeclaredConflict(person, said.strip()) for person, said in declared),
    )


def _keeper(context: ActionContext) -> str | None:
    return role_to_keep_board(context.by, board_rules(context.protocol).members)


def _member(context: ActionContext) -> str | None:
    return role_to_sign_meeting(context.by, board_rules(context.protocol).members)
