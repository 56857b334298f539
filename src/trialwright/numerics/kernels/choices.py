"""The dose that a trial chooses when it has ended."""

from __future__ import annotations

from typing import Any

from trialwright.numerics.rule import (
    DOSES,
    ESTIMATE,
    FUTILE,
    PRECISION,
    SELECTION,
    TREATED,
    UTILITY,
)

from .cells import ceiling
from .crm import crm_best
from .marks import borrowing


@borrowing
def isotonic_choice(
    number: Any, whole: Any, real: Any, plug: Any, cells: Any, allowed: int, scratch: Any
) -> int:
    """The allowed, treated dose whose isotonic estimate is nearest the target, of those at or below
    the bound where `plug` has one before the target; -1 where none is.

    Pooled adjacent violators, weights 1/variance; a tie is broken by adding 1e-10 per treated
    dose, so below the target the higher and above it the lower dose is taken (as BOIN's authors
    do)."""
    doses, target = number[DOSES], plug[len(plug) - 1]
    bound = plug[0] if len(plug) == 2 else 2.0
    blocks = 0
    for d in range(allowed):
        cell = cells[d]
        if whole[TREATED, cell] == 0:
            continue
        value, weight, count = real[ESTIMATE, cell], real[PRECISION, cell], 1.0
        while blocks > 0 and scratch[blocks - 1] >= value:
            blocks -= 1
            other = scratch[doses + blocks]
            value = (value * weight + scratch[blocks] * other) / (weight + other)
            weight += other
            count += scratch[2 * doses + blocks]
        scratch[blocks], scratch[doses + blocks], scratch[2 * doses + blocks] = value, weight, count
        blocks += 1
    chosen = -1
    distance = 2.0
    block = 0
    used = 0
    order = 0
    for d in range(allowed):
        if whole[TREATED, cells[d]] == 0:
            continue
        if used == scratch[2 * doses + block]:
            block += 1
            used = 0
        used += 1
        order += 1
        away = abs(scratch[block] + order * 1e-10 - target)
        if away < distance and scratch[block] <= bound:
            chosen, distance = d, away
    return chosen


@borrowing
def best_utility(whole: Any, real: Any, cells: Any, highest: int) -> int:
    """The treated dose of highest mean utility, not futile and at most `highest`; the lower at a
    tie, -1 for none."""
    best = -1
    for d in range(highest + 1):
        cell = cells[d]
        if (
            whole[TREATED, cell] > 0
            and whole[FUTILE, cell] == 0
            and (best < 0 or real[UTILITY, cell] > real[UTILITY, cells[best]] + 1e-12)
        ):
            best = d
    return best


@borrowing
def choose(
    number: Any,
    whole: Any,
    real: Any,
    likelihood: Any,
    model: Any,
    plug: Any,
    cells: Any,
    scratch: Any,
) -> int:
    """The final dose (from 0) if the trial ended now, or -1 for none."""
    allowed = ceiling(number, whole, cells)
    how = number[SELECTION]
    if how == 2:
        return crm_best(number, whole, likelihood, model, plug, cells, scratch)
    chosen = -1
    if how == 1:
        for d in range(allowed):
            if whole[TREATED, cells[d]] > 0:
                chosen = d
        return chosen
    highest = isotonic_choice(number, whole, real, plug, cells, allowed, scratch)
    return best_utility(whole, real, cells, highest) if how == 3 else highest
