"""Which items stand in the baseline table: those that the file names, or all that can."""

from pathlib import Path

from trialwright.demonstration.protocol import demonstration
from trialwright.protocol.baseline import DESCRIBED, baseline_items, candidates
from trialwright.protocol.loader import parse_file

SMALL = (Path(__file__).parent / "files" / "small.yaml").read_text("utf-8")


def names(source: str) -> list[str]:
    protocol = parse_file(source.encode(), "small.yaml")
    return [f"{form.key}.{item.key}" for form, item in baseline_items(protocol)]


def test_without_a_list_all_stand_there_that_screening_asks_of_everybody() -> None:
    # Not the date, not the text asked only of some, not what is asked after screening.
    assert names(SMALL) == ["who.age", "scan.thickness", "scan.stage", "scan.double"]


def test_a_list_chooses_among_them_in_the_order_of_the_forms() -> None:
    chosen = SMALL.replace("\npopulations:\n", "\nbaseline: [scan.stage, who.age]\npopulations:\n")
    assert names(chosen) == ["who.age", "scan.stage"]


def test_the_demonstration_describes_a_page_of_items_and_no_restricted_one() -> None:
    protocol = demonstration()
    items = baseline_items(protocol)
    assert 10 <= len(items) <= 20 < len(candidates(protocol.forms, protocol.visits))
    assert all(item.type in DESCRIBED and not item.unmasking for _form, item in items)
