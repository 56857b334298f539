"""Statistics against R and SAS, on data that come with R's packages: what each program printed.

R 4.2.2 with survival 3.5-3, MASS 7.3-58.2, sandwich 3.0-2 and nlme 3.1-162. SAS: PROC MIXED as
printed in the tests and design/SAS of R's mmrm 0.3 (github.com/openpharma/mmrm, Apache-2.0), whose
simulated data `fev_data` stand in files/fev_data.csv.
"""

import csv
from math import log
from pathlib import Path

import numpy as np
import pytest

from trialwright.analysis.clusters import cluster_robust
from trialwright.analysis.counts import negative_binomial, rate_ratio
from trialwright.analysis.means import crossover
from trialwright.analysis.repeated import fit_unstructured, mmrm
from trialwright.analysis.survival import logrank
from trialwright.analysis.survival_comparison import (
    hazard_ratio,
    restricted_mean,
    survival_difference,
)

# survival::aml: acute myelogenous leukaemia, maintained or not (Miller 1997).
WEEKS = [9, 13, 13, 18, 23, 28, 31, 34, 45, 48, 161, 5, 5, 8, 8, 12, 16, 23, 27, 30, 33, 43, 45]
RELAPSED = [1, 1, 0, 1, 1, 0, 1, 1, 0, 1, 0, 1, 1, 1, 1, 1, 0, 1, 1, 1, 1, 1, 1]
MAINTAINED = [1] * 11 + [0] * 12

# MASS::epil, first period: seizures, placebo or progabide, and seizures before (Thall and Vail).
SEIZURES = [5, 3, 2, 4, 7, 5, 6, 40, 5, 14, 26, 12, 4, 7, 16, 11, 0, 37, 3, 3, 3, 3, 2, 8, 18, 2, 3,
            13, 11, 8, 0, 3, 2, 4, 22, 5, 2, 3, 4, 2, 0, 5, 11, 10, 19, 1, 6, 2, 102, 4, 8, 1, 18,
            6, 3, 1, 2, 0, 1]  # fmt: skip
BEFORE = [11, 11, 6, 8, 66, 27, 12, 52, 23, 10, 52, 33, 18, 42, 87, 50, 18, 111, 18, 20, 12, 9, 17,
          28, 55, 9, 10, 47, 76, 38, 19, 10, 19, 24, 31, 14, 11, 67, 41, 7, 22, 13, 46, 36, 38, 7,
          36, 11, 151, 22, 41, 32, 56, 24, 16, 22, 25, 13, 12]  # fmt: skip
PROGABIDE = [0] * 28 + [1] * 31

# datasets::warpbreaks, wool A then B, tension L, M, H of nine looms each.
BREAKS = [26, 30, 54, 25, 70, 52, 51, 26, 67, 18, 21, 29, 17, 12, 18, 35, 30, 36, 36, 21, 24, 18,
          10, 43, 28, 15, 26, 27, 14, 29, 19, 29, 31, 41, 20, 44, 42, 26, 19, 16, 39, 28, 21, 39,
          29, 20, 21, 24, 17, 13, 15, 15, 16, 28]  # fmt: skip

# nlme::Orthodont (Potthoff and Roy 1964): distance at ages 8, 10, 12, 14; boys, then girls.
BOYS = [[26, 25, 29, 31], [21.5, 22.5, 23, 26.5], [23, 22.5, 24, 27.5], [25.5, 27.5, 26.5, 27],
        [20, 23.5, 22.5, 26], [24.5, 25.5, 27, 28.5], [22, 22, 24.5, 26.5], [24, 21.5, 24.5, 25.5],
        [23, 20.5, 31, 26], [27.5, 28, 31, 31.5], [23, 23, 23.5, 25], [21.5, 23.5, 24, 28],
        [17, 24.5, 26, 29.5], [22.5, 25.5, 25.5, 26], [23, 24.5, 26, 30],
        [22, 21.5, 23.5, 25]]  # fmt: skip
