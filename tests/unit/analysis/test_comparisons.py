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
from trialwright.analysis.splits import _listed_tail
from trialwright.analysis.ties import joined, whole
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
    assert "2 missing left out" in str(result.sentence)


def test_computed_decimals_tie() -> None:
    """5.6 - 5.4 and 6.2 - 6.0 are 0.2 to everybody but a computer."""
    first = np.array([6.3, 6.4, 5.6, 6.6]) - np.array([6.0, 6.0, 5.4, 6.0])
    second = np.array([6.3, 6.1, 6.2, 0.2]) - np.array([6.0, 6.0, 6.0, 0.0])
    assert wilcoxon(first, second).p_value == pytest.approx(wilcoxon(TENTHS, OTHERS).p_value)
    assert wilcoxon(first, second).p_value == pytest.approx(0.2, abs=1e-12)
    assert permutation(first, second).p_value == permutation(TENTHS, OTHERS).p_value
    assert kaplan_meier([0.1 + 0.2, 0.3], [1, 1]).times.tolist() == [0.3]
    together = logrank([0.1 + 0.2, 0.3, 1, 2], [1] * 4, [0, 1, 0, 1])
    assert together.p_value == logrank([0.3, 0.3, 1, 2], [1] * 4, [0, 1, 0, 1]).p_value


TENTHS, OTHERS = [0.3, 0.4, 0.2, 0.6], [0.3, 0.1, 0.2, 0.2]


def test_values_apart_stay_apart() -> None:
    values = np.array([0.0, 1e-9, 1.0, 1.0 + 1e-9, 1e4, 1e4 + 1e-4, np.inf])
    assert len(np.unique(joined(values))) == len(values)
    seconds = np.array([1_764_547_200.25, 1_764_547_200.5])
    assert len(np.unique(joined(seconds))) == 2
    assert whole(np.array([0.123456789, 3.0])) is None
    assert whole(np.array([2.5, 4.0, 5.6 - 5.1, 10.0])).tolist() == [4, 7, 0, 19]


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.integers(-30, 30), min_size=2, max_size=9),
    st.integers(1, 8),
    st.sampled_from([0.01, 0.5, 1.0, 1 / 3]),
    st.sampled_from(["two-sided", "greater", "less"]),
)
def test_a_permutation_test_counts_all_splits(
    values: list[int], first: int, unit: float, alternative: str
) -> None:
    """By the shift algorithm where the unit is a decimal, by halves where it isn't."""
    first = min(first, len(values) - 1)
    sums = np.array([len(values) * sum(s) for s in combinations(values, first)])
    apart, seen = (
        sums - first * sum(values),
        len(values) * sum(values[:first]) - first * sum(values),
    )
    if alternative == "two-sided":
        expected = np.mean(np.abs(apart) >= abs(seen))
    else:
        expected = np.mean(apart >= seen if alternative == "greater" else apart <= seen)
    scaled = np.array(values) * unit
    result = permutation(scaled[:first], scaled[first:], alternative)
    assert result.p_value == pytest.approx(expected, abs=1e-12)
    assert "all splits" in result.method


def test_twenty_five_a_group_are_counted_both_ways() -> None:
    u = uniforms(5, 0, 0, 2, 19)
    decimals = np.round(10 * u[0] + 2.5, 1), np.round(10 * u[1], 1)
    pooled = np.concatenate(decimals)
    by_halves = _listed_tail(pooled - pooled.mean(), 19, "two-sided")
    assert permutation(*decimals).p_value == pytest.approx(by_halves, rel=1e-12)
    u = uniforms(5, 0, 0, 2, 25)
    result = permutation(np.round(10 * u[0] + 3.5, 2), np.round(10 * u[1], 2))
    units = np.round(100 * np.concatenate([10 * u[0] + 3.5, 10 * u[1]])).astype(int)
    assert "all splits" in result.method
    assert result.p_value == pytest.approx(_counted_in_whole_numbers(units.tolist(), 25), rel=1e-12)


