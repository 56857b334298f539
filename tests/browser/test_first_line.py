"""The thinnest whole line: consent, eligibility, randomisation, one form, one cut, one PDF page,
and a ledger that proves it."""

import io
from collections.abc import Callable
from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone
from playwright.sync_api import BrowserContext, Page, expect
from pypdf import PdfReader

from tests.integration.conduct.world import SEED, STUDY, World, screening_forms
from trialwright.accounts.models import Person
from trialwright.conduct.actions import studies
from trialwright.conduct.demonstration.people import CAST, ensure_people, password_of
from trialwright.ledger import files
from trialwright.ledger.verify import verify
from trialwright.protocol.demonstration import demonstration

SECRET = "a secret of the tests"
PASSWORDS = {cast.username: password_of(cast, SECRET) for cast in CAST}
ZONE = ZoneInfo("Asia/Shanghai")


@pytest.fixture
def world(transactional_db: None) -> World:
    """The signed study, with today as its day."""
    files.heads_path().unlink(missing_ok=True)
    ensure_people(STUDY, SECRET)
    now = timezone.now().astimezone(ZONE)
    world = World(now - timedelta(hours=1))
    studies.sign_protocol(
        by=world.investigator,
        source=demonstration().source_bytes,
        file_name="demo_haec_01.yaml",
        seed=SEED,
        at=now - timedelta(days=10),
    )
    return world


def sign_in(page: Page, username: str) -> None:
    page.goto("/sign-in")
    page.get_by_label("Name for signing in").fill(username)
    page.get_by_label("Password", exact=True).fill(PASSWORDS[username])
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_text(Person.objects.get(username=username).name)).to_be_visible()


def choose(page: Page, question: str, answer: str) -> None:
    page.get_by_role("group", name=question).get_by_label(answer, exact=True).check()


def test_one_line_through_the_trial(
    world: World, open_context: Callable[..., BrowserContext]
) -> None:
    coordinator = open_context().new_page()
    sign_in(coordinator, "lin")
    coordinator.goto(f"/studies/{STUDY}/participants")
    coordinator.get_by_role("link", name="Add to the screening log").click()
    coordinator.get_by_role("button", name="Add to the screening log").click()
    expect(coordinator.get_by_role("heading", level=1)).to_have_text("Participant C-001")

    coordinator.get_by_role("link", name="Record consent").click()
    coordinator.get_by_label("Time she agreed").fill(
        timezone.now().astimezone(ZONE).strftime("%H:%M")
    )
    coordinator.get_by_label("Zhao Wen, investigator").check()
    for part in demonstration().consent.parts:
        choose(coordinator, part.label.en, "Yes")
    coordinator.get_by_role("button", name="Record the consent").click()
    expect(coordinator.get_by_text("The consent is recorded.")).to_be_visible()

    coordinator.get_by_role("link", name="Screening", exact=True).click()
    coordinator.get_by_role("link", name="It took place").click()
    today = timezone.now().astimezone(ZONE).date()
    for box, value in (("Day", today.day), ("Month", today.month), ("Year", today.year)):
        coordinator.get_by_label(box, exact=True).fill(str(value))
    coordinator.get_by_role("button", name="Record the visit").click()
    coordinator.get_by_role("link", name="Who she is").click()
    coordinator.get_by_role("textbox", name="Age at consent").fill("31")
    coordinator.get_by_role("textbox", name="Height").fill("161")
    coordinator.get_by_role("textbox", name="Weight").fill("54.5")
    coordinator.get_by_role("button", name="Save").click()
    expect(coordinator.get_by_text("Saved and complete.")).to_be_visible()

    world.now = timezone.now()
    forms = screening_forms(today)
    for form in ("history", "hysteroscopy", "chemistry", "virology"):
        who = world.investigator if form == "hysteroscopy" else world.coordinator
        world.save(who, "C-001", "screening", form, forms[form])
    hcg = {"sampled_on": today.isoformat(), "sampled_at": "08:10", "hcg": "<1.2"}
    world.save(world.coordinator, "C-001", "admission", "beta_hcg", hcg)

    investigator = open_context().new_page()
    sign_in(investigator, "zhao")
    investigator.goto(f"/studies/{STUDY}/participants/C-001/eligibility")
    choose(investigator, "Willing to complete the study and to sign the consent", "Met")
    investigator.get_by_role("button", name="Save the answers").click()
    investigator.get_by_role("link", name="Confirm eligibility").click()
    investigator.get_by_label("Your password").fill(PASSWORDS["zhao"])
    investigator.get_by_role("button", name="Sign as investigator").click()
    investigator.get_by_role("link", name="Randomise").click()
    investigator.get_by_role("button", name="Randomise").click()
    expect(investigator.get_by_text("She is randomised.")).to_be_visible()
    arms = [arm.label.en for arm in demonstration().arms]
    for arm in arms:
        assert arm not in investigator.content()

    statistician = open_context().new_page()
    sign_in(statistician, "jiang")
    statistician.goto(f"/studies/{STUDY}/cuts")
    statistician.get_by_label("Name of the new cut").fill("first")
    statistician.get_by_role("button", name="Make a data cut").click()
    link = statistician.get_by_role("link", name="Pooled report (PDF)").get_attribute("href")
    pdf = statistician.request.get(link)
    assert pdf.ok
    first = PdfReader(io.BytesIO(pdf.body())).pages[0].extract_text()
    assert STUDY in first and "DEMONSTRATION" in first.upper()

    keys = files.keys()
    found = verify(STUDY, heads_path=files.heads_path(), publics=[keys.public], keys=keys)
    assert [str(each) for each in found.problems] == []


def test_who_is_not_signed_in_is_asked_to_and_who_may_not_sees_404(
    world: World, open_context: Callable[..., BrowserContext]
) -> None:
    page = open_context().new_page()
    page.goto(f"/studies/{STUDY}/participants")
    assert "/sign-in?next=" in page.url
    sign_in(page, "admin")
    answer = page.goto(f"/studies/{STUDY}/participants")
    assert answer is not None and answer.status == 404
