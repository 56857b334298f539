"""One page for every step of every trial: what it asks, who finds it, where the arm then stands."""

import pytest
from django.test import Client

from tests.integration.conduct.other_trials import CYCLES, IMPLANT, INFUSIONS, Trial, begin
from trialwright.accounts.models import Person
from trialwright.conduct.models import Deviation, StepRecord

pytestmark = pytest.mark.django_db
YEARS_AGO = {
    "happened_on.day": "6", "happened_on.month": "3", "happened_on.year": "2023",
    "happened_at": "09:00", "why_late": "years later",
}  # fmt: skip


def browser_of(trial: Trial, name: str) -> Client:
    browser = Client()
    browser.force_login(Person.objects.get(username=f"{name}.{trial.protocol.identifier}".lower()))
    return browser


def page_of(trial: Trial, code: str, place: str = "") -> str:
    return f"/studies/{trial.protocol.identifier}/participants/{code}{place}"


def text_of(browser: Client, place: str) -> str:
    answer = browser.get(place)
    assert answer.status_code == 200, answer
    return answer.content.decode()


def test_who_takes_a_step_that_reveals_the_arm_finds_it_on_the_participant_s_page() -> None:
    trial = begin(INFUSIONS)
    code = trial.randomised()
    pharmacist, nurse = browser_of(trial, "pharmacist"), browser_of(trial, "nurse")
    here = page_of(trial, code)
    assert "/steps/prepare/day_1" in text_of(pharmacist, here)
    assert "/steps/prepare" not in text_of(nurse, here)
    assert nurse.get(f"{here}/steps/prepare/day_1").status_code == 404
    asked = pharmacist.get(f"{here}/steps/prepare?visit=day_1")
    assert asked.status_code == 302 and asked["Location"].endswith("/steps/prepare/day_1")
    assert "You will see the arm" in text_of(pharmacist, asked["Location"])
    assert pharmacist.post(asked["Location"], YEARS_AGO).status_code == 302
    labels = [f"{arm.number}. {arm.label.en}" for arm in trial.protocol.arms]
    assert sum(label in text_of(pharmacist, here) for label in labels) == 1
    assert not any(label in text_of(nurse, here) for label in labels)
    assert "Prepare at Day 1" not in text_of(nurse, here), "its minute could tell an arm"


def test_a_dose_is_asked_for_with_what_was_planned_and_a_refusal_keeps_what_was_typed() -> None:
    trial = begin(INFUSIONS)
    code = trial.randomised()
    trial.taking("pharmacist", code, "prepare", "day_1")()
    nurse = browser_of(trial, "nurse")
    place = page_of(trial, code, "/steps/infuse/day_1")
    assert "Planned: 200 mg" in text_of(nurse, place)
    refused = nurse.post(place, {"status": "part", "amount": "120", "reason": "", **YEARS_AGO})
    assert refused.status_code in (400, 409)
    page = refused.content.decode()
    assert 'value="120"' in page
    done = nurse.post(place, {"status": "part", "amount": "120", "reason": "blocked", **YEARS_AGO})
    assert done.status_code == 302
    record = StepRecord.objects.get(step="infuse")
    assert (record.status, record.amount, record.reason) == ("part", "120", "blocked")
    assert "Infuse at Day 1: given in part, 120 mg: blocked" in text_of(nurse, page_of(trial, code))


def test_until_when_stands_there_for_who_may_know_the_minute_and_late_is_a_deviation() -> None:
    trial = begin(
        INFUSIONS.replace("roles: [nurse]", "roles: [nurse, pharmacist]").replace(
            "after: [prepare]", "after: [prepare]\n    within: {step: prepare, hours: 4}"
        )
    )
    code = trial.randomised()
    trial.taking("pharmacist", code, "prepare", "day_1")()
    place = page_of(trial, code, "/steps/infuse/day_1")
    told = "6 March 2023, 13:00: 4 hours after “Prepare”"
    assert told in text_of(browser_of(trial, "pharmacist"), place)
    assert "At the latest" not in text_of(browser_of(trial, "nurse"), place)
    late = YEARS_AGO | {"happened_at": "13:01", "status": "done", "amount": ""}
    assert browser_of(trial, "nurse").post(place, late).status_code == 302
    (row,) = Deviation.objects.all()
    browser = browser_of(trial, "investigator")
    deviation = text_of(browser, f"/studies/{trial.protocol.identifier}/deviations/{row.number}")
    assert "Later than its time limit" in deviation and "Infuse · Day 1" in deviation
    assert f"/deviations/{row.number}" in text_of(browser, "/today")


