"""The words of reports: both languages have the same, with the same places to fill."""

import string

import pytest

from trialwright.report.words import TEXTS, Words


def places(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


def test_both_languages_have_the_same_words() -> None:
    assert TEXTS["en"].keys() == TEXTS["zh"].keys()


@pytest.mark.parametrize("key", TEXTS["en"])
def test_both_languages_fill_the_same_places(key: str) -> None:
    assert places(TEXTS["en"][key]) == places(TEXTS["zh"][key])


def test_words_are_filled() -> None:
    assert Words("en")("page", page=2, pages=9) == "Page 2 of 9"
    assert Words("zh")("page", page=2, pages=9) == "第 2 页，共 9 页"
