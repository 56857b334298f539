"""What was sent when the session had ended comes through signing in, and nothing else does."""

import json
import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from html import unescape

import pytest
import time_machine
from django.contrib.sessions.models import Session
from django.test import Client

from tests.integration.conduct.world import STUDY, World
from trialwright.accounts import actions
from trialwright.accounts.models import Person
from trialwright.conduct.models import Draft
from trialwright.conduct.reads.drafts import read_draft
from trialwright.demonstration.people import CAST, password_of
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
    kept = read_draft(world.coordinator, "C-001", "screening", "demographics", 1)
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


LOT = "LOT-4711 arm B"


def sent_after_the_end(username: str) -> dict[str, str]:
    whose = session.typist(Person.objects.get(username=username))
    asked = Client().post(f"{FORM}/ask/age", {"text": LOT, "whose": whose})
    assert LOT not in asked.content.decode()
    return {name: unescape(value) for name, value in _HIDDEN.findall(asked.content.decode())}


def test_what_is_carried_is_readable_nowhere_on_its_way(world: World) -> None:
    code = world.consented()
    world.visited(code, "screening")
    body = {"age": "31", "height": "161.0", "weight": "54.5"}
    world.save(world.coordinator, code, "screening", "demographics", body)
    browser = Client()
    me = {"username": "feng", "password": PASSWORDS["feng"]}
    browser.post("/sign-in", sent_after_the_end("feng") | me)
    kept = [str(row.get_decoded()) for row in Session.objects.all()]
    assert any("carried" in each for each in kept)
    assert not any("LOT" in each for each in kept)
    assert LOT in browser.get(f"{FORM}/ask/age").content.decode()


def test_what_a_locked_screen_takes_along_is_sealed_too(
    world: World, signed_in: Callable[[str], Client]
) -> None:
    world.consented()
    place = f"{HERE}/screen-failure"
    sent = {"next": place, "carried": json.dumps({"reason": LOT})}
    sent["whose"] = session.typist(Person.objects.get(username="lin"))
    for browser in (signed_in("lin"), Client()):
        locked = browser.post("/sign-out", sent).content.decode()
        assert "LOT" not in locked
        hidden = {name: unescape(value) for name, value in _HIDDEN.findall(locked)}
        browser.post("/sign-in", hidden | {"username": "lin", "password": PASSWORDS["lin"]})
        assert LOT in browser.get(place).content.decode()


@pytest.mark.parametrize("change", ["person", "page", "age", "bytes"])
def test_it_opens_for_its_person_on_its_page_within_the_day(world: World, change: str) -> None:
    world.consented()
    hidden = sent_after_the_end("feng")
    username = "yang" if change == "person" else "feng"
    if change == "page":
        hidden["next"] = f"{FORM}/ask/weight"
    if change == "bytes":
        hidden["carried"] = "A" + hidden["carried"][1:-1] + "A"
    later = timedelta(hours=13 if change == "age" else 0)
    browser = Client()
    with time_machine.travel(datetime.now(UTC) + later):
        me = {"username": username, "password": PASSWORDS[username]}
        assert browser.post("/sign-in", hidden | me).status_code == 302
    assert "carried" not in browser.session


def test_a_session_ends_after_its_last_use_and_after_a_day_of_use(
    world: World, signed_in: Callable[[str], Client]
) -> None:
    now, here = datetime.now(UTC), "/account"
    with time_machine.travel(now, tick=False) as clock:
        idle, used = signed_in("lin"), signed_in("feng")
        assert (idle.get(here).status_code, used.get(here).status_code) == (200, 200)
        clock.shift(timedelta(minutes=14))
        assert used.get("/still-here").status_code == 204
        clock.shift(timedelta(minutes=3))
        assert (idle.get(here).status_code, used.get(here).status_code) == (302, 200)
        for _ in range(11 * 6):
            clock.shift(timedelta(minutes=10))
            assert used.get(here).status_code == 200
        for _ in range(7):
            clock.shift(timedelta(minutes=10))
            used.get(here)
        assert used.get(here).status_code == 302


@pytest.mark.parametrize("seen", [True, False])
def test_a_session_ended_by_deactivation_stays_ended(
    world: World, signed_in: Callable[[str], Client], seen: bool
) -> None:
    browser, other = signed_in("lin"), signed_in("feng")
    person = Person.objects.get(username="lin")
    assert browser.get("/account").status_code == 200
    if seen:  # however it came about
        Person.objects.filter(pk=person.pk).update(is_active=False)
        assert browser.get("/account").status_code == 302
        Person.objects.filter(pk=person.pk).update(is_active=True)
    else:
        with actions.entry("deactivate", at=datetime.now(UTC)) as writer:
            actions.deactivate(writer, person)
        with actions.entry("reactivate", at=datetime.now(UTC)) as writer:
            actions.reactivate(writer, person)
    assert browser.get("/account").status_code == 302
    assert other.get("/account").status_code == 200
