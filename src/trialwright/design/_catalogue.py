"""The designs that a protocol can name: `kind` in the file, and the class it makes."""

from __future__ import annotations

from functools import cache
from typing import Any


@cache
def kinds() -> dict[str, type]:
    """Kind, as written in a protocol, to class."""
    from trialwright.design import allocation, selection, stopping

    return {
        "beta-binomial-stopping": stopping.BetaBinomialStopping,
        "permuted-blocks": allocation.PermutedBlocks,
        "selection": selection.SelectionDesign,
        "toxicity-boundary": stopping.ToxicityBoundary,
    }


def kind_of(design: Any) -> str:
    """The kind of a design object."""
    return next(kind for kind, cls in kinds().items() if type(design) is cls)
