"""The report of a monitor's visit on its pages, from the first word to the last closed finding."""

import re
from collections.abc import Callable

import pytest
from django.conf import settings
from django.test import Client

from tests.integration.conduct.test_monitoring_visits import found, sign, written
from tests.integration.conduct.world import STUDY, World
from tests.integration.pages.test_signing_in import PASSWORDS
from trialwright.conduct.models import MonitoringVisit, VisitFinding

Browsers = Callable[[str], Client]


def at(place: str) -> str:
    return f"/studies/{STUDY}/{place}"


def seen(browser: Client, address: str, language: str = "en") -> str:
    browser.cookies[settings.LANGUAGE_COOKIE_NAME] = language
    text = browser.get(address, follow=True).content.decode()
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", text))


REPORT = {
    "site": "C", "kind": "on_site", "first_day": "2023-03-05", "last_day": "2023-03-06",
    "summary": "Consents of three participants.",
}  # fmt: skip
FINDING = {
    "description": "One consent lacks the time of day.", "severity": "major",
    "participant": "", "form": "demographics", "action": "Note to file.", "due": "2023-03-20",
}  # fmt: skip


def sent(browser: Client, place: str, answers: dict[str, str], status: int = 302) -> str:
    for field in ("first_day", "last_day", "due"):
        if field in answers:
            year, month, day = answers[field].split("-")
            boxes = {"day": day, "month": month, "year": year}
            answers = answers | {f"{field}.{part}": text for part, text in boxes.items()}
    answer = browser.post(at(place), answers)
    assert answer.status_code == status, answer.content.decode()[-3000:]
    return answer.headers.get("Location", "")


def signed(browser: Client, name: str, place: str) -> None:
    page = browser.get(at(place)).content.decode()
    match = re.search(r'name="revision" value="([0-9a-f]{64})"', page)
    assert match is not None
    sent(browser, place, {"revision": match[1], "password": PASSWORDS[name]})


def test_a_monitor_writes_signs_and_follows_and_the_site_answers(
    world: World, signed_in: Browsers
) -> None:
    feng, zhao, lin = (signed_in(name) for name in ("feng", "zhao", "lin"))
    place = sent(feng, "monitoring/new", REPORT)
    assert place == at("monitoring/1")
    sent(feng, "monitoring/1/findings/new", FINDING | {"due": "2023-03-01"}, 409)
    sent(feng, "monitoring/1/findings/new", FINDING)
    sent(feng, "monitoring/1/findings/new", FINDING | {"description": "Another"})
    sent(feng, "monitoring/1/findings/2/correct", FINDING | {"description": "Another one"})
    assert "Another one" in seen(feng, place) and "Not signed yet" in seen(feng, place)
    sent(feng, "monitoring/1/findings/2/remove", {})
    assert "Another one" not in seen(feng, place)
    assert "Monitoring visits Monitoring visit 1, site C" in seen(feng, "/today")
    assert zhao.get(place).status_code == 404 and "visit 1" not in seen(zhao, "/today")
    signed(feng, "feng", "monitoring/1")
    assert "Feng Yi, monitor" in seen(feng, place)
    today = seen(zhao, "/today")
    assert "Monitoring visit 1, site C" in today and "To be acknowledged" in today
    assert "Finding 1.1, site C" in today and "Overdue" in today
    signed(zhao, "zhao", "monitoring/1")
    assert "Acknowledged Zhao" in seen(lin, place)
    sent(lin, "monitoring/1/findings/1", {"answer": ""}, 409)
    sent(lin, "monitoring/1/findings/1", {"answer": "Note filed"})
    assert "Answered, to be judged" in seen(feng, "/today")
    sent(feng, "monitoring/1/findings/1", {"settled": "no", "reply": "Not in the file"})
    assert "Not in the file" in seen(lin, at("monitoring/1/findings/1"))
    sent(lin, "monitoring/1/findings/1", {"answer": "Filed now"})
    sent(feng, "monitoring/1/findings/1", {"settled": "yes", "reply": "Seen"})
    assert VisitFinding.objects.get().closed_at is not None
    assert "Save the answer" not in seen(lin, at("monitoring/1/findings/1"))
    assert "Closed" in seen(lin, at("monitoring/findings"))
    rows = lin.get(at("monitoring/findings.json")).json()["rows"]
    assert [(row["status"], row["answer"]) for row in rows] == [("closed", "Filed now")]
    assert "Acknowledged" in seen(lin, at("monitoring"))


def test_a_wrong_password_signs_nothing(world: World, signed_in: Browsers) -> None:
    number = written(world)
    feng = signed_in("feng")
    answer = feng.post(at(f"monitoring/{number}"), {"revision": "0" * 64, "password": "wrong"})
    assert answer.status_code == 403
    answer = feng.post(
        at(f"monitoring/{number}"), {"revision": "0" * 64, "password": PASSWORDS["feng"]}
    )
    assert answer.status_code == 409 and "changed since you read it" in answer.content.decode()
    assert MonitoringVisit.objects.get().signed_at is None


def test_what_is_not_signed_is_changed_by_who_verifies_alone(
    world: World, signed_in: Browsers
) -> None:
    number = written(world)
    found(world, number)
    pages = ("", "/correct", "/findings/new", "/findings/1", "/findings/1/correct",
             "/findings/1/remove", "/report.pdf")  # fmt: skip
    for place in pages:
        assert signed_in("feng").get(at(f"monitoring/{number}{place}")).status_code == 200, place
        for name in ("zhao", "lin", "he", "wei"):
            answer = signed_in(name).get(at(f"monitoring/{number}{place}"))
            assert answer.status_code == 404, (name, place)
    sign(world, number)
    for name in ("he", "qian"):
        assert signed_in(name).get(at(f"monitoring/{number}")).status_code == 404


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_the_report_is_a_document(world: World, signed_in: Browsers, language: str) -> None:
    number = written(world)
    found(world, number, form="demographics")
    sign(world, number)
    lin = signed_in("lin")
    lin.cookies[settings.LANGUAGE_COOKIE_NAME] = language
    answer = lin.get(at(f"monitoring/{number}/report.pdf"))
    assert answer["Content-Type"] == "application/pdf" and answer.content.startswith(b"%PDF")
    assert f"{STUDY}-monitoring-C-{number}.pdf" in answer["Content-Disposition"]
    chinese = seen(lin, at(f"monitoring/{number}/findings/1"), "zh-hans")
    assert "要求中心采取的措施" in chinese and "What was" not in chinese
