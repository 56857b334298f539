"""Reminders by mail: each once, from two hosts, after a restart, killed anywhere; equal words."""

import re
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import timedelta
from email import message_from_bytes
from email.message import Message
from pathlib import Path
from typing import Any

import pytest
from django.core.mail import EmailMessage
from django.db import connection, connections

from tests.integration.conduct.test_clocks import ADMITTED, SENT, end, of_rule, record
from tests.integration.conduct.world import World, begin
from trialwright.accounts.models import Person
from trialwright.conduct.models import Clock, Reminder
from trialwright.conduct.safety import reminding
from trialwright.demonstration.protocol import demonstration

# The coordinator and the investigator of the site; the safety office for the two regions.
RECIPIENTS = ["lin@localhost", "luo@localhost", "luo@localhost", "zhao@localhost"]


class Killed(BaseException):
    """Stands for a process that ended here."""


@pytest.fixture
def folder(tmp_path: Path, settings: Any) -> Path:
    settings.EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
    settings.EMAIL_FILE_PATH = str(tmp_path)
    return tmp_path


@pytest.fixture
def due(world: World, folder: Path) -> World:
    """A serious event, just recorded."""
    code = world.treated()
    world.later(days=3)
    record(world, code)
    return world


def mails(folder: Path) -> list[Message]:
    texts = [
        text.strip()
        for file in sorted(folder.glob("*.log"))
        for text in file.read_bytes().split(b"-" * 79)
    ]
    return [message_from_bytes(text) for text in texts if text]


def recipients(folder: Path) -> list[str]:
    return sorted(each["To"] for each in mails(folder))


def test_each_stage_is_mailed_once_to_those_who_send_the_report(due: World, folder: Path) -> None:
    assert reminding.remind(due.now) == 4
    assert recipients(folder) == RECIPIENTS
    assert reminding.remind(due.now + timedelta(minutes=5)) == 0
    # The site's report is due after 24 hours: 12 before, and once it is overdue.
    assert reminding.remind(due.now + timedelta(hours=13)) == 2
    assert reminding.remind(due.now + timedelta(hours=25)) == 2
    assert reminding.remind(due.now + timedelta(hours=26)) == 0
    assert {each.stage for each in Reminder.objects.all()} == {"opened", "12", "overdue"}


def test_a_server_that_was_down_sends_one_late_reminder_and_none_of_what_has_ended(
    due: World, folder: Path
) -> None:
    """G10."""
    sponsor = of_rule(due, "eu_other").number
    due.later(days=1)
    end(due, sponsor)
    assert reminding.remind(due.now + timedelta(days=30)) == 3
    assert set(Reminder.objects.values_list("stage", flat=True)) == {"overdue"}
    assert reminding.remind(due.now + timedelta(days=60)) == 0


def test_a_mail_that_waited_until_its_clock_ended_is_not_sent(due: World, folder: Path) -> None:
    reminding.plan(due.now)
    end(due, of_rule(due, "eu_other").number, SENT)
    assert reminding.send(due.now) == 3
    assert Reminder.objects.count() == 3


def test_a_mail_names_nothing_but_a_link(due: World, folder: Path) -> None:
    reminding.remind(due.now)
    protocol = demonstration()
    words = {"C-001", protocol.identifier, "HAEC", "hAEC", "amnion", "Fever", "event"}
    words |= {arm.label.en for arm in protocol.arms} | {each.label.en for each in protocol.products}
    found = mails(folder)
    assert len(found) == 4
    for each in found:
        text = each.as_string()
        assert not [word for word in words if word in text]
        assert re.search(r"http://localhost:\d+/reminders/[0-9a-f-]{36}", text)


def test_two_alike_but_for_the_arm_have_equal_mails(world: World, folder: Path) -> None:
    first = world.treated()
    world.later(days=8)
    second = world.treated()
    world.later(days=3)
    sent: dict[str, Counter[str]] = {}
    for code in (first, second):
        record(world, code)
        reminding.remind(world.now)
        plain = (re.sub(r"[0-9a-f-]{36}|Date: .*", "", each.as_string()) for each in mails(folder))
        sent[code] = Counter(plain)
        for file in folder.glob("*.log"):
            file.unlink()
    assert sent[first] == sent[second] and sent[first].total() == 4


