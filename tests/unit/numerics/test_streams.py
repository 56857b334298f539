"""The secret stream: its bytes are fixed for good, its integers unbiased, its contexts apart."""

import hashlib
import hmac

import pytest

from trialwright.numerics.streams import SecretStream

SEED = bytes(range(32))


def words_by_hand(seed: bytes, contexts: list[str], n: int) -> list[int]:
    """The layout written out a second time, from its description alone."""
    message = b"trialwright stream 1"
    for text in contexts:
        message += len(text.encode()).to_bytes(8, "big") + text.encode()
    out: list[int] = []
    for i in range(n):
        block = hmac.digest(seed, message + i.to_bytes(8, "big"), hashlib.sha256)
        out += [int.from_bytes(block[k : k + 8], "big") for k in (0, 8, 16, 24)]
    return out[:n]


def test_the_words_are_pinned() -> None:
    stream = SecretStream(SEED, "a", "b")
    assert [stream.word() for _ in range(5)] == [
        0xB3E184277F52442E,
        0x4FCEEF95514B0694,
        0x5E55A2CAE40DFCBD,
        0xD00D4618B98B419D,
        0x23918A79664FFD48,
    ]


def test_the_layout_is_what_the_description_says() -> None:
    stream = SecretStream(SEED, "层", "x")
    assert [stream.word() for _ in range(99)] == words_by_hand(SEED, ["层", "x"], 99)


def test_contexts_do_not_run_into_each_other() -> None:
    firsts = {SecretStream(SEED, *c).word() for c in ([], ["ab"], ["a", "b"], ["", "ab"], ["b"])}
    assert len(firsts) == 5


def test_integers_below_a_bound_are_uniform() -> None:
    stream = SecretStream(SEED, "uniform")
    counts = [0] * 7
    for _ in range(70_000):
        counts[stream.below(7)] += 1
    chi2 = sum((n - 10_000) ** 2 / 10_000 for n in counts)
    assert chi2 < 22.5  # the 0.999 quantile on 6 degrees of freedom


def test_words_that_would_bias_the_remainder_are_dropped() -> None:
    words = words_by_hand(SEED, ["bias"], 400)
    bound = (1 << 63) + 1  # nearly half of all words lie past the last whole multiple
    expected = [w for w in words if w < bound][:100]
    stream = SecretStream(SEED, "bias")
    assert [stream.below(bound) for _ in range(100)] == expected


@pytest.mark.parametrize("size", [0, 16, 31, 33])
def test_a_seed_of_another_size_is_refused(size: int) -> None:
    with pytest.raises(ValueError, match="exactly 32"):
        SecretStream(bytes(size))


@pytest.mark.parametrize("bound", [0, -1, (1 << 64) + 1])
def test_an_impossible_bound_is_refused(bound: int) -> None:
    with pytest.raises(ValueError, match=r"from 1 to 2\*\*64"):
        SecretStream(SEED).below(bound)
