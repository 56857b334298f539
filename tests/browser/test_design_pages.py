"""The design page as people use it: with a mouse, by keyboard, without scripts, by its address."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from tests.browser.conftest import accessible, without_fault
from trialwright.design import Boin

THREE = "/design?a.kind=boin&a.doses=4&b.kind=crm&c.kind=three-plus-three"
ADDRESSES = {
    "design": "/design",
    "design-three": THREE,
    "design-boin12": "/design?a.kind=boin12&a.doses=3&a.max_participants=18",
    "design-wrong": "/design?a.target=1.3&rates=x",
    "design-tite": "/design?a.kind=tite-boin&b.kind=tite-crm&c.kind=boin&a.doses=4",
    "design-safety": "/design/safety?b.kind=toxicity-boundary",
    "design-excess": "/design/safety?b.kind=excess-over-control",
    "design-two-stage": "/design/two-stage?b.kind=simon-search&b.criterion=minimax",
    "design-allocation": "/design/allocation?b.kind=minimisation",
    "design-two-arms": "/design/two-arms",
    "design-sequential": "/design/sequential",
    "design-blrm": "/design?a.kind=blrm&a.doses=3&a.max_participants=12",
    "design-survival": "/design/survival?b.kind=survival&b.trial.ratio=2",
    "design-multi-arm": "/design/multi-arm",
    "design-sample-size": "/design/sample-size?b.kind=believed-means&c.kind=means",
    "design-selection": "/design/selection",
    "design-two-agents": "/design/two-agents",
    "design-regimens": "/design/regimens?b.kind=regimen-comparison&b.borrowing=similarity",
    "design-adaptive": "/design/adaptive?b.kind=response-adaptive&b.strength=0",
}


@pytest.fixture
def forgiven() -> list[str]:
    """What is typed wrong is answered with 400, in the answer's place."""
    return ["Failed to load resource", "400 at "]


@pytest.fixture(scope="module", autouse=True)
def _engine() -> None:
    """The engine is compiled once on each machine, which no page's timeout has to bear here."""
    Boin(target=0.3, doses=2, max_participants=6).operating_characteristics([[0.1, 0.3]])


@pytest.mark.parametrize("name", ADDRESSES)
def test_a_design_page_has_no_fault_in_any_language_scheme_or_width(
    open_context: Callable[..., BrowserContext], language: str, name: str
) -> None:
    page = open_context(language=language).new_page()
    page.goto(ADDRESSES[name])
    without_fault(page, f"{name}-{language}")


def sentence(page: Page) -> str:
    return page.locator("#answer figcaption").first.inner_text()


def test_moving_a_slider_by_keyboard_moves_box_answer_and_address(page: Page) -> None:
    page.goto("/design")
    before = sentence(page)
    slider = page.get_by_role("slider", name="Target DLT rate")
    slider.focus()
    page.keyboard.press("ArrowLeft")
    expect(page.get_by_role("textbox", name="Target DLT rate")).to_have_value("0.29")
    expect(page).to_have_url(re.compile(r"a\.target=0\.29"))
    expect(page.locator("#answer figcaption").first).not_to_have_text(before)
    expect(slider).to_be_focused()
    expect(page.locator("#said")).to_have_text(sentence(page))


def test_a_true_rate_slides_and_the_doses_bring_their_rates_along(page: Page) -> None:
    page.goto("/design")
    first = page.get_by_role("slider", name="Scenario 1: True DLT rates, dose 1")
    first.focus()
    page.keyboard.press("ArrowRight")
    box = page.locator("#rates-1")
    expect(box).to_have_value("0.08, 0.15, 0.3, 0.5, 0.7")
    doses = page.get_by_role("slider", name="Doses")
    doses.focus()
    page.keyboard.press("ArrowLeft")
    expect(box).to_have_value("0.08, 0.15, 0.3, 0.5")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    expect(box).to_have_value("0.08, 0.15, 0.3, 0.5, 0.70, 0.90")
    expect(page.locator("#answer th").filter(has_text="Dose 6").first).to_be_visible()
    accessible(page)


def test_an_effect_slides_below_zero(page: Page) -> None:
    page.goto("/design/multi-arm")
    slider = page.get_by_role("slider", name=re.compile("Scenario 1: True effects.*1$"))
    slider.focus()
    page.keyboard.press("ArrowLeft")
    expect(page.locator("#rates-1")).to_have_value("-0.01, 0, 0")
    expect(page.locator("#answer")).to_contain_text("-0.01")


def test_the_answer_is_shared_by_its_address(
    page: Page, open_context: Callable[..., BrowserContext]
) -> None:
    page.goto(THREE)
    page.locator("#a-target").fill("0.25")
    expect(page).to_have_url(re.compile(r"a\.target=0\.25"))
    other = open_context(scripts=False).new_page()
    other.goto(page.url)
    assert sentence(other) == sentence(page)
    expect(other.locator("#a-target")).to_have_value("0.25")
    link = page.get_by_role("link", name="Link to this page as it is")
    assert page.url.endswith(link.get_attribute("href") or "no link")


