"""The chapters of a woman's story up to her randomisation, and what recurs in all of them."""

import re
from datetime import date, datetime, timedelta

from playwright.sync_api import expect

from tests.browser.walk import Walker
from tests.integration.conduct.world import HISTORY, ZONE
from tests.integration.conduct.world import screening_forms as screening_answers
from trialwright.demonstration.protocol import demonstration

BEGIN = datetime(2024, 3, 4, 9, 0, tzinfo=ZONE)
PROTOCOL = demonstration()
HER = "participants/C-001"


def day(number: int) -> date:
    return BEGIN.date() + timedelta(days=number)


def screening(lin: Walker) -> None:
    lin.page.goto("/")
    lin.follow("Sign in")
    lin.sign_in()
    lin.sees("Nothing waits for you today.")
    lin.follow("Participants")
    lin.sees("Nobody has been screened yet. Begin with the screening log.")
    lin.follow("Add to the screening log")
    lin.press("Add to the screening log")
    lin.sees("Participant {code}", code="C-001")
    expect(lin.page.get_by_role("link", name=lin.word("Randomise"), exact=True)).to_have_count(0)

    lin.follow("Record consent")
    lin.sees(
        "Version {version} of the consent document. No study procedure comes before it.",
        version="1.0",
    )
    lin.page.get_by_label(re.compile("Zhao Wen")).check()
    # Neither the day nor the language is filled in: what is not looked at would be wrong.
    lin.fill({"given_on": day(0).isoformat(), "given_at": "09:00", "language": "zh"})
    lin.fill({"part_study": "yes", "part_samples": "no"})
    lin.press("Record the consent")
    expect(lin.page.get_by_role("alert").get_by_role("link")).to_have_count(2)
    expect(lin.page.get_by_label(re.compile("Zhao Wen"))).to_be_checked()
    lin.fill({"part_pregnancy": "yes", "part_contact": "yes"})
    lin.press("Record the consent")
    lin.sees("The consent is recorded.")
    visit(lin, "screening", day(0))


def visit(lin: Walker, key: str, on: date, her: str = HER) -> None:
    """Record that a visit of hers took place."""
    lin.open(her)
    lin.follow(PROTOCOL.visit(key).label)
    lin.follow("It took place")
    lin.fill({"on": on.isoformat()})
    lin.press("Record the visit")
    lin.sees("The visit is recorded; its forms are open.")


def enter(who: Walker, place: str, answers: dict[str, str], her: str = HER) -> None:
    """Fill in a form of hers and save it: complete."""
    visit_key, form = place.split("/")
    who.open(f"{her}/visits/{visit_key}")
    label = who.word(PROTOCOL.form(form).label)
    who.follow(f"{label} 1" if PROTOCOL.form(form).repeating else label)
    who.fill(answers)
    who.press("Save")
    who.sees("Saved and complete.")


def screening_forms(lin: Walker, zhao: Walker) -> None:
    on = day(0).isoformat()
    lin.open(f"{HER}/visits/screening/demographics/1")
    lin.fill({"age": "31", "height": "16.1", "weight": "38"})
    lin.press("Save")
    height = lin.page.get_by_role("alert").get_by_role("link", name=re.compile("120"))
    height.click()
    expect(lin.page.locator("#i-height")).to_be_focused()
    lin.fill({"height": "161"})
    remark = lin.page.get_by_label(lin.word("If it is right, say why"))
    remark.fill("Weighed twice")
    lin.press("Save")
    lin.sees("Saved and complete.")

    lin.follow(PROTOCOL.form("history").label)
    lin.fill({**HISTORY, "adhesiolyses": "1", "failed_adhesiolyses": "3"})
    lin.press("Save")
    refusal = next(c for c in PROTOCOL.form("history").checks if c.key == "failed_within_all")
    expect(lin.page.get_by_role("alert")).to_contain_text(lin.word(refusal.message))
    lin.fill({"failed_adhesiolyses": "1"})
    lin.press("Save")
    lin.sees("Saved and complete.")

    enter(lin, "screening/blood_count", {
        "sampled_on": on, "haemoglobin": "128", "leukocytes": "missing:sample_lost",
        "platelets": "240",
    })  # fmt: skip
    enter(lin, "screening/chemistry", {
        "sampled_on": on, "alt": "18", "ast": "21", "bilirubin": "9.5", "creatinine": "56",
        "inr": "1.0", "fibrinogen": "2.8",
    })  # fmt: skip
    enter(lin, "screening/virology", {
        "sampled_on": on, "hiv": "negative", "hbsag": "negative", "hcv": "negative",
        "syphilis": "negative",
    })  # fmt: skip
    lin.open(f"{HER}/visits/screening/blood_count/1/answers")
    lin.sees(PROTOCOL.code_list("missing_reasons").code("sample_lost").label)

    enter(zhao, "screening/hysteroscopy", {
        "looked_on": on, "extent": "over_two_thirds", "adhesion_type": "dense",
        "menses": "hypomenorrhoea", "esh_stage": "IIIa",
    })  # fmt: skip
    sign(zhao, "screening/demographics", "investigator")


