"""The loops that follow a dose-finding rule: one decision, every path, or millions of trials.

This file is loaded twice: as plain Python, where one live decision needs no compiler, and through
`compiled.load()`, which puts numba in place of `jit`. So the rule that is enumerated and simulated
is the rule that runs. Arguments are bare arrays (see `rule.Rule`), which numba passes cheaply:
`number`, `whole`, `real`, `likelihood`, `model` and `plug` are one rule. All kernels stand in this
one file because numba's cache watches only the file of the function it compiled.
"""

from __future__ import annotations

from collections.abc import Callable
from math import lgamma
from typing import Any, TypeVar

import numpy as np

from trialwright.numerics.rule import (
    CERTAIN_FROM,
    CODE,
    CODE_FIRST,
    COHERENT,
    COHORT,
    DOSES,
    ESTIMATE,
    EVENTS,
    EXPLORE_FROM,
    FUTILE,
    KIND,
    NO_SKIP,
    PARTICIPANTS,
    PRECISION,
    RANK,
    SELECTION,
    START,
    STOP_AT,
    STOP_MODE,
    TITRATION,
    TREATED,
    UTILITY,
)

F = TypeVar("F", bound=Callable[..., Any])
ZERO: Any = np.int64(0)
"""Where counting begins: a plain 0 is a type of its own to numba, and compiles its callees twice.
"""
PACKED = 8
"""Doses whose cells fit a key of two words, which the exact engine takes apart again."""

if "jit" not in globals():

    def jit(function: F) -> F:
        """Nothing, until `compiled` replaces it."""
        return function

    borrowing = jit
    """The same for a function that makes no array and gives none back: it works on those of its
    caller, and is compiled without counting who holds them, which took most of the time."""


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
def crm_sums(model: Any, posterior: Any) -> Any:
    """Mean parameter and total weight. Four sums run side by side, since each addition waits for
    the one before it; the number of nodes is a multiple of four."""
    w0, w1, w2, w3 = 0.0, 0.0, 0.0, 0.0
    m0, m1, m2, m3 = 0.0, 0.0, 0.0, 0.0
    for q in range(0, model.shape[1], 4):
        w0 += posterior[q]
        w1 += posterior[q + 1]
        w2 += posterior[q + 2]
        w3 += posterior[q + 3]
        m0 += posterior[q] * model[0, q]
        m1 += posterior[q + 1] * model[0, q + 1]
        m2 += posterior[q + 2] * model[0, q + 2]
        m3 += posterior[q + 3] * model[0, q + 3]
    total = (w0 + w1) + (w2 + w3)
    return ((m0 + m1) + (m2 + m3)) / total, total


@borrowing
def crm_fit(
    number: Any, whole: Any, likelihood: Any, model: Any, cells: Any, posterior: Any
) -> Any:
    """Fill `posterior` with each node's weight; return the mean parameter and the total weight."""
    for q in range(model.shape[1]):
        posterior[q] = model[1, q]
    for d in range(number[DOSES]):
        if whole[TREATED, cells[d]] > 0:
            row = likelihood[d, cells[d]]
            for q in range(model.shape[1]):
                posterior[q] *= row[q]
    return crm_sums(model, posterior)


@borrowing
def crm_rate(
    doses: int, model: Any, plug: Any, dose: int, mean: float, posterior: Any, total: float
) -> float:
    """Estimated DLT rate: at the mean parameter (plug-in), or the posterior mean of the rate."""
    if plug[doses + 2] == 1.0:
        rate = 0.0
        for q in range(model.shape[1]):
            rate += posterior[q] * model[2 + dose, q]
        return rate / total
    if plug[doses] == 0.0:
        return float(plug[dose] ** np.exp(mean))
    score = plug[doses + 1] + np.exp(mean) * plug[dose]
    return float(1.0 / (1.0 + np.exp(-score)))


@borrowing
def crm_pick(
    number: Any, model: Any, plug: Any, tried: bool, mean: float, posterior: Any, total: float
) -> int:
    """The dose whose estimated rate is nearest the target, the lower at a tie; -1 if the lowest
    dose, once tried, is too toxic by the stopping rule."""
    doses = number[DOSES]
    target = plug[len(plug) - 1]
    if plug[doses + 3] < 1.0 and tried:
        above = 0.0
        for q in range(model.shape[1]):
            if model[2, q] > target:
                above += posterior[q]
        if above > plug[doses + 3] * total:
            return -1
    best = 0
    distance = 2.0
    for d in range(doses):
        rate = crm_rate(doses, model, plug, d, mean, posterior, total)
        if abs(rate - target) < distance - 1e-12:
            best, distance = d, abs(rate - target)
        if rate >= target:  # rates rise with the dose
            break
    return best


