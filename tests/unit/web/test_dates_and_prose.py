"""Dates are written as precisely as they are known; a register's text is set, never trusted."""

from datetime import UTC, date, datetime

import pytest
from django.utils import timezone, translation

from trialwright.registry.record.dates import PartialDate
from trialwright.web import dates
from trialwright.web.prose import blocks


@pytest.mark.parametrize(
    ("value", "english", "chinese"),
    [
        (date(2017, 7, 21), "21 July 2017", "2017年7月21日"),
        (PartialDate(2017, 10), "October 2017", "2017年10月"),
        (PartialDate(2017), "2017", "2017年"),
        ("2017 or so", "2017 or so", "2017 or so"),
    ],
)
def test_a_date_in_each_language(value: object, english: str, chinese: str) -> None:
    with translation.override("en"):
        assert dates.written(value) == english
    with translation.override("zh-hans"):
        assert dates.written(value) == chinese


def test_a_moment_is_shown_in_the_zone_of_the_page_to_the_minute() -> None:
    moment = datetime(2026, 3, 1, 23, 5, 59, tzinfo=UTC)
    with timezone.override("Asia/Shanghai"), translation.override("en"):
        assert dates.written(moment) == "2 March 2026, 07:05"
    with timezone.override("Asia/Shanghai"), translation.override("zh-hans"):
        assert dates.written(moment) == "2026年3月2日 07:05"


def test_criteria_become_headings_and_lists() -> None:
    included = "Inclusion Criteria:\n\n* 1. AFS stage II to III;\n* 2. Wish for fertility"
    text = f"{included}\n\nExclusion Criteria:\n\n- Tumour"
    assert [(b.kind, b.lines) for b in blocks(text)] == [
        ("heading", ("Inclusion Criteria",)),
        ("numbers", ("AFS stage II to III;", "Wish for fertility")),
        ("heading", ("Exclusion Criteria",)),
        ("bullets", ("Tumour",)),
    ]


def test_a_sentence_that_starts_with_a_number_stays_a_sentence() -> None:
    assert blocks("10.5 mm is thick. 3 women took part.")[0].kind == "paragraph"
