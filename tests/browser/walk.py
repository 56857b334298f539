"""Somebody at her own browser: she signs in, follows links, fills boxes, presses buttons.

What she looks for she names in English; in a Chinese browser the same words are looked for in
Chinese, as the program's own catalogue has them. A masked person's walk fails at the first page
that holds an arm's name.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from django.conf import settings
from django.test import Client
from django.utils import translation
from playwright.sync_api import BrowserContext, Page, expect

from trialwright.accounts.models import Person
from trialwright.demonstration.people import CAST, Cast, password_of
from trialwright.demonstration.protocol import demonstration
from trialwright.protocol.basics import Text
from trialwright.protocol.model import Protocol
from trialwright.safety.clock_rules import ClockRule, clock_rules
from trialwright.web.language import NAMES

SECRET = "a secret of the tests"
PEOPLE = {cast.username: cast for cast in CAST}
# The types of all boxes of the form on the page, by their names.
_BOXES = """() => Object.fromEntries([...document.querySelectorAll("form.paper [name]")]
  .map(box => [box.name, box.tagName === "INPUT" ? box.type : box.tagName.toLowerCase()]))"""


def be(username: str, context: BrowserContext, address: str) -> None:
    """Have somebody signed in already, where signing in is not what is tested."""
    client = Client()
    client.force_login(Person.objects.get(username=username))
    name = settings.SESSION_COOKIE_NAME
    cookie = {"name": name, "value": client.cookies[name].value, "url": address}
    context.add_cookies([cookie])


@dataclass(frozen=True)
class Stage:
    """The study that people walk through, and who they are there."""

    protocol: Protocol
    cast: Mapping[str, Cast]

    @cached_property
    def arms(self) -> list[str]:
        """What would tell an arm: keys and names."""
        named = self.protocol.arms
        return [name for arm in named for name in (arm.key, arm.label.en, arm.label.zh or "")]

    @cached_property
    def rules(self) -> tuple[ClockRule, ...]:
        """The rules of the clocks."""
        return clock_rules(self.protocol).rules


DEMONSTRATION = Stage(demonstration(), PEOPLE)
ARMS = DEMONSTRATION.arms


@dataclass
class Walker:
    """One person, her browser, its language."""

    username: str
    page: Page
    language: str
    stage: Stage = DEMONSTRATION

    @property
    def name(self) -> str:
        return self.stage.cast[self.username].name

    @property
    def masked(self) -> bool:
        return self.stage.cast[self.username].role in self.stage.protocol.roles.blinded

    @property
    def password(self) -> str:
        return password_of(self.stage.cast[self.username], SECRET)

    def word(self, words: str | Text, **parts: object) -> str:
        """The words as her browser shows them."""
        if isinstance(words, Text):
            return words.in_language(self.language)
        with translation.override(self.language):
            said = translation.gettext(words)
        return said.format(**parts) if parts else said

    def role(self, english: str) -> str:
        """What a role is called in the language of the browser."""
        labels = (each.label for each in self.stage.protocol.roles.all)
        return next(each for each in labels if each.en == english).in_language(self.language)

    def look(self) -> None:
        """What holds of every page that she is shown."""
        expect(self.page.locator("html")).to_have_attribute("lang", NAMES[self.language][0])
        if self.masked:
            content = self.page.content()
            assert [arm for arm in self.stage.arms if arm in content] == [], self.page.url

    def open(self, place: str) -> None:
        """Go to an address below the study; sign in if asked to, as each morning."""
        self.page.goto(f"/studies/{self.stage.protocol.identifier}/{place}".rstrip("/"))
        if "/sign-in" in self.page.url:
            self.sign_in()
        self.look()

    def sign_in(self) -> None:
        self.page.get_by_label(self.word("Username")).fill(self.username)
        self.page.get_by_label(self.word("Password"), exact=True).fill(self.password)
        self.page.locator("main").get_by_role("button", name=self.word("Sign in")).click()
        expect(self.page.get_by_text(self.name).first).to_be_visible()

    def today(self) -> None:
        """Go to what must be done today, as one does first; sign in if asked to."""
        if self.page.url == "about:blank":
            self.page.goto("/")
            self.follow("Sign in")
        else:
            self.page.locator('a[href="/today"]').first.click()
        if "/sign-in" in self.page.url:
            self.sign_in()
        expect(self.page.locator("h1")).to_have_text(self.word("What must I do today?"))
        self.look()

    def room(self, words: str) -> None:
        """Go to a page of the study by its navigation."""
        rooms = self.page.locator("nav.rooms")
        rooms.get_by_role("link", name=self.word(words), exact=True).click()
        self.look()

    def follow(self, words: str | Text, **parts: object) -> None:
        main = self.page.locator("body")
        main.get_by_role("link", name=self.word(words, **parts), exact=True).first.click()
        self.look()

    def press(self, words: str | Text, **parts: object) -> None:
        name = self.word(words, **parts)
        # A page with scripts sends a form once it knows that the server is there.
        with self.page.expect_navigation():
            self.page.locator("main").get_by_role("button", name=name, exact=True).click()
        self.look()

    def sees(self, words: str | Text, **parts: object) -> None:
        expect(self.page.locator("main")).to_contain_text(self.word(words, **parts))

    def misses(self, words: str | Text, **parts: object) -> None:
        expect(self.page.locator("main")).not_to_contain_text(self.word(words, **parts))

    def fill(self, answers: dict[str, str]) -> None:
        """Fill boxes by their names: dates as ISO text, "missing:reason" for none."""
        # Whoever followed a link is there once the page has the first box.
        first = next(iter(answers))
        box = self.page.locator(f'main [name="{first}"], main [name="{first}.year"]')
        box.first.wait_for(state="attached")
        boxes: dict[str, str] = self.page.evaluate(_BOXES)
        for name, value in answers.items():
            if f"{name}.year" in boxes and not value.startswith("missing:"):
                parts = zip(("year", "month", "day"), value.split("-"), strict=False)
                for part, text in parts:
                    self._box(f"{name}.{part}").fill(text)
            elif boxes[name] == "radio":
                if value.startswith("missing:"):
                    self._unfold(name)
                self.page.locator(f'[name="{name}"][value="{value}"]').check()
            elif value.startswith("missing:"):
                self._unfold(name)
                self._box(f"{name}.missing").select_option(value.removeprefix("missing:"))
            elif boxes[name] == "select":
                self._box(name).select_option(value)
            else:
                self._box(name).fill(value)

    def _unfold(self, name: str) -> None:
        """Ask for the reasons for having no value, where they are folded."""
        fold = self.page.locator(f"#field-{name} .fold")
        if fold.is_visible():
            fold.click()

    def _box(self, name: str) -> Any:
        return self.page.locator(f'main [name="{name}"]')

    def sign(self, role: str) -> None:
        """Type the password and sign."""
        self.page.get_by_label(self.word("Your password")).fill(self.password)
        self.press("Sign as {role}", role=self.role(role))


@dataclass
class Team:
    """Everybody, each at a browser of her own that opens when she is first asked for."""

    open_context: Callable[..., BrowserContext]
    language: str
    stage: Stage = DEMONSTRATION
    walkers: dict[str, Walker] = field(default_factory=dict)

    def __getitem__(self, username: str) -> Walker:
        if username not in self.walkers:
            page = self.open_context(language=self.language).new_page()
            self.walkers[username] = Walker(username, page, self.language, self.stage)
        return self.walkers[username]
