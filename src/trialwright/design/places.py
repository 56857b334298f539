"""What becomes of the places of a held arm, and how many participants a list can bring to an arm.

A decision rule is a table; it must reach the largest number that the allocation list can produce,
or the trial meets a count for which it has no rule.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import chain, combinations
from math import gcd
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from trialwright.design.allocation import PermutedBlocks
from trialwright.design.checks import require_count

if TYPE_CHECKING:
    from trialwright.protocol.allocations import Allocation


LOST = "lost"
"""A place of a held arm is skipped and not given to anybody: the trial gets so many fewer."""
REFILLED = "refilled"
"""Whoever would take a place of a held arm takes the next place of the list that isn't held."""

# Of one block: the places that are given to somebody, and those of the arms that are counted.
Block = tuple[int, int]


def blocks_of(allocation: Allocation) -> PermutedBlocks:
    """The protocol's allocation as the rule that makes the list."""
    run_in = allocation.run_in
    return PermutedBlocks(
        arms=len(allocation.ratio),
        ratio=allocation.ratio,
        block_sizes=allocation.block_sizes,
        strata=strata_of(allocation),
        run_in=(run_in.block_size,) * (run_in.participants // run_in.block_size) if run_in else (),
    )


def strata_of(allocation: Allocation) -> tuple[str, ...]:
    """The names of the strata: a level of each factor, in their order; "" alone without factors."""
    strata = [""]
    for factor in allocation.factors:
        strata = [f"{name}/{level.key}".lstrip("/") for name in strata for level in factor.levels]
    return tuple(strata)


def largest_number(
    allocation: PermutedBlocks,
    participants: int,
    arms: Collection[int],
    may_be_held: Collection[int] = (),
) -> int:
    """The most participants that a list can bring to `arms` together, whatever the random numbers.

    participants: all that are randomised. arms: numbered from 1. may_be_held: arms whose places
    are refilled once they are held; any of them may be, from the first participant on (a hold that
    comes later leaves the others fewer places). Without any, all places of the list count.

    Exact: the best composition of blocks and split over the strata, by recursion. A list may end
    within a block, so that one arm can be ahead of the others by the places of that block.

    >>> from trialwright.design import PermutedBlocks
    >>> demonstration = PermutedBlocks(
    ...     arms=5, block_sizes=(5, 10), strata=("II", "III"), run_in=(5, 5))
    >>> largest_number(demonstration, 50, {1})
    13
    >>> largest_number(demonstration, 50, {1}, may_be_held={1, 3, 4, 5})
    27
    """
    require_count("participants", participants, 1)
    held_sets = chain.from_iterable(
        combinations(sorted(set(may_be_held)), size) for size in range(len(set(may_be_held)) + 1)
    )
    everyone = set(range(1, allocation.arms + 1))
    return max(
        _largest(allocation, participants, set(arms), everyone - set(held))
        for held in held_sets
        if everyone - set(held)
    )


def places_needed(
    allocation: PermutedBlocks, participants: int, may_be_held: Collection[int] = ()
) -> int:
    """How long a stratum's list must be so that it never ends before the trial does.

    may_be_held: arms whose places are refilled; all but one of them may be held from the start.
    """
    if not may_be_held:
        return participants
    ratio = allocation.ratio
    never = sum(part for arm, part in enumerate(ratio, start=1) if arm not in may_be_held)
    open_places = never + min(ratio[arm - 1] for arm in may_be_held)
    return -(-participants * sum(ratio) // open_places) + max(allocation.block_sizes)


def _largest(
    allocation: PermutedBlocks, participants: int, counted: set[int], open_arms: set[int]
) -> int:
    def block(size: int) -> Block:
        share = size // sum(allocation.ratio)
        given, mine = (
            sum(allocation.ratio[arm - 1] * share for arm in group)
            for group in (open_arms, counted & open_arms)
        )
        return given, mine

    run_in = [block(size) for size in allocation.run_in]
    served = sum(given for given, _ in run_in)
    if participants <= served:
        return _prefix(run_in, participants)
    before, left = sum(mine for _, mine in run_in), participants - served
    one = _List(tuple(block(size) for size in allocation.block_sizes))
    return before + one.most_of_several(len(allocation.strata), left)


def _prefix(blocks: Sequence[Block], participants: int) -> int:
    """The most in the first places of blocks whose order is fixed."""
    most = 0
    for given, mine in blocks:
        most += min(mine, participants)
        participants -= min(given, participants)
    return most


@dataclass(frozen=True)
class _List:
    """One list whose blocks are freely drawn from these."""

    blocks: tuple[Block, ...]

    @property
    def smallest(self) -> Block:
        """The block that gives the fewest places."""
        return min(self.blocks)

    @cached_property
    def within(self) -> int:
        """From so many participants on, one smallest block more is all that changes.

        Among as many blocks as the smallest has units, some together are a whole number of
        smallest blocks, and can stand for them.
        """
        largest, (least, _) = max(given for given, _ in self.blocks), self.smallest
        return (least // gcd(*(given for given, _ in self.blocks)) + 2) * largest

    @cached_property
    def _first(self) -> tuple[int, ...]:
        """The most in the first 0, 1, … participants."""
        most = [0]
        for n in range(1, self.within + 1):
            most.append(
                max(
                    mine + most[n - given] if n >= given else min(n, mine)
                    for given, mine in self.blocks
                )
            )
        return tuple(most)

    def most(self, participants: int) -> int:
        """The most in the first so many participants."""
        given, mine = self.smallest
        more = max(0, -(-(participants - self.within) // given))
        return self._first[participants - more * given] + more * mine

    def most_of_several(self, lists: int, participants: int) -> int:
        """The most over any split among so many lists alike.

        Whole smallest blocks can be moved to one of them, so that the others are short.
        """
        short = np.array(self._first, dtype=np.int64)
        others = np.zeros(1, dtype=np.int64)
        for _ in range(lists - 1):
            others = _best_split(others, short)[: participants + 1]
        return max(int(m) + self.most(participants - n) for n, m in enumerate(others))


def _best_split(a: NDArray[np.int64], b: NDArray[np.int64]) -> NDArray[np.int64]:
    """The most of both together, for 0, 1, … participants split between them in any way."""
    total = np.zeros(len(a) + len(b) - 1, dtype=np.int64)
    for n, most in enumerate(b):
        np.maximum(total[n : n + len(a)], a + most, out=total[n : n + len(a)])
    return total
