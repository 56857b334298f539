"""The whole story in real browsers: from the screening log to the report, each role in turn.

It is told in both languages. The clock is set from day to day; whatever is done is done on the
pages.
"""

import re
import shutil
import subprocess
from collections.abc import Callable, Iterator
from datetime import timedelta
from io import BytesIO

import pytest
import time_machine
from django.utils import translation
from playwright.sync_api import BrowserContext, expect
from pypdf import PdfReader
from typer.testing import CliRunner

from tests.browser.chapters import (
    BEGIN,
    HER,
    PROTOCOL,
    baseline_and_admission,
    day,
    eligibility,
    enter,
    screening,
    screening_forms,
    sign,
    straight_to_her_place,
    visit,
)
from tests.browser.conftest import SHOTS
from tests.browser.walk import ARMS, SECRET, Team, Walker
from tests.integration.conduct.world import SEED, STUDY, World
from trialwright.cli import app
from trialwright.conduct.actions import studies
from trialwright.conduct.allocation import allocation_list
from trialwright.conduct.models import Draft, Participant
from trialwright.demonstration.people import ensure_people
from trialwright.demonstration.protocol import demonstration
from trialwright.ledger import journal
from trialwright.web import dates


@pytest.fixture
def clock(transactional_db: None) -> Iterator[time_machine.Traveller]:
    """The clock of the program, at the beginning; the database keeps its own."""
    with time_machine.travel(BEGIN) as traveller:
        yield traveller


@pytest.fixture
def world(clock: time_machine.Traveller, own_files: None) -> World:
    """The signed study without participants."""
    ensure_people(STUDY, SECRET)
    world = World(BEGIN)
    studies.sign_protocol(
        by=world.investigator,
        source=PROTOCOL.source_bytes,
        file_name="demo_haec_01.yaml",
        seed=SEED,
        at=BEGIN - timedelta(days=10),
    )
    return world


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_from_the_screening_log_to_the_report(
    world: World,
    clock: time_machine.Traveller,
    open_context: Callable[..., BrowserContext],
    language: str,
) -> None:
    team = Team(open_context, language)
    with translation.override(language):
        screening(team["lin"])
        screening_forms(team["lin"], team["zhao"])
        clock.move_to(BEGIN + timedelta(days=60))
        baseline_and_admission(team["lin"])
        eligibility(team["lin"], team["zhao"])
        the_day(team)
        a_correction(team)
        clock.move_to(BEGIN + timedelta(days=75))
        another_woman(team)
        clock.move_to(BEGIN + timedelta(days=152))
        visits_between(team["lin"])
        month_3(team)
        the_report(team)
    assert not Draft.objects.exists(), "what was saved is nobody's draft any more"
    proved = CliRunner().invoke(app, ["verify", STUDY])
    assert proved.exit_code == 0, proved.output


def the_day(team: Team) -> None:
    zhou, sun, lin = team["zhou"], team["sun"], team["lin"]
    sun.open(HER)
    assert [arm for arm in ARMS if arm in sun.page.content()] == []
    zhou.page.goto("/")
    zhou.follow("Sign in")
    zhou.sign_in()
    called = {step.key: step.label for step in PROTOCOL.steps}
    zhou.follow(f"C-001 · {zhou.word(called['receive'])}")
    zhou.press("Record the step")
    seen = zhou.page.locator(".sealed").inner_text()
    arm = next(arm for arm in PROTOCOL.arms if zhou.word(arm.label) in seen)
    zhou.follow(called["release"])
    zhou.press("Record the step")
    zhou.sees("The step is recorded.")

    sun.open(HER)
    sun.follow(called["resect"])
    sun.press("Record the step")
    assert zhou.word(arm.label) not in sun.page.content()
    sun.follow(called["tell"])
    sun.press("Record the step")
    sun.sees(arm.label)
    sun.follow(called["place"])
    sun.fill({"status": "done"})
    sun.fill({"despite": "Agreed with the medical monitor"})
    sun.press("Record the step")
    sun.sees("The step is recorded.")
    the_day_s_forms(team)

    lin.open(f"{HER}/visits/month_3")
    lin.sees(dates.written(day(60 + 83)))
    lin.sees(dates.written(day(60 + 97)))
    lin.open(f"{HER}/visits/after_hormones")
    lin.sees(dates.written(day(60 + 112)))


