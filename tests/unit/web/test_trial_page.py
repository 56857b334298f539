"""The page of the starting record shows what the register's page shows, field for field."""

import json
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

STARTING_RECORD = "/trials/NCT03223454"


@pytest.fixture
def html(client: Client) -> str:
    return client.get(STARTING_RECORD).content.decode().replace("&#x27;", "'")


def _facts(record: dict[str, Any]) -> list[str]:
    """Each fact of the raw record that a page can carry over word for word."""
    section = record["protocolSection"]
    facts = [
        section["identificationModule"]["briefTitle"],
        section["identificationModule"]["nctId"],
        section["identificationModule"]["orgStudyIdInfo"]["id"],
        section["sponsorCollaboratorsModule"]["leadSponsor"]["name"],
        *section["conditionsModule"]["conditions"],
        *(arm["label"] for arm in section["armsInterventionsModule"]["armGroups"]),
        *(it["name"] for it in section["armsInterventionsModule"]["interventions"]),
        *(it["measure"] for it in section["outcomesModule"]["primaryOutcomes"]),
        *(it["measure"] for it in section["outcomesModule"]["secondaryOutcomes"]),
    ]
    contact = section["contactsLocationsModule"]["centralContacts"][0]
    return [*facts, contact["name"], contact["phone"], contact["email"]]


def test_every_fact_of_the_starting_record_is_on_its_page(html: str, shared: Path) -> None:
    lines = (shared / "registry" / "asherman-studies.ndjson").read_text("utf-8").splitlines()
    raw = next(json.loads(line) for line in lines if "NCT03223454" in line)
    assert [fact for fact in _facts(raw) if fact not in html] == []


@pytest.mark.parametrize(
    "fact",
    [
        "Not yet recruiting", "Interventional", "Phase 1", "Treatment", "Randomised", "Double",
        "50 (estimated)", "Women, 20 to 40 years old", "October 2017", "March 2021", "21 July 2017",
        "Experimental", "Placebo comparator", "Biological", "Inclusion Criteria",
        "Exclusion Criteria",
    ],
)  # fmt: skip
def test_coded_facts_are_in_words(html: str, fact: str) -> None:
    assert fact in html


def test_what_the_record_does_not_say_is_said_to_be_missing(html: str) -> None:
    official_title = html.split("Official title")[1][:200]
    assert "Not provided in the record" in official_title


@pytest.mark.parametrize(
    ("number", "status", "phase"),
    [
        ("NCT02825849", "Terminated", "Phase 2"),
        ("NCT06450301", "Recruiting", "Not provided in the record"),
        ("NCT02708277", "Completed", "Not applicable, says the record"),
        ("NCT02144987", "Completed", "Phase 4"),
    ],
)
def test_see_also_shows_status_and_phase_as_registered(
    html: str, number: str, status: str, phase: str
) -> None:
    row = html.split('id="see-also"')[1].split(f'href="/trials/{number}"')[1].split("</tr>")[0]
    assert status in row
    assert phase in row


def test_the_json_twin_holds_the_record_itself(client: Client) -> None:
    twin = client.get(f"{STARTING_RECORD}.json").json()
    assert twin["record"]["protocolSection"]["identificationModule"]["nctId"] == "NCT03223454"
    assert [trial["number"] for trial in twin["see_also"]] == [
        "NCT02825849", "NCT06450301", "NCT02708277", "NCT02144987"
    ]  # fmt: skip


def test_every_trial_of_the_sample_has_its_page_in_both_languages(client: Client) -> None:
    from trialwright.registry.library.sample import sample_records

    for record in sample_records():
        for language in ("en", "zh-hans"):
            answer = client.get(f"/trials/{record.number}?language={language}")
            assert answer.status_code == 200, record.number


def test_the_registers_english_is_marked_as_english_on_a_chinese_page(client: Client) -> None:
    html = client.get(f"{STARTING_RECORD}?language=zh-hans").content.decode()
    assert '<html lang="zh-Hans">' in html
    assert '<h1><span lang="en">Human Amniotic Epithelial Cells' in html
    assert "记录中未提供" in html


def test_an_unknown_number_is_not_found_and_says_the_way_out(client: Client) -> None:
    answer = client.get("/trials/NCT00000000")
    assert answer.status_code == 404
    assert 'href="/"' in answer.content.decode()


def test_no_page_carries_an_inline_script_or_style(client: Client, html: str) -> None:
    assert "<style" not in html
    assert " style=" not in html
    assert " onclick=" not in html
    policy = client.get(STARTING_RECORD).headers["Content-Security-Policy"]
    assert "script-src 'self'" in policy
    assert "unsafe" not in policy


def test_what_is_wider_than_a_mesh_heading_stands_below_it_and_is_called_so(html: str) -> None:
    tree = html.split('<ul class="tree">')[1].split("</ul>")[0]
    for branch in tree.split("<li>")[1:]:
        named, _, after = branch.partition('class="named"')
        assert "<a" not in named
        if 'class="wider"' in after:
            assert after.split('class="wider">')[1].lstrip().startswith("wider:")