def test_a_second_person_is_chosen_from_those_who_take_the_step() -> None:
    trial = begin(IMPLANT)
    code = trial.eligible()
    investigator = browser_of(trial, "investigator")
    page = text_of(investigator, page_of(trial, code, "/steps/implant/operation"))
    assert "investigator2" in page and "Who else was there" in page
    assert "coordinator" not in page.split("Who else was there")[1].split("</form>")[0]
    assert "/randomise" not in text_of(investigator, page_of(trial, code))


def test_no_visit_or_step_that_the_file_has_not_is_there() -> None:
    trial = begin(INFUSIONS)
    code = trial.randomised()
    nurse = browser_of(trial, "nurse")
    for place in ("/steps/cook", "/steps/infuse/week_4", "/steps/infuse?visit=week_4"):
        assert nurse.get(page_of(trial, code, place)).status_code == 404, place


def test_an_occurrence_has_pages_of_its_own_under_its_name() -> None:
    trial = begin(CYCLES)
    code = trial.randomised()
    for name, step in (("pharmacist", "prepare"), ("nurse", "infuse")):
        trial.taking(name, code, step, "day_1")()
    here = page_of(trial, code)
    coordinator, pharmacist = browser_of(trial, "coordinator"), browser_of(trial, "pharmacist")
    listed = text_of(coordinator, here)
    assert "Cycle 1, Day 1" in listed and "Cycle 2, Day 1" in listed
    assert f'href="{here}/visits/day_1~2"' in listed
    assert "Cycle 2, Day 1" in text_of(coordinator, f"{here}/visits/day_1~2")
    assert "Cycle 2, Day 1" in text_of(coordinator, f"{here}/visits/day_1~2/scan/1")
    assert "Prepare at Cycle 2, Day 1" in text_of(pharmacist, f"{here}/steps/prepare/day_1~2")
    offered = text_of(pharmacist, here)
    assert f'href="{here}/steps/prepare/day_1~2"' in offered, "its window has long been open"
    for nowhere in ("visits/day_1~3/scan/1", "visits/day_1~02", "visits/day_1~1", "visits/end~2"):
        assert coordinator.get(f"{here}/{nowhere}").status_code == 404, nowhere
    assert pharmacist.get(f"{here}/steps/prepare/day_1~3").status_code == 404
    assert "day_1~2" in text_of(coordinator, page_of(trial, code).partition("/part")[0] + "/visits")


def test_an_unscheduled_visit_is_recorded_on_a_page_that_leads_to_its_forms() -> None:
    trial = begin(CYCLES)
    code = trial.randomised()
    coordinator = browser_of(trial, "coordinator")
    here = page_of(trial, code)
    assert f"{here}/unscheduled" in text_of(coordinator, here)
    assert "Why there was a visit" in text_of(coordinator, f"{here}/unscheduled")
    typed = {"visit": "unplanned", "on.day": "6", "on.month": "3", "on.year": "2023"}
    assert coordinator.post(f"{here}/unscheduled", typed).status_code == 409
    sent = coordinator.post(f"{here}/unscheduled", typed | {"reason": "Rash"})
    assert sent.status_code == 302 and sent["Location"].endswith("/visits/unplanned")
    assert "Unscheduled visit 1" in text_of(coordinator, sent["Location"])
    assert browser_of(trial, "nurse").get(f"{here}/unscheduled").status_code == 404