def the_day_s_forms(team: Team) -> None:
    lin, sun, zhou = team["lin"], team["sun"], team["zhou"]
    visit(lin, "day_0", day(60))
    lin.misses(PROTOCOL.form("administration").label)
    enter(sun, "day_0/procedure", {
        "operated_on": day(60).isoformat(), "started_at": "09:05", "resected_at": "09:40",
        "completeness": "complete", "fluid_deficit": "300", "blood_loss": "20",
        "perforation": "no", "balloon_in": "yes", "antibiotics": "yes",
    })  # fmt: skip
    sign(sun, "day_0/procedure", "operating surgeon")
    enter(zhou, "day_0/administration", {
        "lot": "HAEC-24-007", "route": "intrauterine", "thawed_at": "missing:not_applicable",
        "given_at": "09:45", "given": "whole", "viable_cells": "missing:not_applicable",
        "infusion_covered": "yes",
    })  # fmt: skip
    sign(zhou, "day_0/administration", "product handler")
    lin.open(f"{HER}/visits/day_0/vital_signs/1")
    lin.fill({"temperature": "36.6", "pulse": "72", "systolic": "70", "diastolic": "95"})
    lin.press("Save")
    wrong = next(c for c in PROTOCOL.form("vital_signs").checks if c.key == "pressures")
    expect(lin.page.get_by_role("alert")).to_contain_text(lin.word(wrong.message))
    lin.fill({"systolic": "112", "diastolic": "70", "saturation": "98"})
    lin.press("Save")
    lin.sees("Saved and complete.")


def a_correction(team: Team) -> None:
    """A monitor asks, the coordinator answers and corrects, the signature is void, and again."""
    feng, lin, zhao = team["feng"], team["lin"], team["zhao"]
    form = f"{HER}/visits/screening/demographics/1"
    feng.open(f"{form}/answers")
    feng.page.locator('a[href$="/ask/weight"]').click()
    feng.fill({"text": "The source says 48 kg. Which is right?"})
    feng.press("Raise the query")
    feng.sees("The query is raised; the site sees it today.")

    lin.page.goto("/today")
    lin.page.get_by_role("link", name=re.compile("Which is right")).click()
    lin.fill({"answer": "Misread: it is 48 kg"})
    lin.press("Answer the query")
    lin.open(form)
    lin.fill({"weight": "48"})
    lin.press("Save")
    question = lin.word(demonstration().form("demographics").item("weight").label)
    asked = lin.word("Say why this is changed: the form was complete. %(question)s")
    lin.sees(asked % {"question": question})
    lin.page.locator("#why-weight").fill("Misread from the source")
    lin.press("Save")
    lin.sees("Saved and complete.")
    lin.open(f"{form}/history/weight")
    lin.sees("Misread from the source")
    expect(lin.page.locator("main tbody tr")).to_have_count(2)

    zhao.open(f"{form}/answers")
    zhao.sees(lin.word("Signed"))
    void = zhao.word("{signature}; void since {moment}, because what was signed changed")
    zhao.sees(void.split("{signature}")[1].split("{moment}")[0])
    sign(zhao, "screening/demographics", "investigator")
    feng.open("queries?status=answered")
    feng.page.locator("tbody tr", has_text="Which is right").get_by_role("link").first.click()
    feng.press("Close the query")
    feng.sees("The query is closed.")


def another_woman(team: Team) -> None:
    """She is randomised and not treated, and withdraws from some things, not from all."""
    sun, lin = team["sun"], team["lin"]
    her = straight_to_her_place(lin, team["zhao"], day(75))
    sun.open(her)
    sun.follow("Record as not given: {step}", step=sun.word(PROTOCOL.step("place").label))
    sun.fill({"status": "not_done", "reason": "Perforation of the uterus; she was not treated"})
    sun.press("Record the step")
    # Words about a treatment may tell the arm: they are not for who has not seen it.
    sun.sees("Not treated")
    sun.misses("Perforation of the uterus")

    lin.open(f"{her}/participation")
    lin.fill({"kind": "withdrawn"})
    lin.fill({
        "on": day(75).isoformat(),
        "stops_treatment": "no", "stops_visits": "yes", "stops_contact": "no",
        "stops_samples": "yes",
    })  # fmt: skip
    lin.press("Save")
    lin.sees("Saved. Earlier data stay and can be corrected.")
    lin.sees("Withdrawn from visits, contact continues")
    corrected = f"{her}/visits/screening/demographics/1"
    lin.open(corrected)
    lin.fill({"height": "162.5"})
    lin.page.locator("#why-height").fill("Measured again")
    lin.press("Save")
    lin.sees("Saved and complete.")
    lin.open(f"{her}/visits/screening/virology/1")
    lin.sees(PROTOCOL.code_list("test_result").code("negative").label)


