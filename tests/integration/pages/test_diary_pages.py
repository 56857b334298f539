"""The pages of a diary: the site's, by role; the participant's, with and without scripts."""

import json
import re
from datetime import timedelta
from io import BytesIO

import pytest
from django.test import Client
from django.utils import timezone
from pypdf import PdfReader

from tests.integration.conduct.diary_trial import STUDY, Diaries
from tests.integration.conduct.other_trials import START
from tests.integration.conduct.refusing import stored
from trialwright.accounts.models import Person
from trialwright.conduct.actions.diaries import make_diary_link
from trialwright.conduct.diary.diaries import code_of, token_of
from trialwright.conduct.models import DiaryEntry, Value

pytestmark = pytest.mark.django_db
PLACE = f"/studies/{STUDY}/participants/C-001/diary"


@pytest.fixture
def diary(db: None) -> Diaries:
    """A participant of whose entries the first can be written now, late; the fifth lies ahead."""
    now = timezone.now().astimezone(START.tzinfo)
    begun = now - timedelta(days=2 if now.hour >= 10 else 3)
    return Diaries(opened=False, at=begun.replace(hour=9, minute=0, second=0, microsecond=0))


def as_person(name: str) -> Client:
    browser = Client()
    browser.force_login(Person.objects.get(username=f"{name}.{STUDY}".lower()))
    return browser


def opened(diary: Diaries) -> tuple[Client, str]:
    phone, href = Client(), f"/diary/{token_of(diary.id)}"
    answer = phone.post(href, {"code": code_of(diary.id)})
    assert answer.status_code == 302 and answer["Location"] == href
    return phone, href


def test_each_role_finds_what_is_for_it(diary: Diaries) -> None:
    for name in diary.trial.protocol.roles.people:
        browser, before = as_person(name), stored()
        page = browser.get(PLACE)
        gives = name in ("investigator", "coordinator")
        sees = name not in ("administrator",)
        assert page.status_code == (200 if sees else 404), name
        shown = page.content.decode()
        assert (token_of(diary.id) in shown) is gives, name
        for end in ("/link", "/end"):
            assert browser.get(PLACE + end).status_code == (200 if gives else 404), name
            if not gives:
                assert browser.post(PLACE + end, {"reason": "x"}).status_code == 404
        assert stored() == before
        own = browser.get(f"/diary/{token_of(diary.id)}")
        assert own.status_code == 409 and b"You are signed in as" in own.content
    assert Client().get(PLACE).status_code == 302


def test_the_casebook_says_what_came_late_and_what_never_came(db: None) -> None:
    diary = Diaries()
    diary.send(2, diary.at(3, 12), key="b", written_at=diary.at(3, 11))
    answer = as_person("monitor").get(f"/studies/{STUDY}/participants/C-001/casebook.pdf")
    assert answer.status_code == 200
    pages = PdfReader(BytesIO(answer.content)).pages
    text = " ".join(" ".join(page.extract_text() for page in pages).split())
    assert "Entry for 8 March 2023, 20:00: written late, 9 March 2023, 11:00" in text
    assert "Bleeding diary: 4 entries were not written: 7 March 2023, 20:00; 9 March" in text


