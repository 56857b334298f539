"""A form while it is filled in: nothing typed is lost, what follows appears, problems are told."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.sessions.models import Session
from playwright.sync_api import BrowserContext, Page, Route, expect

from tests.browser.conftest import accessible
from tests.browser.walk import PEOPLE, SECRET, be
from tests.integration.conduct.world import STUDY, World, begin
from trialwright.conduct.models import Draft, Entry
from trialwright.conduct.reads.drafts import read_draft
from trialwright.demonstration.people import password_of
from trialwright.ledger import files, journal
from trialwright.protocol.values import Missing

SAVED = re.compile(r"^Draft kept \d\d:\d\d, not saved yet$")
VISIT = "baseline_cycle_1"
MENSES = {
    "diary_back": "yes", "bled": "yes", "first_day": "2023-04-03", "on_hormones": "no",
    "days": "5", "pads": "9", "category": "scant",
}  # fmt: skip
SCAN = {
    "scanned_on": "2023-04-05", "context": "natural", "cycle_day": "12", "thickness": "5.2",
    "uterus_length": "70", "uterus_width": "45", "uterus_depth": "38", "haematometra": "no",
}  # fmt: skip


@pytest.fixture
def world(transactional_db: None) -> World:
    """A woman who came to her first baseline visit."""
    files.heads_path().unlink(missing_ok=True)
    world = begin()
    code = world.consented()
    world.later(days=30)
    world.visited(code, VISIT)
    return world


@pytest.fixture
def ended(forgiven: list[str]) -> None:
    """A session will end: drafts are answered with 401."""
    forgiven += ["401 at", "Response Status Error Code 401"]


def place(form: str) -> str:
    return f"/studies/{STUDY}/participants/C-001/visits/{VISIT}/{form}/1"


@pytest.fixture
def page(world: World, open_context: Callable[..., BrowserContext], live_server: Any) -> Page:
    """The coordinator before the empty form on menses."""
    page = open_context().new_page()
    be("lin", page.context, live_server.url)
    page.goto(place("menses"))
    return page


def draft(world: World, form: str = "menses") -> dict[str, str | Missing]:
    """What she has typed and not saved."""
    kept = read_draft(world.coordinator, "C-001", VISIT, form, 1)
    return kept[0] if kept else {}


def save(page: Page) -> None:
    page.get_by_role("button", name="Save", exact=True).click()


def leave_alone(page: Page) -> None:
    page.clock.fast_forward("16:00")
    expect(page.get_by_role("heading", level=1)).to_have_text("Sign in")
    expect(page.get_by_text("This screen was left alone and is locked")).to_be_visible()


def sign_in(page: Page, username: str) -> None:
    page.get_by_label("Username").fill(username)
    page.get_by_label("Password", exact=True).fill(password_of(PEOPLE[username], SECRET))
    page.locator("main").get_by_role("button", name="Sign in").click()


def test_a_draft_saves_itself_says_so_and_is_no_data(world: World, page: Page) -> None:
    before = journal.head(STUDY).seq
    page.locator("#i-bled").check()
    expect(page.locator("#saved")).to_have_text(SAVED)
    assert draft(world)["bled"] == "yes"
    assert journal.head(STUDY).seq == before
    assert not Entry.objects.exists()


def test_a_draft_survives_a_closed_tab(page: Page) -> None:
    page.locator("#i-bled").check()
    page.locator("#i-days").fill("5")
    page.locator("#i-pads").fill("a dozen")
    page.get_by_label("Year").focus()
    expect(page.locator("#score-pads_a_day")).not_to_be_empty()
    page.get_by_label("Year").fill("2023")
    page.keyboard.press("Tab")
    expect(page.locator("form[data-unsaved]")).to_have_count(0)
    expect(page.locator("#saved")).to_have_text(SAVED)
    again = page.context.new_page()
    page.close()
    again.goto(place("menses"))
    expect(again.locator("#i-days")).to_have_value("5")
    expect(again.locator("#i-pads")).to_have_value("a dozen")
    expect(again.get_by_label("Year")).to_have_value("2023")
    expect(again.locator("#saved")).to_have_text(SAVED)


def test_what_is_typed_while_a_draft_is_on_its_way_is_not_kept_yet(page: Page) -> None:
    unsaved = page.locator("form[data-unsaved]")
    page.locator("#i-bled").check()
    expect(page.locator("#i-days")).to_be_visible()
    expect(unsaved).to_have_count(0)
    held: list[Route] = []
    page.route("**/draft", lambda route: held.append(route))
    with page.expect_request(re.compile("/draft")):
        page.locator("#i-days").fill("5")
        page.keyboard.press("Tab")
    page.locator("#i-pads").fill("a dozen")
    with page.expect_response(re.compile("/draft")):
        held[0].continue_()
    expect(page.locator("#saved")).to_have_text(SAVED)
    expect(unsaved).to_have_count(1)
    page.unroute("**/draft")
    page.keyboard.press("Tab")
    for each in held[1:]:
        each.continue_()
    expect(unsaved).to_have_count(0)


def test_a_question_appears_when_another_answer_makes_it_one(page: Page) -> None:
    days = page.get_by_label("Days with bleeding", exact=True)
    expect(days).to_be_hidden()
    page.locator("#i-bled").check()
    expect(days).to_be_visible()
    page.locator("#i-bled-2").check()
    expect(days).to_be_hidden()


def test_a_score_is_computed_while_one_goes_on_typing(page: Page) -> None:
    page.locator("#i-bled").check()
    score = page.locator("#score-pads_a_day")
    expect(score).to_have_text("Computed once all its parts are there")
    page.locator("#i-days").fill("5")
    page.locator("#i-pads").fill("12")
    page.get_by_label("Year").focus()
    page.keyboard.type("2023")
    expect(score).to_have_text("2.40 a day")
    expect(page.get_by_label("Year")).to_have_value("2023")
    expect(page.get_by_label("Year")).to_be_focused()


def test_a_lost_connection_is_said_and_the_draft_saved_once_it_is_back(
    world: World, page: Page, forgiven: list[str]
) -> None:
    forgiven.append("htmx:")
    page.route("**/draft*", lambda route: route.abort())
    page.locator("#i-bled").check()
    expect(page.locator("#saved")).to_contain_text("Not saved yet")
    kept = page.evaluate("[...Object.values(localStorage), ...Object.values(sessionStorage)]")
    assert "yes" not in kept, "nothing that was typed is kept in the browser"
    page.unroute("**/draft*")
    expect(page.locator("#saved")).to_have_text(SAVED, timeout=15_000)
    assert draft(world)["bled"] == "yes"


def test_who_saves_while_a_draft_is_under_way_has_saved_and_no_draft(page: Page) -> None:
    """A draft that reached the server after the form was saved would be another version of it."""
    held: list[Route] = []
    page.route("**/draft*", lambda route: held.append(route))
    page.locator("#i-bled-2").check()
    while not held:
        page.wait_for_timeout(20)
    save(page)
    expect(page).to_have_url(re.compile("/menses/1$"))
    held[0].continue_()
    expect(page.get_by_role("status").first).to_contain_text("Saved; some answers are still")
    assert not Draft.objects.exists()


def test_an_ended_session_is_said_and_what_was_typed_is_there_after_signing_in(
    page: Page, ended: None
) -> None:
    page.locator("#i-bled").check()
    expect(page.locator("#saved")).to_have_text(SAVED)
    Session.objects.all().delete()
    page.locator("#i-days").fill("4")
    page.locator("#i-pads").fill("7")
    expect(page.locator("#saved")).to_contain_text("Your session has ended")
    save(page)
    expect(page.get_by_role("heading", level=1)).to_have_text("Sign in")
    expect(page.get_by_text("What you typed is kept")).to_be_visible()
    sign_in(page, "lin")
    expect(page).to_have_url(re.compile("/menses/1$"))
    expect(page.locator("#i-days")).to_have_value("4")
    expect(page.locator("#i-pads")).to_have_value("7")
    save(page)
    expect(page.get_by_role("status").first).to_contain_text("Saved; some answers")


def test_an_ended_session_keeps_the_answers_of_a_step(page: Page, ended: None) -> None:
    page.goto(f"/studies/{STUDY}/participants/C-001/participation")
    page.get_by_label("Lost to follow-up").check()
    why = page.get_by_label("Reason, or what was tried")
    why.fill("Called on three days")
    Session.objects.all().delete()
    page.get_by_role("button", name="Save").click()
    sign_in(page, "lin")
    expect(page.get_by_label("Lost to follow-up")).to_be_checked()
    expect(why).to_have_value("Called on three days")


def test_a_screen_left_alone_locks_and_one_comes_back_to_the_same_field(page: Page) -> None:
    page.clock.install()
    page.reload()
    page.locator("#i-bled").check()
    page.locator("#i-days").fill("4")
    page.clock.fast_forward("14:00")
    page.keyboard.press("Shift")
    page.clock.fast_forward("14:00")
    expect(page.locator("#i-days")).to_be_focused()
    expect(page.locator("form[data-unsaved]")).to_have_count(0)
    leave_alone(page)
    sign_in(page, "lin")
    expect(page.locator("#i-days")).to_have_value("4")
    expect(page.locator("#i-days")).to_be_focused()


def test_what_stood_on_a_locked_screen_is_not_for_somebody_else(world: World, page: Page) -> None:
    page.clock.install()
    step = f"/studies/{STUDY}/participants/C-001/participation"
    page.goto(step)
    page.get_by_label("Lost to follow-up").check()
    page.get_by_label("Reason, or what was tried").fill("Called on three days")
    leave_alone(page)
    before = journal.head(STUDY).seq
    sign_in(page, "zhao")
    expect(page.get_by_label("Lost to follow-up")).not_to_be_checked()
    page.goto("/account")
    page.get_by_role("main").get_by_role("button", name="Sign out").click()
    assert journal.head(STUDY).seq == before


def test_two_people_on_one_form_see_both_versions_and_choose(
    world: World, page: Page, open_context: Callable[..., BrowserContext], live_server: Any
) -> None:
    page.goto(place("ultrasound"))
    page.locator("#i-thickness").fill("6.1")
    page.locator("#i-uterus_length").fill("70")
    expect(page.locator("#saved")).to_have_text(SAVED)
    world.save(world.investigator, "C-001", VISIT, "ultrasound", SCAN)
    save(page)
    expect(page.get_by_role("alert")).to_contain_text("Somebody saved this form")
    both = page.get_by_role("region", name="Conflicting edits of this form")
    expect(both.get_by_role("row", name="Endometrial thickness")).to_contain_text("5.2 mm")
    expect(both.get_by_role("row", name="Endometrial thickness")).to_contain_text("6.1 mm")
    expect(both).to_contain_text("Zhao Wen")
    expect(both.get_by_role("row", name="length")).to_have_count(0)
    expect(page.locator("#i-thickness")).to_have_value("6.1")
    accessible(page)
    assert Entry.objects.get().values.get(item="thickness").text == "5.2"
    page.get_by_role("button", name="Discard my changes").click()
    expect(page.locator("#i-thickness")).to_have_value("5.2")
    assert not Draft.objects.exists()


def test_a_changed_value_of_a_complete_form_asks_why(world: World, page: Page) -> None:
    world.save(world.coordinator, "C-001", VISIT, "menses", MENSES)
    page.reload()
    why = page.get_by_label("It was 5 days. Why is it changed?")
    expect(why).to_be_hidden()
    page.locator("#i-days").fill("6")
    expect(why).to_be_visible()
    page.locator("#i-days").fill("5")
    expect(why).to_be_hidden()


def test_problems_are_told_on_top_and_lead_to_their_fields(page: Page) -> None:
    page.locator("#i-bled").check()
    page.locator("#i-days").fill("lots")
    save(page)
    summary = page.get_by_role("alert")
    expect(summary).to_be_focused()
    expect(page.locator("#i-days")).to_have_value("lots")
    link = summary.get_by_role("link").filter(has_text="days with bleeding")
    expect(page.locator("#problem-days")).to_contain_text(link.inner_text())
    link.click()
    expect(page.locator("#i-days")).to_be_focused()


def test_without_scripts_everything_can_be_answered_and_saved(
    world: World, open_context: Callable[..., BrowserContext], live_server: Any
) -> None:
    page = open_context(scripts=False).new_page()
    be("lin", page.context, live_server.url)
    page.goto(place("menses"))
    expect(page.get_by_label("Days with bleeding", exact=True)).to_be_visible()
    page.locator("#i-bled").check()
    page.locator("#i-days").fill("5")
    save(page)
    expect(page.get_by_role("status").first).to_contain_text("Saved; some answers are still")
    assert Entry.objects.get().values.get(item="days").text == "5"


def test_a_form_is_filled_in_with_the_keyboard_alone(world: World, page: Page) -> None:
    page.locator("#i-bled").focus()
    page.keyboard.press("Space")
    expect(page.get_by_label("Days with bleeding", exact=True)).to_be_visible()
    page.keyboard.press("Tab")
    page.keyboard.type("3")
    page.keyboard.press("Tab")
    page.keyboard.type("Apr")
    page.keyboard.press("Tab")
    whole = "first_day.year=2023"
    with page.expect_response(lambda answer: whole in (answer.request.post_data or "")):
        page.keyboard.type("2023")
    expect(page.locator("#saved")).to_have_text(SAVED)
    assert draft(world)["first_day"] == "2023-04-03"
