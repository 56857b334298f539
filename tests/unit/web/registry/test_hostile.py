"""Hostile records: whatever stands in a text of a record is shown as that text and never runs."""

import copy
import json
from typing import Any
from xml.etree import ElementTree

import pytest
from django.test import Client
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.generative.registry.test_damaged import damaged
from tests.unit.web.registry.conftest import Shelve
from trialwright.registry.library.adding import add
from trialwright.registry.library.library import Library
from trialwright.registry.library.sample import STARTING_RECORD, sample_bytes
from trialwright.registry.readers.files import RawRecord

HOSTILE = (
    "\"'><script>alert(1)</script><img src=x onerror=alert(2)>{{7*7}}{% now 'Y' %}"
    "</title></svg></textarea>javascript:alert(3)\x0b\x00\ud800"
)
MARKUP = ("<script>alert", "<img src=x", "onerror=alert(2)>", "</title></svg></textarea>")
KEPT = {"nctId", "date", "phases", "studyType"}


def spoiled(thing: Any, key: str = "") -> Any:
    """The same with every text replaced, save the few that make it a trial at all."""
    if isinstance(thing, dict):
        return {name: spoiled(value, name) for name, value in thing.items()}
    if isinstance(thing, list):
        return thing if key in KEPT else [spoiled(value, key) for value in thing]
    return HOSTILE if isinstance(thing, str) and key not in KEPT else thing


def studies() -> list[dict[str, Any]]:
    """The starting record spoiled, in two versions, beside a neighbour spoiled."""
    made = [json.loads(line) for line in sample_bytes().splitlines()[:2]]
    for item in made:
        item.pop("trialwrightSample")
    older = copy.deepcopy(made[0])
    older["protocolSection"]["statusModule"]["lastUpdatePostDateStruct"]["date"] = "2017-01-01"
    older["protocolSection"]["outcomesModule"]["primaryOutcomes"][0]["measure"] = "Another"
    return [older, *(spoiled(item) for item in made)]


PLACES = [
    "/trials", "/trials?q=script", "/trials?sponsor_class=x&country=%3Cscript%3Ealert",
    "/trials?q=%3Cscript%3Ealert(1)%3C/script%3E", "/trials?near=%3Cscript%3Ealert",
    "/trials/landscape", f"/trials/{STARTING_RECORD}", f"/trials/{STARTING_RECORD}/draft",
]  # fmt: skip


@pytest.mark.parametrize("language", ["en", "zh-hans"])
@pytest.mark.parametrize("address", PLACES)
def test_no_text_of_a_record_or_address_becomes_markup(
    client: Client, shelve: Shelve, address: str, language: str
) -> None:
    shelve(*studies())
    mark = "&" if "?" in address else "?"
    answer = client.get(f"{address}{mark}language={language}")
    assert answer.status_code == 200
    text = answer.content.decode()
    for fragment in MARKUP:
        assert fragment not in text
    if "?" not in address:
        assert "&lt;script&gt;" in text
        assert "{{7*7}}" in text


def test_the_twins_hold_the_text_as_it_is_and_no_formula(client: Client, shelve: Shelve) -> None:
    shelve(*studies())
    assert client.get("/trials.json").json()["total"] == 2
    assert client.get(f"/trials/{STARTING_RECORD}.json").status_code == 200
    assert client.get(f"/trials/{STARTING_RECORD}/draft.yaml").status_code == 200
    ElementTree.fromstring(client.get("/trials.atom").content)
    made = studies()[1]
    made["protocolSection"]["identificationModule"]["briefTitle"] = "=HYPERLINK(1)"
    shelve(made)
    for address in ("/trials.csv", f"/trials/{STARTING_RECORD}.csv"):
        assert ",=HYPERLINK" not in client.get(address).content.decode()


@settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck))
@given(made=st.lists(damaged(), min_size=1, max_size=4))
def test_pages_of_damaged_records_are_shown(
    made: list[dict[str, Any]], client: Client, settings: Any, tmp_path_factory: Any
) -> None:
    folder = tmp_path_factory.mktemp("damaged")
    raws = [RawRecord(json.dumps(item).encode(), "made", str(n)) for n, item in enumerate(made)]
    add(folder, raws)
    settings.TRIALWRIGHT_REGISTRY = str(folder)
    numbers = [summary["nct"] for summary in Library(folder).summaries()]
    addresses = ["/trials", "/trials?q=amnion", "/trials/landscape", "/trials.atom"]
    for number in numbers:
        addresses += [f"/trials/{number}", f"/trials/{number}.csv", f"/trials/{number}/draft"]
    for address in addresses:
        answer = client.get(address)
        assert answer.status_code == 200, address
        if answer["Content-Type"].startswith("text/html"):
            assert "<script>alert" not in answer.content.decode()