GIRLS = [[21, 20, 21.5, 23], [21, 21.5, 24, 25.5], [20.5, 24, 24.5, 26], [23.5, 24.5, 25, 26.5],
         [21.5, 23, 22.5, 23.5], [20, 21, 21, 22.5], [21.5, 22.5, 23, 25], [23, 23, 23.5, 24],
         [20, 21, 22, 21.5], [16.5, 19, 19, 19.5], [24.5, 25, 28, 28]]  # fmt: skip


def test_hazard_ratio_of_r_coxph() -> None:
    """summary(coxph(Surv(time, status) ~ (x == "Maintained"), aml)), Efron's ties."""
    found = hazard_ratio(WEEKS, RELAPSED, MAINTAINED)
    assert (found.estimate, found.lower, found.upper) == pytest.approx(
        (0.400303377733, 0.146767538182, 1.09181359999), rel=1e-9
    )
    assert found.p_value == pytest.approx(0.073714860639, rel=1e-9)


def test_restricted_means_of_r_survfit() -> None:
    """summary(survfit(…), rmean = 28 and 45)$table: rmean and se(rmean) of each group."""
    for until, means, errors in (
        (28, (23.3750000000, 18.9166666667), (2.04282896513, 2.83595330935)),
        (45, (30.7386363636, 22.7083333333), (4.11408624001, 4.18094198103)),
    ):
        found = restricted_mean(WEEKS, RELAPSED, MAINTAINED, until=until)
        assert found.estimate == pytest.approx(means[0] - means[1], abs=1e-9)
        half = 1.959963984540054 * float(np.hypot(*errors))
        assert found.upper - found.estimate == pytest.approx(half, abs=1e-8)


def test_shares_at_a_time_of_r_survfit() -> None:
    """summary(survfit(…, conf.type = "log-log"), times = 24), put together by Zou and Donner."""
    found = survival_difference(WEEKS, RELAPSED, MAINTAINED, until=24)
    (one, low, high), (other, least, most) = (
        (0.613636363636, 0.265752040001, 0.835299243250),
        (0.486111111111, 0.191876619619, 0.729671569779),
    )
    assert found.estimate == pytest.approx(one - other, abs=1e-9)
    assert found.lower == pytest.approx(one - other - np.hypot(one - low, most - other), abs=1e-8)
    assert found.upper == pytest.approx(one - other + np.hypot(high - one, other - least), abs=1e-8)


def test_log_rank_of_r_survdiff() -> None:
    """survdiff(Surv(time, status) ~ x, aml)."""
    found = logrank(WEEKS, RELAPSED, MAINTAINED)
    assert found.p_value == pytest.approx(0.0653393237, abs=1e-8)


@pytest.mark.parametrize(
    ("counts", "times", "expected"),
    [
        ((11, 21), (800, 1083), (0.709107142857, 0.308759812313, 1.538452014938, 0.377894484916)),
        ((32, 2), (1883, 1000), (8.49707912905, 2.16781339984, 73.17795837716, 0.000182413176838)),
    ],
)
def test_rates_of_r_poisson_test(
    counts: tuple[int, int], times: tuple[int, int], expected: tuple[float, ...]
) -> None:
    found = rate_ratio(counts, [1, 0], times)
    seen = (found.estimate, found.lower, found.upper, found.p_value)
    assert seen == pytest.approx(expected, rel=1e-8)


def test_rates_of_r_glm_nb() -> None:
    """summary(glm.nb(y ~ trt + log(base), subset(epil, period == 1)))."""
    found = negative_binomial(SEIZURES, PROGABIDE, covariates=np.log(BEFORE))
    assert log(found.estimate) == pytest.approx(-0.38929303962, abs=1e-7)
    half = log(found.upper / found.lower) / 2
    assert half / 1.959963984540054 == pytest.approx(0.196430702586, abs=1e-7)
    assert found.p_value == pytest.approx(0.0474978258351, rel=1e-4)
    assert found.method == f"negative binomial, dispersion {1 / 2.62280095514:.3g}"


