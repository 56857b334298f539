"""Searching: what the page says is what the address gives, and nothing that is typed breaks it."""

import csv
import html
import io
import re
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
from django.test import Client
from hypothesis import HealthCheck, given
from hypothesis import settings as examples
from hypothesis import strategies as st

from tests.unit.web.registry.conftest import Shelve, study
from trialwright.registry.search.search import FILTERS


def page(client: Client, address: str) -> str:
    answer = client.get(address)
    assert answer.status_code == 200, address
    return answer.content.decode()


def twin(client: Client, address: str) -> dict[str, object]:
    return client.get(address.replace("/trials", "/trials.json", 1)).json()


def numbers(text: str) -> list[str]:
    """The trials that the list shows, in its order."""
    return re.findall(r'<h3><a href="/trials/([^"]+)"', text)


@pytest.mark.parametrize("typed", ["NCT03223454", " nct03223454 ", "id:2017-116"])
def test_a_trials_number_goes_straight_to_the_trial(client: Client, typed: str) -> None:
    answer = client.get("/trials", {"q": typed})
    assert (answer.status_code, answer["Location"]) == (302, "/trials/NCT03223454")


def test_a_number_goes_straight_to_the_trial_for_a_script_too(client: Client) -> None:
    answer = client.get("/trials", {"q": "NCT03223454"}, headers={"HX-Request": "true"})
    assert answer["HX-Redirect"] == "/trials/NCT03223454"


@pytest.mark.parametrize(
    "address",
    ["/trials", "/trials?q=asherman", "/trials?q=uterine&status=COMPLETED&status=RECRUITING",
     "/trials?q=amnion&phase=NA", "/trials?start_year=2016"],
)  # fmt: skip
def test_every_count_on_the_page_is_the_number_of_trials_its_link_gives(
    client: Client, address: str
) -> None:
    nav = page(client, address).split('<nav class="facets"')[1].split("</nav>")[0]
    links = re.findall(
        r'<a href="([^"]+)"( aria-current="true")?>.*?<span class="count">(\d+)</span>', nav
    )
    assert links
    for href, chosen, count in links:
        if not chosen:
            narrowed = _only(html.unescape(href), address)
            assert twin(client, narrowed)["total"] == int(count), href


def _only(href: str, address: str) -> str:
    """The link's address with the code it adds alone in its filter, which the count is of."""
    now, before = (parse_qs(urlsplit(a).query) for a in (href, address))
    for name in FILTERS:
        if new := [code for code in now.get(name, []) if code not in before.get(name, [])]:
            now[name] = new
    return f"/trials?{urlencode(now, doseq=True)}"


