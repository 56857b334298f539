"""The story of a trial that guards its participants, in real browsers.

A lot fails, another is released and given, an event is upgraded, a clock runs, a rule is crossed
and holds, the board meets and lifts the hold. Whoever acts finds the act on a page: under Today, or
by the study's navigation; nothing is done but on pages.
"""

import re
import shutil
import subprocess
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
import time_machine
from playwright.sync_api import BrowserContext, expect
from typer.testing import CliRunner

from tests.browser.guarded_trial import STUDY, begin
from tests.browser.walk import Stage, Team, Walker
from trialwright.cli import app
from trialwright.custody.codes import wristband_of

BEGIN = datetime(2026, 3, 2, 9, 0, tzinfo=ZoneInfo("Asia/Shanghai"))
ON_HOLD = (
    "The trial is on hold: nobody is randomised, and no treatment begins, until the hold is ended "
    "by a signed decision. Whoever is allocated and not treated has standard care."
)


@pytest.fixture
def clock(transactional_db: None) -> Iterator[time_machine.Traveller]:
    """The clock of the program; the database keeps its own."""
    with time_machine.travel(BEGIN) as traveller:
        yield traveller


@pytest.fixture
def stage(clock: time_machine.Traveller, own_files: None) -> Stage:
    """The signed study without lots and participants."""
    return begin(BEGIN)


def test_a_trial_guards_its_participants(
    stage: Stage, clock: time_machine.Traveller, open_context: Callable[..., BrowserContext]
) -> None:
    team = Team(open_context, "en", stage)
    donor = a_donor(team["wu"])
    failed = a_lot(team["wu"], donor, sterility="positive")
    a_failed_lot(team["deng"], failed)
    lot = a_lot(team["wu"], donor, sterility="negative")
    released(team["deng"], lot)
    containers = label_and_send(team["wu"], lot, 3)
    receive(team["zhou"], len(containers))
    team["lin"].today()
    treated = []
    for container in containers[:2]:
        code = to_eligible(team["lin"], team["zhao"], "2026-03-02")
        randomised(team["zhao"], code)
        given(team["zhou"], team["sun"], code, container, lot)
        treated.append(code)
    waiting = to_eligible(team["lin"], team["zhao"], "2026-03-02")
    may_treat(team["zhao"], "Yes")

    clock.move_to(BEGIN + timedelta(days=1))
    stops = {"serious_hospitalisation": "yes", "stop_grade_3": "yes"}
    told_sponsor(team["lin"], treated[0], event(team["lin"], treated[0], "3", **stops))
    second = event(team["lin"], treated[1], "3")
    susar(team["luo"], "cn_other")
    may_treat(team["zhao"], "Yes")

    clock.move_to(BEGIN + timedelta(days=4))
    upgraded(team["lin"], second)
    susar(team["luo"], "cn_grave")
    refused_by_hold(team["zhao"], waiting)
    a_hold_to_decide(team["chen"])
    clock.move_to(BEGIN + timedelta(days=6))
    a_cut(team["wei"])
    an_encrypted_copy(team["wei"], team["chen"])
    decided(team["chen"], team["gao"])

    may_treat(team["zhao"], "Yes")
    randomised(team["zhao"], waiting)
    infused(team["sun"], waiting)
    proved = CliRunner().invoke(app, ["verify", STUDY])
    assert proved.exit_code == 0, proved.output


def a_donor(wu: Walker) -> str:
    wu.today()
    wu.sees("Nothing waits for you today.")
    wu.room("Products")
    wu.follow("Register a donor")
    wu.fill({"product": "cells"})
    wu.press("Register the donor")
    wu.sees("The donor has a code.")
    code = re.search(r"/donors/([^/?]+)", wu.page.url)
    assert code
    for test in ("hiv", "hepatitis_b", "syphilis"):
        wu.follow("Record a result")
        wu.fill({"test": test})
        wu.fill({f"result_{test}": "negative", "on": "2026-02-27"})
        wu.press("Record the result")
        wu.sees("The result is recorded.")
    return code[1]


