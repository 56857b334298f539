"""A month-3 visit entered in a real browser: how many pages are loaded, how many keys pressed.

The coordinator is signed in and looks at Today. She follows links with the pointer, and does the
rest with the keyboard: she records that the visit took place, and fills in its seven forms with the
answers of `entry_month_3.csv`, where DAY is the day of the visit and DAY-9 nine days before. At the
end what is stored is compared with the file, so that nothing counts that was not entered. Keys are
counted by the pages themselves as they are pressed (`keydown`), pages as they are loaded.
"""

import csv
import os
import shutil
import threading
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

ANSWERS = Path(__file__).parent / "entry_month_3.csv"
VISIT = "month_3"
_COUNT = """addEventListener("keydown", e => {
  const at = k => sessionStorage.setItem(k, 1 + Number(sessionStorage.getItem(k)));
  at("keys"); if (e.key === "Tab") at("tabs");
}, true);"""
_FLAGS = [
    "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
]  # fmt: skip


def run() -> Iterator[str]:
    """Lines to print, as they come; the last has the figures."""
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    from trialwright.config import scratch, starting

    with scratch.server():
        starting.migrate()
        starting.collect_static()
        code, day = _participant()
        with _served() as address:
            loads, keys, tabs, clicks = _enter(address, code, day)
        _require_entered(code, day)
    yield f"entry: {clicks} clicks on links; of the keys {tabs} are Tab"
    yield f"entry: {loads} page loads, {keys} keys"


def _answers(day: date) -> dict[tuple[str, str], str]:
    days = {"DAY": day, "DAY-9": day - timedelta(days=9)}
    with ANSWERS.open() as file:
        rows = list(csv.DictReader(file))
    return {
        (row["form"], row["item"]): days[row["value"]].isoformat()
        if row["value"] in days
        else row["value"]
        for row in rows
    }


def _participant() -> tuple[str, date]:
    """A participant treated three months ago, made as the tests make theirs; the visit's day."""
    from django.utils import timezone

    from tests.integration.conduct.world import ZONE, begin
    from trialwright.conduct.clock import day_of
    from trialwright.conduct.models import VisitRecord

    world = begin()
    world.now = (timezone.now() - timedelta(days=90)).astimezone(ZONE)
    code = world.treated()
    due = VisitRecord.objects.get(participant__code=code, visit=VISIT).target
    assert due is not None
    return code, min(due, day_of(timezone.now(), ZONE))


class _served:
    """The product on a port of this machine, for as long as the block lasts."""

    def __enter__(self) -> str:
        from socketserver import ThreadingMixIn
        from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

        from django.conf import settings

        settings.ALLOWED_HOSTS = ["127.0.0.1"]

        from trialwright.config.wsgi import application

        class Server(ThreadingMixIn, WSGIServer):
            daemon_threads = True

        class Handler(WSGIRequestHandler):
            def log_message(self, *_told: object) -> None:
                pass

        self.server = make_server("127.0.0.1", 0, application, Server, Handler)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        return f"http://127.0.0.1:{self.server.server_port}"

    def __exit__(self, *_error: object) -> None:
        self.server.shutdown()


def _enter(address: str, code: str, day: date) -> tuple[int, int, int, int]:
    from playwright.sync_api import sync_playwright

    names = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
    path = next((found for name in names if (found := shutil.which(name))), None)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=_FLAGS)
        context = browser.new_context(base_url=address, locale="en-GB")
        context.add_cookies([_signed_in(address)])
        context.add_init_script(_COUNT)
        typist = _Typist(context.new_page(), code, day)
        typist.whole_visit()
        counted = "[sessionStorage.getItem('keys'), sessionStorage.getItem('tabs')].map(Number)"
        keys, tabs = typist.page.evaluate(counted)
        browser.close()
    return typist.loads, keys, tabs, typist.clicks


def _signed_in(address: str) -> Any:
    from django.conf import settings
    from django.test import Client

    from trialwright.accounts.models import Person

    client = Client()
    client.force_login(Person.objects.get(username="lin"))
    name = settings.SESSION_COOKIE_NAME
    return {"name": name, "value": client.cookies[name].value, "url": address}


class _Typist:
    """Somebody who enters a visit and looks at where the cursor is before typing."""

    def __init__(self, page: Any, code: str, day: date) -> None:
        self.page, self.code, self.day = page, code, day
        self.loads = self.clicks = 0
        page.on("load", self._loaded)

    def _loaded(self, _page: object) -> None:
        self.loads += 1

    def whole_visit(self) -> None:
        """From Today to the saved visit."""
        here = f"/studies/DEMO-HAEC-01/participants/{self.code}/visits/{VISIT}"
        self.page.goto("/today")
        self.click(here)
        self.click(f"{here}/took-place")
        for part, text in (
            ("day", self.day.day),
            ("month", self.day.month),
            ("year", self.day.year),
        ):
            self.to(f"on.{part}")
            self.page.keyboard.type(str(text))
        self.send()
        for (form, item), value in _answers(self.day).items():
            self.answer(f"{form}--{item}", value)
        self.send()

    def click(self, href: str) -> None:
        """Follow a link with the pointer."""
        with self.page.expect_navigation(wait_until="load"):
            self.page.locator(f'main a[href="{href}"]').first.click()
        self.clicks += 1

    def send(self) -> None:
        """Send the form: the Enter key in a box."""
        with self.page.expect_navigation(wait_until="load"):
            self.page.keyboard.press("Enter")

    def at(self) -> str:
        """The name of the box with the cursor."""
        name: str = self.page.evaluate("document.activeElement.name || ''")
        return name

    def to(self, *names: str) -> str:
        """Press Tab until the cursor is in one of these boxes; returns in which."""
        for _step in range(60):
            if self.at() in names:
                return self.at()
            self.page.keyboard.press("Tab")
        raise AssertionError(f"the keyboard does not reach {names}")

    def answer(self, name: str, value: str) -> None:
        """Answer one question."""
        self.page.locator(f"#field-{name}").wait_for(state="visible")
        at = self.to(name, f"{name}.offered", f"{name}.day")
        keys = self.page.keyboard
        if at.endswith(".offered") and value == self.day.isoformat():
            keys.press("Space")
        elif "." in at:
            year, month, day = value.split("-")
            for part, text in (("day", day), ("month", month), ("year", year)):
                self.to(f"{name}.{part}")
                keys.type(text.lstrip("0"))
        elif self.page.evaluate("document.activeElement.type") == "radio":
            self.choose(value)
        else:
            keys.type(value)

    def choose(self, value: str) -> None:
        """Choose a radio button with the arrows."""
        keys = self.page.keyboard
        keys.press("Space")
        for _step in range(20):
            if self.page.evaluate("document.activeElement.value") == value:
                return
            keys.press("ArrowDown")
        raise AssertionError(f"there is no choice {value}")


def _require_entered(code: str, day: date) -> None:
    """All that the file says is stored, and each form is complete."""
    from trialwright.conduct.models import Entry, Value

    stored = {
        (form, item): text
        for form, item, text in Value.objects.filter(
            entry__participant__code=code, entry__visit=VISIT
        ).values_list("entry__form", "item", "text")
    }
    wrong = {key: (value, stored.get(key)) for key, value in _answers(day).items()
             if stored.get(key) != value}  # fmt: skip
    assert not wrong, f"not entered as the file says: {wrong}"
    entries = Entry.objects.filter(participant__code=code, visit=VISIT)
    states = dict(entries.values_list("form", "status"))
    assert set(states.values()) == {"complete"} and len(states) == 7, states
