"""A diary in a real browser: narrow, by keyboard, without the network, and sent once."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.utils import timezone
from playwright.sync_api import BrowserContext, Page, expect

from tests.browser.conftest import NARROW, without_fault
from tests.browser.network import Network
from tests.integration.conduct.diary_trial import STUDY, Diaries
from tests.integration.conduct.other_trials import START
from trialwright.conduct.diary.diaries import code_of, token_of
from trialwright.conduct.models import DiaryEntry, Value


@pytest.fixture
def diary(_database: None) -> Diaries:
    """A participant of whose entries the first can be written now, late."""
    now = timezone.now().astimezone(START.tzinfo)
    begun = now - timedelta(days=2 if now.hour >= 10 else 3)
    return Diaries(opened=False, at=begun.replace(hour=9, minute=0, second=0, microsecond=0))


def opened(diary: Diaries, page: Page) -> str:
    href = f"/diary/{token_of(diary.id)}"
    page.goto(href)
    page.keyboard.type(code_of(diary.id))
    page.keyboard.press("Enter")
    expect(page.locator("#now")).to_be_visible()
    return href


@pytest.fixture
def network(live_server: Any) -> Iterator[Network]:
    network = Network(urlsplit(live_server.url).port)
    yield network
    network.end()


def test_an_entry_is_written_without_the_network_and_sent_once(
    diary: Diaries,
    network: Network,
    open_context: Callable[..., BrowserContext],
    forgiven: list[str],
) -> None:
    page = open_context(viewport=NARROW, server=f"http://localhost:{network.port}").new_page()
    href = opened(diary, page)
    expect(page.locator("html[data-offline=ready]")).to_be_attached()
    with network.cut(page.context):
        page.goto(f"{href}/bleeding/1")
        page.locator("[name=bled][value=yes]").check()
        page.locator("[name=pads]").fill("4")
        page.get_by_role("button", name="Send").click()
        expect(page.locator("#waiting-list")).to_contain_text("Pads soaked 4")
        page.reload()
        expect(page.locator("#waiting-list")).to_contain_text("Pads soaked 4")
        assert not DiaryEntry.objects.exists()
    # The page goes on by itself once what waited is sent: going there as well would cross it.
    expect(page.locator(".notice")).to_contain_text("has been received")
    expect(page.locator("#waiting")).to_be_hidden()
    kept = DiaryEntry.objects.get()
    assert kept.written_at < kept.received_at
    assert Value.objects.get(entry=kept.entry, item="pads").text == "4"


def test_what_is_refused_stays_on_the_phone_until_it_is_corrected(
    diary: Diaries, open_context: Callable[..., BrowserContext], forgiven: list[str]
) -> None:
    forgiven.append("409 at")
    page = open_context(viewport=NARROW).new_page()
    href = opened(diary, page)
    page.goto(f"{href}/bleeding/1")
    page.locator("[name=bled][value=no]").check()
    page.locator("[name=pads]").fill("4")
    page.get_by_role("button", name="Send").click()
    expect(page.locator("#errors-heading")).to_be_visible()
    expect(page.locator("[name=pads]")).to_have_value("4")
    expect(page.locator("#waiting-list")).to_contain_text("did not bleed")
    page.goto(href)
    page.get_by_role("link", name="Correct and send again").click()
    expect(page.locator("[name=pads]")).to_have_value("4")
    page.locator("[name=pads]").fill("0")
    page.get_by_role("button", name="Send").click()
    expect(page.locator(".notice")).to_contain_text("has been received")
    expect(page.locator("#waiting")).to_be_hidden()
    assert DiaryEntry.objects.count() == 1


def test_no_page_of_a_diary_has_a_fault(
    diary: Diaries,
    open_context: Callable[..., BrowserContext],
    forgiven: list[str],
    language: str,
    live_server: Any,
) -> None:
    page = open_context(language=language).new_page()
    href = f"/diary/{token_of(diary.id)}"
    page.goto(href)
    without_fault(page, f"diary-code-{language}")
    page.locator("#code").fill("1")
    page.keyboard.press("Enter")
    without_fault(page, f"diary-wrong-code-{language}")
    opened(diary, page)
    without_fault(page, f"diary-home-{language}")
    page.goto(f"{href}/bleeding/1")
    without_fault(page, f"diary-entry-{language}")
    forgiven.append("409 at")
    page.locator("form.diary button").click()
    expect(page.locator("#errors-heading")).to_be_visible()
    without_fault(page, f"diary-blank-{language}")
    staff = open_context(language=language).new_page()
    staff.goto(f"/sign-in?next=/studies/{STUDY}/participants/C-001/diary")
    staff.locator("#username").fill(f"coordinator.{STUDY}".lower())
    staff.locator("#password").fill("a long enough one")
    staff.keyboard.press("Enter")
    expect(staff.locator("table")).to_be_visible()
    without_fault(staff, f"diary-site-{language}")