def a_lot(wu: Walker, donor: str, sterility: str) -> str:
    wu.room("Products")
    wu.follow("Register a lot")
    wu.fill({
        "supplier": "Cell laboratory", "expires_on": "2027-03-31", "donors": donor,
        "donated_on": "2026-02-27", "medium": "MED-2207", "bag": "BAG-0419",
    })  # fmt: skip
    wu.press("Register the lot")
    wu.sees("The lot is registered, in quarantine.")
    code = re.search(r"/lots/([^/?]+)", wu.page.url)
    assert code
    results = {"viability": "92", "endotoxin": "0.1", "sterility": sterility}
    for test, result in results.items():
        wu.follow("Record a result")
        wu.fill({"test": test})
        wu.fill({f"result_{test}": result, "on": "2026-03-02"})
        wu.press("Record the result")
    return code[1]


def a_failed_lot(deng: Walker, lot: str) -> None:
    a_lot_to_decide(deng, lot)
    sign_status(deng, status="released")
    deng.sees("Sterility is not passed")
    sign_status(deng, status="failed", reason="Growth in both bottles")
    deng.sees("Signed and in effect.")


def released(deng: Walker, lot: str) -> None:
    a_lot_to_decide(deng, lot)
    sign_status(deng, status="released")
    deng.sees("Signed and in effect.")


def a_lot_to_decide(deng: Walker, lot: str) -> None:
    deng.today()
    deng.page.get_by_role("link", name=re.compile(rf"^{lot} · ")).click()
    deng.look()


def sign_status(deng: Walker, **answers: str) -> None:
    deng.fill(answers)
    password(deng)
    deng.press("Sign the status")


def label_and_send(wu: Walker, lot: str, number: int) -> list[str]:
    wu.room("Products")
    wu.follow(lot)
    wu.follow("Label containers")
    wu.fill({"number": str(number), "place": "Tank 1"})
    wu.press("Label the containers")
    codes = wu.page.locator('a[href*="/products/containers/"]').all_inner_texts()
    wu.follow("Send containers")
    for code in codes:
        wu.page.locator(f'[name="ticks.{code}"]').check()
    wu.fill({"site": "C", "temperature": "-152"})
    wu.press("Record that they were sent")
    return codes


def receive(zhou: Walker, number: int) -> None:
    zhou.today()
    zhou.page.get_by_role("link", name=re.compile(rf"^Site C · {number} ")).click()
    zhou.page.locator('[name="ticks.all"]').check()
    zhou.fill({"place": "Freezer 2", "temperature": "-149"})
    zhou.press("Record that they came")
    zhou.sees("The containers are in the site's stock.")


def to_eligible(lin: Walker, zhao: Walker, on: str) -> str:
    lin.room("Participants")
    lin.follow("Add to the screening log")
    lin.press("Add to the screening log")
    code = lin.page.url.rsplit("/", 1)[1]
    lin.follow("Record consent")
    lin.page.get_by_label(re.compile("Zhao Wen")).check()
    lin.fill({"given_on": on, "given_at": "08:00", "language": "zh"})
    lin.fill({"part_study": "yes", "part_pregnancy": "yes"})
    lin.press("Record the consent")
    lin.follow("Identity")
    lin.fill({"name": "Wang (invented)", "hospital_number": f"H{code}"})
    lin.press("Save")
    screening = lin.word(lin.stage.protocol.visit("screening").label)
    lin.follow("Record the visit “{visit}”", visit=screening)
    lin.fill({"on": on})
    lin.press("Record the visit")
    lin.follow(lin.stage.protocol.form("vital_signs").label)
    lin.fill({"age": "33", "weight": "52.4"})
    lin.press("Save")
    lin.follow(code)
    lin.follow("Eligibility, criterion by criterion")
    lin.fill({c.key: "pass" for c in lin.stage.protocol.criteria})
    lin.press("Save the answers")
    zhao.today()
    zhao.follow(f"{code} · {zhao.word('Confirm eligibility')}")
    zhao.sign("investigator")
    return code


def randomised(zhao: Walker, code: str) -> None:
    zhao.today()
    zhao.follow(f"{code} · {zhao.word('Randomise')}")
    password(zhao)
    zhao.press("Randomise")
    zhao.sees("The participant is randomised.")


