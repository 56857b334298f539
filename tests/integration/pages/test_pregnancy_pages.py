"""Pregnancies and situations without harm by their pages, their reports, and the chain to them."""

from io import BytesIO

from pypdf import PdfReader

from tests.integration.conduct.product_trial import Cells
from tests.integration.pages.test_product_pages import HERE, browser, cells, day, send
from trialwright.conduct.models import AdverseEvent, PregnancyChild
from trialwright.conduct.reads.tracing import Traced, trace

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
    for asked in (*line.donors, lot, line.container, code, child):
        (found,) = trace(by, asked.lower()).pregnancies
        assert (found.case, found.children[0].code) == (number, child), asked
        page = office.get(f"{HERE}/products/trace?code={asked}").content.decode()
        assert child in page and f"{HERE}/adverse-events/{number}" in page, asked


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
