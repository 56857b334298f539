"""Efron's biased coin: Efron 1971, Biometrika 58:403, the limits of balance and of guessing."""

import pytest

from trialwright.design.biased_coin import BiasedCoin


@pytest.mark.parametrize(
    ("probability", "balanced", "guessed"),
    [("2/3", 1 / 2, 0.5 + 1 / 8), ("3/4", 2 / 3, 0.5 + 1 / 6), ("1", 1.0, 0.75)],
)
def test_the_long_run_of_the_coin(probability: str, balanced: float, guessed: float) -> None:
    """With r = p/q: 1 - 1/r balanced at even numbers; guessing exceeds a half by (r - 1)/4r."""
    found = BiasedCoin(arms=2, probability=probability).properties()
    assert (found.balanced, found.guessed) == pytest.approx((balanced, guessed))


def test_drawn_arms_come_near_the_limits() -> None:
    coin, even, right, lists, length = BiasedCoin(arms=2), 0, 0.0, 60, 60
    for seed in range(lists):
        arms = coin.list(seed.to_bytes(32, "big"), [""] * length)
        even += arms.count(1) == length // 2
        ahead = 0
        for arm in arms:
            right += 0.5 if ahead == 0 else (arm == 1) is (ahead < 0)
            ahead += 1 if arm == 1 else -1
    assert even / lists == pytest.approx(0.5, abs=0.2)
    assert right / (lists * length) == pytest.approx(0.625, abs=0.03)
