"""Pregnancies and situations without harm by their pages, their reports, and the chain to them."""

from io import BytesIO

import pytest
from pypdf import PdfReader
from typer.testing import CliRunner

from tests.integration.conduct.product_trial import STUDY, Cells
from tests.integration.pages.test_api import Program
from tests.integration.pages.test_product_pages import HERE, browser, cells, day, send
from trialwright.cli import app
from trialwright.conduct.models import AdverseEvent, PregnancyChild
from trialwright.conduct.reads.tracing import Traced, trace
from trialwright.conduct.refusals import NotFound
from trialwright.config import starting

__all__ = ["cells"]


def born(cells: Cells, code: str) -> tuple[int, str]:
    """A pregnancy of the participant, recorded by the pages up to a child with a malformation."""
    site = browser("coordinator")
    place = f"{HERE}/participants/{code}/pregnancy"
    page = send(site, place, history="One earlier birth", **day("began"))
    assert "Pregnancy, case" in page and "One earlier birth" in page
    number = AdverseEvent.objects.get(special="pregnancy", participant__code=code).number
    case = f"{HERE}/adverse-events/{number}"
    assert site.get(f"{case}/children").status_code == 404
    lost = send(site, f"{case}/outcome", 409, outcome="miscarriage")
    assert "This is a serious event of the participant" in lost
    page = send(site, f"{case}/outcome", outcome="birth", weeks="38", **day("ended"))
    assert "Birth of one or more living children" in page
    bare = send(site, f"{case}/children", 409, malformation="Cleft palate", **day("born"))
    assert "Choose a grade of 1 to 4" in bare and "Cleft palate" in bare
    page = send(
        site, f"{case}/children", sex="male", weight_g="3100", malformation="Cleft palate",
        grade="2", **day("born"),
    )  # fmt: skip
    child = PregnancyChild.objects.get(pregnancy__case__number=number).code
    assert child in page and "3100" in page
    own = AdverseEvent.objects.get(child__code=child).number
    assert f"{HERE}/adverse-events/{own}" in page
    assert child in site.get(f"{HERE}/adverse-events/{own}").content.decode()
    page = send(
        site, f"{case}/children/{child}", condition="Operated on", reason="Seen again",
        weight_g="3100", **day("born"),
    )  # fmt: skip
    assert "Operated on" in page
    return number, child


def test_from_donor_to_child_and_back(cells: Cells) -> None:
    lot = cells.released()
    code = cells.given(lot)
    number, child = born(cells, code)
    office = browser("safety_office")
    by = cells.by("safety_office")
    told = trace(by, child)
    assert (told.kind, told.lots, told.participants) == (Traced.CHILD, (lot,), (code,))
    (line,) = told.lines
    case = f"{STUDY}-AE-{number:04d}"
    assert trace(by, case).kind is Traced.PREGNANCY and trace(by, case).lots == (lot,)
    for asked in (*line.donors, lot, line.container, code, case, f"AE-{number:04d}", child):
        (found,) = trace(by, asked.lower()).pregnancies
        assert (found.case, found.children[0].code) == (number, child), asked
        page = office.get(f"{HERE}/products/trace?code={asked}").content.decode()
        assert child in page and f"{HERE}/adverse-events/{number}" in page, asked
    with pytest.raises(NotFound):
        trace(by, f"OTHER-01-AE-{number:04d}")


def test_a_program_traces_as_the_page_does(cells: Cells) -> None:
    lot = cells.released()
    code = cells.given(lot)
    number, child = born(cells, code)
    person = f"safety_office.{STUDY}".lower()
    told = Program(person).ask("GET", f"/api/studies/{STUDY}/trace?code={child}").json()
    assert (told["kind"], told["lots"], told["given"][0]["participant"]) == ("child", [lot], code)
    assert [each["case"] for each in told["pregnancies"]] == [number]
    assert told["pregnancies"][0]["children"][0]["code"] == child
    for blinded in ("investigator", "coordinator", "statistician"):
        program = Program(f"{blinded}.{STUDY}".lower())
        assert program.ask("GET", f"/api/studies/{STUDY}/trace?code={code}").status_code == 404


@pytest.mark.django_db(transaction=True)
def test_a_command_traces_as_the_page_does(cells: Cells, monkeypatch: pytest.MonkeyPatch) -> None:
    # The tables of the tests are there already, and their owner has no address here.
    monkeypatch.setattr(starting, "migrate", lambda: None)
    lot = cells.released()
    code = cells.given(lot)
    number, child = born(cells, code)
    person = f"safety_office.{STUDY}".lower()
    said = CliRunner().invoke(app, ["product", "trace", STUDY, lot, "--by", person])
    assert said.exit_code == 0, said.output
    assert f"{STUDY}-AE-{number:04d}  birth  {child}" in said.output and code in said.output


def test_both_cases_name_each_other_and_the_blinded_copies_are_alike(cells: Cells) -> None:
    lot = cells.released()
    treated, other = cells.given(lot), cells.of_arm("water")
    cells.infuse(other)
    office, told = browser("safety_office"), []
    for code in (treated, other):
        number, child = born(cells, code)
        own = AdverseEvent.objects.get(child__code=child).number
        copies = []
        for case, linked in ((number, own), (own, number)):
            answer = office.get(f"{HERE}/adverse-events/{case}/case-blinded.pdf")
            text = " ".join(
                page.extract_text() for page in PdfReader(BytesIO(answer.content)).pages
            )
            text = " ".join(text.split())
            assert f"AE-{linked:04d}" in text and child in text
            assert "38" in text if case == number else "Cleft palate" in text
            assert lot not in text
            text = text.split("Ledger")[0]
            plain = text.replace(f"AE-{number:04d}", "CASE").replace(f"AE-{own:04d}", "OWN")
            copies.append(plain.replace(code, "CODE"))
        told.append(copies)
    assert told[0] == told[1]


def test_a_situation_without_harm_has_a_case_and_a_page(cells: Cells) -> None:
    code = cells.of_arm("water")
    site = browser("coordinator")
    place = f"{HERE}/participants/{code}/situation"
    assert ">Pregnancy<" not in site.get(place).content.decode()
    page = send(site, place, special="overdose", described="Twice the dose", **day("started"))
    assert "Situation, case" in page and "Twice the dose" in page
    assert "Judge the cause" not in page
    number = AdverseEvent.objects.get(special="overdose").number
    case = f"{HERE}/adverse-events/{number}"
    assert {site.get(f"{case}/{each}").status_code for each in ("grade", "follow", "outcome")} == {
        404
    }
    listed = site.get(f"{HERE}/adverse-events").content.decode()
    assert "Overdose" in listed
    assert browser("laboratory").get(place).status_code == 404
    report = browser("safety_office").get(f"{case}/case-blinded.pdf")
    assert report.status_code == 200
    nullified = send(browser("investigator"), f"{case}/nullify", reason="The dose was right")
    assert "None after all" in nullified


def test_today_asks_how_a_pregnancy_ended(cells: Cells) -> None:
    code = cells.of_arm("water")
    site = browser("coordinator")
    send(site, f"{HERE}/participants/{code}/pregnancy", **day("expected_on"))
    assert "how did the pregnancy end?" in site.get("/today").content.decode()
    number = AdverseEvent.objects.get(special="pregnancy").number
    send(site, f"{HERE}/adverse-events/{number}/outcome", outcome="unknown", **day("ended"))
    assert "how did the pregnancy end?" not in site.get("/today").content.decode()
