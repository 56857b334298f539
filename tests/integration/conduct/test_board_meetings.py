"""Meetings of the board: quorum, corrections, signatures, and the decision that names one."""

from dataclasses import replace
from datetime import timedelta
from functools import partial
from uuid import UUID

import pytest

from tests.integration.conduct.refusing import absent, refused
from tests.integration.conduct.test_holds import GO_ON, cut, on_regimens, signing, stops
from tests.integration.conduct.world import STUDY, World, begin
from trialwright.accounts.models import Person
from trialwright.accounts.policy import Actor
from trialwright.accounts.reads import actor_in
from trialwright.conduct.acting import protocol_of
from trialwright.conduct.actions import meetings
from trialwright.conduct.actions.meetings import MeetingReport
from trialwright.conduct.cut.making import open_cut, sealed_part
from trialwright.conduct.models import BoardMeeting, HoldDecision, Study
from trialwright.conduct.reads.meetings import meetings_seen, meetings_to_sign, one_meeting
from trialwright.conduct.safety.hold_details import details_of_decision
from trialwright.conduct.safety.meeting_details import content_hash, details_of
from trialwright.demonstration.protocol import demonstration
from trialwright.ledger import files
from trialwright.ledger.verify import verify
from trialwright.protocol.basics import Role
from trialwright.safety.board import Recommendation
from trialwright.web.clinical.ledger_words import ACTIONS, RECORDS

CONFLICT = "Advised the maker of the hydrogel in 2019"


def member(username: str) -> Actor:
    person = Person.objects.get(username=username)
    actor = actor_in(person, STUDY, demonstration().roles)
    assert actor is not None
    return actor


def ids(*names: str) -> list[UUID]:
    return [Person.objects.get(username=name).pk for name in names]


def report(world: World, **other: object) -> MeetingReport:
    chen, gao = ids("chen", "gao")
    said = MeetingReport(
        held_on=world.now.date(),
        cut="board-1",
        present={chen: "", gao: CONFLICT},
        chair=chen,
        recommendation=Recommendation.CONTINUE,
        reason="Both reactions were mild",
        minutes="The board read the report of the cut board-1.",
        closed_minutes="Two events, both of one arm.",
    )
    return replace(said, **other)


def record(world: World, said: MeetingReport, number: int | None = None) -> int:
    by = world.person(Role.SAFETY_BOARD)
    return meetings.record_meeting(by=by, report=said, number=number, at=world.now)


def row(number: int = 1) -> BoardMeeting:
    return BoardMeeting.objects.filter(number=number).order_by("-version")[0]


def sign(world: World, username: str, number: int = 1, read: str = "") -> bool:
    return meetings.sign_meeting(
        by=member(username), number=number, content_hash=read or content_hash(row(number)),
        at=world.now,
    )  # fmt: skip


@pytest.fixture
def met(world: World) -> World:
    """Two stopping events, the hold, a cut, and the meeting that read it."""
    for code in on_regimens(world, 2):
        stops(world, code)
    cut(world, "board-1")
    assert record(world, report(world)) == 1
    return world


def test_a_meeting_needs_its_quorum_and_its_chair(met: World) -> None:
    chen, gao = ids("chen", "gao")
    alone = report(met, present={chen: ""})
    assert "asks for 2 members and 1 are named" in refused(partial(record, met, alone))
    other = report(met, present={chen: "", gao: ""}, chair=ids("wei")[0])
    assert "The chair is one of" in refused(partial(record, met, other))
    strange = report(met, present=dict.fromkeys(ids("chen", "lin"), ""))
    absent(partial(record, met, strange))
    assert BoardMeeting.objects.count() == 1


@pytest.mark.parametrize(
    ("other", "sentence"),
    [
        ({"cut": "board-2"}, "Say which data cut"),
        ({"reason": " "}, "Write why"),
        ({"recommendation": Recommendation.STOP_ARM}, "Say which arm"),
        ({"recommendation": Recommendation.STOP_ARM, "arms": ("moon",)}, "Say which arm"),
        ({"minutes": "m" * 20_001}, "at most 20000 characters"),
    ],
)
def test_what_is_missing_or_can_not_be_is_refused(
    met: World, other: dict[str, object], sentence: str
) -> None:
    assert sentence in refused(partial(record, met, report(met, **other)))


def test_a_meeting_lies_between_its_cut_and_today(met: World) -> None:
    today = met.now.date()
    early = report(met, held_on=today - timedelta(days=1))
    assert "made after the meeting" in refused(partial(record, met, early))
    late = report(met, held_on=today + timedelta(days=1))
    assert "lies in the future" in refused(partial(record, met, late))


def test_it_is_signed_by_the_chair_and_the_quorum(met: World) -> None:
    assert sign(met, "gao") is False
    assert row().signed_at is None
    assert "signed this meeting already" in refused(partial(sign, met, "gao"))
    assert sign(met, "chen") is True
    assert row().signed_at == met.now
    absent(partial(sign, met, "wei"))
    assert "doesn't change any more" in refused(partial(record, met, report(met), 1))


