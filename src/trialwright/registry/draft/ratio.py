"""Reading the ratio of an allocation from the words of a registration."""

from __future__ import annotations

import re
from collections.abc import Iterable

_RATIO = re.compile(r"(?<![\d:.])\d{1,2}(?:\s*:\s*\d{1,2}){1,11}(?![\d:])")
_ABOUT_IT = re.compile(r"random|allocat|ratio|assign", re.IGNORECASE)
_BEFORE, _AFTER = 80, 60
_GREATEST = 10


def read_ratio(texts: Iterable[str], arms: int) -> tuple[int, ...] | None:
    """Return the one ratio that the texts give for so many arms; None where they give none or two.

    A pair of numbers counts only near a word of allocation, so that a time or a titre doesn't.

    >>> read_ratio(["Participants are randomised 2:1 to drug or placebo at 10:30."], 2)
    (2, 1)
    >>> read_ratio(["randomized 1:1; in part 2 allocated 2:1"], 2)
    >>> read_ratio(["assigned in a 1:1 ratio"], 3)
    """
    found = set()
    for text in texts:
        for match in _RATIO.finditer(text):
            near = text[max(0, match.start() - _BEFORE) : match.end() + _AFTER]
            ratio = tuple(int(part) for part in match[0].split(":"))
            # A time of day has greater numbers than any allocation.
            if _ABOUT_IT.search(near) and all(0 < part <= _GREATEST for part in ratio):
                found.add(ratio)
    ratio = found.pop() if len(found) == 1 else ()
    return ratio if len(ratio) == arms else None
