"""Trials whose dates throw doubt on their status: listed, and counted by links that hold."""

import html
import re

from django.test import Client

from tests.unit.web.registry.conftest import Shelve, study


def page(client: Client, address: str) -> str:
    answer = client.get(address)
    assert answer.status_code == 200, address
    return answer.content.decode()


def listed(text: str) -> list[str]:
    return re.findall(r'<a class="row" href="/trials/([^"]+)"', text)


def test_every_count_is_the_number_of_trials_that_its_link_lists(client: Client) -> None:
    for address in ("/trials/stale", "/trials/stale?kind=unknown"):
        nav = page(client, address).split('<nav class="facets"')[1].split("</nav>")[0]
        links = re.findall(r'href="([^"]+)"(?! aria).*?<span class="count">(\d+)</span>', nav)
        assert links
        for href, count in links:
            assert len(listed(page(client, html.unescape(href)))) == int(count), href


def test_the_reason_stands_beside_the_status_as_registered(client: Client, shelve: Shelve) -> None:
    shelve(
        study(
            "NCT00000001",
            status={
                "overallStatus": "RECRUITING",
                "statusVerifiedDate": "2015-01",
                "completionDateStruct": {"date": "2016-05"},
            },
        ),
        study("NCT00000002", status={"overallStatus": "COMPLETED"}),
    )
    text = page(client, "/trials/stale")
    assert listed(text) == ["NCT00000001"]
    assert "Recruiting" in text
    assert "Unknown since 31 January 2017." in text
    assert "The status of 1 of 2 trials is possibly outdated." in text
    chinese = page(client, "/trials/stale?language=zh-hans")
    assert "状态未知，自 2017年1月31日 起" in chinese


def test_a_search_without_doubt_says_so(client: Client) -> None:
    assert "No trial of this search has a status that is possibly outdated." in page(
        client, "/trials/stale?q=nothing+here"
    )