def sign(who: Walker, place: str, role: str) -> None:
    """Check the answers of a form of hers and sign them."""
    who.open(f"{HER}/visits/{place}/1")
    who.follow("Check and sign")
    who.sign(role)
    who.sees("Signed.")


def baseline_and_admission(lin: Walker) -> None:
    lin.open(HER)
    lin.follow(PROTOCOL.visit("baseline_cycle_1").label)
    lin.follow("It was missed")
    lin.fill({"reason": "Away for work"})
    lin.press("Record it as missed")
    lin.sees("Missed")
    visit(lin, "baseline_cycle_2", day(60))
    enter(lin, "baseline_cycle_2/menses", {
        "diary_back": "yes", "bled": "yes", "first_day": day(55).isoformat(), "on_hormones": "no",
        "days": "2", "pads": "3", "category": "scant",
    })  # fmt: skip
    counts = ("tampons_light", "tampons_medium", "tampons_soaked", "pads_medium", "pads_soaked",
              "clots_small", "clots_large")  # fmt: skip
    enter(lin, "baseline_cycle_2/pbac", {"pads_light": "3", **dict.fromkeys(counts, "0")})
    enter(lin, "admission/beta_hcg", {
        "sampled_on": day(60).isoformat(), "sampled_at": "08:10", "hcg": "<1.2",
    })  # fmt: skip


def eligibility(lin: Walker, zhao: Walker) -> None:
    lin.open(HER)
    lin.follow("Eligibility, criterion by criterion")
    expect(lin.page.locator('[name="age"][value="pass"]')).to_be_checked()
    lin.fill({"consent": "unknown"})
    lin.press("Save the answers")
    lin.page.get_by_role("alert").get_by_role("link").click()
    lin.fill({"consent_why": "She asked for a day to think"})
    lin.press("Save the answers")
    lin.sees("The answers are saved. An investigator confirms them next.")

    zhao.page.goto("/today")
    if "/sign-in" in zhao.page.url:
        zhao.sign_in()
    zhao.follow(f"C-001 · {zhao.word('Confirm eligibility')}")
    zhao.sees("Not every criterion is met and answered, so there is nothing to sign yet.")
    expect(zhao.page.get_by_label(zhao.word("Your password"))).to_have_count(0)
    zhao.open(f"{HER}/eligibility")
    zhao.fill({"consent": "pass"})
    zhao.press("Save the answers")
    zhao.follow("Confirm eligibility")
    zhao.page.get_by_label(zhao.word("Your password")).fill("not hers")
    button = zhao.word("Sign as {role}", role=zhao.role("investigator"))
    zhao.page.get_by_role("button", name=button).click()
    zhao.sees("This is not your password. Type it again.")
    zhao.sign("investigator")
    zhao.follow("Randomise")
    randomise(zhao)
    zhao.sees("The participant is randomised.")


def randomise(zhao: Walker) -> None:
    """Say why what the protocol warns of is missing, then randomise with the password."""
    zhao.sees("Missing")
    zhao.page.locator("#despite").fill("Agreed with the medical monitor")
    zhao.page.get_by_label(zhao.word("Your password")).fill(zhao.password)
    zhao.press("Randomise")


def straight_to_her_place(lin: Walker, zhao: Walker, on: date) -> str:
    """Another woman's way to her randomisation, with nothing to stop at; returns her address."""
    lin.open("screen")
    lin.press("Add to the screening log")
    her = f"participants/{lin.page.url.rsplit('/', 1)[1]}"
    lin.follow("Record consent")
    lin.page.get_by_label(re.compile("Zhao Wen")).check()
    lin.fill({"given_on": on.isoformat(), "given_at": "09:00", "language": "zh"})
    lin.fill({f"part_{part.key}": "yes" for part in PROTOCOL.consent.parts})
    lin.press("Record the consent")
    visit(lin, "screening", on, her)
    for form, answers in screening_answers(on).items():
        enter(zhao if form == "hysteroscopy" else lin, f"screening/{form}", answers, her)
    sampled = {"sampled_on": on.isoformat(), "sampled_at": "08:10", "hcg": "<1.2"}
    enter(lin, "admission/beta_hcg", sampled, her)
    lin.open(f"{her}/eligibility")
    lin.fill({criterion.key: "pass" for criterion in PROTOCOL.criteria})
    lin.press("Save the answers")
    zhao.open(f"{her}/eligibility/sign")
    zhao.sign("investigator")
    zhao.follow("Randomise")
    randomise(zhao)
    zhao.sees("The participant is randomised.")
    return her
