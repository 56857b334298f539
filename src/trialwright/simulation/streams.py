"""Random numbers by matter: each is the same whatever else is drawn, in any process."""

import hashlib
from collections.abc import Callable
from random import Random


def stream(*matter: object) -> Random:
    """The random numbers of one matter."""
    return Random("/".join(str(each) for each in matter))  # noqa: S311 - nothing secret is drawn


def entropy_of(seed: int, matter: str) -> Callable[[int], bytes]:
    """A source of bytes that gives the same ones for the same seed (SHAKE-256 in counter mode)."""
    count = 0

    def draw(size: int) -> bytes:
        nonlocal count
        count += 1
        text = f"trialwright simulation/{seed}/{matter}/{count}"
        return hashlib.shake_256(text.encode()).digest(size)

    return draw
