"""Rates, win odds, clusters, times and mixed models: independent ways to the same number, and what
is refused."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from trialwright.analysis.clusters import cluster_robust
from trialwright.analysis.counts import negative_binomial, rate_ratio
from trialwright.analysis.means import ancova, crossover, t_test
from trialwright.analysis.repeated import mmrm
from trialwright.analysis.result import AnalysisError
from trialwright.analysis.survival import kaplan_meier
from trialwright.analysis.survival_comparison import (
    hazard_ratio,
    restricted_mean,
    survival_difference,
)
from trialwright.analysis.win_odds import win_odds

grades = st.lists(st.integers(1, 5), min_size=3, max_size=12)


@settings(deadline=None)
@given(grades, grades)
def test_win_odds_count_all_pairs_and_turn_over(a: list[int], b: list[int]) -> None:
    wins = sum((x > y) + (x == y) / 2 for x in a for y in b) / len(a) / len(b)
    if not 0 < wins < 1 or (len(set(a)) == 1 and len(set(b)) == 1):
        return
    found, turned = win_odds(a, b), win_odds(a, b, more_is_better=False)
    assert found.estimate == pytest.approx(wins / (1 - wins))
    assert turned.estimate == pytest.approx(1 / found.estimate)
    assert turned.p_value == pytest.approx(found.p_value)


def test_win_odds_have_the_variance_of_brunner_and_munzel() -> None:
    """SciPy's statistic is (w - 1/2)/error, with its sign turned; ours divides by w(1 - w)."""
    a, b = [2, 3, 3, 4, 5, 4, 1, 5], [1, 2, 2, 3, 4, 1, 3]
    found = win_odds(a, b)
    w = found.estimate / (1 + found.estimate)
    error = (w - 0.5) / -stats.brunnermunzel(a, b).statistic
    spread = np.log(found.upper / found.lower) / 2 / stats.norm.ppf(0.975)
    assert spread * w * (1 - w) == pytest.approx(error)


def test_ten_of_one_rate_are_watched_as_long_as_they_were() -> None:
    once = rate_ratio([3, 0, 4, 1, 0, 2], [1, 1, 1, 0, 0, 0], [2, 3, 1, 2, 2, 2])
    pooled = rate_ratio([7, 3], [1, 0], [6, 6])
    assert (once.estimate, once.lower, once.upper) == (
        pooled.estimate, pooled.lower, pooled.upper,
    )  # fmt: skip
    p = stats.binomtest(7, 10, 0.5).pvalue
    assert pooled.p_value == pytest.approx(p)


def test_counts_without_extra_spread_are_poissons() -> None:
    """Two by two: the Poisson model's log ratio is that of the rates, its variance 1/a + 1/b."""
    count, group = [2, 3, 2, 3, 1, 1, 1, 1], [1] * 4 + [0] * 4
    found = negative_binomial(count, group)
    assert found.estimate == pytest.approx(10 / 4, rel=1e-5)
    half = np.log(found.upper / found.lower) / 2
    assert half == pytest.approx(stats.norm.ppf(0.975) * (1 / 10 + 1 / 4) ** 0.5, rel=1e-4)


def test_every_participant_a_cluster_is_the_robust_t_of_unequal_variances() -> None:
    """With n clusters of one the variance is White's: within n/(n - k) that of Welch."""
    a, b = [4.1, 5.0, 5.9, 6.2, 5.5], [3.0, 3.9, 4.4, 3.1, 2.8]
    found = cluster_robust(a + b, [1] * 5 + [0] * 5, [str(k) for k in range(10)])
    welch = t_test(a, b)
    assert found.estimate == pytest.approx(welch.estimate)
    error = (found.upper - found.estimate) / stats.t.ppf(0.975, 9)
    assert error**2 == pytest.approx((np.var(a) / 5 + np.var(b) / 5) * (10 / 9) * (9 / 8), rel=1e-9)


times = st.lists(
    st.tuples(st.integers(1, 9), st.booleans(), st.booleans()), min_size=8, max_size=24
)


@settings(max_examples=40, deadline=None)
@given(times)
def test_restricted_means_are_areas_under_the_curves(rows: list[tuple[int, bool, bool]]) -> None:
    time, event, group = (np.array(part, dtype=float) for part in zip(*rows, strict=True))
    group[:2], event[:2] = (0, 1), 1
    until = float(min(time[group == 1].max(), time[group == 0].max()))
    try:
        found = restricted_mean(time, event, group, until=until)
    except AnalysisError:
        return
    grid = np.linspace(0, until, 20_001)[:-1] + until / 40_000
    areas = [
        np.mean([kaplan_meier(time[group == k], event[group == k]).at(x) for x in grid[::50]])
        for k in (1, 0)
    ]
    assert found.estimate == pytest.approx(until * (areas[0] - areas[1]), abs=0.02 * until)


