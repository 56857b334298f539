"""Operating characteristics of a compiled rule: exact by enumeration, or simulated."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass
from functools import partial
from threading import Lock
from typing import Any, NamedTuple

import numpy as np

from trialwright.analysis.notebook import Notebook
from trialwright.design.checks import Floats, require_choice, require_count
from trialwright.design.errors import DesignError
from trialwright.messages import Message
from trialwright.numerics.kernels import PACKED
from trialwright.numerics.rule import COHORT, PARTICIPANTS, Array, Rule

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
    """Every end of a rule's trials: rows, cells and weights as `kernels.one_cohort` gives them,
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
    ends, packed = None, rule.doses <= PACKED
    if method == "exact" and not packed:
        raise _too_many_doses(rule.doses)
    if method != "monte-carlo" and packed:
        ends = enumerated(rule, budget, forecast=method == "auto")
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


_ENDS: dict[bytes, Ends] = {}
_TOO_LARGE: set[tuple[bytes, Budget, bool]] = set()
_keeping = Lock()
_GROWTH_LASTS = 0.8
"""The states of a cohort grow by a lesser factor than those before; seldom by less than so much
of it."""
_TELLING = 1_000
"""States of a cohort from which on its growth tells of those to come."""


def enumerated(rule: Rule, budget: Budget, *, forecast: bool = False) -> Ends | None:
    """All ends of a rule, or None beyond the budget. Both are remembered: every further scenario is
    only a weighted sum, and what is too large isn't followed again.

    forecast: give up as soon as the growth from cohort to cohort says that the budget won't do,
    instead of filling it first."""
    # The likelihood follows from model and cells, the children from cells and cohort size.
    parts = (*rule[:3], rule.model, rule.plug)
    key = hashlib.sha256(b"".join(part.tobytes() for part in parts)).digest()
    found = _ENDS.get(key)
    if found is None:
        from trialwright.numerics.compiled import load

        if (key, budget, forecast) in _TOO_LARGE:
            return None
        kernels = load()
        one_cohort = kernels.one_cohort
        if forecast:
            one_cohort = _Forecast(one_cohort, rule, budget.states)
        rows, cells, mass, states = kernels.follow(
            rule, budget.states, budget.memory_mb * 10**6, one_cohort
        )
        with _keeping:
            if states < 0:
                if len(_TOO_LARGE) >= 1_000:
                    _TOO_LARGE.clear()
                _TOO_LARGE.add((key, budget, forecast))
                return None
            found = Ends(rows, cells, mass, kernels.choose_all(*rule.parts, rows, cells), states)
            if len(_ENDS) >= 8:
                _ENDS.pop(next(iter(_ENDS)))
            _ENDS[key] = found
    return found if found.states <= budget.states else None


class _Forecast:
    """`one_cohort`, until the states counted so far, growing on a little less each time, would
    exceed the budget."""

    def __init__(self, one_cohort: Callable[..., Any], rule: Rule, most: int) -> None:
        self.one_cohort, self.most = one_cohort, most
        self.left = -(-int(rule.number[PARTICIPANTS]) // int(rule.number[COHORT]))
        self.total, self.before = 1, 1

    def __call__(self, *given: Any) -> tuple[Any, ...]:
        found = self.one_cohort(*given)
        states = int(found[-1])
        self.total += states
        self.left -= 1
        growth, next_states, expected = states / self.before, float(states), float(self.total)
        self.before = max(states, 1)
        for _ in range(self.left):
            growth *= _GROWTH_LASTS
            next_states *= growth
            expected += next_states
        hopeless = states >= _TELLING and expected > self.most
        return (*found[:-1], -1) if hopeless else found


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
        Message(
            "The design has more than {states} states, or needs more than {memory} MB.",
            states=states,
            memory=memory,
        ),
        rule=Message("An exact answer needs them all within max_states and max_memory_mb."),
        fix=Message('Raise max_states or max_memory_mb, or use method="monte-carlo".'),
    )


def _too_many_doses(doses: int) -> DesignError:
    return DesignError(
        Message("The design has {doses} doses.", doses=doses),
        rule=Message("The exact engine holds at most {most} doses.", most=PACKED),
        fix=Message('Use method="monte-carlo", which takes any number.'),
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
