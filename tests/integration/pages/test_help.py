"""The help: each role's first day on real records, the manual, the glossary, and their links."""

import re
from collections.abc import Callable

import pytest
from django.test import Client

from tests.integration.conduct.world import STUDY, World
from trialwright.accounts.policy import Act
from trialwright.conduct.actions import adverse_events
from trialwright.conduct.models import AdverseEvent, Study
from trialwright.demonstration.people import CAST
from trialwright.demonstration.protocol import demonstration
from trialwright.web.help.glossary import terms, told
from trialwright.web.help.manual import CHAPTERS, chapter_for

Browsers = Callable[[str], Client]
SAFETY = '<ol class="tasks safety">'
STOP = re.compile(r'<li><span class="name"><a href="([^"]+)">([^<]+)</a>')


def stops(browser: Client, language: str = "en") -> list[tuple[str, str]]:
    page = browser.get(f"/tour?language={language}")
    assert page.status_code == 200
    return STOP.findall(page.content.decode().split(SAFETY)[0])


def safety_stops(browser: Client) -> list[tuple[str, str]]:
    """What the tour shows of safety, from the product to the board."""
    _first, found, rest = browser.get("/tour").content.decode().partition(SAFETY)
    return STOP.findall(rest) if found else []


def test_every_stop_of_each_role_s_first_day_opens_and_is_its_own_work(
    study: World, signed_in: Browsers
) -> None:
    by_arm = demonstration().roles.who_may(Act.SEE_ARMS)
    clinical = demonstration().roles.who_may(Act.SEE_PARTICIPANTS)
    led: dict[str, list[str]] = {}
    for cast in CAST:
        browser = signed_in(cast.username)
        found = stops(browser)
        assert found[0][0] == "/today" and 3 <= len(found) <= 7, cast.username
        assert len({href for href, _what in found}) == len(found)
        for href, what in found:
            answer = browser.get(href)
            assert answer.status_code == 200, (cast.username, href, what)
        places = [href.removeprefix(f"/studies/{STUDY}/") for href, _what in found]
        led[cast.username] = places
        # Who is blinded is led to nothing by arm, and who sees no participants to none.
        assert cast.role in by_arm or not any("by-arm" in place for place in places)
        assert cast.role in clinical or not any("participants/" in place for place in places)
    assert "to-sign" in led["zhao"] and "screen" in led["lin"]
    assert any(place.endswith("/source") for place in led["feng"])
    assert "cuts/first/report-by-arm.html" in led["wei"]
    assert "cuts/first/report.html" in led["jiang"]
    assert "setup/people" in led["admin"]


def test_the_tour_leads_through_safety_on_the_records_that_are_there(
    study: World, signed_in: Browsers
) -> None:
    clinical = demonstration().roles.who_may(Act.SEE_PARTICIPANTS)
    (code,) = AdverseEvent.objects.values_list("participant__code", flat=True)
    assert not any("grew worse" in what for _href, what in safety_stops(signed_in("lin")))
    adverse_events.record_grade(by=study.coordinator, code=code, number=1, grade=2)
    led: dict[str, list[str]] = {}
    for cast in CAST:
        browser = signed_in(cast.username)
        found = safety_stops(browser)
        if cast.site != "N":
            assert bool(found) is (cast.role in clinical), cast.username
        for href, what in found:
            assert browser.get(href).status_code == 200, (cast.username, href, what)
        led[cast.username] = [href.removeprefix(f"/studies/{STUDY}/") for href, _what in found]
    assert {"adverse-events/1", "clocks", "board/1", "next-participant"} <= set(led["lin"])
    assert "adverse-events/1/case" in led["luo"] and "envelopes" in led["luo"]
    assert not any(place in led["lin"] for place in ("adverse-events/1/case", "envelopes"))


def test_the_way_to_the_help_and_what_needs_no_account(world: World, signed_in: Browsers) -> None:
    lin = signed_in("lin")
    assert '<a href="/tour">' in lin.get("/today").content.decode()
    page = lin.get(f"/studies/{STUDY}/queries").content.decode()
    assert '<a href="/manual/queries">Manual: Queries</a>' in page
    Study.objects.update(demonstration=False)
    assert '<a href="/tour">' not in lin.get("/today").content.decode()
    page = lin.get("/tour").content.decode()
    assert "You are in no demonstration study" in page and not STOP.findall(page)
    anybody = Client()
    assert anybody.get("/tour").status_code == 302
    for address in ("/manual", "/glossary", *(f"/manual/{each.slug}" for each in CHAPTERS)):
        assert anybody.get(address).status_code == 200
    assert anybody.get("/manual/no-such-chapter").status_code == 404
    english = anybody.get("/glossary").content.decode()
    for term in terms():
        assert term.word.replace("'", "&#x27;") in english
    assert "the only way to write" not in english
    chinese = anybody.get("/manual/a-participant-enters?language=zh-hans").content.decode()
    assert "<li>" in chinese and not re.findall(r"<li>[A-Z][^<]{20,}</li>", chinese)


def test_the_manual_and_the_glossary_are_told_in_both_languages() -> None:
    for each in CHAPTERS:
        for step in each.steps:
            assert step.in_language("zh") != step.in_language("en")
            assert "{" not in step.in_language("zh") + step.in_language("en")
    assert len(terms()) > 30
    for term in terms():
        assert told(term.meaning, "zh") != term.meaning
    words = [term.word for term in terms()]
    assert words == sorted(words, key=str.casefold)


@pytest.mark.parametrize(
    ("place", "slug"),
    [
        ("queries/3", "queries"), ("participants/C-1/visits/month_1/pbac/1", "visits-and-forms"),
        ("participants/C-1/visits/month_1/pbac/1/sign", "signing"),
        ("cuts/a", "figures-and-reports"),
        ("participants/C-1/visits/month_1/pbac/1/source", "monitoring"), ("today", "a-day"),
        ("participants/C-1/steps/place", "treatment-and-blinding"), ("clocks", "safety"),
        ("participants/C-1/consent/again", "a-participant-enters"), ("setup/sites", "setting-up"),
        ("participants/C-1/bedside/infuse", "products"), ("participants/C-1/pregnancy", "safety"),
        ("products/lots/T1/send", "products"),
    ],
)  # fmt: skip
def test_a_page_leads_to_the_chapter_about_what_is_done_there(place: str, slug: str) -> None:
    address = "/today" if place == "today" else f"/studies/X/{place}"
    assert chapter_for(address).slug == slug