@borrowing
def crm_best(
    number: Any, whole: Any, likelihood: Any, model: Any, plug: Any, cells: Any, posterior: Any
) -> int:
    """`crm_pick` after a fit to complete data."""
    mean, total = crm_fit(number, whole, likelihood, model, cells, posterior)
    return crm_pick(number, model, plug, whole[TREATED, cells[0]] > 0, mean, posterior, total)


@borrowing
def crm_add_pending(model: Any, where: Any, part: Any, waiting: int, posterior: Any) -> Any:
    """Weigh the posterior by the participants still followed: 1 - part * rate for each (Cheung and
    Chappell 2000); return the mean parameter and the total weight."""
    for i in range(waiting):
        rates = model[2 + where[i]]
        for q in range(model.shape[1]):
            posterior[q] *= 1.0 - part[i] * rates[q]
    return crm_sums(model, posterior)


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


@borrowing
def _slot(rows: Any, first: Any, second: Any, mask: int) -> Any:
    """Where a row's key stands in the open-addressed table, or the free place for it."""
    mixed = (first ^ (second * np.uint64(0x9E3779B97F4A7C15))) * np.uint64(0xD6E8FEB86659FD93)
    mixed ^= mixed >> np.uint64(32)
    place = np.int64(mixed & np.uint64(mask))
    while rows[place, 0] != np.uint64(0) and (rows[place, 0] != first or rows[place, 1] != second):
        place = (place + 1) & mask
    return place


@borrowing
def _pack(cells: Any, doses: int, tag: int) -> Any:
    """Two words: 15 bits per dose, four doses each; a tag of four bits on top of the first. More
    than `PACKED` doses, which are only simulated, give two words mixed of all: they can't be
    unpacked, and two of a million states meet with a chance of 1e-26."""
    first = np.uint64(tag)
    second = np.uint64(0)
    if doses > PACKED:
        second = np.uint64(0x9E3779B97F4A7C15)
        for d in range(doses):
            first = (first ^ np.uint64(cells[d])) * np.uint64(0xD6E8FEB86659FD93)
            first ^= first >> np.uint64(32)
            second = (second ^ np.uint64(cells[d])) * np.uint64(0xFF51AFD7ED558CCD) + first
            second ^= second >> np.uint64(29)
        return first | np.uint64(1), second
    for d in range(min(doses, 4)):
        first = (first << np.uint64(15)) | np.uint64(cells[d])
    for d in range(4, doses):
        second = (second << np.uint64(15)) | np.uint64(cells[d])
    return first, second


@borrowing
def _unpack(first: Any, second: Any, doses: int, cells: Any) -> int:
    """Fill `cells` from a key; return its tag."""
    low = np.uint64(0x7FFF)
    for d in range(doses - 1, 3, -1):
        cells[d] = np.int64(second & low)
        second = second >> np.uint64(15)
    for d in range(min(doses, 4) - 1, -1, -1):
        cells[d] = np.int64(first & low)
        first = first >> np.uint64(15)
    return int(first)


@jit
def _grown(rows: Any) -> Any:
    """The same table of rows with twice the places."""
    capacity = 2 * len(rows)
    wider = np.zeros((capacity, 3), dtype=np.uint64)
    for place in range(len(rows)):
        if rows[place, 0] != np.uint64(0):
            to = _slot(wider, rows[place, 0], rows[place, 1], capacity - 1)
            for part in range(3):
                wider[to, part] = rows[place, part]
    return wider


@jit
def _longer(old: Any, used: int, capacity: int) -> Any:
    """An array of that capacity, with a copy of what is used; the rest isn't touched, so that it
    takes no memory yet."""
    new = np.empty((capacity, *old.shape[1:]), dtype=old.dtype)
    source, target = old.reshape(-1), new.reshape(-1)
    width = len(target) // capacity
    for i in range(used * width):  # numba compiles a slice on the left for seconds
        target[i] = source[i]
    return new


@borrowing
def _outcomes(
    number: Any, whole: Any, child: Any, ways: Any, begins: Any, cell: int, size: int,
    target: float, weights: Any, local: Any,
) -> Any:  # fmt: skip
    """Spread the weights of a row over what the next cohort of `size` brings: fill
    `local`[toxic, child]; return the first cell of the children and their number.

    toxic is 1 when the cohort forbids escalation by coherence (model-based rules only)."""
    treated = whole[TREATED, cell]
    base = begins[treated + size]
    width = begins[treated + size + 1] - base
    for toxic in range(len(local)):
        for j in range(width):
            local[toxic, j] = 0.0
    for i in range(begins[treated + 1] - cell):
        weight = weights[i]
        if weight == 0.0:
            continue
        nothing = child[size - 1, cell + i, 0] - base
        for outcome in range(ways.shape[1]):
            count = ways[size - 1, outcome]
            if count != 0.0:  # what an outcome adds is the same from every cell of the row
                more = child[size - 1, cell, outcome] - base
                forbids = number[COHERENT] == 1 and whole[EVENTS, base + more] >= target * size
                local[np.int64(forbids), nothing + more] += weight * count
    return base, width


