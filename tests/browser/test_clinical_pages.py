"""Every clinical page, filled with a study of its own: no fault that axe finds, light and dark, in
both languages; and in a window of 400 px nothing scrolls sideways but a table in its box."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from django.test import RequestFactory
from django.utils import translation
from django.views import defaults
from django.views.csrf import csrf_failure
from playwright.sync_api import BrowserContext, Page, expect

from tests.browser.conftest import without_fault
from tests.browser.walk import be
from tests.integration.conduct.test_monitoring_visits import sign, written_with_finding
from tests.integration.conduct.world import STUDY, World, begin
from trialwright.conduct.actions import cutting, drafting, querying
from trialwright.ledger import files
from trialwright.protocol.basics import Role

ONE = "participants/C-001"
SAVE, PRESS = "form.paper .stick button", "main form button"
PULSE = "[name=pulse]"


@dataclass(frozen=True, slots=True)
class Shown:
    """A page as somebody has it before her: the address, and what she did there."""

    who: str
    address: str
    typed: tuple[str, str] | None = None
    pressed: str = ""

    @property
    def name(self) -> str:
        did = "-".join(["", *(self.typed or ()), self.pressed])
        return "".join(c if c.isalnum() else "-" for c in f"{self.who}-{self.address}{did}")


EMPTY = [
    Shown("lin", address)
    for address in ("", "participants", "visits", "queries", "/today", "dashboard")
] + [Shown("wei", "cuts")]
PAGES = [
    *(Shown("lin", address) for address in (
        "/today", "/account", "/account/password", "/account/sessions", "/account/tokens",
        "/account/searches?q=asherman",
        "/account/second-factor",
        "/account/second-factor/authenticator", "/account/second-factor/passkey",
        "hospital-number", f"{ONE}/identity", "", "protocol", "participants?sort=-queries",
        "visits?status=overdue",
        "forms?status=open", "forms?status=unsigned", "queries", "queries/1", "ledger",
        "ledger/200", "screen", ONE, f"{ONE}/participation", f"{ONE}/eligibility",
        "participants/C-003/eligibility", "participants/C-004/consent",
        "participants/C-004/screen-failure", f"{ONE}/visits/day_0", f"{ONE}/visits/month_3",
        "calendar", "calendar/link", "appointments", f"{ONE}/visits/month_3/appointment",
        f"{ONE}/visits/month_3/took-place", f"{ONE}/visits/month_3/missed",
        f"{ONE}/visits/screening/forms", f"{ONE}/visits/day_0/forms",
        f"{ONE}/visits/running", f"{ONE}/visits/running/concomitant/1",
        f"{ONE}/visits/screening/demographics/1", f"{ONE}/visits/day_0/vital_signs/1",
        f"{ONE}/visits/screening/demographics/1/answers", f"{ONE}/visits/day_1/vital_signs/1",
        f"{ONE}/visits/screening/demographics/1/history/weight", "participants/C-999",
    )),
    Shown("lin", f"{ONE}/visits/screening/vital_signs/1", typed=(PULSE, "999"), pressed=SAVE),
    Shown("lin", f"{ONE}/visits/screening/vital_signs/1", typed=(PULSE, "45"), pressed=SAVE),
    Shown("lin", f"{ONE}/participation", pressed=SAVE),
    Shown("zhao", "participants/C-003/eligibility/sign"),
    Shown("zhao", "participants/C-003/eligibility/sign", pressed="form.sign button"),
    Shown("zhao", "participants/C-002/randomise", pressed=PRESS),
    Shown("zhao", f"{ONE}/visits/screening/history/1/sign"),
    Shown("zhao", f"{ONE}/visits/screening/sign"),
    Shown("zhao", f"{ONE}/sign"),
    Shown("zhou", ONE),
    Shown("zhou", "participants/C-002/steps/receive"),
    Shown("zhou", f"{ONE}/visits/day_0/administration/1"),
    Shown("sun", "participants/C-002/steps/tell", pressed=PRESS),
    Shown("sun", "participants/C-002/steps/place"),
    Shown("luo", f"{ONE}/arm"),
    Shown("feng", f"{ONE}/visits/screening/demographics/1/answers"),
    Shown("feng", f"{ONE}/visits/screening/demographics/1/ask/age"),
    Shown("yang", "queries/2"),
    *(Shown("feng", address) for address in (
        "queries?from=31.11.2026&participant=C-0", "visits?days=week", "forms?status=unverified",
        f"{ONE}/visits/screening/demographics/1/source", "ledger?participant=C-00",
        "ledger/reviews", "verification", "/today", ONE, "monitoring", "monitoring/new",
        "monitoring/2", "monitoring/2/findings/new", "monitoring/2/findings/1/remove",
    )),
    Shown("feng", "monitoring/new", pressed=SAVE),
    Shown("zhao", "monitoring/1"),
    Shown("lin", "monitoring/findings"),
    Shown("lin", "monitoring/1/findings/1", pressed=SAVE),
    Shown("zhao", "forms?status=abnormal"),
    Shown("feng", "dashboard"),
    Shown("wei", "dashboard?item=vital_signs.pulse&groups=arm"),
    *(Shown("yang", address) for address in (
        "laboratory", "laboratory/new", "laboratory/mappings", "laboratory/mappings/new",
        "laboratory/results", "laboratory/results/new",
    )),
    *(Shown("zhao", address) for address in ("/tour", "/manual", "/glossary", "setup/archive")),
    Shown("wei", "cuts"),
    Shown("wei", "cuts", pressed=PRESS),
    Shown("wei", "cuts/first"),
    Shown("jiang", "cuts/first/report.html"),
    Shown("wei", "cuts/first/report-by-arm.html"),
]  # fmt: skip


def fill(world: World) -> None:
    """Four women, from just screened to treated, with all that can wait on a page."""
    one = world.treated()
    world.visited(one, "day_0")
    pressures = {"temperature": "36.6", "systolic": "112", "diastolic": "70", "saturation": "98"}
    mine = {**pressures, "pulse": "72"}
    drafting.save_draft(
        by=world.coordinator, code=one, visit="day_0", form="vital_signs", raw=mine, based_on=0
    )
    world.save(world.investigator, one, "day_0", "vital_signs", {**pressures, "pulse": "75"})
    world.sign(world.investigator, one, "screening", "demographics")
    body = {"age": "31", "height": "161.0", "weight": "38.0"}
    world.save(
        world.coordinator, one, "screening", "demographics", body, based_on=1,
        change_reasons={"weight": "Misread from the source"}, remarks={"weight": "Weighed twice"},
    )  # fmt: skip
    querying.raise_query(
        by=world.monitor, code=one, visit="screening", form="history", item="pregnancies",
        text="Is the one of 2019 counted?", at=world.now,
    )  # fmt: skip
    world.save(world.surgeon, one, "day_0", "procedure", {"operated_on": "2023-03-06"})
    world.later(days=8)
    world.randomised()
    world.assessed()
    world.screened()
    sign(world, written_with_finding(world))
    written_with_finding(world)
    cutting.cut_data(by=world.person(Role.DATA_MANAGER), name="first", at=world.now)


class Desk:
    """One browser in which whoever is needed is signed in already."""

    def __init__(self, context: BrowserContext, base: str) -> None:
        self.page, self.base, self.who = context.new_page(), base, ""

    def show(self, shown: Shown) -> Page:
        if shown.who != self.who:
            be(shown.who, self.page.context, self.base)
            self.who = shown.who
        address = shown.address
        place = address if address.startswith("/") else f"/studies/{STUDY}/{address}".rstrip("/")
        self.page.goto(place)
        if shown.typed:
            self.page.locator(shown.typed[0]).fill(shown.typed[1])
        if shown.pressed:
            self.page.locator(shown.pressed).first.click()
            expect(self.page.get_by_role("alert")).to_be_visible()
        return self.page


@pytest.fixture
def forgiven() -> list[str]:
    return ["Failed to load resource", "htmx:"]


def test_no_clinical_page_has_a_fault(
    open_context: Callable[..., BrowserContext],
    live_server: Any,
    tmp_path: Path,
    settings: Any,
    language: str,
) -> None:
    settings.TRIALWRIGHT_CUTS = tmp_path
    files.heads_path().unlink(missing_ok=True)
    world = begin()
    desk = Desk(open_context(language=language), live_server.url)
    for shown in EMPTY:
        without_fault(desk.show(shown), f"empty-{shown.name}-{language}")
    fill(world)
    for shown in PAGES:
        without_fault(desk.show(shown), f"{shown.name}-{language}")


def errors() -> Iterator[tuple[str, bytes]]:
    request = RequestFactory().get("/")
    yield "400", defaults.bad_request(request, Exception()).content
    yield "403", defaults.permission_denied(request, Exception()).content
    yield "csrf", csrf_failure(request).content
    yield "500", defaults.server_error(request).content


def test_signing_in_and_the_pages_of_errors_have_no_fault(
    open_context: Callable[..., BrowserContext], language: str
) -> None:
    page = open_context(language=language).new_page()
    page.goto("/sign-in")
    without_fault(page, f"sign-in-{language}")
    page.get_by_role("main").get_by_role("button").click()
    expect(page.locator("#problem")).to_be_visible()
    without_fault(page, f"sign-in-refused-{language}")
    with translation.override(language):
        pages = dict(errors())
    for name, content in pages.items():
        page.route(
            f"**/error/{name}", lambda route, _request, body=content: route.fulfill(body=body)
        )
        page.goto(f"/error/{name}")
        without_fault(page, f"error-{name}-{language}")