def given(zhou: Walker, sun: Walker, code: str, container: str, lot: str) -> None:
    """Two people check the thawed container at the bedside; the doctor infuses."""
    zhou.room("Products")
    zhou.follow(lot)
    zhou.follow(container)
    zhou.follow("Record a move")
    zhou.fill({"status": "thawed", "place": "Ward"})
    zhou.press("Record the move")
    infuse = zhou.word(zhou.stage.protocol.step("infuse").label)
    zhou.today()
    zhou.follow(f"{code} · {infuse}")
    answers = {
        "wristband": wristband_of(code), "hospital_number": "H-of-another",
        "container": container, "amount": "100", "minutes": "20",
    }  # fmt: skip
    check(zhou, sun, answers)
    zhou.sees("Don't give it")
    zhou.sees("The check is kept as a near miss; nothing else has changed.")
    scans = {"wristband": answers["wristband"], "container": container}
    zhou.fill(scans | {"hospital_number": f"H{code}"})
    for name in ("amount", "minutes"):
        expect(zhou.page.locator(f'[name="{name}"]')).to_have_value(answers[name])
    expect(zhou.page.get_by_label(re.compile(sun.name))).to_be_checked()
    zhou.page.locator("#password").fill(sun.password)
    zhou.press("Check and give")
    zhou.sees("It may be given. The container is recorded as given.")
    infused(sun, code)


def check(zhou: Walker, sun: Walker, answers: dict[str, str]) -> None:
    zhou.fill(answers)
    zhou.page.get_by_label(re.compile(sun.name)).check()
    zhou.page.locator("#password").fill(sun.password)
    zhou.press("Check and give")


def infused(sun: Walker, code: str) -> None:
    sun.today()
    sun.follow(f"{code} · {sun.word(sun.stage.protocol.step('infuse').label)}")
    sun.fill({"status": "done"})
    sun.press("Record the step")
    sun.sees("The step is recorded.")


def event(lin: Walker, code: str, grade: str, **yes: str) -> str:
    """Record a fever of a participant; returns the number of the event."""
    lin.today()
    lin.room("Participants")
    lin.follow(code)
    lin.follow("Record an adverse event")
    lin.page.locator("#q").fill("fever")
    lin.press("Look for the term")
    lin.page.locator("ul.terms a").get_by_text(re.compile("Fever|发热")).first.click()
    asked = lin.page.locator("[name^=serious_][value=no], [name^=stop_][value=no]").all()
    for box in asked:
        box.check()
    lin.fill({"grade": grade, "started": "2026-03-03", "outcome": "recovering", **yes})
    lin.press("Record the event")
    lin.sees("The event is recorded.")
    return lin.page.url.rsplit("/", 1)[1].partition("?")[0]


def told_sponsor(lin: Walker, code: str, number: str) -> None:
    """The site's clock stands under Today with its due time, and ends by a signed report."""
    lin.today()
    clock = lin.page.get_by_role("link", name=re.compile(rf"^{code} · .*\b{number}\b"))
    clock.first.click()
    lin.follow("Record that it was reported")
    lin.fill({"how": "sent", "reference": f"S-{number}"})
    password(lin)
    lin.press("Sign, and end the clock")
    lin.sees("The clock has ended.")


def password(who: Walker) -> None:
    who.page.get_by_label(who.word("Your password")).fill(who.password)


def susar(luo: Walker, label: str) -> None:
    luo.today()
    luo.sees(next(r for r in luo.stage.rules if r.key == label).label)


def upgraded(lin: Walker, number: str) -> None:
    """The fever becomes grade 4 and life-threatening: the rule is crossed in that transaction."""
    lin.today()
    lin.room("Adverse events")
    lin.follow(number)
    lin.follow("Record another grade")
    lin.fill({"grade": "4", "since": "2026-03-06"})
    lin.press("Record the grade")
    lin.follow("Record what became of it")
    lin.fill({
        "serious_life_threatening": "yes", "stop_grade_3": "yes", "significant": "yes",
        "reason": "Now life-threatening",
    })  # fmt: skip
    lin.press("Save")
    lin.sees("Saved. What was said before stays in the audit trail.")