@borrowing
def _moves(
    number: Any, whole: Any, real: Any, likelihood: Any, model: Any, plug: Any, cells: Any,
    dose: int, total: int, size: int, base: int, width: int, local: Any, scratch: Any, moves: Any,
) -> int:  # fmt: skip
    """Fill `moves`[toxic, child] with the next dose, or a negative number at an end; return how
    many of the children end. `total` counts the cohort of `size` that has just been treated."""
    rest = number[DOSES]
    for d in range(number[DOSES] - 1, -1, -1):
        if d != dose and code_at(whole, cells, d) == 3:
            rest = d
    ended = 0
    for toxic in range(1 + number[COHERENT]):
        for j in range(width):
            if local[toxic, j] == 0.0:
                continue
            move = -2
            if total < number[PARTICIPANTS]:
                cells[dose] = base + j
                allowed = min(rest, dose) if code_at(whole, cells, dose) == 3 else rest
                move = next_dose(
                    number, whole, real, likelihood, model, plug,
                    cells, dose, allowed, total, size, size * toxic, scratch,
                )  # fmt: skip
            moves[toxic, j] = move
            ended += move < 0
    return ended


@borrowing
def _add_ends(
    cells: Any, dose: int, base: int, width: int, local: Any, moves: Any,
    rows: Any, at: Any, mass: Any, filled: int, taken: int,
) -> int:  # fmt: skip
    """Write the children that end as row `filled`, from weight `taken` on; return where they end.
    There is room for them."""
    cells[dose] = base
    rows[filled, 0], rows[filled, 1] = _pack(cells, len(cells), dose + 1)
    rows[filled, 2] = np.uint64(taken)
    for toxic in range(len(local)):
        for j in range(width):
            if local[toxic, j] != 0.0 and moves[toxic, j] < 0:
                at[taken], mass[taken] = base + j, local[toxic, j]
                taken += 1
    return taken


@borrowing
def _find_rows(
    whole: Any, begins: Any, cells: Any, dose: int, base: int, width: int, local: Any, moves: Any,
    rows: Any, filled: int, taken: int,
) -> Any:  # fmt: skip
    """Put in place of each `moves` that goes on where the child's weight stands, in the row of its
    next dose, written down where it is new; return how many rows and weights there are now. There
    is room for the rows."""
    shift = ZERO
    for toxic in range(len(local)):
        found = False
        for j in range(width):
            move = moves[toxic, j]
            if local[toxic, j] == 0.0 or move < 0:
                continue
            cells[dose] = base + j
            here = cells[move]
            if not (found and move == dose):  # children that stay at the dose share a row
                treated = whole[TREATED, here]
                begin = begins[treated]
                cells[move] = begin
                first, second = _pack(cells, len(cells), move + 1)
                cells[move] = here
                place = _slot(rows, first, second, len(rows) - 1)
                if rows[place, 0] == np.uint64(0):
                    rows[place, 0], rows[place, 1] = first, second
                    rows[place, 2] = np.uint64(taken)
                    filled += 1
                    taken += begins[treated + 1] - begin
                shift = np.int64(rows[place, 2]) - begin
            found = move == dose
            moves[toxic, j] = shift + here
    return filled, taken


@borrowing
def _merge(width: int, local: Any, places: Any, mass: Any) -> Any:
    """Add the children that go on to the weights in their places; return how many are new."""
    new = ZERO
    for toxic in range(len(local)):
        for j in range(width):
            if local[toxic, j] != 0.0 and places[toxic, j] >= 0:
                to = places[toxic, j]
                new += mass[to] == 0.0
                mass[to] += local[toxic, j]
    return new


@borrowing
def _most_ends(number: Any, whole: Any, begins: Any, parents: Any, cells: Any) -> Any:
    """More rows and weights of ends than the next cohort can bring."""
    doses, rows, weights = number[DOSES], ZERO, ZERO
    for parent in range(len(parents)):
        dose = _unpack(parents[parent, 0], parents[parent, 1], doses, cells) - 1
        if dose >= 0:
            total = ZERO
            for d in range(doses):
                total += whole[TREATED, cells[d]]
            size = cohort_size(number, whole, cells, dose, total)
            after = whole[TREATED, cells[dose]] + size
            rows += 1
            weights += (1 + number[COHERENT]) * (begins[after + 1] - begins[after])
    return rows, weights