def test_without_scripts_a_button_computes(open_context: Callable[..., BrowserContext]) -> None:
    page = open_context(scripts=False).new_page()
    page.goto("/design")
    expect(page.get_by_role("slider")).to_have_count(0)
    page.get_by_label("Target DLT rate").fill("0.25")
    page.locator("#b-kind").select_option("keyboard")
    page.get_by_role("button", name="Compute").click()
    expect(page.locator("#answer")).to_contain_text("Keyboard")
    expect(page.get_by_label("Target DLT rate").first).to_have_value("0.25")
    page.locator("#c-kind").select_option("crm")
    page.get_by_role("button", name="Compute").click()
    expect(page.locator("#answer .beside > div")).to_have_count(3)


def test_choosing_a_design_shows_its_boxes_and_keeps_the_others(page: Page) -> None:
    page.goto("/design?a.target=0.25")
    page.locator("#a-kind").select_option("boin12")
    expect(page.get_by_label("Minimum acceptable efficacy rate").first).to_have_value("0.25")
    expect(page.locator("#a-target")).to_have_value("0.25")
    expect(page.locator("#responses-1")).to_be_visible()


def test_a_wrong_value_is_told_at_its_box_kept_and_mended(page: Page) -> None:
    page.goto("/design")
    box = page.locator("#a-target")
    box.fill("1.3")
    expect(page.locator("#problem-a-target")).to_contain_text("lies strictly between 0 and 1")
    expect(box).to_have_attribute("aria-invalid", "true")
    expect(box).to_be_focused()
    expect(box).to_have_value("1.3")
    accessible(page)
    box.fill("0.3")
    expect(page.locator("#problem-a-target")).to_be_empty()
    expect(box).not_to_have_attribute("aria-invalid", "true")
    expect(page.locator("#answer")).to_contain_text("How it performs")


def test_on_a_page_of_its_own_a_wrong_value_is_summed_up_with_a_link(
    open_context: Callable[..., BrowserContext],
) -> None:
    page = open_context(language="zh-hans", scripts=False).new_page()
    page.goto("/design?a.target=1.3")
    expect(page.locator(".errors")).to_contain_text("目标 DLT 率须严格介于 0 与 1 之间")
    page.locator(".errors a").click()
    expect(page).to_have_url(re.compile("#a-target$"))


def test_what_is_moved_stays_in_sight_and_lies_over_nothing(page: Page) -> None:
    page.goto("/design?a.kind=boin&b.kind=crm&c.kind=keyboard")
    form, decides = page.locator("form.moves"), page.locator("section[aria-labelledby=decides]")
    page.mouse.wheel(0, 400)
    page.wait_for_function("scrollY === 400")
    expect(form).to_be_in_viewport(ratio=0.9)
    decides.evaluate("section => section.scrollIntoView()")
    below, above = decides.bounding_box(), form.bounding_box()
    assert below is not None and above is not None
    assert above["y"] + above["height"] <= below["y"]


def test_how_participants_come_is_asked_where_it_counts(page: Page) -> None:
    page.goto("/design?a.kind=boin&a.doses=3&a.max_participants=12")
    expect(page.get_by_label("Participants a week")).to_have_count(0)
    page.locator("#a-kind").select_option("tite-boin")
    box = page.locator("#q-arrivals-per-week")
    expect(box).to_have_value("1")
    slow = page.locator("#answer").get_by_text("a week on average")
    expect(slow).to_contain_text("1 a week")
    box.fill("4")
    expect(slow).to_contain_text("4 a week")
    expect(page).to_have_url(re.compile(r"q\.arrivals_per_week=4"))
    expect(page.locator("#answer").get_by_role("columnheader", name="Days")).to_have_count(1)


def test_a_search_shows_the_admissible_designs(page: Page) -> None:
    page.goto("/design/two-stage")
    table = page.get_by_role("table", name=re.compile("^Admissible designs"))
    expect(table.get_by_role("row").last).to_contain_text("5 / 29")
    page.locator("#a-criterion").select_option("minimax")
    expect(page.locator("#answer")).to_contain_text("Stage 1: 15 participants")


def test_the_report_and_the_data_are_one_click_away(page: Page) -> None:
    page.goto(THREE)
    for name, start in (("Report (PDF, A4)", b"%PDF"), ("JSON", b"{"), ("CSV", b"design,")):
        href = page.get_by_role("link", name=name, exact=True).get_attribute("href")
        answered = page.request.get(href or "")
        assert answered.ok and answered.body().startswith(start)


def test_the_demonstration_s_own_rules_stand_on_the_page(page: Page) -> None:
    page.goto("/design")
    own = page.locator(".own")
    expect(own).to_contain_text("DEMO-HAEC-01")
    for figure in ("2.6", "10.1", "34.6", "61.1", "81.3"):
        expect(own.get_by_role("cell", name=figure, exact=True)).to_have_count(1)
    page.get_by_role("link", name="Move this design").click()
    expect(page.locator("h1")).to_have_text("Which regimen will be named?")
