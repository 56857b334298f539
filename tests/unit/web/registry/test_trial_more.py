"""A trial's page beyond its record's plain facts: results, places, registrations, citations."""

import json
from typing import Any

import pytest
from django.test import Client

from tests.unit.web.registry.conftest import Shelve, study

PLACES = [
    {"facility": "A House", "city": "Boston", "country": "United States", "status": "RECRUITING",
     "geoPoint": {"lat": 42.36, "lon": -71.06}},
    {"facility": "B House", "city": "Lyon", "country": "France",
     "geoPoint": {"lat": 45.75, "lon": 4.85}},
]  # fmt: skip
FULL: dict[str, Any] = {
    "identification": {
        "briefTitle": "Counting & waiting", "orgStudyIdInfo": {"id": "C-1"},
        "secondaryIdInfos": [{"id": "2019-000001-11"}],
    },
    "status": {"overallStatus": "COMPLETED", "startDateStruct": {"date": "2020-01"},
               "studyFirstPostDateStruct": {"date": "2019-12-01"}},
    "sponsorCollaborators": {"leadSponsor": {"name": "A University"},
                             "collaborators": [{"name": "B Fund"}]},
    "conditions": {"conditions": ["Hiccup"]},
    "design": {"studyType": "INTERVENTIONAL", "phases": ["PHASE2"], "enrollmentInfo": {"count": 40},
               "designInfo": {"allocation": "RANDOMIZED", "maskingInfo": {"masking": "DOUBLE"}}},
    "armsInterventions": {"armGroups": [{"label": "Placebo", "type": "PLACEBO_COMPARATOR"}]},
    "eligibility": {"sex": "FEMALE", "minimumAge": "18 Years", "maximumAge": "50 Years"},
    "contactsLocations": {"locations": PLACES,
                          "overallOfficials": [{"name": "An Official", "role": "STUDY_CHAIR"}]},
    "oversight": {"oversightHasDmc": True},
    "references": {"references": [{"pmid": "123", "citation": "A paper", "type": "RESULT"}]},
}  # fmt: skip
RESULTS = {
    "participantFlowModule": {
        "groups": [{"id": "FG000", "title": "Counting"}],
        "periods": [{"title": "Overall", "milestones": [
            {"type": "STARTED", "achievements": [{"groupId": "FG000", "numSubjects": "20"}]}]}],
    },
    "outcomeMeasuresModule": {"outcomeMeasures": [{
        "type": "PRIMARY", "title": "Relief <b>", "paramType": "COUNT_OF_PARTICIPANTS",
        "unitOfMeasure": "Participants", "timeFrame": "1 hour",
        "groups": [{"id": "OG000", "title": "Counting"}, {"id": "OG001", "title": "Placebo"}],
        "denoms": [{"units": "Participants", "counts": [
            {"groupId": "OG000", "value": "20"}, {"groupId": "OG001", "value": "20"}]}],
        "classes": [{"categories": [{"measurements": [
            {"groupId": "OG000", "value": "25"},
            {"groupId": "OG001", "value": "NA", "comment": "Lost"}]}]}],
        "analyses": [{"groupIds": ["OG000", "OG001"], "pValue": "<0.001",
                      "statisticalMethod": "Fisher Exact"}],
    }]},
    "adverseEventsModule": {
        "frequencyThreshold": "5",
        "eventGroups": [{"id": "EG000", "title": "Counting", "seriousNumAffected": 1,
                         "seriousNumAtRisk": 20}],
        "seriousEvents": [{"term": "Gout", "organSystem": "Joints", "stats": [
            {"groupId": "EG000", "numAffected": 1, "numAtRisk": 20}]}],
    },
}  # fmt: skip


def full(number: str = "NCT00000001", **more: Any) -> dict[str, Any]:
    return study(number, **{**FULL, **more})


def page(client: Client, address: str) -> str:
    answer = client.get(address)
    assert answer.status_code == 200
    return str(answer.content.decode())


@pytest.fixture
def html(client: Client, shelve: Shelve) -> str:
    shelve(full() | {"resultsSection": RESULTS, "hasResults": True})
    return page(client, "/trials/NCT00000001")


def test_results_are_tables_and_pictures_by_group(html: str) -> None:
    results = html.split('id="results"')[1].split('id="more"')[0]
    assert "Participant flow" in results and "Participants analysed" in results
    assert "25 (125%)" in results and "not estimable (Lost)" in results
    assert "&lt;0.001" in results and "Fisher Exact" in results
    assert "1 / 20 (5.0%)" in results and "Other, above 5%" in results
    assert "<svg" in results
    assert "<b>" not in results


def test_results_that_contradict_themselves_are_told(html: str) -> None:
    assert "25 participants of 20 analysed" in html


def test_terms_are_told_in_plain_words(html: str) -> None:
    terms = html.split("What the terms mean")[1].split("</details>")[0]
    for words in ("drawing lots", "no active substance", "does it seem to work", "Two of those"):
        assert words in terms


def test_who_leads_it_and_what_it_cites(html: str) -> None:
    for words in ("B Fund", "An Official", "Study chair", "2019-000001-11",
                  "Data monitoring committee", "https://pubmed.ncbi.nlm.nih.gov/123/"):  # fmt: skip
        assert words in html


