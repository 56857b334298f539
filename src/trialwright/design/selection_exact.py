"""Exact operating characteristics of the selection among regimens.

Exact under stated idealisations: outcomes known at once, complete blocks (but for the last, where
places are refilled), one stratum, no distance between treatments, response stops nothing, a hold is
final. `selection_simulation` drops the first four of them.
"""

from __future__ import annotations

from functools import lru_cache
from itertools import permutations
from math import factorial
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from trialwright.analysis.best import chance_of_being_best
from trialwright.design.checks import Floats, scenario_matrix
from trialwright.design.errors import DesignError
from trialwright.design.places import LOST
from trialwright.design.selection import SelectionCharacteristics, SelectionDesign, crosses
from trialwright.messages import Message

# What one regimen is known by while toxicity is followed: participants treated, events among them.
Arm = tuple[int, int]
# All regimens in order, then the control's participants.
Counts = tuple[tuple[Arm, ...], int]
# The safe regimens (from 0, among the regimens) with their participants, and the control's.
Sizes = tuple[tuple[tuple[int, int], ...], int]


def exact_characteristics(
    design: SelectionDesign, event_rates: ArrayLike, response_rates: ArrayLike
) -> SelectionCharacteristics:
    """Exact behaviour in each scenario; both arguments are scenarios x arms.

    Toxicity paths are followed once (their weights don't depend on the truth); response is
    conditioned on who is safe, and on how many each arm has. Accuracy about 1e-12.
    """
    tox = scenario_matrix(event_rates, design.arms, "arms")
    resp = scenario_matrix(response_rates, design.arms, "arms")
    if len(tox) != len(resp):
        raise DesignError(
            Message(
                "{tox} scenarios of event rates, {resp} of response rates.",
                tox=len(tox),
                resp=len(resp),
            ),
            rule=Message("Each scenario has both."),
            fix=Message("Give arrays with the same number of rows."),
        )
    columns = [arm - 1 for arm in design.regimens]
    control = design.control - 1
    shape = (len(tox), design.arms)
    named, first, inflation = np.zeros(shape), np.zeros(shape), np.full(shape, np.nan)
    stopped, participants = np.zeros(shape), np.zeros(shape)
    stopped_all = np.zeros(len(tox))
    for s in range(len(tox)):
        chances, totals = _toxicity(design, tox[s, columns])
        stopped_all[s] = totals[0]
        participants[s, columns], participants[s, control] = totals[1:-1], totals[-1]
        gain = np.zeros(design.arms)
        stopped[s, columns] = 1.0
        for (members, control_size), chance in chances.items():
            arms = [columns[i] for i, _ in members]
            sizes = tuple(size for _, size in members)
            name, rank, excess = _naming(
                design, sizes, control_size, tuple(resp[s, arms]), resp[s, control]
            )
            named[s, arms] += chance * name
            first[s, arms] += chance * rank
            gain[arms] += chance * excess
            stopped[s, arms] -= chance
        with np.errstate(invalid="ignore", divide="ignore"):
            inflation[s] = gain / named[s]
    return SelectionCharacteristics(
        named, 1 - named.sum(axis=1), first, stopped, stopped_all, participants,
        participants * tox, inflation, np.zeros(shape), "exact",
    )  # fmt: skip


class _Ends(NamedTuple):
    """All ends of the toxicity process up to the order of the regimens.

    n, y: ends x regimens. control: its participants. pooled: 1 where the pooled rule ended it.
    safe: ends x regimens. The regimens are alike until the truth is known, so ends that differ
    only in their order share one weight.
    """

    n: NDArray[np.int64]
    y: NDArray[np.int64]
    control: NDArray[np.int64]
    pooled: Floats
    safe: NDArray[np.bool_]
    weight: Floats


@lru_cache(maxsize=16)
def _ends(design: SelectionDesign) -> _Ends:
    layer: dict[Counts, float] = {(((0, 0),) * len(design.regimens), 0): 1.0}
    ends: dict[tuple[Counts, bool], float] = {}
    while layer:
        layer = _one_participant(design, layer, ends)
    n = np.array([[arm[0] for arm in arms] for (arms, _), _ in ends])
    y = np.array([[arm[1] for arm in arms] for (arms, _), _ in ends])
    pooled = np.array([float(stopped) for _, stopped in ends])
    held = np.array(
        [[crosses(design.arm_rule, *arm) for arm in arms] for (arms, _), _ in ends], dtype=bool
    )
    return _Ends(
        n, y, np.array([control for (_, control), _ in ends]), pooled,
        ~held & (pooled == 0)[:, None], np.array(list(ends.values())),
    )  # fmt: skip


def _one_participant(
    design: SelectionDesign, layer: dict[Counts, float], ends: dict[tuple[Counts, bool], float]
) -> dict[Counts, float]:
    """Fill the next place, each open place of the block equally likely; what has ended goes to
    `ends`."""
    following: dict[Counts, float] = {}

    def add(to: dict[Counts, float], counts: Counts, share: float) -> None:
        to[counts] = to.get(counts, 0.0) + share

    def end(counts: Counts, pooled: bool, share: float) -> None:
        ends[counts, pooled] = ends.get((counts, pooled), 0.0) + share

    for (arms, control), weight in layer.items():
        unheld = [i for i, arm in enumerate(arms) if not crosses(design.arm_rule, *arm)]
        block = min((control, *(arms[i][0] for i in unheld)))
        if _complete(design, arms, control, block, len(unheld)):
            end((arms, control), False, weight)
            continue
        waiting = [i for i in unheld if arms[i][0] == block]
        share = weight / (len(waiting) + (control == block))
        if control == block:
            add(following, (arms, control + 1), share)
        for i in waiting:
            for event in (0, 1):
                grown = list(arms)
                grown[i] = (block + 1, arms[i][1] + event)
                after = tuple(sorted(grown))
                treated, events = (sum(column) for column in zip(*after, strict=True))
                if crosses(design.pooled_rule, treated, events):
                    end((after, control), True, share)
                else:
                    add(following, (after, control), share)
    return following


