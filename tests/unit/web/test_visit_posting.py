"""What is sent from a page that holds all forms of a visit, or with a pasted column."""

from trialwright.demonstration.protocol import demonstration
from trialwright.web.forms.posting import forms_in, part_of, prefix_of, read_post

COUNT = demonstration().form("blood_count")


def test_forms_are_told_apart_by_their_prefix() -> None:
    post = {"menses--bled": "yes", "pbac--revision": "0", "whose": "x", "concomitant-2--name": "A"}
    forms = ("menses", "pbac", "concomitant")
    assert forms_in(post, forms) == [("menses", 1), ("pbac", 1), ("concomitant", 2)]
    assert part_of(post, prefix_of("concomitant", 2)) == {"name": "A"}
    assert part_of(post, prefix_of("menses")) == {"bled": "yes"}


def test_the_day_of_the_visit_is_taken_over_unless_another_is_typed() -> None:
    offered = {"sampled_on.offered": "2026-03-04"}
    assert read_post(COUNT, offered).values == {"sampled_on": "2026-03-04"}
    typed = {"sampled_on.day": "5", "sampled_on.month": "3", "sampled_on.year": "2026"}
    assert read_post(COUNT, {**offered, **typed}).values == {"sampled_on": "2026-03-05"}


def test_a_column_fills_the_empty_boxes_in_order() -> None:
    sent = {"result.column": "Haemoglobin\t118\r\n\r\n241\r\n", "haemoglobin": ""}
    posted = read_post(COUNT, sent)
    assert posted.values == {"haemoglobin": "118", "platelets": "241"}
    kept = read_post(COUNT, {"result.column": "118\n5\n241", "leukocytes": "6"})
    assert kept.values["leukocytes"] == "6"


def test_a_column_that_is_too_long_fills_nothing_and_is_kept() -> None:
    posted = read_post(COUNT, {"result.column": "1\n" * 10_001, "haemoglobin": "118"})
    assert posted.values == {"haemoglobin": "118"}
    assert posted.too_long["result"].count("1") == 10_001
