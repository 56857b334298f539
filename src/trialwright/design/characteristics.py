"""Operating characteristics of a compiled rule: exact by enumeration, or simulated."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass
from functools import partial
from threading import Lock
from typing import Any, NamedTuple

import numpy as np

from trialwright.analysis.notebook import Notebook
from trialwright.analysis.words import Said
from trialwright.design.checks import Floats, require_choice, require_count
from trialwright.design.errors import DesignError
from trialwright.numerics.rule import Array, Rule

MAX_STATES = 5_000_000
"""States that "auto" enumerates before it turns to simulation."""
MAX_MEMORY_MB = 1_500
"""Memory that the enumeration may hold before "auto" turns to simulation."""
_CHUNK = 100_000
_TOGETHER = 50
_REMEMBERED = 300_000


class Budget(NamedTuple):
    """What an exact answer may take: merged states, and megabytes held while they are found."""

    states: int = MAX_STATES
    memory_mb: int = MAX_MEMORY_MB


class Ends(NamedTuple):
    """Every end of a rule's trials: rows, cells and weights as `kernels._one_cohort` gives them,
    the dose selected at each, and the states visited on the way."""

    rows: Array
    cells: Array
    mass: Array
    chosen: Array
    states: int


@dataclass(frozen=True, slots=True)
class OperatingCharacteristics(Notebook):
    """How a dose-finding design performs; arrays are scenarios x doses.

    selected: chance that each dose is selected. none_selected: chance that none is (per scenario).
    participants, dlts: expected numbers. overdose: share of all expected participants who are
    treated above the target rate. method: "exact" or "monte-carlo". standard_error: that of
    `selected`, zero when exact. states: how many merged states were visited, ends reached from
    different doses counted apart (0 when simulated). Exact figures sum to 1 within 1e-12.

    >>> from trialwright.design import Boin
    >>> design = Boin(target=0.3, doses=1, cohort_size=1, max_participants=1)
    >>> oc = design.operating_characteristics([[0.25]])
    >>> oc.selected.tolist(), oc.participants.tolist(), oc.dlts.tolist(), oc.method
    ([[1.0]], [[1.0]], [[0.25]], 'exact')
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
    budget: Budget,
    first_scenario: int = 0,
    responses: Floats | None = None,
) -> OperatingCharacteristics:
    """Both engines behind one door; `truth` is scenarios x doses of DLT rates.

    responses: true response rates, for rules that read responses too. first_scenario: the number
    of the first scenario, which names its stream of random numbers, so that a part of a grid has
    the bits of the whole. Workers get the rule's tables and give back sums; neither their number
    nor the way scenarios and trials are shared out changes a bit.
    """
    require_choice("method", method, ("auto", "exact", "monte-carlo"))
    require_count("trials", trials, 1, 10**9)
    require_count("seed", seed, 0, 2**64 - 1)
    require_count("first_scenario", first_scenario, 0, 2**16 - len(truth))
    require_count("max_states", budget.states, 1)
    require_count("max_memory_mb", budget.memory_mb, 1)
    each: Callable[..., Iterable[Any]] = map if executor is None else executor.map
    ends = enumerated(rule, budget) if method != "monte-carlo" else None
    if ends is not None:
        few = range(0, len(truth), _TOGETHER)
        parts = [(truth[s : s + _TOGETHER], _rows(responses, s, _TOGETHER)) for s in few]
        sums = np.concatenate(list(each(partial(weighed, rule, budget), parts)))
        return OperatingCharacteristics(**columns(truth, target, sums, "exact", 0, ends.states))
    if method == "exact":
        raise _too_large(budget)
    jobs = [
        (s, first, min(_CHUNK, trials - first))
        for s in range(len(truth))
        for first in range(0, trials, _CHUNK)
    ]
    run = partial(simulate_chunk, rule, truth, responses, seed, first_scenario)
    sums = np.zeros((len(truth), 3, rule.doses + 1))
    for (s, _, _), part in zip(jobs, each(run, jobs), strict=True):
        sums[s] += part
    return OperatingCharacteristics(
        **columns(truth, target, sums / trials, "monte-carlo", trials, 0)
    )


_ENDS: dict[tuple[Any, ...], Ends] = {}
_keeping = Lock()


