"""How numbers are written in a report: as finely as they were recorded, with a real minus."""

import pytest

from trialwright.analysis.summaries import numeric, share
from trialwright.demonstration.protocol import demonstration
from trialwright.report.context import (
    count_interval,
    count_percent,
    decimals_of,
    fixed,
    mean_sd,
    median_quartiles,
    percent,
)
from trialwright.report.words import ReportWords

WORDS = ReportWords("en")


@pytest.mark.parametrize(
    ("form", "item", "decimals"),
    [
        ("demographics", "age", 0),
        ("demographics", "height", 1),
        ("hysteroscopy", "afs_total", 0),
        ("ultrasound", "uterine_volume", 1),
        ("menses", "pads_a_day", 2),
        ("administration", "cells_per_kg", 2),
    ],
)
def test_a_value_has_the_decimals_it_is_asked_or_rounded_to(
    form: str, item: str, decimals: int
) -> None:
    assert decimals_of(demonstration().item(form, item)) == decimals


@pytest.mark.parametrize(
    ("value", "decimals", "text"),
    [(2.5, 2, "2.50"), (-2.5, 1, "−2.5"), (-0.04, 1, "0.0"), (-0.06, 1, "−0.1"), (0.0, 0, "0")],
)
def test_a_number_has_its_decimals_and_zero_no_sign(value: float, decimals: int, text: str) -> None:
    assert fixed(value, decimals) == text


def test_a_mean_has_one_decimal_more_and_quartiles_one_at_least() -> None:
    two, one = numeric([1.0, 4.0]), numeric([3.0])
    assert two is not None and one is not None
    assert (mean_sd(two, 0), mean_sd(one, 1)) == ("2.5 (2.1)", "3.00")
    assert median_quartiles(two, 0) == "2.5 (1.8, 3.2)"
    assert median_quartiles(two, 2) == "2.50 (1.75, 3.25)"


def test_a_share_is_told_with_its_count_and_a_dash_where_nobody_is_known() -> None:
    found = share(3, 15)
    assert count_percent(found, WORDS) == "3 (20.0%)"
    assert count_interval(found, WORDS) == "3 of 15 (20.0%; 4.3 to 48.1)"
    nobody = share(0, 0)
    assert (count_percent(nobody, WORDS), count_interval(nobody, WORDS)) == ("–", "–")
    assert (percent(0.125), percent(1.0)) == ("12.5", "100.0")
