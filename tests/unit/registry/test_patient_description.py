"""Searches in prose, other spellings and everyday words; what has a part of what is sought."""

from pathlib import Path

import orjson
import pytest

from trialwright.registry.library.adding import add
from trialwright.registry.library.library import Library
from trialwright.registry.library.sample import sample_bytes
from trialwright.registry.readers.files import RawRecord
from trialwright.registry.search.patient_description import read_person
from trialwright.registry.search.query import DescriptionQuery, WordsQuery, parse
from trialwright.registry.search.search import Found, search


def study(number: int, title: str, condition: str, **eligibility: str) -> RawRecord:
    """A v2 study with a title, a condition and eligibility."""
    modules = {
        "identificationModule": {"nctId": f"NCT{number:08d}", "briefTitle": title},
        "conditionsModule": {"conditions": [condition]},
        "eligibilityModule": eligibility,
    }
    return RawRecord(orjson.dumps({"protocolSection": modules}), "test", "")


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Library:
    """The sample and some made-up trials."""
    folder = tmp_path_factory.mktemp("library")
    made = [
        study(1, "Cells in oesophageal stricture", "Oesophageal stricture"),
        study(2, "A stent for esophageal stricture", "Esophageal stricture"),
        study(3, "Dialysis in renal stones", "Renal calculus"),
        study(4, "Keloid in girls", "Keloid", sex="FEMALE", maximumAge="17 Years"),
        study(5, "Keloid in women", "Keloid", sex="FEMALE", minimumAge="18 Years"),
        study(6, "Keloid in men", "Keloid", sex="MALE", minimumAge="18 Years"),
    ]
    sample = [RawRecord(line, "sample", "") for line in sample_bytes().splitlines()]
    add(folder, [*sample, *made])
    return Library(folder)


def numbers(found: Found) -> list[int]:
    """The made-up trials among the hits, in order."""
    return [int(hit.nct[3:]) for hit in found.hits if hit.nct.startswith("NCT0000000")]


@pytest.mark.parametrize(
    ("text", "age", "sex"),
    [
        ("A 34-year-old woman with pain", 34, "FEMALE"),
        ("58 yo man, smoker", 58, "MALE"),
        ("Patient is a boy, 14 months old", 1, "MALE"),
        ("a boy born at 27 weeks who needs oxygen", 0, "MALE"),
        ("64-year-old male", 64, "MALE"),
        ("women with endometriosis", None, ""),
        ("48 M with chest pain", 48, "MALE"),
        ("A 75 yo F w/ a fall", 75, "FEMALE"),
        ("74M hx of falls", 74, "MALE"),
        ("Fluids with 5 M NaCl", None, ""),
        ("她今年 34岁，女性", 34, "FEMALE"),
    ],
)
def test_age_and_sex_are_read_from_a_description(text: str, age: int | None, sex: str) -> None:
    person = read_person(text)
    assert (person.age, person.sex) == (age, sex)


def test_what_is_absent_is_parted_from_what_is_there() -> None:
    person = read_person(
        "She has asthma and eczema, but no diabetes. No history of stroke, cancer, or gout. "
        "She denies smoking, and takes iron. Without fever; never had surgery."
    )
    assert person.told == ("She has asthma and eczema", "She takes iron.")
    assert person.denied == (
        "no diabetes.",
        "No history of stroke",
        "cancer",
        "or gout.",
        "denies smoking",
        "Without fever;",
        "never had surgery.",
    )


def test_prose_is_told_from_words_and_from_the_language_of_searches() -> None:
    prose = "a woman of thirty with thin endometrium (6 mm) who has lost two early pregnancies"
    assert isinstance(parse(prose)[0], DescriptionQuery)
    assert isinstance(parse("thin endometrium after two early lost pregnancies")[0], WordsQuery)
    wanted = (
        '(asthma OR COPD OR bronchitis) AND children AND NOT "heart failure" phase:2 cough wheeze'
    )
    assert not isinstance(parse(f"{wanted} croup stridor")[0], DescriptionQuery)


@pytest.mark.parametrize(
    "written",
    ['"like a knife"', "age:62", "OR without fever", "BP: 120/80", "AND a NOT so bad rash"],
)
def test_marks_of_the_language_in_sentences_demand_nothing(library: Library, written: str) -> None:
    text = f"A woman of thirty with thin endometrium {written} who has lost two early pregnancies"
    assert isinstance(parse(text)[0], DescriptionQuery)
    assert search(library, text).total > 5


@pytest.mark.parametrize(
    "note",
    [
        'Pt: 32 yo female. Hx: two curettages. CC: thin endometrium. "no periods". NOT pregnant.'
        " Meds: iron, aspirin.",
        '32 F with thin endometrium and "no periods", history of: curettage AND hysteroscopy,'
        " age:32 smoker since youth, takes iron",
    ],
)
def test_a_note_in_telegraphic_style_demands_nothing(library: Library, note: str) -> None:
    assert isinstance(parse(note)[0], DescriptionQuery)
    found = search(library, note)
    assert found.total > 5 and "aged 32, female" in found.read_as
    listed = 'keloid AND (steroid OR laser OR surgery) AND phase:3 NOT placebo AND "scar" age:32'
    assert not isinstance(parse(listed)[0], DescriptionQuery)


def test_a_code_beside_a_description_narrows_it(library: Library) -> None:
    text = "A woman of thirty with thin endometrium who has lost two early pregnancies in a year"
    whole, narrowed = search(library, text), search(library, f"{text} AND phase:2")
    assert 0 < narrowed.total < whole.total
    assert all("PHASE2" in hit.facts["phase"] for hit in narrowed.hits)
    assert narrowed.read_as == whole.read_as


