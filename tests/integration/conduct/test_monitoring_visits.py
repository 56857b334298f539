"""The report of a monitor's visit: written, signed, acknowledged by the site, its findings followed
until each is settled."""

from dataclasses import replace
from datetime import date, timedelta
from functools import partial

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.integration.conduct.refusing import absent, refused
from tests.integration.conduct.world import STUDY, World, begin
from trialwright.accounts.policy import Actor
from trialwright.conduct.actions import monitoring
from trialwright.conduct.actions.monitoring import Finding, VisitReport
from trialwright.conduct.models import MonitoringVisit, VisitFinding
from trialwright.conduct.models.monitoring import Severity, VisitKind
from trialwright.conduct.reads.monitoring import (
    Waits,
    monitoring_waiting,
    one_finding,
    one_visit,
    sites_to_write_of,
    visits_seen,
)
from trialwright.conduct.reads.waiting import waiting_for
from trialwright.conduct.visit_reports import FindingState
from trialwright.ledger import files
from trialwright.ledger.verify import verify
from trialwright.protocol.basics import Role
from trialwright.web.clinical.ledger_words import ACTIONS, RECORDS


def report(world: World, **other: object) -> VisitReport:
    day = world.now.date()
    said = VisitReport("C", VisitKind.ON_SITE, day, day, "Consents and eligibility of three.")
    return replace(said, **other)


def finding(world: World, **other: object) -> Finding:
    said = Finding(
        Severity.MAJOR,
        "The consent of one participant lacks the time of day.",
        "Note to file, and train who takes consents.",
        world.now.date() + timedelta(days=14),
    )
    return replace(said, **other)


def written(world: World, **other: object) -> int:
    return monitoring.record_visit(by=world.monitor, report=report(world, **other), at=world.now)


def found(world: World, visit: int, **other: object) -> int:
    return monitoring.record_finding(
        by=world.monitor, visit=visit, finding=finding(world, **other), at=world.now
    )


def written_with_finding(world: World) -> int:
    number = written(world)
    found(world, number)
    return number


def sign(world: World, visit: int) -> None:
    read = one_visit(world.monitor, visit).content_hash
    monitoring.sign_visit(by=world.monitor, number=visit, content_hash=read, at=world.now)


def acknowledge(world: World, visit: int, by: Actor | None = None) -> None:
    read = MonitoringVisit.objects.get(number=visit).content_hash or ""
    monitoring.acknowledge_visit(
        by=by or world.investigator, number=visit, content_hash=read, at=world.now
    )


def answer(world: World, visit: int, number: int, words: str = "Noted and trained") -> None:
    monitoring.answer_finding(
        by=world.coordinator, visit=visit, number=number, answer=words, at=world.now
    )


def reply(world: World, visit: int, number: int, *, settled: bool, words: str = "Seen") -> None:
    monitoring.reply_to_finding(
        by=world.monitor, visit=visit, number=number, settled=settled, reply=words, at=world.now
    )


def waits(by: Actor) -> list[tuple[Waits, int, int | None]]:
    return [(each.what, each.visit, each.finding) for each in monitoring_waiting(by)]


@pytest.fixture
def visit(world: World) -> int:
    """A signed report with one finding."""
    number = written_with_finding(world)
    sign(world, number)
    return number


def test_a_report_goes_from_the_monitor_to_the_site_and_back(world: World) -> None:
    code = world.consented()
    number = written(world)
    first = found(world, number, participant=code.lower(), form="demographics")
    assert waits(world.monitor) == [(Waits.SIGN, number, None)]
    assert waits(world.investigator) == waits(world.coordinator) == []
    sign(world, number)
    assert waits(world.monitor) == []
    answering = (Waits.ANSWER, number, first)
    assert waits(world.investigator) == [(Waits.ACKNOWLEDGE, number, None), answering]
    assert waits(world.coordinator) == [answering]
    assert waiting_for(world.coordinator).monitoring == monitoring_waiting(world.coordinator)
    acknowledge(world, number)
    answer(world, number, first)
    assert waits(world.investigator) == waits(world.coordinator) == []
    assert waits(world.monitor) == [(Waits.REPLY, number, first)]
    reply(world, number, first, settled=False, words="Where is the note?")
    assert waits(world.coordinator) == [answering] and waits(world.monitor) == []
    answer(world, number, first, "In the site file, section 7")
    told = one_finding(world.monitor, number, first)[1]
    assert told.reply is None and told.answer is not None
    assert told.answer.words == "In the site file, section 7"
    reply(world, number, first, settled=True)
    told = one_finding(world.coordinator, number, first)[1]
    assert told.state is FindingState.CLOSED
    assert (told.participant, told.form) == (code, "demographics")
    assert waits(world.monitor) == waits(world.coordinator) == []
    report_told = one_visit(world.investigator, number)
    assert report_told.signed is not None and report_told.acknowledged is not None
    assert (report_told.signed.role, report_told.acknowledged.role) == ("monitor", "investigator")


