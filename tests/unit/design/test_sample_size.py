"""Power and sample size: exact sums against listing, and the first size that is enough."""

from itertools import product

import pytest
from scipy.stats import binom

from trialwright.analysis import boschloo
from trialwright.design import BetaBinomialStopping, DesignError, SelectionDesign
from trialwright.design.sample_size import (
    power_two_means,
    power_two_proportions,
    sample_size_selection,
    sample_size_two_means,
    sample_size_two_proportions,
)


def test_power_sums_the_tables_that_boschloo_rejects() -> None:
    by_listing = sum(
        binom.pmf(a, 8, 0.7) * binom.pmf(b, 7, 0.2)
        for a, b in product(range(9), range(8))
        if (boschloo(a, 8, b, 7, "greater").p_value or 0) <= 0.05
    )
    assert power_two_proportions(0.7, 0.2, 8, 7, alpha=0.05) == pytest.approx(by_listing)


def test_the_first_size_that_is_enough() -> None:
    n = sample_size_two_proportions(0.7, 0.2)
    assert power_two_proportions(0.7, 0.2, n, n) >= 0.8
    assert power_two_proportions(0.7, 0.2, n - 1, n - 1) < 0.8
    m = sample_size_two_means(0.8, 1.0, power=0.9)
    assert power_two_means(0.8, 1.0, m, m) >= 0.9 > power_two_means(0.8, 1.0, m - 1, m - 1)


def test_boschloo_needs_no_more_than_fisher() -> None:
    sizes = [sample_size_two_proportions(0.7, 0.2, test=t) for t in ("Boschloo", "Fisher")]
    assert sizes[0] <= sizes[1]


def test_size_of_a_selection() -> None:
    design = SelectionDesign(
        arms=3, control=1, blocks=5,
        arm_rule=BetaBinomialStopping(0.15, (0.3, 1.7), 0.85, 12),
        pooled_rule=BetaBinomialStopping(0.10, (0.2, 1.8), 0.95, 24),
    )  # fmt: skip
    n = sample_size_selection(design, [0.02] * 3, [0.3, 0.3, 0.7], best=3, power=0.7)
    assert 5 < n <= 20
    with pytest.raises(DesignError, match="Raise limit"):
        sample_size_selection(design, [0.02] * 3, [0.3] * 3, best=3, power=0.7, limit=4)
