"""How participants are allocated: the kinds of allocation, and which keys each has in the file."""

from dataclasses import dataclass
from enum import StrEnum

from trialwright.protocol.expression import Expression


class AllocationKind(StrEnum):
    """How the arm of the next participant is found."""

    NONE = "none"
    BLOCKS = "blocks"
    SIMPLE = "simple"
    BIASED_COIN = "biased_coin"
    MINIMISATION = "minimisation"
    CHOSEN = "chosen"
    RULE = "rule"
    DOSE_COHORT = "dose_cohort"
    SWITCH = "switch"
    EXTERNAL = "external"

    @property
    def has_list(self) -> bool:
        """Whether all places are made at activation; else each arm is found when it is needed."""
        return self.has_blocks or self is AllocationKind.EXTERNAL

    @property
    def has_blocks(self) -> bool:
        """Whether the list is made here, of permuted blocks, so that it can be made again."""
        return self is AllocationKind.BLOCKS

    @property
    def is_drawn(self) -> bool:
        """Whether the arms follow from random numbers."""
        return self in _DRAWN

    @property
    def keys(self) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """The keys that an allocation of this kind must have, and those that it may have."""
        return _KEYS[self]


_DRAWN = (
    AllocationKind.BLOCKS,
    AllocationKind.SIMPLE,
    AllocationKind.BIASED_COIN,
    AllocationKind.MINIMISATION,
)
_KEYS: dict[AllocationKind, tuple[tuple[str, ...], tuple[str, ...]]] = {
    AllocationKind.NONE: ((), ()),
    AllocationKind.BLOCKS: (("ratio", "block_sizes"), ("strata", "run_in", "pause_after")),
    AllocationKind.SIMPLE: (("ratio",), ("pause_after",)),
    AllocationKind.BIASED_COIN: (("ratio",), ("strata", "probability", "pause_after")),
    AllocationKind.MINIMISATION: (
        ("ratio", "strata"),
        ("probability", "weights", "measure", "pause_after"),
    ),
    AllocationKind.CHOSEN: (("by",), ("pause_after",)),
    AllocationKind.RULE: (("rule",), ("pause_after",)),
    AllocationKind.DOSE_COHORT: ((), ()),
    AllocationKind.SWITCH: (("to",), ()),
    AllocationKind.EXTERNAL: (("by", "ratio"), ("strata", "pause_after")),
}


class Imbalance(StrEnum):
    """What minimisation keeps small: the range or the variance of the arms' counts."""

    RANGE = "range"
    VARIANCE = "variance"


@dataclass(frozen=True, slots=True)
class ArmRule:
    """One line of an allocation by rule: who has `when` true gets the arm."""

    arm: str
    when: Expression
