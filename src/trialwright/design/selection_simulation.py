"""The selection design as it will really run: arrivals, follow-up, stagger, unfinished blocks.

The exact answer of `selection` rests on idealisations; this simulation drops them, so that the
difference is seen. All trials of a chunk move together, participant by participant.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from concurrent.futures import Executor
from dataclasses import dataclass
from functools import partial

import numpy as np
from numpy.typing import ArrayLike, NDArray

from trialwright.analysis.best import chance_of_being_best
from trialwright.design.allocation import PermutedBlocks
from trialwright.design.checks import Floats, require_count, scenario_matrix
from trialwright.design.places import places_needed
from trialwright.design.selection import SelectionCharacteristics, SelectionDesign
from trialwright.design.selection_conduct import Conduct
from trialwright.design.selection_trials import SelectionTrials
from trialwright.numerics.philox import uniforms

Ints = NDArray[np.int64]
_CHUNK = 2_000
_ARRIVE, _BLOCKS, _OUTCOMES = 1, 2, 3


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

    Days are whole, and the rules are read on each on which an event becomes known, as in a running
    trial. Tables of the rules are reached beyond their planned size when blocks stay unfinished.
    Trial i of scenario s always uses the same random numbers, however trials are cut into chunks
    and whatever the executor. Accuracy: `standard_error`, that of `named`.

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
    lists = _Lists(conduct, (), 0, 0, trials, seed)
    nobody = np.zeros((trials, conduct.allocation.arms), dtype=bool)
    arms = np.stack([lists.take(j, nobody) for j in range(conduct.participants)], axis=1)
    counts = np.stack([(arms == arm).sum(axis=1) for arm in range(conduct.allocation.arms)])
    return float(np.mean(np.all(counts == per_arm, axis=0)))


class _Lists:
    """The lists of a chunk of trials, the run-in's first, and how far each is used."""

    def __init__(
        self,
        conduct: Conduct,
        refillable: Collection[int],
        scenario: int,
        first: int,
        trials: int,
        seed: int,
    ) -> None:
        blocks, size = conduct.allocation, conduct.participants
        strata = len(blocks.strata)
        longest = places_needed(blocks, size, refillable) + max(blocks.block_sizes + blocks.run_in)
        width = size + (strata + 1) * 2 * longest
        u = uniforms(seed, scenario, first, trials, width, purpose=_BLOCKS)
        shares = np.cumsum(conduct.stratum_shares)[:-1]
        self._stratum = np.searchsorted(shares, u[:, :size], side="right")
        self._lists = np.stack(
            [
                _block_list(
                    blocks,
                    blocks.run_in if k == 0 else (),
                    u[:, size + k * 2 * longest :][:, :longest],
                    u[:, size + k * 2 * longest :][:, longest : 2 * longest],
                )
                for k in range(strata + 1)
            ]
        )
        self._run_in = blocks.run_in_length
        self._used = np.zeros((trials, strata + 1), dtype=np.int64)

    def follow(self, given: Ints) -> None:
        """Take these lists instead of those drawn for the strata: strata x trials x places."""
        self._lists = np.concatenate([self._lists[:1, :, : given.shape[2]], given])

    def take(self, j: int, skipped: NDArray[np.bool_]) -> Ints:
        """The arm (from 0) of participant j of each trial: the next place of the list that serves
        whose arm isn't skipped. The run-in's list serves while it has places."""
        arms = np.empty(len(skipped), dtype=np.int64)
        looking = np.arange(len(skipped))
        while len(looking):
            in_run_in = self._used[looking, 0] < self._run_in
            which = np.where(in_run_in, 0, self._stratum[looking, j] + 1)
            arms[looking] = self._lists[which, looking, self._used[looking, which]]
            self._used[looking, which] += 1
            looking = looking[skipped[looking, arms[looking]]]
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