@jit
def _one_cohort(
    number: Any, whole: Any, real: Any, likelihood: Any, model: Any, plug: Any, child: Any,
    ways: Any, begins: Any, parents: Any, weights: Any, end_rows: Any, end_cells: Any,
    end_mass: Any, most_states: int, most_bytes: int,
) -> Any:  # fmt: skip
    """One more cohort: states that go on (rows, weights), all ends so far (rows, cells, weights),
    and how many of both this cohort brought; -1 when there are more, or they need more bytes, than
    allowed.

    States that differ only in what came out at one dose stand in one row: the dose of the next
    cohort where they go on, of the last where they end. Its key has the tag of that dose (from 1)
    and, in place of its cell, the first cell with as many treated; the third word says where its
    weights begin. Going on, there is a weight for every cell of the row, so that most of the
    adding up needs no search; at an end, for the cells that occur."""
    doses = number[DOSES]
    widest = begins[len(begins) - 1] - begins[len(begins) - 2]
    scratch = np.empty(max(model.shape[1], 3 * doses))
    cells = np.zeros(doses, dtype=np.int64)
    local = np.zeros((1 + number[COHERENT], widest))
    moves = np.zeros((1 + number[COHERENT], widest), dtype=np.int64)
    rows, mass = np.zeros((1024, 3), dtype=np.uint64), np.empty(8192)
    filled, taken, states = ZERO, ZERO, ZERO
    end_filled, end_taken = len(end_rows), len(end_mass)
    before = end_taken
    more_rows, more = _most_ends(number, whole, begins, parents, cells)
    room = end_taken + min(more, most_states + 2 * widest)  # the rows are left once there are more
    end_rows = _longer(end_rows, end_filled, end_filled + more_rows)
    end_cells = _longer(end_cells, end_taken, room)
    end_mass = _longer(end_mass, end_taken, room)
    for parent in range(len(parents)):
        dose = _unpack(parents[parent, 0], parents[parent, 1], doses, cells) - 1
        if dose < 0:
            continue
        total = ZERO
        for d in range(doses):
            total += whole[TREATED, cells[d]]
        size = cohort_size(number, whole, cells, dose, total)
        base, width = _outcomes(
            number, whole, child, ways, begins, cells[dose], size, plug[len(plug) - 1],
            weights[np.int64(parents[parent, 2]) :], local,
        )  # fmt: skip
        ended = _moves(
            number, whole, real, likelihood, model, plug, cells, dose, total + size, size,
            base, width, local, scratch, moves,
        )  # fmt: skip
        if ended > 0:
            end_taken = _add_ends(
                cells, dose, base, width, local, moves, end_rows, end_cells, end_mass,
                end_filled, end_taken,
            )  # fmt: skip
            end_filled += 1
        if total + size < number[PARTICIPANTS]:
            while 10 * (filled + 2 * width) > 6 * len(rows):
                rows = _grown(rows)
            new = taken
            filled, taken = _find_rows(
                whole, begins, cells, dose, base, width, local, moves, rows, filled, taken
            )
            if taken > len(mass):
                mass = _longer(mass, new, max(2 * len(mass), taken))
            for i in range(new, taken):
                mass[i] = 0.0
            states += _merge(width, local, moves, mass)
        held = rows.nbytes + 8 * taken + 24 * end_filled + 10 * end_taken
        if states + end_taken - before > most_states or held > most_bytes:
            states = before - end_taken - 1
            break
    return (
        rows, mass[:taken], end_rows[:end_filled], end_cells[:end_taken], end_mass[:end_taken],
        states + end_taken - before,
    )  # fmt: skip


def follow(rule: Any, most_states: int, most_bytes: int, one_cohort: Any) -> Any:
    """Every end of the trial, paths that meet merged: rows, cells and weights of the ends (see
    `_one_cohort`), and the states visited, -1 when a budget was exceeded.

    The weight counts the orders of outcomes that lead to an end; it doesn't depend on true rates.
    `one_cohort` is the compiled `_one_cohort` or the plain one."""
    doses = rule.doses
    begins = np.searchsorted(rule.treated, np.arange(rule.treated[-1] + 2))
    first, second = _pack(np.zeros(doses, dtype=np.int64), doses, int(rule.number[START]) + 1)
    rows, mass = np.array([[first, second, 0]], dtype=np.uint64), np.ones(1)
    ends = np.empty((0, 3), dtype=np.uint64), np.empty(0, dtype=np.int16), np.empty(0)
    visited = 1
    while len(mass) > 0:
        left = most_bytes - rows.nbytes - mass.nbytes
        rows, mass, *ends, states = one_cohort(
            *rule, begins, rows, mass, *ends, most_states - visited, left
        )
        if states < 0:
            return (*(part[:0] for part in ends), -1)
        visited += int(states)
    return *ends, visited


