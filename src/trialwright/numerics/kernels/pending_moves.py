"""One decision of a rule while outcomes of some participants are still awaited."""

from __future__ import annotations

from math import lgamma
from typing import Any

import numpy as np

from trialwright.numerics.rule import (
    CODE,
    CODE_FIRST,
    COHERENT,
    DOSES,
    EVENTS,
    FUTILE,
    KIND,
    NO_SKIP,
    PARTICIPANTS,
    RANK,
    STOP_AT,
    STOP_MODE,
    TREATED,
)

from .cells import ZERO, ceiling, code_at
from .crm import crm_add_pending, crm_fit, crm_pick
from .marks import borrowing
from .moves import next_dose


@borrowing
def tite_boin_move(
    number: Any, whole: Any, late: Any, cells: Any, dose: int, allowed: int, here: int,
    followed: float,
) -> int:  # fmt: skip
    """TITE-BOIN's dose with `here` participants pending at the current one, their parts of the
    window adding up to `followed`; -4 while too many are pending."""
    n, y = whole[TREATED, cells[dose]], whole[EVENTS, cells[dose]]
    move = dose
    if code_at(whole, cells, dose) >= 2:
        move = max(dose - 1, 0)
    elif here > late[0] * n:
        return -4
    elif n > 0:
        q = (y + late[3] / 2) / (n - here + 1)
        rate = (y + q / (1 - q) * (here - followed)) / n
        if rate <= late[1]:
            move = dose + 1
        elif rate >= late[2]:
            move = max(dose - 1, 0)
    return int(min(move, allowed - 1))


@borrowing
def tite_crm_move(
    number: Any, whole: Any, likelihood: Any, model: Any, plug: Any, late: Any, treated: Any,
    events: Any, cells: Any, dose: int, where: Any, part: Any, waiting: int, here: int,
    scratch: Any,
) -> int:  # fmt: skip
    """TITE-CRM's dose; `cells` hold those who are done. -4 while too many are pending at the
    current dose, -1 when the lowest dose is too toxic."""
    if here > late[0] * treated[dose]:
        return -4
    crm_fit(number, whole, likelihood, model, cells, scratch)
    mean, total = crm_add_pending(model, where, part, waiting, scratch)
    move = crm_pick(number, model, plug, treated[0] > 0, mean, scratch, total)
    if move >= 0 and number[NO_SKIP] == 1:
        move = min(move, dose + 1)
    if (
        number[COHERENT] == 1
        and treated[dose] > 0
        and (events[dose] >= plug[len(plug) - 1] * treated[dose])
    ):
        move = min(move, dose)
    return move


@borrowing
def pending_move(
    number: Any, whole: Any, real: Any, likelihood: Any, model: Any, plug: Any, late: Any,
    treated: Any, events: Any, dose: int, where: Any, part: Any, waiting: int, cells: Any,
    scratch: Any,
) -> int:  # fmt: skip
    """Where the next cohort goes with `waiting` participants pending, participant i at dose
    `where`[i], `part`[i] of their window followed; negative as in `next_dose`, -4 to wait.

    treated, events: everybody and the known DLTs at each dose. cells: scratch."""
    here, followed, total = ZERO, 0.0, ZERO
    for d in range(number[DOSES]):
        total += treated[d]
        done = treated[d]
        for i in range(waiting):
            if where[i] == d:
                if number[KIND] == 1:
                    done -= 1
                if d == dose:
                    here += 1
                    followed += part[i]
        cells[d] = done * (done + 1) // 2 + events[d]
    if number[KIND] == 1:
        move = tite_crm_move(
            number, whole, likelihood, model, plug, late, treated, events, cells, dose,
            where, part, waiting, here, scratch,
        )  # fmt: skip
    else:
        allowed = ceiling(number, whole, cells)
        if allowed == 0:
            return -1
        move = tite_boin_move(number, whole, late, cells, dose, allowed, here, followed)
    if move < 0:
        return move
    if total >= number[PARTICIPANTS]:
        return -2
    mode = number[STOP_MODE]
    if mode > 0 and treated[dose] >= number[STOP_AT] and (mode == 2 or move == dose):
        return -3
    return move


