"""What is sent comes back as raw text or a reason, item by item, and as nothing else."""

from django.http import QueryDict
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.web.forms_for_tests import FORM
from trialwright.protocol.values import Missing
from trialwright.web.forms.posting import Posted, read_post


def sent(text: str) -> Posted:
    return read_post(FORM, QueryDict(text).dict())


def test_a_box_holds_its_text_without_the_blanks_around_it() -> None:
    assert sent("thickness_mm=+5.40+").values["thickness_mm"] == "5.40"


def test_an_emptied_box_is_an_empty_text_so_that_the_change_is_seen() -> None:
    assert sent("thickness_mm=").values["thickness_mm"] == ""


def test_full_width_digits_are_read_as_digits() -> None:
    assert sent("thickness_mm=５．４").values["thickness_mm"] == "5.4"


def test_a_wrong_value_stays_as_typed() -> None:
    assert (
        sent("thickness_mm=five&exam_date.day=31&exam_date.month=2&exam_date.year=2026").values[
            "thickness_mm"
        ]
        == "five"
    )


def test_three_boxes_are_one_date() -> None:
    posted = sent("last_bleed.day=&last_bleed.month=Mar&last_bleed.year=2026")
    assert posted.values["last_bleed"] == "2026-03"


def test_a_reason_stands_for_the_value() -> None:
    assert sent("thickness_mm=&thickness_mm.missing=not_done").values["thickness_mm"] == Missing(
        "not_done"
    )
    assert sent("menses=missing:not_known").values["menses"] == Missing("not_known")


def test_a_reason_that_the_protocol_does_not_give_is_not_taken() -> None:
    assert sent("thickness_mm=&thickness_mm.missing=forgot").values["thickness_mm"] == ""
    assert sent("exam_date.year=&exam_date.missing=not_done").values["exam_date"] == ""


def test_a_value_and_a_reason_at_once_are_told() -> None:
    posted = sent("thickness_mm=5&thickness_mm.missing=not_done")
    assert posted.values["thickness_mm"] == "5"
    assert posted.both == ("thickness_mm",)


def test_whys_and_remarks_are_read_where_there_is_one() -> None:
    posted = sent("thickness_mm=5&thickness_mm.why=misread&menses.remark=+&menses.why=")
    assert posted.change_reasons == {"thickness_mm": "misread"}
    assert posted.remarks == {}


def test_a_computed_item_and_a_strange_name_are_never_read() -> None:
    posted = sent("total=99&password=x&revision=3")
    assert posted.values == {}


def test_an_item_that_was_not_on_the_page_is_not_among_the_values() -> None:
    assert set(sent("thickness_mm=&exam_date.year=2026").values) == {"thickness_mm", "exam_date"}


_NAMES = [f"{i.key}{part}" for i in FORM.items for part in ("", ".day", ".missing", ".why")]


@given(st.dictionaries(st.sampled_from(_NAMES), st.text(max_size=30)))
def test_nothing_that_can_be_sent_breaks_the_reading(post: dict[str, str]) -> None:
    posted = read_post(FORM, post)
    for value in posted.values.values():
        assert isinstance(value, Missing) or "\x00" not in value
