"""Pages of clocks: what is due, recording that it was reported, and what blinded people see."""

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from tests.integration.conduct.world import STUDY, World
from tests.integration.pages.test_unblinding import person
from trialwright.conduct.actions import adverse_events
from trialwright.conduct.actions.adverse_events import Report
from trialwright.conduct.models import AdverseEvent, Clock, ClockEnding
from trialwright.safety.seriousness import SeriousCriterion

PLACE = f"/studies/{STUDY}"


@pytest.fixture
def event(world: World) -> AdverseEvent:
    """A serious event of a treated participant, recorded and known just now."""
    code = world.treated()
    adverse_events.record_event(
        by=world.coordinator, code=code,
        report=Report("Fever", 3, criteria={SeriousCriterion.HOSPITALISATION}),
    )  # fmt: skip
    return AdverseEvent.objects.get(study=STUDY)


def of_rule(rule: str) -> Clock:
    return Clock.objects.get(study=STUDY, rule=rule)


def test_the_page_and_today_say_what_is_due_why_and_what_is_missing(event: AdverseEvent) -> None:
    browser, _password = person("luo")
    page = browser.get(f"{PLACE}/clocks").content.decode()
    assert "Other suspected reaction" in page and "A suspected, serious and unexpected" in page
    last = timezone.localtime(event.known_at).date() + timedelta(days=15)
    assert f"{last.day} {last:%B %Y} (Asia/Shanghai)" in page
    today = browser.get("/today").content.decode()
    assert "Reports due" in today and "missing: the investigator" in today
    assert f"{PLACE}/clocks/{of_rule('eu_other').number}" in today
    site, _password = person("lin")
    today = site.get("/today").content.decode()
    assert "Serious event, to the sponsor" in today and "Other suspected" not in today


def test_a_report_is_signed_with_the_password_and_ends_the_clock(event: AdverseEvent) -> None:
    browser, password = person("luo")
    number = of_rule("eu_other").number
    place = f"{PLACE}/clocks/{number}"
    sent = {"how": "sent", "reference": "EV-2026-17"}
    assert browser.post(f"{place}/end", {**sent, "password": "guess"}).status_code == 403
    refused = browser.post(f"{place}/end", {"how": "not_due", "password": password})
    assert refused.status_code == 409 and "Write why no report" in refused.content.decode()
    half = {"sent_on.day": "1", "sent_on.month": "3", "sent_on.year": "2023"}
    answer = browser.post(f"{place}/end", {**sent, **half, "password": password})
    assert answer.status_code == 409 and "EV-2026-17" in answer.content.decode()
    assert not ClockEnding.objects.exists()
    assert browser.post(f"{place}/end", {**sent, "password": password}).status_code == 302
    page = browser.get(place).content.decode()
    assert "Sent in time" in page and "EV-2026-17" in page
    assert browser.get(f"{place}/end").status_code == 404
    ended = browser.get(f"{PLACE}/clocks.json?status=ended").json()["rows"]
    assert [(each["clock"], each["ended"]) for each in ended] == [(number, "sent")]
    page = browser.get(place).content.decode()
    (signed,) = re.findall(r"[^>]*“What I enter here is how this duty[^<]*", page)
    assert re.search(r"\d\d:\d\d:\d\d", signed) and re.search(r"\([0-9a-f]{16}\)", signed)


def test_blinded_people_never_read_of_the_end(
    event: AdverseEvent, signed_in: Callable[[str], Client]
) -> None:
    place = f"{PLACE}/adverse-events/{event.number}"
    pages = [f"{place}", f"{PLACE}/clocks", f"{PLACE}/clocks/{of_rule('eu_other').number}"]
    names = ("lin", "zhao", "shen", "feng", "fang")

    def seen() -> list[str]:
        return [
            signed_in(name).get(page).content.decode().split("<main", 1)[1].split("</main>", 1)[0]
            for name in names
            for page in pages
        ]

    before = seen()
    browser, password = person("luo")
    for rule, how in (("eu_other", "not_due"), ("cn_other", "sent")):
        answer = browser.post(
            f"{PLACE}/clocks/{of_rule(rule).number}/end",
            {"how": how, "reason": "The comparator was given", "password": password},
        )
        assert answer.status_code == 302
    assert seen() == before
    assert "The comparator" not in "".join(before)
    # Of the page's filter, which names every action that there is, nothing can be told.
    rows = signed_in("shen").get(f"{PLACE}/ledger").content.decode().partition("<tbody")[2]
    assert "adverse event recorded" in rows and "clock of a report ended" not in rows


def test_the_statements_of_the_page_do_not_grow_with_its_rows(
    world: World, event: AdverseEvent
) -> None:
    browser, _password = person("luo")

    def statements() -> int:
        with CaptureQueriesContext(connection) as told:
            assert browser.get(f"{PLACE}/clocks").status_code == 200
        return len(told)

    statements()
    few = statements()
    for _ in range(5):
        adverse_events.record_event(
            by=world.coordinator, code=event.participant.code,
            report=Report("Sepsis", 4, criteria={SeriousCriterion.HOSPITALISATION}),
        )  # fmt: skip
    statements()
    assert Clock.objects.count() == 18
    assert statements() == few


def test_a_form_says_when_the_site_learned_of_it_and_of_which_listed_kind_it_is(
    world: World,
) -> None:
    code = world.treated()
    browser, _password = person("lin")
    form = f"{PLACE}/participants/{code}/adverse-event/fever"
    page = browser.get(form).content.decode()
    assert "Admission for the planned second look" in page
    answers = {
        "grade": "2", "outcome": "recovering", "serious_life_threatening": "no",
        "serious_hospitalisation": "yes", "serious_disability": "no", "serious_congenital": "no",
        "serious_important": "no", "stop_death_or_grade_3": "no", "stop_infection": "no",
        "stop_embolism": "no", "stop_infusion": "no", "exempt": "second_look",
        "known_on.day": "1", "known_on.month": "4", "known_on.year": "2023",
    }  # fmt: skip
    half = browser.post(form, answers)
    assert half.status_code == 409 and "Enter both the day and the time" in half.content.decode()
    assert browser.post(form, {**answers, "known_at": "10:00"}).status_code == 302
    found = AdverseEvent.objects.get(study=STUDY)
    assert found.exempt == "second_look"
    assert timezone.localtime(found.known_at).isoformat() == "2023-04-01T10:00:00+08:00"
    assert not Clock.objects.filter(rule="site_serious").exists()
