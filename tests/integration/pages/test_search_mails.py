"""Searches of registered trials by mail: asked for on a page, sent once, ended; nobody else's."""

import json
import os
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from email.message import Message
from email.policy import default
from pathlib import Path
from smtplib import SMTPRecipientsRefused
from typing import Any

import pytest
from django.core.mail.backends.filebased import EmailBackend
from django.test import Client
from django.utils import timezone

from tests.integration.conduct.world import World
from trialwright.accounts import search_alerts
from trialwright.accounts.models import Person, SearchAlert
from trialwright.registry.library.adding import add
from trialwright.registry.readers.files import RawRecord
from trialwright.web.registry import mail_alerts

Browsers = Callable[[str], Client]
BEGUN = datetime(2026, 3, 1, 8, tzinfo=UTC)
GOUT = {"q": "gout"}


class Shelf:
    """A library to which trials come at the days that a test tells."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def add(self, number: str, title: str, status: str, when: datetime) -> None:
        study = {
            "protocolSection": {
                "identificationModule": {"nctId": number, "briefTitle": title},
                "statusModule": {
                    "overallStatus": status,
                    "lastUpdateSubmitDate": when.date().isoformat(),
                },
            }
        }
        known = set((self.folder / "packs").glob("*.pack"))
        add(self.folder, [RawRecord(json.dumps(study).encode(), "made", "0")])
        for pack in set((self.folder / "packs").glob("*.pack")) - known:
            os.utime(pack, (when.timestamp(), when.timestamp()))


@pytest.fixture
def shelf(tmp_path: Path, settings: Any) -> Shelf:
    settings.TRIALWRIGHT_REGISTRY = str(tmp_path / "library")
    settings.EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
    settings.EMAIL_FILE_PATH = str(tmp_path / "mails")
    made = Shelf(tmp_path / "library")
    made.add("NCT00000001", "Gout in adults", "RECRUITING", BEGUN)
    made.add("NCT00000002", "Asthma in adults", "RECRUITING", BEGUN)
    return made


def mails(settings: Any) -> list[Message]:
    files = sorted(Path(settings.EMAIL_FILE_PATH).glob("*.log"))
    texts = [text.strip() for file in files for text in file.read_bytes().split(b"-" * 79)]
    return [message_from_bytes(text, policy=default) for text in texts if text]


def text_of(mail: Any) -> str:
    return str(mail.get_content())


def test_a_search_is_asked_for_on_its_page_and_its_news_come_once(
    world: World, signed_in: Browsers, shelf: Shelf, settings: Any
) -> None:
    browser = signed_in("lin")
    link = "/account/searches?q=gout"
    assert link in browser.get("/trials", GOUT).content.decode()
    assert "gout" in browser.get(link).content.decode()
    assert browser.post(link).status_code == 302
    assert browser.post(link).status_code == 302, "asked for twice it is one"
    row = SearchAlert.objects.get()
    assert (row.person.username, row.search, row.told_until) == ("lin", "q=gout", BEGUN)

    later = timezone.now() + timedelta(days=2)
    assert mail_alerts.send(later) == 0, "what was there is no news"
    shelf.add("NCT00000003", "Gout in children", "RECRUITING", BEGUN + timedelta(days=3))
    shelf.add("NCT00000004", "Asthma in children", "RECRUITING", BEGUN + timedelta(days=3))
    assert mail_alerts.send(later + timedelta(hours=23)) == 0, "not more often than once a day"
    assert mail_alerts.send(later + timedelta(days=1)) == 1
    assert mail_alerts.send(later + timedelta(days=2)) == 0, "nothing is told twice"
    (mail,) = mails(settings)
    assert mail["To"] == "lin@localhost"
    assert mail["Subject"] == "1 trial is new or changed: gout"
    told = text_of(mail)
    assert "Gout in children" in told and "/trials/NCT00000003" in told
    assert "NCT00000001" not in told and "NCT00000004" not in told
    assert "/trials?q=gout" in told and "/account/searches" in told

    shelf.add("NCT00000001", "Gout in adults", "COMPLETED", BEGUN + timedelta(days=5))
    assert mail_alerts.send(later + timedelta(days=4)) == 1
    # Mails of one second lie in no particular order.
    assert ["Changed:" in text_of(each) for each in mails(settings)].count(True) == 1
    assert len(mails(settings)) == 2 and "Changed:" not in told


def test_a_search_that_had_no_trial_tells_its_first(
    world: World, signed_in: Browsers, shelf: Shelf, settings: Any
) -> None:
    signed_in("lin").post("/account/searches?q=porphyria")
    shelf.add("NCT00000005", "Porphyria", "RECRUITING", BEGUN)
    assert mail_alerts.send(timezone.now() + timedelta(days=2)) == 1


def test_only_its_owner_ends_a_search_and_then_no_mail_comes(
    world: World, signed_in: Browsers, shelf: Shelf, settings: Any
) -> None:
    lin, wei = signed_in("lin"), signed_in("wei")
    lin.post("/account/searches?q=gout")
    row = SearchAlert.objects.get()
    assert "gout" not in wei.get("/account/searches").content.decode()
    wei.post("/account/searches", {"end": str(row.pk)})
    assert SearchAlert.objects.count() == 1
    lin.post("/account/searches", {"end": "no number"})
    lin.post("/account/searches", {"end": str(row.pk)})
    shelf.add("NCT00000003", "Gout in children", "RECRUITING", BEGUN + timedelta(days=3))
    assert mail_alerts.send(timezone.now() + timedelta(days=2)) == 0
    assert mails(settings) == []


def test_who_has_left_gets_no_mail(world: World, signed_in: Browsers, shelf: Shelf) -> None:
    signed_in("lin").post("/account/searches?q=porphyria")
    Person.objects.filter(username="lin").update(is_active=False)
    shelf.add("NCT00000005", "Porphyria", "RECRUITING", BEGUN)
    assert mail_alerts.send(timezone.now() + timedelta(days=2)) == 0


def test_without_a_search_and_beyond_the_most_it_says_why_not(
    world: World, signed_in: Browsers, shelf: Shelf
) -> None:
    browser = signed_in("lin")
    empty = browser.post("/account/searches")
    assert empty.status_code == 409 and b"Search for something first" in empty.content
    person = Person.objects.get(username="lin")
    for number in range(search_alerts.MOST):
        search_alerts.add(person, f"q={number}", told_until=None, at=timezone.now())
    full = browser.post("/account/searches?q=gout")
    assert full.status_code == 409 and b"You have 50 searches by mail" in full.content


class Refusing(EmailBackend):
    """Stands for a mail server that refuses one address."""

    def send_messages(self, email_messages: Any) -> int:
        if email_messages[0].to == ["lin@localhost"]:
            raise SMTPRecipientsRefused({"lin@localhost": (550, b"no such user")})
        return super().send_messages(email_messages) or 0


def test_an_address_that_is_refused_is_tried_again_and_keeps_nobody_waiting(
    world: World, signed_in: Browsers, shelf: Shelf, settings: Any
) -> None:
    for username in ("lin", "wei"):
        signed_in(username).post("/account/searches?q=porphyria")
    shelf.add("NCT00000005", "Porphyria", "RECRUITING", BEGUN)
    later = timezone.now() + timedelta(days=2)
    settings.EMAIL_BACKEND = f"{__name__}.Refusing"
    assert mail_alerts.send(later) == 1
    assert [mail["To"] for mail in mails(settings)] == ["wei@localhost"]
    settings.EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
    assert mail_alerts.send(later + timedelta(minutes=59)) == 0
    assert mail_alerts.send(later + timedelta(hours=1)) == 1


def test_limits_are_named_in_words_in_the_list_and_in_the_mail(
    world: World, signed_in: Browsers, shelf: Shelf, settings: Any
) -> None:
    browser = signed_in("lin")
    browser.post("/account/searches?q=gout&status=RECRUITING&status=COMPLETED")
    told = browser.get("/account/searches").content.decode()
    assert "gout · Status as registered: Recruiting, Completed" in told
    assert "gout · RECRUITING" not in told
    shelf.add("NCT00000003", "Gout in children", "RECRUITING", BEGUN + timedelta(days=3))
    assert mail_alerts.send(timezone.now() + timedelta(days=2)) == 1
    (mail,) = mails(settings)
    named = "gout · Status as registered: Recruiting, Completed"
    assert mail["Subject"].strip() == f"1 trial is new or changed: {named}"


def test_while_the_library_cannot_be_read_nothing_of_the_sample_is_mailed_as_news(
    world: World, signed_in: Browsers, shelf: Shelf, settings: Any
) -> None:
    # The sample that pages show in its place has trials of Asherman's syndrome; the library none.
    signed_in("lin").post("/account/searches?q=asherman")
    shelf.add("NCT00000006", "Asherman syndrome", "RECRUITING", BEGUN + timedelta(days=3))
    index = max((shelf.folder / "index").iterdir())
    kept = (index / "meta.json").read_bytes()
    (index / "meta.json").write_text("{}")
    later = timezone.now() + timedelta(days=2)
    assert mail_alerts.send(later) == 0
    assert mails(settings) == []
    (index / "meta.json").write_bytes(kept)
    assert mail_alerts.send(later) == 1, "what came meanwhile is told once it can be read"
    assert "/trials/NCT00000006" in text_of(mails(settings)[0])
