"""What stands beside a trial on its page: neighbours, doubts, history, MeSH, draft, twins."""

import csv
import html
import io
import re
from typing import Any

import pytest
from django.test import Client

from tests.unit.web.registry.conftest import Shelve, study
from trialwright.protocol.loader import read as read_protocol
from trialwright.registry.library.sample import sample_records

STARTING_RECORD = "/trials/NCT03223454"


def page(client: Client, address: str) -> str:
    answer = client.get(address)
    assert answer.status_code == 200, address
    return answer.content.decode()


def section(text: str, name: str) -> str:
    """The text of one section of a page, its marks taken out."""
    part = text.split(f'id="{name}"')[1].split("</section>")[0]
    return html.unescape(re.sub(r"\s+", " ", re.sub("<[^>]+>", " ", part)))


def test_no_trial_stands_beside_itself_or_another_twice(client: Client) -> None:
    for record in sample_records():
        text = page(client, f"/trials/{record.number}").split('id="see-also"')[1]
        near = text.split("</section>")[0].split("<h3>")[-1]
        numbers = re.findall(r'href="/trials/([^"]+)"', near)
        assert len(set(numbers)) == len(numbers)
        assert record.number not in numbers


@pytest.mark.parametrize(
    ("language", "reasons"),
    [("en", ["Asherman's Syndrome (Gynatresia)", "female, 20–40 years"]),
     ("zh-hans", ["病症", "女, 20–40 岁", "生物制品"])],
)  # fmt: skip
def test_related_trials_say_why_they_are_near(
    client: Client, language: str, reasons: list[str]
) -> None:
    said = section(page(client, f"{STARTING_RECORD}?language={language}"), "see-also")
    for reason in reasons:
        assert reason.replace(", ", "、" if language != "en" else ", ") in said


@pytest.mark.parametrize(
    ("language", "sentence"),
    [("en", "Unknown since 1 April 2021 Its completion date (March 2021) has passed"),
     ("zh-hans", "状态未知，自 2021年4月1日 起 完成日期（2021年3月）已过")],
)  # fmt: skip
def test_a_doubt_stands_beside_the_status_as_registered(
    client: Client, language: str, sentence: str
) -> None:
    said = section(page(client, f"{STARTING_RECORD}?language={language}"), "plain-words")
    assert sentence in said
    assert {"en": "Not yet recruiting", "zh-hans": "尚未招募"}[language] in said


def version(updated: str, measure: str, **status: Any) -> dict[str, Any]:
    status = {
        "lastUpdatePostDateStruct": {"date": updated},
        "startDateStruct": {"date": "2019-01"},
        **status,
    }
    return study("NCT00000001", status=status, outcomes={"primaryOutcomes": [{"measure": measure}]})


def test_history_is_told_newest_first_and_a_switched_outcome_is_marked(
    client: Client, shelve: Shelve
) -> None:
    shelve(
        version("2018-05-01", "Pain at rest", overallStatus="RECRUITING"),
        version("2018-08-01", "Pain at rest", overallStatus="COMPLETED"),
        version("2019-06-01", "Death from any cause", overallStatus="COMPLETED"),
    )
    said = section(page(client, "/trials/NCT00000001"), "history")
    assert said.index("1 June 2019") < said.index("1 August 2018") < said.index("1 May 2018")
    assert "Switched after the trial had started Primary outcome dropped: Pain at rest" in said
    assert "Status Recruiting → Completed" in said
    chinese = section(page(client, "/trials/NCT00000001?language=zh-hans"), "history")
    assert "状态 招募中 → 已完成" in chinese
    assert "试验开始后更换" in chinese


def test_mesh_headings_lead_to_searches_that_find_the_trial(client: Client) -> None:
    text = page(client, STARTING_RECORD).split('id="conditions"')[1].split("</section>")[0]
    found = re.findall(r'href="([^"]+)" lang="en">([^<]+)', text)
    links = {name: html.unescape(href) for href, name in found}
    assert {"Gynatresia", "Uterine Diseases"} <= links.keys()
    for name in ("Gynatresia", "Uterine Diseases"):
        answer = client.get(links[name].replace("/trials", "/trials.json")).json()
        assert "NCT03223454" in [trial["nct"] for trial in answer["trials"]]


def test_the_draft_says_first_what_the_registration_does_not_tell(client: Client) -> None:
    text = page(client, f"{STARTING_RECORD}/draft")
    assert text.index("the visits, their windows") < text.index("identifier: NCT03223454-DRAFT")
    assert "各次访视" in page(client, f"{STARTING_RECORD}/draft?language=zh-hans")
    file = client.get(f"{STARTING_RECORD}/draft.yaml")
    assert file["Content-Disposition"] == 'attachment; filename="NCT03223454-draft.yaml"'
    protocol, problems = read_protocol(file.content)
    assert protocol is not None
    assert not problems


def test_the_csv_twin_has_every_fact_with_what_was_given(client: Client) -> None:
    content = client.get(f"{STARTING_RECORD}.csv").content.decode("utf-8-sig")
    facts = {row["fact"]: row for row in csv.DictReader(io.StringIO(content))}
    assert facts["title"]["value"] == "Human Amniotic Epithelial Cells for Asherman's Syndrome"
    assert facts["arms.5.label"]["value"] == "hydrogel loaded with hAECs"
    assert facts["start.date"]["value"] == "2017-10"
    assert facts["official_title"]["given"] == "absent"
    assert facts["summary"]["condensed"] == "yes"
    assert facts["enrolment.count"]["at"] == "/protocolSection/designModule/enrollmentInfo/count"


def test_blank_and_not_applicable_phases_stay_what_they_are(client: Client, shelve: Shelve) -> None:
    shelve(
        study("NCT00000001", design={"phases": ["NA"]}),
        study("NCT00000002", design={"phases": []}),
        study("NCT00000003"),
    )
    design = [section(page(client, f"/trials/NCT0000000{n}"), "study-design") for n in (1, 2, 3)]
    assert "Phase Not applicable, says the record" in design[0]
    assert "Phase Not provided in the record (left blank)" in design[1]
    assert "Phase Not provided in the record" in design[2]
    assert "left blank" not in design[2]


def test_a_trial_is_found_by_any_of_its_numbers(client: Client) -> None:
    assert client.get("/trials/nct03223454")["Location"] == STARTING_RECORD
    assert client.get("/trials/2017-116")["Location"] == STARTING_RECORD
    for address in ("/trials/NCT00000000", "/trials/NCT00000000.json", "/trials/NCT00000000/draft"):
        assert client.get(address).status_code == 404
