"""Response-adaptive allocation: every path of a small trial, known identities, a simulation."""

from functools import cache
from itertools import product

import numpy as np
import pytest
from scipy.integrate import quad
from scipy.stats import beta, binom

from trialwright.design import DesignError, ResponseAdaptive

SMALL = ResponseAdaptive(participants=6, burn_in=1, strength=1.0, least=0.0, name_at=0.8)
DESIGN = ResponseAdaptive(participants=30, burn_in=3)


@cache
def better(n: tuple[int, int], y: tuple[int, int]) -> float:
    """P(p1 > p2 | data) by another integration."""
    one, two = (beta(1 + k, 1 + m - k) for m, k in zip(n, y, strict=True))
    return float(quad(lambda p: one.pdf(p) * two.cdf(p), 0, 1)[0])


def test_every_path_of_six_participants() -> None:
    p = (0.6, 0.3)
    named, allocated, total = [0.0, 0.0], 0.0, 0.0
    bias, there = [0.0, 0.0], [0.0, 0.0]
    for path in product(product((0, 1), (0, 1)), repeat=6):
        n, y, chance = [0, 0], [0, 0], 1.0
        for so_far, (arm, response) in enumerate(path):
            first = 1.0 - so_far if so_far < 2 else better((n[0], n[1]), (y[0], y[1]))
            chance *= (first if arm == 0 else 1 - first) * (p[arm] if response else 1 - p[arm])
            if chance == 0:
                break
            n[arm], y[arm] = n[arm] + 1, y[arm] + response
        if chance == 0:
            continue
        total += chance
        last = better((n[0], n[1]), (y[0], y[1]))
        named[0] += chance * (last >= 0.8)
        named[1] += chance * (1 - last >= 0.8)
        allocated += chance * n[0]
        for arm in (0, 1):
            there[arm] += chance * (n[arm] > 0)
            bias[arm] += chance * (y[arm] / n[arm] if n[arm] else 0.0)
    found = SMALL.operating_characteristics([p])
    assert total == pytest.approx(1.0)
    assert found.named[0] == pytest.approx(named, abs=1e-9)
    assert found.allocated[0] == pytest.approx([allocated, 6 - allocated], abs=1e-9)
    expected = [bias[arm] / there[arm] - p[arm] for arm in (0, 1)]
    assert found.bias[0] == pytest.approx(expected, abs=1e-9)


def test_equal_allocation_has_no_bias_and_binomial_sizes() -> None:
    equal = ResponseAdaptive(participants=20, burn_in=0, strength=0.0)
    found = equal.operating_characteristics([[0.5, 0.2]])
    assert found.bias == pytest.approx(np.zeros((1, 2)), abs=1e-12)
    assert found.allocated[0] == pytest.approx([10, 10])
    assert found.worse_gets_more[0] == pytest.approx(binom(20, 0.5).sf(10))


def test_rates_are_biased_downwards_and_the_worse_arm_more() -> None:
    """E(n1 p1-hat) = p1 E(n1), so the bias is -cov(n1, p1-hat)/E(n1): Bowden and Trippa 2017, Stat
    Methods Med Res 26:2376. Responses are what the allocated are expected to have."""
    found = DESIGN.operating_characteristics([[0.6, 0.3], [0.4, 0.4]])
    assert np.all(found.bias < 0) and found.bias[0, 1] < found.bias[0, 0]
    expected = (found.allocated * found.rates).sum(axis=1)
    assert found.responses == pytest.approx(expected, abs=1e-10)
    assert found.bias_difference[1] == pytest.approx(0.0, abs=1e-12)
    assert found.named[1, 0] == pytest.approx(found.named[1, 1], abs=1e-12)


def test_trials_followed_one_by_one_agree() -> None:
    rng, p = np.random.default_rng(3), (0.6, 0.3)
    exact = DESIGN.operating_characteristics([p])
    treated, named = [], []
    for _ in range(800):
        n, y = [0, 0], [0, 0]
        while sum(n) < 30:
            arm = int(rng.random() >= DESIGN.probability(n, y))
            n[arm], y[arm] = n[arm] + 1, y[arm] + int(rng.random() < p[arm])
        treated.append(n[0])
        named.append(DESIGN.decide(n, y).action == "name the first arm")
    assert np.mean(treated) == pytest.approx(exact.allocated[0, 0], abs=0.5)
    assert np.mean(named) == pytest.approx(exact.named[0, 0], abs=0.07)


def test_a_decision_tells_the_next_allocation() -> None:
    assert "with probability 1.000" in str(DESIGN.decide([0, 0], [0, 0]).reason)
    late = DESIGN.decide([15, 10], [12, 2])
    assert late.action == "continue" and DESIGN.probability([15, 10], [12, 2]) > 0.8
    assert DESIGN.decide([15, 15], [12, 2]).action == "name the first arm"
    assert DESIGN.decide([15, 15], [7, 7]).action == "name no arm"


@pytest.mark.parametrize(
    ("make", "match"),
    [
        (lambda: ResponseAdaptive(participants=101), "2 to 100"),
        (lambda: ResponseAdaptive(participants=10, burn_in=6), "0 to 5"),
        (lambda: ResponseAdaptive(participants=10, strength="falling"), "the word rising"),
        (lambda: ResponseAdaptive(participants=10, least=0.5), "strictly between"),
        (lambda: DESIGN.superiority([2, 2], [3, 0]), "at most as many"),
        (lambda: DESIGN.probability([15, 15], [3, 0]), "0 to 29"),
        (lambda: DESIGN.operating_characteristics([[0.5, 0.5, 0.5]]), "each of the 2"),
    ],
)
def test_what_cannot_be_is_refused(make: object, match: str) -> None:
    with pytest.raises(DesignError, match=match):
        make()  # type: ignore[operator]
