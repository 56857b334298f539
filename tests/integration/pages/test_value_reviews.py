"""The pages on which results are judged and values verified, as a person meets them."""

import re
from collections.abc import Callable

import pytest
from django.conf import settings
from django.test import Client

from tests.integration.conduct.world import STUDY, World
from trialwright.conduct.models import ValueReview

Browsers = Callable[[str], Client]
FORM = "participants/C-001/visits/screening/blood_count/1"


def at(place: str) -> str:
    return f"/studies/{STUDY}/{place}"


def seen(browser: Client, place: str) -> str:
    browser.cookies[settings.LANGUAGE_COOKIE_NAME] = "en"
    text = browser.get(at(place), follow=True).content.decode()
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", text))


@pytest.fixture
def counted(world: World) -> World:
    code = world.consented()
    world.visited(code, "screening")
    low = {"sampled_on": world.now.date().isoformat(), "haemoglobin": "98", "leukocytes": "5.1",
           "platelets": "210"}  # fmt: skip
    world.save(world.coordinator, code, "screening", "blood_count", low)
    return world


def test_an_investigator_judges_from_today_and_everybody_reads_it(
    counted: World, signed_in: Browsers
) -> None:
    zhao = signed_in("zhao")
    assert "Results to judge C-001 · Blood count" in seen_today(zhao)
    assert "98 g/L (Low) · significance not judged yet" in seen(zhao, f"{FORM}/answers")
    page = zhao.get(at(f"{FORM}/significance"))
    assert page["Location"] == at(f"{FORM}/significance?revision=1")
    assert "Haemoglobin: 98 g/L (Low)" in seen(zhao, f"{FORM}/significance")
    sent = {"haemoglobin": "significant", "haemoglobin_done": "", "haemoglobin_grade": "2"}
    refused = zhao.post(at(f"{FORM}/significance?revision=1"), sent)
    assert refused.status_code == 409
    sent["haemoglobin_done"] = "Iron for a month"
    assert zhao.post(at(f"{FORM}/significance?revision=1"), sent).status_code == 302
    words = "98 g/L (Low) · Clinically significant: Iron for a month"
    assert words in seen(signed_in("feng"), f"{FORM}/answers")
    assert "Results to judge" not in seen_today(zhao)
    assert words in seen(zhao, f"{FORM}/sign")


def seen_today(browser: Client) -> str:
    browser.cookies[settings.LANGUAGE_COOKIE_NAME] = "en"
    text = browser.get("/today").content.decode()
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", text))


def test_a_judgement_of_a_form_that_changed_meanwhile_is_kept_back(
    counted: World, signed_in: Browsers
) -> None:
    raw = {"sampled_on": counted.now.date().isoformat(), "haemoglobin": "89",
           "leukocytes": "5.1", "platelets": "210"}  # fmt: skip
    counted.save(
        counted.coordinator, "C-001", "screening", "blood_count", raw, based_on=1,
        change_reasons={"haemoglobin": "Misread"},
    )  # fmt: skip
    sent = {"haemoglobin": "not_significant", "haemoglobin_grade": "2"}
    answer = signed_in("zhao").post(at(f"{FORM}/significance?revision=1"), sent)
    assert answer.status_code == 409
    assert "changed while you read it" in answer.content.decode()
    assert not ValueReview.objects.exists()


def test_a_monitor_verifies_all_values_or_some_and_finds_what_is_left(
    counted: World, signed_in: Browsers
) -> None:
    feng = signed_in("feng")
    listed = at("forms?status=unverified")
    assert f'href="{at(FORM)}/source"' in feng.get(listed).content.decode()
    assert f'href="{at(FORM)}/answers"' in signed_in("lin").get(listed).content.decode()
    sent = {"revision": "1", "item": ["haemoglobin", "platelets"]}
    assert feng.post(at(f"{FORM}/source"), sent).status_code == 302
    assert "Verified in the source 2 of 4 values" in seen(feng, f"{FORM}/answers")
    page = feng.get(at(f"{FORM}/source")).content.decode()
    assert page.count(" checked") == 2 and "Feng Yi, monitor" in page
    assert feng.post(at(f"{FORM}/source"), {"revision": "1", "all": "yes"}).status_code == 302
    assert "4 of 4 values" in seen(feng, f"{FORM}/answers")
    assert "98 g/L (Low) · significance not judged yet · Verified in the source" in seen(
        feng, f"{FORM}/answers"
    )
    assert at(FORM) not in feng.get(listed).content.decode()
    assert feng.post(at(f"{FORM}/source"), {"item": "haemoglobin"}).status_code == 400
    assert feng.post(at(f"{FORM}/source"), {"revision": "7", "all": "yes"}).status_code == 409
