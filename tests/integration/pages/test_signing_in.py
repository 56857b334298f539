"""What was sent when the session had ended comes through signing in, and nothing else does."""

import re
from collections.abc import Callable
from html import unescape

from django.test import Client

from tests.integration.conduct.world import STUDY, World
from trialwright.accounts.models import Person
from trialwright.conduct.actions import drafting
from trialwright.conduct.demonstration.people import CAST, password_of
from trialwright.conduct.models import Draft
from trialwright.web.clinical import session

PASSWORDS = {cast.username: password_of(cast, "a secret of the tests") for cast in CAST}
HERE = f"/studies/{STUDY}/participants/C-001"
FORM = f"{HERE}/visits/screening/demographics/1"
_HIDDEN = re.compile(r'<input type="hidden" name="(next|carried|whose)" value="(.*?)">')


def through(username: str, address: str, sent: dict[str, str], typist: str = "") -> Client:
    """Send what one typed after the session ended, then sign in on the page that answers."""
    browser = Client()
    whose = session.typist(Person.objects.get(username=typist or username))
    asked = browser.post(address, {**sent, "whose": whose})
    assert asked.status_code == 401
    hidden = {name: unescape(value) for name, value in _HIDDEN.findall(asked.content.decode())}
    hidden |= {"username": username, "password": PASSWORDS[username]}
    back = browser.post("/sign-in", hidden)
    assert back.status_code == 302
    assert back["Location"] == address
    return browser


def test_answers_to_a_form_are_a_draft(world: World) -> None:
    world.consented()
    world.visited("C-001", "screening")
    through("lin", FORM, {"age": "31", "weight": "heavy", "revision": "0"})
    kept = drafting.read_draft(world.coordinator, "C-001", "screening", "demographics", 1)
    assert kept and kept[0] == {"age": "31", "weight": "heavy"}


def test_answers_are_kept_for_nobody_else(world: World, signed_in: Callable[[str], Client]) -> None:
    world.consented()
    world.visited("C-001", "screening")
    assert b'name="whose"' in signed_in("lin").get(FORM).content
    browser = through("zhao", FORM, {"age": "37", "revision": "0"}, typist="lin")
    assert not Draft.objects.exists()
    assert b'value="37"' not in browser.get(FORM).content
    assert "carried" not in browser.session


def test_answers_of_nobody_known_are_not_carried(world: World) -> None:
    world.consented()
    world.visited("C-001", "screening")
    for whose in ({}, {"whose": "1"}):
        asked = Client().post(FORM, {"age": "37", "revision": "0", **whose})
        assert asked.status_code == 401
        assert "carried" not in asked.content.decode()
        assert "What you typed is kept" not in asked.content.decode()


def test_a_signature_is_not_carried_and_leaves_no_empty_draft(world: World) -> None:
    code = world.consented()
    world.visited(code, "screening")
    body = {"age": "31", "height": "161.0", "weight": "54.5"}
    world.save(world.coordinator, code, "screening", "demographics", body)
    browser = through("zhao", f"{FORM}/sign", {"revision": "a hash", "password": PASSWORDS["zhao"]})
    assert not Draft.objects.exists()
    assert PASSWORDS["zhao"] not in str(dict(browser.session))
    assert b'value="31"' in browser.get(FORM).content


def test_a_question_of_a_monitor_stands_on_its_page_again(world: World) -> None:
    code = world.consented()
    world.visited(code, "screening")
    body = {"age": "31", "height": "161.0", "weight": "54.5"}
    world.save(world.coordinator, code, "screening", "demographics", body)
    browser = through("feng", f"{FORM}/ask/age", {"text": "Is it her age at consent?"})
    assert b"Is it her age at consent?" in browser.get(f"{FORM}/ask/age").content


def test_nobody_is_sent_to_another_place(world: World) -> None:
    sent = {"username": "lin", "password": PASSWORDS["lin"], "next": "https://elsewhere.example/"}
    assert Client().post("/sign-in", sent)["Location"] == "/"
