"""A secret, reproducible stream of random integers for lists that conceal real trials.

HMAC-SHA-256 in counter mode: block i is HMAC(seed, context, i), read as four big-endian 64-bit
words. It rests on the standard library alone, so the numbers are the same on every Python and
NumPy; without the seed the next word can't be told from chance. The layout is version 1 and
pinned by test vectors; another layout needs another version.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import MutableSequence
from typing import TypeVar

SEED_BYTES = 32
VERSION = b"trialwright stream 1"
_WORD = 1 << 64

T = TypeVar("T")


class SecretStream:
    """Unbiased integers from a 256-bit seed and a context that keeps streams apart.

    `seed` must be exactly 32 bytes. `context` is any number of texts; two different contexts give
    independent streams (each text is length-prefixed, so no two contexts share an encoding).

    >>> stream = SecretStream(bytes(32), "doctest")
    >>> [stream.below(6) for _ in range(8)]
    [2, 3, 1, 4, 1, 4, 5, 2]
    """

    def __init__(self, seed: bytes, *context: str) -> None:
        if len(seed) != SEED_BYTES:
            raise ValueError(
                f"The seed has {len(seed)} bytes; a stream needs exactly {SEED_BYTES}. "
                "Make one with secrets.token_bytes(32)."
            )
        self._mac = hmac.new(seed, VERSION, hashlib.sha256)
        for text in context:
            encoded = text.encode()
            self._mac.update(len(encoded).to_bytes(8, "big") + encoded)
        self._counter = 0
        self._words: list[int] = []

    def word(self) -> int:
        """The next 64 bits."""
        if not self._words:
            mac = self._mac.copy()
            mac.update(self._counter.to_bytes(8, "big"))
            block = mac.digest()
            self._words = [int.from_bytes(block[i : i + 8], "big") for i in (24, 16, 8, 0)]
            self._counter += 1
        return self._words.pop()

    def below(self, n: int) -> int:
        """An integer from 0 to n-1, equally likely; words past the last whole n are dropped."""
        if not 1 <= n <= _WORD:
            raise ValueError(f"below({n}): the bound must be from 1 to 2**64.")
        limit = _WORD - _WORD % n
        while (word := self.word()) >= limit:
            pass
        return word % n

    def shuffle(self, items: MutableSequence[T]) -> None:
        """Permute in place, every order equally likely (Fisher and Yates, from the end)."""
        for i in range(len(items) - 1, 0, -1):
            j = self.below(i + 1)
            items[i], items[j] = items[j], items[i]