def test_a_hazard_ratio_maximises_the_partial_likelihood() -> None:
    time, event, group = [1, 2, 3, 4, 5, 6], [1, 1, 1, 1, 0, 1], [1, 0, 1, 0, 0, 0]

    def likelihood(log_ratio: float) -> float:
        total = 0.0
        for t, d, g in zip(time, event, group, strict=True):
            if d:
                risk = [log_ratio * h for s, h in zip(time, group, strict=True) if s >= t]
                total += log_ratio * g - np.log(np.exp(risk).sum())
        return total

    best = np.log(hazard_ratio(time, event, group).estimate)
    assert likelihood(best) > max(likelihood(best - 0.001), likelihood(best + 0.001))


def test_strata_of_one_table_each_change_nothing_that_one_stratum_does() -> None:
    time, event, group = [1, 2, 3, 4, 5, 6], [1, 1, 1, 1, 0, 1], [1, 0, 1, 0, 0, 0]
    plain = hazard_ratio(time, event, group)
    assert hazard_ratio(time, event, group, strata=["one"] * 6).estimate == plain.estimate


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 2**32 - 1))
def test_a_mixed_model_of_complete_visits_is_the_t_test_of_the_last(seed: int) -> None:
    """With nothing missing and no covariate the earlier visits say nothing more: the estimate and
    its error are those of a pooled t test of the last visit."""
    chance = np.random.default_rng(seed)
    group = np.repeat([0.0, 1.0], 9)
    outcomes = chance.normal(size=(18, 3)) @ np.array([[1, 0.5, 0.2], [0, 1, 0.4], [0, 0, 1]])
    outcomes += group[:, None] * [0.1, 0.4, 1.0]
    found = mmrm(outcomes, group)
    peer = stats.ttest_ind(outcomes[9:, 2], outcomes[:9, 2])
    assert found.estimate == pytest.approx(outcomes[9:, 2].mean() - outcomes[:9, 2].mean())
    assert found.p_value == pytest.approx(peer.pvalue, rel=0.02, abs=1e-4)


def test_a_mixed_model_of_one_visit_is_an_analysis_of_covariance() -> None:
    chance = np.random.default_rng(3)
    group, before = np.repeat([0.0, 1.0], 12), chance.normal(size=24)
    after = before + group + chance.normal(size=24)
    found = mmrm(after[:, None], group, before)
    peer = ancova(after, group, before)
    assert (found.estimate, found.lower, found.p_value) == pytest.approx(
        (peer.estimate, peer.lower, peer.p_value), rel=1e-6
    )


def test_a_crossover_is_free_of_what_the_periods_do() -> None:
    effect, period = 1.5, 40.0
    first = [effect + period + noise for noise in (0.3, -0.2, 0.1)]
    second = [-effect + period + noise for noise in (-0.1, 0.2, -0.3)]
    assert crossover(first, second).estimate == pytest.approx(effect + (0.2 / 3 + 0.2 / 3) / 2)


REFUSED = [
    (lambda: rate_ratio([0, 0], [1, 0]), "no event"),
    (lambda: rate_ratio([1.5, 2], [1, 0]), "whole numbers"),
    (lambda: rate_ratio([1, 2], [1, 0], [0, 1]), "above 0"),
    (lambda: rate_ratio([1, 2], [1, 1]), "values in both arms"),
    (lambda: rate_ratio([1, 2], [1]), "one row for each"),
    (lambda: negative_binomial([0, 0, 3, 1], [1, 1, 0, 0]), "events in both groups"),
    (lambda: negative_binomial([1, 1, 3, 1], [1, 1, 0, 0], covariates=[1, 1, 0, 0]), "differ"),
    (lambda: win_odds([5, 6], [1, 2]), "every pair|Every pair"),
    (lambda: win_odds([5], [1, 2]), "two values"),
    (lambda: cluster_robust([1, 2, 3], [1, 0, 1], ["a"] * 3), "two or more"),
    (lambda: cluster_robust([1.0, 0, 1, 0], [1, 0, 1, 0], list("aabb")), "Clusters don't differ"),
    (lambda: hazard_ratio([1, 2, 3], [1, 0, 0], [1, 0, 0]), "both groups"),
    (lambda: restricted_mean([1, 2, 3, 4], [1, 0, 1, 0], [1, 1, 0, 0], until=9), "up to"),
    (lambda: survival_difference([1, 2, 3, 4], [1, 0, 1, 0], [1, 1, 0, 0], until=9), "up to"),
    (lambda: mmrm([[1, 2], [2, 3]], [0, 0]), "values in both arms"),
    (lambda: mmrm([[1, float("nan")], [2, 3], [1, 1], [4, 2]], [0, 1, 0, 1]), "more|pair"),
    (lambda: mmrm([1, 2], [0, 1]), "participants x visits"),
]


@pytest.mark.parametrize(("compute", "said"), REFUSED)
def test_what_cant_be_compared_is_refused(compute, said) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(AnalysisError, match=said):
        compute()