def _counted_in_whole_numbers(units: list[int], first: int) -> float:
    """The two-sided p-value by a dictionary of sums and Python's whole numbers."""
    ways: list[dict[int, int]] = [{0: 1}] + [{} for _ in range(first)]
    for unit in units:
        for size in range(first, 0, -1):
            for total, count in ways[size - 1].items():
                ways[size][total + unit] = ways[size].get(total + unit, 0) + count
    middle, seen = first * sum(units), len(units) * sum(units[:first])
    hits = sum(
        n for s, n in ways[first].items() if abs(len(units) * s - middle) >= abs(seen - middle)
    )
    return hits / sum(ways[first].values())


def test_what_cant_be_counted_is_drawn_from_the_projects_stream() -> None:
    u = uniforms(5, 0, 0, 2, 24)
    drawn = permutation(u[0] + 0.2, u[1], samples=20_000)
    assert "20000 random splits" in drawn.method
    assert "Drawn: 20000 of the ways" in str(drawn.accuracy)
    assert permutation(u[0] + 0.2, u[1], samples=20_000).p_value == drawn.p_value
    assert drawn.p_value == pytest.approx(ttest_ind(u[0] + 0.2, u[1]).pvalue, abs=0.02)


def test_large_groups_take_the_normal_distribution_and_say_so() -> None:
    u = uniforms(3, 0, 0, 2, 400)
    first, second = np.round(10 * u[0] + 0.5), np.round(10 * u[1])
    result = wilcoxon(first, second)
    assert "normal approximation" in result.method
    assert "From the normal distribution" in str(result.accuracy)
    assert "Exact" in str(wilcoxon(first[:20], second[:20]).accuracy)
    peer = mannwhitneyu(first, second, method="asymptotic").pvalue
    assert result.p_value == pytest.approx(peer, rel=1e-9)
    assert wilcoxon(first, second, "less").p_value == pytest.approx(
        mannwhitneyu(first, second, alternative="less", method="asymptotic").pvalue, rel=1e-9
    )


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


def test_a_logrank_test_without_events_is_refused() -> None:
    """A p-value of 1 would say that the groups agree; nothing was seen of either."""
    for time, event in (([1, 2, 3, 4], [0, 0, 0, 0]), ([1, 1, 2, 3], [0, 0, 1, 1])):
        with pytest.raises(AnalysisError, match="no event while two groups"):
            logrank(time, event, [0, 0, 1, 1])


def test_a_stratified_logrank_test_compares_within_strata() -> None:
    """Doubling the participants in a second stratum doubles excess and covariance."""
    time, event, group = [1, 2, 3, 4, 5, 6, 7], [1, 1, 0, 1, 1, 0, 1], [0, 0, 1, 0, 1, 1, 1]

    def chi_square(*given: object, **strata: object) -> float:
        method = logrank(*given, **strata).method  # type: ignore[arg-type]
        return float(method.split("chi-square ")[1].split()[0])

    one = chi_square(time, event, group)
    later = [t + 100 for t in time]
    both = chi_square(time + later, event * 2, group * 2, strata=["a"] * 7 + ["b"] * 7)
    assert both == pytest.approx(2 * one, abs=2e-3)


def test_the_convention_of_a_quantile_is_named() -> None:
    """Times 2, 4, 6+, 8: the curve rests at one half from 4 to 8. R's survfit says 6."""
    curve = kaplan_meier([2, 4, 6, 8], [1, 1, 0, 1])
    assert (curve.median, curve.quantile(0.5), curve.quantile(0.5, "midpoint")) == (4, 4, 6)
    assert curve.quantile(0.4, "midpoint") == 4
    assert kaplan_meier([2, 4, 6], [1, 0, 0]).quantile(0.5) == np.inf
    with pytest.raises(AnalysisError, match="first, midpoint"):
        curve.quantile(0.5, "R")


def test_an_ancova_without_any_spread_is_refused() -> None:
    with pytest.raises(AnalysisError, match="fits every outcome"):
        ancova([1.0] * 6, [0, 0, 0, 1, 1, 1], [1, 2, 4, 1, 2, 5])
