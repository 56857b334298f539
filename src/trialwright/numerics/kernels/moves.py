"""One decision of a rule with every outcome known: stay, up, down or stop."""

from __future__ import annotations

from typing import Any

from trialwright.numerics.rule import (
    CERTAIN_FROM,
    COHERENT,
    DOSES,
    EVENTS,
    EXPLORE_FROM,
    FUTILE,
    KIND,
    NO_SKIP,
    PARTICIPANTS,
    RANK,
    STOP_AT,
    STOP_MODE,
    TITRATION,
    TREATED,
)

from .cells import code_at, in_titration
from .crm import crm_best
from .marks import borrowing


@borrowing
def interval_move(number: Any, whole: Any, cells: Any, dose: int, allowed: int) -> int:
    """The dose that the table at the current dose asks for, within the allowed ones."""
    code = code_at(whole, cells, dose)
    if number[TITRATION] == 1 and in_titration(number, whole, cells):
        code = 1
        for d in range(number[DOSES]):
            if whole[EVENTS, cells[d]] > 0:
                code = 0
    if code == 1:
        dose += 1
    elif code >= 2:
        dose = max(dose - 1, 0)
    return min(dose, allowed - 1)


@borrowing
def boin12_move(number: Any, whole: Any, real: Any, cells: Any, dose: int, allowed: int) -> int:
    """An untried next dose when enough are treated here; else the admissible neighbour with the
    highest desirability rank (the higher at a tie, the lower when the higher neighbour is barred);
    if none is admissible the nearest dose that is, looking down first; -1 for none."""
    code = code_at(whole, cells, dose)
    here = whole[TREATED, cells[dose]]
    high = dose + 1
    if code >= 2:
        high = max(dose - 1, 0)
    elif (
        here >= number[EXPLORE_FROM]
        and dose + 1 < allowed
        and (whole[TREATED, cells[dose + 1]] == 0)
    ):
        return dose + 1
    elif code == 0 and here >= number[CERTAIN_FROM]:
        high = dose
    edge = -1e-9 if high > dose else 1e-9
    best = -1
    for d in range(max(dose - 1, 0), min(high, allowed - 1) + 1):
        if whole[FUTILE, cells[d]] == 0 and (
            best < 0 or real[RANK, cells[d]] > real[RANK, cells[best]] + edge
        ):
            best = d
    if best >= 0:
        return best
    for d in range(min(dose, allowed) - 1, -1, -1):
        if whole[FUTILE, cells[d]] == 0:
            return d
    for d in range(dose, min(high + 1, allowed)):
        if whole[FUTILE, cells[d]] == 0:
            return d
    return -1


@borrowing
def next_dose(
    number: Any,
    whole: Any,
    real: Any,
    likelihood: Any,
    model: Any,
    plug: Any,
    cells: Any,
    dose: int,
    allowed: int,
    total: int,
    treated: int,
    events: int,
    scratch: Any,
) -> int:
    """Where the next cohort goes (from 0), or -1 when every dose is too toxic, -2 when the sample
    is complete, -3 when a dose has enough participants.

    allowed: doses not eliminated. total: all treated. treated, events: the last cohort's."""
    if allowed == 0:
        return -1
    if number[KIND] == 0:
        move = interval_move(number, whole, cells, dose, allowed)
    elif number[KIND] == 1:
        move = crm_best(number, whole, likelihood, model, plug, cells, scratch)
        if move >= 0 and number[NO_SKIP] == 1:
            move = min(move, dose + 1)
        if number[COHERENT] == 1 and treated > 0 and events >= plug[len(plug) - 1] * treated:
            move = min(move, dose)
    else:
        move = boin12_move(number, whole, real, cells, dose, allowed)
    if move < 0:
        return -1
    if total >= number[PARTICIPANTS]:
        return -2
    mode = number[STOP_MODE]
    if mode == 0:
        return move
    full = whole[TREATED, cells[dose]] >= number[STOP_AT]
    if (
        (mode == 1 and full and move == dose)
        or (mode == 2 and full)
        or (mode == 3 and whole[TREATED, cells[move]] >= number[STOP_AT])
        or (mode == 4 and move <= dose and code_at(whole, cells, dose) != 0)
    ):
        return -3
    return move
