"""What is sent twice is done once, and answered the second time as the first."""

import re
import threading
from collections.abc import Callable, Mapping

import pytest
from django.db import connection
from django.http import HttpResponse
from django.test import Client

from tests.integration.conduct.world import STUDY, World
from trialwright.conduct.models import DataCut, Entry, Participant, Query, Sending, Signature
from trialwright.ledger import files, journal

pytestmark = pytest.mark.django_db(transaction=True)
HERE = f"/studies/{STUDY}"
FORM = f"{HERE}/participants/C-001/visits/screening/demographics/1"
BODY = {"age": "31", "height": "161.0", "weight": "54.5"}
_ONCE = re.compile(r'name="once" value="(.+?)"')
Browsers = Callable[[str], Client]


def shown(browser: Client, place: str) -> dict[str, str]:
    found = _ONCE.search(browser.get(place).content.decode())
    assert found, place
    return {"once": found[1]}


def pressed_twice(browser: Client, place: str, sent: Mapping[str, str]) -> list[HttpResponse]:
    """Two sendings of one page that reach the server together."""
    gate, answers = threading.Barrier(2), []

    def press() -> None:
        one = Client()
        one.cookies = browser.cookies
        gate.wait()
        answers.append(one.post(place, sent))
        connection.close()

    both = [threading.Thread(target=press) for _ in range(2)]
    for each in both:
        each.start()
    for each in both:
        each.join()
    return answers


def as_one(answers: list[HttpResponse]) -> str:
    """Where both led; neither was refused."""
    assert [answer.status_code for answer in answers] == [302, 302]
    assert answers[0]["Location"] == answers[1]["Location"]
    return str(answers[0]["Location"])


def test_screening_pressed_twice_makes_one_participant(world: World, signed_in: Browsers) -> None:
    browser, place = signed_in("lin"), f"{HERE}/screen"
    led = as_one(pressed_twice(browser, place, {"site": "C", **shown(browser, place)}))
    assert led == f"{HERE}/participants/C-001"
    assert Participant.objects.count() == 1
    browser.post(place, {"site": "C", **shown(browser, place)})
    assert Participant.objects.count() == 2


def test_a_refusal_uses_nothing_up(world: World, signed_in: Browsers) -> None:
    browser, place = signed_in("lin"), f"{HERE}/screen"
    sent = shown(browser, place)
    assert browser.post(place, sent).status_code == 409
    assert browser.post(place, {"site": "C", **sent}).status_code == 302


def test_a_form_saved_twice_meets_no_conflict_with_itself(
    world: World, signed_in: Browsers
) -> None:
    world.visited(world.consented(), "screening")
    browser, sent = signed_in("lin"), {"revision": "0", **BODY}
    as_one(pressed_twice(browser, FORM, sent))
    assert Entry.objects.get().revision == 1
    seq = journal.head(STUDY).seq
    assert browser.post(FORM, sent).status_code == 302
    assert journal.head(STUDY).seq == seq


def test_other_content_or_another_person_on_the_same_revision_is_a_conflict(
    world: World, signed_in: Browsers
) -> None:
    world.visited(world.consented(), "screening")
    sent = {"revision": "0", **BODY}
    browser = signed_in("lin")
    assert browser.post(FORM, sent).status_code == 302
    changed = browser.post(FORM, {**sent, "age": "32"})
    assert changed.status_code == 409
    assert b'value="32"' in changed.content
    assert signed_in("zhao").post(FORM, sent).status_code == 409
    assert Entry.objects.get().revision == 1


def test_queries_cuts_and_signatures_pressed_twice_are_one(
    world: World, signed_in: Browsers
) -> None:
    code = world.consented()
    world.visited(code, "screening")
    world.save(world.coordinator, code, "screening", "demographics", BODY)
    from tests.integration.pages.test_signing_in import PASSWORDS

    monitor, place = signed_in("feng"), f"{FORM}/ask/age"
    sent = {"text": "Is it the age at consent?", **shown(monitor, place)}
    as_one(pressed_twice(monitor, place, sent))
    assert Query.objects.count() == 1
    again = monitor.post(place, {**sent, "text": "Is it the age at screening?"})
    assert again.status_code == 409
    assert Query.objects.count() == 1

    manager, place = signed_in("yang"), f"{HERE}/cuts"
    as_one(pressed_twice(manager, place, {"name": "first", **shown(manager, place)}))
    assert DataCut.objects.count() == 1

    doctor, place = signed_in("zhao"), f"{FORM}/sign"
    revision = re.search(r'name="revision" value="(.+?)"', doctor.get(place).content.decode())
    assert revision
    sent = {"revision": revision[1], "password": PASSWORDS["zhao"], **shown(doctor, place)}
    as_one(pressed_twice(doctor, place, sent))
    assert Signature.objects.count() == 1


def test_what_was_sent_stands_in_no_table_and_goes_after_a_day(
    world: World, signed_in: Browsers
) -> None:
    world.visited(world.consented(), "screening")
    browser = signed_in("lin")
    browser.post(FORM, {"revision": "0", **BODY})
    row = Sending.objects.get()
    assert "161" not in row.token + row.outcome
    Sending.objects.update(at="2020-01-01T00:00Z")
    place = f"{HERE}/screen"
    browser.post(place, {"site": "C", **shown(browser, place)})
    assert not Sending.objects.filter(pk=row.pk).exists()


def test_a_sending_is_kept_for_who_sent_it_alone(world: World, signed_in: Browsers) -> None:
    place, browser = f"{HERE}/screen", signed_in("lin")
    token = shown(browser, place)
    browser.post(place, {"site": "C", **token})
    signed_in("zhao").post(place, {"site": "C", **token})
    assert Participant.objects.count() == 2
    assert files.heads_path().exists()
