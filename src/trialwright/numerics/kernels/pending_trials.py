"""Simulated trials over arrival times, with outcomes that are awaited."""

from __future__ import annotations

from typing import Any

import numpy as np

from trialwright.numerics.rule import COHORT, DOSES, PARTICIPANTS, START

from .cells import ZERO
from .choices import choose
from .draws import philox
from .marks import borrowing, jit
from .pending_moves import pending_both_move, pending_move


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
