"""Every path of a trial, cohort by cohort, and what its ends weigh (see ADR 0032)."""

from __future__ import annotations

from typing import Any

import numpy as np

from trialwright.numerics.rule import (
    COHERENT,
    DOSES,
    EVENTS,
    PARTICIPANTS,
    SELECTION,
    START,
    TREATED,
)

from .cells import ZERO, ceiling, code_at, cohort_size
from .choices import best_utility, choose, isotonic_choice
from .marks import borrowing, jit
from .moves import next_dose
from .states import grown, longer, pack, slot_of, unpack


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
    rows[filled, 0], rows[filled, 1] = pack(cells, len(cells), dose + 1)
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
                first, second = pack(cells, len(cells), move + 1)
                cells[move] = here
                place = slot_of(rows, first, second, len(rows) - 1)
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
        dose = unpack(parents[parent, 0], parents[parent, 1], doses, cells) - 1
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
def one_cohort(
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
    end_rows = longer(end_rows, end_filled, end_filled + more_rows)
    end_cells = longer(end_cells, end_taken, room)
    end_mass = longer(end_mass, end_taken, room)
    for parent in range(len(parents)):
        dose = unpack(parents[parent, 0], parents[parent, 1], doses, cells) - 1
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
                rows = grown(rows)
            new = taken
            filled, taken = _find_rows(
                whole, begins, cells, dose, base, width, local, moves, rows, filled, taken
            )
            if taken > len(mass):
                mass = longer(mass, new, max(2 * len(mass), taken))
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


def follow(rule: Any, most_states: int, most_bytes: int, next_cohort: Any) -> Any:
    """Every end of the trial, paths that meet merged: rows, cells and weights of the ends (see
    `one_cohort`), and the states visited, -1 when a budget was exceeded.

    The weight counts the orders of outcomes that lead to an end; it doesn't depend on true rates.
    `next_cohort` is `one_cohort` of this copy, or one that asks it and counts."""
    doses = rule.doses
    begins = np.searchsorted(rule.treated, np.arange(rule.treated[-1] + 2))
    first, second = pack(np.zeros(doses, dtype=np.int64), doses, int(rule.number[START]) + 1)
    rows, mass = np.array([[first, second, 0]], dtype=np.uint64), np.ones(1)
    ends = np.empty((0, 3), dtype=np.uint64), np.empty(0, dtype=np.int16), np.empty(0)
    visited = 1
    while len(mass) > 0:
        left = most_bytes - rows.nbytes - mass.nbytes
        rows, mass, *ends, states = next_cohort(
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
        dose = unpack(end_rows[r, 0], end_rows[r, 1], doses, cells) - 1
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
        dose = unpack(end_rows[r, 0], end_rows[r, 1], doses, cells) - 1
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
