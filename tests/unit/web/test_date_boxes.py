"""Three boxes hold a date as precisely as it is known, or exactly what was typed."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trialwright.messages.dates import month_number
from trialwright.protocol.values import PartialDate
from trialwright.web.forms.date_boxes import Boxes, boxes_of, raw_text


@pytest.mark.parametrize(
    ("boxes", "raw"),
    [
        (("15", "3", "2026"), "2026-03-15"),
        (("15", "Mar", "2026"), "2026-03-15"),
        (("15", "March", "2026"), "2026-03-15"),
        (("15", "sept.", "2026"), "2026-09-15"),
        (("15", "三月", "2026"), "2026-03-15"),
        (("15", "3月", "2026"), "2026-03-15"),
        (("", "3", "2026"), "2026-03"),
        (("", "", "2026"), "2026"),
        ((" ", "", ""), ""),
    ],
)
def test_what_is_a_date_becomes_iso_text_of_its_own_precision(
    boxes: tuple[str, str, str], raw: str
) -> None:
    assert raw_text(Boxes(*boxes)) == raw


@pytest.mark.parametrize(
    "boxes",
    [
        ("30", "2", "2026"),
        ("15", "Ma", "2026"),
        ("15", "", "2026"),
        ("15", "3", "26"),
        ("x", "", ""),
    ],
)
def test_what_is_no_date_is_kept_box_by_box(boxes: tuple[str, str, str]) -> None:
    assert boxes_of(raw_text(Boxes(*boxes))) == Boxes(*boxes)


@pytest.mark.parametrize(
    "pasted",
    ["2026-03-15", "2026/3/15", "2026年3月15日", "15 March 2026", "15.3.2026", "15-Mar-2026"],
)
@pytest.mark.parametrize("place", [0, 2])
def test_a_whole_date_pasted_into_one_box_is_spread(pasted: str, place: int) -> None:
    parts = ["", "", ""]
    parts[place] = pasted
    assert raw_text(Boxes(*parts)) == "2026-03-15"


def test_a_pasted_month_stays_a_month() -> None:
    assert raw_text(Boxes("", "", "2026年3月")) == "2026-03"


@given(st.dates(), st.sampled_from(["day", "month", "year"]))
def test_every_date_of_every_precision_comes_back(day: object, precision: str) -> None:
    whole = PartialDate.of(day)  # type: ignore[arg-type]
    parts = {"day": 3, "month": 2, "year": 1}[precision]
    date = PartialDate(*[whole.year, whole.month, whole.day][:parts])
    assert raw_text(boxes_of(str(date))) == str(date)


_typed = st.text(st.characters(blacklist_characters="-", blacklist_categories=["Cs"]), max_size=12)


@given(_typed, _typed, _typed)
def test_reading_the_boxes_again_changes_nothing(day: str, month: str, year: str) -> None:
    raw = raw_text(Boxes(day, month, year))
    assert raw_text(boxes_of(raw)) == raw


@given(st.text(max_size=12))
def test_a_month_is_a_number_from_1_to_12_or_nothing(typed: str) -> None:
    assert month_number(typed) in {None, *range(1, 13)}
