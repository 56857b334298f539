"""A real Chromium in front of the real application on the real database.

Every page that a test opens is watched: a request that leaves the machine, a violation of the
content security policy, an error in the console or a 5xx answer fails the test that caused it.
"""

import os
import re
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Literal
from urllib.parse import urlsplit

import pytest
from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    Page,
    Playwright,
    Request,
    Response,
    ViewportSize,
    expect,
    sync_playwright,
)

from trialwright.ledger import files

# Playwright's own loop runs in the test's thread, where Django would refuse to touch the database.
os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "true")

FAILED = pytest.StashKey[bool]()
SHOTS = Path(__file__).parents[2] / "var" / "screenshots"
# Set to keep a picture of every page that is looked at; of what fails there is always one.
PICTURES = bool(os.environ.get("PICTURES"))
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
NARROW: ViewportSize = {"width": 390, "height": 844}
WIDE: ViewportSize = {"width": 1280, "height": 900}
LOOKS: tuple[tuple[Literal["light", "dark"], ViewportSize], ...] = (
    ("dark", NARROW),
    ("light", WIDE),
)

# Contrast takes axe nine tenths of its time, text by text. Texts of one colour and size in elements
# of the same names, classes and backgrounds up to the root have the same, so three of each kind are
# asked; what is taken out of the flow may lie on anything, and is always.
CONTRAST_BY_KIND = """() => {
    const rule = axe._audit.rules.find(rule => rule.id === "color-contrast"), asked = rule.matches
    const looks = [
        "color", "backgroundColor", "backgroundImage", "opacity", "fontSize", "fontWeight",
        "textShadow", "filter", "mixBlendMode",
    ]
    window.kinds = {
        clear() { this.times = new Map(); this.described = new WeakMap() },
        describe(element) {
            if (!element) return ""
            if (!this.described.has(element)) {
                const computed = getComputedStyle(element)
                const within = this.describe(element.parentElement)
                const loose = ["absolute", "fixed", "sticky"].includes(computed.position)
                const own = [
                    element.localName, ...[...element.attributes]
                        .filter(each => !["id", "href", "value", "name"].includes(each.name))
                        .map(each => each.name + "=" + each.value),
                    ...looks.map(name => computed[name]),
                ]
                const apart = loose || within === null
                this.described.set(element, apart ? null : within + own.join("|"))
            }
            return this.described.get(element)
        },
    }
    rule.matches = function (element, ...others) {
        if (!asked.call(this, element, ...others)) return false
        const within = kinds.describe(element)
        if (within === null) return true
        // What has one letter is left to people by axe.
        const kind = within + (element.textContent.trim().length > 1)
        const times = (kinds.times.get(kind) || 0) + 1
        kinds.times.set(kind, times)
        return times <= 3
    }
}"""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    here = Path(__file__).parent
    for item in items:
        if here in item.path.parents:
            item.add_marker(pytest.mark.browser)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Any:
    """Note on the test whether it failed, so that its pages can be kept as pictures."""
    report = yield
    if report.when == "call":
        item.stash[FAILED] = report.failed
    return report


def _chromium(playwright: Playwright) -> Browser:
    for name in ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable"):
        if path := shutil.which(name):
            return playwright.chromium.launch(executable_path=path, args=FLAGS)
    if Path(playwright.chromium.executable_path).exists():
        return playwright.chromium.launch(args=FLAGS)
    pytest.skip(
        "NO BROWSER: neither Debian's package `chromium` nor one of Playwright's own is here, "
        "so nothing that a person sees has been tested"
    )


@pytest.fixture
def own_files(tmp_path: Path, settings: Any) -> None:
    """Data cuts in a folder of the test's own, and no heads from before."""
    settings.TRIALWRIGHT_CUTS = tmp_path
    files.heads_path().unlink(missing_ok=True)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        chromium = _chromium(playwright)
        yield chromium
        chromium.close()


@pytest.fixture
def forgiven() -> list[str]:
    """How the console messages and faults begin that a test brings about on purpose."""
    return ["Failed to load resource"]


