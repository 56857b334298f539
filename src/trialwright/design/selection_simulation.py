"""The selection design as it will really run: arrivals, follow-up, stagger, unfinished blocks.

The exact answer of `selection` rests on idealisations; this simulation drops them, so that the
difference is seen. All trials of a chunk move together, participant by participant.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from concurrent.futures import Executor
from dataclasses import dataclass
from functools import partial

import numpy as np
from numpy.typing import ArrayLike, NDArray

from trialwright.analysis.best import chance_of_being_best
from trialwright.analysis.words import Said
from trialwright.design.allocation import PermutedBlocks
from trialwright.design.checks import Floats, require_count, require_positive, scenario_matrix
from trialwright.design.errors import DesignError
from trialwright.design.selection import SelectionCharacteristics, SelectionDesign
from trialwright.numerics.philox import uniforms

Ints = NDArray[np.int64]
_CHUNK = 2_000
_ARRIVE, _BLOCKS, _OUTCOMES = 1, 2, 3


@dataclass(frozen=True, slots=True)
class Conduct:
    """What the idealised design leaves out.

    participants: places of the whole trial; the place of a held arm is skipped, not refilled.
    arrivals_per_week: mean of a Poisson stream of participants, who wait when they must.
    follow_up_days: a stopping event becomes known on a uniform day of this window.
    stratum_shares: how participants spread over the strata of `allocation`.
    stagger_days: least distance between two treatments of the run-in.
    pause_after: the next participant waits until this many have completed follow-up (0: never).

    >>> Conduct(PermutedBlocks(arms=2, strata=("II", "III"))).arrivals_per_week
    0.5
    """

    allocation: PermutedBlocks
    participants: int = 50
    arrivals_per_week: float = 0.5
    follow_up_days: float = 28.0
    stratum_shares: tuple[float, ...] = (0.5, 0.5)
    stagger_days: float = 7.0
    pause_after: int = 5

    def __post_init__(self) -> None:
        require_count("participants", self.participants, 1, 2_000)
        require_positive("arrivals_per_week", self.arrivals_per_week)
        require_positive("follow_up_days", self.follow_up_days)
        if len(self.stratum_shares) != len(self.allocation.strata) or not np.isclose(
            sum(self.stratum_shares), 1
        ):
            raise DesignError(
                Said(
                    f"stratum_shares is {self.stratum_shares}.",
                    f"stratum_shares 为 {self.stratum_shares}。",
                ),
                rule=Said(
                    f"One share for each of {len(self.allocation.strata)} strata, adding to 1.",
                    f"{len(self.allocation.strata)} 个分层各一个份额，合计为 1。",
                ),
                fix=Said("Write the expected shares.", "请填写预期份额。"),
            )


@dataclass(frozen=True, slots=True)
class _Trials:
    """Ends of simulated trials: trials x arms, but for `pooled` and the arm-by-arm `held`."""

    treated: Ints
    events: Ints
    responses: Ints
    held: NDArray[np.bool_]
    pooled: NDArray[np.bool_]


def simulate(
    design: SelectionDesign,
    conduct: Conduct,
    event_rates: ArrayLike,
    response_rates: ArrayLike,
    *,
    trials: int = 10_000,
    seed: int = 1,
    executor: Executor | None = None,
) -> SelectionCharacteristics:
    """Simulated behaviour; arguments as in `SelectionDesign.operating_characteristics`.

    The rules are read whenever an event becomes known; a hold is final. Tables of the rules are
    reached beyond their planned size when blocks stay unfinished. Trial i of scenario s always
    uses the same random numbers, however trials are cut into chunks and whatever the executor.
    Accuracy: `standard_error`, that of `named`.

    >>> from trialwright.design import BetaBinomialStopping, PermutedBlocks, SelectionDesign
    >>> arm = BetaBinomialStopping(0.15, (0.3, 1.7), 0.85, 10)
    >>> pooled = BetaBinomialStopping(0.10, (0.2, 1.8), 0.95, 20)
    >>> design = SelectionDesign(arms=3, control=1, blocks=10, arm_rule=arm, pooled_rule=pooled)
    >>> conduct = Conduct(PermutedBlocks(arms=3), participants=30, stratum_shares=(1.0,))
    >>> oc = simulate(design, conduct, [[0.0] * 3], [[0.1, 0.1, 0.9]], trials=200)
    >>> bool(oc.named[0, 2] > 0.95), oc.method
    (True, 'monte-carlo')
    """
    tox = scenario_matrix(event_rates, design.arms, "arms")
    resp = scenario_matrix(response_rates, design.arms, "arms")
    require_count("trials", trials, 1)
    firsts = range(0, trials, _CHUNK)
    jobs = [(s, first, min(_CHUNK, trials - first)) for s in range(len(tox)) for first in firsts]
    each: Callable[..., Iterable[_Trials]] = map if executor is None else executor.map
    chunks = list(each(partial(_run, design, conduct, tox, resp, seed), jobs))
    parts = [
        _summary(design, chunks[s * len(firsts) : (s + 1) * len(firsts)], resp[s])
        for s in range(len(tox))
    ]
    columns = {name: np.array([part[name] for part in parts]) for name in parts[0]}
    error = np.sqrt(columns["named"] * (1 - columns["named"]) / trials)
    return SelectionCharacteristics(**columns, standard_error=error, method="monte-carlo")


def completed_evenly(
    conduct: Conduct, per_arm: int, *, trials: int = 10_000, seed: int = 1
) -> float:
    """Chance that all arms end with exactly `per_arm` participants when none is held."""
    arms = _assignments(conduct, 0, 0, trials, seed)
    counts = np.stack([(arms == arm).sum(axis=1) for arm in range(conduct.allocation.arms)])
    return float(np.mean(np.all(counts == per_arm, axis=0)))


def _assignments(conduct: Conduct, scenario: int, first: int, trials: int, seed: int) -> Ints:
    """The arm (from 0) at each place of each trial: trials x participants."""
    blocks, size = conduct.allocation, conduct.participants
    strata = len(blocks.strata)
    longest = size + max((*blocks.block_sizes, *blocks.run_in))
    u = uniforms(seed, scenario, first, trials, size + (strata + 1) * 2 * longest, purpose=_BLOCKS)
    stratum = np.searchsorted(np.cumsum(conduct.stratum_shares)[:-1], u[:, :size], side="right")
    lists = []
    for k in range(strata + 1):
        start = size + k * 2 * longest
        which, order = u[:, start : start + longest], u[:, start + longest : start + 2 * longest]
        lists.append(_block_list(blocks, blocks.run_in if k == 0 else (), which, order))
    stratum[:, : blocks.run_in_length] = -1
    arms = np.empty((trials, size), dtype=np.int64)
    rows = np.arange(trials)
    used = np.zeros((trials, strata + 1), dtype=np.int64)
    stacked = np.stack(lists)
    for j in range(size):
        chosen = stratum[:, j] + 1
        arms[:, j] = stacked[chosen, rows, used[rows, chosen]]
        used[rows, chosen] += 1
    return arms


def _block_list(
    blocks: PermutedBlocks, fixed: tuple[int, ...], which: Floats, order: Floats
) -> Ints:
    """One list for each trial: block by block, places in the random order of their uniforms."""
    trials, width = which.shape
    patterns = {
        n: np.repeat(np.arange(blocks.arms), [n * r // sum(blocks.ratio) for r in blocks.ratio])
        for n in {*blocks.block_sizes, *fixed}
    }
    sizes = np.array(blocks.block_sizes)
    length = width - max(patterns)
    block = np.full((trials, width), width)
    arm = np.zeros_like(block)
    position = np.zeros(trials, dtype=np.int64)
    for b in range(length // min(patterns) + 1):
        drawn = sizes[(which[:, b] * len(sizes)).astype(np.int64)]
        size = np.full(trials, fixed[b]) if b < len(fixed) else drawn
        for n, pattern in patterns.items():
            mine = np.flatnonzero((size == n) & (position < length))[:, None]
            places = position[mine] + np.arange(n)
            block[mine, places], arm[mine, places] = b, pattern
        position = np.minimum(position + size, length)
    return np.take_along_axis(arm, np.argsort(block + order, axis=1), axis=1)


def _bounds(rule_bounds: tuple[int | None, ...]) -> Ints:
    return np.array([np.iinfo(np.int64).max if b is None else b for b in rule_bounds])


def _run(
    design: SelectionDesign,
    conduct: Conduct,
    event_rates: Floats,
    response_rates: Floats,
    seed: int,
    job: tuple[int, int, int],
) -> _Trials:
    """Simulate one chunk of trials: (scenario, first trial, number of trials)."""
    scenario, first, trials = job
    tox, resp = event_rates[scenario], response_rates[scenario]
    size, arms_count = conduct.participants, design.arms
    regimens = np.array(design.regimens) - 1
    arm_bounds = _bounds(design.arm_rule.reaching(size).hold_at)
    pooled_bounds = _bounds(design.pooled_rule.reaching(size).hold_at)
    arms = _assignments(conduct, scenario, first, trials, seed)
    u = uniforms(seed, scenario, first, trials, 3 * size, purpose=_OUTCOMES).reshape(trials, 3, -1)
    gaps = -np.log(uniforms(seed, scenario, first, trials, size, purpose=_ARRIVE))
    arrival = np.cumsum(gaps, axis=1) * 7 / conduct.arrivals_per_week
    has_event, response = u[:, 0] < tox[arms], u[:, 1] < resp[arms]
    treated_at = np.full((trials, size), np.inf)
    known_at = np.full((trials, size), np.inf)
    held = np.zeros((trials, arms_count), dtype=bool)
    pooled = np.zeros(trials, dtype=bool)
    rows, last = np.arange(trials), np.zeros(trials)

    def read_rules(now: Floats) -> None:
        in_arm = arms[:, None, :] == np.arange(arms_count)[None, :, None]
        n = (in_arm & np.isfinite(treated_at)[:, None, :]).sum(axis=2)
        y = (in_arm & (known_at <= now[:, None])[:, None, :]).sum(axis=2)
        held[:, regimens] |= y[:, regimens] >= arm_bounds[n[:, regimens]]
        pooled[:] |= y[:, regimens].sum(axis=1) >= pooled_bounds[n[:, regimens].sum(axis=1)]

    for j in range(size):
        earliest = np.maximum(arrival[:, j], last)
        if 0 < j < conduct.allocation.run_in_length:
            earliest = np.maximum(arrival[:, j], last + conduct.stagger_days)
        if conduct.pause_after and j == conduct.pause_after:
            earliest = np.maximum(earliest, last + conduct.follow_up_days)
        read_rules(earliest)
        treats = ~pooled & ~held[rows, arms[:, j]]
        treated_at[treats, j] = earliest[treats]
        last = np.where(treats, earliest, last)
        known = earliest + u[:, 2, j] * conduct.follow_up_days
        known_at[:, j] = np.where(treats & has_event[:, j], known, np.inf)
    read_rules(np.full(trials, np.finfo(np.float64).max))

    got = np.isfinite(treated_at)[:, None, :] & (
        arms[:, None, :] == np.arange(arms_count)[None, :, None]
    )
    return _Trials(
        got.sum(axis=2),
        (got & has_event[:, None, :]).sum(axis=2),
        (got & response[:, None, :]).sum(axis=2),
        held,
        pooled,
    )


def _summary(design: SelectionDesign, chunks: list[_Trials], resp: Floats) -> dict[str, Floats]:
    """Columns of `SelectionCharacteristics` for one scenario, but for the standard error."""
    n, y, x, held, pooled = (
        np.concatenate([getattr(chunk, name) for chunk in chunks])
        for name in ("treated", "events", "responses", "held", "pooled")
    )
    regimens = np.array(design.regimens) - 1
    named, first = np.zeros(n.shape, dtype=bool), np.zeros(n.shape)
    safe = ~held[:, regimens] & ~pooled[:, None]
    for pattern in np.unique(safe, axis=0):
        arms = regimens[pattern]
        if not len(arms):
            continue
        rows = np.flatnonzero((safe == pattern).all(axis=1))
        where = np.ix_(rows, arms)
        best = chance_of_being_best(x[where], n[where], design.response_prior)
        leads = best >= best.max(axis=1, keepdims=True) - 1e-9
        first[where] = leads / leads.sum(axis=1, keepdims=True)
        named[where] = best >= design.name_at
    observed = x / np.maximum(n, 1)
    with np.errstate(invalid="ignore", divide="ignore"):
        inflation = np.where(named, observed - resp, 0).sum(axis=0) / named.sum(axis=0)
    stopped = held | pooled[:, None]
    stopped[:, design.control - 1] = False
    return {
        "named": named.mean(axis=0),
        "none_named": 1 - named.any(axis=1).mean(),
        "ranked_first": first.mean(axis=0),
        "stopped": stopped.mean(axis=0),
        "stopped_all": pooled.mean(),
        "participants": n.mean(axis=0),
        "events": y.mean(axis=0),
        "inflation": inflation,
    }
