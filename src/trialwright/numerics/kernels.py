"""The loops that follow a dose-finding rule: one decision, every path, or millions of trials.

This file is loaded twice: as plain Python, where one live decision needs no compiler, and through
`compiled.load()`, which puts numba in place of `jit`. So the rule that is enumerated and simulated
is the rule that runs. Arguments are bare arrays (see `rule.Rule`), which numba passes cheaply:
`number`, `whole`, `real`, `likelihood`, `model` and `plug` are one rule. All kernels stand in this
one file because numba's cache watches only the file of the function it compiled.
"""

from __future__ import annotations

from collections.abc import Callable
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

if "jit" not in globals():

    def jit(function: F) -> F:
        """Nothing, until `compiled` replaces it."""
        return function


@jit
def code_at(whole: Any, cells: Any, dose: int) -> Any:
    """The table's code at a dose."""
    return whole[CODE_FIRST if dose == 0 else CODE, cells[dose]]


@jit
def ceiling(number: Any, whole: Any, cells: Any) -> int:
    """The number of doses still allowed: all below the lowest eliminated one."""
    for d in range(number[DOSES]):
        if code_at(whole, cells, d) == 3:
            return d
    return int(number[DOSES])


@jit
def in_titration(number: Any, whole: Any, cells: Any) -> bool:
    """Have all doses had one participant at most?"""
    single = True
    for d in range(number[DOSES]):
        single = single and whole[TREATED, cells[d]] <= 1
    return single


@jit
def cohort_size(number: Any, whole: Any, cells: Any, dose: int, total: int) -> Any:
    """How many participants the next cohort at `dose` has, `total` being treated already."""
    size = number[COHORT]
    if number[TITRATION] == 1 and in_titration(number, whole, cells):
        size = 1 if whole[TREATED, cells[dose]] == 0 else size - 1
    return min(size, number[PARTICIPANTS] - total)


@jit
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


@jit
def crm_fit(
    number: Any, whole: Any, likelihood: Any, model: Any, cells: Any, posterior: Any
) -> float:
    """Fill `posterior` with each node's weight (they add to 1); return the mean parameter."""
    nodes = model.shape[1]
    total = 0.0
    mean = 0.0
    for q in range(nodes):
        posterior[q] = model[1, q]
    for d in range(number[DOSES]):
        if whole[TREATED, cells[d]] > 0:
            for q in range(nodes):
                posterior[q] *= likelihood[d, cells[d], q]
    for q in range(nodes):
        total += posterior[q]
        mean += posterior[q] * model[0, q]
    for q in range(nodes):
        posterior[q] /= total
    return mean / total


@jit
def crm_rate(doses: int, model: Any, plug: Any, dose: int, mean: float, posterior: Any) -> float:
    """Estimated DLT rate: at the mean parameter (plug-in), or the posterior mean of the rate."""
    if plug[doses + 2] == 1.0:
        rate = 0.0
        for q in range(model.shape[1]):
            rate += posterior[q] * model[2 + dose, q]
        return rate
    if plug[doses] == 0.0:
        return float(plug[dose] ** np.exp(mean))
    score = plug[doses + 1] + np.exp(mean) * plug[dose]
    return float(1.0 / (1.0 + np.exp(-score)))


@jit
def crm_best(
    number: Any, whole: Any, likelihood: Any, model: Any, plug: Any, cells: Any, posterior: Any
) -> int:
    """The dose whose estimated rate is nearest the target, the lower at a tie; -1 if the lowest
    dose is too toxic by the stopping rule."""
    doses = number[DOSES]
    target = plug[len(plug) - 1]
    mean = crm_fit(number, whole, likelihood, model, cells, posterior)
    if plug[doses + 3] < 1.0 and whole[TREATED, cells[0]] > 0:
        above = 0.0
        for q in range(model.shape[1]):
            if model[2, q] > target:
                above += posterior[q]
        if above > plug[doses + 3]:
            return -1
    best = 0
    distance = 2.0
    for d in range(doses):
        away = abs(crm_rate(doses, model, plug, d, mean, posterior) - target)
        if away < distance - 1e-12:
            best, distance = d, away
    return best


@jit
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


@jit
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


@jit
def isotonic_choice(
    number: Any, whole: Any, real: Any, target: float, cells: Any, allowed: int, scratch: Any
) -> int:
    """The allowed, treated dose whose isotonic estimate is nearest the target.

    Pooled adjacent violators, weights 1/variance; a tie is broken by adding 1e-10 per treated
    dose, so below the target the higher and above it the lower dose is taken (as BOIN's authors
    do)."""
    doses = number[DOSES]
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
        if away < distance:
            chosen, distance = d, away
    return chosen


@jit
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
    chosen = isotonic_choice(number, whole, real, plug[len(plug) - 1], cells, allowed, scratch)
    if how == 0:
        return chosen
    best = -1
    for d in range(chosen + 1):
        cell = cells[d]
        if (
            whole[TREATED, cell] > 0
            and whole[FUTILE, cell] == 0
            and (best < 0 or real[UTILITY, cell] > real[UTILITY, cells[best]] + 1e-12)
        ):
            best = d
    return best