def test_the_site_finds_nothing_before_the_signature(world: World) -> None:
    number = written(world)
    found(world, number)
    site = (world.investigator, world.coordinator, world.person(Role.DATA_MANAGER))
    for by in site:
        assert visits_seen(by) == ()
        absent(partial(one_visit, by, number))
    absent(partial(answer, world, number, 1))
    absent(partial(acknowledge, world, number))
    sign(world, number)
    for by in site:
        assert [each.number for each in visits_seen(by)] == [number]


def test_another_site_finds_nothing_ever(world: World, visit: int) -> None:
    for role in (Role.INVESTIGATOR, Role.COORDINATOR):
        by = world.person(role, "N")
        assert visits_seen(by) == () and waits(by) == []
        absent(partial(one_visit, by, visit))
        absent(partial(acknowledge, world, visit, by))
        absent(
            partial(
                monitoring.answer_finding, by=by, visit=visit, number=1, answer="x", at=world.now
            )
        )


def test_each_does_what_is_theirs(world: World, visit: int) -> None:
    record = partial(monitoring.record_visit, report=report(world), at=world.now)
    for role in (Role.INVESTIGATOR, Role.COORDINATOR, Role.DATA_MANAGER, Role.SAFETY_BOARD):
        by = world.person(role)
        absent(partial(record, by=by))
        absent(partial(sites_to_write_of, by))
    for by in (world.monitor, world.coordinator, world.person(Role.DATA_MANAGER)):
        absent(partial(acknowledge, world, visit, by))
    absent(
        partial(
            monitoring.answer_finding, by=world.monitor, visit=visit, number=1, answer="x",
            at=world.now,
        )
    )  # fmt: skip
    answer(world, visit, 1)
    absent(
        partial(
            monitoring.reply_to_finding, by=world.coordinator, visit=visit, number=1,
            settled=True, reply="x", at=world.now,
        )
    )  # fmt: skip


def test_what_is_signed_stays(world: World, visit: int) -> None:
    correct = partial(monitoring.record_visit, by=world.monitor, number=visit, at=world.now)
    assert "signed" in refused(partial(correct, report=report(world, summary="Other")))
    assert "signed" in refused(partial(found, world, visit))
    remove = partial(monitoring.remove_finding, by=world.monitor, visit=visit, number=1)
    assert "signed" in refused(partial(remove, at=world.now))
    assert "signed" in refused(partial(sign, world, visit))
    acknowledge(world, visit)
    assert "acknowledged already" in refused(partial(acknowledge, world, visit))


def test_a_signature_is_on_what_was_read(world: World) -> None:
    number = written(world)
    read = one_visit(world.monitor, number).content_hash
    found(world, number)
    signing = partial(monitoring.sign_visit, by=world.monitor, number=number, at=world.now)
    assert "changed since you read it" in refused(partial(signing, content_hash=read))
    again = one_visit(world.monitor, number).content_hash
    monitoring.record_finding(
        by=world.monitor, visit=number, number=1, at=world.now,
        finding=finding(world, severity=Severity.CRITICAL),
    )  # fmt: skip
    assert "changed since you read it" in refused(partial(signing, content_hash=again))
    monitoring.remove_finding(by=world.monitor, visit=number, number=1, at=world.now)
    assert one_visit(world.monitor, number).content_hash == read
    signing(content_hash=read)


