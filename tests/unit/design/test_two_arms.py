"""Two-arm and two-stage designs: exact against every path, size against its promise."""

from itertools import product
from math import comb, sqrt

import numpy as np
import pytest
from scipy.stats import norm

from trialwright.design import DesignError, ExactTwoArm, GroupSequential, SimonTwoStage
from trialwright.design.canonical import Boundaries, crossing
from trialwright.design.error_spending import spent
from trialwright.design.predicted_power import conditional_power, predictive_power
from trialwright.design.sequential_estimates import more_extreme, repeated_intervals, stage_wise
from trialwright.design.wang_tsiatis import wang_tsiatis
from trialwright.numerics.philox import uniforms

C3 = wang_tsiatis(3, 0.0)
OBF = tuple(C3 * sqrt(3 / k) for k in (1, 2, 3))


@pytest.mark.parametrize(("statistic", "size"), [("pooled", 0.028), ("unpooled", 0.038)])
def test_normal_bounds_exceed_their_nominal_size_of_0025(statistic: str, size: float) -> None:
    """O'Brien and Fleming's bounds, three looks, fifty participants."""
    design = ExactTwoArm(per_arm=(8, 17, 25), upper=OBF, statistic=statistic)
    assert round(design.size(199)[0], 3) == size


@pytest.mark.parametrize("rates", [(0.5, 0.2), (0.3, 0.3), (1.0, 0.4)])
def test_exact_two_arms_equals_every_path(rates: tuple[float, float]) -> None:
    design = ExactTwoArm(per_arm=(2, 4, 5), upper=(1.9, 1.5, 1.2), lower=(-1.0, 0.0, None))
    reject = expected = 0.0
    for outcomes in product((0, 1), repeat=10):
        one, two = outcomes[:5], outcomes[5:]
        chance = 1.0
        for p, arm in zip(rates, (one, two), strict=True):
            chance *= p ** sum(arm) * (1 - p) ** (5 - sum(arm))
        for look, n in enumerate(design.per_arm, start=1):
            action = design.decide(look, sum(one[:n]), sum(two[:n])).action
            if action != "continue":
                reject += chance * (action == "stop for effect")
                expected += chance * 2 * n
                break
    oc = design.operating_characteristics([rates])
    assert oc.reject[0] == pytest.approx(reject, abs=1e-12)
    assert oc.expected_participants[0] == pytest.approx(expected, abs=1e-12)
    total = oc.reject_by_look.sum() + oc.futile_by_look.sum()
    assert total == pytest.approx(1, abs=1e-12)


@pytest.mark.parametrize("spending", ["obrien-fleming", "pocock", "hwang-shih-decani", "power"])
def test_spent_error_adds_up_and_bounds_keep_their_level(spending: str) -> None:
    design = GroupSequential(timing=(0.3, 0.45, 1.0), spending=spending, parameter=1.5)
    up, down = crossing(design.boundaries, 0.0)
    assert sum(up) == pytest.approx(0.025, abs=1e-9)
    assert up[0] == pytest.approx(spent(spending, 1.5, 0.025, 0.3), abs=1e-9)
    assert sum(down) == 0
    assert sum(crossing(design.boundaries, 1.0)[0]) == pytest.approx(0.8, abs=1e-8)


def test_binding_futility_keeps_both_errors() -> None:
    design = GroupSequential(timing=(0.5, 1.0), futility="binding")
    assert sum(crossing(design.boundaries, 0.0)[0]) == pytest.approx(0.025, abs=1e-8)
    assert sum(crossing(design.boundaries, 1.0)[1]) == pytest.approx(0.2, abs=1e-7)


def test_one_look_is_the_fixed_test() -> None:
    design = GroupSequential(timing=(1.0,))
    assert design.boundaries.upper[0] == pytest.approx(norm.ppf(0.975), abs=1e-8)
    assert design.inflation == pytest.approx(1, abs=1e-8)


