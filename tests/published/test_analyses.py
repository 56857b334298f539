"""Analyses with figures known for decades.

Dunnett 1964, Biometrics 20:482 (two-sided 5% points, equal groups). Freireich and others 1963,
Blood 21:699 (6-mercaptopurine), as worked in Kalbfleisch and Prentice, The Statistical Analysis of
Failure Time Data. Fisher 1935, The Design of Experiments (the lady tasting tea).
"""

import numpy as np
import pytest

from trialwright.analysis import fisher, kaplan_meier, logrank
from trialwright.analysis.comparisons import _dunnett_inside

TREATED = [6, 6, 6, 6, 7, 9, 10, 10, 11, 13, 16, 17, 19, 20, 22, 23, 25, 32, 32, 34, 35]
RELAPSED = [1, 1, 1, 0, 1, 0, 1, 0, 0, 1, 1, 0, 0, 0, 1, 1, 0, 0, 0, 0, 0]
PLACEBO = [1, 1, 2, 2, 3, 4, 4, 5, 5, 8, 8, 8, 8, 11, 11, 12, 12, 15, 17, 22, 23]


@pytest.mark.parametrize(
    ("freedom", "points"),
    [
        (5, [2.57, 3.03, 3.29, 3.48]),
        (10, [2.23, 2.57, 2.76, 2.89]),
        (20, [2.09, 2.38, 2.54, 2.65]),
    ],
)
def test_dunnetts_two_sided_points(freedom: int, points: list[float]) -> None:
    for groups, point in enumerate(points, start=1):
        load = np.full(groups, np.sqrt(0.5))
        within = [_dunnett_inside(point + side, load, freedom) for side in (-0.006, 0.006)]
        assert within[0] < 0.95 < within[1]


def test_remission_times_of_leukaemia() -> None:
    curve = kaplan_meier(TREATED, RELAPSED)
    expected = {6: 0.857, 7: 0.807, 10: 0.753, 13: 0.690, 16: 0.627, 22: 0.538, 23: 0.448}
    assert {int(t): round(curve.at(t), 3) for t in curve.times} == expected
    assert curve.median == 23
    assert kaplan_meier(PLACEBO, [1] * 21).median == 8
    result = logrank(TREATED + PLACEBO, RELAPSED + [1] * 21, [1] * 21 + [0] * 21)
    assert "chi-square 16.793 on 1 df" in result.method


def test_the_lady_tasting_tea() -> None:
    assert fisher(3, 4, 1, 4, "greater").p_value == pytest.approx(17 / 70)
    assert fisher(4, 4, 0, 4, "greater").p_value == pytest.approx(1 / 70)
