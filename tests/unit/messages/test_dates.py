"""Dates are written as a language writes them, and a month is read as it is typed in any."""

import pytest

from trialwright.messages.dates import date_words, moment_words, month_number


@pytest.mark.parametrize(
    ("parts", "english", "chinese"),
    [
        ((2017,), "2017", "2017年"),
        ((2017, 10), "October 2017", "2017年10月"),
        ((2017, 1, 5), "5 January 2017", "2017年1月5日"),
    ],
)
def test_a_date_is_no_more_precise_than_it_is(
    parts: tuple[int, ...], english: str, chinese: str
) -> None:
    said = date_words(*parts)
    assert (str(said), said.in_language("zh")) == (english, chinese)


def test_a_moment_is_a_date_and_a_time() -> None:
    said = moment_words(date_words(2017, 10, 5), "08:30")
    assert said.in_language("en") == "5 October 2017, 08:30"
    assert said.in_language("zh") == "2017年10月5日 08:30"


@pytest.mark.parametrize(
    ("typed", "number"),
    [
        ("3", 3), ("03", 3), ("Mar", 3), ("march", 3), ("sept.", 9), ("三月", 3), ("三", 3),
        ("3月", 3), ("十", 10), ("十二月", 12), ("Ma", None), ("J", None), ("0", None),
        ("13", None), ("", None), ("十三月", None),
    ],
)  # fmt: skip
def test_a_month_is_read_by_number_or_name(typed: str, number: int | None) -> None:
    assert month_number(typed) == number