def refused_by_hold(zhao: Walker, code: str) -> None:
    """Nobody is randomised. That there is a hold is said to all, which arm to nobody blinded."""
    zhao.today()
    zhao.follow(f"{code} · {zhao.word('Randomise')}")
    zhao.sees("Trial on hold")
    password(zhao)
    zhao.press("Randomise")
    zhao.sees(ON_HOLD)
    zhao.room("Holds")
    zhao.sees("A stopping rule")
    zhao.sees("All randomisation, and every start of treatment")
    may_treat(zhao, "No")
    zhao.sees("The trial is on hold until a signed decision ends it.")


def may_treat(who: Walker, answer: str) -> None:
    who.today()
    who.room("Holds")
    who.follow("May we treat the next participant today?")
    expect(who.page.locator("main .status").first).to_have_text(who.word(answer))


def a_cut(wei: Walker) -> None:
    wei.today()
    wei.room("Data cuts")
    wei.page.get_by_label(wei.word("Name of the new cut")).fill("board-1")
    wei.press("Make a data cut")
    wei.sees("Report by arm (page)")


def an_encrypted_copy(wei: Walker, chen: Walker) -> None:
    """The statistician makes it; the member finds the password, and reads the arms in the file."""
    wei.follow("Encrypted copies for the board")
    wei.page.get_by_label(re.compile(chen.name)).check()
    wei.press("Make the copy")
    chen.today()
    chen.room("Data cuts")
    chen.follow("board-1")
    chen.follow("Encrypted copies for the board")
    password = chen.page.locator("td.code, td .code").last.inner_text()
    with chen.page.expect_download() as came:
        chen.page.locator('a[href$="/copies/1.pdf"]').click()
    file = str(came.value.path())
    arm = chen.stage.protocol.arms[0].label.en
    assert "Incorrect password" in read_pdf(file)
    assert arm in read_pdf(file, "-upw", password)


def read_pdf(file: str, *options: str) -> str:
    """What poppler says or reads of a file."""
    if shutil.which("pdftotext") is None:
        pytest.skip("NO POPPLER: the encrypted copy of the report was read by nobody")
    told = subprocess.run(["pdftotext", *options, file, "-"], capture_output=True, check=False)
    return (told.stdout + told.stderr).decode()


def a_hold_to_decide(chen: Walker) -> None:
    """The board sees which arm is held, and that no data were cut since: nothing to sign yet."""
    chen.today()
    chen.page.locator('main a[href$="/holds/decide"]').click()
    chen.sees(chen.stage.protocol.arms[0].label)
    chen.sees("None since the last hold was set: cut the data first")
    expect(chen.page.get_by_label(chen.word("Your password"))).to_have_count(0)


def decided(chen: Walker, gao: Walker) -> None:
    """The members read the cut, meet and sign; one of them signs the decision that names it."""
    chen.today()
    chen.room("Holds")
    chen.follow("Meetings of the board")
    chen.follow("Record a meeting")
    chen.fill({
        "held_on": "2026-03-08", "cut": "board-1", "present_0": "yes", "present_1": "yes",
        "minutes": "The board read the cut.", "recommendation": "continue",
        "reason": "Both recovered within a day", "closed_minutes": "Two of two in one arm.",
    })  # fmt: skip
    chair = chen.page.locator("[name=chair]")
    chair.first.check()
    chen.press("Save")
    chen.sees("Recorded. The chair and the members sign it next.")
    chen.sign("safety board")
    chen.sees("Signed.")
    gao.today()
    gao.follow("Meeting {number} of the board", number=1)
    gao.sign("safety board")
    gao.sees("Signed.")
    chen.today()
    chen.page.locator('main a[href$="/holds/decide"]').click()
    chen.fill({"choice": "resume", "meeting": "1", "reason": "The board recommends to go on"})
    chen.sign("safety board")
    chen.sees("Signed and in effect.")
    chen.sees("No hold is in force.")
