"""A form says which grade is proposed for each saved result, in both languages."""

from collections.abc import Callable

import pytest
from django.conf import settings
from django.test import Client

from tests.integration.conduct.test_laboratory_grades import counted
from tests.integration.conduct.world import STUDY, World


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_the_form_says_the_grade_or_why_there_is_none(
    world: World, signed_in: Callable[[str], Client], language: str
) -> None:
    counted(world, platelets="40")
    place = f"/studies/{STUDY}/participants/C-001/visits/screening/blood_count/1"
    browser = signed_in("lin")
    browser.cookies[settings.LANGUAGE_COOKIE_NAME] = language
    told = {
        "en": "CTCAE 5.0: grade 3 proposed, Platelet count decreased (&lt; 50 x 10^9/L)",
        "zh-hans": "建议 3 级",
    }[language]
    for page in (place, f"{place}/answers"):
        text = browser.get(page).content.decode()
        assert told in text, page


def test_a_grade_is_given_on_the_page_and_read_with_who_gave_it(
    world: World, signed_in: Callable[[str], Client]
) -> None:
    counted(world, platelets="40")
    place = f"/studies/{STUDY}/participants/C-001/visits/screening/blood_count/1"
    zhao = signed_in("zhao")
    page = zhao.get(f"{place}/significance?revision=1").content.decode()
    assert "Grade of Platelets" in page and "grade 3 proposed, Platelet count decreased" in page
    sent = {"platelets": "not_significant", "platelets_grade": "2", "platelets_why": ""}
    refused = zhao.post(f"{place}/significance?revision=1", sent)
    said = refused.content.decode()
    assert refused.status_code == 409 and "Why it isn’t the proposed grade" in said
    assert said.count('aria-invalid="true"') == 1
    sent["platelets_why"] = "Clumps in the tube"
    assert zhao.post(f"{place}/significance?revision=1", sent).status_code == 302
    read = signed_in("feng").get(f"{place}/answers").content.decode()
    assert "grade 2, given by Zhao" in read and "why: Clumps in the tube" in read
    assert "grade 3 proposed" in read
    assert "Results to judge" not in zhao.get("/today").content.decode()
