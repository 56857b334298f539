"""The pages of the door: links that open once, who sees what, files that are taken."""

from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone

from tests.integration.conduct.other_trials import COHORT, INFUSIONS
from tests.integration.conduct.refusing import stored
from tests.integration.setup.team import (
    PASSWORD,
    actor,
    begin,
    come_in,
    first_administrator,
    set_up,
)  # fmt: skip
from trialwright.accounts.invitations import token_of
from trialwright.accounts.models import Invitation, Membership, Person
from trialwright.conduct.actions import people
from trialwright.conduct.actions.activation import activate, sign_draft
from trialwright.conduct.actions.people import RoleGiven
from trialwright.conduct.actions.simulating import SimulatedOnce, record_simulation
from trialwright.conduct.models import Study
from trialwright.conduct.reads.setup import setup_of

pytestmark = pytest.mark.django_db
TWICE = {"password": PASSWORD, "again": PASSWORD}


def signed_in(username: str) -> Client:
    browser = Client()
    browser.force_login(Person.objects.get(username=username))
    return browser


def link_to_lin() -> str:
    administrator, _investigator = set_up(COHORT)
    made = people.invite(
        by=administrator, username="lin", name="Lin Yue", roles=[RoleGiven("coordinator", "C")]
    )
    return f"/join/{token_of(made)}"


def test_a_link_sets_a_password_once_and_lets_in() -> None:
    link = link_to_lin()
    browser = Client()
    assert browser.get(link).status_code == 200
    differs = browser.post(link, {"password": PASSWORD, "again": "something else"})
    assert differs.status_code == 409 and b"differ" in differs.content
    easy = browser.post(link, {"password": "short", "again": "short"})
    assert easy.status_code == 409 and b"too short" in easy.content
    came = browser.post(link, TWICE)
    assert came.status_code == 302 and came["Location"].startswith("/studies/COHORT-01")
    assert browser.get("/account").status_code == 200
    for again in (Client().get(link), Client().post(link, TWICE)):
        assert again.status_code == 410 and b"used already" in again.content


def test_a_link_that_expired_or_was_replaced_opens_nothing() -> None:
    link = link_to_lin()
    Invitation.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    before = stored()
    for answer in (Client().get(link), Client().post(link, TWICE)):
        assert answer.status_code == 410 and b"another" in answer.content
    assert stored() == before


def test_a_link_is_not_for_somebody_else_who_is_signed_in() -> None:
    link, browser = link_to_lin(), signed_in("xu")
    before = stored()
    for answer in (browser.get(link), browser.post(link, TWICE)):
        assert answer.status_code == 410 and b"another person" in answer.content
    assert stored() == before
    assert not Person.objects.get(username="lin").is_active


def test_a_link_that_still_opens_is_in_no_log(caplog: pytest.LogCaptureFixture) -> None:
    link, browser = link_to_lin(), signed_in("xu")
    browser.get(link)
    Client().post(link, {"password": "short", "again": "short"})
    assert link.removeprefix("/join/") not in caplog.text


def test_a_link_that_nobody_made_is_not_there() -> None:
    link = link_to_lin()
    for forged in (link[:-1], link + "A", "/join/nothing", link.replace("-", "0", 1)):
        assert Client().get(forged).status_code == 404


def test_who_may_see_and_send_while_a_study_is_set_up() -> None:
    administrator, _investigator = set_up(INFUSIONS)
    come_in(administrator, "lin", RoleGiven("coordinator", "C"))
    come_in(administrator, "wang", RoleGiven("statistician"))
    here = "/studies/INFUSION-01/setup"
    seen = {
        "": {"xu", "zhao", "lin", "wang"},
        "/protocol": {"xu", "zhao", "lin", "wang"},
        "/sites": {"xu", "zhao", "lin", "wang"},
        "/sites/C": {"xu", "zhao", "lin", "wang"},
        "/people": {"xu"},
        "/sign": {"zhao"},
        "/activation": {"xu", "zhao"},
    }
    sends = seen | {
        "": set(), "/protocol": {"xu", "zhao"}, "/sites": {"xu"}, "/sites/C": {"xu", "zhao"},
    }  # fmt: skip
    for place, who in seen.items():
        for username in ("xu", "zhao", "lin", "wang"):
            browser = signed_in(username)
            status = browser.get(here + place).status_code
            assert status == (200 if username in who else 404), f"{username} {place}"
            if username not in sends[place]:
                before = stored()
                answer = browser.post(here + place, {"move": "close", "reason": "x"})
                assert answer.status_code in (200, 404), f"{username} sends to {place}"
                assert stored() == before
        stranger = Client().get(here + place)
        assert stranger.status_code == 302 and stranger["Location"].startswith("/sign-in")
    begin(COHORT, None)
    assert signed_in("zhao").get("/studies/COHORT-01/setup").status_code == 404
    assert signed_in("zhao").get("/studies/COHORT-01").status_code == 404


