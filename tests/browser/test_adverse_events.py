"""Recording an adverse event in a browser, without scripts: look for the term, answer, read it."""

from collections.abc import Callable
from typing import Any

from playwright.sync_api import BrowserContext, expect

from tests.browser.conftest import without_fault
from tests.browser.test_forms import world
from tests.browser.walk import be
from tests.integration.conduct.world import STUDY, World
from trialwright.conduct.models import AdverseEvent

__all__ = ["world"]
HERE = f"/studies/{STUDY}/participants/C-001/adverse-event"


def test_an_event_is_looked_for_recorded_and_read_without_scripts(
    world: World, open_context: Callable[..., BrowserContext], live_server: Any
) -> None:
    page = open_context(scripts=False).new_page()
    be("lin", page.context, live_server.url)
    page.goto(HERE)
    page.locator("#q").fill("uterine infection")
    page.get_by_role("button", name="Look for the term").click()
    page.get_by_role("link", name="Uterine infection").click()
    # Only the grades that the term defines, and no fifth: that comes with a death.
    grades = page.locator("[name=grade]")
    assert [each.get_attribute("value") for each in grades.all()] == ["2", "3", "4"]
    page.get_by_role("button", name="Record the event").click()
    expect(page.locator("#errors-heading")).to_be_visible()
    grades.nth(1).check()
    page.locator("[name=outcome]").first.check()
    for group in page.locator("[name^=serious_][value=no], [name^=stop_][value=no]").all():
        group.check()
    page.locator("[name=serious_hospitalisation][value=yes]").check()
    page.get_by_role("button", name="Record the event").click()
    expect(page.locator(".notice")).to_contain_text("recorded")
    expect(page.locator("main")).to_contain_text("It led to admission to hospital")
    assert AdverseEvent.objects.get().hospitalisation


def test_no_page_of_events_has_a_fault(
    world: World, open_context: Callable[..., BrowserContext], live_server: Any, language: str
) -> None:
    page = open_context(language=language).new_page()
    be("lin", page.context, live_server.url)
    for place in (f"{HERE}?q=fever", f"{HERE}/fever", f"/studies/{STUDY}/adverse-events"):
        page.goto(place)
        without_fault(page, f"events-{place.rpartition('/')[2].partition('?')[0]}-{language}")
