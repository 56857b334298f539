"""The distribution of a group's sum over all splits of the pooled values, exact or drawn.

Whole numbers are counted by their generating function (the shift algorithm of Streitberg and
Röhmel 1986, Stat Software Newsletter 12:10); other values by halves: all sums of each half, and
how many pairs of them reach the one observed.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from trialwright.analysis.ties import whole

Floats = NDArray[np.float64]
Whole = NDArray[np.int64]
MOST_STEPS = 600_000_000
"""Additions that counting by the generating function may take: about a second."""
MOST_LISTED = 40
"""Participants up to whom sums are listed by halves: a million in each."""
_SLACK = 1e-12


@dataclass(frozen=True, slots=True)
class Tail:
    """A p-value and how it came about: "exact", or "sampled" with (hits + 1)/(samples + 1)."""

    p: float
    how: str


def split_tail(pooled: Floats, first: int, alternative: str, *, samples: int, seed: int) -> Tail:
    """The chance, over all splits, that the sum of a group of `first` is as far out as that of the
    first `first` pooled values. two-sided: as far from its expectation or farther."""
    units = whole(pooled)
    if units is not None and steps(units, first) <= MOST_STEPS:
        return Tail(counted_tail(units, first, alternative), "exact")
    if len(pooled) <= MOST_LISTED:
        return Tail(_listed_tail(pooled - pooled.mean(), first, alternative), "exact")
    return Tail(_sampled_tail(pooled - pooled.mean(), first, alternative, samples, seed), "sampled")


def steps(units: Whole, first: int) -> int:
    """How many additions `counted_tail` takes at most."""
    smaller = min(first, len(units) - first)
    return len(units) * smaller * int(np.sort(units)[len(units) - smaller :].sum() + 1)


def counted_tail(units: Whole, first: int, alternative: str) -> float:
    """The tail of whole numbers from 0, by the generating function of the smaller group's sum."""
    total, everyone, seen = int(units.sum()), len(units), int(units[:first].sum())
    if 2 * first > everyone:
        first, seen = everyone - first, total - seen
        alternative = {"greater": "less", "less": "greater"}.get(alternative, alternative)
    chances = sum_chances(units, first)
    # Times the number of participants, the distance from the expected sum is a whole number.
    apart = everyone * np.arange(len(chances)) - first * total
    return _beyond(apart, everyone * seen - first * total, chances, alternative)


def sum_chances(units: Whole, size: int) -> Floats:
    """The chance of each sum of `size` of the whole numbers, all choices being equally likely."""
    ordered = np.sort(units)
    everyone = len(ordered)
    sums = np.concatenate([[0], np.cumsum(ordered)])
    ways = np.zeros((size + 1, int(sums[everyone] - sums[everyone - size]) + 1))
    ways[0, 0] = 1.0
    for seen, unit in enumerate(ordered.tolist(), start=1):
        most, least = min(seen, size), max(1, size - (everyone - seen))
        end = int(sums[seen] - sums[seen - most]) + 1
        ways[least : most + 1, unit:end] += ways[least - 1 : most, : end - unit]
    chances: Floats = ways[size] / ways[size].sum()
    return chances


def _beyond(apart: Whole, seen: float, chances: Floats, alternative: str) -> float:
    if alternative == "two-sided":
        inside = np.abs(apart) >= abs(seen)
    else:
        inside = apart >= seen if alternative == "greater" else apart <= seen
    return min(1.0, float(chances[inside].sum()))


def _bars(centred: Floats, first: int, alternative: str) -> tuple[float, float]:
    """A sum at or above the first, or at or below the second, is as far out as the one seen."""
    seen = float(centred[:first].sum())
    slack = _SLACK * float(np.abs(centred).sum())
    if alternative == "two-sided":
        return abs(seen) - slack, -abs(seen) + slack
    return (seen - slack, -np.inf) if alternative == "greater" else (np.inf, seen + slack)


def _listed_tail(centred: Floats, first: int, alternative: str) -> float:
    above, below = _bars(centred, first, alternative)
    if below >= above:
        return 1.0
    left, right = (_by_size(half) for half in np.array_split(centred, 2))
    hits = everything = 0
    for size, sums in enumerate(left):
        if 0 <= first - size < len(right):
            others = right[first - size]
            hits += int((len(others) - np.searchsorted(others, above - sums, side="left")).sum())
            hits += int(np.searchsorted(others, below - sums, side="right").sum())
            everything += len(sums) * len(others)
    return hits / everything


def _by_size(values: Floats) -> list[Floats]:
    """The sorted sums of all choices of 0, 1, … of the values."""
    sums, sizes = np.zeros(1), np.zeros(1, dtype=np.int64)
    for value in values:
        sums, sizes = np.concatenate([sums, sums + value]), np.concatenate([sizes, sizes + 1])
    order = np.lexsort((sums, sizes))
    ends = np.searchsorted(sizes[order], np.arange(len(values) + 2))
    return [sums[order[start:end]] for start, end in pairwise(ends)]


def _sampled_tail(centred: Floats, first: int, alternative: str, samples: int, seed: int) -> float:
    from trialwright.numerics.philox import uniforms

    above, below = _bars(centred, first, alternative)
    hits = 0
    for start in range(0, samples, 5_000):
        u = uniforms(seed, 0, start, min(5_000, samples - start), len(centred))
        chosen = np.argpartition(u, first - 1, axis=1)[:, :first]
        sums = centred[chosen].sum(axis=1)
        hits += int(((sums >= above) | (sums <= below)).sum())
    return (hits + 1) / (samples + 1)
