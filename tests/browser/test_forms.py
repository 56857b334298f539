"""A form while it is filled in: nothing typed is lost, what follows appears, problems are told."""

from collections.abc import Callable

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from tests.browser import pages
from tests.browser.conftest import accessible

pytestmark = pytest.mark.urls("tests.browser.pages")


@pytest.fixture(autouse=True)
def _no_drafts() -> None:
    pages.drafts.clear()


def test_a_draft_saves_itself_and_says_so(page: Page) -> None:
    page.goto("/form")
    page.locator("#i-bled").check()
    expect(page.locator("#saved")).to_have_text("Saved 10:42")
    assert pages.drafts["bled"] == "yes"


def test_a_question_appears_when_another_answer_makes_it_one(page: Page) -> None:
    page.goto("/form")
    days = page.get_by_label("Days with bleeding", exact=True)
    expect(days).to_be_hidden()
    page.locator("#i-bled").check()
    expect(days).to_be_visible()
    page.locator("#i-bled-2").check()
    expect(days).to_be_hidden()


def test_a_score_is_computed_while_one_goes_on_typing(page: Page) -> None:
    page.goto("/form")
    page.locator("#i-bled").check()
    score = page.locator("#score-pads_a_day")
    expect(score).to_have_text("Computed once all its parts are there")
    page.locator("#i-days").fill("5")
    page.locator("#i-pads").fill("12")
    page.get_by_label("Year").focus()
    page.keyboard.type("2026")
    expect(score).to_have_text("2.40 a day")
    assert page.get_by_label("Year").input_value() == "2026"
    expect(page.get_by_label("Year")).to_be_focused()


def test_a_lost_connection_is_said_and_the_draft_saved_once_it_is_back(
    page: Page, forgiven: list[str]
) -> None:
    forgiven.append("htmx:")
    page.goto("/form")
    page.route("**/draft*", lambda route: route.abort())
    page.locator("#i-bled").check()
    expect(page.locator("#saved")).to_contain_text("Not saved yet")
    kept = page.evaluate("[...Object.values(localStorage), ...Object.values(sessionStorage)]")
    assert kept == ["/form"], "nothing that was typed is kept in the browser"
    page.unroute("**/draft*")
    expect(page.locator("#saved")).to_have_text("Saved 10:42", timeout=15_000)
    assert pages.drafts["bled"] == "yes"


def test_a_changed_value_of_a_complete_form_asks_why(page: Page) -> None:
    pages.drafts.update(bled="yes", days="5")
    page.goto("/form?completed=yes")
    why = page.get_by_label("It was 5 days. Why is it changed?")
    expect(why).to_be_hidden()
    page.locator("#i-days").fill("6")
    expect(why).to_be_visible()
    page.locator("#i-days").fill("5")
    expect(why).to_be_hidden()


def test_problems_are_told_on_top_and_lead_to_their_fields(page: Page) -> None:
    page.goto("/form")
    page.locator("#i-bled").check()
    page.locator("#i-days").fill("lots")
    page.get_by_role("button", name="Save and continue").click()
    summary = page.get_by_role("alert")
    expect(summary).to_be_focused()
    expect(page.locator("#i-days")).to_have_value("lots")
    link = summary.get_by_role("link").filter(has_text="days with bleeding")
    expect(page.locator("#problem-days")).to_contain_text(link.inner_text())
    accessible(page)
    link.click()
    expect(page.locator("#i-days")).to_be_focused()


def test_without_scripts_everything_can_be_answered_and_saved(
    open_context: Callable[..., BrowserContext],
) -> None:
    page = open_context(scripts=False).new_page()
    page.goto("/form")
    expect(page.get_by_label("Days with bleeding", exact=True)).to_be_visible()
    page.locator("#i-bled").check()
    page.locator("#i-days").fill("5")
    page.get_by_role("button", name="Save and continue").click()
    expect(page.locator("#i-days")).to_have_value("5")


def test_a_whole_form_is_filled_in_with_the_keyboard_alone(page: Page) -> None:
    page.goto("/form")
    page.locator("#i-bled").focus()
    page.keyboard.press("Space")
    expect(page.get_by_label("Days with bleeding", exact=True)).to_be_visible()
    page.keyboard.press("Tab")
    expect(page.locator("#field-bled summary")).to_be_focused()
    page.keyboard.press("Tab")
    page.keyboard.type("3")
    page.keyboard.press("Tab")
    page.keyboard.type("Mar")
    page.keyboard.press("Tab")
    whole = "first_day.year=2026"
    with page.expect_response(lambda answer: whole in (answer.request.post_data or "")):
        page.keyboard.type("2026")
    expect(page.locator("#saved")).to_have_text("Saved 10:42")
    assert pages.drafts["first_day"] == "2026-03-03"
