"""Analyses with figures known for decades.

Dunnett 1964, Biometrics 20:482 (two-sided 5% points, equal groups). Freireich and others 1963,
Blood 21:699 (6-mercaptopurine), as worked in Kalbfleisch and Prentice, The Statistical Analysis of
Failure Time Data. Fisher 1935, The Design of Experiments (the lady tasting tea). Maintenance in
acute myelogenous leukaemia: Embury and others 1977, West J Med 126:267, as in Miller 1981, Survival
Analysis. Hollander and Wolfe 1973, page 69 (permeability of membranes). Blood counts: Dunnett 1955,
JASA 50:1096. Leprosy: Snedecor and Cochran 1967, Statistical Methods, page 422, as fitted in
SAS/STAT's chapter on GLM. Barnard's test of SAS 9.4 and Boschloo's of StatXact 11, as quoted in the
tests of the R package exact2x2; Berger and Boos 1994, JASA 89:1012; Mehta and Senchaudhuri 2003
(7/15 v 12/15).
"""

from collections.abc import Callable

import numpy as np
import pytest

from trialwright.analysis import (
    Estimate,
    ancova,
    barnard,
    boschloo,
    dunnett,
    fisher,
    kaplan_meier,
    logrank,
    wilcoxon,
)
from trialwright.analysis.means import _dunnett_inside
from trialwright.analysis.stratified import exact_conditional, mantel_haenszel

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


EXACT_TESTS = [
    (barnard, (10, 35, 24, 61), "less", 0.2142),
    (barnard, (10, 35, 24, 61), "two-sided", 0.4063),
    (barnard, (4, 12, 9, 11), "less", 0.0120),
    (barnard, (4, 12, 9, 11), "two-sided", 0.0215),
    (barnard, (14, 47, 48, 283), "two-sided", 0.061),
    (barnard, (7, 15, 12, 15), "less", 0.0341),
    (fisher, (7, 15, 12, 15), "less", 0.0641),
    (boschloo, (10, 35, 24, 61), "less", 0.1513),
    (boschloo, (10, 35, 24, 61), "two-sided", 0.3381),
]


@pytest.mark.parametrize(("test", "table", "alternative", "p"), EXACT_TESTS)
def test_exact_tests_of_two_proportions(
    test: Callable[..., Estimate], table: tuple[int, int, int, int], alternative: str, p: float
) -> None:
    assert test(*table, alternative).p_value == pytest.approx(p, abs=10.0 ** -len(str(p)[2:]) / 2)


def test_maintenance_in_leukaemia() -> None:
    time = [9, 13, 13, 18, 23, 28, 31, 34, 45, 48, 161]
    event = [1, 1, 0, 1, 1, 0, 1, 1, 0, 1, 0]
    other = [5, 5, 8, 8, 12, 16, 23, 27, 30, 33, 43, 45]
    events = [1, 1, 1, 1, 1, 0, 1, 1, 1, 1, 1, 1]
    curve = kaplan_meier(time, event)
    assert curve.survival.round(3).tolist() == [0.909, 0.818, 0.716, 0.614, 0.491, 0.368, 0.184]
    assert (curve.lower[0].round(4), curve.upper[0].round(4)) == (0.5081, 0.9867)
    assert (curve.median, kaplan_meier(other, events).median) == (31, 23)
    assert (curve.median_interval[0], kaplan_meier(other, events).median_interval[0]) == (13, 5)
    result = logrank(time + other, event + events, [1] * 11 + [0] * 12)
    assert "chi-square 3.396 on 1 df" in result.method


def test_permeability_of_membranes() -> None:
    term = [0.80, 0.83, 1.89, 1.04, 1.45, 1.38, 1.91, 1.64, 0.73, 1.46]
    earlier = [1.15, 0.88, 0.90, 0.74, 1.21]
    result = wilcoxon(term, earlier, "greater", level=0.96)
    assert result.p_value == pytest.approx(0.1272, abs=5e-5)
    assert result.estimate == pytest.approx(0.305)
    assert (result.lower, result.upper) == (pytest.approx(-0.15), pytest.approx(0.76))


def test_blood_counts_against_the_control() -> None:
    control = [7.40, 8.50, 7.20, 8.24, 9.84, 8.32]
    a, b = [9.76, 8.80, 7.68, 9.36], [12.80, 9.68, 12.16, 9.20, 10.55]
    first, second = dunnett([a, b], control)
    assert (first.p_value, second.p_value) == (
        pytest.approx(0.620, abs=5e-4),
        pytest.approx(0.0058, abs=5e-5),
    )


def test_leprosy_adjusted_for_the_bacilli_before_treatment() -> None:
    """Drugs A and D against F, one covariate: estimate, standard error, p."""
    before = [
        11, 8, 5, 14, 19, 6, 10, 6, 11, 3, 6, 6, 7, 8, 18, 8, 19, 8, 5, 15,
        16, 13, 11, 9, 21, 16, 12, 12, 7, 12,
    ]  # fmt: skip
    after = [
        6, 0, 2, 8, 11, 4, 13, 1, 8, 0, 0, 2, 3, 1, 18, 4, 14, 9, 1, 9,
        13, 10, 18, 5, 23, 12, 5, 16, 1, 20,
    ]  # fmt: skip
    drugs = np.repeat(["A", "D", "F"], 10)
    for drug, other, expected in (
        ("A", "D", (-3.446138, 1.886781, 0.0793)),
        ("D", "A", (-3.337167, 1.853866, 0.0835)),
    ):
        covariates = np.column_stack([before, drugs == other])
        result = ancova(after, drugs == drug, covariates)
        error = (result.upper - result.lower) / 2 / 2.0555294
        assert (result.estimate, error) == pytest.approx(expected[:2], abs=1e-5)
        assert result.p_value == pytest.approx(expected[2], abs=5e-5)


@pytest.mark.parametrize(("freedom", "point"), [(2, 4.303), (3, 3.182), (20, 2.086), (2000, 1.961)])
def test_one_group_alone_is_students_t(freedom: int, point: float) -> None:
    """Two-sided 5% points of Student's distribution."""
    inside = [_dunnett_inside(point + side, np.array([0.7]), freedom) for side in (-5e-4, 5e-4)]
    assert inside[0] < 0.95 < inside[1]


# Mann 1958, as in Agresti 1990, Categorical Data Analysis, page 235, and in R's help page of
# mantelhaen.test: rabbits cured by penicillin given at once or 90 minutes late, at five doses.
RABBITS = [(0, 6, 0, 5), (3, 6, 0, 6), (6, 6, 2, 6), (5, 6, 6, 6), (2, 2, 5, 5)]


def test_penicillin_for_rabbits() -> None:
    """R 4.2.2 prints odds ratio 7, 95% interval 1.026713 to 47.725133; exactly 10.36102 with p
    0.03994. Its exact limits, 1.0774 and 529.84, are roots to a tolerance of 1e-4 (uniroot's), on
    the scale of 1/odds ratio above 1: at 529.84 the lower tail is 0.02508, not 0.025."""
    found = mantel_haenszel(RABBITS, "odds-ratio")
    assert (found.estimate, found.lower, found.upper) == pytest.approx(
        (7.0, 1.026713, 47.725133), rel=1e-6
    )
    exact = exact_conditional(RABBITS)
    assert exact.estimate == pytest.approx(10.36102, abs=5e-5)
    assert exact.p_value == pytest.approx(0.03994, abs=5e-6)