def visits_between(lin: Walker) -> None:
    for key, number in (("day_1", 61), ("day_3", 63), ("day_7", 68), ("month_1", 91)):
        visit(lin, key, day(number))


def month_3(team: Team) -> None:
    lin, zheng = team["lin"], team["zheng"]
    enter(lin, "running/hormones", {
        "first_day": day(62).isoformat(), "cycles": "3", "as_prescribed": "yes",
        "last_day": day(146).isoformat(),
    })  # fmt: skip
    lin.open(f"{HER}/visits/after_hormones")
    lin.sees(dates.written(day(146 + 28)))
    visit(lin, "month_3", day(152))
    enter(lin, "month_3/menses", {
        "diary_back": "yes", "bled": "yes", "first_day": day(148).isoformat(), "on_hormones": "no",
        "days": "4", "pads": "10", "category": "normal",
    })  # fmt: skip
    zheng.open(f"{HER}/visits/month_3")
    enter(zheng, "month_3/second_look", {
        "looked_on": day(152).isoformat(), "scored_on": day(152).isoformat(), "extent": "none",
        "adhesion_type": "none", "menses": "normal", "esh_stage": "none", "endometritis": "no",
    })  # fmt: skip
    sign(zheng, "month_3/second_look", "outcome assessor")
    zheng.open(f"{HER}/visits/month_3/second_look/1/answers")
    zheng.sees(PROTOCOL.code_list("afs_stage").code("no_adhesions").label)

    lin.open(f"{HER}/participation")
    lin.fill({"kind": "withdrawn"})
    lin.fill({
        "on": day(152).isoformat(),
        "stops_treatment": "no", "stops_visits": "no", "stops_contact": "no",
        "stops_samples": "yes",
    })  # fmt: skip
    lin.press("Save")
    lin.sees("Treated")
    if lin.language == "en":
        # The README's picture, docs/pictures/participant.png, is a copy of this one.
        lin.open(HER)
        lin.page.screenshot(path=SHOTS / "readme-participant.png")


def the_report(team: Team) -> None:
    jiang, wei = team["jiang"], team["wei"]
    jiang.open("cuts")
    jiang.page.get_by_label(jiang.word("Name of the new cut")).fill("board-1")
    head = journal.head(STUDY)
    jiang.press("Make a data cut")
    jiang.sees(head.hash.hex())
    jiang.misses("Report by arm (PDF)")
    jiang.follow("Pooled report (page)")
    by_arm = f"/studies/{STUDY}/cuts/board-1/report-by-arm"
    for kind in ("pdf", "html"):
        assert jiang.page.request.get(f"{by_arm}.{kind}").status == 404

    wei.open("cuts/board-1")
    wei.follow("Report by arm (page)")
    held = {allocation_list.arm_of(woman) for woman in Participant.objects.filter(study=STUDY)}
    arms = [arm.label for arm in PROTOCOL.arms if arm.number in held]
    for label in arms:
        expect(wei.page.locator("body")).to_contain_text(wei.word(label))

    mark = {"en": "demonstration", "zh-hans": "演示"}[jiang.language]
    for walker, name in ((jiang, "report.pdf"), (wei, "report-by-arm.pdf")):
        answer = walker.page.request.get(f"/studies/{STUDY}/cuts/board-1/{name}")
        assert answer.ok
        pages = text_of(answer.body())
        for page in pages:
            assert mark in page.casefold()
            assert head.hash.hex()[:12] in page
        told = re.sub(r"\s", "", "".join(pages))
        said = [label for label in arms if re.sub(r"\s", "", walker.word(label)) in told]
        assert said == ([] if walker.masked else arms)


def text_of(pdf: bytes) -> list[str]:
    """The text of each page as `pdftotext` reads it, or pypdf where that isn't installed."""
    if not shutil.which("pdftotext"):
        return [page.extract_text() for page in PdfReader(BytesIO(pdf)).pages]
    read = subprocess.run(["pdftotext", "-", "-"], input=pdf, capture_output=True, check=True)
    return read.stdout.decode().rstrip("\f").split("\f")
