"""The clinical pages' templates, one by one: no fault in any language, scheme or width."""

from collections.abc import Callable

import pytest
from playwright.sync_api import BrowserContext, expect

from tests.browser import pages
from tests.browser.conftest import NARROW, WIDE, accessible, fits, shoot

pytestmark = pytest.mark.urls("tests.browser.pages")


@pytest.mark.parametrize("address", ["/form", *(f"/pages/{name}" for name in pages.PAGES)])
def test_a_template_has_no_fault(
    open_context: Callable[..., BrowserContext], look: tuple[str, str], address: str
) -> None:
    pages.drafts.clear()
    language, scheme = look
    for viewport in (WIDE, NARROW):
        page = open_context(language=language, scheme=scheme, viewport=viewport).new_page()
        page.goto(address)
        expect(page.locator("h1")).to_have_count(1)
        accessible(page)
        fits(page)
        name = address.strip("/").replace("/", "-")
        shoot(page, f"{name}-{language}-{scheme}-{viewport['width']}")
