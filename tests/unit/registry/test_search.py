"""Searching: words, fields, ranges, places, MeSH both ways, counts that hold, odd input."""

from pathlib import Path

import orjson
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from trialwright.registry.index.mesh import Heading, Mesh, bundled_mesh, mesh_from_bytes, read_mesh
from trialwright.registry.library.adding import add
from trialwright.registry.library.library import Library
from trialwright.registry.library.sample import sample_bytes
from trialwright.registry.readers.files import RawRecord
from trialwright.registry.search.compiling import Compiler
from trialwright.registry.search.counting import COUNTED
from trialwright.registry.search.places import Near, cells_of, distance_km, find_place
from trialwright.registry.search.query import parse, scores_alike
from trialwright.registry.search.search import search
from trialwright.registry.search.weights import TUNED


def study(number: int, modules: dict[str, object]) -> RawRecord:
    """A v2 study with these modules."""
    named: dict[str, object] = {"identificationModule": {"nctId": f"NCT{number:08d}"}}
    named |= {f"{name}Module": module for name, module in modules.items()}
    return RawRecord(orjson.dumps({"protocolSection": named}), "test", "")


PLACES = {"Vienna": (48.2, 16.37), "Graz": (47.07, 15.44), "Suva": (-18.14, 178.44)}


def in_city(name: str) -> dict[str, object]:
    """A location with its coordinates."""
    north, east = PLACES[name]
    return {"city": name, "country": "Somewhere", "geoPoint": {"lat": north, "lon": east}}


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Library:
    """The sample, and a few made-up trials in cities and in Chinese."""
    folder = tmp_path_factory.mktemp("library")
    made = [
        study(1, {"contactsLocations": {"locations": [in_city("Vienna"), in_city("Graz")]}}),
        study(2, {"contactsLocations": {"locations": [in_city("Graz")]}}),
        study(3, {"contactsLocations": {"locations": [in_city("Suva")]}}),
        study(4, {"description": {"briefSummary": "二甲双胍治疗糖尿病的试验"}}),
        study(5, {"description": {"briefSummary": "尿常规与糖的关系"}}),
    ]
    sample = [RawRecord(line, "sample", "") for line in sample_bytes().splitlines()]
    add(folder, [*sample, *made])
    return Library(folder)


def found(library: Library, text: str, **options: object) -> set[str]:
    """The numbers that a search finds."""
    hits = search(library, text, limit=500, **options).hits  # type: ignore[arg-type]
    numbers = [hit.nct for hit in hits]
    assert len(numbers) == len(set(numbers))
    return set(numbers)


def test_asherman_and_intrauterine_adhesions_find_each_other(library: Library) -> None:
    one, other = found(library, "Asherman"), found(library, "intrauterine adhesions")
    assert {"NCT03223454", "NCT03731689"} <= one & other
    assert {"NCT03223454", "NCT03731689"} <= found(library, "uterine diseases")
    expansions = search(library, "Asherman").expansions
    assert [(e.words, e.heading, e.name) for e in expansions] == [
        ("Asherman", "D006175", "Gynatresia")
    ]


def test_what_widens_a_search_can_be_taken_away(library: Library) -> None:
    narrow = found(library, "Asherman", without={"D006175"})
    assert "NCT03223454" in narrow and "NCT03731689" not in narrow
    assert narrow == found(library, "Asherman", expand=False)


def test_a_long_description_finds_what_is_nearest_to_it(library: Library) -> None:
    text = (
        "A 34 year old woman with secondary infertility and scant menses after two curettages; "
        "hysteroscopy shows severe intrauterine adhesions, and she wishes to become pregnant"
    )
    first = search(library, text, limit=10).hits
    assert len(first) == 10
    assert all("D006175" in hit.facts["mesh"] for hit in first[:5])


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("nct03223454", {"NCT03223454"}),
        ("id:2017-116", {"NCT03223454"}),
        ('title:"dried biological amnion"', {"NCT02496052"}),
        ("sponsor:chongqing amniotic", {"NCT03223454"}),
        ("condition:asherman phase:4", {"NCT02144987"}),
        ("asherman start:2017-10", {"NCT03223454"}),
        ("asherman AND start:<2012", {"NCT02708277"}),
        ("(amnion OR amniotic) AND NOT asherman AND ovarian", {"NCT02912104", "NCT03207412"}),
        ("enrolment:>=2000", {"NCT05381376"}),
        ("status:terminated asherman", {"NCT02825849"}),
        ("糖尿病", {"NCT00000004"}),
    ],
)
def test_fields_ranges_and_operators(library: Library, text: str, numbers: set[str]) -> None:
    assert numbers <= found(library, text)
    assert len(found(library, text)) <= max(len(numbers), 4)


