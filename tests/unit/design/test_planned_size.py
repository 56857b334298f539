"""Sample sizes: those of the engines behind them, exact and simulated, with what was planned."""

from math import log

import pytest
from scipy.integrate import quad
from scipy.stats import norm

from trialwright.design import (
    BelievedMeans,
    BelievedProportions,
    Blrm,
    DesignError,
    Means,
    NormalOutcomes,
    Proportions,
    SampleSize,
    assurance_two_proportions,
    power_two_proportions,
    sample_size_two_means,
    sample_size_two_proportions,
)
from trialwright.design.canonical import crossing


@pytest.mark.parametrize("rates", [(0.6, 0.2), (0.5, 0.25), (0.9, 0.6), (0.35, 0.05)])
@pytest.mark.parametrize("test", ["Boschloo", "Fisher"])
def test_the_exact_size_is_the_first_of_all_that_reach_the_power(
    rates: tuple[float, float], test: str
) -> None:
    found = SampleSize(outcomes=Proportions(first=rates[0], second=rates[1], test=test)).found
    assert found.per_arm == sample_size_two_proportions(*rates, test=test)
    assert found.power.power == power_two_proportions(*rates, *[found.per_arm] * 2, test=test)
    assert found.power.trials == 0


def test_means_have_the_size_of_the_t_test() -> None:
    for difference in (0.2, 0.5, 1.3):
        plan = SampleSize(outcomes=Means(difference=difference), power=0.9, limit=1_000)
        assert plan.found.per_arm == sample_size_two_means(difference, 1.0, power=0.9)


def test_an_assurance_is_found_at_its_size_and_may_never_come() -> None:
    plan = SampleSize(outcomes=BelievedProportions(first=(12, 8), second=(4, 16)), power=0.7)
    n = plan.found.per_arm
    assert assurance_two_proportions(n, n, (12, 8), (4, 16)) >= 0.7
    assert assurance_two_proportions(n - 1, n - 1, (12, 8), (4, 16)) < 0.7
    doubtful = BelievedMeans(difference=0.2, difference_sd=0.4)
    # However large the trial, the effect is above 0 with Phi(0.5) = 69%.
    with pytest.raises(DesignError, match="isn't reached"):
        _ = SampleSize(outcomes=doubtful, limit=50_000).found
    assert SampleSize(outcomes=doubtful, per_arm=100_000).planned.power == pytest.approx(
        norm.cdf(0.5), abs=0.01
    )


def test_an_assurance_with_interim_looks_is_the_average_of_the_tests_power() -> None:
    """Against SciPy's quadrature over the power of the group-sequential test."""
    looks = BelievedMeans(difference=0.4, difference_sd=0.3, timing=(0.5, 1.0), spending="pocock")
    bounds = looks.test(0.05).at([20, 40], 40)  # information of 80 an arm is 40

    def each(theta: float) -> float:
        up, _ = crossing(bounds, theta)
        return sum(up) * float(norm.pdf(theta, 0.4, 0.3))

    averaged = quad(each, -2.5, 3.0, epsabs=1e-9, limit=200)[0]
    assert looks.power_of(80, 0.05) == pytest.approx(averaged, abs=1e-6)
    assert looks.power_of(80, 0.05) < BelievedMeans(difference=0.4, difference_sd=0.3).power_of(
        80, 0.05
    )
    with pytest.raises(DesignError, match="spending"):
        BelievedMeans(difference=0.4, difference_sd=0.3, spending="all at once")


def test_a_planned_size_is_asked_as_it_is_and_sizes_stand_around_it() -> None:
    plan = SampleSize(outcomes=Proportions(first=0.6, second=0.2), per_arm=40)
    assert [one.per_arm for one in plan.around] == [20, 30, 40, 50, 60]
    assert plan.planned.power == power_two_proportions(0.6, 0.2, 40, 40)
    assert "40 participants are planned" in str(plan.describe())


def test_a_simulated_size_asks_no_size_twice() -> None:
    plan = SampleSize(outcomes=NormalOutcomes(difference=0.8), trials=200)
    tried = {one.per_arm for one in plan.found.tried}
    again = {one.per_arm: one for one in plan.around}
    assert plan.found.per_arm in tried and plan.planned.power >= 0.8
    assert all(again[n] in plan.found.tried for n in tried & again.keys())


def test_the_chance_of_an_interval_is_that_of_a_normal_where_the_dose_is_the_reference() -> None:
    """At the reference logit p is the first parameter alone, Normal(-1, 2²) before any data; cells
    counted whole are off by up to 0.01."""
    model = Blrm(doses=(1, 2), reference=2, prior_mean=(-1, 0), prior_sd=(2, 1), cuts=(0.16, 0.33))
    found = model.fit([0, 0], [0, 0]).intervals[1]
    ends = [norm.cdf((log(cut / (1 - cut)) + 1) / 2) for cut in (0.16, 0.33)]
    assert found == pytest.approx([ends[0], ends[1] - ends[0], 1 - ends[1]], abs=2e-4)
