"""Operating characteristics of a compiled rule: exact by enumeration, or simulated."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import Executor
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np

from trialwright.analysis.notebook import Notebook
from trialwright.analysis.words import Said
from trialwright.design.checks import Floats, require_choice, require_count
from trialwright.design.errors import DesignError
from trialwright.numerics.rule import Array, Rule

DEFAULT_BUDGET = 4_000_000
"""States that "auto" enumerates before it turns to simulation; about 1 GB at the most."""
_CHUNK = 20_000


@dataclass(frozen=True, slots=True)
class OperatingCharacteristics(Notebook):
    """How a dose-finding design performs; arrays are scenarios x doses.

    selected: chance that each dose is selected. none_selected: chance that none is (per scenario).
    participants, dlts: expected numbers. overdose: share of all expected participants who are
    treated above the target rate. method: "exact" or "monte-carlo". standard_error: that of
    `selected`, zero when exact. states: how many merged states were visited (0 when simulated).
    """

    scenarios: Floats
    selected: Floats
    none_selected: Floats
    participants: Floats
    dlts: Floats
    overdose: Floats
    method: str
    standard_error: Floats
    trials: int
    states: int


def characteristics(
    rule: Rule,
    truth: Floats,
    *,
    target: float,
    method: str,
    trials: int,
    seed: int,
    executor: Executor | None,
    max_states: int,
    outcomes: Array | None = None,
) -> OperatingCharacteristics:
    """Both engines behind one door; `truth` is scenarios x doses of DLT rates.

    outcomes: for rules over more than DLTs, the chance of each outcome (single participants) per
    scenario and dose; see `boin12`.
    """
    require_choice("method", method, ("auto", "exact", "monte-carlo"))
    require_count("trials", trials, 1, 10**9)
    require_count("seed", seed, 0, 2**64 - 1)
    require_count("max_states", max_states, 1)
    if method != "monte-carlo":
        ends = enumerated(rule, max_states)
        if ends is not None:
            return _exact(rule, truth, target, *ends, outcomes)
        if method == "exact":
            raise DesignError(
                Said(
                    f"The design has more than {max_states:,} states.",
                    f"该设计的状态数超过 {max_states:,}。",
                ),
                rule=Said(
                    "An exact answer needs them all within max_states.",
                    "精确计算要求全部状态数不超过 max_states。",
                ),
                fix=Said(
                    'Raise max_states, or use method="monte-carlo".',
                    '请增大 max_states，或使用 method="monte-carlo"。',
                ),
            )
    return _simulated(rule, truth, target, trials, seed, executor, outcomes)


_ENDS: dict[tuple[Any, ...], tuple[Array, Floats, Array, int]] = {}


def enumerated(rule: Rule, max_states: int) -> tuple[Array, Floats, Array, int] | None:
    """Ends, weights, selected doses and states of a rule, or None beyond the budget. Kept, since
    every further scenario is then only a weighted sum."""
    key = tuple(part.tobytes() for part in rule)
    if key not in _ENDS:
        from trialwright.numerics.compiled import load

        kernels = load()
        ends, mass, visited = kernels.follow(rule, max_states, kernels._one_cohort, kernels._split)
        if visited < 0:
            return None
        if len(_ENDS) >= 8:
            _ENDS.pop(next(iter(_ENDS)))
        _ENDS[key] = (ends, mass, kernels.choose_all(*rule.parts, ends), int(visited))
    found = _ENDS[key]
    return found if found[3] <= max_states else None


def _exact(
    rule: Rule,
    truth: Floats,
    target: float,
    ends: Array,
    mass: Floats,
    chosen: Array,
    visited: int,
    outcomes: Array | None,
) -> OperatingCharacteristics:
    from trialwright.numerics.compiled import load

    kernels = load()
    sums = np.array(
        [
            kernels.weigh(rule.whole, ends, mass, chosen, _cell_chances(rule, truth, outcomes, s))
            for s in range(len(truth))
        ]
    )
    return _result(truth, target, sums, "exact", 0, visited)


def _cell_chances(rule: Rule, truth: Floats, outcomes: Array | None, s: int) -> Floats:
    """[dose, cell]: p^y (1 - p)^(n - y), times the like for responses where there are any."""
    n, y = rule.treated, rule.events
    p = truth[s][:, None]
    chance: Floats = p**y * (1 - p) ** (n - y)
    if outcomes is not None:
        q, x = outcomes[s][:, None], responses_of(rule)
        chance = chance * q**x * (1 - q) ** (n - x)
    return chance


def responses_of(rule: Rule) -> Array:
    """Responses per cell of a lattice of triples, from its layout."""
    n, y = rule.treated, rule.events
    first = np.searchsorted(n, n)
    responses: Array = np.arange(len(n)) - first - y * (n + 1)
    return responses


def _simulated(
    rule: Rule,
    truth: Floats,
    target: float,
    trials: int,
    seed: int,
    executor: Executor | None,
    outcomes: Array | None,
) -> OperatingCharacteristics:
    jobs = [
        (s, first, min(_CHUNK, trials - first))
        for s in range(len(truth))
        for first in range(0, trials, _CHUNK)
    ]
    run = partial(simulate_chunk, rule, truth, outcomes, seed)
    parts = list(map(run, jobs) if executor is None else executor.map(run, jobs))
    sums = np.zeros((len(truth), 3, rule.doses + 1))
    for (s, _, _), part in zip(jobs, parts, strict=True):
        sums[s] += part
    return _result(truth, target, sums / trials, "monte-carlo", trials, 0)


def simulate_chunk(
    rule: Rule, truth: Floats, outcomes: Array | None, seed: int, job: tuple[int, int, int]
) -> Array:
    """Whole-number sums of one chunk of trials: (scenario, first trial, number of trials)."""
    from trialwright.numerics.compiled import load

    s, first, trials = job
    cumulative = cohort_distributions(rule, truth[s], None if outcomes is None else outcomes[s])
    sums: Array = load().simulate(*rule, cumulative, first, trials, np.uint64(seed), s)
    return sums


def cohort_distributions(rule: Rule, p: Floats, q: Floats | None) -> Floats:
    """[size - 1, dose, outcome]: distribution function of the outcome of a cohort."""
    sizes, width = rule.ways.shape
    k = np.arange(width)
    size = np.arange(1, sizes + 1)[:, None, None]
    rate = p[None, :, None]
    if q is None:
        chance = rate**k * (1 - rate) ** np.maximum(size - k, 0)
    else:
        wide = sizes + 1
        a, b, other = k // wide, k % wide, q[None, :, None]
        chance = rate**a * (1 - rate) ** np.maximum(size - a, 0)
        chance = chance * other**b * (1 - other) ** np.maximum(size - b, 0)
    return np.cumsum(rule.ways[:, None, :] * chance, axis=2)


def _result(
    truth: Floats, target: float, sums: Floats, method: str, trials: int, states: int
) -> OperatingCharacteristics:
    selected, participants = sums[:, 0, :-1], sums[:, 1, :-1]
    error = np.sqrt(selected * (1 - selected) / trials) if trials else np.zeros_like(selected)
    over = (participants * (truth > target + 1e-9)).sum(axis=1) / participants.sum(axis=1)
    return OperatingCharacteristics(
        truth, selected, sums[:, 0, -1], participants, sums[:, 2, :-1], over, method, error,
        trials, states,
    )  # fmt: skip


def total_chance(rule: Rule, rates: Sequence[float], max_states: int = DEFAULT_BUDGET) -> float:
    """Sum of the chances of all ends, which must be 1."""
    ends = enumerated(rule, max_states)
    if ends is None:
        raise DesignError(
            "Too many states.", rule=f"At most {max_states:,}.", fix="Raise max_states."
        )
    from trialwright.numerics.compiled import load

    chances = _cell_chances(rule, np.array([rates]), None, 0)
    return float(load().weigh(rule.whole, *ends[:3], chances)[1, -1])
