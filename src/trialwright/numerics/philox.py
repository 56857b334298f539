"""Philox4x32-10: random numbers for simulation as a pure function of (seed, stream, trial, draw).

Because nothing is carried from one number to the next, results don't depend on how trials are cut
into chunks or spread over workers. Salmon, Moraes, Dror and Shaw 2011, "Parallel random numbers:
as easy as 1, 2, 3". For lists that conceal a real trial use `streams` instead.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

_MULTIPLY = (np.uint64(0xD2511F53), np.uint64(0xCD9E8D57))
_WEYL = (0x9E3779B9, 0xBB67AE85)
_LOW = np.uint64(0xFFFFFFFF)
_HALF = np.uint64(32)


def philox4x32(
    counter: tuple[NDArray[np.uint64], ...], key: tuple[int, int]
) -> tuple[NDArray[np.uint64], ...]:
    """Four 32-bit words for each counter of four 32-bit words (arrays that broadcast)."""
    c0, c1, c2, c3 = np.broadcast_arrays(*counter)
    k0, k1 = key
    for _ in range(10):
        first, second = c0 * _MULTIPLY[0], c2 * _MULTIPLY[1]
        c0, c1, c2, c3 = (
            (second >> _HALF) ^ c1 ^ np.uint64(k0),
            second & _LOW,
            (first >> _HALF) ^ c3 ^ np.uint64(k1),
            first & _LOW,
        )
        k0, k1 = (k0 + _WEYL[0]) & 0xFFFFFFFF, (k1 + _WEYL[1]) & 0xFFFFFFFF
    return c0, c1, c2, c3


def uniforms(
    seed: int, stream: int, first_trial: int, trials: int, draws: int, *, purpose: int = 0
) -> NDArray[np.float64]:
    """Uniform numbers in (0, 1), trials x draws; row i belongs to trial `first_trial` + i.

    seed: 0 to 2**64 - 1. stream: below 2**16, one for each scenario. purpose: below 2**16, keeps
    apart what one trial draws for different ends. A row doesn't depend on the other rows, nor on
    how many draws are asked. Each number has 32 random bits.

    >>> a = uniforms(1, 0, 0, 10, 6)
    >>> bool((a[7:] == uniforms(1, 0, 7, 3, 6)).all())
    True
    """
    block = np.arange((draws + 3) // 4, dtype=np.uint64)[None, :]
    trial = np.arange(first_trial, first_trial + trials, dtype=np.uint64)[:, None]
    tag = np.full((1, 1), stream << 16 | purpose, dtype=np.uint64)
    words = philox4x32((block, trial & _LOW, trial >> _HALF, tag), (seed & 0xFFFFFFFF, seed >> 32))
    flat = np.stack(words, axis=-1).reshape(trials, -1)[:, :draws]
    return (flat.astype(np.float64) + 0.5) * 2.0**-32
