"""The pause for the first results, and days apart that count from treatment."""

from datetime import timedelta
from functools import partial

import pytest
from django.test import Client

from tests.integration.conduct.refusing import refused
from tests.integration.conduct.world import STUDY, World, begin
from trialwright.conduct.actions import participation, randomising, reviewing
from trialwright.conduct.models import AllocationSlot, ResultsReview
from trialwright.conduct.reads.first_results import results_to_review
from trialwright.conduct.reads.waiting import waiting_for
from trialwright.conduct.refusals import NotFound
from trialwright.demonstration.people import CAST, password_of
from trialwright.ledger import files
from trialwright.ledger.verify import verify
from trialwright.protocol.basics import Role

FIRST = 5


def randomise(world: World, code: str) -> partial[None]:
    return partial(randomising.randomise, by=world.investigator, code=code, at=world.now)


def sign(world: World, role: Role = Role.SAFETY_BOARD, content_hash: str = "") -> partial[None]:
    board = world.person(Role.SAFETY_BOARD)
    as_read = content_hash or results_to_review(board).content_hash
    by = world.person(role)
    return partial(reviewing.sign_results_seen, by=by, content_hash=as_read, at=world.now)


@pytest.fixture
def five(world: World) -> World:
    """Five treated, a week apart; now is a week after the fifth."""
    for _ in range(FIRST):
        world.treated()
        world.later(days=7)
    return world


def test_the_sixth_waits_for_five_results_and_for_the_board_s_signature(five: World) -> None:
    sixth = five.eligible()
    told = refused(randomise(five, sixth))
    assert "3 of the first 5 results at day 28 are missing" in told and "safety board" in told
    assert "3 of 5 results are missing" in refused(sign(five))
    five.later(days=20)
    assert "1 of the first 5 results at day 28 is missing" in refused(randomise(five, sixth))
    five.later(days=1)
    assert "not signed yet" in refused(randomise(five, sixth))
    sign(five)()
    randomise(five, sixth)()
    slot = AllocationSlot.objects.get(participant=five.row(sixth))
    assert (slot.list_name, slot.place) == ("run-in", 6)
    review = ResultsReview.objects.get()
    assert review.participants == [f"C-{number:03d}" for number in range(1, 6)]
    assert review.role == "safety_board"
    assert "signed already" in refused(sign(five))


@pytest.mark.django_db(transaction=True)
def test_the_ledger_tells_the_review_as_the_table_holds_it() -> None:
    files.heads_path().unlink(missing_ok=True)
    world = begin()
    for _ in range(FIRST):
        world.treated()
        world.later(days=28)
    sign(world)()
    keys = files.keys()
    found = verify(STUDY, heads_path=files.heads_path(), publics=[keys.public], keys=keys)
    assert [str(each) for each in found.problems] == []


def test_only_the_role_that_the_protocol_names_reads_and_signs_them(five: World) -> None:
    five.later(days=21)
    for role in (Role.INVESTIGATOR, Role.MONITOR, Role.ADMINISTRATOR, Role.TRIAL_STATISTICIAN):
        with pytest.raises(NotFound):
            results_to_review(five.person(role))
        with pytest.raises(NotFound):
            sign(five, role)()
    assert not ResultsReview.objects.exists()


def test_results_that_changed_since_they_were_read_are_not_signed(five: World) -> None:
    five.later(days=21)
    read = results_to_review(five.person(Role.SAFETY_BOARD)).content_hash
    participation.record_death(
        died_of="Death NOS",
        by=five.coordinator,
        code="C-002",
        on=five.now.date(),
        reason="Accident",
        at=five.now,
    )
    assert "changed since you read them" in refused(sign(five, content_hash=read))


def test_who_was_not_treated_leaves_the_place_among_the_first_to_the_next(world: World) -> None:
    for _ in range(FIRST - 1):
        world.treated()
        world.later(days=7)
    fifth = world.randomised()
    world.receive(fifth)
    world.not_treated(fifth)()
    sixth = world.treated()
    world.later(days=7)
    seventh = world.eligible()
    assert "results at day 28 are missing" in refused(randomise(world, seventh))
    world.later(days=21)
    sign(world)()
    codes = ResultsReview.objects.get().participants
    assert fifth not in codes and sixth in codes and len(codes) == FIRST


def test_days_apart_count_from_the_treatment_not_from_the_randomisation(world: World) -> None:
    first = world.randomised()
    second = world.eligible()
    world.later(days=3)
    world.treat(first)
    world.later(days=4)
    told = refused(randomise(world, second))
    assert "7 days apart, counted from the treatment before" in told
    assert (world.now + timedelta(days=3)).date().isoformat() in told
    world.later(days=3)
    randomise(world, second)()


def test_days_apart_are_kept_again_when_a_treatment_starts(world: World) -> None:
    """A second may be randomised while the first is untreated; its treatment then waits."""
    first = world.randomised()
    world.later(days=7)
    second = world.randomised()
    world.later(days=1)
    world.treat(first)
    world.later(days=1)
    world.receive(second)
    assert "7 days apart" in refused(world.taking(world.handler, second, "release"))
    world.later(days=6)
    world.taking(world.handler, second, "release")()
    world.taking(world.surgeon, second, "resect")()


def signed_in(username: str) -> tuple[Client, str]:
    (cast,) = [cast for cast in CAST if cast.username == username]
    password = password_of(cast, "a secret of the tests")
    browser = Client()
    assert browser.login(username=username, password=password)
    return browser, password


def test_the_board_finds_it_on_today_and_signs_on_its_page(five: World) -> None:
    board = five.person(Role.SAFETY_BOARD)
    assert len(waiting_for(board).reviews) == 1
    assert waiting_for(five.person(Role.MONITOR)).reviews == ()
    browser, password = signed_in("chen")
    assert f"/studies/{STUDY}/first-results" in browser.get("/today").content.decode()
    place = f"/studies/{STUDY}/first-results"
    page = browser.get(place).content.decode()
    assert "C-005" in page and "password" in page
    revision = page.partition('name="revision" value="')[2].partition('"')[0]
    wrong = browser.post(place, {"revision": revision, "password": "guess"})
    assert wrong.status_code == 403 and not ResultsReview.objects.exists()
    assert browser.post(place, {"revision": revision, "password": password}).status_code == 302
    assert ResultsReview.objects.exists()
    assert waiting_for(board).reviews == ()
    assert 'name="password"' not in browser.get(place).content.decode()
    monitor, _ = signed_in("feng")
    assert monitor.get(place).status_code == 404