def test_the_page_and_its_twins_say_the_same(client: Client) -> None:
    address = "/trials?q=intrauterine+adhesions&sort=start"
    shown = numbers(page(client, address)) + numbers(page(client, f"{address}&page=2"))
    answer = twin(client, address)
    text = client.get(address.replace("/trials", "/trials.csv")).content.decode("utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(text)))
    found = [trial["nct"] for trial in answer["trials"]]  # type: ignore[index]
    assert shown == found == [row["nct"] for row in rows]
    assert len(set(found)) == len(found) == answer["total"]


def test_the_forms_empty_boxes_leave_no_trace_in_the_address(client: Client) -> None:
    sent = {"q": "asherman", "near": "", "within": "100", "status": "COMPLETED"}
    answer = client.get("/trials", sent)
    assert answer["Location"] == "/trials?q=asherman&status=COMPLETED"
    answer = client.get("/trials", sent, headers={"HX-Request": "true"})
    assert answer["HX-Push-Url"] == "/trials?q=asherman&status=COMPLETED"


def test_a_page_past_the_end_leads_to_the_last(client: Client) -> None:
    answer = client.get("/trials?page=400")
    assert answer.status_code == 302
    assert answer["Location"] == "/trials?page=2"
    assert numbers(page(client, answer["Location"]))


def test_what_widened_the_search_is_shown_taken_away_and_put_back(client: Client) -> None:
    wide = page(client, "/trials?q=asherman")
    assert "Gynatresia" in wide
    assert "Intrauterine Synechiae" in wide
    narrow = page(client, "/trials?q=asherman&without=D006175")
    assert "Put back" in narrow
    assert set(numbers(narrow)) < set(numbers(wide))
    assert set(numbers(page(client, "/trials?q=asherman&expand=no"))) == set(numbers(narrow))


def test_a_misspelling_gets_a_suggestion_that_finds_something(client: Client) -> None:
    text = page(client, "/trials?q=endometrum")
    href = re.search(r'Did you mean <a href="([^"]+)"', text)
    assert href is not None
    assert numbers(page(client, html.unescape(href[1])))


@pytest.mark.parametrize(
    ("language", "note"),
    [("en", "Searched as plain words, because a parenthesis is not closed."),
     ("zh-hans", "已按普通词语检索，因为有一个括号没有闭合。")],
)  # fmt: skip
def test_what_cannot_be_parsed_is_searched_as_words_with_a_note(
    client: Client, language: str, note: str
) -> None:
    text = page(client, f"/trials?q=(asherman&language={language}")
    assert note in text
    assert numbers(text)


def test_marks_stand_on_what_was_searched_and_on_its_other_names(client: Client) -> None:
    text = page(client, "/trials?q=asherman")
    marked = {mark.casefold() for mark in re.findall("<mark>(.*?)</mark>", text)}
    assert "intrauterine adhesions" in marked
    assert any("asherman" in mark for mark in marked)


def test_chinese_text_is_searched_and_marked(client: Client, shelve: Shelve) -> None:
    shelve(
        study("NCT00000001", description={"briefSummary": "二甲双胍治疗糖尿病的试验"}),
        study("NCT00000002", description={"briefSummary": "尿常规与糖的关系"}),
    )
    text = page(client, "/trials?q=糖尿病&language=zh-hans")
    assert numbers(text) == ["NCT00000001"]
    assert "<mark>糖尿病</mark>" in text


VIENNA, GRAZ = {"lat": 48.2, "lon": 16.37}, {"lat": 47.07, "lon": 15.44}


def in_city(number: str, city: str, point: dict[str, float]) -> dict[str, object]:
    return study(number, contactsLocations={"locations": [{"city": city, "geoPoint": point}]})


def test_near_a_city_sorted_by_distance(client: Client, shelve: Shelve) -> None:
    shelve(in_city("NCT00000001", "Graz", GRAZ), in_city("NCT00000002", "Vienna", VIENNA))
    text = page(client, "/trials?near=vienna&within=200&sort=distance")
    assert numbers(text) == ["NCT00000002", "NCT00000001"]
    assert "144 km away" in text
    assert numbers(page(client, "/trials?near=vienna&within=50")) == ["NCT00000002"]
    assert numbers(page(client, "/trials?near=47.07,15.44&within=50")) == ["NCT00000001"]


@pytest.mark.parametrize("place", ["Atlantis", "nan,nan", "1e999,0", "999,999", ","])
def test_a_place_that_nobody_knows_is_said_so(client: Client, place: str) -> None:
    text = page(client, "/trials?" + urlencode({"near": place, "sort": "distance"}))
    assert "gives coordinates for a city" in text
    assert numbers(text)


def test_nothing_found_says_what_to_do(client: Client) -> None:
    assert "Try fewer or other words" in page(client, "/trials?q=nothing+like+this+anywhere")


def test_a_library_that_cannot_be_read_is_named_and_the_sample_shown(
    client: Client, settings: Any, tmp_path: Path
) -> None:
    (tmp_path / "index" / "0001").mkdir(parents=True)
    (tmp_path / "index" / "0001" / "meta.json").write_text("{}")
    settings.TRIALWRIGHT_REGISTRY = str(tmp_path)
    text = page(client, "/trials")
    assert "can’t be read" in text
    assert len(numbers(text)) == 20


NAMES = ["q", "near", "within", "sort", "without", "expand", "page", *FILTERS]
VALUES = st.text(max_size=30) | st.sampled_from(
    ["asherman", "COMPLETED", "NA", "2016", "-1", "0", "99999999999", "distance", "no", "D006175",
     "29.5,106.5", '"', "(", "\x00", "mesh:x", "<script>"]
)  # fmt: skip


@examples(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
@given(asked=st.lists(st.tuples(st.sampled_from(NAMES), VALUES), max_size=6))
def test_no_address_fails(client: Client, asked: list[tuple[str, str]]) -> None:
    query = urlencode([(name, value.encode("utf-8", "replace")) for name, value in asked])
    for place in ("/trials", "/trials.json", "/trials.csv", "/trials.atom", "/trials/landscape"):
        assert client.get(f"{place}?{query}").status_code in (200, 302), f"{place}?{query}"