@jit
def _slot(keys: Any, first: Any, second: Any, mask: int) -> Any:
    """Where a key stands in the open-addressed table, or the free place for it."""
    mixed = (first ^ (second * np.uint64(0x9E3779B97F4A7C15))) * np.uint64(0xD6E8FEB86659FD93)
    mixed ^= mixed >> np.uint64(32)
    place = np.int64(mixed & np.uint64(mask))
    while keys[place, 0] != np.uint64(0) and (keys[place, 0] != first or keys[place, 1] != second):
        place = (place + 1) & mask
    return place


@jit
def _pack(cells: Any, doses: int, tag: int) -> Any:
    """Two words: 15 bits per dose, four doses each; a tag of four bits on top of the first."""
    first = np.uint64(tag)
    second = np.uint64(0)
    for d in range(min(doses, 4)):
        first = (first << np.uint64(15)) | np.uint64(cells[d])
    for d in range(4, doses):
        second = (second << np.uint64(15)) | np.uint64(cells[d])
    return first, second


@jit
def _unpack(first: Any, second: Any, doses: int, cells: Any) -> int:
    low = np.uint64(0x7FFF)
    for d in range(doses - 1, 3, -1):
        cells[d] = np.int64(second & low)
        second = second >> np.uint64(15)
    for d in range(min(doses, 4) - 1, -1, -1):
        cells[d] = np.int64(first & low)
        first = first >> np.uint64(15)
    return int(first)


@jit
def _grown(keys: Any, sums: Any) -> Any:
    """The same table with twice the places."""
    capacity = 2 * len(sums)
    wider = np.zeros((capacity, 2), dtype=np.uint64)
    longer = np.zeros(capacity)
    for place in range(len(sums)):
        if keys[place, 0] != np.uint64(0):
            to = _slot(wider, keys[place, 0], keys[place, 1], capacity - 1)
            wider[to, 0], wider[to, 1], longer[to] = keys[place, 0], keys[place, 1], sums[place]
    return wider, longer


@jit
def _one_cohort(
    number: Any,
    whole: Any,
    real: Any,
    likelihood: Any,
    model: Any,
    plug: Any,
    child: Any,
    ways: Any,
    frontier: Any,
    mass: Any,
    budget: int,
) -> Any:
    """All states after one more cohort, merged: keys, weights, how many (more than the budget: a
    table that is not complete)."""
    doses = number[DOSES]
    scratch = np.empty(max(model.shape[1], 3 * doses))
    cells = np.zeros(doses, dtype=np.int64)
    capacity = 1024
    while capacity < (ways.shape[1] + 2) * len(mass) // 2:
        capacity *= 2
    keys = np.zeros((capacity, 2), dtype=np.uint64)
    sums = np.zeros(capacity)
    filled = 0
    for i in range(len(mass)):
        dose = _unpack(frontier[i, 0], frontier[i, 1], doses, cells) - 1
        total = 0
        for d in range(doses):
            total += whole[TREATED, cells[d]]
        size = cohort_size(number, whole, cells, dose, total)
        before = cells[dose]
        for outcome in range(ways.shape[1]):
            if ways[size - 1, outcome] == 0.0:
                continue
            after = child[size - 1, before, outcome]
            cells[dose] = after
            events = whole[EVENTS, after] - whole[EVENTS, before]
            allowed = ceiling(number, whole, cells)
            move = next_dose(
                number, whole, real, likelihood, model, plug,
                cells, dose, allowed, total + size, size, events, scratch,
            )  # fmt: skip
            first, second = _pack(cells, doses, move + 1 if move >= 0 else 15)
            place = _slot(keys, first, second, len(sums) - 1)
            if keys[place, 0] == np.uint64(0):
                keys[place, 0], keys[place, 1] = first, second
                filled += 1
            sums[place] += mass[i] * ways[size - 1, outcome]
            cells[dose] = before
        if filled > budget:
            break
        if 10 * filled > 6 * len(sums):
            keys, sums = _grown(keys, sums)
    return keys, sums, filled


@jit
def _split(keys: Any, sums: Any, doses: int) -> Any:
    """States that go on (keys, weights), and the ends (cells, weights)."""
    cells = np.zeros(doses, dtype=np.int64)
    shift = np.uint64(15 * min(doses, 4))
    going = 0
    ended = 0
    for place in range(len(sums)):
        if keys[place, 0] != np.uint64(0):
            if keys[place, 0] >> shift == np.uint64(15):
                ended += 1
            else:
                going += 1
    frontier = np.empty((going, 2), dtype=np.uint64)
    mass = np.empty(going)
    end_cells = np.empty((ended, doses), dtype=np.int16)
    end_mass = np.empty(ended)
    going = 0
    ended = 0
    for place in range(len(sums)):
        if keys[place, 0] == np.uint64(0):
            continue
        if keys[place, 0] >> shift == np.uint64(15):
            _unpack(keys[place, 0], keys[place, 1], doses, cells)
            for d in range(doses):
                end_cells[ended, d] = cells[d]
            end_mass[ended] = sums[place]
            ended += 1
        else:
            frontier[going, 0], frontier[going, 1] = keys[place, 0], keys[place, 1]
            mass[going] = sums[place]
            going += 1
    return frontier, mass, end_cells, end_mass