class Watch:
    """Notes what is wrong in any page of the contexts it is set on."""

    def __init__(self, forgiven: list[str]) -> None:
        self.faults: list[str] = []
        # The list itself: a test may add to it when its pages are open.
        self._ours, self._forgiven = set[str](), forgiven

    def over(self, context: BrowserContext, server: str) -> None:
        self._ours.add(urlsplit(server).netloc)
        context.on("page", self._opened)
        context.on("request", self._asked)
        context.on("response", self._answered)

    def _fault(self, told: str) -> None:
        if not told.startswith(tuple(self._forgiven)):
            self.faults.append(told)

    def _opened(self, page: Page) -> None:
        page.on("pageerror", lambda error: self._fault(str(error)))
        page.on("console", self._heard)

    def _heard(self, message: ConsoleMessage) -> None:
        # What failed to load is judged by `_answered`, which knows what was asked for.
        if message.type == "error":
            self._fault(message.text)

    def _asked(self, request: Request) -> None:
        address = urlsplit(request.url)
        if address.scheme.startswith("http") and address.netloc not in self._ours:
            self._fault(f"a request left the machine: {request.url}")

    def _answered(self, answer: Response) -> None:
        is_page = answer.request.resource_type == "document"
        if answer.status >= (500 if is_page else 400):
            self._fault(f"{answer.status} at {answer.url}")


@pytest.fixture
def open_context(
    request: pytest.FixtureRequest, browser: Browser, live_server: Any, forgiven: list[str]
) -> Iterator[Callable[..., BrowserContext]]:
    """Open a watched browsing context: `open_context(language="zh-hans", scheme="dark")`."""
    contexts: list[BrowserContext] = []
    watch = Watch(forgiven)

    def opened(
        *,
        language: str = "en",
        scheme: str = "light",
        viewport: ViewportSize = WIDE,
        scripts: bool = True,
        server: str = live_server.url,
    ) -> BrowserContext:
        context = browser.new_context(
            base_url=server,
            locale={"en": "en-GB", "zh-hans": "zh-CN"}[language],
            color_scheme=scheme,
            viewport=viewport,
            java_script_enabled=scripts,
            reduced_motion="reduce",
        )
        context.add_cookies([{"name": "django_language", "value": language, "url": server}])
        watch.over(context, server)
        contexts.append(context)
        return context

    yield opened
    failed = request.node.stash.get(FAILED, False)
    test = re.sub(r"\W+", "-", request.node.name)
    for number, context in enumerate(contexts):
        for page in context.pages if failed else []:
            shoot(page, f"failed-{test}-{number}")
        context.close()
    assert not watch.faults, "\n".join(watch.faults)


@pytest.fixture
def page(open_context: Callable[..., BrowserContext]) -> Page:
    """A wide, light, English page with scripts."""
    return open_context().new_page()


def accessible(page: Page, only: str = "") -> None:
    """Assert that axe finds nothing to say about the page as it is now, or by one rule alone."""
    # What passed is counted by nobody, and the script stays in the page for its second look.
    options = {"resultTypes": ["violations"], **({"runOnly": [only]} if only else {})}
    if not page.evaluate("'axe' in window"):
        page.evaluate(AXE_SCRIPT)
        page.evaluate(CONTRAST_BY_KIND)
    found = page.evaluate(
        "options => { kinds.clear(); return axe.run(options).then(it => it.violations) }", options
    )
    told = [f"{v['id']}: {v['help']}\n  {v['nodes'][0]['html']}" for v in found]
    assert not told, f"{page.url}\n" + "\n".join(told)


def fits(page: Page) -> None:
    """Assert that the page doesn't scroll sideways."""
    wide, seen = page.evaluate("[document.documentElement.scrollWidth, innerWidth]")
    assert wide <= seen, f"{page.url} is {wide} px wide in a window of {seen} px"


def shoot(page: Page, name: str) -> Path:
    """Keep a picture of the whole page in `var/screenshots`."""
    SHOTS.mkdir(parents=True, exist_ok=True)
    path = SHOTS / f"{name}.png"
    page.screenshot(path=path, full_page=True)
    return path


def without_fault(page: Page, name: str) -> None:
    """Assert that axe finds nothing on a page, light and wide as dark and narrow, and that nothing
    scrolls sideways; where pictures are asked for, keep one of each.

    Contrast depends on the scheme, and where things stand on the width: each is seen both ways.
    """
    expect(page.locator("h1")).to_have_count(1)
    for scheme, viewport in LOOKS:
        page.emulate_media(color_scheme=scheme)
        page.set_viewport_size(viewport)
        accessible(page)
        fits(page)
        if PICTURES:
            shoot(page, f"{name}-{scheme}-{viewport['width']}")
    page.set_viewport_size(WIDE)


@pytest.fixture(params=["en", "zh-hans"])
def language(request: pytest.FixtureRequest) -> str:
    """Each language of the product."""
    return request.param


@pytest.fixture(autouse=True)
def _database(transactional_db: None) -> None:
    """The server of the tests and the browser's requests share one real database."""
