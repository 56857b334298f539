"""`/design` as an address: the page, the answer alone, and the same as JSON, CSV and PDF."""

import csv
import io
import json
import re

import pytest
from django.test import Client

from trialwright.design import Boin

THREE = "a.kind=boin&a.doses=3&b.kind=keyboard&c.kind=three-plus-three&rates=0.1,0.3,0.5"
PLACES = ["", "/safety", "/two-stage", "/two-arms", "/sequential", "/selection"]


@pytest.fixture
def browser() -> Client:
    return Client(headers={"host": "localhost"})


@pytest.mark.parametrize("language", ["en", "zh-hans"])
@pytest.mark.parametrize("place", PLACES)
def test_every_question_has_its_page_without_signing_in(
    browser: Client, place: str, language: str
) -> None:
    page = browser.get(f"/design{place}?language={language}")
    assert page.status_code == 200
    text = page.content.decode()
    assert text.count("<h1>") == 1 and "<svg" in text
    assert "trialwright/design.js" in text and 'method="get"' in text


def test_the_answer_alone_comes_with_the_problems_at_the_boxes(browser: Client) -> None:
    good = browser.get("/design?a.target=0.25", headers={"HX-Request": "true"}).content.decode()
    assert good.startswith('<div id="answer"') and "<h1>" not in good
    assert '<span class="problem" id="problem-a-target" hx-swap-oob="true"></span>' in good
    bad = browser.get("/design?a.target=1.3", headers={"HX-Request": "true"})
    assert bad.headers["Vary"] and "HX-Request" in bad.headers["Vary"]
    said = re.search(r'id="problem-a-target" hx-swap-oob="true">([^<]+)<', bad.content.decode())
    assert said and said[1].startswith("Target DLT rate is 1.3.")
    assert "Not computed" in bad.content.decode()


def test_three_designs_are_answered_as_data(browser: Client) -> None:
    tree = json.loads(browser.get(f"/design/answer.json?{THREE}").content)
    assert [design["name"] for design in tree["designs"]] == ["BOIN", "Keyboard", "3+3"]
    exact = Boin(target=0.3, doses=3).operating_characteristics([[0.1, 0.3, 0.5]])
    told = tree["designs"][0]
    assert told["performance"]["selected"] == exact.selected.tolist()
    assert told["performance"]["method"] == "exact"
    assert told["table"]["sha256"] == Boin(target=0.3, doses=3).table().sha256
    assert told["section"].startswith("design:\n  kind: boin")
    assert told["rule"]["zh"].startswith("BOIN：")


def test_the_sheet_has_a_row_for_each_design_scenario_and_dose(browser: Client) -> None:
    answered = browser.get(f"/design/answer.csv?{THREE}")
    assert answered.headers["Content-Type"].startswith("text/csv")
    rows = list(csv.DictReader(io.StringIO(answered.content.decode())))
    assert len(rows) == 3 * 4
    for design in ("BOIN", "Keyboard", "3+3"):
        chances = [float(row["selected"]) for row in rows if row["design"] == design]
        assert sum(chances) == pytest.approx(1)
    table = browser.get(f"/design/table.csv?{THREE}").content.decode()
    rows = list(csv.DictReader(io.StringIO(table)))
    assert [row["treated"] for row in rows if row["design"] == "BOIN"][-1] == "30"


def test_the_report_is_the_same_document_again(browser: Client) -> None:
    first, second = (browser.get(f"/design/report.pdf?{THREE}").content for _ in range(2))
    assert first == second and first.startswith(b"%PDF")
    letter = browser.get(f"/design/report.pdf?{THREE}&paper=us-letter").content
    assert letter != first


@pytest.mark.parametrize("twin", ["report.pdf", "answer.json", "answer.csv", "table.csv"])
def test_a_twin_of_what_can_t_be_answered_says_why(browser: Client, twin: str) -> None:
    answered = browser.get(f"/design/{twin}?a.target=1.3")
    assert answered.status_code == 400
    assert "Target DLT rate is 1.3." in answered.content.decode()


def test_what_was_typed_stays_and_is_escaped(browser: Client) -> None:
    page = browser.get('/design?a.target="><script>alert(1)</script>&rates=<b>').content.decode()
    assert "<script>alert" not in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page
    assert 'value="&lt;b&gt;"' in page or "<b>" not in page


def test_an_address_that_is_too_long_is_told_so(browser: Client) -> None:
    page = browser.get(f"/design?rates={'0.1,' * 3000}")
    assert page.status_code == 200
    assert "too long" in page.content.decode()


@pytest.mark.parametrize("method", ["post", "put", "delete"])
def test_nothing_can_be_written_here(browser: Client, method: str) -> None:
    assert getattr(browser, method)("/design").status_code in (403, 405)
