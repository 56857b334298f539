"""Days, windows, "today" and times of day are those of the participant's site."""

from datetime import date, datetime, time
from zoneinfo import ZoneInfo

import pytest

from tests.integration.conduct.refusing import refused
from tests.integration.conduct.world import STUDY, World
from trialwright.accounts.models import Site
from trialwright.conduct.acting import protocol_of
from trialwright.conduct.actions import visiting
from trialwright.conduct.clock import day_of, moment_at, zones_of
from trialwright.conduct.cut.making import open_cut
from trialwright.conduct.models import VisitRecord
from trialwright.conduct.reads.waiting import today_in

WEST, EAST = "America/Los_Angeles", "Pacific/Auckland"
# Shanghai: 10:00 on the 7th. Los Angeles: 18:00 on the 6th. Auckland: 15:00 on the 7th.
MORNING = datetime(2023, 3, 7, 2, 0, tzinfo=ZoneInfo("UTC"))
# Shanghai: 19:30 on the 7th. Auckland: 00:30 on the 8th.
EVENING = datetime(2023, 3, 7, 11, 30, tzinfo=ZoneInfo("UTC"))


def moved(zone: str) -> None:
    Site.objects.filter(study=STUDY, code="C").update(time_zone=zone)


def test_a_visit_takes_place_on_the_day_of_its_site(world: World) -> None:
    moved(WEST)
    world.now = MORNING
    code = world.consented()
    went = {"by": world.coordinator, "code": code, "visit": "screening", "at": world.now}
    sentence = refused(lambda: visiting.record_visit(on=date(2023, 3, 7), **went))
    assert "future" in sentence
    visiting.record_visit(on=date(2023, 3, 6), **went)


def test_it_is_tomorrow_already_in_the_east(world: World) -> None:
    moved(EAST)
    world.now = EVENING
    code = world.consented()
    on = date(2023, 3, 8)
    visiting.record_visit(by=world.coordinator, code=code, visit="screening", on=on, at=EVENING)
    assert VisitRecord.objects.get(participant__code=code, visit="screening").actual == on


@pytest.mark.parametrize(("zone", "day"), [(WEST, 6), (EAST, 7), ("", 7)])
def test_windows_are_counted_from_the_day_of_the_site(world: World, zone: str, day: int) -> None:
    moved(zone)
    world.now = MORNING
    code = world.consented()
    row = world.row(code)
    assert row.consented_at == MORNING
    cut = open_cut(row.study, protocol_of(row.study.version), "c1", MORNING)
    consented = next(step.at for step in cut.participants[0].steps if step.name == "consented")
    assert consented.startswith(f"2023-03-0{day}T")


def test_only_sites_with_another_day_are_told_apart(world: World) -> None:
    moved(EAST)
    assert zones_of(STUDY).days(EVENING) == {"C": date(2023, 3, 8)}
    assert zones_of(STUDY).days(MORNING) == {}
    today = today_in(STUDY)
    assert today.at("C") == day_of(today.now, ZoneInfo(EAST))


def test_no_time_is_recorded_that_a_clock_never_showed(world: World) -> None:
    summer, winter = date(2026, 3, 29), date(2026, 10, 25)
    berlin = ZoneInfo("Europe/Berlin")
    half_past_two = time(2, 30)
    assert "put forward" in refused(lambda: moment_at(summer, half_past_two, berlin, "at"))
    first = moment_at(winter, half_past_two, berlin, "at")
    assert first.astimezone(ZoneInfo("UTC")).hour == 0  # The earlier of the two.


def test_a_day_of_23_or_25_hours_is_one_day() -> None:
    berlin = ZoneInfo("Europe/Berlin")
    late = datetime(2026, 3, 29, 21, 59, tzinfo=ZoneInfo("UTC"))
    assert day_of(late, berlin) == date(2026, 3, 29)
    late = datetime(2026, 10, 25, 22, 59, tzinfo=ZoneInfo("UTC"))
    assert day_of(late, berlin) == date(2026, 10, 25)