def enumerated(rule: Rule, budget: Budget) -> Ends | None:
    """All ends of a rule, or None beyond the budget. Kept, since every further scenario is then
    only a weighted sum."""
    # The likelihood follows from model and cells, the children from cells and cohort size.
    key = tuple(part.tobytes() for part in (*rule[:3], rule.model, rule.plug))
    found = _ENDS.get(key)
    if found is None:
        from trialwright.numerics.compiled import load

        kernels = load()
        rows, cells, mass, states = kernels.follow(
            rule, budget.states, budget.memory_mb * 10**6, kernels._one_cohort
        )
        if states < 0:
            return None
        found = Ends(rows, cells, mass, kernels.choose_all(*rule.parts, rows, cells), states)
        with _keeping:
            if len(_ENDS) >= 8:
                _ENDS.pop(next(iter(_ENDS)))
            _ENDS[key] = found
    return found if found.states <= budget.states else None


def weighed(rule: Rule, budget: Budget, part: tuple[Floats, Floats | None]) -> Floats:
    """The exact sums of some scenarios: their DLT rates and, where they count, response rates."""
    from trialwright.numerics.compiled import load

    kernels, ends = load(), enumerated(rule, budget)
    if ends is None:
        raise _too_large(budget)
    truth, responses = part
    chances = (_cell_chances(rule, p, _row(responses, s)) for s, p in enumerate(truth))
    return np.array([kernels.weigh(rule.whole, *ends[:4], chance) for chance in chances])


def _too_large(budget: Budget) -> DesignError:
    states, memory = f"{budget.states:,}", f"{budget.memory_mb:,}"
    return DesignError(
        Said(
            f"The design has more than {states} states, or needs more than {memory} MB.",
            f"该设计的状态数超过 {states}，或所需内存超过 {memory} MB。",
        ),
        rule=Said(
            "An exact answer needs them all within max_states and max_memory_mb.",
            "精确计算要求全部状态不超过 max_states 与 max_memory_mb。",
        ),
        fix=Said(
            'Raise max_states or max_memory_mb, or use method="monte-carlo".',
            '请增大 max_states 或 max_memory_mb，或使用 method="monte-carlo"。',
        ),
    )


def _row(rates: Floats | None, s: int) -> Floats | None:
    return None if rates is None else rates[s]


def _rows(rates: Floats | None, s: int, count: int) -> Floats | None:
    return None if rates is None else rates[s : s + count]


def _cell_chances(rule: Rule, p: Floats, q: Floats | None) -> Floats:
    """[dose, cell]: p^y (1 - p)^(n - y), times the like for responses where they count."""
    n, y = rule.treated, rule.events
    chance: Floats = _power(p, y) * _power(1 - p, n - y)
    if q is not None:
        x = responses_of(rule)
        chance = chance * _power(q, x) * _power(1 - q, n - x)
    return chance


def _power(base: Floats, exponent: Array) -> Floats:
    """[dose, cell]: base ** exponent, by looking up the few whole exponents."""
    powers: Floats = base[:, None] ** np.arange(exponent.max() + 1)
    return powers[:, exponent]


def responses_of(rule: Rule) -> Array:
    """Responses per cell of a lattice of triples, from its layout."""
    n, y = rule.treated, rule.events
    first = np.searchsorted(n, n)
    responses: Array = np.arange(len(n)) - first - y * (n + 1)
    return responses


def simulate_chunk(
    rule: Rule,
    truth: Floats,
    responses: Floats | None,
    seed: int,
    first_scenario: int,
    job: tuple[int, int, int],
) -> Array:
    """Whole-number sums of one chunk of trials: (scenario, first trial, number of trials)."""
    from trialwright.numerics.compiled import load

    s, first, trials = job
    cumulative = cohort_distributions(rule, truth[s], _row(responses, s))
    sums: Array = load().simulate(
        *rule, cumulative, first, trials, np.uint64(seed), first_scenario + s, _REMEMBERED
    )
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


def columns(
    truth: Floats, target: float, sums: Floats, method: str, trials: int, states: int
) -> dict[str, Any]:
    """The fields of `OperatingCharacteristics` from sums over ends or (divided) over trials."""
    selected, participants = sums[:, 0, :-1], sums[:, 1, :-1]
    error = np.sqrt(selected * (1 - selected) / trials) if trials else np.zeros_like(selected)
    over = (participants * (truth > target + 1e-9)).sum(axis=1) / participants.sum(axis=1)
    return {
        "scenarios": truth,
        "selected": selected,
        "none_selected": sums[:, 0, -1],
        "participants": participants,
        "dlts": sums[:, 2, :-1],
        "overdose": over,
        "method": method,
        "standard_error": error,
        "trials": trials,
        "states": states,
    }


def total_chance(rule: Rule, rates: Sequence[float]) -> float:
    """Sum of the chances of all ends, which must be 1."""
    return float(weighed(rule, Budget(), (np.array([rates]), None))[0, 1, -1])
