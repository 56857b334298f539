"""Holds as a person may see them: that there is one, to everybody; which arm, to the unblinded."""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.utils import timezone

from trialwright.accounts.policy import Act, Actor, may, role_to_decide_hold
from trialwright.conduct.clock import day_of, installation_zone
from trialwright.conduct.models import BoardMeeting, Hold, HoldSignature, StepRecord
from trialwright.conduct.models.steps import StepStatus
from trialwright.conduct.reads.participants import study_and_protocol
from trialwright.conduct.refusals import NotFound
from trialwright.conduct.safety.hold_content import ToDecide, to_decide
from trialwright.conduct.safety.hold_details import (
    DecisionDetails,
    HoldDetails,
    details_of_decision,
    details_of_hold,
)
from trialwright.conduct.safety.holding import standing_of
from trialwright.conduct.safety.safety_state import SafetyState, safety_state
from trialwright.protocol.model import Protocol
from trialwright.safety.hold_rules import hold_rules
from trialwright.safety.holding import WouldHold, would_hold
from trialwright.safety.standing import Standing


@dataclass(frozen=True, slots=True)
class HoldLine:
    """One hold; `goes_on` is None while it is in force. The details and the decision's are there
    for whoever sees results by arm. `finished` counts those who had begun before and were given a
    dose while it was in force."""

    number: int
    kind: str
    pauses: str
    set_at: datetime
    set_by: UUID | None
    reason: str
    decided_at: datetime | None
    goes_on: bool | None
    finished: int
    details: HoldDetails | None = None
    decision: DecisionDetails | None = None

    @property
    def in_force(self) -> bool:
        """Whether no decision has ended it."""
        return self.decided_at is None


@dataclass(frozen=True, slots=True)
class Looks:
    """Where the rules stand on a day, and when they would have held by that day's data."""

    on: date
    standings: tuple[Standing, ...]
    would_hold: tuple[WouldHold, ...]


@dataclass(frozen=True, slots=True)
class Signed:
    """One signature under a decision that has not enough of them yet."""

    by: UUID
    role: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Deciding:
    """What whoever decides reads and signs. `looks` is None for who may not see results by arm;
    `stale` signatures were given on numbers that have changed since; `meetings` of the board, by
    number, are those whose members have signed and read the same cut."""

    role: str
    read: ToDecide
    looks: Looks | None
    signed: tuple[Signed, ...]
    stale: int
    needs: dict[str, int]
    meetings: tuple[int, ...] = ()


def holds_seen(by: Actor) -> tuple[HoldLine, ...]:
    """All holds, the latest first."""
    _study, protocol = study_and_protocol(by)
    if not may(by, Act.SEE_PARTICIPANTS):
        raise NotFound
    opened = may(by, Act.SEE_ARMS)
    rows = Hold.objects.filter(study=by.study).select_related("decision").order_by("-number")
    return tuple(_line(row, protocol, opened=opened) for row in rows)


def _line(row: Hold, protocol: Protocol, *, opened: bool) -> HoldLine:
    decision = row.decision
    return HoldLine(
        row.number,
        row.kind,
        row.pauses,
        row.set_at,
        row.set_by,
        row.reason,
        decision.decided_at if decision else None,
        decision.goes_on if decision else None,
        _finished(row, protocol),
        details_of_hold(row) if opened else None,
        details_of_decision(decision) if opened and decision else None,
    )


def _finished(row: Hold, protocol: Protocol) -> int:
    """How many were given a dose from the day of the hold until its decision."""
    doses = [step.key for step in protocol.steps if step.gives_dose]
    zone = installation_zone()
    given = StepRecord.objects.filter(
        participant__study=row.study_id, step__in=doses, taken_on__gt=day_of(row.set_at, zone)
    ).exclude(status=StepStatus.NOT_DONE.value)
    if row.decision is not None:
        given = given.filter(taken_on__lt=day_of(row.decision.decided_at, zone))
    return given.values("participant").distinct().count()


def looks_seen(by: Actor) -> Looks | None:
    """Where the rules stand, for whoever sees results by arm; None where there is no rule."""
    study, protocol = study_and_protocol(by)
    if not may(by, Act.SEE_ARMS):
        return None
    return _looks(safety_state(study, protocol, timezone.now()))


def _looks(state: SafetyState) -> Looks | None:
    if state.design is None or state.window is None:
        return None
    last_day, now = state.window.last_day, state.on.toordinal()
    found = would_hold(state.design, state.arms, state.people, last_day, now)
    return Looks(state.on, tuple(state.standings()), tuple(found))


def decider_of(by: Actor, protocol: Protocol) -> str | None:
    """The role under which a person decides about holds, or None."""
    return role_to_decide_hold(by, hold_rules(protocol).deciders(protocol))


def deciding(by: Actor) -> Deciding:
    """What stands before whoever decides; NotFound for anybody else."""
    study, protocol = study_and_protocol(by)
    role = decider_of(by, protocol)
    if role is None:
        raise NotFound
    state = safety_state(study, protocol, timezone.now())
    read = to_decide(study, state, standing_of(study))
    waiting = HoldSignature.objects.filter(study=study, decision=None).order_by("signed_at")
    fresh = [row for row in waiting if details_of_decision(row).content_hash == read.content_hash]
    return Deciding(
        role,
        read,
        _looks(state) if may(by, Act.SEE_ARMS) else None,
        tuple(Signed(row.signed_by, row.role, row.signed_at) for row in fresh),
        len(waiting) - len(fresh),
        dict(hold_rules(protocol).signatures),
        _meetings(study.identifier, read),
    )


def _meetings(study: str, read: ToDecide) -> tuple[int, ...]:
    rows = BoardMeeting.objects.filter(study=study, cut=read.cut, signed_at__isnull=False)
    return tuple(rows.order_by("-number").values_list("number", flat=True)) if read.cut else ()


def holds_to_decide(by: Actor, protocol: Protocol) -> int:
    """How many holds in force wait for this person's decision."""
    if decider_of(by, protocol) is None:
        return 0
    return Hold.objects.filter(study=by.study, decision=None).count()


def on_hold(study: str) -> bool:
    """Whether any hold is in force."""
    return Hold.objects.filter(study=study, decision=None).exists()
