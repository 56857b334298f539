"""Summaries against independent computations, and against published intervals."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from trialwright.analysis.summaries import numeric, quantile, share, shares

NUMBERS = st.lists(st.floats(-1e6, 1e6), min_size=2, max_size=40)


@given(NUMBERS)
def test_numbers_are_summarised_as_numpy_and_scipy_do(values: list[float]) -> None:
    found = numeric(values)
    assert found is not None
    assert found.mean == pytest.approx(np.mean(values), abs=1e-6)
    assert found.sd == pytest.approx(np.std(values, ddof=1), rel=1e-6, abs=1e-6)
    quartiles = np.quantile(values, [0.25, 0.5, 0.75])
    assert (found.q1, found.median, found.q3) == pytest.approx(quartiles, abs=1e-6)
    if np.ptp(values) > 1e-3:
        interval = stats.t.interval(0.95, len(values) - 1, np.mean(values), stats.sem(values))
        assert (found.low, found.high) == pytest.approx(interval, rel=1e-6, abs=1e-6)


def test_one_value_has_no_spread_and_none_no_summary() -> None:
    found = numeric([3.0])
    assert found is not None
    assert (found.mean, found.sd, found.low, found.median) == (3.0, None, None, 3.0)
    assert numeric([]) is None
    assert quantile([7.0], 0.25) == 7.0


@given(st.integers(1, 200).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))))
def test_the_exact_interval_inverts_the_binomial_tails(pair: tuple[int, int]) -> None:
    count, n = pair
    found = share(count, n)
    assert found.low is not None
    assert found.high is not None
    if count:
        assert stats.binom.sf(count - 1, n, found.low) == pytest.approx(0.025, rel=1e-6)
    if count < n:
        assert stats.binom.cdf(count, n, found.high) == pytest.approx(0.025, rel=1e-6)
    assert found.low <= count / n <= found.high


# Newcombe, Statistics in Medicine 17:857 (1998), single proportions.
@pytest.mark.parametrize(
    ("count", "n", "low", "high"),
    [(15, 148, 0.0578, 0.1617), (0, 20, 0.0, 0.1684), (1, 29, 0.0009, 0.1776)],
)
def test_published_exact_intervals(count: int, n: int, low: float, high: float) -> None:
    found = share(count, n)
    assert (found.low, found.high) == pytest.approx((low, high), abs=5e-5)


def test_an_empty_share_has_no_interval_and_strange_codes_come_last() -> None:
    assert (share(0, 0).low, share(0, 0).proportion) == (None, None)
    found = shares(["b", "x", "b"], ("a", "b"))
    assert [(code, each.count) for code, each in found] == [("a", 0), ("b", 2), ("x", 1)]