def _complete(
    design: SelectionDesign, arms: tuple[Arm, ...], control: int, block: int, unheld: int
) -> bool:
    """Whether the trial has all its participants; with places refilled, or no regimen left."""
    if design.held_places == LOST:
        return block == design.blocks
    return not unheld or control + sum(n for n, _ in arms) == design.participants


def _toxicity(design: SelectionDesign, rates: Floats) -> tuple[dict[Sizes, float], Floats]:
    """Chance of each set of safe regimens with their sizes, and (pooled stop, participants per
    regimen…, the control's)."""
    ends = _ends(design)
    count = len(design.regimens)
    totals = np.zeros(count + 2)
    kinds, kind = np.unique(
        np.column_stack([np.where(ends.safe, ends.n, -1), ends.control]),
        axis=0,
        return_inverse=True,
    )
    chances: dict[Sizes, float] = {}
    for order in permutations(range(count)):
        p = rates[list(order)]
        chance = ends.weight / factorial(count)
        chance = chance * np.prod(p**ends.y * (1 - p) ** (ends.n - ends.y), axis=1)
        totals[0] += chance @ ends.pooled
        totals[[1 + i for i in order]] += chance @ ends.n
        totals[-1] += chance @ ends.control
        mass = np.bincount(kind.ravel(), weights=chance, minlength=len(kinds))
        for row, share in zip(kinds.tolist(), mass.tolist(), strict=True):
            safe = [(size, i) for i, size in zip(order, row[:-1], strict=True) if size >= 0]
            if safe and share:
                # In the order of their sizes, so that sets of the same sizes share one grid.
                members = tuple((i, size) for size, i in sorted(safe))
                key = (members, row[-1])
                chances[key] = chances.get(key, 0.0) + share
    return chances, totals


def _naming(
    design: SelectionDesign,
    sizes: tuple[int, ...],
    control_size: int,
    rates: tuple[float, ...],
    control_rate: float,
) -> tuple[Floats, Floats, Floats]:
    """For safe arms with these sizes and response rates: chance of naming, of ranking first, and
    the expected excess of the observed response of the named arm (as a joint expectation)."""
    count = len(rates)
    best = _best_grid(sizes, design.response_prior)
    joint = np.ones((1,) * count)
    for i, (size, rate) in enumerate(zip(sizes, rates, strict=True)):
        joint = joint * _along(_binomial(size, rate), i, count)
    leads = best >= best.max(axis=0) - 1e-9
    axes = tuple(range(1, count + 1))
    rank = (joint * leads / leads.sum(axis=0)).sum(axis=axes)
    named, excess = np.zeros(count), np.zeros(count)
    for i, (size, rate) in enumerate(zip(sizes, rates, strict=True)):
        above = _above_control(design, size, control_size, control_rate)
        chance = joint * (best[i] >= design.name_at) * _along(above, i, count)
        by_responses = chance.sum(axis=tuple(j for j in range(count) if j != i))
        named[i] = by_responses.sum()
        excess[i] = by_responses @ (np.arange(size + 1) / size - rate)
    return named, rank, excess


def _above_control(
    design: SelectionDesign, size: int, control_size: int, control_rate: float
) -> Floats:
    """For 0, 1, … responses of an arm: chance that the control's leave it above the floor."""
    if design.above_control_at == 0:
        return np.ones(size + 1)
    above = _above_grid(size, control_size, design.response_prior) >= design.above_control_at
    chances: Floats = above @ _binomial(control_size, control_rate)
    return chances


def _binomial(size: int, rate: float) -> Floats:
    from scipy.special import comb

    x = np.arange(size + 1)
    mass: Floats = comb(size, x) * rate**x * (1 - rate) ** (size - x)
    return mass


def _along(values: Floats, axis: int, dimensions: int) -> Floats:
    return values.reshape([-1 if j == axis else 1 for j in range(dimensions)])


@lru_cache(maxsize=4096)
def _best_grid(sizes: tuple[int, ...], prior: tuple[float, float]) -> Floats:
    """P(arm i is best) at [i, x1, …, xk] for all response counts of arms of these sizes."""
    counts = np.indices([size + 1 for size in sizes]).reshape(len(sizes), -1).T
    chances = chance_of_being_best(counts, np.array(sizes), prior)
    grid = np.moveaxis(chances, -1, 0)
    return grid.reshape((len(sizes), *(size + 1 for size in sizes)))


@lru_cache(maxsize=4096)
def _above_grid(size: int, control_size: int, prior: tuple[float, float]) -> Floats:
    """P(the arm's response is above the control's) at [arm's responses, control's responses]."""
    above: Floats = _best_grid((size, control_size), prior)[0]
    return above