@jit
def choose_all(
    number: Any, whole: Any, real: Any, likelihood: Any, model: Any, plug: Any,
    end_rows: Any, end_cells: Any,
) -> Any:  # fmt: skip
    """The final dose of each end: `choose`, except that the ends of a row which differ in responses
    alone have one isotonic fit."""
    doses, how = number[DOSES], number[SELECTION]
    scratch = np.empty(max(model.shape[1], 3 * doses))
    cells = np.zeros(doses, dtype=np.int64)
    chosen = np.empty(len(end_cells), dtype=np.int8)
    for r in range(len(end_rows)):
        dose = _unpack(end_rows[r, 0], end_rows[r, 1], doses, cells) - 1
        last = end_rows[r + 1, 2] if r + 1 < len(end_rows) else np.uint64(len(end_cells))
        events, highest = -1, -1
        for i in range(end_rows[r, 2], last):
            cell = end_cells[i]
            cells[dose] = cell
            if how != 3:
                chosen[i] = choose(number, whole, real, likelihood, model, plug, cells, scratch)
                continue
            if whole[EVENTS, cell] != events:
                events = whole[EVENTS, cell]
                highest = isotonic_choice(
                    number, whole, real, plug, cells, ceiling(number, whole, cells), scratch
                )
            chosen[i] = best_utility(whole, real, cells, highest)
    return chosen


@jit
def weigh(whole: Any, end_rows: Any, end_cells: Any, end_mass: Any, chosen: Any, power: Any) -> Any:
    """Sums over all ends under one truth: power[d, cell] is the chance of that cell's outcomes.

    Rows of the result: chance of selection, expected participants, expected events per dose; the
    last column of the first row is the chance of none, of the second the total chance."""
    doses = len(power)
    cells = np.zeros(doses, dtype=np.int64)
    sums = np.zeros((3, doses + 1))
    for r in range(len(end_rows)):
        dose = _unpack(end_rows[r, 0], end_rows[r, 1], doses, cells) - 1
        others = 1.0
        for d in range(doses):
            if d != dose:
                others *= power[d, cells[d]]
        total, events = 0.0, 0.0
        last = end_rows[r + 1, 2] if r + 1 < len(end_rows) else np.uint64(len(end_cells))
        for i in range(end_rows[r, 2], last):
            cell = end_cells[i]
            chance = others * end_mass[i] * power[dose, cell]
            sums[0, chosen[i] if chosen[i] >= 0 else doses] += chance
            total += chance
            events += chance * whole[EVENTS, cell]
        sums[1, doses] += total
        sums[2, dose] += events
        for d in range(doses):
            sums[1, d] += total * whole[TREATED, cells[d]]
            if d != dose:
                sums[2, d] += total * whole[EVENTS, cells[d]]
    return sums


@borrowing
def philox(block: Any, trial: Any, tag: Any, seed: Any, words: Any) -> None:
    """Philox4x32-10 of one counter, as `numerics.philox` lays it out."""
    low = np.uint64(0xFFFFFFFF)
    half = np.uint64(32)
    c0, c1, c2, c3 = block, trial & low, trial >> half, tag
    k0, k1 = seed & low, seed >> half
    for _ in range(10):
        a = c0 * np.uint64(0xD2511F53)
        b = c2 * np.uint64(0xCD9E8D57)
        c0, c1, c2, c3 = (b >> half) ^ c1 ^ k0, b & low, (a >> half) ^ c3 ^ k1, a & low
        k0 = (k0 + np.uint64(0x9E3779B9)) & low
        k1 = (k1 + np.uint64(0xBB67AE85)) & low
    words[0], words[1], words[2], words[3] = c0, c1, c2, c3


@jit
def _met(
    number: Any, whole: Any, cells: Any, move: int, rows: Any, walk: Any, seen: Any, visits: Any,
    known: int,
) -> Any:  # fmt: skip
    """The number of a state (`cells`, next dose `move`, negative at an end), written down if it is
    new; and the tables of states, longer if they had to be. `known` states are written down."""
    doses = number[DOSES]
    first, second = _pack(cells, doses, move + 1 if move >= 0 else doses + 1)
    place = _slot(rows, first, second, len(rows) - 1)
    if rows[place, 0] == np.uint64(0):
        rows[place, 0], rows[place, 1], rows[place, 2] = first, second, np.uint64(known)
        if known == len(visits):
            walk, seen, visits = (
                _longer(walk, known, 2 * known), _longer(seen, known, 2 * known),
                _longer(visits, known, 2 * known),
            )  # fmt: skip
        total = ZERO
        for d in range(doses):
            seen[known, d] = cells[d]
            total += whole[TREATED, cells[d]]
        walk[known] = 0
        walk[known, 0] = -1
        if move >= 0:
            size = cohort_size(number, whole, cells, move, total)
            walk[known, 0] = (size - 1) * doses + move
        visits[known] = 0
        known += 1
        if 10 * known > 6 * len(rows):
            rows = _grown(rows)
            place = _slot(rows, first, second, len(rows) - 1)
    return np.int64(rows[place, 2]), rows, walk, seen, visits, known