def test_a_number_alone_goes_straight_to_the_trial(library: Library) -> None:
    assert search(library, "NCT03223454").direct
    assert not search(library, "asherman").direct


@pytest.mark.parametrize("text", ["((amnion", 'a "b', "amnion OR", "AND amnion", "start:soon"])
def test_what_can_not_be_parsed_is_searched_as_words_with_a_note(
    library: Library, text: str
) -> None:
    assert search(library, text).note.startswith("Searched as plain words, because ")


def test_a_misspelling_gets_a_suggestion(library: Library) -> None:
    answer = search(library, "endometrum")
    assert (answer.total, answer.suggestion) == (0, "endometrium")


def test_near_a_place_by_its_name_sorted_by_distance(library: Library) -> None:
    near = find_place(library, "Vienna", 200)
    answer = search(library, "", near=near, sort="distance")
    assert [(hit.nct, round(hit.distance_km or 0)) for hit in answer.hits] == [
        ("NCT00000001", 0),
        ("NCT00000002", 144),
    ]
    assert found(library, "", near=find_place(library, "Vienna", 100)) == {"NCT00000001"}


def test_a_circle_across_the_date_line_and_over_the_pole() -> None:
    across = Near(-18.0, -179.9, 200)
    assert "-19,178" in cells_of(across)
    assert distance_km((across.latitude, across.longitude), PLACES["Suva"]) < 200
    assert "89,0" in cells_of(Near(89.9, 100, 50))


def test_every_count_is_the_number_of_hits_that_the_filter_gives(library: Library) -> None:
    chosen = {"status": ["COMPLETED"]}
    for filters in ({}, chosen):
        answer = search(library, "uterine", filters=filters)
        for name, counts in answer.facets.items():
            for code, count in counts:
                narrowed = {**filters, name: [code]}
                assert search(library, "uterine", filters=narrowed, facets=False).total == count
    assert set(answer.facets) == set(COUNTED)


def test_a_trial_of_several_codes_counts_once_in_each(tmp_path: Path) -> None:
    phases = (["PHASE1", "PHASE2"], ["PHASE2", "PHASE2"], [f"P{n} {'é' * 300}" for n in range(90)])
    add(tmp_path, [study(n, {"design": {"phases": codes}}) for n, codes in enumerate(phases)])
    library = Library(tmp_path)
    counts = dict(search(library, "").facets["phase"])
    assert (counts["PHASE1"], counts["PHASE2"]) == (1, 2)
    for code, count in counts.items():
        assert search(library, "", filters={"phase": [code]}).total == count


@settings(max_examples=200, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    text=st.text(st.characters(), max_size=60)
    | st.text(alphabet='ab"():-ANDORT :.<>=19', max_size=60)
)
@example(text="\ud800")
def test_no_search_fails(library: Library, text: str) -> None:
    answer = search(library, text)
    assert answer.total <= 41
    parse(text)


def test_the_pages_of_an_answer_follow_each_other(library: Library) -> None:
    whole = [hit.nct for hit in search(library, "uterine", limit=40).hits]
    parts = [
        hit.nct
        for at in range(0, 40, 7)
        for hit in search(library, "uterine", limit=7, offset=at).hits
    ]
    assert parts[: len(whole)] == whole


XML = b"""<?xml version="1.0"?><DescriptorRecordSet><DescriptorRecord>
<DescriptorUI>D1</DescriptorUI><DescriptorName><String>Heart Diseases</String></DescriptorName>
<TreeNumberList><TreeNumber>C14</TreeNumber></TreeNumberList>
<ConceptList><Concept><TermList><Term><String>Heart Diseases</String></Term>
<Term><String>Cardiac Disease</String></Term></TermList></Concept></ConceptList>
</DescriptorRecord></DescriptorRecordSet>"""


