"""Rank and permutation tests, ANCOVA, Dunnett, survival: against listing, SciPy and by hand."""

from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import CensoredData, ecdf, mannwhitneyu, rankdata, ttest_ind
from scipy.stats import dunnett as scipy_dunnett
from scipy.stats import logrank as scipy_logrank

from trialwright.analysis import (
    AnalysisError,
    ancova,
    dunnett,
    kaplan_meier,
    logrank,
    permutation,
    wilcoxon,
)
from trialwright.numerics.philox import uniforms

small = st.lists(st.integers(0, 5), min_size=1, max_size=5)


@settings(max_examples=40, deadline=None)
@given(small, small, st.sampled_from(["two-sided", "greater", "less"]))
def test_wilcoxon_with_ties_equals_listing_all_splits(
    first: list[int], second: list[int], alternative: str
) -> None:
    ranks = rankdata(first + second)
    sums = np.array([sum(s) for s in combinations(ranks, len(first))])
    seen, centre = ranks[: len(first)].sum(), sums.mean()
    if alternative == "two-sided":
        expected = np.mean(np.abs(sums - centre) >= abs(seen - centre) - 1e-9)
    else:
        expected = np.mean(sums >= seen if alternative == "greater" else sums <= seen)
    assert wilcoxon(first, second, alternative).p_value == pytest.approx(expected, abs=1e-12)


def test_wilcoxon_without_ties_agrees_with_scipy_and_estimates_the_shift() -> None:
    u = uniforms(3, 0, 0, 2, 14)
    result = wilcoxon(u[0] + 0.4, u[1])
    peer = mannwhitneyu(u[0] + 0.4, u[1], method="exact")
    assert result.p_value == pytest.approx(peer.pvalue, abs=1e-12)
    assert result.estimate == pytest.approx(np.median(np.subtract.outer(u[0] + 0.4, u[1])))
    assert result.lower < result.estimate < result.upper
    assert (result.p_value < 0.05) == (result.lower > 0)


def test_missing_values_are_left_out_and_counted() -> None:
    result = wilcoxon([1, np.nan, 3], [2, 5, np.nan, 7])
    assert (result.participants, result.missing) == (5, 2)
    assert "2 missing left out" in result.sentence


def test_permutation_lists_all_splits_or_draws_from_its_stream() -> None:
    u = uniforms(5, 0, 0, 2, 8)
    exact = permutation(u[0] + 0.3, u[1]).p_value
    u = uniforms(5, 0, 0, 2, 12)
    drawn = permutation(u[0] + 0.3, u[1], samples=20_000)
    assert 0 < exact <= 1 and "random splits" in drawn.method
    again = permutation(u[0] + 0.3, u[1], samples=20_000)
    assert again.p_value == drawn.p_value
    t = ttest_ind(u[0] + 0.3, u[1]).pvalue
    assert drawn.p_value == pytest.approx(t, abs=0.03)


def test_ancova_recovers_a_known_effect_and_reduces_to_a_t_test_without_covariate_effect() -> None:
    group = np.array([0, 0, 0, 0, 1, 1, 1, 1])
    x = np.array([1.0, 2, 3, 4, 1, 2, 3, 4])
    noise = np.array([0.1, -0.1, -0.1, 0.1, -0.1, 0.1, 0.1, -0.1])
    result = ancova(5 + 2 * group + 3 * x + noise, group, x)
    assert result.estimate == pytest.approx(2)
    assert result.lower < 2 < result.upper and result.p_value < 1e-4
    with pytest.raises(AnalysisError, match="differ from each other"):
        ancova(x, group, group)


def test_dunnett_agrees_with_scipy() -> None:
    u = uniforms(11, 0, 0, 4, 9)
    groups = [u[0] + 0.3, u[1][:7] + 0.1, u[2] - 0.2]
    peer = scipy_dunnett(*groups, control=u[3], random_state=np.random.default_rng(1))
    interval = peer.confidence_interval()
    for result, p, low, high in zip(
        dunnett(groups, u[3]), peer.pvalue, interval.low, interval.high, strict=True
    ):
        assert result.p_value == pytest.approx(p, abs=2e-3)
        assert (result.lower, result.upper) == pytest.approx((low, high), abs=4e-3)


def test_kaplan_meier_and_logrank_agree_with_scipy() -> None:
    u = uniforms(17, 0, 0, 3, 30)
    time = np.ceil(-np.log(u[0]) * 20)
    event = (u[1] < 0.7).astype(int)
    group = (u[2] < 0.5).astype(int)
    curve = kaplan_meier(time, event)
    peer = ecdf(CensoredData.right_censored(time, event == 0)).sf
    assert [curve.at(t) for t in peer.quantiles] == pytest.approx(list(peer.probabilities))
    assert np.all(curve.lower <= curve.survival)
    halves = [CensoredData.right_censored(time[group == g], event[group == g] == 0) for g in (0, 1)]
    assert logrank(time, event, group).p_value == pytest.approx(
        scipy_logrank(*halves).pvalue, abs=1e-9
    )


def test_a_curve_by_hand() -> None:
    curve = kaplan_meier([2, 3, 3, 5, 8, np.nan], [1, 1, 0, 1, 0, 1])
    assert curve.at_risk.tolist() == [5, 4, 2]
    assert curve.survival == pytest.approx([4 / 5, 4 / 5 * 3 / 4, 4 / 5 * 3 / 4 / 2])
    assert (curve.median, curve.missing, curve.at(1.9)) == (5.0, 1, 1.0)
    with pytest.raises(AnalysisError, match="Times are 0 or more"):
        kaplan_meier([-1], [1])