def test_an_entry_is_written_without_scripts(diary: Diaries) -> None:
    href = f"/diary/{token_of(diary.id)}"
    assert Client().get("/diary/nothing").status_code == 404
    stranger = Client()
    wrong = stranger.post(href, {"code": "1"})
    assert wrong.status_code == 409 and b"not the code of this link" in wrong.content
    assert stranger.get(f"{href}/bleeding/1")["Location"] == href
    phone, _href = opened(diary)
    assert stranger.get(href).status_code == 410
    home = phone.get(href).content.decode()
    assert f'href="{href}/bleeding/1"' in home and "Late, can still be written" in home
    blank = phone.post(f"{href}/bleeding/1", {"bled": "yes", "pads": "", "key": "a"})
    page = blank.content.decode()
    assert blank.status_code == 409 and "Answer this question: Pads soaked" in page
    assert 'value="yes" checked' in page, "what was typed stays"
    sent = phone.post(f"{href}/bleeding/1", {"bled": "yes", "pads": "4", "key": "a"})
    assert sent["Location"] == f"{href}?sent=1"
    assert "has been received" in phone.get(sent["Location"]).content.decode()
    assert DiaryEntry.objects.get().late
    assert b"stays as it is" in phone.get(f"{href}/bleeding/1").content
    early = phone.post(f"{href}/bleeding/5", {"bled": "no", "pads": "0", "key": "b"})
    assert early.status_code == 409 and b"can be written from" in early.content
    for path in (href, f"{href}/bleeding/1", f"{href}/bleeding/5"):
        text = phone.get(path).content.decode()
        for word in (STUDY, "C-001", "Observed", "A diary"):
            assert word not in text, (path, word)


def test_a_script_is_answered_in_json_and_what_it_sends_twice_is_there_once(
    diary: Diaries,
) -> None:
    phone, href = opened(diary)
    asks = {"HTTP_ACCEPT": "application/json"}
    typed = {"bled": "yes", "pads": "4", "key": "a"}
    told = phone.post(f"{href}/bleeding/1", {**typed, "pads": "99"}, **asks)
    assert told.status_code == 409 and "40" in json.loads(told.content)["refused"][0]
    written = (timezone.now() - timedelta(minutes=5)).isoformat()
    for _again in range(2):
        told = phone.post(f"{href}/bleeding/1", {**typed, "written_at": written}, **asks)
        assert json.loads(told.content) == {"sent": True}
    kept = DiaryEntry.objects.get()
    assert kept.written_at.isoformat() == written
    other = phone.post(f"{href}/bleeding/1", {**typed, "key": "b"}, **asks)
    assert "received already" in json.loads(other.content)["refused"][0]
    assert Value.objects.filter(entry__form="bleeding").count() == 2


def test_a_link_that_is_ended_says_so_to_page_and_script(diary: Diaries) -> None:
    phone, href = opened(diary)
    ended = as_person("coordinator").post(f"{PLACE}/end", {"reason": "Phone lost", "once": "a"})
    assert ended.status_code == 302
    assert phone.get(href).status_code == 410
    told = phone.post(f"{href}/bleeding/1", {"key": "a"}, HTTP_ACCEPT="application/json")
    assert told.status_code == 410 and "has been ended" in json.loads(told.content)["refused"][0]
    page = as_person("coordinator").get(PLACE).content.decode()
    assert "Phone lost" in page and "No link is in use" in page


def test_the_site_reads_an_entry_and_can_not_write_one(diary: Diaries) -> None:
    phone, href = opened(diary)
    phone.post(f"{href}/bleeding/1", {"bled": "yes", "pads": "4", "key": "a"})
    browser = as_person("coordinator")
    page = browser.get(PLACE).content.decode()
    assert re.search(r"Bleeding diary: 1 of [12] (entry|entries) received", page)
    entry = f"/studies/{STUDY}/participants/C-001/visits/diary/bleeding/1"
    assert browser.get(f"{entry}/answers").status_code == 200
    assert browser.post(entry, {"bled": "no", "revision": "1"}).status_code in (404, 405, 409)
    assert b"diary entry sent by the participant" in browser.get(f"/studies/{STUDY}/ledger").content


def test_the_page_is_in_the_participants_language_and_switches(diary: Diaries) -> None:
    diary.id = make_diary_link(
        by=diary.by("coordinator"), code=diary.code, language="zh-hans", at=timezone.now()
    )
    href = f"/diary/{token_of(diary.id)}"
    assert 'lang="zh-Hans"' in Client().get(href).content.decode()
    assert 'lang="en"' in Client().get(f"{href}?language=en").content.decode()


def test_the_worker_is_served_where_it_works(db: None) -> None:
    answer = Client().get("/diary/worker.js")
    assert answer["Content-Type"].startswith("text/javascript") and b"caches" in answer.content
