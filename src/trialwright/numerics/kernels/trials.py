"""Millions of simulated trials, each a walk along states that were asked for once."""

from __future__ import annotations

from typing import Any

import numpy as np

from trialwright.numerics.rule import DOSES, EVENTS, START, TREATED

from .cells import ZERO, ceiling, cohort_size
from .choices import choose
from .draws import philox
from .marks import borrowing, jit
from .moves import next_dose
from .states import grown, longer, pack, slot_of


@jit
def _met(
    number: Any, whole: Any, cells: Any, move: int, rows: Any, walk: Any, seen: Any, visits: Any,
    known: int,
) -> Any:  # fmt: skip
    """The number of a state (`cells`, next dose `move`, negative at an end), written down if it is
    new; and the tables of states, longer if they had to be. `known` states are written down."""
    doses = number[DOSES]
    first, second = pack(cells, doses, move + 1 if move >= 0 else doses + 1)
    place = slot_of(rows, first, second, len(rows) - 1)
    if rows[place, 0] == np.uint64(0):
        rows[place, 0], rows[place, 1], rows[place, 2] = first, second, np.uint64(known)
        if known == len(visits):
            walk, seen, visits = (
                longer(walk, known, 2 * known), longer(seen, known, 2 * known),
                longer(visits, known, 2 * known),
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
            rows = grown(rows)
            place = slot_of(rows, first, second, len(rows) - 1)
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
