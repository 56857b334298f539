"""From a protocol file to the first participant, in real browsers, with every page load counted."""

from collections.abc import Callable
from typing import Any

import pytest
from django.utils import translation
from playwright.sync_api import BrowserContext, Page, Response, expect

from tests.browser.conftest import accessible, fits, shoot, without_fault
from tests.browser.walk import be
from tests.integration.conduct.other_trials import INFUSIONS
from tests.integration.setup.team import PASSWORD
from tests.integration.setup.test_external_list import STUDY as LISTED
from tests.integration.setup.test_external_list import a_list, begun
from trialwright.accounts.invitations import token_of
from trialwright.conduct.actions import people
from trialwright.conduct.actions.new_study import new_study
from trialwright.ledger import files

MOST_LOADS = 12


class Loads:
    """Counts the pages that browsers load; a redirection on the way to one is none."""

    def __init__(self) -> None:
        self.addresses: list[str] = []

    def watch(self, context: BrowserContext) -> Page:
        context.on("response", self._answered)
        return context.new_page()

    def _answered(self, answer: Response) -> None:
        if answer.request.resource_type == "document" and not 300 <= answer.status < 400:
            self.addresses.append(f"{answer.request.method} {answer.url}")


def press(page: Page, words: str) -> None:
    with page.expect_navigation():
        page.locator("main").get_by_role("button", name=translation.gettext(words)).click()
    accessible(page)
    fits(page)


def come_in(page: Page, address: str) -> None:
    page.goto(address)
    accessible(page)
    page.locator("#password").fill(PASSWORD)
    page.locator("#again").fill(PASSWORD)
    press(page, "Set the password and come in")


def choose(page: Page, name: str, value: str) -> None:
    box = page.locator(f'main [name="{name}"]').first
    if box.evaluate("each => each.tagName") == "SELECT":
        box.select_option(value)
    else:
        page.locator(f'main [name="{name}"][value="{value}"]').check()


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_from_a_file_to_the_first_participant(
    open_context: Callable[..., BrowserContext], language: str
) -> None:
    files.heads_path().unlink(missing_ok=True)
    study = new_study(by=None, source=INFUSIONS.encode(), file_name="infusions.yaml")
    link = f"/join/{token_of(people.first_administrator(username='xu', name='Xu Lan'))}"
    loads = Loads()
    with translation.override(language):
        xu = loads.watch(open_context(language=language))
        come_in(xu, link)
        assert xu.url.endswith("/setup/sites")
        xu.locator('[name="code"]').fill("C")
        xu.locator('[name="name"]').fill("Central Hospital")
        press(xu, "Add the site")
        assert xu.url.endswith("/setup/people")
        shoot(xu, f"door-people-{language}")
        xu.locator('[name="name"]').fill("Zhao Wen")
        xu.locator('[name="username"]').fill("zhao")
        choose(xu, "role", "investigator")
        press(xu, "Invite")
        invited = xu.locator("#link").inner_text()

        zhao = loads.watch(open_context(language=language))
        come_in(zhao, invited)
        assert zhao.url.endswith("/setup/sign")
        zhao.locator("#password").fill(PASSWORD)
        press(zhao, "Sign the protocol")
        assert zhao.url.endswith("/setup/activation")
        press(zhao, "Activate the study")
        zhao.goto(f"/studies/{study}/screen")
        press(zhao, "Add to the screening log")
        assert zhao.url.endswith("/participants/C-001")
        told = "\n".join(loads.addresses)
        assert len(loads.addresses) <= MOST_LOADS, told
        xu.goto(f"/studies/{study}/setup")
        accessible(xu)
        fits(xu)
        shoot(xu, f"door-checklist-{language}")


def test_a_list_drawn_outside_is_uploaded_and_refused_on_its_page(
    open_context: Callable[..., BrowserContext], live_server: Any, language: str
) -> None:
    files.heads_path().unlink(missing_ok=True)
    begun()
    context = open_context(language=language)
    be("kai", context, live_server.url)
    page = context.new_page()

    def upload(source: bytes) -> None:
        page.locator("main [name=file]").set_input_files(
            [{"name": "list.csv", "mimeType": "text/csv", "buffer": source}]
        )
        page.locator("main form button").click()

    with translation.override(language):
        # The first page of a server reads all modules of pages.
        page.goto(f"/studies/{LISTED}/setup", timeout=120_000)
        page.locator("main").get_by_role(
            "link",
            name=translation.gettext("The allocation list that was drawn outside is uploaded"),
        ).click()
        without_fault(page, f"door-list-none-{language}")
        upload(
            a_list().replace(b"low,3,", b"low,third,").replace(b"high,2,active", b"high,2,aktive")
        )
        expect(page.locator(".field.wrong .problem")).to_contain_text("third")
        without_fault(page, f"door-list-refused-{language}")
        upload(a_list())
        expect(page.locator("main table tbody tr")).to_have_count(2)
        without_fault(page, f"door-list-{language}")
