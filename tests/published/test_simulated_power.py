"""Power by simulation, where it is known: exactly, by counting every outcome, or as published."""

from collections.abc import Callable
from contextlib import suppress
from itertools import product
from math import exp, log, sqrt

import numpy as np
import pytest
from scipy.stats import binom, nct, poisson, t

from trialwright.analysis.counts import rate_ratio
from trialwright.analysis.result import AnalysisError
from trialwright.analysis.stratified import mantel_haenszel
from trialwright.design import (
    ClusteredOutcomes,
    CountedEvents,
    CrossoverOutcomes,
    DesignError,
    NormalOutcomes,
    OrderedOutcomes,
    RepeatedMeasures,
    StratifiedProportions,
    SurvivalTrial,
    TimesToEvent,
    events_needed,
    power_two_means,
    simulated_power,
    size_with_power,
)
from trialwright.design.assumed_outcomes import AssumedOutcomes


def close(outcomes: AssumedOutcomes, n: int, power: float, trials: int, more: float = 0.0) -> None:
    """Within four standard errors, and what an approximation may be off."""
    found = simulated_power(outcomes, n, trials=trials, seed=13)
    error = sqrt(power * (1 - power) / trials)
    assert found.power == pytest.approx(power, abs=4 * error + more)


def test_t_test_of_the_book() -> None:
    """Cohen 1988, table 2.4.1: d = 0.5, 64 a group, power 0.80 (noncentral t: 0.8015)."""
    close(NormalOutcomes(difference=0.5), 64, power_two_means(0.5, 1.0, 64, 64), 2_000)


def test_a_baseline_spares_what_it_explains() -> None:
    """Borm, Fransen and Lemmens 2007, J Clin Epidemiol 60:1234: (1 - rho²) of the participants."""
    plan = NormalOutcomes(difference=0.5, analysis="ancova", correlation=0.6)
    close(plan, 41, power_two_means(0.5, 0.8, 41, 41), 2_000, more=0.01)


def test_ordered_categories_of_whitehead() -> None:
    """Whitehead 1993, Stat Med 12:2257: 0.2, 0.5, 0.2, 0.1 in the control, log odds ratio 0.887:
    187 participants for a power of 0.90."""
    odds = exp(0.887)
    reached = [odds * c / (1 - c + odds * c) for c in (0.2, 0.7, 0.9)]
    shifted = tuple(map(float, np.diff([0.0, *reached, 1.0])))
    plan = OrderedOutcomes(first=shifted, second=(0.2, 0.5, 0.2, 0.1))
    close(plan, 94, 0.90, 1_500, more=0.01)


def counted(p_value: Callable[..., float], chances: list[np.ndarray]) -> float:
    """The chance that p <= 0.05, over all pairs of counts."""
    power = 0.0
    for pair in product(*(range(len(each)) for each in chances)):
        with suppress(AnalysisError):
            power += (p_value(*pair) <= 0.05) * chances[0][pair[0]] * chances[1][pair[1]]
    return power


def test_poisson_counts_against_every_outcome() -> None:
    totals = [poisson(mean).pmf(range(50)) for mean in (8.0, 20.0)]
    exact = counted(lambda x, y: rate_ratio([x, y], [1, 0], [20, 20]).p_value or 1.0, totals)
    close(CountedEvents(rate=1.0, ratio=0.4), 20, exact, 2_000)


def test_two_proportions_against_every_table() -> None:
    rates = [binom(15, p).pmf(range(16)) for p in (0.7, 0.2)]
    exact = counted(lambda x, y: mantel_haenszel([(x, 15, y, 15)]).p_value or 1.0, rates)
    close(StratifiedProportions(first=(0.7,), second=(0.2,), shares=(1.0,)), 15, exact, 2_000)


def test_counts_that_vary_more() -> None:
    """Zhu and Lakkis 2014, Stat Med 33:376, formula 13 with the true rates: 66 an arm for 0.80."""
    needed = (1.959964 + 0.841621) ** 2 * (1 + 2 + 2 * 0.5) / log(0.5) ** 2
    assert round(needed, 1) == 65.3
    close(CountedEvents(rate=1.0, ratio=0.5, dispersion=0.5), 66, 0.80, 300, more=0.01)


def test_log_rank_with_the_events_of_schoenfeld() -> None:
    events = events_needed(0.6, power=0.8)
    trial = SurvivalTrial(hazard=0.1, hazard_ratio=0.6, accrual=12, participants=200)
    per_arm = round(events / trial.expected_events(24) * 100)
    plan = TimesToEvent(hazard=0.1, ratio=0.6, accrual=12, follow_up=12)
    close(plan, per_arm, 0.80, 1_000, more=0.015)


