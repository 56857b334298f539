"""A step out of order, sent straight past its missing button: refused in words, nothing written."""

import re
from collections.abc import Callable, Mapping
from html import unescape

import pytest
from django.conf import settings
from django.test import Client

from tests.integration.conduct.refusing import stored
from tests.integration.conduct.world import STUDY, World
from trialwright.conduct.actions import participation, querying, screening
from trialwright.conduct.models import Draft, Ending, Query, Signature
from trialwright.demonstration.people import CAST, password_of
from trialwright.demonstration.protocol import demonstration
from trialwright.web.language import NAMES

PASSWORDS = {cast.username: password_of(cast, "a secret of the tests") for cast in CAST}
ALL_MET = {each.key: "pass" for each in demonstration().criteria}
PULSE = {"pulse": "72", "revision": "0"}
PASSWORD = {"password": PASSWORDS["zhao"]}
TODAY = {"on.day": "26", "on.month": "3", "on.year": "2023"}
_SUMMARY = re.compile(r'<div class="errors".*?<ul>(?P<told>.*?)</ul>', re.DOTALL)
_CHINESE = re.compile("[\u4e00-\u9fff]")

Browsers = Callable[[str], Client]


def place(example: str) -> str:
    return f"/studies/{STUDY}/participants/C-001/{example}"


def kept() -> dict[str, object]:
    """All that is stored, but for drafts: what was typed is kept though it was refused."""
    return {table: rows for table, rows in stored().items() if table != Draft._meta.db_table}


def refused(browser: Client, example: str, sent: Mapping[str, str] | None = None) -> str:
    """Send it in each language: the page says why not, and nothing is written. The English."""
    before, said = kept(), {}
    for language in NAMES:
        browser.cookies[settings.LANGUAGE_COOKIE_NAME] = language
        answer = browser.post(place(example), sent or {})
        assert answer.status_code == 409, example
        summary = _SUMMARY.search(answer.content.decode())
        assert summary, f"{example}: no summary of what to mend"
        said[language] = unescape(re.sub(r"<[^>]+>", " ", summary["told"])).strip()
    assert kept() == before
    assert _CHINESE.search(said["zh-hans"]), said
    assert not _CHINESE.search(said["en"]), said
    return said["en"]


def offered(browser: Client) -> str:
    browser.cookies[settings.LANGUAGE_COOKIE_NAME] = "en"
    return browser.get(place("").rstrip("/")).content.decode()


def test_before_consent(world: World, signed_in: Browsers) -> None:
    world.screened()
    doctor, team = signed_in("zhao"), signed_in("lin")
    for step in ("randomise", "eligibility", "participation", "took-place"):
        assert f"/{step}" not in offered(doctor)
    assert "not signed" in refused(doctor, "randomise", PASSWORD)
    for example, sent in (
        ("eligibility", ALL_MET),
        ("visits/screening/took-place", TODAY),
        ("visits/screening/history/1", {"pregnancies": "2", "revision": "0"}),
        ("visits/running/concomitant/1", {"name": "Iron", "revision": "0"}),
        ("participation", {"kind": "withdrawn", "stops_visits": "yes", **TODAY}),
    ):
        sent = {**sent, **{f"stops_{part}": "no" for part in ("treatment", "contact", "samples")}}
        assert "not consented" in refused(team, example, sent)
    signature = {"password": PASSWORDS["zhao"]}
    assert "not consented" in refused(doctor, "eligibility/sign", signature)


def test_a_consent_that_is_none(world: World, signed_in: Browsers) -> None:
    world.screened()
    now = world.now
    given = {
        "given_on.day": str(now.day), "given_on.month": str(now.month),
        "given_on.year": str(now.year), "given_at": "09:00", "language": "zh",
        "explained_by": str(world.investigator.person_id),
        **{f"part_{part.key}": "yes" for part in demonstration().consent.parts},
    }  # fmt: skip
    team = signed_in("lin")
    assert "no consent" in refused(team, "consent", {**given, "part_study": "no"})
    assert "screening" in refused(team, "consent", {**given, "given_on.day": str(now.day - 1)})
    assert "Who explained it" in refused(
        team, "consent", {**given, "explained_by": str(world.monitor.person_id)}
    )
    assert team.post(place("consent"), given).status_code == 302
    assert "consented already" in refused(team, "consent", given)


def test_before_the_eligibility_is_signed(world: World, signed_in: Browsers) -> None:
    world.assessed()
    doctor = signed_in("zhao")
    assert f'href="{place("randomise")}"' not in offered(doctor)
    assert "not signed" in refused(doctor, "randomise", PASSWORD)


def test_an_eligibility_that_may_not_be_signed(world: World, signed_in: Browsers) -> None:
    world.entered()
    doctor, signature = signed_in("zhao"), {"password": PASSWORDS["zhao"]}
    refused(doctor, "eligibility/sign", signature)
    world.assess("C-001")
    assert "changed while you read" in refused(
        doctor, "eligibility/sign", {**signature, "revision": "of another reading"}
    )
    wrong = doctor.post(place("eligibility/sign"), {"password": "not hers"})
    assert b'id="problem-password"' in wrong.content
    assert not Signature.objects.exists()