def test_mesh_is_read_as_nlm_publishes_it_and_as_a_table(tmp_path: Path) -> None:
    (tmp_path / "desc.xml").write_bytes(XML)
    (tmp_path / "desc.tsv").write_text(
        "descriptorUI\tname\ttreeNumbers\tentryTerms\nD1\tHeart Diseases\tC14\tCardiac Disease\n"
    )
    heart = Heading("D1", "Heart Diseases", ("C14",), ("Cardiac Disease",))
    assert list(read_mesh(tmp_path / "desc.xml")) == [heart]
    assert list(read_mesh(tmp_path / "desc.tsv")) == [heart]
    (tmp_path / "no.txt").write_text("hello")
    with pytest.raises(ValueError, match="MeSH descriptors come as"):
        list(read_mesh(tmp_path / "no.txt"))


def test_wider_and_narrower_headings_and_our_additions() -> None:
    mesh = bundled_mesh()
    assert mesh.headings["D006175"].name == "Gynatresia"
    assert "D014591" in mesh.all_wider("D006175") and "D006175" in mesh.all_narrower("D014591")
    assert [heading.id for heading in mesh.named("Intra-uterine Adhesion")] == ["D006175"]
    assert all(item.source for item in mesh.additions)
    again = mesh_from_bytes(Mesh(mesh.headings.values()).to_bytes(), mesh.additions)
    assert again.mentions("severe Asherman's syndrome") == mesh.mentions(
        "severe Ashermans syndrome"
    )


def test_equals_come_by_number_whatever_the_order_of_adding(tmp_path: Path) -> None:
    hiccup = {"conditions": {"conditions": ["Hiccup"]}, "status": {"overallStatus": "COMPLETED"}}
    made = [study(n, dict(hiccup)) for n in range(60)]
    orders = (made, made[::-1], made[::7] + [m for at, m in enumerate(made) if at % 7])
    expected = [f"NCT{n:08d}" for n in reversed(range(60))]
    for at, records in enumerate(orders):
        folder = tmp_path / str(at)
        add(folder, records[:20])
        add(folder, records[20:])
        library = Library(folder)
        for text, sort in (
            ("hiccup", "relevance"),
            ("status:completed", "relevance"),
            ("status:completed", "relevance"),
            ("", "relevance"),
            ("", "start"),
        ):
            pages = [
                hit.nct
                for offset in range(0, 60, 7)
                for hit in search(library, text, sort=sort, limit=7, offset=offset).hits  # type: ignore[arg-type]
            ]
            assert pages == expected, (text, sort)


@pytest.mark.parametrize(
    ("text", "alike"),
    [
        ("", True),
        ("status:completed", True),
        ("status:completed phase:1", True),
        ("enrollment:>10 NOT status:completed", True),
        ("sex:female", False),
        ("status:completed asherman", False),
        ("status:completed OR asherman", False),
        ("condition:asherman", False),
    ],
)
def test_what_only_narrows_is_equally_relevant(library: Library, text: str, alike: bool) -> None:
    assert scores_alike(parse(text)[0]) is alike
    hits = search(library, text, limit=500).hits
    assert len(hits) > 1
    if alike:
        compiler = Compiler(library.frequencies(), library.schema, library.mesh, TUNED)
        query = compiler.compile_all(text, parse(text)[0])
        assert len({score for score, _ in library.searcher().search(query, 500).hits}) == 1
        assert [hit.nct for hit in hits] == sorted((hit.nct for hit in hits), reverse=True)


@pytest.mark.parametrize(
    ("text", "lacking"),
    [
        ("severe asherman zebrafish", "zebrafish"),
        ("amnion AND zebrafish", "zebrafish"),
        ('"thin endometrium zebrafish"', "“thin endometrium zebrafish”"),
    ],
)
def test_no_answer_is_empty_while_a_word_is_met_and_what_lacks_is_said(
    library: Library, text: str, lacking: str
) -> None:
    answer = search(library, text)
    assert answer.hits or answer.partly
    assert all(lacking in hit.lacks for hit in answer.partly)
    assert all(hit.lacks == () for hit in answer.hits)


def test_a_condition_of_one_heading_is_filled_up_with_its_words(tmp_path: Path) -> None:
    folder = tmp_path / "library"
    add(folder, [study(1, {"conditions": {"conditions": ["Psoriatic arthritis"]}})])
    mesh = Mesh([Heading("D1", "Arthritis, Gouty", ("C05",), ("Gouty Arthritis",))])
    (folder / "mesh.json").write_bytes(mesh.to_bytes())
    answer = search(Library(folder), "gouty arthritis")
    assert answer.total == 0
    assert [(hit.nct, hit.lacks) for hit in answer.partly] == [("NCT00000001", ("gouty",))]
