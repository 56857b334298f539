"""A hold set by the medical monitor, the board's meeting, and the decision that lifts it."""

from datetime import date, datetime, timedelta
from uuid import UUID

from trialwright.accounts.models import Membership
from trialwright.accounts.policy import Actor
from trialwright.conduct.acting import protocol_of
from trialwright.conduct.actions import clocks, cutting, holds, meetings
from trialwright.conduct.models import Study
from trialwright.conduct.reads.clocks import clocks_to_end
from trialwright.conduct.reads.meetings import one_meeting
from trialwright.conduct.reads.people import actor_of
from trialwright.conduct.safety.clock_details import How
from trialwright.conduct.safety.hold_content import to_decide
from trialwright.conduct.safety.hold_details import Choice
from trialwright.conduct.safety.holding import standing_of
from trialwright.conduct.safety.safety_state import safety_state
from trialwright.demonstration.narration import Narration, Thread
from trialwright.demonstration.team import Team, step
from trialwright.protocol.basics import Role
from trialwright.safety.board import Recommendation

CUT, MEETING = "board-1", 1


def held_and_lifted(tale: Narration, on: date) -> Thread:
    """All in the evening of a day, when nobody is in theatre; the reports follow in the week."""
    for hour, minute, act in (
        (18, 0, _hold), (18, 30, _cut), (20, 0, _meet), (20, 40, _sign), (21, 0, _lift),
    ):  # fmt: skip
        yield tale.clock(on, hour, minute)
        act(tale.team, tale.now)
    yield tale.clock(on + timedelta(days=4), 11)
    _report(tale.team, tale.now)


def _board(team: Team) -> list[Actor]:
    seats = Membership.objects.filter(study=team.study, role=Role.SAFETY_BOARD.value)
    people = [seat.person for seat in seats.order_by("person__username")]
    return [actor_of(person, team.study) for person in people]


@step
def _hold(team: Team, at: datetime) -> None:
    by = team.actor(Role.SAFETY_PHYSICIAN, "")
    reason = "Fever of grade 3 four days after the treatment: is it the product?"
    holds.set_hold(by=by, reason=reason, at=at)


@step
def _cut(team: Team, at: datetime) -> None:
    cutting.cut_data(by=team.actor(Role.BOARD_STATISTICIAN, ""), name=CUT, at=at)


@step
def _meet(team: Team, at: datetime) -> None:
    present: dict[UUID, str] = {each.person_id: "" for each in _board(team)}
    report = meetings.MeetingReport(
        held_on=at.date(),
        cut=CUT,
        present=present,
        chair=next(iter(present)),
        recommendation=Recommendation.CHANGE,
        reason="One fever, which passed. Temperature is taken twice a day in the first week.",
        minutes="The board read the report of the cut and heard the medical monitor.",
        closed_minutes="No arm has more events than another.",
    )
    meetings.record_meeting(by=team.actor(Role.BOARD_STATISTICIAN, ""), report=report, at=at)


@step
def _sign(team: Team, at: datetime) -> None:
    for member in _board(team):
        read = one_meeting(member, MEETING).content_hash
        meetings.sign_meeting(by=member, number=MEETING, content_hash=read, at=at)


@step
def _lift(team: Team, at: datetime) -> None:
    study = Study.objects.select_related("version").get(identifier=team.study)
    assert study.version is not None  # noqa: S101 - it runs
    state = safety_state(study, protocol_of(study.version), at)
    read = to_decide(study, state, standing_of(study))
    decision = holds.Decision(Choice.RESUME, "As the board recommended", meeting=MEETING)
    holds.sign_decision(
        by=_board(team)[0], decision=decision, content_hash=read.content_hash, at=at
    )


@step
def _report(team: Team, at: datetime) -> None:
    """The safety office tells the authorities of the hold."""
    by = team.actor(Role.SAFETY_OFFICE, "")
    for each in clocks_to_end(by):
        if each.hold is not None:
            report = clocks.Report(How.SENT, reference=f"{each.region}-hold-{each.hold}")
            clocks.end_clock(by=by, number=each.number, report=report, at=at)
