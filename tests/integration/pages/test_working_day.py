"""What a person meets on a working day: drafts, days, queries and codes."""

import re
from collections.abc import Callable
from functools import partial

from django.conf import settings
from django.test import Client

from tests.integration.conduct.refusing import absent, refused
from tests.integration.conduct.world import STUDY, World
from trialwright.conduct.actions import drafting, querying
from trialwright.conduct.models import Query
from trialwright.conduct.reads.queries import thread_of

Browsers = Callable[[str], Client]


def at(example: str) -> str:
    return f"/studies/{STUDY}/{example}".rstrip("/")


def seen(browser: Client, example: str) -> str:
    browser.cookies[settings.LANGUAGE_COOKIE_NAME] = "en"
    text = browser.get(at(example)).content.decode()
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", text))


def test_what_is_typed_and_not_saved_is_seen_at_the_visit(
    world: World, signed_in: Browsers
) -> None:
    code = world.consented()
    world.visited(code, "screening")
    assert "Draft, not saved" not in seen(signed_in("lin"), f"participants/{code}/visits/screening")
    drafting.save_draft(
        by=world.coordinator, code=code, visit="screening", form="demographics", repeat=1,
        raw={"age": "31"}, based_on=0,
    )  # fmt: skip
    place = f"participants/{code}/visits/screening"
    assert "Draft, not saved" in seen(signed_in("lin"), place)
    assert "Draft, not saved" not in seen(signed_in("zhao"), place)
    assert "not saved yet" in seen(signed_in("lin"), f"{place}/demographics/1")
    today = re.sub(r"<[^>]+>", " ", signed_in("lin").get("/today").content.decode())
    assert "Typed and not saved" in today and f"{code} · Demographics" in today
    assert "Typed and not saved" not in signed_in("zhao").get("/today").content.decode()


def test_the_day_of_a_visit_leads_to_its_correction(world: World, signed_in: Browsers) -> None:
    code = world.entered()
    page = signed_in("lin").get(at(f"participants/{code}/visits/screening")).content.decode()
    assert f'href="{at(f"participants/{code}/visits/screening/took-place")}"' in page
    monitor = signed_in("feng").get(at(f"participants/{code}/visits/screening")).content.decode()
    assert "took-place" not in monitor


def test_a_visit_with_unsigned_forms_is_not_completed(world: World, signed_in: Browsers) -> None:
    code = world.treated()
    text = seen(signed_in("zhao"), f"participants/{code}")
    assert "Nothing recorded" in seen(signed_in("lin"), f"participants/{code}/visits/running")
    assert "Screening Completed" not in text


def test_a_form_names_its_visit_and_its_participant(world: World, signed_in: Browsers) -> None:
    code = world.entered()
    browser = signed_in("lin")
    browser.cookies[settings.LANGUAGE_COOKIE_NAME] = "en"
    page = browser.get(at(f"participants/{code}/visits/screening/history/1")).content.decode()
    assert "<title>History · Screening · C-001 · DEMO-HAEC-01 · Trialwright</title>" in page
    assert "Printed by Lin Yue" in page


def test_eligibility_leads_to_the_forms_and_is_not_signed_while_a_criterion_fails(
    world: World, signed_in: Browsers
) -> None:
    code = world.entered()
    place = f"participants/{code}/eligibility/sign"
    page = signed_in("zhao").get(at(place)).content.decode()
    assert 'name="password"' not in page
    assert f'href="{at(f"participants/{code}/visits/screening/virology/1")}"' in page
    world.assess(code)
    assert 'name="password"' in signed_in("zhao").get(at(place)).content.decode()


def test_codes_are_found_however_they_are_typed(world: World, signed_in: Browsers) -> None:
    code = world.consented()
    lin, other = signed_in("lin"), signed_in("he")
    for typed in ("C-001", " c-001 "):
        assert lin.get("/find", {"q": typed})["Location"] == at(f"participants/{code}")
    assert other.get("/find", {"q": code})["Location"] == "/trials?q=C-001"
    assert Client().get("/find", {"q": code})["Location"] == "/trials?q=C-001"
    assert lin.get(at("participants/c-001"))["Location"] == at(f"participants/{code}")
    assert other.get(at("participants/C-001")).status_code == 404
    small = f"/studies/{STUDY.lower()}/participants/C-001?a=1"
    assert lin.get(small)["Location"] == at("participants/C-001") + "?a=1"
    assert lin.get("/studies/demo-haec-02/participants/C-001").status_code == 404
    assert lin.post(small).status_code == 404


def test_a_query_shows_its_value_and_visit_and_can_be_opened_again(
    world: World, signed_in: Browsers
) -> None:
    code = world.entered()
    number = querying.raise_query(
        by=world.monitor, code=code, visit="screening", form="demographics", item="age",
        text="Is this the age at consent?", at=world.now,
    )  # fmt: skip
    text = seen(signed_in("feng"), f"queries/{number}")
    assert "Screening" in text and "Value now 31" in text
    reopen = partial(
        querying.reopen_query, by=world.monitor, code=code, number=number, reason="", at=world.now
    )
    assert "open already" in refused(reopen)
    querying.answer_query(
        by=world.coordinator, code=code, number=number, answer="Yes", at=world.now
    )
    assert "still to be answered" in refused(reopen)
    absent(partial(reopen, by=world.coordinator, reason="No"))
    querying.close_query(by=world.monitor, code=code, number=number, at=world.now)
    again = {"reason": "The passport says 30"}
    assert signed_in("feng").post(at(f"queries/{number}"), again).status_code == 302
    query = Query.objects.get()
    assert (query.status, query.closed_at) == ("open", None)
    assert [each.what for each in thread_of(world.monitor, query)] == [
        "asked", "answered", "closed", "reopened",
    ]  # fmt: skip
    text = seen(signed_in("lin"), f"queries/{number}")
    assert "The passport says 30" in text and "Answer Yes" in text
