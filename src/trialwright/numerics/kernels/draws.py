"""Random numbers that belong to a counter and a seed."""

from __future__ import annotations

from typing import Any

import numpy as np

from .marks import borrowing


@borrowing
def philox(block: Any, trial: Any, tag: Any, seed: Any, words: Any) -> None:
    """Philox4x32-10 of one counter, as `numerics.philox` lays it out."""
    low = np.uint64(0xFFFFFFFF)
    half = np.uint64(32)
    c0, c1, c2, c3 = block, trial & low, trial >> half, tag
    k0, k1 = seed & low, seed >> half
    for _ in range(10):
        a = c0 * np.uint64(0xD2511F53)
        b = c2 * np.uint64(0xCD9E8D57)
        c0, c1, c2, c3 = (b >> half) ^ c1 ^ k0, b & low, (a >> half) ^ c3 ^ k1, a & low
        k0 = (k0 + np.uint64(0x9E3779B9)) & low
        k1 = (k1 + np.uint64(0xBB67AE85)) & low
    words[0], words[1], words[2], words[3] = c0, c1, c2, c3
