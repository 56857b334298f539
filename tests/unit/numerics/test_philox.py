"""The simulation stream: the published algorithm, and rows that depend on nothing else."""

import numpy as np
import pytest

from trialwright.numerics.philox import philox4x32, uniforms

FULL = 0xFFFFFFFF


@pytest.mark.parametrize(
    ("counter", "key", "words"),
    [  # known-answer vectors of the authors' library (Random123, philox4x32, 10 rounds)
        ((0, 0, 0, 0), (0, 0), (0x6627E8D5, 0xE169C58D, 0xBC57AC4C, 0x9B00DBD8)),
        ((FULL,) * 4, (FULL, FULL), (0x408F276D, 0x41C83B0E, 0xA20BC7C6, 0x6D5451FD)),
        (
            (0x243F6A88, 0x85A308D3, 0x13198A2E, 0x03707344),
            (0xA4093822, 0x299F31D0),
            (0xD16CFE09, 0x94FDCCEB, 0x5001E420, 0x24126EA1),
        ),
    ],
)
def test_known_answers(
    counter: tuple[int, ...], key: tuple[int, int], words: tuple[int, ...]
) -> None:
    got = philox4x32(tuple(np.array([c], dtype=np.uint64) for c in counter), key)
    assert tuple(int(word[0]) for word in got) == words


def test_rows_depend_on_their_trial_alone() -> None:
    whole = uniforms(2**63 + 5, 3, 0, 50, 11)
    pieces = [uniforms(2**63 + 5, 3, start, 10, 11) for start in range(0, 50, 10)]
    assert np.array_equal(whole, np.concatenate(pieces))
    assert np.array_equal(whole[:, :4], uniforms(2**63 + 5, 3, 0, 50, 4))


def test_seed_stream_and_purpose_keep_apart() -> None:
    base = uniforms(1, 0, 0, 5, 4)
    for other in (
        uniforms(2, 0, 0, 5, 4),
        uniforms(1, 1, 0, 5, 4),
        uniforms(1, 0, 0, 5, 4, purpose=1),
    ):
        assert not np.any(base == other)


def test_numbers_are_uniform_inside_the_open_interval() -> None:
    u = uniforms(7, 0, 0, 1000, 100).ravel()
    assert u.min() > 0 and u.max() < 1
    counts = np.histogram(u, bins=20, range=(0, 1))[0]
    assert ((counts - 5000) ** 2 / 5000).sum() < 43.8  # 0.999, 19 df
