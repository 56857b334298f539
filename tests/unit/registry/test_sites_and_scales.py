"""Places by their own status, statuses and countries on one scale, and one trial shown once."""

from pathlib import Path
from typing import Any

import orjson
import pytest

from trialwright.registry.library.adding import add
from trialwright.registry.library.library import Library
from trialwright.registry.readers.files import RawRecord
from trialwright.registry.search.places import Near, find_place
from trialwright.registry.search.search import search

BOSTON = Near(42.36, -71.06, 50.0, "Boston")
GERMAN = "2019-000001-11-DE"


def study(number: str, status: str, *places: tuple[float, float, str, str], **more: Any) -> Any:
    """A trial with places: degrees, country, and their own status."""
    return {"protocolSection": {
        "identificationModule": {"nctId": number, "briefTitle": "Counting against hiccup", **more},
        "statusModule": {"overallStatus": status},
        "conditionsModule": {"conditions": ["Hiccup"]},
        "contactsLocationsModule": {"locations": [
            {"city": "A", "country": country, "geoPoint": {"lat": north, "lon": east}}
            | ({"status": own} if own else {})
            for north, east, country, own in places]},
    }}  # fmt: skip


@pytest.fixture
def library(tmp_path: Path) -> Library:
    made = [
        study("NCT00000001", "RECRUITING", (42.36, -71.06, "USA", "COMPLETED"),
              (48.8, 2.3, "France", "RECRUITING")),
        study("NCT00000002", "RECRUITING", (42.37, -71.1, "United States", "RECRUITING")),
        study("NCT00000003", "RECRUITING", (42.3, -71.0, "Korea, Republic of", "")),
        study("NCT00000004", "COMPLETED", (42.36, -71.06, "Republic of Korea", "RECRUITING"),
              secondaryIdInfos=[{"id": "2019-000001-11"}]),
        {"_id": GERMAN, "ctrname": "EUCTR", "x5_trial_status": "Temporarily Halted",
         "a3_full_title_of_the_trial": "Counting against hiccup",
         "e11_medical_conditions_being_investigated": "Hiccup",
         "a1_member_state_concerned": "Germany - BfArM"},
        {"_id": "2019-000001-11-AT", "ctrname": "EUCTR", "x5_trial_status": "Ongoing",
         "a3_full_title_of_the_trial": "Counting against hiccup",
         "e11_medical_conditions_being_investigated": "Hiccup"},
    ]  # fmt: skip
    add(tmp_path, [RawRecord(orjson.dumps(one), "", "") for one in made])
    return Library(tmp_path)


def numbers(library: Library, text: str = "", **more: Any) -> set[str]:
    return {hit.nct for hit in search(library, text, **more).hits}


def test_recruiting_near_a_place_means_the_place(library: Library) -> None:
    anywhere = {"NCT00000001", "NCT00000002", "NCT00000003", "NCT00000004"}
    assert numbers(library, near=BOSTON) == anywhere
    there = {"NCT00000002", "NCT00000003"}
    assert numbers(library, near=BOSTON, filters={"status": ["RECRUITING"]}) == there
    assert numbers(library, "status:recruiting", near=BOSTON) == there
    assert numbers(library, "hiccup recruitment:open", near=BOSTON) == there
    # Who asks for others too means the trials' own status.
    both = {"status": ["RECRUITING", "COMPLETED"]}
    assert numbers(library, near=BOSTON, filters=both) == anywhere


def test_statuses_of_all_registers_are_on_one_scale(library: Library) -> None:
    counted = dict(search(library, "").facets["recruitment"])
    assert counted == {"OPEN": 3, "CLOSED": 1, "STOPPED": 1, "(not provided)": 1}
    assert numbers(library, "recruitment:stopped") == {GERMAN}
    (hit,) = search(library, "recruitment:stopped").hits
    assert hit.facts["status"] == "Temporarily Halted"


def test_countries_of_all_registers_have_one_name(library: Library) -> None:
    counted = dict(search(library, "").facets["country"])
    assert counted["United States"] == 2 and counted["South Korea"] == 2
    for written in ('country:"South Korea"', "country:KR", 'country:"Korea, Republic of"'):
        assert numbers(library, written) == {"NCT00000003", "NCT00000004"}
    record = library.record("NCT00000004")
    assert record.locations.items[0].country.value == "Republic of Korea"


def test_one_trial_of_several_registers_is_shown_once(library: Library) -> None:
    found = search(library, "hiccup", once=True)
    shown = {hit.nct: hit.also for hit in found.hits}
    assert len(shown) == 4
    (first,) = [hit for hit in found.hits if hit.also]
    assert {first.nct, *first.also} == {"NCT00000004", GERMAN, "2019-000001-11-AT"}
    assert all(not hit.also for hit in search(library, "hiccup").hits)


def test_a_number_goes_to_its_own_trial_and_not_to_those_that_name_it(library: Library) -> None:
    found = search(library, GERMAN)
    assert found.direct and found.hits[0].nct == GERMAN


@pytest.mark.parametrize(
    "number", ["ACTG 129", "actg 129", "H3E-MC-JMAX(a)", "PH1/2-034 x", "hopscotch", "ML2818 – 20"]
)
def test_a_sponsors_number_of_any_form_finds_its_trial(tmp_path: Path, number: str) -> None:
    named = study("NCT00000001", "RECRUITING", secondaryIdInfos=[{"id": number.upper()}])
    others = [study(f"NCT0000001{at}", "RECRUITING") for at in range(3)]
    add(tmp_path, [RawRecord(orjson.dumps(one), "", "") for one in (named, *others)])
    answer = search(Library(tmp_path), number)
    assert [hit.nct for hit in answer.hits][:1] == ["NCT00000001"]


def test_shortened_numbers_and_lists_with_any_separator(library: Library) -> None:
    assert numbers(library, "0000001") == {"NCT00000001"}
    pair = {"NCT00000001", "NCT00000002"}
    for between in ("/", " / ", ";", "+", " & ", "\n"):
        assert numbers(library, f"NCT00000001{between}NCT00000002") == pair


def test_a_city_is_known_though_old_records_of_it_have_no_coordinates(tmp_path: Path) -> None:
    old = [study(f"NCT0000{at:04}", "COMPLETED", (0, 0, "USA", "")) for at in range(1, 40)]
    for one in old:
        for place in one["protocolSection"]["contactsLocationsModule"]["locations"]:
            del place["geoPoint"]
    new = study("NCT09999999", "RECRUITING", (42.36, -71.06, "USA", ""))
    add(tmp_path, [RawRecord(orjson.dumps(one), "", "") for one in (*old, new)])
    near = find_place(Library(tmp_path), "A", 10)
    assert (near.latitude, near.longitude) == (42.36, -71.06)


def test_a_library_without_a_mesh_table_says_so(library: Library) -> None:
    assert search(library, "hiccup").without_mesh
    (library.folder / "mesh.json").write_bytes(b"{}")
    assert library.has_own_mesh