def test_parentheses_around_some_of_the_words_ask_for_no_more() -> None:
    assert parse("BRAF (V600E) melanoma")[0] == WordsQuery(("BRAF", "V600E", "melanoma"))
    assert parse("(thin endometrium)")[0] == WordsQuery(("thin", "endometrium"))
    assert parse("(a OR b) c")[0] != WordsQuery(("a", "b", "c"))
    assert parse(")a b(")[1] and parse("(a b")[1]


def test_trials_that_admit_the_person_come_first_and_the_answer_says_so(library: Library) -> None:
    answer = search(library, "keloid 30-year-old female")
    assert numbers(answer)[0] == 5 and set(numbers(answer)) >= {4, 6}
    assert answer.read_as == (
        "Read as a description of a person, aged 30, female; trials that admit such a person come "
        "first."
    )
    assert search(library, "keloid 12-year-old female").hits[0].nct == "NCT00000004"
    assert search(library, "keloid 40-year-old male").hits[0].nct == "NCT00000006"
    chinese = search(library, "keloid 30-year-old female", language="zh-hans").read_as
    assert "30 岁，女" in chinese
    assert search(library, "keloid").read_as == ""


def test_what_a_person_has_not_is_not_searched(library: Library) -> None:
    text = (
        "A 33-year-old woman who wishes to become pregnant has severe intrauterine adhesions after "
        "a curettage. No premature ovarian failure"
    )
    answer = search(library, text, limit=5)
    assert all("dhesion" in str(hit.facts) or "Asherman" in str(hit.facts) for hit in answer.hits)
    assert "What is said to be absent was not searched." in answer.read_as
    assert {"Gynatresia"} == {item.name for item in answer.expansions if item.heading == "D006175"}
    assert "D016649" not in {item.heading for item in answer.expansions}


def test_british_and_american_spelling_and_kin_words_find_each_other(library: Library) -> None:
    assert set(numbers(search(library, "oesophageal stricture"))) == {1, 2}
    assert set(numbers(search(library, "esophageal stricture"))) == {1, 2}
    assert numbers(search(library, "kidney calculus")) == [3]
    assert numbers(search(library, "kidney calculus", expand=False)) == []


def test_chinese_names_find_trials_in_english(library: Library) -> None:
    for text, number in (
        ("宫腔粘连", "NCT03223454"),
        ("宫腔粘连 羊膜", "NCT03223454"),
        ("重度宫腔粘连的 collagen", "NCT02680366"),
    ):
        assert number in {hit.nct for hit in search(library, text, limit=50).hits}, text
    assert [item.words for item in search(library, "宫腔粘连").expansions] == ["宫腔粘连"]
    assert search(library, "宫腔粘连", without={"D006175"}).total == 0
    assert search(library, "宫腔粘连", expand=False).total == 0


def test_everyday_words_find_what_trials_call_otherwise(library: Library) -> None:
    assert "NCT03223454" in {hit.nct for hit in search(library, "scar tissue in the womb").hits}


def test_a_name_that_stands_only_in_the_body_finds_the_trial(tmp_path: Path) -> None:
    said = ["Women with intrauterine synechiae are examined.", "IgE from 0.7 to 3.5 IUA/mL."]
    made = [
        {
            "identificationModule": {"nctId": f"NCT0000000{number}"},
            "descriptionModule": {"detailedDescription": text},
        }
        for number, text in enumerate(said)
    ]
    add(tmp_path, (RawRecord(orjson.dumps({"protocolSection": m}), "test", "") for m in made))
    assert search(Library(tmp_path), "Asherman").total == 1
    assert search(Library(tmp_path), "condition:Asherman").total == 0


def test_what_does_not_help_a_disease_denies_no_disease() -> None:
    person = read_person("Cetirizine does not control her urticaria. She has not had surgery.")
    assert person.told[0] == "Cetirizine does not control her urticaria."
    assert person.denied == ("not had surgery.",)


def test_an_answer_too_short_is_filled_up_by_what_has_a_part(library: Library) -> None:
    answer = search(library, "amniotic asherman", limit=30)
    assert answer.total == len(answer.hits) < len(answer.hits) + len(answer.partly) <= 30
    assert not {hit.nct for hit in answer.hits} & {hit.nct for hit in answer.partly}
    assert min(hit.score for hit in answer.hits) > max(hit.score for hit in answer.partly)
    assert sum(count for _, count in answer.facets["type"]) == answer.total
    # Whoever wants them by date, near a place or by an operator wants the whole of it.
    assert search(library, "amniotic asherman", sort="updated").partly == ()
    assert search(library, "amniotic AND asherman").partly == ()
    filters = {"status": ["TERMINATED"]}
    assert all(
        hit.facts["status"] == "TERMINATED"
        for hit in search(library, "amniotic asherman", filters=filters).partly
    )


def test_a_place_left_blank_is_told_from_one_that_is_not_there(tmp_path: Path) -> None:
    phases = {1: {"phases": []}, 2: {}, 3: {"phases": ["NA"]}, 4: {"phases": ["PHASE1"]}}
    add(
        tmp_path,
        (
            RawRecord(
                orjson.dumps(
                    {
                        "protocolSection": {
                            "identificationModule": {"nctId": f"NCT{number:08d}"},
                            "designModule": design,
                        }
                    }
                ),
                "test",
                "",
            )
            for number, design in phases.items()
        ),
    )
    hits = search(Library(tmp_path), "").hits
    told = {int(hit.nct[3:]): hit.facts["phase"] for hit in hits}
    assert told == {1: [], 2: None, 3: ["NA"], 4: ["PHASE1"]}
