"""What a rule's table says of one dose, and of how many are treated next."""

from __future__ import annotations

from typing import Any

import numpy as np

from trialwright.numerics.rule import (
    CODE,
    CODE_FIRST,
    COHORT,
    DOSES,
    PARTICIPANTS,
    TITRATION,
    TREATED,
)

from .marks import borrowing

ZERO: Any = np.int64(0)
"""Where counting begins: a plain 0 is a type of its own to numba, and compiles its callees twice.
"""


@borrowing
def code_at(whole: Any, cells: Any, dose: int) -> Any:
    """The table's code at a dose."""
    return whole[CODE_FIRST if dose == 0 else CODE, cells[dose]]


@borrowing
def ceiling(number: Any, whole: Any, cells: Any) -> int:
    """The number of doses still allowed: all below the lowest eliminated one."""
    for d in range(number[DOSES]):
        if code_at(whole, cells, d) == 3:
            return d
    return int(number[DOSES])


@borrowing
def in_titration(number: Any, whole: Any, cells: Any) -> bool:
    """Have all doses had one participant at most?"""
    single = True
    for d in range(number[DOSES]):
        single = single and whole[TREATED, cells[d]] <= 1
    return single


@borrowing
def cohort_size(number: Any, whole: Any, cells: Any, dose: int, total: int) -> Any:
    """How many participants the next cohort at `dose` has, `total` being treated already."""
    size = number[COHORT]
    if number[TITRATION] == 1 and in_titration(number, whole, cells):
        size = 1 if whole[TREATED, cells[dose]] == 0 else size - 1
    return min(size, number[PARTICIPANTS] - total)