@borrowing
def _after(
    number: Any, whole: Any, real: Any, likelihood: Any, model: Any, plug: Any, child: Any,
    cells: Any, row: int, outcome: int, scratch: Any,
) -> int:  # fmt: skip
    """Where the rule goes after an outcome of the cohort that `row` of `walk` stands for; the
    outcome is added to `cells`."""
    doses = number[DOSES]
    dose, size = row % doses, row // doses + 1
    before = cells[dose]
    after = child[size - 1, before, outcome]
    cells[dose] = after
    total = ZERO
    for d in range(doses):
        total += whole[TREATED, cells[d]]
    return next_dose(
        number, whole, real, likelihood, model, plug, cells, dose, ceiling(number, whole, cells),
        total, size, whole[EVENTS, after] - whole[EVENTS, before], scratch,
    )  # fmt: skip


@jit
def _tally(
    number: Any, whole: Any, real: Any, likelihood: Any, model: Any, plug: Any, seen: Any,
    visits: Any, known: int, scratch: Any, sums: Any,
) -> None:  # fmt: skip
    """Add the trials that ended in each known state to the sums."""
    doses = number[DOSES]
    cells = np.zeros(doses, dtype=np.int64)
    for state in range(known):
        times = visits[state]
        if times == 0:
            continue
        for d in range(doses):
            cells[d] = seen[state, d]
            sums[1, d] += times * whole[TREATED, cells[d]]
            sums[2, d] += times * whole[EVENTS, cells[d]]
        chosen = choose(number, whole, real, likelihood, model, plug, cells, scratch)
        sums[0, chosen if chosen >= 0 else doses] += times
        sums[1, doses] += times


@borrowing
def _run(
    walk: Any, visits: Any, chance: Any, trial: int, last: int, state: int, cohort: int,
    seed: Any, stream: int, words: Any,
) -> Any:  # fmt: skip
    """Trials up to number `last` along the known states, from where one stands (trial, state,
    cohort): the same three at the first outcome whose next state isn't known, and that outcome."""
    outcomes = chance.shape[1]
    tag = np.uint64(stream) << np.uint64(16)
    while trial < last:
        row = walk[state, 0]
        while row >= 0:
            if cohort & 3 == 0:
                philox(np.uint64(cohort >> 2), np.uint64(trial), tag, seed, words)
            u = (words[cohort & 3] + 0.5) * 2.0**-32
            outcome = 0
            for k in range(outcomes - 1):
                outcome += u > chance[row, k]
            following = walk[state, outcome + 1]
            if following == 0:
                return trial, state, cohort, outcome
            state = following - 1
            row = walk[state, 0]
            cohort += 1
        visits[state] += 1
        trial, state, cohort = trial + 1, 0, 0
    return trial, state, cohort, -1


@jit
def simulate(
    number: Any, whole: Any, real: Any, likelihood: Any, model: Any, plug: Any, child: Any,
    ways: Any, cumulative: Any, first: int, trials: int, seed: Any, stream: int, most: int,
) -> Any:  # fmt: skip
    """Run `trials` trials from number `first`: whole-number sums, laid out as in `weigh`.

    cumulative[size - 1, dose, outcome] is the distribution function of a cohort's outcome. Cohort
    j of trial i uses word j of the trial's own stream, so chunks don't matter. The rule is asked
    once for each state and outcome met; `walk` remembers (its first column: size and dose of the
    cohort, -1 at an end; the others: the next state after each outcome, plus 1), until `most`
    states are known, and all are forgotten."""
    doses = number[DOSES]
    chance = cumulative.reshape(-1, ways.shape[1])
    sums = np.zeros((3, doses + 1), dtype=np.int64)
    scratch = np.empty(max(model.shape[1], 3 * doses))
    cells = np.zeros(doses, dtype=np.int64)
    words = np.zeros(4, dtype=np.uint64)
    rows = np.zeros((2048, 3), dtype=np.uint64)
    walk = np.zeros((1024, ways.shape[1] + 1), dtype=np.int32)
    seen = np.zeros((1024, doses), dtype=np.int16)
    visits = np.zeros(1024, dtype=np.int64)
    trial, state, cohort, outcome, known = first, ZERO, ZERO, ZERO, ZERO
    while outcome >= 0:
        if known == 0:
            cells[:] = 0
            _, rows, walk, seen, visits, known = _met(
                number, whole, cells, number[START], rows, walk, seen, visits, known
            )
        trial, state, cohort, outcome = _run(
            walk, visits, chance, trial, first + trials, state, cohort, seed, stream, words
        )
        if outcome >= 0 and known < most:
            for d in range(doses):
                cells[d] = seen[state, d]
            move = _after(
                number, whole, real, likelihood, model, plug, child, cells, walk[state, 0],
                outcome, scratch,
            )  # fmt: skip
            met, rows, walk, seen, visits, known = _met(
                number, whole, cells, move, rows, walk, seen, visits, known
            )
            walk[state, outcome + 1] = met + 1
        else:
            _tally(number, whole, real, likelihood, model, plug, seen, visits, known, scratch, sums)
            rows[:] = np.uint64(0)
            known, state, cohort = (
                np.int64(0),
                np.int64(0),
                np.int64(0),
            )  # an interrupted trial starts anew, with the same words
    return sums