def test_conditional_power_against_simulated_increments() -> None:
    rng_free = norm.sf((1.96 * sqrt(10) - 1.0 * sqrt(4) - 0.5 * 6) / sqrt(6))
    assert conditional_power(1.0, 4, 10, 1.96, 0.5) == pytest.approx(rng_free)
    thetas = np.linspace(-4, 5, 4001)
    posterior = norm.pdf(thetas, 1.0 / 2, 1 / 2)
    averaged = (
        sum(
            conditional_power(1.0, 4, 10, 1.96, t) * w
            for t, w in zip(thetas, posterior, strict=True)
        )
        / posterior.sum()
    )
    assert predictive_power(1.0, 4, 10, 1.96) == pytest.approx(averaged, abs=1e-6)


def test_simon_equals_every_path_and_reads_its_table() -> None:
    design = SimonTwoStage(n1=4, r1=1, n=9, r=3)
    rate, active, expected = 0.35, 0.0, 0.0
    for first in range(5):
        chance = comb(4, first) * rate**first * (1 - rate) ** (4 - first)
        if design.decide(4, first).action == "stop":
            expected += 4 * chance
            continue
        expected += 9 * chance
        for more in range(6):
            q = comb(5, more) * rate**more * (1 - rate) ** (5 - more)
            active += chance * q * (design.decide(9, first + more).action == "active")
    oc = design.characteristics(rate)
    assert (oc.active, oc.expected_participants) == pytest.approx((active, expected), abs=1e-12)


def test_the_search_for_two_stages_misses_no_design() -> None:
    """Against every design of up to 16 participants, at rates where several are admissible."""
    p0, p1, alpha, beta, limit = 0.2, 0.6, 0.1, 0.15, 16

    def passes(design: SimonTwoStage, rate: float) -> float:
        return design.characteristics(rate).active

    least: dict[int, float] = {}
    for n in range(2, limit + 1):
        for n1 in range(1, n):
            for r1 in range(n1):
                for r in range(r1, n):
                    design = SimonTwoStage(n1=n1, r1=r1, n=n, r=r)
                    if passes(design, p0) <= alpha and passes(design, p1) >= 1 - beta:
                        expected = design.characteristics(p0).expected_participants
                        least[n] = min(expected, least.get(n, np.inf))
    found = SimonTwoStage.search(p0=p0, p1=p1, alpha=alpha, beta=beta, max_participants=limit)
    minimax = SimonTwoStage.search(
        p0=p0, p1=p1, alpha=alpha, beta=beta, max_participants=limit, criterion="minimax"
    )
    assert found.characteristics(p0).expected_participants == pytest.approx(min(least.values()))
    assert minimax.n == min(least)
    assert minimax.characteristics(p0).expected_participants == pytest.approx(least[minimax.n])


def test_admissible_designs_lie_between_minimax_and_optimal() -> None:
    found = SimonTwoStage.admissible(p0=0.1, p1=0.3, alpha=0.1, beta=0.1, max_participants=40)
    sizes = [d.n for d in found]
    expected = [d.characteristics(0.1).expected_participants for d in found]
    assert sizes == sorted(sizes) and expected == sorted(expected, reverse=True)


def test_predictive_probability_is_certain_once_passed_and_lost_beyond_reach() -> None:
    design = SimonTwoStage(n1=4, r1=1, n=9, r=3)
    assert design.predictive_probability(5, 4) == pytest.approx(1)
    assert design.predictive_probability(9, 3) == 0
    assert design.predictive_probability(0, 0) == pytest.approx(6 / 10)  # uniform on 0..9


@pytest.mark.parametrize(
    ("make", "match"),
    [
        (lambda: GroupSequential(timing=(0.5, 0.4, 1.0)), "increase"),
        (lambda: GroupSequential(timing=(0.5,)), "increase from above 0 to 1"),
        (lambda: GroupSequential(timing=(1.0,), alpha=0.0), "strictly between"),
        (lambda: GroupSequential(timing=(1.0,), spending="linear"), "obrien-fleming"),
        (lambda: ExactTwoArm(per_arm=(5, 10), upper=(2.0,)), "one bound for each look"),
        (lambda: ExactTwoArm(per_arm=(10, 5), upper=(2.0, 2.0)), "per_arm"),
        (lambda: SimonTwoStage(n1=10, r1=11, n=20, r=12), "r1"),
        (
            lambda: SimonTwoStage.search(p0=0.1, p1=0.12, alpha=0.1, beta=0.1, max_participants=20),
            "Raise max_participants",
        ),
    ],
)
def test_what_cannot_be_is_refused_with_the_rule(make: object, match: str) -> None:
    with pytest.raises(DesignError, match=match):
        make()  # type: ignore[operator]