@contextmanager
def killed_at(number: int) -> Iterator[None]:
    """End the process before its statement of this number; without end where it has fewer."""
    left = [number]

    def count(execute: Any, sql: Any, params: Any, many: bool, context: Any) -> Any:
        if left[0] == 0:
            raise Killed
        left[0] -= 1
        return execute(sql, params, many, context)

    with connection.execute_wrapper(count), suppress(Killed):
        yield


@pytest.mark.django_db(transaction=True)
def test_killed_at_any_statement_none_is_lost_and_a_repeat_is_the_same_mail(folder: Path) -> None:
    due = begin()
    code = due.treated()
    due.later(days=3)
    record(due, code)
    number, repeats = 0, 0
    while True:
        Reminder.objects.all().delete()
        for file in folder.glob("*.log"):
            file.unlink()
        with killed_at(number):
            reminding.remind(due.now)
        accepted = len(mails(folder))
        committed = Reminder.objects.exclude(sent_at=None).count()
        assert accepted - committed in (0, 1)
        finished = committed == 4
        reminding.remind(due.now)
        found = Counter(each["Message-ID"] for each in mails(folder))
        assert len(found) == 4, list(Reminder.objects.values_list("stage", "person", "made_at"))
        # Twice only where it was killed between acceptance and commit.
        assert found.total() - len(found) == accepted - committed
        repeats += accepted - committed
        if finished:
            break
        number += 1
    assert number > 20 and repeats >= 4


def test_killed_while_the_mail_server_takes_it_none_is_lost(
    due: World, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    send = EmailMessage.send

    def before(self: EmailMessage, fail_silently: bool = False) -> int:
        raise Killed

    def after(self: EmailMessage, fail_silently: bool = False) -> int:
        send(self)
        raise Killed

    for way in (before, after):
        monkeypatch.setattr(EmailMessage, "send", way)
        with pytest.raises(Killed):
            reminding.remind(due.now)
    monkeypatch.setattr(EmailMessage, "send", send)
    reminding.remind(due.now)
    found = Counter(each["Message-ID"] for each in mails(folder))
    assert sorted(found.values()) == [1, 1, 1, 2]


def test_a_mail_server_that_refuses_is_asked_again(due: World, folder: Path, settings: Any) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 1
    assert reminding.remind(due.now) == 0
    assert Reminder.objects.filter(sent_at=None).count() == 4
    settings.EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
    assert reminding.remind(due.now) == 4


@pytest.mark.django_db(transaction=True)
def test_two_hosts_send_each_once(folder: Path) -> None:
    world = begin()
    code = world.treated()
    world.later(days=3)
    for _ in range(4):
        record(world, code, ADMITTED)
    ready = threading.Barrier(2)
    sent: list[int] = []

    def host() -> None:
        try:
            ready.wait()
            sent.append(reminding.remind(world.now))
        finally:
            connections.close_all()

    hosts = [threading.Thread(target=host) for _ in range(2)]
    for each in hosts:
        each.start()
    for each in hosts:
        each.join()
    assert sum(sent) == 16
    found = Counter(each["Message-ID"] for each in mails(folder))
    assert len(found) == 16 and set(found.values()) == {1}
    assert Clock.objects.count() == 12


def test_the_link_leads_its_reader_and_nobody_else(
    due: World, folder: Path, signed_in: Callable[[str], Any]
) -> None:
    reminding.remind(due.now)
    row = Reminder.objects.get(
        clock__rule="site_serious", person=Person.objects.get(username="lin").pk
    )
    place = f"/reminders/{row.pk}"
    answer = signed_in("lin").get(place)
    assert answer.status_code == 302 and answer["Location"].endswith(f"clocks/{row.clock.number}")
    assert signed_in("lin").get(answer["Location"]).status_code == 200
    for name in ("luo", "he", "admin"):
        assert signed_in(name).get(place).status_code == 404


def test_a_demonstration_shows_each_person_their_own_mails(
    due: World, folder: Path, signed_in: Callable[[str], Any], settings: Any
) -> None:
    assert "No mail was sent" in signed_in("lin").get("/mails").content.decode()
    reminding.remind(due.now)
    for name, number in (("lin", 1), ("luo", 2), ("feng", 0)):
        page = signed_in(name).get("/mails").content.decode()
        assert page.count('href="/reminders/') == number
    settings.EMAIL_FILE_PATH = None
    assert signed_in("lin").get("/mails").status_code == 404
