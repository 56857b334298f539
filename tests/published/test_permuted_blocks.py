"""Block sequences of two equal arms: Blackwell and Hodges 1957, b + (2^(2b)/C(2b,b) - 1)/2."""

from math import comb

import pytest

from trialwright.design import PermutedBlocks

# size: right guesses, foretold assignments, largest imbalance (full enumeration of all sequences)
ENUMERATED = {
    2: (1.5, 1.0, 1),
    4: (2.8333333333333335, 1.3333333333333333, 2),
    6: (4.1, 1.5, 3),
    8: (5.328571428571428, 1.6, 4),
    10: (6.531746031746032, 1.6666666666666667, 5),
    12: (7.716450216450216, 1.7142857142857142, 6),
}


@pytest.mark.parametrize("size", ENUMERATED)
def test_guessing_and_balance(size: int) -> None:
    (block,) = PermutedBlocks(arms=2, block_sizes=(size,)).properties()
    guesses, foretold, imbalance = ENUMERATED[size]
    b = size // 2
    assert block.correct_guesses == pytest.approx(guesses, abs=1e-12)
    assert block.correct_guesses == pytest.approx(b + (4**b / comb(size, b) - 1) / 2, abs=1e-12)
    assert block.excess_guesses == pytest.approx(guesses - b, abs=1e-12)
    assert block.deterministic == pytest.approx(foretold, abs=1e-12)
    assert block.max_imbalance == imbalance
