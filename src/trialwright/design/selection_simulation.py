"""The selection design as it will really run: arrivals, follow-up, stagger, unfinished blocks.

The exact answer of `selection` rests on idealisations; this simulation drops them, so that the
difference is seen. All trials of a chunk move together, participant by participant.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from concurrent.futures import Executor
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from trialwright.analysis.best import chance_of_being_best
from trialwright.design.allocation import PermutedBlocks
from trialwright.design.checks import Floats, require_count, require_positive, scenario_matrix
from trialwright.design.counting import Course
from trialwright.design.errors import DesignError
from trialwright.design.pacing import Pacing, pacing_of
from trialwright.design.places import blocks_of, places_needed
from trialwright.design.selection import SelectionCharacteristics, SelectionDesign
from trialwright.messages import Message
from trialwright.numerics.philox import uniforms

if TYPE_CHECKING:
    from trialwright.protocol.model import Protocol


Ints = NDArray[np.int64]
_CHUNK = 2_000
_ARRIVE, _BLOCKS, _OUTCOMES = 1, 2, 3


@dataclass(frozen=True, slots=True)
class Conduct:
    """What the idealised design leaves out.

    participants: all who are randomised; what becomes of a held arm's place, the design says.
    arrivals_per_week: mean of a Poisson stream of participants, who wait when they must.
    follow_up_days: a stopping event becomes known on a uniform day of this window.
    stratum_shares: how participants spread over the strata of `allocation`.
    days_apart: least distance between two treatments of the run-in.
    pause_after: once so many are treated, the next waits until the last of them has completed
    follow-up (0: never).

    >>> Conduct(PermutedBlocks(arms=2, strata=("II", "III"))).arrivals_per_week
    0.5
    """

    allocation: PermutedBlocks
    participants: int = 50
    arrivals_per_week: float = 0.5
    follow_up_days: float = 28.0
    stratum_shares: tuple[float, ...] = (0.5, 0.5)
    days_apart: float = 7.0
    pause_after: int = 5

    @property
    def pacing(self) -> Pacing:
        """The least times between treatments."""
        run_in = self.allocation.run_in_length
        return Pacing(run_in, self.days_apart, self.pause_after, self.follow_up_days)

    def __post_init__(self) -> None:
        require_count("participants", self.participants, 1, 2_000)
        require_positive("arrivals_per_week", self.arrivals_per_week)
        require_positive("follow_up_days", self.follow_up_days)
        if len(self.stratum_shares) != len(self.allocation.strata) or not np.isclose(
            sum(self.stratum_shares), 1
        ):
            raise DesignError(
                Message("stratum_shares is {stratum_shares}.", stratum_shares=self.stratum_shares),
                rule=Message(
                    "One share for each of {strata} strata, adding to 1.",
                    strata=len(self.allocation.strata),
                ),
                fix=Message("Write the expected shares."),
            )


def conduct_of(protocol: Protocol, **more: Any) -> Conduct:
    """The conduct that a protocol's allocation asks for; `more` gives what it doesn't say."""
    allocation = protocol.allocation
    if allocation is None or not allocation.kind.has_list:
        raise DesignError(
            Message("The protocol has no allocation by blocks."),
            rule=Message("Only a trial allocated by blocks can be simulated."),
            fix=Message("Write `allocation:` with `block_sizes`."),
        )
    blocks, pacing = blocks_of(allocation), pacing_of(allocation)
    said: dict[str, Any] = {
        "participants": protocol.participants,
        "stratum_shares": (1 / len(blocks.strata),) * len(blocks.strata),
        "days_apart": pacing.days_apart,
        "pause_after": pacing.pause_after,
    }
    if pacing.pause_days:
        said["follow_up_days"] = pacing.pause_days
    return Conduct(blocks, **{**said, **more})


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

    The rules are read before each treatment and at the end; a hold is final. Tables of the rules
    are reached beyond their planned size when blocks stay unfinished. Trial i of scenario s always
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
    size = conduct.participants
    regimens = np.array(design.regimens) - 1
    arm_bounds = _bounds(design.arm_rule.reaching(size).hold_at)
    pooled_bounds = _bounds(design.pooled_rule.reaching(size).hold_at)
    refills = np.isin(np.arange(design.arms) + 1, design.refillable)
    pacing = conduct.pacing
    lists = _Lists(conduct, design.refillable, scenario, first, trials, seed)
    u = uniforms(seed, scenario, first, trials, 3 * size, purpose=_OUTCOMES).reshape(trials, 3, -1)
    gaps = -np.log(uniforms(seed, scenario, first, trials, size, purpose=_ARRIVE))
    arrival = np.cumsum(gaps, axis=1) * 7 / conduct.arrivals_per_week
    arms = np.full((trials, size), -1)
    has_event, response = (np.zeros((trials, size), dtype=bool) for _ in range(2))
    seen = Course(np.full((trials, size), np.inf), np.full((trials, size), np.inf))
    held = np.zeros((trials, design.arms), dtype=bool)
    pooled = np.zeros(trials, dtype=bool)
    rows, last, treated = np.arange(trials), np.zeros(trials), np.zeros(trials, dtype=np.int64)

    def in_each_arm(which: NDArray[np.bool_]) -> Ints:
        return np.stack([(which & (arms == a)).sum(axis=1) for a in range(design.arms)], axis=1)

    def read_rules(now: Floats) -> None:
        counted, events = seen.at(now[:, None], conduct.follow_up_days, design.counted)
        n, y = in_each_arm(counted)[:, regimens], in_each_arm(events)[:, regimens]
        held[:, regimens] |= y >= arm_bounds[n]
        pooled[:] |= y.sum(axis=1) >= pooled_bounds[n.sum(axis=1)]

    for j in range(size):
        earliest = np.maximum(arrival[:, j], last)
        earliest = np.maximum(earliest, pacing.next_treatment(j, treated, last))
        read_rules(earliest)
        ended = pooled | (refills.any() & held[:, regimens].all(axis=1))
        arms[:, j] = lists.take(j, held & refills & ~ended[:, None])
        treats = ~ended & ~held[rows, arms[:, j]]
        has_event[:, j] = treats & (u[:, 0, j] < tox[arms[:, j]])
        response[:, j] = treats & (u[:, 1, j] < resp[arms[:, j]])
        seen.treated_at[treats, j] = earliest[treats]
        known = earliest + u[:, 2, j] * conduct.follow_up_days
        seen.known_at[:, j] = np.where(has_event[:, j], known, np.inf)
        last = np.where(treats, earliest, last)
        treated += treats
    read_rules(np.full(trials, np.finfo(np.float64).max))
    got = np.isfinite(seen.treated_at)
    counts = [in_each_arm(each) for each in (got, has_event, response)]
    return _Trials(counts[0], counts[1], counts[2], held, pooled)


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
