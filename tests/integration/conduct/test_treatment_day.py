"""The day of treatment: what blinded people see of it, and when it happened."""

from datetime import date, datetime, timedelta

import pytest

from tests.integration.conduct.refusing import refused
from tests.integration.conduct.world import STUDY, World, begin
from trialwright.conduct.actions.steps import DONE, StepReport, record_step
from trialwright.conduct.clock import Happened
from trialwright.conduct.cut import making as cut_of_study
from trialwright.conduct.models import Study
from trialwright.conduct.models.steps import StepStatus
from trialwright.conduct.reads.ledger import ledger_actions, ledger_lines
from trialwright.conduct.reads.participants import story
from trialwright.demonstration.protocol import demonstration

WHY = "the graft tore when it was thawed"
STEPS = ("receive", "release", "resect", "tell", "place")


def part_given(world: World, code: str, minutes: int, why: str) -> None:
    """A day whose steps take so long; the treatment was given in part."""
    start = world.now
    by = {"receive": world.handler, "release": world.handler}
    for number, step in enumerate(STEPS, start=1):
        world.now = start + timedelta(minutes=number * minutes)
        report = StepReport(StepStatus.PART, reason=why) if step == "place" else DONE
        world.taking(by.get(step, world.surgeon), code, step, report)()
    world.now = start


def seen_by(world: World, role: str, code: str) -> str:
    by = world.person(role)
    told = story(by, code)
    row = {name: value for name, value in vars(told.row).items() if not name.startswith("_")}
    lines = [
        (line.action, line.field, line.new, line.recorded_at.date(), line.happened_at)
        for line in ledger_lines(by, limit=120)
        if line.field not in ("id",)
    ]
    actions = [(each.code, each.last.happened_at) for each in ledger_actions(by, limit=120)]
    study = Study.objects.get(pk=STUDY)
    cut = cut_of_study.open_cut(study, demonstration(), "look", world.now)
    return repr((row, told.visits, told.taken, lines, actions, cut.participants))


@pytest.mark.parametrize("role", ["coordinator", "investigator", "monitor", "data_manager"])
def test_blinded_people_see_the_day_and_neither_minutes_nor_words(db: None, role: str) -> None:
    world = begin()
    code = world.randomised()
    part_given(world, code, 17, WHY)
    seen = seen_by(world, role, code)
    assert WHY not in seen and "2023-03-06" in seen
    (line,) = story(world.person(role), code).taken
    assert (line.step.key, line.status, line.details) == ("place", "part", None)
    assert line.on.isoformat() == "2023-03-06"
    for minute in (17, 34, 51, 68, 85):
        moment = world.now + timedelta(minutes=minute)
        assert f"{moment:%H:%M}" not in seen
        assert repr(moment.replace(tzinfo=None))[:-1] not in seen
    lines = ledger_lines(world.person(role), limit=500)
    words = {line.new for line in lines if line.field in ("amount", "unit", "reason", "why_late")}
    assert {word.text for word in words if word} == {""}
    assert not {"at", "second_person", "sealed"} & {line.field for line in lines}
    entities = {line.entity for line in ledger_lines(world.person(role), limit=500)}
    assert "arm_seen" not in entities


def test_unblinded_people_see_the_times_and_the_words(db: None) -> None:
    world = begin()
    code = world.randomised()
    part_given(world, code, 17, WHY)
    told = {line.step.key: line.details for line in story(world.handler, code).taken}
    assert list(told) == list(STEPS)
    assert told["place"] is not None and told["place"].reason == WHY
    assert told["receive"] is not None
    assert told["receive"].at == world.now + timedelta(minutes=17)


def test_the_sealed_part_of_a_cut_has_the_times_and_the_words(db: None) -> None:
    world = begin()
    code = world.randomised()
    part_given(world, code, 17, WHY)
    study = Study.objects.get(pk=STUDY)
    cut = cut_of_study.open_cut(study, demonstration(), "look", world.now)
    (person,) = cut.participants
    assert person.at("treated") == "2023-03-06" and person.at("release") is None
    (told,) = cut_of_study.sealed_part(study, demonstration(), cut, "a" * 64).assignments
    assert told.treatment_reason == WHY
    assert told.at("release") == "2023-03-06T09:34+08:00"


def test_the_windows_count_from_when_it_happened(world: World) -> None:
    code = world.randomised()
    yesterday = world.now
    world.later(days=1)
    happened = Happened(yesterday + timedelta(hours=3), "the system was down")
    late = StepReport(happened=happened)
    for step in STEPS:
        by = world.handler if step in ("receive", "release") else world.surgeon
        world.taking(by, code, step, late)()
        assert world.details(code, step).at == happened.at
        assert world.details(code, step).why_late == "the system was down"
    row = world.row(code)
    month_1 = row.visits.get(visit="month_1")
    visit = demonstration().visit("month_1")
    assert month_1.target == date(2023, 3, 6) + timedelta(days=visit.day)


def test_when_it_happened_may_be_given_in_a_study_without_a_clock_of_its_own(world: World) -> None:
    """`at` is a demonstration's clock; when a step happened is a fact of any study."""
    code = world.randomised()
    study = Study.objects.get(pk=STUDY)
    study.demonstration = False
    study.save()
    happened = Happened(world.now + timedelta(hours=1), "recorded years later")
    record_step(by=world.handler, code=code, step="receive", report=StepReport(happened=happened))
    assert world.details(code, "receive").at == happened.at


@pytest.mark.parametrize(
    ("hours", "why", "says"),
    [
        (1, "", "in the future"),
        (-30, "late", "before the step that it follows"),
        (-2, "", "Say why this is recorded so long after"),
    ],
)
def test_a_wrong_time_is_refused(world: World, hours: int, why: str, says: str) -> None:
    code = world.randomised()
    world.later(hours=6)
    moment: datetime = world.now + timedelta(hours=hours)
    report = StepReport(happened=Happened(moment, why))
    assert says in refused(world.taking(world.handler, code, "receive", report))


def test_no_step_happened_before_the_one_it_follows(world: World) -> None:
    code = world.randomised()
    world.later(hours=6)
    world.receive(code)
    world.later(hours=1)
    report = StepReport(happened=Happened(world.now - timedelta(hours=3), "late"))
    release = world.taking(world.handler, code, "release", report)
    assert "before the step that it follows" in refused(release)
