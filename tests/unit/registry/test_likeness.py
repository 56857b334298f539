"""The later trials of a description's answer come by what its first ones have in common."""

from dataclasses import replace

import orjson
import pytest

from trialwright.registry.library.adding import add
from trialwright.registry.library.library import Library
from trialwright.registry.library.sample import sample_library
from trialwright.registry.readers.files import RawRecord
from trialwright.registry.search.search import search
from trialwright.registry.search.weights import TUNED

ALONE = replace(TUNED, common_word=0.0, common_heading=0.0)
TOLD = (
    "A 34-year-old woman came with scant periods after two curettages. On hysteroscopy there were "
    "dense intrauterine adhesions, which were lysed; now she asks about cells or a gel."
)


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Library:
    return Library(sample_library(tmp_path_factory.mktemp("sample")))


def test_the_first_ten_stay_and_no_trial_comes_or_goes(library: Library) -> None:
    alone = search(library, TOLD, limit=300, weights=ALONE)
    found = search(library, TOLD, limit=300)
    assert found.total == alone.total == len(found.hits) > 20
    assert [h.nct for h in found.hits[:10]] == [h.nct for h in alone.hits[:10]]
    assert [h.nct for h in found.hits] != [h.nct for h in alone.hits]
    assert {h.nct for h in found.hits} == {h.nct for h in alone.hits}


def test_scores_fall_from_one_to_the_next(library: Library) -> None:
    scores = [hit.score for hit in search(library, TOLD, limit=300).hits]
    assert scores == sorted(scores, reverse=True)


@pytest.mark.parametrize("size", [1, 7, 10, 20])
def test_pages_neither_repeat_nor_miss(library: Library, size: int) -> None:
    whole = [hit.nct for hit in search(library, TOLD, limit=300).hits]
    pages = [
        hit.nct
        for offset in range(0, len(whole), size)
        for hit in search(library, TOLD, limit=size, offset=offset).hits
    ]
    assert pages == whole


def test_an_order_by_date_is_left_alone(library: Library) -> None:
    by_date = search(library, TOLD, limit=300, sort="updated").hits
    assert by_date == search(library, TOLD, limit=300, sort="updated", weights=ALONE).hits


def trial(number: int, title: str, summary: str) -> RawRecord:
    modules = {
        "identificationModule": {"nctId": f"NCT{number:08d}", "briefTitle": title},
        "descriptionModule": {"briefSummary": summary},
    }
    return RawRecord(orjson.dumps({"protocolSection": modules}), "test", "")


def test_what_the_first_have_in_common_lifts_what_has_it_too(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    """Twelve titles say quoxim, which the description doesn't; of two further trials one does."""
    told = (
        "He had a fall in the garden last spring and since then his left wrist hurts when he turns "
        "a key; the drawing showed a broken scaphoid that has not grown together in eight months."
    )
    both = "Broken scaphoid of the wrist that has not grown together after a fall"
    lesser = [
        trial(20, "Quoxim, scaphoid", "Wrist."),
        trial(21, "Other, scaphoid", "Wrist, scaphoid."),
    ]
    first = [trial(number, "Quoxim", both) for number in range(1, 13)]
    # Others, so that the words of these are rare.
    others = [trial(number, f"Gout and diet {number}", "Uric acid") for number in range(100, 160)]
    folder = tmp_path_factory.mktemp("made")
    add(folder, [*first, *lesser, *others])
    library = Library(folder)

    def places(weights: object) -> list[str]:
        hits = search(library, told, limit=40, weights=weights).hits  # type: ignore[arg-type]
        return [hit.nct for hit in hits if hit.nct in {"NCT00000020", "NCT00000021"}]

    assert places(ALONE) == ["NCT00000021", "NCT00000020"]
    assert places(TUNED) == ["NCT00000020", "NCT00000021"]