def test_a_study_that_does_not_run_leads_to_its_set_up() -> None:
    set_up(COHORT)
    answer = signed_in("zhao").get("/studies/COHORT-01")
    assert answer.status_code == 302 and answer["Location"] == "/studies/COHORT-01/setup"
    assert signed_in("zhao").get("/studies/COHORT-01/participants").status_code == 404


def test_a_new_study_comes_from_a_file_a_number_or_another_study() -> None:
    first_administrator()
    browser = signed_in("xu")
    assert browser.get("/studies/new").status_code == 200
    nothing = browser.post("/studies/new", {"kind": ""})
    assert nothing.status_code == 409 and b"one of the three" in nothing.content
    upload = SimpleUploadedFile("cohort.yaml", COHORT.encode())
    began = browser.post("/studies/new", {"file": upload, "kind": ""})
    assert began.status_code == 302 and began["Location"] == "/studies/COHORT-01/setup/sites"
    copied = browser.post(
        "/studies/new", {"copy": "COHORT-01", "identifier": "COHORT-02", "kind": "real"}
    )
    assert copied.status_code == 302
    assert not Study.objects.get(pk="COHORT-02").demonstration
    unknown = browser.post("/studies/new", {"number": "NCT99999999", "kind": ""})
    assert unknown.status_code == 409 and b"No trial of the library" in unknown.content
    other = come_in(actor("xu", "COHORT-01"), "he", RoleGiven("statistician"))
    assert other and signed_in("he").get("/studies/new").status_code == 404


def test_another_file_takes_the_place_of_the_draft_and_no_other_page_takes_one() -> None:
    administrator, investigator = set_up(COHORT)
    waiting = setup_of("COHORT-01").waiting
    assert waiting is not None
    sign_draft(by=investigator, sha256=waiting.sha256)
    here = "/studies/COHORT-01/setup/protocol"
    broken = COHORT.replace("anchor: consent", "anchor: nowhere").encode()
    answer = signed_in("xu").post(here, {"file": SimpleUploadedFile("two.yaml", broken)})
    assert answer.status_code == 302
    page = signed_in("xu").get(f"{here}?origin=assumed")
    assert b"two.yaml" in page.content and b"nowhere" in page.content
    waiting = setup_of("COHORT-01").waiting
    assert waiting is not None and waiting.signatures == ()
    none = signed_in("xu").post(here, {})
    assert none.status_code == 409 and b"Choose a protocol file" in none.content
    elsewhere = signed_in("xu").post(
        "/studies/COHORT-01/setup/people", {"file": SimpleUploadedFile("x.yaml", b"x")}
    )
    assert elsewhere.status_code == 400
    assert administrator


def test_roles_end_on_the_page_of_the_person() -> None:
    administrator, investigator = set_up(COHORT)
    place = f"/studies/COHORT-01/setup/people/{investigator.person_id}"
    held = Membership.objects.get(person=investigator.person_id)
    browser = signed_in("xu")
    assert browser.get(place).status_code == 200
    assert browser.post(place, {"end": "999999"}).status_code == 404
    assert browser.post(place, {"end": str(held.pk)}).status_code == 302
    own = f"/studies/COHORT-01/setup/people/{administrator.person_id}"
    left = browser.post(own, {"end": "all"})
    assert left.status_code == 409 and b"Nobody would be left" in left.content


def test_the_simulations_of_the_file_are_listed_for_who_signs_or_manages() -> None:
    administrator, investigator = set_up(COHORT)
    browser, place = signed_in("zhao"), "/studies/COHORT-01/setup/simulation"
    empty = browser.get(place).content.decode()
    assert "trialwright study simulate COHORT-01 --by zhao" in empty
    waiting = setup_of("COHORT-01").waiting
    assert waiting is not None
    runs = [SimulatedOnce(1, 5, ("5 of 6 participants entered",), 3, "c" * 64, "d" * 64)]
    record_simulation(by=investigator, sha256=waiting.sha256, participants=6, runs=runs)
    said = browser.get(place).content.decode()
    assert "5 of 6 participants entered" in said and "Not passed" in said
    assert f'href="{place}"' in browser.get("/studies/COHORT-01/setup").content.decode()
    come_in(administrator, "lin", RoleGiven("coordinator", "C"))
    assert signed_in("lin").get(place).status_code == 404


