"""What a person may type for an item, and the words when it can't be taken."""

from dataclasses import replace
from datetime import date, time
from decimal import Decimal

import pytest

from trialwright.demonstration.protocol import demonstration
from trialwright.protocol import Censored, Missing, PartialDate, canonical
from trialwright.protocol.answers import (
    Refusal,
    read_missing,
    read_value,
    stored_value,
    wanted,
)


def item(path):
    form, key = path.split(".")
    return demonstration().item(form, key)


@pytest.mark.parametrize(
    ("path", "typed", "value"),
    [
        ("ultrasound.thickness", "3.10", Decimal("3.10")),
        ("ultrasound.thickness", " ７．５ ", Decimal("7.5")),
        ("ultrasound.thickness", ".5", Decimal("0.5")),
        ("ultrasound.thickness", "7,5", Decimal("7.5")),
        ("beta_hcg.hcg", "<1，25", Censored("<", Decimal("1.25"))),
        ("history.births", "0", Decimal(0)),
        ("beta_hcg.hcg", "<1.2", Censored("<", Decimal("1.2"))),
        ("beta_hcg.hcg", "＜ 1.2", Censored("<", Decimal("1.2"))),
        ("history.wish", "是", True),
        ("history.wish", "No", False),
        ("hysteroscopy.extent", "under_third", "under_third"),
        ("history.injured_on", "2024", PartialDate(2024)),
        ("procedure.started_at", "8:05", time(8, 5)),
        ("concomitant.name", "  甲硝唑 ", "甲硝唑"),
    ],
)
def test_what_is_typed_is_taken_as_it_stands(path, typed, value):
    assert read_value(item(path), typed) == value


def test_trailing_zeros_typed_are_kept_in_what_is_stored():
    assert canonical(read_value(item("ultrasound.thickness"), "3.10")) == "3.10"


@pytest.mark.parametrize(
    ("path", "typed", "english", "chinese"),
    [
        (
            "ultrasound.uterus_length",
            "500",
            "Enter the uterus: length in mm, from 20 to 200, as a whole number",
            "填写子宫长径（mm），范围 20 至 200，整数",
        ),
        (
            "ultrasound.thickness",
            "thick",
            "Enter the endometrial thickness, double layer in mm, from 0.5 to 30, with at most "
            "1 decimal",
            "填写子宫内膜厚度（双层）（mm），范围 0.5 至 30，最多 1 位小数",
        ),
        ("ultrasound.thickness", "7.25", "with at most 1 decimal", "最多 1 位小数"),
        ("ultrasound.thickness", "1,234", "from 0.5 to 30", "0.5 至 30"),
        ("ultrasound.thickness", "<2", "from 0.5 to 30", "0.5 至 30"),
        ("ultrasound.thickness", "1e1", "from 0.5 to 30", "0.5 至 30"),
        ("demographics.age", "old", "in years, from 14 to 60", "（岁），范围 14 至 60"),
        ("chemistry.alt", "", "Enter the ALT in U/L, from 1 to 10000", "填写丙氨酸氨基转移酶"),
        ("hysteroscopy.extent", "third", "Choose an answer: Cavity involved", "选择一项：累及范围"),
        (
            "ultrasound.scanned_on",
            "2026-03",
            "Enter the day, month and year",
            "填写完整的年、月、日",
        ),
        ("ultrasound.scanned_on", "2026-02-30", "February 2026 has 28 days: date", "28 天"),
        ("ultrasound.scanned_on", "2026-Nov-31", "November 2026 has 30 days", "2026年11月"),
        ("ultrasound.scanned_on", "2026-13-1", "“13” is no month; write 1 to 12", "“13”不是月份"),
        ("ultrasound.scanned_on", "26-3-15", "the year with four digits", "四位数字"),
        ("history.injured_on", "20-06", "the year with four digits", "四位数字"),
        ("history.injured_on", "spring", "at least the year", "至少填写年份"),
        ("procedure.started_at", "25:10", "There is no hour 25; a day has 00:00 to", "没有 25 时"),
        ("procedure.started_at", "2510", "There is no hour 25", "没有 25 时"),
        ("procedure.started_at", "08:75", "There is no minute 75", "没有 75 分"),
        ("procedure.started_at", "early", "Enter the time as 08:30", "按 08:30 格式填写时间"),
        ("administration.lot", "x" * 41, "at most 40 characters: lot", "不超过 40 个字符"),
        ("hysteroscopy.afs_total", "7", "AFS total is computed, not entered", "由系统计算"),
    ],
)
def test_a_refusal_says_what_to_enter_in_both_languages(path, typed, english, chinese):
    refusal = read_value(item(path), typed)
    assert isinstance(refusal, Refusal)
    assert english in str(refusal.message)
    assert chinese in refusal.message.in_language("zh")


def test_no_message_scolds_or_begs():
    for form in demonstration().forms:
        for each in form.items:
            words = wanted(each)
            assert not any(bad in str(words).lower() for bad in ("invalid", "please", "oops"))
            assert "请" not in words.in_language("zh")


def test_a_date_after_today_is_refused_and_one_that_may_be_today_is_not():
    today = date(2026, 3, 10)
    assert isinstance(read_value(item("ultrasound.scanned_on"), "2026-03-11", today=today), Refusal)
    assert read_value(item("history.injured_on"), "2026-03", today=today) == PartialDate(2026, 3)


def test_a_missing_value_needs_a_reason_that_the_item_allows():
    assert read_missing(item("ultrasound.thickness"), "not_done") == Missing("not_done")
    assert isinstance(read_missing(item("ultrasound.thickness"), "lazy"), Refusal)
    assert isinstance(read_missing(item("demographics.age"), "not_done"), Refusal)


def test_what_was_stored_is_read_back_even_outside_todays_range():
    assert stored_value(item("ultrasound.thickness"), "99") == Decimal(99)
    with pytest.raises(ValueError):
        stored_value(item("ultrasound.thickness"), "thick")


def test_what_was_computed_is_read_back_with_all_its_digits():
    ratio = replace(item("second_look.afs_total"), code_list=None)
    assert ratio.computed
    third = Decimal(1) / Decimal(3)
    assert stored_value(ratio, canonical(third)) == third
    tiny = third.scaleb(-20)
    assert stored_value(ratio, canonical(tiny)) == tiny