def test_the_map_is_drawn_here_and_shows_where_it_recruits(html: str) -> None:
    places = html.split('id="places"')[1].split("</section>")[0]
    assert "2 places with coordinates" in places and "recruiting there" in places
    assert places.count("<circle") == 2 and "Boston" in places
    assert "http" not in places.replace("http://www.w3.org/2000/svg", "")


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        ("age=30&sex=FEMALE", "Probably not"),  # it is completed
        ("age=17", "Too young: 18 years and older"),
        ("age=51", "Too old: up to 50 years"),
        ("sex=MALE", "Women only"),
        ("age=x", "Enter the age in whole years"),
        ("near=Boston", "A House, Boston, United States, 0 km away"),
        ("near=Nowhere", "gives coordinates for “Nowhere”"),
    ],
)
def test_could_i_join_compares_what_can_be_compared(
    client: Client, shelve: Shelve, asked: str, words: str
) -> None:
    shelve(full())
    assert words in page(client, f"/trials/NCT00000001?{asked}")


def test_an_open_trial_possibly_admits_and_says_what_it_cannot_know(
    client: Client, shelve: Shelve
) -> None:
    shelve(full(status={"overallStatus": "RECRUITING"}))
    text = page(client, "/trials/NCT00000001?age=50&sex=FEMALE")
    assert "Possibly: nothing here excludes it" in text
    assert "read the criteria" in text and "does not mean that an authority" in text


def test_citations_and_linked_data(client: Client, shelve: Shelve) -> None:
    shelve(full())
    ris = page(client, "/trials/NCT00000001.ris")
    assert ris.startswith("TY  - DBASE\r\n") and "PY  - 2019" in ris and ris.endswith("ER  - \r\n")
    assert r"Counting \& waiting" in page(client, "/trials/NCT00000001.bib")
    (item,) = json.loads(page(client, "/trials/NCT00000001.csl.json"))
    assert item["issued"] == {"date-parts": [[2019, 12, 1]]}
    data = json.loads(page(client, "/trials/NCT00000001.jsonld"))
    assert (data["@type"], data["status"]) == ("MedicalTrial", "Completed")
    assert client.get("/trials/NCT00000009.ris").status_code == 404


def test_trials_are_compared_side_by_side(client: Client, shelve: Shelve) -> None:
    shelve(full(), full("NCT00000002", eligibility={"sex": "ALL"}))
    text = page(client, "/trials/compare?n=NCT00000001&n=NCT00000002&n=NCT00000003")
    assert "Not in this library" in text and text.count("Counting &amp; waiting") == 2
    assert "Enter at least two" in page(client, "/trials/compare?n=NCT00000001")
    assert "Enter at least two" in page(client, "/trials/compare")


def test_one_trial_in_two_registers_is_linked_and_its_differences_are_marked(
    client: Client, shelve: Shelve
) -> None:
    european = {
        "_id": "2019-000001-11-DE", "ctrname": "EUCTR", "x5_trial_status": "Ongoing",
        "a3_full_title_of_the_trial": "Counting", "f422_in_the_whole_clinical_trial": "60",
    }  # fmt: skip
    extension = full("NCT00000002", identification={
        "briefTitle": "An extension", "secondaryIdInfos": [{"id": "NCT00000001"}]})  # fmt: skip
    shelve(full(), european, extension)
    text = page(client, "/trials/NCT00000001")
    table = text.split('id="registrations"')[1].split("</section>")[0]
    assert "2019-000001-11-DE" in table and "NCT00000002" not in table
    row = table.split("Number of participants")[1].split("</tr>")[0]
    assert "Differs" in row and "40" in row and "60" in row
    assert "Differs" not in table.split("Sex</")[1].split("</tr>")[0]
    back = page(client, "/trials/2019-000001-11-DE")
    assert 'href="/trials/NCT00000001"' in back.split('id="registrations"')[1]


def test_control_groups_of_a_search_are_drawn_listed_and_handed_to_a_design(
    client: Client, shelve: Shelve
) -> None:
    def reported(number: str, count: str) -> dict[str, Any]:
        measure = dict(RESULTS["outcomeMeasuresModule"]["outcomeMeasures"][0])  # type: ignore[call-overload]
        measure["title"] = "Relief of hiccup"
        measure["classes"] = [{"categories": [{"measurements": [
            {"groupId": "OG001", "value": count}]}]}]  # fmt: skip
        section = {"outcomeMeasuresModule": {"outcomeMeasures": [measure]}}
        return full(number) | {"resultsSection": section, "hasResults": True}

    shelve(reported("NCT00000001", "5"), reported("NCT00000002", "9"))
    text = page(client, "/trials/priors?q=hiccup&outcome=relief")
    assert "Rate, in 2 trials: 25.0% to 45.0%, median 35.0%, pooled 35.0%." in text
    assert "/design/two-stage?a.kind=simon-search&amp;a.p0=0.35" in text
    # 20 participants at a rate of 0.35 are Beta(8, 14); the other arm is 20 points better.
    assert "a.kind=believed-proportions&amp;a.first=12,10&amp;a.second=8,14" in text
    assert "<svg" in text and 'href="/trials/NCT00000002"' in text
    answer = json.loads(page(client, "/trials/priors.json?q=hiccup&outcome=relief"))
    assert [one["value"] for one in answer["figures"]] == [0.25, 0.45]
    assert "No control group" in page(client, "/trials/priors?q=hiccup&outcome=gout")
    assert page(client, "/trials/priors")