def test_an_amendment_is_told_in_words_put_in_force_and_begun_at_a_site() -> None:
    administrator, investigator = set_up(COHORT)
    waiting = setup_of("COHORT-01").waiting
    assert waiting is not None
    sign_draft(by=investigator, sha256=waiting.sha256)
    activate(by=investigator)
    come_in(administrator, "lin", RoleGiven("coordinator", "C"))
    browser, place = signed_in("zhao"), "/studies/COHORT-01/setup"
    assert browser.get(f"{place}/amendment").status_code == 404
    second = COHORT.replace('version: "1"\ndate', 'version: "2"\ndate').replace(
        "window_after_days: 30, forms", "window_after_days: 60, forms"
    )
    text = f"{second}amendment: {{moves: at_once, why: The clinic is closed in summer}}\n"
    file = SimpleUploadedFile("second.yaml", text.encode())
    assert browser.post(f"{place}/protocol", {"file": file}).status_code == 302
    said = browser.get(f"{place}/amendment").content.decode()
    assert "was 30; is 60" in said and "The clinic is closed in summer" in said
    assert "signed by an investigator" in said
    assert browser.post(f"{place}/amendment").status_code == 409
    waiting = setup_of("COHORT-01").waiting
    assert waiting is not None
    sign_draft(by=investigator, sha256=waiting.sha256)
    assert browser.post(f"{place}/amendment").status_code == 302
    listed = browser.get(f"{place}/versions").content.decode()
    assert "Begin version 2 at a site" in listed and f'href="{place}/versions/1"' in listed
    past = browser.get(f"{place}/versions/1").content.decode()
    assert "Protocol 1" in past
    today = timezone.localdate()
    vote = {"site": "C", "reference": "EC-14"} | {
        f"ethics_on.{part}": str(getattr(today, part)) for part in ("year", "month", "day")
    }
    assert browser.post(f"{place}/versions", vote).status_code == 302
    assert "EC-14" in browser.get(f"{place}/versions").content.decode()
    seen = signed_in("lin").get(f"{place}/versions").content.decode()
    assert "Nobody has to consent again" in seen
    assert signed_in("lin").post(f"{place}/versions", vote).status_code == 404


def test_data_are_locked_lifted_and_the_study_closed_with_the_password() -> None:
    administrator, investigator = set_up(COHORT)
    waiting = setup_of("COHORT-01").waiting
    assert waiting is not None
    sign_draft(by=investigator, sha256=waiting.sha256)
    browser, place = signed_in("zhao"), "/studies/COHORT-01/setup"
    assert browser.get(f"{place}/closing").status_code == 404
    activate(by=investigator)
    come_in(administrator, "lin", RoleGiven("coordinator", "C"))
    said = {"level": "lock", "reason": "Reviewed", "password": PASSWORD}
    assert browser.post(f"{place}/locks", said | {"password": "wrong"}).status_code == 403
    nowhere = browser.post(f"{place}/locks", said | {"site": "X"})
    assert nowhere.status_code == 409 and b"no site of this code" in nowhere.content
    assert b"Reviewed" in nowhere.content, "what was typed is kept"
    assert browser.post(f"{place}/locks", said).status_code == 302
    listed = browser.get(f"{place}/locks").content.decode()
    assert "the whole study" in listed and f'href="{place}/locks/1"' in listed
    lift = {"password": PASSWORD, "reason": ""}
    assert browser.post(f"{place}/locks/1", lift).status_code == 409
    assert browser.post(f"{place}/locks/1", lift | {"reason": "A correction"}).status_code == 302
    assert browser.get(f"{place}/locks/1").status_code == 404
    for hidden in ("locks", "closing"):
        assert signed_in("lin").get(f"{place}/{hidden}").status_code == 404
    assert browser.post(f"{place}/closing", {"password": PASSWORD}).status_code == 302
    closed = browser.get(f"{place}/closing").content.decode()
    assert "Open the study again" in closed
    again = {"password": PASSWORD, "reason": "A late answer"}
    assert browser.post(f"{place}/closing", again).status_code == 302
    assert Study.objects.get().closed_at is None