@borrowing
def beta_below(a: float, b: float, x: float) -> float:
    """P(X <= x) for X ~ Beta(a, b), 0 < x < 1, by Lentz's continued fraction (Numerical Recipes,
    6.4), where SciPy's can't be called."""
    turned = x > (a + 1.0) / (a + b + 2.0)
    if turned:
        a, b, x = b, a, 1.0 - x
    c, d = 1.0, 1.0 / (1.0 - (a + b) * x / (a + 1.0))
    found, m, change = d, 1.0, 2.0
    while abs(change - 1.0) > 1e-16 and m < 500.0:
        step = m * (b - m) * x / ((a + 2.0 * m - 1.0) * (a + 2.0 * m))
        d, c = 1.0 / (1.0 + step * d), 1.0 + step / c
        found *= d * c
        step = -(a + m) * (a + b + m) * x / ((a + 2.0 * m) * (a + 2.0 * m + 1.0))
        d, c = 1.0 / (1.0 + step * d), 1.0 + step / c
        change = d * c
        found *= change
        m += 1.0
    logs = lgamma(a + b) - lgamma(a) - lgamma(b) + a * np.log(x) + b * np.log(1.0 - x)
    found *= np.exp(logs) / a
    return float(1.0 - found if turned else found)


@borrowing
def expected_events(
    known: int, treated: int, dose: int, where: Any, part: Any, waiting: int
) -> Any:
    """The effective sample size at a dose, and the events expected of all treated there: those
    known, and for each pending participant the chance of one later on, at the rate known / size
    (Lin and Yuan 2020)."""
    size, expected = 1.0 * treated, 1.0 * known
    for i in range(waiting):
        if where[i] == dose:
            size -= 1.0 - part[i]
    if known > 0:
        rate = known / size
        for i in range(waiting):
            if where[i] == dose:
                expected += rate * (1.0 - part[i]) / (1.0 - rate * part[i])
    return size, expected


@borrowing
def _pending_here(dose: int, where: Any, waiting: int) -> Any:
    here = ZERO
    for i in range(waiting):
        here += where[i] == dose
    return here


@borrowing
def pending_both_move(
    number: Any, likelihood: Any, model: Any, plug: Any, late: Any, treated: Any, events: Any,
    responses: Any, dose: int, toxic_at: Any, toxic_part: Any, toxic_waiting: int,
    active_at: Any, active_part: Any, active_waiting: int, whole: Any, real: Any, cells: Any,
    scratch: Any,
) -> int:  # fmt: skip
    """TITE-BOIN12's dose, some DLTs and responses pending (at which dose, which part of the window
    followed, how many): BOIN12's move, read from tables that have one cell for each dose, written
    here from what is expected of the pending. Negative as in `next_dose`; -4 to wait.

    late: share that may be pending, lambda_e, lambda_d, target, least response rate, benchmark,
    utilities of neither and both, cut-offs of toxicity and futility. whole, real, cells: room."""
    waiting = max(
        _pending_here(dose, toxic_at, toxic_waiting), _pending_here(dose, active_at, active_waiting)
    )
    if waiting > late[0] * treated[dose]:
        return -4
    total = ZERO
    for d in range(number[DOSES]):
        n, y, r = treated[d], events[d], responses[d]
        total += n
        size, toxic = expected_events(y, n, d, toxic_at, toxic_part, toxic_waiting)
        sized, active = expected_events(r, n, d, active_at, active_part, active_waiting)
        x = (late[6] * (n - toxic) + late[7] * active) / 100.0
        code, futile = ZERO, ZERO
        if n > 0 and y <= late[1] * size:
            code += 1
        elif n > 0 and y >= late[2] * size:
            code += 2
        if n >= 3 and y > 0 and 1.0 - beta_below(1.0 + y, 1.0 + size - y, late[3]) > late[8]:
            code = ZERO + 3
        if n >= 3 and beta_below(1.0 + r, 1.0 + sized - r, late[4]) > late[9]:
            futile += 1
        cells[d] = d
        whole[TREATED, d], whole[EVENTS, d], whole[FUTILE, d] = n, y, futile
        whole[CODE_FIRST, d], whole[CODE, d] = code, code
        real[RANK, d] = 1.0 - beta_below(1.0 + x, 1.0 + n - x, late[5])
    allowed = ceiling(number, whole, cells)
    return next_dose(
        number, whole, real, likelihood, model, plug, cells, dose, allowed, total, ZERO, ZERO,
        scratch,
    )  # fmt: skip