@borrowing
def _waiting(
    at: float, window: float, doses_of: Any, started: Any, toxic: Any, enrolled: int,
    events: Any, where: Any, part: Any,
) -> int:  # fmt: skip
    """Who is pending at a time: fill the DLTs known by then, and dose and part of the window of
    each; return how many."""
    events[:] = 0
    waiting = ZERO
    for i in range(enrolled):
        if toxic[i] <= at:
            events[doses_of[i]] += 1
        elif at < started[i] + window:
            where[waiting], part[waiting] = doses_of[i], (at - started[i]) / window
            waiting += 1
    return int(waiting)


@borrowing
def _next_change(at: float, window: float, started: Any, toxic: Any, enrolled: int) -> float:
    """When the next pending participant has a DLT or is done."""
    soonest = np.inf
    for i in range(enrolled):
        change = min(toxic[i], started[i] + window)
        if at < change < soonest:
            soonest = change
    return soonest


@borrowing
def _enrol(
    first: int, size: int, at: float, dose: int, rate: float, accrual: Any, trial: int, tag: Any,
    seed: Any, words: Any, doses_of: Any, started: Any, toxic: Any,
) -> float:  # fmt: skip
    """Treat `size` participants at a dose, the first at once; return when the next one comes.
    Participant j has block j of the trial's stream: DLT, its time, and the gap to the next."""
    for j in range(first, first + size):
        philox(np.uint64(j), np.uint64(trial), tag, seed, words)
        doses_of[j], started[j], toxic[j] = dose, at, np.inf
        if (words[0] + 0.5) * 2.0**-32 < rate:
            toxic[j] = at + accrual[1] * ((words[1] + 0.5) * 2.0**-32) ** accrual[2]
        at -= accrual[0] * np.log((words[2] + 0.5) * 2.0**-32)
    return at


@jit
def simulate_pending(
    number: Any, whole: Any, real: Any, likelihood: Any, model: Any, plug: Any, late: Any,
    accrual: Any, truth: Any, first: int, trials: int, seed: Any, stream: int,
) -> Any:  # fmt: skip
    """Run trials with delayed outcomes: sums laid out as in `weigh`, and in the last place how long
    they took in all, in thousandths of a day. accrual: mean gap and window in days, exponent of the
    DLT times. truth: DLT rate of each dose within the window."""
    doses, most, window = number[DOSES], number[PARTICIPANTS], accrual[1]
    sums = np.zeros((3, doses + 1), dtype=np.int64)
    scratch = np.empty(max(model.shape[1], 3 * doses))
    cells, treated = np.zeros(doses, dtype=np.int64), np.zeros(doses, dtype=np.int64)
    events, where = np.zeros(doses, dtype=np.int64), np.zeros(most, dtype=np.int64)
    doses_of, part = np.zeros(most, dtype=np.int64), np.zeros(most)
    started, toxic = np.zeros(most), np.zeros(most)
    words = np.zeros(4, dtype=np.uint64)
    tag = np.uint64(stream) << np.uint64(16) | np.uint64(1)
    for trial in range(first, first + trials):
        treated[:] = 0
        dose, move, enrolled, at = number[START], number[START], ZERO, 0.0
        while move >= 0:
            size = min(number[COHORT], most - enrolled)
            dose = move
            comes = _enrol(
                enrolled, size, at, dose, truth[dose], accrual, trial, tag, seed, words,
                doses_of, started, toxic,
            )  # fmt: skip
            enrolled += size
            treated[dose] += size
            at = started[enrolled - 1] + window if enrolled == most else comes
            move = -4
            while move == -4:
                waiting = _waiting(
                    at, window, doses_of, started, toxic, enrolled, events, where, part
                )
                move = pending_move(
                    number, whole, real, likelihood, model, plug, late, treated, events, dose,
                    where, part, waiting, cells, scratch,
                )  # fmt: skip
                if move == -4:
                    at = _next_change(at, window, started, toxic, enrolled)
        over = at if move == -1 else started[enrolled - 1] + window
        _waiting(1e300, window, doses_of, started, toxic, enrolled, events, where, part)
        for d in range(doses):
            cells[d] = treated[d] * (treated[d] + 1) // 2 + events[d]
            sums[1, d] += treated[d]
            sums[2, d] += events[d]
        chosen = -1
        if move != -1:
            chosen = choose(number, whole, real, likelihood, model, plug, cells, scratch)
        sums[0, chosen if chosen >= 0 else doses] += 1
        sums[1, doses] += 1
        sums[2, doses] += np.int64(np.round(over * 1000))
    return sums