def follow(
    design: SelectionDesign,
    conduct: Conduct,
    event_rates: ArrayLike,
    *,
    trials: int,
    seed: int = 1,
    lists: Ints | None = None,
) -> tuple[SelectionTrials, Floats]:
    """Simulated trials with every look at their rules, and the days on which participants come
    (trials x participants); arguments as of `simulate`.

    Args:
        event_rates: the true rate of each arm.
        lists: allocation lists to follow, arms from 0, strata x trials x places; else drawn ones.
    """
    tox = scenario_matrix(event_rates, design.arms, "arms")
    job = (0, 0, trials)
    now, _response, arrival = _follow(
        design, conduct, tox, np.zeros_like(tox), seed, job, lists, keep_looks=True
    )
    return now, arrival


def _run(
    design: SelectionDesign,
    conduct: Conduct,
    event_rates: Floats,
    response_rates: Floats,
    seed: int,
    job: tuple[int, int, int],
) -> _Trials:
    """Simulate one chunk of trials: (scenario, first trial, number of trials)."""
    found, response, _arrival = _follow(design, conduct, event_rates, response_rates, seed, job)
    treated = np.isfinite(found.course.treated_at)
    events = np.isfinite(found.course.known_at)
    counts = [
        np.stack([(which & (found.arms == a)).sum(axis=1) for a in range(design.arms)], axis=1)
        for which in (treated, events, response)
    ]
    return _Trials(counts[0], counts[1], counts[2], found.held, found.pooled)


def _follow(
    design: SelectionDesign,
    conduct: Conduct,
    event_rates: Floats,
    response_rates: Floats,
    seed: int,
    job: tuple[int, int, int],
    given: Ints | None = None,
    *,
    keep_looks: bool = False,
) -> tuple[SelectionTrials, NDArray[np.bool_], Floats]:
    """A chunk of trials to its end, who responded, and when participants came."""
    scenario, first, trials = job
    tox, resp = event_rates[scenario], response_rates[scenario]
    size, pacing = conduct.participants, conduct.pacing
    refills = np.isin(np.arange(design.arms) + 1, design.refillable)
    lists = _Lists(conduct, design.refillable, scenario, first, trials, seed)
    if given is not None:
        lists.follow(given)
    u = uniforms(seed, scenario, first, trials, 3 * size, purpose=_OUTCOMES).reshape(trials, 3, -1)
    gaps = -np.log(uniforms(seed, scenario, first, trials, size, purpose=_ARRIVE))
    arrival = np.ceil(np.cumsum(gaps, axis=1) * 7 / conduct.arrivals_per_week)
    after = np.ceil(u[:, 2] * conduct.follow_up_days)
    now = SelectionTrials(design, conduct, trials, keep_looks=keep_looks)
    response = np.zeros((trials, size), dtype=bool)
    rows, last, treated = np.arange(trials), np.zeros(trials), np.zeros(trials, dtype=np.int64)
    for j in range(size):
        earliest = np.maximum(arrival[:, j], last)
        earliest = now.wait(np.maximum(earliest, pacing.next_treatment(j, treated, last)))
        ended = now.ended
        arms = now.arms[:, j] = lists.take(j, now.held & refills & ~ended[:, None])
        treats = ~ended & ~now.held[rows, arms]
        has_event = treats & (u[:, 0, j] < tox[arms])
        response[:, j] = treats & (u[:, 1, j] < resp[arms])
        now.treat(j, earliest, treats, np.where(has_event, earliest + after[:, j], np.inf))
        last = np.where(treats, earliest, last)
        treated += treats
    now.follow(np.full(trials, np.inf))
    return now, response, arrival


def _summary(design: SelectionDesign, chunks: list[_Trials], resp: Floats) -> dict[str, Floats]:
    """Columns of `SelectionCharacteristics` for one scenario, but for the standard error."""
    n, y, x, held, pooled = (
        np.concatenate([getattr(chunk, name) for chunk in chunks])
        for name in ("treated", "events", "responses", "held", "pooled")
    )
    regimens, control = np.array(design.regimens) - 1, design.control - 1
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
        pairs = np.stack([x[where], np.broadcast_to(x[rows][:, [control]], best.shape)], axis=-1)
        sizes = np.stack([n[where], np.broadcast_to(n[rows][:, [control]], best.shape)], axis=-1)
        above = chance_of_being_best(pairs, sizes, design.response_prior)[..., 0]
        named[where] = (best >= design.name_at) & (above >= design.above_control_at)
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
