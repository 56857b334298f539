"""While the database is away nothing typed is lost: the page stays, and sends when it is back."""

from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from playwright.sync_api import BrowserContext, Page, expect

from tests.browser.test_forms import place, save, world
from tests.browser.walk import be
from tests.integration.conduct.world import STUDY, World
from tests.superuser import database_away
from trialwright.conduct.models import Entry, State

__all__ = ["world"]


@pytest.fixture
def page(
    world: World, open_context: Callable[..., BrowserContext], live_server: Any, forgiven: list[str]
) -> Page:
    forgiven += ["503 at", "Response Status Error Code 503"]
    page = open_context().new_page()
    be("lin", page.context, live_server.url)
    return page


def away() -> Any:
    name = connection.settings_dict["NAME"]
    connection.close()
    return database_away(name)


def test_a_form_stays_with_what_was_typed_and_is_saved_afterwards(page: Page) -> None:
    page.goto(place("menses"))
    page.locator("#i-bled").check()
    expect(page.locator("#i-days")).to_be_visible()
    with away():
        page.locator("#i-days").fill("5")
        save(page)
        expect(page.locator("#saved")).to_contain_text("the connection is lost")
        expect(page.locator("#i-days")).to_have_value("5")
    save(page)
    expect(page.locator(".notice")).to_contain_text("Saved")
    assert Entry.objects.get().values.get(item="days").text == "5"


def test_a_step_stays_with_what_was_typed_and_is_done_afterwards(page: Page, world: World) -> None:
    page.goto(f"/studies/{STUDY}/participants/C-001/screen-failure")
    with away():
        page.locator("#i-reason").fill("Moved to another town")
        page.locator("form.step button").click()
        expect(page.locator("#late")).to_contain_text("the connection is lost")
        expect(page.locator("#i-reason")).to_have_value("Moved to another town")
    page.locator("form.step button").click()
    expect(page.locator(".notice")).to_contain_text("recorded")
    assert world.row("C-001").state == State.SCREEN_FAILED


def test_what_was_sent_comes_back_without_scripts_too(
    world: World, open_context: Callable[..., BrowserContext], live_server: Any, forgiven: list[str]
) -> None:
    forgiven += ["503 at"]
    page = open_context(scripts=False).new_page()
    be("lin", page.context, live_server.url)
    page.goto(f"/studies/{STUDY}/participants/C-001/screen-failure")
    page.locator("#i-reason").fill("Moved to another town")
    with away():
        page.locator("form.step button").click()
        expect(page.get_by_role("heading", level=1)).to_have_text("The database can't be reached")
    page.get_by_role("button", name="Send it again").click()
    expect(page.locator(".notice")).to_contain_text("recorded")


def test_the_browsers_back_brings_what_was_typed_too_without_scripts(
    world: World, open_context: Callable[..., BrowserContext], live_server: Any, forgiven: list[str]
) -> None:
    forgiven += ["503 at"]
    page = open_context(scripts=False).new_page()
    be("lin", page.context, live_server.url)
    page.goto(f"/studies/{STUDY}/participants/C-001/screen-failure")
    page.locator("#i-reason").fill("Moved to another town")
    with away():
        page.locator("form.step button").click()
        expect(page.get_by_role("heading", level=1)).to_have_text("The database can't be reached")
    page.go_back()
    expect(page.locator("#i-reason")).to_have_value("Moved to another town")
    page.locator("form.step button").click()
    expect(page.locator(".notice")).to_contain_text("recorded")


def test_the_browsers_back_brings_a_form_as_a_draft_too_without_scripts(
    world: World, open_context: Callable[..., BrowserContext], live_server: Any, forgiven: list[str]
) -> None:
    forgiven += ["503 at"]
    page = open_context(scripts=False).new_page()
    be("lin", page.context, live_server.url)
    page.goto(place("menses"))
    page.locator("#i-bled").check()
    page.locator("#i-days").fill("5")
    with away():
        save(page)
        expect(page.get_by_role("heading", level=1)).to_have_text("The database can't be reached")
    page.go_back()
    expect(page.locator("#i-days")).to_have_value("5")
    assert not [one for one in page.context.cookies() if one["name"] == "unsent"]
    save(page)
    assert Entry.objects.get().values.get(item="days").text == "5"
