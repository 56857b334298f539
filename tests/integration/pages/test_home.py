"""The first page: three parts for everybody, and for who works in a study what waits today."""

from collections.abc import Callable

from django.test import Client
from django.utils import timezone

from tests.integration.conduct.world import World
from trialwright.accounts import actions


def test_who_is_not_signed_in_is_told_what_this_is_and_led_to_its_three_parts(db: None) -> None:
    answer = Client().get("/")
    text = answer.content.decode()
    assert answer.status_code == 200
    assert "from its registry record to its report" in text
    assert [f'href="{place}"' in text for place in ("/trials", "/design", "/sign-in")] == [True] * 3


def test_who_works_in_a_study_is_led_to_what_waits_today(
    world: World, signed_in: Callable[[str], Client]
) -> None:
    answer = signed_in("lin").get("/")
    assert (answer.status_code, answer["Location"]) == (302, "/today")


def test_who_has_no_role_yet_is_led_to_their_account(
    world: World, signed_in: Callable[[str], Client]
) -> None:
    with actions.entry("test", at=timezone.now()) as writer:
        actions.add_person(writer, username="new", name="New Person", password="a long password")
    answer = signed_in("new").get("/")
    assert answer.status_code == 200
    assert 'href="/account"' in answer.content.decode()
