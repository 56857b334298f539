"""Factorial trials and interactions with published figures.

PreventADALL (NCT02449850), food allergy at 36 months: Skjerven and others 2022, Lancet 399:2398,
abstract: 14 of 596 without intervention, 17 of 574 with skin care, 6 of 641 with early foods, 7 of
583 with both. Interaction of hormone replacement with age: Altman and Bland 2003, BMJ 326:219.
"""

from math import log

import pytest

from trialwright.analysis.interaction import interaction_of_effects
from trialwright.analysis.proportions import two_proportions
from trialwright.analysis.result import Estimate
from trialwright.analysis.stratified import mantel_haenszel

NEITHER, SKIN, FOOD, BOTH = (14, 596), (17, 574), (6, 641), (7, 583)
FOOD_BY_SKIN = [(*FOOD, *NEITHER), (*BOTH, *SKIN)]
SKIN_BY_FOOD = [(*SKIN, *NEITHER), (*BOTH, *FOOD)]


@pytest.mark.parametrize(
    ("tables", "risk", "odds"),
    [
        (FOOD_BY_SKIN, (-1.6, -2.7, -0.5), (0.4, 0.2, 0.8)),
        (SKIN_BY_FOOD, (0.4, -0.6, 1.5), (1.3, 0.7, 2.3)),
    ],
)
def test_both_margins_of_preventadall(
    tables: list[tuple[int, int, int, int]],
    risk: tuple[float, float, float],
    odds: tuple[float, float, float],
) -> None:
    """To one decimal, but for the regions that the paper adjusts for and doesn't tell."""
    found = mantel_haenszel(tables, "difference")
    parts = [100 * part for part in (found.estimate, found.lower, found.upper)]
    assert parts == pytest.approx(risk, abs=0.1)
    found = mantel_haenszel(tables, "odds-ratio")
    assert (found.estimate, found.lower, found.upper) == pytest.approx(odds, abs=0.1)


def test_no_interaction_of_preventadall() -> None:
    without, with_skin = (two_proportions(*t, "odds-ratio") for t in FOOD_BY_SKIN)
    found = interaction_of_effects(with_skin, without, ratio=True)
    assert found.p_value is not None and round(found.p_value, 1) == 1.0
    assert found.estimate == pytest.approx((7 / 576) / (17 / 557) / ((6 / 635) / (14 / 582)))
    assert found.lower < 1 < found.upper


def test_hormone_replacement_by_age() -> None:
    """Relative risks 0.67 and 0.88 with their intervals: z −1.24, ratio 0.76 (0.49 to 1.17)."""
    young = Estimate("ratio", "meta-analysis", 0.67, 0.46, 0.98)
    old = Estimate("ratio", "meta-analysis", 0.88, 0.71, 1.08)
    found = interaction_of_effects(young, old, ratio=True)
    assert log(found.estimate) == pytest.approx(-0.2726, abs=1e-4)
    # The paper halves the width of each interval, whose limits are rounded to two decimals.
    assert (found.estimate, found.lower, found.upper) == pytest.approx((0.76, 0.49, 1.17), abs=0.01)
    assert found.p_value == pytest.approx(0.2, abs=0.03)