def follow(rule: Any, budget: int, one_cohort: Any, split: Any) -> Any:
    """Every end of the trial, paths that meet merged: (cells of each end, weights, states visited).

    The weight counts the orders of outcomes that lead there; it doesn't depend on true rates.
    States visited is -1 when the budget was exceeded. `one_cohort` and `split` are the compiled
    `_one_cohort` and `_split`, or the plain ones."""
    doses = rule.doses
    frontier = np.zeros((1, 2), dtype=np.uint64)
    start = np.zeros(doses, dtype=np.int64)
    frontier[0, 0], frontier[0, 1] = _pack(start, doses, int(rule.number[START]) + 1)
    mass = np.ones(1)
    visited = 1
    ends = []
    while len(mass):
        keys, sums, filled = one_cohort(*rule, frontier, mass, budget - visited)
        visited += int(filled)
        if visited > budget:
            return np.zeros((0, doses), dtype=np.int16), np.zeros(0), -1
        frontier, mass, *end = split(keys, sums, doses)
        ends.append(end)
    cells, weights = zip(*ends, strict=True)
    return np.concatenate(cells), np.concatenate(weights), visited


@jit
def choose_all(
    number: Any, whole: Any, real: Any, likelihood: Any, model: Any, plug: Any, ends: Any
) -> Any:
    """The final dose of each end."""
    doses = number[DOSES]
    scratch = np.empty(max(model.shape[1], 3 * doses))
    cells = np.zeros(doses, dtype=np.int64)
    chosen = np.empty(len(ends), dtype=np.int8)
    for i in range(len(ends)):
        for d in range(doses):
            cells[d] = ends[i, d]
        chosen[i] = choose(number, whole, real, likelihood, model, plug, cells, scratch)
    return chosen


@jit
def weigh(whole: Any, ends: Any, mass: Any, chosen: Any, power: Any) -> Any:
    """Sums over all ends under one truth: power[d, cell] is the chance of that cell's outcomes.

    Rows of the result: chance of selection, expected participants, expected events per dose; the
    last column of the first row is the chance of none, of the second the total chance."""
    doses = ends.shape[1]
    sums = np.zeros((3, doses + 1))
    for i in range(len(mass)):
        chance = mass[i]
        for d in range(doses):
            chance *= power[d, ends[i, d]]
        sums[0, chosen[i] if chosen[i] >= 0 else doses] += chance
        sums[1, doses] += chance
        for d in range(doses):
            sums[1, d] += chance * whole[TREATED, ends[i, d]]
            sums[2, d] += chance * whole[EVENTS, ends[i, d]]
    return sums


@jit
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
def simulate(
    number: Any,
    whole: Any,
    real: Any,
    likelihood: Any,
    model: Any,
    plug: Any,
    child: Any,
    ways: Any,
    cumulative: Any,
    first: int,
    trials: int,
    seed: Any,
    stream: int,
) -> Any:
    """Run `trials` trials from number `first`: whole-number sums, laid out as in `weigh`.

    cumulative[size - 1, dose, outcome] is the distribution function of a cohort's outcome. Cohort
    j of trial i uses word j of the trial's own stream, so chunks don't matter."""
    doses = number[DOSES]
    outcomes = ways.shape[1]
    sums = np.zeros((3, doses + 1), dtype=np.int64)
    scratch = np.empty(max(model.shape[1], 3 * doses))
    cells = np.zeros(doses, dtype=np.int64)
    words = np.zeros(4, dtype=np.uint64)
    tag = np.uint64(stream) << np.uint64(16)
    for i in range(trials):
        cells[:] = 0
        dose = number[START]
        allowed = doses
        total = 0
        cohort = 0
        while dose >= 0:
            if cohort % 4 == 0:
                philox(np.uint64(cohort // 4), np.uint64(first + i), tag, seed, words)
            u = (words[cohort % 4] + 0.5) * 2.0**-32
            size = cohort_size(number, whole, cells, dose, total)
            outcome = 0
            while outcome < outcomes - 1 and u > cumulative[size - 1, dose, outcome]:
                outcome += 1
            before = cells[dose]
            after = child[size - 1, before, outcome]
            cells[dose] = after
            if code_at(whole, cells, dose) == 3:
                allowed = min(allowed, dose)
            events = whole[EVENTS, after] - whole[EVENTS, before]
            total += size
            dose = next_dose(
                number, whole, real, likelihood, model, plug,
                cells, dose, allowed, total, size, events, scratch,
            )  # fmt: skip
            cohort += 1
        chosen = choose(number, whole, real, likelihood, model, plug, cells, scratch)
        sums[0, chosen if chosen >= 0 else doses] += 1
        sums[1, doses] += 1
        for d in range(doses):
            sums[1, d] += whole[TREATED, cells[d]]
            sums[2, d] += whole[EVENTS, cells[d]]
    return sums
