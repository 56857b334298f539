"""Permuted-block allocation: the list, the words for the protocol, and how well it behaves.

The list depends on specification and seed alone; concealing it is the work of `conduct`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from itertools import accumulate
from math import gcd

from trialwright.analysis.notebook import Notebook
from trialwright.design.checks import require_count, require_lists, require_seed
from trialwright.design.errors import DesignError
from trialwright.messages import Message, either, sentences, several
from trialwright.numerics.streams import SecretStream

RUN_IN = "run-in"
"""The name of the unstratified list that serves the first participants."""


@dataclass(frozen=True, slots=True)
class BlockProperties(Notebook):
    """What one block of `size` gives away to someone who knows the past and where blocks begin.

    correct_guesses: expected right guesses in the block, always guessing an arm with most places
        left (Blackwell and Hodges 1957; no strategy does better).
    excess_guesses: the same above blind guessing of the arm with most places.
    deterministic: expected number of assignments that could be foretold with certainty.
    max_imbalance: the largest difference between two arms' counts, each divided by its share of
        the ratio, in any prefix.

    Exact recursion over the places left. Source: Blackwell and Hodges 1957, Ann Math Stat 28:449,
    for two equal arms b + (4^b/C(2b, b) - 1)/2 right guesses in a block of 2b.

    >>> (block,) = PermutedBlocks(arms=2, block_sizes=(2,)).properties()
    >>> block.correct_guesses, block.excess_guesses, block.deterministic
    (1.5, 0.5, 1.0)
    """

    size: int
    correct_guesses: float
    excess_guesses: float
    deterministic: float
    max_imbalance: float


@dataclass(frozen=True, slots=True)
class PermutedBlocks(Notebook):
    """Allocation by permuted blocks, stratified or not, with arms numbered from 1.

    arms: number of arms, 2 or more. ratio: one positive whole number per arm (equal if left out).
    block_sizes: the sizes blocks may have, in participants; with several, the size of each block
        is drawn at random, all equally likely. Each is a multiple of the reduced ratio's sum.
    strata: names; each has its own independent list. Without strata there is the one list "".
    run_in: sizes of the blocks that serve the first participants of the trial whatever their
        stratum; afterwards each stratum begins its own list.

    The list depends on specification and seed alone (HMAC-SHA-256 in counter mode, ADR 0030), not
    on any version of Python or NumPy. Source of the properties: as of `BlockProperties`.

    >>> blocks = PermutedBlocks(arms=2, block_sizes=(4,))
    >>> blocks.list(bytes(32), "", 8)
    (2, 1, 1, 2, 2, 1, 1, 2)
    >>> round(blocks.properties()[0].correct_guesses, 4)
    2.8333
    """

    arms: int
    ratio: tuple[int, ...] = ()
    block_sizes: tuple[int, ...] = ()
    strata: tuple[str, ...] = ("",)
    run_in: tuple[int, ...] = ()

    def __post_init__(self) -> None:
        require_count("arms", self.arms, 0, 1_000)
        require_lists(self, "ratio", "block_sizes", "strata", "run_in")
        for name in ("ratio", "block_sizes", "run_in"):
            for number in getattr(self, name):
                require_count(name, number)
        ratio = tuple(self.ratio) or (1,) * self.arms
        for name, value in (
            ("ratio", ratio),
            ("block_sizes", tuple(self.block_sizes) or (2 * sum(_reduced(ratio)),)),
            ("strata", tuple(self.strata) or ("",)),
            ("run_in", tuple(self.run_in)),
        ):
            object.__setattr__(self, name, value)
        _check(self)

    @property
    def lists(self) -> tuple[str, ...]:
        """Names of all lists of the trial, the run-in first."""
        return ((RUN_IN,) if self.run_in else ()) + self.strata

    @property
    def run_in_length(self) -> int:
        """How many participants the run-in serves."""
        return sum(self.run_in)

    def list_for(self, randomised_before: int, stratum: str) -> str:
        """The name of the list that serves the next participant: the run-in, or their stratum."""
        self._require_list(stratum)
        return RUN_IN if randomised_before < self.run_in_length else stratum

    def list(self, seed: bytes, stratum: str, length: int) -> tuple[int, ...]:
        """The first `length` arms of a list; a longer list begins with the shorter one.

        seed: 32 secret bytes. stratum: one of `lists`. The last block may be cut. Adding a
        stratum leaves the others' lists as they are; any other change gives unrelated lists.
        """
        self._require_list(stratum)
        require_count("length", length)
        require_seed(seed)
        if stratum == RUN_IN and length > self.run_in_length:
            raise DesignError(
                Message(
                    "{length} places were asked of the list {stratum!r}.",
                    length=length,
                    stratum=stratum,
                ),
                rule=Message(
                    "A list has 0 places or more, the run-in {run_in_length}.",
                    run_in_length=self.run_in_length,
                ),
                fix=Message("Ask for a length within it."),
            )
        stream = SecretStream(seed, self.specification, stratum)
        arms: list[int] = []
        for block in range(length):
            if len(arms) >= length:
                break
            arms += _shuffled_block(stream, self._size(stream, stratum, block), self.ratio)
        return tuple(arms[:length])

    def properties(self) -> tuple[BlockProperties, ...]:
        """Guessing and balance of each block size, smallest first, by exact recursion."""
        return tuple(
            _properties(size, self.ratio) for size in sorted({*self.block_sizes, *self.run_in})
        )

    def guessing_probability(self) -> float:
        """Share of right guesses in a long list, by someone who knows where blocks begin."""
        each = [_properties(size, self.ratio) for size in self.block_sizes]
        return sum(p.correct_guesses for p in each) / sum(p.size for p in each)

    def max_imbalance(self) -> float:
        """Largest difference between two arms, per unit of the ratio, when every list is open.

        Each stratum, and the run-in only before it is complete, may hold one unfinished block.
        """
        unit = sum(self.ratio)
        per_list = max(self.block_sizes) / unit
        return max(len(self.strata) * per_list, max(self.run_in, default=0) / unit)

    def describe(self) -> Message:
        """The rule in words, for the protocol (block sizes are not for masked people)."""
        ratio = ":".join(map(str, self.ratio))
        sizes = either(self.block_sizes)
        parts = [
            Message(
                "Participants are allocated to {arms} arms in the ratio {ratio} by permuted "
                "blocks of {sizes}.",
                arms=self.arms,
                ratio=ratio,
                sizes=sizes
                if len(self.block_sizes) == 1
                else Message("{sizes}, each size equally likely", sizes=sizes),
            )
        ]
        if self.strata != ("",):
            parts.append(Message("Blocks are stratified: {strata}.", strata=several(self.strata)))
        if self.run_in:
            blocks = " + ".join(map(str, self.run_in))
            parts.append(
                Message(
                    "The first {run_in_length} participants are not stratified (blocks {blocks}).",
                    run_in_length=self.run_in_length,
                    blocks=blocks,
                )
            )
        return sentences(*parts)

    @property
    def specification(self) -> str:
        """What keeps these random numbers apart from others of the same seed."""

        def text(numbers: Sequence[int]) -> str:
            return ",".join(map(str, numbers))

        return (
            f"permuted-blocks/1 ratio={text(self.ratio)} "
            f"sizes={text(self.block_sizes)} run-in={text(self.run_in)}"
        )

    def _size(self, stream: SecretStream, stratum: str, block: int) -> int:
        if stratum == RUN_IN:
            return self.run_in[block]
        if len(self.block_sizes) == 1:
            return self.block_sizes[0]
        return self.block_sizes[stream.below(len(self.block_sizes))]

    def _require_list(self, name: str) -> None:
        if name not in self.lists:
            known = ", ".join(repr(known) for known in self.lists)
            raise DesignError(
                Message("There is no stratum {name!r}.", name=name),
                rule=Message("The lists of this trial are {known}.", known=known),
                fix=Message("Name one of them."),
            )


def _check(spec: PermutedBlocks) -> None:
    if spec.arms < 2:
        raise DesignError(
            Message("arms is {arms}.", arms=spec.arms),
            rule=Message("Allocation needs two arms or more."),
            fix=Message("Give the number of arms."),
        )
    if len(spec.ratio) != spec.arms or min(spec.ratio) < 1:
        raise DesignError(
            Message("ratio {ratio} for {arms} arms.", ratio=spec.ratio, arms=spec.arms),
            rule=Message("The ratio has one positive whole number for each arm."),
            fix=Message(
                "Write {arms} numbers, for example {equal}.", arms=spec.arms, equal=(1,) * spec.arms
            ),
        )
    unit = sum(_reduced(spec.ratio))
    sizes = [("block_sizes", size) for size in spec.block_sizes]
    for name, size in (*sizes, *(("run_in", size) for size in spec.run_in)):
        if size < unit or size % unit:
            raise DesignError(
                Message(
                    "{name} has {size}: such a block can't keep the ratio {ratio}.",
                    name=name,
                    size=size,
                    ratio=spec.ratio,
                ),
                rule=Message("Block sizes are multiples of {unit}.", unit=unit),
                fix=Message("Use for example {unit} or {twice}.", unit=unit, twice=2 * unit),
            )
    if len(set(spec.strata)) < len(spec.strata) or RUN_IN in spec.strata:
        raise DesignError(
            Message("strata {strata}.", strata=spec.strata),
            rule=Message("Strata have different names, none of them {run_in!r}.", run_in=RUN_IN),
            fix=Message("Rename one."),
        )


def _reduced(ratio: tuple[int, ...]) -> tuple[int, ...]:
    common = gcd(*ratio) if ratio else 1
    return tuple(part // max(common, 1) for part in ratio)


def _places(size: int, ratio: tuple[int, ...]) -> tuple[int, ...]:
    return tuple(size * part // sum(ratio) for part in ratio)


def _shuffled_block(stream: SecretStream, size: int, ratio: tuple[int, ...]) -> list[int]:
    block = [arm for arm, places in enumerate(_places(size, ratio), start=1) for _ in range(places)]
    stream.shuffle(block)
    return block


def _properties(size: int, ratio: tuple[int, ...]) -> BlockProperties:
    places = _places(size, ratio)
    guesses, foretold = _guessing(tuple(sorted(places)))
    return BlockProperties(size, guesses, guesses - max(places), foretold, size / sum(ratio))


@cache
def _guessing(left: tuple[int, ...]) -> tuple[float, float]:
    """Expected right guesses and foretold assignments, with `left` places in each arm (sorted)."""
    total = sum(left)
    if total == 0:
        return 0.0, 0.0
    guesses, foretold = left[-1] / total, float(left[-1] == total)
    for arm, places in enumerate(left):
        if places:
            rest = tuple(sorted((*left[:arm], places - 1, *left[arm + 1 :])))
            more_guesses, more_foretold = _guessing(rest)
            guesses += places / total * more_guesses
            foretold += places / total * more_foretold
    return guesses, foretold


def largest_imbalance(arms: Sequence[int], ratio: Sequence[int]) -> float:
    """Largest difference between two arms, per unit of the ratio, over all prefixes of a list.

    >>> largest_imbalance([1, 1, 2, 2], (1, 1))
    2.0
    """
    counts = accumulate(
        arms,
        lambda so_far, arm: (*so_far[: arm - 1], so_far[arm - 1] + 1, *so_far[arm:]),
        initial=(0,) * len(ratio),
    )
    return max(
        max(scaled) - min(scaled)
        for scaled in ([n / part for n, part in zip(row, ratio, strict=True)] for row in counts)
    )
