"""The calendar in a browser: a coordinator makes an appointment by keyboard, without scripts."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from django.utils import timezone
from playwright.sync_api import BrowserContext, expect

from tests.browser.conftest import without_fault
from tests.browser.walk import be
from tests.integration.conduct.world import STUDY, ZONE, begin
from trialwright.conduct.models import Appointment, VisitRecord

VISIT = f"/studies/{STUDY}/participants/C-001/visits/month_3"


def test_an_appointment_is_made_by_keyboard_and_seen_in_the_month(
    open_context: Callable[..., BrowserContext], live_server: Any, language: str
) -> None:
    world = begin()
    world.now = (timezone.now().astimezone(ZONE) - timedelta(days=65)).replace(hour=9, minute=0)
    world.treated()
    target = VisitRecord.objects.get(participant__code="C-001", visit="month_3").target
    context = open_context(language=language, scripts=False)
    be("lin", context, live_server.url)
    page = context.new_page()
    page.goto(f"{VISIT}/appointment")
    boxes = [str(target.day), str(target.month), str(target.year)]
    order = boxes if language == "en" else boxes[::-1]
    page.locator("form.paper [name^='on.']").first.focus()
    for typed in (*order, "10:30"):
        page.keyboard.type(typed)
        page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.locator("main")).to_contain_text("(Asia/Shanghai)")
    assert Appointment.objects.get().minutes == 60
    looked = open_context(language=language)
    be("lin", looked, live_server.url)
    page = looked.new_page()
    for name, place in (
        ("month", f"/studies/{STUDY}/calendar?month={target:%Y-%m}"),
        ("list", f"/studies/{STUDY}/appointments"),
        ("visit", VISIT),
        ("cancel", f"{VISIT}/appointment/cancel"),
        ("move", f"{VISIT}/appointment"),
        ("link", f"/studies/{STUDY}/calendar/link"),
    ):
        page.goto(place)
        without_fault(page, f"calendar-{name}-{language}")
    with page.expect_navigation():
        page.locator("form.paper button").first.click()
    without_fault(page, f"calendar-link-made-{language}")
    page.goto(f"{VISIT}/appointment")
    page.locator("form.paper [name='time']").fill("25:10")
    with page.expect_navigation():
        page.keyboard.press("Enter")
    without_fault(page, f"calendar-refused-{language}")