@borrowing
def _enrol_responding(
    first: int, size: int, rate: float, accrual: Any, trial: int, tag: Any, seed: Any, words: Any,
    started: Any, active: Any,
) -> None:  # fmt: skip
    """When participants just treated respond, if they do: block 2^20 + j of the trial's stream."""
    for j in range(first, first + size):
        philox(np.uint64(1048576 + j), np.uint64(trial), tag, seed, words)
        active[j] = np.inf
        if (words[0] + 0.5) * 2.0**-32 < rate:
            active[j] = started[j] + accrual[3] * ((words[1] + 0.5) * 2.0**-32) ** accrual[2]


@jit
def simulate_pending_both(
    number: Any, whole: Any, real: Any, likelihood: Any, model: Any, plug: Any, late: Any,
    accrual: Any, truth: Any, responding: Any, first: int, trials: int, seed: Any, stream: int,
) -> Any:  # fmt: skip
    """As `simulate_pending`, with responses that come late too: true rates `responding`, and
    accrual[3] their window in days."""
    doses, most = number[DOSES], number[PARTICIPANTS]
    longest = max(accrual[1], accrual[3])
    sums = np.zeros((3, doses + 1), dtype=np.int64)
    scratch = np.empty(max(model.shape[1], 3 * doses))
    cells, treated = np.zeros(doses, dtype=np.int64), np.zeros(doses, dtype=np.int64)
    events, responses = np.zeros(doses, dtype=np.int64), np.zeros(doses, dtype=np.int64)
    small, smaller = np.zeros((5, doses), dtype=np.int32), np.zeros((4, doses))
    toxic_at, active_at = np.zeros(most, dtype=np.int64), np.zeros(most, dtype=np.int64)
    toxic_part, active_part = np.zeros(most), np.zeros(most)
    doses_of, started = np.zeros(most, dtype=np.int64), np.zeros(most)
    toxic, active = np.zeros(most), np.zeros(most)
    words = np.zeros(4, dtype=np.uint64)
    tag = np.uint64(stream) << np.uint64(16) | np.uint64(1)
    for trial in range(first, first + trials):
        treated[:] = 0
        dose, move, enrolled, at = number[START], number[START], ZERO, 0.0
        while move >= 0:
            size = min(number[COHORT], most - enrolled)
            dose = move
            comes = _enrol(
                enrolled, size, at, dose, truth[dose], accrual, trial, tag, seed, words,
                doses_of, started, toxic,
            )  # fmt: skip
            _enrol_responding(
                enrolled, size, responding[dose], accrual, trial, tag, seed, words, started, active
            )
            enrolled += size
            treated[dose] += size
            at = started[enrolled - 1] + longest if enrolled == most else comes
            move = -4
            while move == -4:
                toxic_waiting = _waiting(
                    at, accrual[1], doses_of, started, toxic, enrolled, events, toxic_at, toxic_part
                )
                active_waiting = _waiting(
                    at, accrual[3], doses_of, started, active, enrolled, responses, active_at,
                    active_part,
                )  # fmt: skip
                move = pending_both_move(
                    number, likelihood, model, plug, late, treated, events, responses, dose,
                    toxic_at, toxic_part, toxic_waiting, active_at, active_part, active_waiting,
                    small, smaller, cells, scratch,
                )  # fmt: skip
                if move == -4:
                    at = min(
                        _next_change(at, accrual[1], started, toxic, enrolled),
                        _next_change(at, accrual[3], started, active, enrolled),
                    )
        over = at if move == -1 else started[enrolled - 1] + longest
        _waiting(1e300, longest, doses_of, started, toxic, enrolled, events, toxic_at, toxic_part)
        _waiting(1e300, longest, doses_of, started, active, enrolled, responses, active_at,
                 active_part)  # fmt: skip
        for d in range(doses):
            n = treated[d]
            cells[d] = n * (n + 1) * (2 * n + 1) // 6 + events[d] * (n + 1) + responses[d]
            sums[1, d] += n
            sums[2, d] += events[d]
        chosen = -1
        if move != -1:
            chosen = choose(number, whole, real, likelihood, model, plug, cells, scratch)
        sums[0, chosen if chosen >= 0 else doses] += 1
        sums[1, doses] += 1
        sums[2, doses] += np.int64(np.round(over * 1000))
    return sums
