"""Minimisation: the arm of least imbalance, a random element, the same list for ever."""

from collections import Counter

import pytest

from trialwright.design import DesignError, Minimisation
from trialwright.design.minimisation import Mix

SEED = bytes(range(32))
RULE = Minimisation(arms=3, factors=("site", "stage"))
PINNED = (2, 1, 1, 3, 3, 2, 3, 2, 1, 3, 2, 1)
PROFILES = [("AB"[i % 2], ("II", "III")[(i // 2) % 2]) for i in range(24)]


def test_the_list_is_pinned_and_grows_at_its_end() -> None:
    whole = RULE.list(SEED, PROFILES)
    assert whole[:12] == PINNED
    assert RULE.list(SEED, PROFILES[:7]) == whole[:7]


def test_the_preferred_arm_leaves_the_least_imbalance() -> None:
    """By hand: arm 1 has site A twice and stage II once; arm 2 has site A and stage III."""
    profiles, arms = [("A", "II"), ("A", "III"), ("A", "III")], [1, 1, 2]
    assert RULE.preferred(profiles, arms, ("A", "II")) == (3,)
    assert RULE.preferred(profiles, arms, ("B", "II")) == (2, 3)


def test_without_a_random_element_the_preferred_arm_is_always_taken() -> None:
    certain = Minimisation(arms=2, factors=("site",), probability="1")
    arms = certain.list(SEED, [("A",)] * 40)
    assert all(abs(arms[:n].count(1) - arms[:n].count(2)) <= 1 for n in range(41))
    loose = Minimisation(arms=2, factors=("site",), probability="3/5")
    assert loose.properties([("A",)] * 20, trials=60).guessed < 0.85
    assert certain.properties([("A",)] * 20, trials=20).guessed == pytest.approx(0.75)


def test_the_preferred_arm_is_taken_with_the_probability_stated() -> None:
    taken = Counter(
        Minimisation(arms=2, factors=("site",)).next_arm(
            i.to_bytes(32, "big"), [("A",)], [1], ("A",)
        )
        for i in range(4000)
    )
    assert taken[2] / 4000 == pytest.approx(0.8, abs=0.025)


def test_unequal_ratios_are_kept() -> None:
    rule = Minimisation(arms=2, factors=("site",), ratio=(2, 1), probability="9/10")
    arms = rule.list(SEED, [("A",)] * 60)
    assert arms.count(1) == pytest.approx(40, abs=3)


@pytest.mark.parametrize("measure", ["range", "variance"])
def test_the_properties_are_those_of_the_lists_themselves(measure: str) -> None:
    rule = Minimisation(
        arms=3, factors=("site", "stage"), ratio=(2, 1, 1), weights=(2, 1), measure=measure,
        probability="7/10",
    )  # fmt: skip
    profiles = Mix((2, 3), 24).profiles()
    guessed, ends = [], []
    for trial in range(200):
        arms = rule.list(trial.to_bytes(32, "big"), profiles)
        for i, profile in enumerate(profiles):
            best = rule.preferred(profiles[:i], arms[:i], profile)
            guessed.append((arms[i] in best) / len(best))
        shares = [arms.count(arm) / part for arm, part in enumerate(rule.ratio, start=1)]
        ends.append(max(shares) - min(shares))
    found = rule.properties(profiles)
    assert found.guessed == pytest.approx(sum(guessed) / len(guessed), abs=0.03)
    assert found.mean_imbalance == pytest.approx(sum(ends) / len(ends), abs=0.3)
    assert rule.properties(profiles) == found


@pytest.mark.parametrize(
    ("make", "match"),
    [
        (lambda: Minimisation(arms=2, factors=("a",), probability="1/2"), "above 1/2"),
        (lambda: Minimisation(arms=2, factors=("a",), probability="often"), "above 1/2"),
        (lambda: Minimisation(arms=2, factors=("a",), weights=(1, 2)), "1 positive"),
        (lambda: Minimisation(arms=2, factors=("a",), measure="sum"), "range, variance"),
        (lambda: Minimisation(arms=2, factors=("a", "a")), "different names"),
        (lambda: Mix((2, 0)), "1 to 100"),
        (lambda: RULE.preferred([], [], ("A",)), "a level for each of site, stage"),
    ],
)
def test_what_cannot_be_is_refused_with_the_rule(make: object, match: str) -> None:
    with pytest.raises(DesignError, match=match):
        make()  # type: ignore[operator]
