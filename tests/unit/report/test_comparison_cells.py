"""A p-value and a number of a comparison as they stand in their cells."""

from dataclasses import replace

import pytest

from trialwright.demonstration.protocol import demonstration
from trialwright.protocol.analysis_plan import Measure
from trialwright.report.estimates import _number, p_text

PLAN = next(e.analysis for e in demonstration().endpoints if e.analysis is not None)


@pytest.mark.parametrize(
    ("p", "cell"),
    [(None, "–"), (0.0, "<0.001"), (0.00099, "<0.001"), (0.001, "0.001"), (1.0, "1.000")],
)
def test_a_p_value_under_a_thousandth_is_told_as_that(p: float | None, cell: str) -> None:
    assert p_text(p) == cell


@pytest.mark.parametrize(
    ("measure", "value", "cell"),
    [
        (Measure.DIFFERENCE, -0.1234, "−0.123"),
        (Measure.DIFFERENCE, -0.0001, "0.000"),
        (Measure.ODDS_RATIO, 1.005, "1.00"),
        (Measure.ODDS_RATIO, 250.0, "250.00"),
        (Measure.MEAN_DIFFERENCE, 99.99, "99.99"),
        (Measure.MEAN_DIFFERENCE, 100.04, "100.0"),
        (Measure.LOCATION_SHIFT, -100.04, "−100.0"),
        (Measure.RATIO, float("nan"), "–"),
        (Measure.RATIO, float("inf"), "∞"),
        (Measure.DIFFERENCE, float("-inf"), "−∞"),
    ],
)
def test_a_number_is_told_as_finely_as_its_measure(
    measure: Measure, value: float, cell: str
) -> None:
    assert _number(replace(PLAN, measure=measure), value) == cell