@pytest.mark.parametrize("spending", ["obrien-fleming", "pocock", "power"])
def test_the_last_look_spends_all_that_is_left(spending: str) -> None:
    """Looks at 50 and 92 of 100 planned: without `final` the second spends by its fraction."""
    design = GroupSequential(timing=(0.5, 1.0), spending=spending)
    for information in ([50, 92], [50, 130], [61]):
        bounds = design.at(information, 100, final=True)
        assert sum(crossing(bounds, 0.0)[0]) == pytest.approx(design.alpha, abs=1e-9)
    short = design.at([50, 92], 100)
    assert sum(crossing(short, 0.0)[0]) == pytest.approx(
        spent(spending, 1.0, 0.025, 0.92), abs=1e-9
    )
    assert design.at([50, 92], 100, final=True).upper[1] < short.upper[1]


def test_at_the_last_look_what_is_not_effect_is_futility() -> None:
    design = GroupSequential(timing=(0.5, 1.0), futility="binding")
    bounds = design.at([5, 8], 10, 0.9, final=True)
    assert bounds.lower[-1] == bounds.upper[-1]
    assert sum(crossing(bounds, 0.0)[0]) == pytest.approx(0.025, abs=1e-9)


def test_two_sided_tests_have_no_futility_bound() -> None:
    with pytest.raises(DesignError, match="one side"):
        GroupSequential(timing=(0.5, 1.0), sides=2, futility="binding")


def test_stage_wise_inference_against_simulated_paths() -> None:
    """Half of all trials lie below their median-unbiased estimate, whatever the truth."""
    bounds = GroupSequential(timing=(0.4, 0.7, 1.0)).at([4.0, 7.0, 10.0], 10.0)
    u = uniforms(7, 0, 0, 200_000, 3)
    for theta in (0.0, 0.8):
        steps = np.diff([0.0, *bounds.information])
        scores = (norm.ppf(u) * np.sqrt(steps) + theta * steps).cumsum(axis=1)
        z = scores / np.sqrt(bounds.information)
        stopped = z[:, :2] >= np.array(bounds.upper[:2])
        look = np.where(stopped.any(axis=1), stopped.argmax(axis=1), 2) + 1
        seen = z[np.arange(len(z)), look - 1]
        for at, value in ((1, 3.6), (2, 2.6), (3, 2.0), (3, 0.4)):
            beyond = np.mean((look < at) | ((look == at) & (seen >= value)))
            assert more_extreme(bounds, at, value, theta) == pytest.approx(beyond, abs=4e-3)
    found = stage_wise(bounds, 2, 2.6)
    assert more_extreme(bounds, 2, 2.6, found.estimate) == pytest.approx(0.5, abs=1e-9)
    assert more_extreme(bounds, 2, 2.6, found.lower) == pytest.approx(0.025, abs=1e-9)
    assert found.lower < found.estimate < found.naive < found.upper


def test_a_bound_just_reached_has_a_lower_limit_of_nought() -> None:
    """The p-value at the bound of the last look is alpha, so the interval begins at no effect."""
    bounds = GroupSequential(timing=(0.5, 1.0)).at([20.0, 40.0], 40.0)
    found = stage_wise(bounds, 2, bounds.upper[1])
    assert found.p_value == pytest.approx(0.025, abs=1e-9)
    assert found.lower == pytest.approx(0.0, abs=1e-9)
    (first, last) = repeated_intervals(bounds, bounds.upper)
    assert first[0] == last[0] == 0.0
    assert isinstance(bounds, Boundaries)
