"""`/design` as an address: the page, the answer alone, and the same as JSON, CSV and PDF."""

import csv
import io
import json
import re
from html import unescape
from urllib.parse import urlencode

import pytest
from django.test import Client

from trialwright.design import Boin
from trialwright.report.words import ReportWords
from trialwright.web.design.families import families

THREE = "a.kind=boin&a.doses=3&b.kind=keyboard&c.kind=three-plus-three&rates=0.1,0.3,0.5"
PLACES = [
    "",
    "/safety",
    "/two-stage",
    "/two-arms",
    "/sequential",
    "/selection",
    "/adaptive",
    "/two-agents",
    "/allocation",
]


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
    assert 'data-problems="{}"' in good and "<form" not in good
    bad = browser.get("/design?a.target=1.3", headers={"HX-Request": "true"})
    assert (bad.status_code, browser.get("/design?a.target=1.3").status_code) == (400, 400)
    assert bad.headers["Vary"] and "HX-Request" in bad.headers["Vary"]
    said = re.search(r'data-problems="([^"]+)"', bad.content.decode())
    assert said and json.loads(unescape(said[1]))["a-target"].startswith("Target DLT rate is 1.3.")
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


def test_data_say_what_was_asked_beside_the_rates(browser: Client) -> None:
    tree = json.loads(browser.get("/design/answer.json?a.kind=tite-boin&q.window_days=42").content)
    assert tree["accrual"] == {
        "window_days": 42,
        "response_window_days": None,
        "arrivals_per_week": 1,
        "late_share": 0.5,
    }
    tree = json.loads(browser.get("/design/two-stage/answer.json").content)
    told = tree["designs"][0]["performance"]
    assert (told["search"]["p0"], told["search"]["criterion"]) == (0.1, "optimal")
    assert told["admissible"][-1] == {"n1": 10, "r1": 1, "n": 29, "r": 5}


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


BAD = ["", "x", "-1", "0", "1e400", "nan", "1,,2", ",", "9" * 150, "<b>", "٣", "0.5"]


# Simulated, or listed in long: here of a small size, so that each answer comes soon.
SMALL = {
    "backfill-boin": {"a.doses": "2", "a.max_participants": "6"},
    "tite-boin12": {"a.doses": "2", "a.max_participants": "6"},
    "regimen-comparison": {"a.arms": "2", "a.control": "1", "a.looks": "5, 10"},
}


@pytest.mark.parametrize("place", PLACES)
def test_whatever_is_typed_is_answered_or_refused_in_words(browser: Client, place: str) -> None:
    family = next(f for f in families(ReportWords("en")) if f"/{f.place}".rstrip("/") == place)
    for kind in family.kinds:
        asked = kind.asks.fields if kind.asks else ()
        names = [f"a.{b.name}" for b in kind.fields] + [f"q.{b.name}" for b in asked]
        for name in (*names, "b.kind", "method", "rates", "responses"):
            for typed in BAD:
                query = urlencode({"a.kind": kind.key, **SMALL.get(kind.key, {}), name: typed})
                page = browser.get(f"/design{place}?{query}")
                assert page.status_code in (200, 400), query
                assert ("Not computed" in page.content.decode()) is (page.status_code == 400), query


@pytest.mark.parametrize(
    "address",
    [
        "/design?a.kind=tite-boin&b.kind=tite-crm&a.doses=3&a.max_participants=12",
        "/design?a.kind=boin12&a.doses=3&a.max_participants=12",
        "/design?a.kind=backfill-boin&b.kind=boin&a.doses=3&a.max_participants=9",
        "/design/two-agents?a.doses_a=2&a.doses_b=2&a.max_participants=12",
        "/design?a.kind=tite-boin12&b.kind=tite-boin&a.doses=3&a.max_participants=9",
        "/design/safety?a.kind=excess-over-control&b.kind=beta-binomial-stopping",
        "/design/safety?a.kind=beta-binomial-calibrated&b.kind=historical-control&q.days_between=7",
        "/design/two-stage?b.kind=simon-two-stage",
        "/design/two-stage?a.kind=exact-single-arm&b.kind=simon-search",
        "/design/two-arms?",
        "/design/sequential?",
        "/design/sequential?a.kind=delayed-response&b.kind=inverse-normal&c.kind=wang-tsiatis",
        "/design?a.kind=blrm&b.kind=boin&a.doses=3&b.doses=3&a.max_participants=9",
        "/design/survival?",
        "/design/multi-arm?rates=-0.2,0.5,0.5",
        "/design/sample-size?a.kind=proportions&b.kind=believed-proportions&c.kind=means",
        "/design/sample-size?a.kind=times&a.analysis=restricted mean&a.until=12&a.ratio=0.3",
        "/design/selection?",
        "/design/regimens?b.kind=regimen-comparison&b.borrowing=similarity",
        "/design/adaptive?b.kind=response-adaptive&b.strength=0",
        "/design/allocation?b.kind=minimisation",
    ],
)
def test_every_design_has_its_report_and_its_data(browser: Client, address: str) -> None:
    place, query = address.split("?")
    for language in ("en", "zh-hans"):
        report = browser.get(f"{place}/report.pdf?{query}&language={language}")
        assert report.status_code == 200 and report.content.startswith(b"%PDF")
    data = json.loads(browser.get(f"{place}/answer.json?{query}").content)
    assert all(design["performance"]["method"] for design in data["designs"])
    rows = list(
        csv.DictReader(io.StringIO(browser.get(f"{place}/answer.csv?{query}").content.decode()))
    )
    assert {row["design"] for row in rows} == {design["name"] for design in data["designs"]}


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
    assert page.status_code == 400
    assert "too long" in page.content.decode()


@pytest.mark.parametrize("method", ["post", "put", "delete"])
def test_nothing_can_be_written_here(browser: Client, method: str) -> None:
    assert getattr(browser, method)("/design").status_code in (403, 405)
