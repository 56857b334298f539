"""What isn't there keeps the way on; an identifier typed in small letters leads to its study."""

from collections.abc import Callable

from django.test import Client

from tests.integration.conduct.world import STUDY, World
from trialwright.ledger import journal


def test_who_is_signed_in_keeps_their_navigation(
    world: World, signed_in: Callable[[str], Client]
) -> None:
    answer = signed_in("lin").get(f"/studies/{STUDY}/nowhere")
    said = answer.content.decode()
    assert answer.status_code == 404
    assert f'href="/studies/{STUDY}/participants"' in said and 'action="/sign-out"' in said
    assert "no-store" in answer["Cache-Control"]


def test_in_a_study_of_others_there_are_no_pages_of_it(
    world: World, signed_in: Callable[[str], Client]
) -> None:
    journal.create("OTHER-01")
    said = signed_in("lin").get("/studies/OTHER-01/participants").content.decode()
    assert 'action="/sign-out"' in said and 'class="rooms"' not in said
    stranger = Client().get("/nowhere")
    assert stranger.status_code == 404 and b"/sign-out" not in stranger.content


def test_the_identifier_of_a_study_may_be_typed_in_small_letters(
    world: World, signed_in: Callable[[str], Client]
) -> None:
    browser = signed_in("lin")
    small = STUDY.lower()
    for end in ("", "/participants?q=a", "/setup"):
        answer = browser.get(f"/studies/{small}{end}")
        assert answer.status_code == 302 and answer["Location"] == f"/studies/{STUDY}{end}"
    assert browser.post(f"/studies/{small}/screen").status_code == 404
    assert Client().get(f"/studies/{small}").status_code == 302  # to the page for signing in