def test_a_visit_that_cannot_exist_yet(world: World, signed_in: Browsers) -> None:
    world.randomised()
    team = signed_in("lin")
    for visit in ("day_1", "month_3", "first_bleed", "pregnancy_12_weeks"):
        assert "can't exist" in refused(team, f"visits/{visit}/took-place", TODAY)
        assert "can't exist" in refused(team, f"visits/{visit}/missed", {"reason": "Away"})
    assert "not taken place" in refused(team, "visits/day_1/vital_signs/1", PULSE)
    assert team.post(place("visits/year_9/took-place"), TODAY).status_code == 404
    assert team.post(place("visits/day_1/menses/1"), {"bled": "no"}).status_code == 404


def test_a_visit_on_a_day_it_cannot_have_been(world: World, signed_in: Browsers) -> None:
    world.treated()
    team = signed_in("lin")
    ahead = {**TODAY, "on.year": "2199"}
    assert "after today" in refused(team, "visits/month_1/took-place", ahead)
    early = {**TODAY, "on.year": "2022"}
    assert "counted from there" in refused(team, "visits/month_1/took-place", early)
    outside = {"on.day": "6", "on.month": "3", "on.year": "2023"}
    assert "why the visit lies outside" in refused(team, "visits/month_1/took-place", outside)


def test_what_is_incomplete_is_not_signed(world: World, signed_in: Browsers) -> None:
    world.consented()
    world.visited("C-001", "screening")
    doctor, signature = signed_in("zhao"), {"password": PASSWORDS["zhao"]}
    form = "visits/screening/demographics/1"
    assert "not been filled in" in refused(doctor, f"{form}/sign", signature)
    world.save(world.coordinator, "C-001", "screening", "demographics", {"age": "31"})
    assert "not complete" in refused(doctor, f"{form}/sign", signature)
    whole = {"age": "31", "height": "161.0", "weight": "54.5"}
    world.save(world.coordinator, "C-001", "screening", "demographics", whole, based_on=1)
    assert "changed while you read" in refused(doctor, f"{form}/sign", signature)
    world.sign(world.investigator, "C-001", "screening", "demographics")
    assert "signed already" in refused(doctor, f"{form}/sign", signature)


def test_a_wrong_password_is_no_signature(world: World, signed_in: Browsers) -> None:
    code = world.assessed()
    doctor = signed_in("zhao")
    for page in (f"/studies/{STUDY}/participants/{code}/eligibility/sign",
                 place("visits/screening/demographics/1/sign")):  # fmt: skip
        for typed in ("", "not hers"):
            before = stored()
            revision = re.search(
                r'name="revision" value="(.*?)"', doctor.get(page).content.decode()
            )
            assert revision
            answer = doctor.post(page, {"revision": revision[1], "password": typed})
            assert answer.status_code == 403
            assert f'value="{revision[1]}"' in answer.content.decode()
            assert stored()[Signature._meta.db_table] == before[Signature._meta.db_table]


def test_a_woman_who_did_not_enter_has_no_more_forms(world: World, signed_in: Browsers) -> None:
    code = world.consented()
    world.visited(code, "screening")
    body = {"age": "31", "height": "161.0", "weight": "54.5"}
    world.save(world.coordinator, code, "screening", "demographics", body)
    screening.record_screen_failure(by=world.coordinator, code=code, reason="Stage I", at=world.now)
    team = signed_in("lin")
    told = offered(team)
    assert "Closed" in told and "Open<" not in told
    for visit in ("running", "admission", "screening", "baseline_cycle_1"):
        page = team.get(place(f"visits/{visit}")).content.decode()
        assert "there are no new data" in page
        assert "Took place" in page or "At any time" in page
        assert "took-place" not in page
    filled = team.get(place("visits/screening")).content.decode()
    assert 'screening/demographics/1"' in filled and "screening/virology/1" not in filled
    assert b"<button>Save" in team.get(place("visits/screening/demographics/1")).content
    empty = team.get(place("visits/running/hormones/1")).content.decode()
    assert "there are no new data" in empty and "<button>Save" not in empty


def test_a_query_is_answered_once_and_only_where_it_is_asked(
    world: World, signed_in: Browsers
) -> None:
    code = world.consented()
    world.visited(code, "screening")
    body = {"age": "31", "height": "161.0", "weight": "54.5"}
    world.save(world.coordinator, code, "screening", "demographics", body)
    number = querying.raise_query(
        by=world.monitor, code=code, visit="screening", form="demographics", item="age",
        text="At consent?", at=world.now,
    )  # fmt: skip
    team, monitor = signed_in("lin"), signed_in("feng")
    page = f"/studies/{STUDY}/queries/{number}"
    assert monitor.post(page, {"answer": "Yes"}).status_code == 404
    assert team.post(page, {"answer": "Yes"}).status_code == 302
    again = team.post(page, {"answer": "No"})
    assert again.status_code == 409
    assert "not open" in again.content.decode()
    assert monitor.post(page, {"close": "yes"}).status_code == 302
    assert "No" not in str(Query.objects.values_list("answer", flat=True))