def test_clusters_of_r_vcovcl() -> None:
    """lm(breaks ~ wool); sqrt(diag(vcovCL(…, paste(tension, 0:2), type = "HC1")))."""
    clusters = [f"{'LMH'[i // 9 % 3]}{i % 3}" for i in range(54)]
    found = cluster_robust(BREAKS, [0] * 27 + [1] * 27, clusters)
    assert found.estimate == pytest.approx(-5.77777777778, abs=1e-10)
    half = 3.89674877265 * 2.306004135204166  # the quantile of t on 8 degrees of freedom
    assert found.upper - found.estimate == pytest.approx(half, rel=1e-9)


def test_crossover_of_r_t_test() -> None:
    """t.test(a, b, var.equal = TRUE), halved."""
    found = crossover([2.0, 1.4, 3.1, 0.9], [-1.1, -0.2, -1.9])
    assert (found.estimate, found.lower, found.upper, found.p_value) == pytest.approx(
        (1.45833333333, 0.565438937993, 2.351227728674, 0.00850231268124), rel=1e-10
    )


def orthodont() -> tuple[np.ndarray, np.ndarray, np.ndarray]:  # type: ignore[type-arg]
    """The outcomes with some taken away, girls marked, and a design of girls by age."""
    outcomes = np.array(BOYS + GIRLS, dtype=float)
    outcomes[[2, 8, 19], 3] = np.nan
    outcomes[[4, 17], 2:] = np.nan
    outcomes[22, 1] = np.nan
    girl = np.array([0.0] * 16 + [1.0] * 11)
    design = np.zeros((27, 4, 8))
    for age in range(4):
        design[:, age, 2 * age], design[:, age, 2 * age + 1] = 1, girl
    return outcomes, girl, design


def test_repeated_measures_of_r_gls() -> None:
    """gls(distance ~ age * Sex, corSymm, varIdent) by REML: the girls' difference at 14, and its
    error before Kenward and Roger's adjustment."""
    outcomes, girl, design = orthodont()
    fitted = fit_unstructured(outcomes, design)
    assert fitted.coefficients[7] == pytest.approx(-4.10321607356, abs=2e-6)
    assert fitted.plain[7, 7] ** 0.5 == pytest.approx(1.042999662833, abs=2e-6)
    assert mmrm(outcomes, girl).estimate == pytest.approx(fitted.coefficients[7], abs=1e-9)


def test_repeated_measures_of_sas_proc_mixed() -> None:
    """FEV1 ~ ARMCD, TYPE=UN, DDFM=KR: standard error 0.66124 on 160.733 degrees of freedom; and
    with SEX, the plain standard error 0.6421 and the covariance printed."""
    with (Path(__file__).parent / "files" / "fev_data.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    visits = [f"visit_{k}" for k in range(1, 5)]
    outcomes = np.array([[float(row[v] or "nan") for v in visits] for row in rows])
    columns = np.array([[1.0, row["arm"] == "TRT", row["sex"] == "Female"] for row in rows])
    design = np.repeat(columns[:, None, :], 4, axis=1)
    arm = fit_unstructured(outcomes, design[:, :, :2]).about(np.array([0.0, 1.0]))
    assert arm.error == pytest.approx(0.66124382270307, rel=1e-3)
    assert arm.freedom == pytest.approx(160.733266403768, rel=1e-3)
    both = fit_unstructured(outcomes, design)
    assert both.coefficients == pytest.approx((41.0762, 3.8265, -0.1404), abs=1e-3)
    assert both.plain[1, 1] ** 0.5 == pytest.approx(0.6421, abs=1e-4)
    below = (108.64, 45.5282, 40.1475, -2.4314, 0.8698, 24.7713)
    printed = (*below, -46.7566, -13.0626, 18.9219, 152.49)
    assert both.covariance[np.tril_indices(4)] == pytest.approx(printed, rel=1e-3, abs=5e-3)