def test_a_correction_asks_for_the_signatures_again(met: World) -> None:
    read = content_hash(row())
    sign(met, "gao")
    record(met, report(met, reason="All reactions were mild"), 1)
    assert (row().version, row().signatures.count()) == (2, 0)
    assert "was corrected since you read it" in refused(partial(sign, met, "chen", 1, read))
    assert sign(met, "gao") is False and sign(met, "chen") is True
    assert [each.version for each in meetings_seen(met.coordinator)] == [2]


def test_blinded_people_read_the_open_part_alone(met: World) -> None:
    for recommendation, arms in (
        (Recommendation.CHANGE, ()),
        (Recommendation.STOP_ARM, ("intravenous_haec",)),
    ):
        record(met, report(met, recommendation=recommendation, arms=arms))
    going_on = {each.number: each for each in meetings_seen(met.coordinator)}
    # Whether an arm was stopped, or anything else was said in the closed session, is not there.
    assert [going_on[n].advice for n in (1, 2, 3)] == ["goes_on"] * 3
    assert all(each.details is None and not each.content_hash for each in going_on.values())
    board = one_meeting(met.person(Role.SAFETY_BOARD), 3).details
    assert board is not None and board.arms == ("intravenous_haec",)
    assert [each.words for each in board.conflicts] == [CONFLICT]


def test_only_the_board_and_its_statistician_record(met: World) -> None:
    for role in (Role.COORDINATOR, Role.SAFETY_PHYSICIAN, Role.TRIAL_STATISTICIAN):
        by = met.person(role)
        absent(partial(meetings.record_meeting, by=by, report=report(met), at=met.now))
    by = met.person(Role.BOARD_STATISTICIAN)
    assert meetings.record_meeting(by=by, report=report(met), at=met.now) == 2


def test_it_waits_under_today_for_those_who_took_part(met: World) -> None:
    protocol = protocol_of(Study.objects.get(identifier=STUDY).version)
    assert meetings_to_sign(member("chen"), protocol) == (1,)
    assert meetings_to_sign(member("wei"), protocol) == ()
    sign(met, "chen")
    assert meetings_to_sign(member("chen"), protocol) == ()
    assert meetings_to_sign(member("gao"), protocol) == (1,)


def test_a_decision_names_the_signed_meeting_that_read_its_cut(met: World) -> None:
    named = replace(GO_ON, meeting=1)
    assert "haven't signed it yet" in refused(signing(met, named))
    sign(met, "chen")
    sign(met, "gao")
    assert signing(met, named)()
    decision = HoldDecision.objects.get()
    assert decision.meeting == row()
    details = details_of_decision(decision)
    assert (details.meeting, details.against_board) == (1, False)


def test_a_meeting_on_another_cut_can_not_be_named(met: World) -> None:
    sign(met, "chen")
    sign(met, "gao")
    met.later(days=1)
    cut(met, "board-2")
    assert "read another cut" in refused(signing(met, replace(GO_ON, meeting=1)))


def test_a_decision_against_the_board_says_so(met: World) -> None:
    record(met, report(met, recommendation=Recommendation.STOP), 1)
    sign(met, "chen")
    sign(met, "gao")
    assert signing(met, replace(GO_ON, meeting=1))()
    assert details_of_decision(HoldDecision.objects.get()).against_board


def test_a_cut_has_the_meetings_and_seals_the_closed_part(met: World) -> None:
    record(met, report(met, recommendation=Recommendation.PAUSE), 1)
    sign(met, "chen")
    sign(met, "gao")
    study = Study.objects.get(identifier=STUDY)
    protocol = protocol_of(study.version)
    opened = open_cut(study, protocol, "third", met.now)
    (meeting,) = opened.meetings
    assert (meeting.read, meeting.present, meeting.quorum) == ("board-1", 2, 2)
    assert (meeting.advice, meeting.signed_on) == ("pauses", met.now.date().isoformat())
    sealed = sealed_part(study, protocol, opened, "0" * 64)
    (detail,) = sealed.meetings
    assert (detail.recommendation, detail.conflicts) == ("pause", (CONFLICT,))


@pytest.mark.django_db(transaction=True)
def test_the_ledger_and_the_tables_agree() -> None:
    files.heads_path().unlink(missing_ok=True)
    world = begin()
    for code in on_regimens(world, 2):
        stops(world, code)
    world.later(days=1)
    cut(world, "board-1")
    record(world, report(world, reason="Both reactions were bad"))
    record(world, report(world), 1)
    for username in ("chen", "gao"):
        sign(world, username)
    assert signing(world, replace(GO_ON, meeting=1))()
    assert details_of(row()).reason == "Both reactions were mild"
    keys = files.keys()
    found = verify(STUDY, heads_path=files.heads_path(), publics=[keys.public], keys=keys)
    assert [str(each) for each in found.problems] == []


def test_the_audit_trail_has_words_for_them() -> None:
    assert {"record_meeting", "sign_meeting"} <= set(ACTIONS)
    assert {"board_meeting", "meeting_signature"} <= set(RECORDS)
