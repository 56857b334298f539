"""Pages of consents that others give or nobody does, and of participants who belong together."""

import pytest

from tests.integration.conduct.other_trials import begin
from tests.integration.conduct.test_consent_givers import CHILDREN, WAIVED, screened
from tests.integration.conduct.test_kinds import KIN, child_of
from tests.integration.pages.test_step_pages import browser_of, page_of, text_of
from trialwright.conduct.models import Consent, Participant

pytestmark = pytest.mark.django_db


def test_a_representative_consents_for_a_child_and_the_child_when_grown() -> None:
    trial = begin(CHILDREN)
    code = screened(trial)
    browser, here = browser_of(trial, "coordinator"), page_of(trial, code)
    asked = text_of(browser, f"{here}/consent")
    assert "Who consents" in asked and "Does the participant assent?" in asked
    sent = {
        "given_by": "representative", "born.year": "2005", "born.month": "", "born.day": "",
        "language": "en", "explained_by": str(trial.person("investigator").person_id),
        "part_study": "yes", "given_on.day": "6", "given_on.month": "3", "given_on.year": "2023",
        "given_at": "09:00",
    }  # fmt: skip
    refused = browser.post(f"{here}/consent", sent)
    assert refused.status_code in (400, 409)
    page = refused.content.decode()
    assert "there is no consent without" in page and 'value="2005"' in page
    # The participant was screened in 2023, and it is recorded now: who may have come of age since
    # is to consent.
    Consent.objects.create(
        participant=Participant.objects.get(code=code), version="1", language="en",
        explained_by=trial.person("investigator").person_id, given_at=trial.now,
        parts={"study": True}, instead="representative", born="2005-04", assent=True,
    )  # fmt: skip
    Participant.objects.filter(code=code).update(state="consented", consented_at=trial.now)
    assert "may have come of age" in text_of(browser, "/today")
    told = text_of(browser, f"{here}/consent")
    assert "A legally authorised representative" in told and "2005-04" in told
    assert "Record re-consent" in text_of(browser, here)


def test_a_waiver_is_entered_and_named_on_pages() -> None:
    trial = begin(WAIVED)
    code = screened(trial)
    browser, here = browser_of(trial, "coordinator"), page_of(trial, code)
    assert "Enter under the waiver of consent" in text_of(browser, here)
    assert "Records of routine care" in text_of(browser, f"{here}/consent")
    day = {"data_from.day": "4", "data_from.month": "5", "data_from.year": "2021"}
    assert browser.post(f"{here}/consent", day).status_code == 302
    assert "Entered, consent waived" in text_of(browser, here)
    told = text_of(browser, f"{here}/consent")
    assert "Waiver of consent" in told and "4 May 2021" in told
    assert "Record re-consent" not in told


def test_linked_participants_are_screened_listed_and_led_to() -> None:
    trial = begin(KIN)
    mother = trial.consented()
    browser, study = browser_of(trial, "coordinator"), f"/studies/{trial.protocol.identifier}"
    assert "Kind of participant" in text_of(browser, f"{study}/screen")
    refused = browser.post(f"{study}/screen", {"site": "C", "kind": "child", "to": "C-099"})
    assert refused.status_code in (400, 409)
    assert "C-099" in refused.content.decode()
    made = browser.post(f"{study}/screen", {"site": "C", "kind": "child", "to": mother.lower()})
    assert made.status_code == 302
    child = made["Location"].rsplit("/", 1)[1]
    assert child in text_of(browser, page_of(trial, mother))
    own = text_of(browser, page_of(trial, child))
    assert f"{mother} · Mother" in own and "Week 1" not in own
    listed = text_of(browser, f"{study}/participants")
    assert "Child" in listed and "Mother" in listed
    led = browser.get(page_of(trial, child, "/consent"))
    assert led.status_code == 302 and led["Location"].endswith(f"{mother}/consent")
    assert child_of(trial, mother) != child