def test_repeated_measures_without_dropout_are_a_t_test_at_the_last_visit() -> None:
    close(RepeatedMeasures(differences=(0.1, 0.5)), 64, 0.8015, 500)


def test_dropout_costs_power() -> None:
    whole, part = (
        simulated_power(RepeatedMeasures(differences=(0.1, 0.5), dropout=each), 50, trials=200)
        for each in (0.0, 0.3)
    )
    assert part.power < whole.power


def test_clusters_need_their_design_effect() -> None:
    """Donner and Klar 2000, section 5: 64 (1 + 9 x 0.05) = 93 participants an arm, one cluster more
    for the variance estimated of few."""
    close(ClusteredOutcomes(difference=0.5, icc=0.05, cluster_size=10), 100, 0.80, 1_000, more=0.03)


def test_a_crossover_exactly() -> None:
    freedom = 2 * 34 - 2
    edge = t.ppf(0.975, freedom)
    exact = nct.sf(edge, freedom, 0.5 * sqrt(34)) + nct.cdf(-edge, freedom, 0.5 * sqrt(34))
    close(CrossoverOutcomes(difference=0.5, period=0.7), 34, float(exact), 2_000)


@pytest.mark.parametrize(
    "null",
    [
        NormalOutcomes(difference=0.0),
        OrderedOutcomes(first=(0.3, 0.3, 0.4), second=(0.3, 0.3, 0.4)),
        TimesToEvent(hazard=0.1, ratio=1.0, accrual=6, follow_up=6, loss=0.01),
        TimesToEvent(hazard=0.1, ratio=1.0, accrual=6, follow_up=6, analysis="restricted mean",
                     until=6),
    ],
)  # fmt: skip
def test_without_an_effect_the_level_is_left(null: AssumedOutcomes) -> None:
    close(null, 60, 0.05, 1_000, more=0.01)


def test_a_sample_size_is_found_with_its_error() -> None:
    found = size_with_power(NormalOutcomes(difference=0.5), trials=2_000)
    assert 58 <= found.per_arm <= 70
    assert found.power.power >= 0.8 and found.power.lower < 0.8
    assert [each.per_arm for each in found.tried] == sorted({e.per_arm for e in found.tried})


def test_more_trials_leave_the_first_as_they_were() -> None:
    plan = NormalOutcomes(difference=0.5)
    once = simulated_power(plan, 30, trials=200)
    again = simulated_power(plan, 30, trials=300)
    extra = [
        plan.p_value(np.random.Generator(np.random.Philox(key=1 | trial << 64)), 30) <= 0.05
        for trial in range(200, 300)
    ]
    assert round(again.power * 300) == round(once.power * 200) + sum(extra)


def test_a_trial_that_allows_no_test_does_not_reject() -> None:
    """With a rate of 0.001 hardly any of five participants has an event."""
    found = simulated_power(
        TimesToEvent(hazard=0.001, ratio=0.5, accrual=1, follow_up=1), 5, trials=200
    )
    assert found.untested > 150 and found.power < 0.05


@pytest.mark.parametrize(
    ("make", "match"),
    [
        (lambda: OrderedOutcomes(first=(0.5, 0.4), second=(0.5, 0.5)), "add to 1"),
        (lambda: OrderedOutcomes(first=(0.5, 0.5), second=(1.0,)), "Give one for each"),
        (lambda: NormalOutcomes(difference=0.1, analysis="z"), "t, wilcoxon, ancova"),
        (lambda: CountedEvents(rate=0.0, ratio=1.0), "above 0"),
        (
            lambda: TimesToEvent(hazard=1, ratio=1, accrual=1, follow_up=1,
                                 analysis="restricted mean"),
            "until",
        ),
        (lambda: ClusteredOutcomes(difference=1, icc=1.0, cluster_size=2), "below 1"),
        (lambda: simulated_power(NormalOutcomes(difference=1), 1), "per_arm"),
        (
            lambda: size_with_power(NormalOutcomes(difference=0.01), trials=50, limit=20),
            "isn't reached with 20",
        ),
    ],
)  # fmt: skip
def test_what_cannot_be_is_refused(make: Callable[[], object], match: str) -> None:
    with pytest.raises(DesignError, match=match):
        make()
