"""What anyone can open without signing in: calm, quick, exact, in both languages and schemes."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from tests.browser.conftest import NARROW, WIDE, accessible, fits, shoot

STARTING_RECORD = "/trials/NCT03223454"
PUBLIC = [
    "/trials",
    STARTING_RECORD,
    "/trials/NCT06450301",
    "/trials?q=nothing+like+this",
    "/trials?q=asherman&status=COMPLETED&without=D006175&near=nowhere",
    f"{STARTING_RECORD}/draft",
    "/trials/landscape?q=asherman",
    "/trials/stale",
    "/no/such/page",
]


@pytest.mark.parametrize("address", PUBLIC)
def test_a_public_page_has_no_fault_in_any_language_scheme_or_width(
    open_context: Callable[..., BrowserContext], look: tuple[str, str], address: str
) -> None:
    language, scheme = look
    for viewport in (WIDE, NARROW):
        page = open_context(language=language, scheme=scheme, viewport=viewport).new_page()
        page.goto(address)
        expect(page.locator("h1")).to_have_count(1)
        accessible(page)
        fits(page)
        name = re.sub(r"\W+", "-", address).strip("-")
        shoot(page, f"{name}-{language}-{scheme}-{viewport['width']}")


def test_the_language_is_switched_on_the_page_kept_and_part_of_the_address(page: Page) -> None:
    page.goto(STARTING_RECORD)
    page.get_by_role("link", name="中文").click()
    assert page.url.endswith("?language=zh-hans")
    assert page.locator("html").get_attribute("lang") == "zh-Hans"
    page.goto("/trials")
    assert page.locator("html").get_attribute("lang") == "zh-Hans"
    page.get_by_role("link", name="English").click()
    assert page.locator("html").get_attribute("lang") == "en"


def test_the_keyboard_reaches_the_content_first(page: Page) -> None:
    page.goto(STARTING_RECORD)
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to the content")).to_be_focused()
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "main"


def test_a_trial_is_found_by_words_and_by_number_without_scripts(
    open_context: Callable[..., BrowserContext],
) -> None:
    page = open_context(scripts=False).new_page()
    page.goto("/trials")
    page.get_by_label("Search registered trials").fill("amniotic epithelial asherman")
    page.keyboard.press("Enter")
    page.get_by_role("link", name="Human Amniotic Epithelial Cells for Asherman's Syndrome").click()
    expect(page).to_have_url(re.compile(f"{STARTING_RECORD}$"))
    page.get_by_label("Search registered trials").fill("nct02144987")
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile("/trials/NCT02144987$"))


def test_a_search_is_narrowed_in_place_and_the_way_back_is_kept(page: Page) -> None:
    page.goto("/trials")
    page.get_by_label("Condition, intervention, any words").fill("asherman")
    page.get_by_role("button", name="Search", exact=True).click()
    expect(page).to_have_url(re.compile(r"/trials\?q=asherman"))
    expect(page.get_by_role("heading", level=2).first).to_have_text(re.compile(r"^\d+ trials$"))
    page.evaluate("window.untouched = true")
    page.get_by_label("Narrow down").get_by_role("link", name="Completed").click()
    expect(page.get_by_label("Narrowed to")).to_contain_text("Completed")
    expect(page).to_have_url(re.compile("status=COMPLETED"))
    assert page.evaluate("window.untouched"), "only the answer is exchanged, not the page"
    expect(page.locator("#keep input[name=status]")).to_have_value("COMPLETED")
    page.evaluate("history.back()")
    expect(page.get_by_label("Narrowed to")).to_have_count(0)
    expect(page).to_have_url(re.compile(r"/trials\?q=asherman$"))


def test_a_search_is_narrowed_and_widened_without_scripts(
    open_context: Callable[..., BrowserContext],
) -> None:
    page = open_context(scripts=False).new_page()
    page.goto("/trials?q=asherman")
    page.get_by_label("Narrow down").get_by_role("link", name="Completed").click()
    page.get_by_role("link", name=re.compile("Take away.*Gynatresia")).click()
    expect(page).to_have_url(re.compile("q=asherman&status=COMPLETED&without=D006175"))
    page.get_by_label("Narrowed to").get_by_role("link", name="Completed").click()
    page.get_by_role("link", name=re.compile("Put back.*Gynatresia")).click()
    expect(page).to_have_url(re.compile(r"/trials\?q=asherman$"))
