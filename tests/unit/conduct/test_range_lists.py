"""A laboratory's list of reference ranges is read whole, or told what is wrong with it."""

import re
from datetime import date

import pytest

from trialwright.conduct.laboratory.range_lists import list_problems, overlapping, ranges_from
from trialwright.conduct.refusals import ActionRefused
from trialwright.demonstration.protocol import demonstration
from trialwright.protocol.loader import parse_file

KNOWN = parse_file(
    demonstration().source_bytes.replace(
        b"\nforms:\n",
        b"\nlaboratory: {sex: female, age: screening.demographics.age}\nforms:\n",
    )
)
HEAD = "test,unit,sex,age_from,age_below,low,high,first_day,last_day\n"
WHOLE = (
    "haemoglobin,g/L,female,0,50,115,150,2020-01-01,2023-12-31\n"
    "haemoglobin,g/L,female,50,,118,152,2020-01-01,2023-12-31\n"
    "haemoglobin,g/L,female,,,120,155,2024-01-01,\n"
)


def said(lines: str, protocol=KNOWN) -> list[str]:
    return [str(each.sentence) for each in list_problems(protocol, ranges_from(HEAD + lines))]


def test_a_list_without_gap_or_overlap_has_no_problem() -> None:
    assert said(WHOLE) == []
    first = ranges_from(HEAD + WHOLE)[0]
    assert (first.row, first.low, first.age_below) == (2, "115", 50)
    assert first.last_day == date(2023, 12, 31)


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("0,50,115", "0,49,115", r"gap: .* women of 49 to 49 years from 2020-01-01 to 2023-12-31"),
        ("0,50,115", "0,51,115", r"overlap: .* women of 50 to 50 years .* lines 2, 3"),
        ("2024-01-01", "2024-01-02", r"gap: .* 0 to 49 years from 2024-01-01 to 2024-01-01"),
        ("2024-01-01", "2023-12-31", r"overlap: .* from 2023-12-31 to 2023-12-31 is in lines 2, 4"),
        ("female,,,120", "male,,,120", r"gap: .* men of 0 to 49 years from 2020-01-01"),
        ("female,,,120", ",,,120", r"gap: .* men of 0 to 49 years from 2020-01-01"),
        ("g/L,female,,", "g/dL,female,,", r"Line 4: .* haemoglobin in g/L, .* is in g/dL"),
        ("haemoglobin,g/L,female,,", "hb,g/L,female,,", r"Line 4: .* no test hb. .*platelets"),
    ],
)  # fmt: skip
def test_gaps_overlaps_and_what_nobody_asks_for_are_told(old: str, new: str, told: str) -> None:
    assert old in WHOLE
    [sentence] = said(WHOLE.replace(old, new))
    assert re.search(told, sentence), sentence


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("haemoglobin,g/L,,,,a,150,2020-01-01,", "Line 2, column low: “a”"),
        ("haemoglobin,g/L,,,,150,115,2020-01-01,", "column high: “115”"),
        ("haemoglobin,g/L,,,,,,2020-01-01,", "one of the two limits may be empty"),
        ("haemoglobin,g/L,x,,,1,2,2020-01-01,", "female or male, or nothing for both"),
        ("haemoglobin,g/L,,50,18,1,2,2020-01-01,", "an age above age_from"),
        ("haemoglobin,g/L,,1.5,,1,2,2020-01-01,", "whole years"),
        ("haemoglobin,g/L,,,,1,2,1.1.2020,", "a day in order, such as 2026-01-31"),
        ("haemoglobin,g/L,,,,1,2,2020-01-02,2020-01-01", "column last_day"),
        (",g/L,,,,1,2,2020-01-01,", "column test"),
        ("haemoglobin,g/L,,,,NaN,2,2020-01-01,", "column low"),
    ],
)  # fmt: skip
def test_a_line_that_can_not_be_read_is_told_with_its_column(line: str, told: str) -> None:
    with pytest.raises(ActionRefused) as refusal:
        ranges_from(HEAD + line)
    assert told in str(refusal.value.problems[0].sentence)


def test_semicolons_with_comma_decimals_and_missing_columns() -> None:
    lines = "test;unit;low;high;first_day\nhaemoglobin;g/L;115,5;;2020-01-01\n"
    assert ranges_from("\ufeff" + lines)[0].low == "115.5"
    with pytest.raises(ActionRefused) as refusal:
        ranges_from("test;unit;low;high\n")
    assert "no column first_day" in str(refusal.value.problems[0].sentence)
    assert "has no range" in said("")[0]


def test_sex_and_age_need_the_protocol_to_say_where_they_are() -> None:
    one = "haemoglobin,g/L,{sex},{age},,115,150,2020-01-01,\n"
    plain = demonstration()
    assert said(one.format(sex="", age=""), plain) == []
    assert "goes by sex" in said(one.format(sex="female", age=""), plain)[0]
    assert "goes by age" in said(one.format(sex="", age="18"), plain)[0]


def test_too_many_ranges_are_refused() -> None:
    days = "".join(f"haemoglobin,g/L,,,,1,2,20{y:02}-01-01,20{y:02}-12-31\n" for y in range(10, 30))
    assert said(days) == []
    assert "more than 200 ranges" in said(days * 11)[0]
    with pytest.raises(ActionRefused, match="more than 10000"):
        ranges_from(HEAD + days * 501)


def test_two_laboratories_share_no_day_of_a_test() -> None:
    old = ranges_from(HEAD + "haemoglobin,g/L,,,,1,2,2020-01-01,2020-12-31\n")
    new = ranges_from(HEAD + "haemoglobin,g/L,,,,1,2,2021-01-01,\n")
    other = ranges_from(HEAD + "platelets,10⁹/L,,,,1,2,2020-01-01,\n")
    assert overlapping(old, new) is None and overlapping(old, other) is None
    assert overlapping(new, new) == "haemoglobin"
    assert overlapping(old, old) == "haemoglobin"
