"""The words of reports are found by their key, filled, and told in the language of the report."""

from trialwright.report.words import ReportWords


def test_words_are_filled() -> None:
    assert ReportWords("en")("page", page=2, pages=9) == "Page 2 of 9"
    assert ReportWords("zh")("page", page=2, pages=9) == "第 2 页，共 9 页"


def test_it_is_known_which_keys_have_a_text() -> None:
    assert ReportWords("en").has("table")
    assert not ReportWords("en").has("oc_column_invented")