def test_a_report_is_corrected_until_it_is_signed(world: World) -> None:
    number = written(world)
    monitoring.record_visit(
        by=world.monitor, report=report(world, kind=VisitKind.REMOTE, summary="Two consents."),
        number=number, at=world.now,
    )  # fmt: skip
    told = one_visit(world.monitor, number)
    assert (told.kind, told.summary) == (VisitKind.REMOTE, "Two consents.")
    absent(
        partial(
            monitoring.record_visit, by=world.monitor, report=report(world, site="N"),
            number=number, at=world.now,
        )
    )  # fmt: skip
    assert written(world) == number + 1


def test_what_is_missing_or_cannot_be_is_said(world: World, visit: int) -> None:
    day, later = world.now.date(), world.now.date() + timedelta(days=1)
    assert "future" in refused(partial(written, world, last_day=later))
    assert "before the first" in refused(partial(written, world, last_day=day - timedelta(days=1)))
    assert "what was looked at" in refused(partial(written, world, summary=" "))
    assert "at most 10000" in refused(partial(written, world, summary="x" * 10_001))
    absent(partial(written, world, site="X"))
    number = written(world)
    assert "no participant N-001" in refused(partial(found, world, number, participant="N-001"))
    absent(partial(found, world, number, form="nothing"))
    absent(partial(found, world, number, form="administration"))
    assert "or a later one" in refused(partial(found, world, number, due=day - timedelta(days=1)))
    assert "what was found" in refused(partial(found, world, number, description=""))
    assert "asked to do" in refused(partial(found, world, number, action=""))
    assert "hasn't answered" in refused(partial(reply, world, visit, 1, settled=True))
    assert "what was done" in refused(partial(answer, world, visit, 1, " "))
    answer(world, visit, 1)
    assert "still to be done" in refused(partial(reply, world, visit, 1, settled=True, words=""))
    reply(world, visit, 1, settled=True)
    assert "closed" in refused(partial(answer, world, visit, 1))
    assert "closed" in refused(partial(reply, world, visit, 1, settled=True))
    assert MonitoringVisit.objects.count() == 2


def test_an_open_finding_is_overdue_after_its_day(world: World) -> None:
    number = written(world)
    for due in (date(2023, 3, 20), date(2099, 1, 1)):
        found(world, number, due=due)
    assert not any(each.overdue for each in one_visit(world.monitor, number).findings)
    sign(world, number)
    late, ahead = one_visit(world.coordinator, number).findings
    assert late.overdue and not ahead.overdue
    assert [each.overdue for each in monitoring_waiting(world.coordinator)] == [True, False]
    answer(world, number, late.number)
    assert not one_finding(world.coordinator, number, late.number)[1].overdue


def test_lists_need_as_many_statements_for_ten_as_for_one(world: World) -> None:
    def statements(by: Actor) -> int:
        with CaptureQueriesContext(connection) as asked:
            visits_seen(by)
            monitoring_waiting(by)
        return len(asked)

    people = (world.monitor, world.investigator)
    for number in (written(world), written(world)):
        found(world, number)
    sign(world, 1)
    few = [statements(by) for by in people]
    for _each in range(4):
        number = written(world)
        found(world, number)
        found(world, number)
        sign(world, number)
        found(world, written(world))
    assert [statements(by) for by in people] == few


@pytest.mark.django_db(transaction=True)
def test_the_ledger_tells_all_of_it() -> None:
    files.heads_path().unlink(missing_ok=True)
    world = begin()
    number = written(world)
    found(world, number)
    found(world, number)
    monitoring.remove_finding(by=world.monitor, visit=number, number=2, at=world.now)
    sign(world, number)
    acknowledge(world, number)
    answer(world, number, 1)
    reply(world, number, 1, settled=True)
    assert VisitFinding.objects.count() == 1
    keys = files.keys()
    told = verify(STUDY, heads_path=files.heads_path(), publics=[keys.public], keys=keys)
    assert [str(each) for each in told.problems] == []


def test_the_audit_trail_has_words_for_them() -> None:
    assert {"monitoring_visit", "visit_finding"} <= set(RECORDS)
    assert {
        "record_monitoring_visit", "record_finding", "remove_finding", "sign_monitoring_visit",
        "acknowledge_monitoring_visit", "answer_finding", "reply_to_finding",
    } <= set(ACTIONS)  # fmt: skip