def test_the_day_of_treatment_has_an_order(world: World, signed_in: Browsers) -> None:
    world.randomised()
    surgeon, laboratory = signed_in("sun"), signed_in("zhou")
    full = {"status": "done"}
    assert "comes after" in refused(surgeon, "steps/place", full)
    assert "Declare the resection complete" in refused(surgeon, "steps/tell")
    assert "Receive the allocation" in refused(laboratory, "steps/release")
    wordless = {"status": "not_done", "reason": " "}
    assert "why" in refused(surgeon, "steps/place", wordless).casefold()
    for browser, step in (
        (laboratory, "receive"), (laboratory, "release"), (surgeon, "resect"), (surgeon, "tell"),
    ):  # fmt: skip
        assert browser.post(place(f"steps/{step}")).status_code == 302
    for browser, step in ((laboratory, "release"), (surgeon, "resect")):
        assert "already recorded" in refused(browser, f"steps/{step}")
    assert surgeon.post(place("steps/place"), full).status_code == 302
    assert "already recorded" in refused(surgeon, "steps/place", full)
    assert "no step leads" in refused(signed_in("zhao"), "randomise", PASSWORD)


@pytest.mark.parametrize("before", ["randomised", "eligible"])
def test_no_treatment_after_a_withdrawal_from_it(
    world: World, signed_in: Browsers, before: str
) -> None:
    getattr(world, before)()
    participation.withdraw(
        by=world.coordinator, code="C-001", on=world.now.date(), stops=["treatment"], at=world.now
    )
    surgeon = signed_in("sun")
    if before == "eligible":
        assert "withdrawn from treatment" in refused(signed_in("zhao"), "randomise", PASSWORD)
        return
    for browser, step, sent in (
        (signed_in("zhou"), "steps/receive", {}),
        (surgeon, "steps/resect", {}),
        (surgeon, "steps/place", {"status": "done"}),
        (surgeon, "steps/place", {"status": "part", "reason": "Half of it"}),
    ):
        assert "withdrawn from treatment" in refused(browser, step, sent)
    assert surgeon.post(place("steps/place"), {"status": "not_done", "reason": "They withdrew"})
    assert world.row("C-001").state == "not_treated"


def test_a_withdrawal_from_nothing_or_from_the_same_again(
    world: World, signed_in: Browsers
) -> None:
    world.treated()
    team = signed_in("lin")
    parts = ("treatment", "visits", "contact", "samples")
    nothing = {"kind": "withdrawn", **TODAY, **{f"stops_{part}": "no" for part in parts}}
    assert "what the participant withdraws from" in refused(team, "participation", nothing)
    samples = {**nothing, "stops_samples": "yes"}
    assert team.post(place("participation"), samples).status_code == 302
    assert "已退出：样本使用" in team.get(place("").rstrip("/")).content.decode()
    assert "stops_samples" not in team.get(place("participation")).content.decode()
    assert "what the participant withdraws from" in refused(team, "participation", samples)
    assert "planned visits" in refused(team, "participation", {**nothing, "kind": "completed"})
    returned = {**nothing, "kind": "returned", "reason": "She rang"}
    assert "What happened" in refused(team, "participation", returned)
    assert b'value="returned"' not in team.get(place("participation")).content
    assert team.post(place("participation"), {**nothing, "kind": "lost", "reason": "No answer"})
    assert b'value="returned"' in team.get(place("participation")).content
    assert b'value="lost"' not in team.get(place("participation")).content
    assert team.post(place("participation"), returned).status_code == 302
    revoked = {"kind": "revoked", "ending": str(Ending.objects.get().pk), "reason": "另一名受试者"}
    assert team.post(place("participation"), revoked).status_code == 302
    assert "样本使用" not in team.get(place("").rstrip("/")).content.decode()


def test_what_nobody_asked_for_is_not_read(world: World, signed_in: Browsers) -> None:
    """A masked person who sends an answer that shows the arm writes nothing with it."""
    world.treated()
    world.visited("C-001", "day_0")
    masked = {username: signed_in(username) for username in ("lin", "zhao", "zheng", "jiang")}
    before = kept()
    form = place("visits/day_0/administration/1")
    for username, browser in masked.items():
        for end in ("", "/draft", "/sign"):
            sent = {"route": "intravenous", "password": PASSWORDS[username]}
            assert browser.post(form + end, sent).status_code == 404
    assert kept() == before
    assert not Draft.objects.exists()
