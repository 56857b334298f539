"""A search drawn and watched: numbers that agree with the list, and a feed that readers read."""

import html
import re
from datetime import UTC, datetime
from typing import Any
from xml.etree import ElementTree

import pytest
from django.test import Client

from tests.unit.web.registry.conftest import Shelve, study

ATOM = "{http://www.w3.org/2005/Atom}"


def page(client: Client, address: str) -> str:
    answer = client.get(address)
    assert answer.status_code == 200, address
    return answer.content.decode()


def linked_counts(text: str) -> list[tuple[str, int]]:
    """The numbers of a page's tables that lead to trials, by themselves or by their whole row."""
    found = []
    for row in re.findall("<tr>(.*?)</tr>", text, re.DOTALL):
        cells = re.findall("<t[dh].*?</t[dh]>", row, re.DOTALL)
        links = [re.search('href="([^"]+)"', cell) for cell in cells]
        numbers = [re.sub("<[^>]+>", "", cell).strip().replace(",", "") for cell in cells]
        if len(cells) == 2:
            links[1] = links[0]
        found += [
            (html.unescape(link[1]), int(number))
            for link, number in list(zip(links, numbers, strict=True))[1:]
            if link
        ]
    return found


@pytest.mark.parametrize("query", ["", "?q=asherman", "?q=uterine&status=COMPLETED&phase=NA"])
def test_every_number_under_a_picture_is_what_its_link_finds(client: Client, query: str) -> None:
    text = page(client, f"/trials/landscape{query}")
    checked = linked_counts(text)
    assert checked
    for href, count in checked:
        answer = client.get(href.replace("/trials", "/trials.json", 1)).json()
        assert answer["total"] == count, href


def test_the_search_of_a_landscape_stands_in_its_address_both_ways(client: Client) -> None:
    text = page(client, "/trials?q=asherman&status=COMPLETED")
    assert 'href="/trials/landscape?q=asherman&amp;status=COMPLETED"' in text
    drawn = page(client, "/trials/landscape?q=asherman&status=COMPLETED")
    assert 'href="/trials?q=asherman&amp;status=COMPLETED"' in drawn


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_every_picture_has_a_sentence_an_alternative_and_a_table(
    client: Client, language: str
) -> None:
    text = page(client, f"/trials/landscape?language={language}")
    for figure in text.split("<figure")[1:]:
        assert re.search("<figcaption[^>]*>.{10,}</figcaption>", figure)
        assert re.search('role="img"[^>]*><title>.{10,}?</title>', figure)
        assert "<table" in figure
    assert text.count("<figure") == 5


def test_a_search_that_finds_nothing_draws_nothing(client: Client) -> None:
    text = page(client, "/trials/landscape?q=nothing+like+this+anywhere")
    assert "<figure" not in text
    assert "nothing to draw" in text


def version(number: str, updated: str, status: str) -> dict[str, Any]:
    module = {"lastUpdatePostDateStruct": {"date": updated}, "overallStatus": status}
    return study(number, status=module, identification={"briefTitle": f"Title \x0b of {number}"})


def test_the_feed_says_what_is_new_and_what_changed_here_the_last_first(
    client: Client, shelve: Shelve
) -> None:
    before = datetime.now(UTC).replace(microsecond=0)
    shelve(
        version("NCT00000001", "2020-01-01", "RECRUITING"),
        version("NCT00000002", "2023-01-01", "RECRUITING"),
        version("NCT00000001", "2022-01-01", "COMPLETED"),
    )
    answer = client.get("/trials.atom?q=title:title")
    assert answer["Content-Type"].startswith("application/atom+xml")
    feed = ElementTree.fromstring(answer.content)
    entries = [
        [entry.findtext(f"{ATOM}{name}") for name in ("id", "summary")]
        for entry in feed.iter(f"{ATOM}entry")
    ]
    assert entries == [
        ["http://testserver/trials/NCT00000001#version-2",
         "Changed: Status: Recruiting → Completed. Completed, record of 1 January 2022"],
        ["http://testserver/trials/NCT00000002#version-1",
         "New in the library. Recruiting, record of 1 January 2023"],
    ]  # fmt: skip
    # A reader shows what is newer than its last visit: the day it came here, not the register's.
    for entry in feed.iter(f"{ATOM}entry"):
        assert datetime.fromisoformat(entry.findtext(f"{ATOM}updated") or "") >= before


def test_the_feed_is_named_on_the_page_with_its_search(client: Client) -> None:
    text = page(client, "/trials?q=asherman&status=COMPLETED")
    assert 'type="application/atom+xml" href="/trials.atom?q=asherman&amp;status=COMPLETED"' in text
