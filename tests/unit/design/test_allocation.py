"""Permuted blocks: the same list for ever, balance in every prefix, what can be guessed."""

from collections import Counter
from itertools import permutations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from trialwright.design import DesignError, PermutedBlocks
from trialwright.design.allocation import RUN_IN, largest_imbalance

SEED = bytes(range(32))
DEMO = PermutedBlocks(arms=5, block_sizes=(5, 10), strata=("II", "III"), run_in=(5, 5))

specifications = st.tuples(
    st.lists(st.integers(1, 3), min_size=2, max_size=5),
    st.lists(st.integers(1, 4), min_size=1, max_size=3, unique=True),
).map(
    lambda t: PermutedBlocks(
        arms=len(t[0]), ratio=tuple(t[0]), block_sizes=tuple(k * sum(t[0]) for k in t[1])
    )
)
seeds = st.binary(min_size=32, max_size=32)


def test_the_lists_of_the_demonstration_are_pinned() -> None:
    """These numbers may never change: they stand for every trial's list."""
    assert DEMO.list(SEED, RUN_IN, 10) == (2, 1, 5, 4, 3, 1, 2, 4, 5, 3)
    assert DEMO.list(SEED, "II", 15) == (2, 1, 4, 3, 5, 5, 4, 1, 1, 2, 3, 5, 3, 2, 4)
    assert DEMO.list(SEED, "III", 15) == (2, 5, 1, 2, 3, 4, 5, 1, 4, 3, 5, 4, 1, 3, 2)
    assert PermutedBlocks(arms=2, ratio=(2, 1), block_sizes=(3, 6)).list(SEED, "", 9) == (
        (1, 1, 2, 1, 2, 1, 1, 1, 2)
    )


@settings(max_examples=60, deadline=None)
@given(specifications, seeds, st.integers(0, 40))
def test_every_prefix_is_as_balanced_as_the_blocks_allow(
    spec: PermutedBlocks, seed: bytes, length: int
) -> None:
    arms = spec.list(seed, "", length)
    assert len(arms) == length
    assert largest_imbalance(arms, spec.ratio) <= spec.max_imbalance() + 1e-9


@settings(max_examples=60, deadline=None)
@given(specifications, seeds, st.integers(0, 30), st.integers(0, 30))
def test_a_longer_list_begins_with_the_shorter(
    spec: PermutedBlocks, seed: bytes, a: int, b: int
) -> None:
    assert spec.list(seed, "", a + b)[:a] == spec.list(seed, "", a)


def test_every_arrangement_of_a_block_is_equally_likely() -> None:
    spec = PermutedBlocks(arms=2, block_sizes=(4,))
    counts = Counter(spec.list(i.to_bytes(32, "big"), "", 4) for i in range(6000))
    assert set(counts) == set(permutations((1, 1, 2, 2)))
    assert sum((n - 1000) ** 2 / 1000 for n in counts.values()) < 20.5  # 0.999, 5 df


def test_block_sizes_are_drawn_equally_often() -> None:
    first_blocks = [DEMO.list(i.to_bytes(32, "big"), "II", 5) for i in range(4000)]
    complete = sum(sorted(block) == [1, 2, 3, 4, 5] for block in first_blocks) / 4000
    of_ten = 10 * 8 * 6 * 4 * 2 / (10 * 9 * 8 * 7 * 6)  # a block of 10 may look complete at 5
    assert complete == pytest.approx((1 + of_ten) / 2, abs=0.025)


def test_strata_have_lists_of_their_own_and_a_new_one_leaves_the_others() -> None:
    wider = PermutedBlocks(arms=5, block_sizes=(5, 10), strata=("II", "III", "IV"), run_in=(5, 5))
    assert DEMO.list(SEED, "II", 30) != DEMO.list(SEED, "III", 30)
    assert wider.list(SEED, "III", 30) == DEMO.list(SEED, "III", 30)


def test_the_run_in_serves_the_first_participants_of_any_stratum() -> None:
    assert DEMO.lists == (RUN_IN, "II", "III")
    assert {DEMO.list_for(n, "II") for n in range(10)} == {RUN_IN}
    assert DEMO.list_for(10, "II") == "II"
    assert Counter(DEMO.list(SEED, RUN_IN, 5)) == dict.fromkeys(range(1, 6), 1)


def test_properties_of_the_run_in_and_of_unequal_arms() -> None:
    five, ten = DEMO.properties()
    assert five.correct_guesses == pytest.approx(1 + 1 / 2 + 1 / 3 + 1 / 4 + 1 / 5)
    assert (five.deterministic, five.max_imbalance, ten.max_imbalance) == (1.0, 1.0, 2.0)
    # Guess arm 1, right in 2 of 3; then either place is open (1, 2 left) or both are arm 1.
    (three,) = PermutedBlocks(arms=2, ratio=(2, 1), block_sizes=(3,)).properties()
    assert three.correct_guesses == pytest.approx(2 / 3 + (2 / 3) * (1 / 2 + 1) + (1 / 3) * 2)
    assert three.excess_guesses == pytest.approx(three.correct_guesses - 2)


def test_the_rule_prints_itself_in_two_languages() -> None:
    words = str(DEMO.describe())
    assert "5 or 10" in words and "first 10 participants" in words
    assert "前 10 名受试者" in DEMO.describe().in_language("zh")


@pytest.mark.parametrize(
    ("make", "match"),
    [
        (lambda: PermutedBlocks(arms=1), "two arms or more"),
        (lambda: PermutedBlocks(arms=3, ratio=(1, 1)), "one positive whole number for each arm"),
        (lambda: PermutedBlocks(arms=2, ratio=(1, 0)), "one positive whole number for each arm"),
        (lambda: PermutedBlocks(arms=3, block_sizes=(4,)), "multiples of 3"),
        (lambda: PermutedBlocks(arms=5, block_sizes=(5,), run_in=(6,)), "multiples of 5"),
        (lambda: PermutedBlocks(arms=2, strata=("a", "a")), "different names"),
        (lambda: DEMO.list(SEED, "IV", 5), "The lists of this trial are"),
        (lambda: DEMO.list(SEED, RUN_IN, 11), "the run-in 10"),
        (lambda: DEMO.list(b"short", "II", 5), "256 bits"),
    ],
)
def test_what_cannot_be_is_refused_with_the_rule(make: object, match: str) -> None:
    with pytest.raises(DesignError, match=match):
        make()  # type: ignore[operator]
