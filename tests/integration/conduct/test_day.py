"""Randomisation by the day's rules: the run-in, the strata, the last place."""

from datetime import timedelta
from functools import partial

import pytest

from tests.integration.conduct.refusing import refused
from tests.integration.conduct.world import World, begin, screening_forms
from trialwright.conduct.actions import eligibility, randomising
from trialwright.conduct.models import AllocationSlot
from trialwright.demonstration.protocol import demonstration

RUN_IN, DAYS_APART = 10, 7


def _randomise(world: World, code: str) -> partial[None]:
    return partial(randomising.randomise, by=world.investigator, code=code, at=world.now)


def _place(world: World, code: str) -> tuple[str, int]:
    slot = AllocationSlot.objects.get(participant=world.row(code))
    return slot.list_name, slot.place


def of_fewer(participants: int) -> bytes:
    """The demonstration protocol with fewer places, so that a test can take the last."""
    text = demonstration().source_bytes.decode()
    (line,) = [each for each in text.splitlines() if each.startswith("participants:")]
    assert "{value: 50," in line
    return text.replace(line, line.replace("50", str(participants))).encode()


def test_each_step_of_the_day_is_timed(world: World) -> None:
    code = world.randomised()
    began = world.now
    steps = {"receive": 10, "release": 50, "resect": 5, "tell": 1}
    for step, minutes in steps.items():
        world.later(minutes=minutes)
        world.taking(
            world.handler if step in ("receive", "release") else world.surgeon, code, step
        )()
    minutes = [(world.details(code, step).at - began).total_seconds() / 60 for step in steps]
    assert minutes == [10, 60, 65, 66]


def test_in_the_run_in_women_come_seven_days_apart_on_the_calendar_of_the_place(
    world: World,
) -> None:
    """Six days and 8 hours later it is a day too early, though in UTC it may be another day."""
    world.now = world.now.replace(hour=17)
    first = world.randomised()
    second = world.eligible()
    world.now = world.now.replace(hour=1) + timedelta(days=DAYS_APART - 1)
    assert "7 days apart" in refused(_randomise(world, second))
    world.now = world.now.replace(hour=1) + timedelta(days=1)
    _randomise(world, second)()
    assert [_place(world, code) for code in (first, second)] == [("run-in", 1), ("run-in", 2)]


def test_after_the_run_in_the_stratum_comes_from_the_data(world: World) -> None:
    world.run_in()
    codes = {}
    for stage, look in {
        "III": {},
        "II": {"extent": "to_two_thirds", "adhesion_type": "filmy_and_dense"},
    }.items():
        code = codes[stage] = world.entered()
        if look:
            found = screening_forms(world.now.date())["hysteroscopy"] | look
            world.save(
                world.investigator, code, "screening", "hysteroscopy", found, based_on=1,
                change_reasons={"extent": "Video seen again", "adhesion_type": "Video seen again"},
            )  # fmt: skip
        world.assess(code)
        eligibility.confirm_eligibility(by=world.investigator, code=code, at=world.now)
        _randomise(world, code)()
    assert _place(world, codes["III"]) == ("stage_3", 1)
    assert _place(world, codes["II"]) == ("stage_2", 1)


@pytest.mark.django_db
def test_the_last_place_is_the_last() -> None:
    world = begin(of_fewer(RUN_IN + 2))
    world.run_in()
    world.randomised()
    last, one_too_many = world.eligible(), world.eligible()
    _randomise(world, last)()
    assert "All 12 places" in refused(_randomise(world, one_too_many))
    assert world.row(one_too_many).state == "eligible"


@pytest.mark.slow
def test_the_fiftieth_is_randomised_and_the_fifty_first_refused(world: World) -> None:
    world.run_in()
    for _ in range(40):
        world.randomised()
    assert AllocationSlot.objects.exclude(participant=None).count() == 50
    assert "All 50 places" in refused(_randomise(world, world.eligible()))
