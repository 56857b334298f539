"""Which kit is handed out next, and whether a list of kits tells what is in them by its numbers."""

import hmac
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from hashlib import sha256
from itertools import pairwise
from math import sqrt

_FAR = 4.0
"""So many standard deviations from what a random order has; one list in 16,000 is further."""


def place_of(seed: bytes, number: str) -> bytes:
    """The place of a kit in the order of handing out: HMAC-SHA-256 of its number.

    The order is that of a random permutation to whoever doesn't know the seed, whatever the
    numbers; whoever does finds each choice again.

    >>> place_of(bytes(32), "K-001").hex()[:16]
    'f7bd05fa48c16a78'
    """
    return hmac.new(seed, number.encode(), sha256).digest()


def first_of(places: Mapping[str, bytes]) -> str | None:
    """The number of the kit whose place comes first; None where there is none."""
    return min(places, key=lambda number: places[number], default=None)


def order_tells(products: Sequence[str]) -> bool:
    """Whether an order of products has far fewer or more changes than a random one.

    The number of runs R among N things of kinds with n_i each has, over all orders, the mean
    (N(N+1) − Σn²)/N and the variance (Σn²(Σn² + N(N+1)) − 2NΣn³ − N³)/(N²(N−1)): Barton and David,
    Biometrika 44 (1957) 168.

    Args:
        products: what is in the kits, in the order of their numbers.

    >>> order_tells(["a"] * 20 + ["b"] * 20), order_tells(["a", "b"] * 20)
    (True, True)
    >>> order_tells(list("abbabaabbbabaaababba"))
    False
    """
    n = len(products)
    counts = Counter(products).values()
    squares, cubes = sum(k**2 for k in counts), sum(k**3 for k in counts)
    if n < 2 or len(counts) < 2:
        return False
    runs = 1 + sum(a != b for a, b in pairwise(products))
    mean = (n * (n + 1) - squares) / n
    variance = (squares * (squares + n * (n + 1)) - 2 * n * cubes - n**3) / (n**2 * (n - 1))
    return variance > 0 and abs(runs - mean) > _FAR * sqrt(variance)


def numbers_tell(kits: Iterable[tuple[str, str]]) -> bool:
    """Whether the numbers of kits tell their products: read from the front, or from the back.

    Args:
        kits: (number, product) of each.
    """
    listed = sorted(kits)
    backwards = sorted(listed, key=lambda kit: kit[0][::-1])
    return any(order_tells([product for _, product in each]) for each in (listed, backwards))
