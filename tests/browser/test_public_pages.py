"""What anyone can open without signing in: calm, quick, exact, in both languages and schemes."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from tests.browser.conftest import SHOTS, without_fault

PICTURES = Path(__file__).parents[2] / "docs" / "pictures"
STARTING_RECORD = "/trials/NCT03223454"
PUBLIC = [
    "/",
    "/trials",
    STARTING_RECORD,
    "/trials/NCT06450301",
    "/trials?q=nothing+like+this",
    "/trials?q=asherman&status=COMPLETED&without=D006175&near=nowhere",
    f"{STARTING_RECORD}/draft",
    "/trials/landscape?q=asherman",
    "/trials/NCT02144987?age=40&sex=FEMALE&near=nowhere",
    "/trials/compare?n=NCT03223454+NCT02144987+NCT00000000",
    "/trials/priors?q=asherman&outcome=relief",
    "/trials/stale",
    "/no/such/page",
]


@pytest.mark.parametrize("address", PUBLIC)
def test_a_public_page_has_no_fault_in_any_language_scheme_or_width(
    open_context: Callable[..., BrowserContext], language: str, address: str
) -> None:
    page = open_context(language=language).new_page()
    page.goto(address)
    name = re.sub(r"\W+", "-", address).strip("-") or "home"
    without_fault(page, f"{name}-{language}")


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


def test_a_trial_is_shared_and_saved_in_the_browser_alone(
    open_context: Callable[..., BrowserContext],
) -> None:
    bare = open_context(scripts=False).new_page()
    bare.goto(STARTING_RECORD)
    mail = bare.get_by_role("link", name="Send by mail").get_attribute("href") or ""
    assert mail.startswith("mailto:?subject=") and "trials%2FNCT03223454" in mail
    expect(bare.get_by_role("button", name="Save")).to_have_count(0)
    context = open_context()
    context.grant_permissions(["clipboard-read", "clipboard-write"])
    page = context.new_page()
    page.goto("/trials")
    saved = page.get_by_role("region", name="Saved in this browser")
    expect(saved).to_have_count(0)
    for number in ("NCT03223454", "NCT02144987"):
        page.goto(f"/trials/{number}?age=40")
        page.get_by_role("button", name="Save", exact=True).click()
        expect(page.get_by_text("Saved in this browser alone")).to_be_visible()
    page.get_by_role("button", name="Copy the address").click()
    expect(page.get_by_text("Address copied.")).to_be_visible()
    copied = page.evaluate("navigator.clipboard.readText()")
    assert copied.endswith("/trials/NCT02144987"), "an age that one looked for is not shared"
    page.goto("/trials")
    last_first = [re.compile(number) for number in ("NCT02144987", "NCT03223454")]
    expect(saved.get_by_role("listitem")).to_have_text(last_first)
    without_fault(page, "trials-saved-en")
    saved.get_by_role("link", name="Compare").click()
    expect(page).to_have_url(re.compile(r"/compare\?n=NCT02144987&n=NCT03223454$"))
    page.go_back()
    saved.get_by_role("button", name="Remove all").click()
    expect(saved).to_have_count(0)


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


@pytest.mark.parametrize(
    ("name", "address"),
    [("trial", STARTING_RECORD), ("design", "/design?a.kind=boin&b.kind=crm")],
)
def test_the_readme_shows_a_trial_and_a_design_as_they_look(
    open_context: Callable[..., BrowserContext], name: str, address: str
) -> None:
    """docs/pictures holds copies of these, and of a participant's of the whole story."""
    page = open_context(viewport={"width": 1280, "height": 860}).new_page()
    page.goto(address)
    expect(page.locator("h1")).to_be_visible()
    SHOTS.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=SHOTS / f"readme-{name}.png")
    assert (PICTURES / f"{name}.png").is_file()
