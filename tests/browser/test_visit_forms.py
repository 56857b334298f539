"""All forms of a visit on one page: filled in together, each kept, refused and saved as itself."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from tests.browser.conftest import NARROW, accessible, fits, shoot, without_fault
from tests.browser.walk import PEOPLE, SECRET, be
from tests.integration.conduct.world import STUDY, World, begin
from trialwright.conduct.models import Draft, Entry
from trialwright.demonstration.people import password_of
from trialwright.ledger import files

VISIT = "month_1"
SAVED = re.compile(r"^Draft kept \d\d:\d\d, not saved yet$")


@pytest.fixture
def world(transactional_db: None) -> World:
    """A participant who came to the visit a month after the treatment."""
    files.heads_path().unlink(missing_ok=True)
    world = begin()
    code = world.treated()
    world.later(days=30)
    world.visited(code, VISIT)
    return world


def place(rest: str = "/forms") -> str:
    return f"/studies/{STUDY}/participants/C-001/visits/{VISIT}{rest}"


@pytest.fixture
def page(world: World, open_context: Callable[..., BrowserContext], live_server: Any) -> Page:
    """The coordinator before all her forms of the visit."""
    page = open_context().new_page()
    be("lin", page.context, live_server.url)
    page.goto(place())
    return page


def save(page: Page) -> None:
    with page.expect_navigation():
        page.locator(".stick button").click()


def text_of(form: str, item: str) -> str | None:
    return Entry.objects.get(form=form, visit=VISIT).values.get(item=item).text


def test_one_form_opens_the_questions_of_another_before_anything_is_saved(page: Page) -> None:
    pads = page.get_by_label("Pads, lightly stained", exact=True)
    expect(pads).to_be_hidden()
    page.locator("#i-menses--bled").check()
    expect(pads).to_be_visible()
    page.locator("#i-menses--bled-2").check()
    expect(page.locator("#score-pbac--score")).to_have_text("0")
    assert not Entry.objects.filter(visit=VISIT).exists()
    expect(page.locator("#saved")).to_have_text(SAVED)
    assert set(Draft.objects.values_list("form", flat=True)) == {"menses"}


def test_what_is_right_is_saved_and_what_is_not_stays_as_typed(page: Page) -> None:
    page.locator("#i-menses--bled").check()
    page.locator("#i-menses--days").fill("lots")
    page.locator("#i-pbac--pads_light").fill("3")
    page.locator('[name="blood_count--sampled_on.offered"]').check()
    page.locator("#i-blood_count--haemoglobin").fill("109")
    expect(page.locator("#flag-blood_count--haemoglobin")).to_have_text("Low")
    save(page)
    summary = page.get_by_role("alert")
    expect(summary).to_be_focused()
    expect(summary).to_contain_text("days with bleeding")
    expect(summary).to_contain_text("waits for “Menses”")
    expect(page.get_by_role("status").first).to_contain_text("Saved: 1 form")
    # The chart reads from the form that was refused: saved now, it would lose its answers.
    assert list(Entry.objects.filter(visit=VISIT).values_list("form", flat=True)) == ["blood_count"]
    expect(page.locator("#i-pbac--pads_light")).to_have_value("3")
    assert text_of("blood_count", "sampled_on") == "2023-04-05"
    accessible(page)
    page.locator("#i-menses--days").fill("3")
    save(page)
    assert (text_of("menses", "days"), text_of("pbac", "pads_light")) == ("3", "3")
    assert not Draft.objects.exists()


def test_two_people_on_one_form_of_the_page_see_both_versions(world: World, page: Page) -> None:
    count = {"sampled_on": "2023-04-05", "haemoglobin": "120", "leukocytes": "5", "platelets": "9"}
    page.locator("#i-blood_count--haemoglobin").fill("131")
    page.locator("#i-beta_hcg--hcg").fill("<1.2")
    expect(page.locator("#saved")).to_have_text(SAVED)
    world.save(world.coordinator, "C-001", VISIT, "blood_count", {**count, "platelets": "190"})
    Draft.objects.filter(form="blood_count").delete()
    save(page)
    expect(page.get_by_role("alert")).to_contain_text("Somebody saved this form")
    expect(page.get_by_role("row", name="Haemoglobin").first).to_contain_text("131")
    assert text_of("beta_hcg", "hcg") == "<1.2"
    accessible(page)
    with page.expect_navigation():
        page.get_by_role("button", name="Discard my changes").click()
    expect(page.locator("#i-blood_count--haemoglobin")).to_have_value("120")


def test_a_column_is_pasted_into_the_table(page: Page) -> None:
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    paste = """([box, text]) => { const data = new DataTransfer(); data.setData("text", text);
      document.getElementById(box).dispatchEvent(
        new ClipboardEvent("paste", {clipboardData: data, bubbles: true, cancelable: true})) }"""
    page.evaluate(paste, ["i-chemistry--alt", "22\r\n19\r\n9.4\r\n"])
    expect(page.locator("#i-chemistry--ast")).to_have_value("19")
    expect(page.locator("#i-chemistry--bilirubin")).to_have_value("9.4")
    page.evaluate(paste, ["i-chemistry--alt", "1\n" * 10_001])
    expect(page.get_by_text("10001 lines were pasted")).to_be_visible()
    expect(page.locator("#i-chemistry--alt")).to_have_value("22")


def test_reasons_for_no_value_are_folded_until_wanted(page: Page) -> None:
    reason = page.locator('[name="ultrasound--thickness.missing"]')
    expect(reason).to_be_hidden()
    page.locator("#section-ultrasound--measured .reveal input").check()
    expect(reason).to_be_visible()
    reason.select_option("not_done")
    save(page)
    assert Entry.objects.get(form="ultrasound").values.get(item="thickness").missing == "not_done"


def test_without_scripts_a_visit_is_entered_and_a_column_pasted(
    world: World, open_context: Callable[..., BrowserContext], live_server: Any
) -> None:
    page = open_context(scripts=False, language="zh-hans").new_page()
    be("lin", page.context, live_server.url)
    page.goto(place())
    page.locator("#section-chemistry--result summary").click()
    page.locator('[name="chemistry--result.column"]').fill("22\n19\n9.4\n58\n1.0\n2.7\n0.3\n1")
    page.locator('[name="beta_hcg--sampled_on.offered"]').check()
    save(page)
    expect(page.get_by_role("alert")).to_contain_text("粘贴")
    assert text_of("beta_hcg", "sampled_on") == "2023-04-05"
    expect(page.locator('[name="chemistry--result.column"]')).to_have_value(re.compile("0.3\n1"))
    page.locator('[name="chemistry--result.column"]').fill("22\n19\n9.4\n58\n1.0\n2.7")
    save(page)
    assert text_of("chemistry", "fibrinogen") == "2.7"


def test_the_page_has_no_fault_in_either_language(
    world: World, open_context: Callable[..., BrowserContext], live_server: Any, language: str
) -> None:
    page = open_context(language=language).new_page()
    be("lin", page.context, live_server.url)
    page.goto(place())
    without_fault(page, f"visit-forms-{language}")
    # The cursor stands in the first question, and the Enter key saves.
    page.reload()
    expect(page.locator("#i-menses--diary_back")).to_be_focused()


def test_a_visit_is_checked_and_signed_at_once(
    world: World, open_context: Callable[..., BrowserContext], live_server: Any, language: str
) -> None:
    page = open_context(language=language, scripts=False).new_page()
    be("zhao", page.context, live_server.url)
    page.goto(f"/studies/{STUDY}/to-sign")
    shoot(page, f"to-sign-{language}")
    page.goto(f"/studies/{STUDY}/participants/C-001/visits/screening/sign")
    page.locator("form.sign button").click()
    expect(page.get_by_role("alert")).to_be_visible()
    page.set_viewport_size(NARROW)
    fits(page)
    page.locator("#password").fill(password_of(PEOPLE["zhao"], SECRET))
    page.locator("form.sign button").click()
    expect(page.get_by_role("status").first).to_contain_text("5")
    assert Entry.objects.filter(visit="screening", signatures__void_at=None).count() == 5
