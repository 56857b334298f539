"""Where a comparison of regimens can end, with how probable each end is: exactly, following every
number of responses of every arm, or along simulated trials."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product
from math import prod

import numpy as np
from numpy.typing import ArrayLike, NDArray

from trialwright.design.checks import Floats, require_choice, require_count, scenario_matrix
from trialwright.design.errors import DesignError
from trialwright.design.regimen_comparison import RegimenCharacteristics, RegimenComparison
from trialwright.messages import Message

MAX_CELLS = 3_000_000
"""Combinations of responses and of who is still in that the exact answer follows at the most."""
_IN, _DROPPED, _NAMED = 0, 1, 2
# Of each regimen: what became of it, and at which look (from 0), which for those still in says
# nothing.
_Fates = tuple[tuple[int, int], ...]


@dataclass(frozen=True, slots=True)
class End:
    """Trials that end with the same regimens gone at the same looks.

    fates: of each regimen whether it is still in, dropped or named early, and at which look.
    weight: scenarios x outcomes, the probability of each outcome. chances: outcomes x regimens,
    what the last look reads, or None where no regimen was left for it.
    """

    fates: _Fates
    weight: Floats
    chances: Floats | None

    def still_in(self) -> list[int]:
        """The regimens, from 0, that the last look reads."""
        return [i for i, (fate, _) in enumerate(self.fates) if fate == _IN]

    def named_early(self) -> list[int]:
        """The regimens, from 0, that an earlier look named."""
        return [i for i, (fate, _) in enumerate(self.fates) if fate == _NAMED]


@dataclass(frozen=True, slots=True)
class Walk:
    """The ends of a design at true rates (scenarios x regimens, and the control's, if any).

    trials: simulated in each scenario; 0 where every outcome is followed.
    """

    design: RegimenComparison
    regimen_rates: Floats
    control_rates: Floats
    trials: int
    seed: int

    def __iter__(self) -> Iterator[End]:
        fates: _Fates = ((_IN, 0),) * len(self.design.regimens)
        if not self.trials:
            axes = len(fates) + bool(self.design.control)
            start = np.ones((len(self.regimen_rates), *(1,) * axes))
            yield from self._follow(fates, start, 0)
            return
        for scenario in range(len(self.regimen_rates)):
            yield from self._simulate(scenario)

    def _follow(self, fates: _Fates, weight: Floats, look: int) -> Iterator[End]:
        """From one look to the next, all scenarios together; who goes takes its responses along, an
        axis for each regimen and one for the control."""
        design, now = self.design, self.design.looks[look]
        here = [i for i, (fate, _) in enumerate(fates) if fate == _IN]
        more = now - (design.looks[look - 1] if look else 0)
        for i in here:
            weight = _grown(weight, i + 1, more, self.regimen_rates[:, i])
        if design.control:
            weight = _grown(weight, weight.ndim - 1, more, self.control_rates)
        sizes = [now if i in here else design.looks[fates[i][1]] for i in range(len(fates))]
        counts = np.indices([size + 1 for size in sizes]).reshape(len(sizes), -1).T
        chances = design.read(sizes, counts, now)
        if now == design.per_arm:
            flat = np.moveaxis(chances, 1, -1).reshape(-1, len(sizes))
            yield End(fates, weight.reshape(len(weight), -1), flat)
            return
        shape = weight.shape[1:]
        for chosen, where in self._parts(fates, chances, look):
            some = weight * where.reshape(shape)
            if not some.any():
                continue
            if any(fate == _IN for fate, _ in chosen):
                yield from self._follow(chosen, some, look + 1)
            else:
                yield End(chosen, some.reshape(len(some), -1), None)

    def _parts(
        self, fates: _Fates, chances: Floats, look: int
    ) -> Iterator[tuple[_Fates, NDArray[np.bool_]]]:
        """What the look can make of the regimens still in, and at which outcomes it does."""
        design, now = self.design, self.design.looks[look]
        each: list[list[tuple[tuple[int, int], NDArray[np.bool_] | None]]] = []
        for i, fate in enumerate(fates):
            if fate[0] != _IN:
                each.append([(fate, None)])
                continue
            dropped = design.drops(chances[:, i])
            named = design.names(chances[:, i], now)
            options = (((_IN, 0), ~dropped & ~named), ((_DROPPED, look), dropped),
                       ((_NAMED, look), named))  # fmt: skip
            each.append([option for option in options if option[1].any()])
        for choice in product(*each):
            where = np.ones((chances.shape[0], chances.shape[2]), dtype=bool)
            for _, mask in choice:
                if mask is not None:
                    where &= mask
            if where.any():
                yield tuple(fate for fate, _ in choice), where

    def _simulate(self, scenario: int) -> Iterator[End]:
        from scipy.special import bdtr

        from trialwright.numerics.philox import uniforms

        design = self.design
        rates = [*self.regimen_rates[scenario]]
        if design.control:
            rates.append(self.control_rates[scenario])
        arms = len(rates)
        u = uniforms(self.seed, scenario, 0, self.trials, arms * len(design.looks))
        steps = np.diff([0, *design.looks])
        gained = np.stack(
            [
                np.searchsorted(bdtr(np.arange(step), step, rate), column, side="right")
                for (step, rate), column in zip(product(steps, rates), u.T, strict=True)
            ],
            axis=1,
        ).reshape(self.trials, len(steps), arms)
        fates: _Fates = ((_IN, 0),) * len(design.regimens)
        nothing = np.zeros((self.trials, arms), dtype=np.int64)
        yield from self._along(scenario, fates, nothing, gained, 0)

    def _along(
        self, scenario: int, fates: _Fates, before: NDArray[np.int64],
        gained: NDArray[np.int64], look: int,
    ) -> Iterator[End]:  # fmt: skip
        """Simulated trials with the same fates so far, from one look to the next."""
        design, now, regimens = self.design, self.design.looks[look], len(fates)
        grows = [fate == _IN for fate, _ in fates] + [True] * (before.shape[1] - regimens)
        counts = before + gained[:, look] * np.array(grows)
        sizes = [now if grows[i] else design.looks[fates[i][1]] for i in range(regimens)]
        within = tuple(size + 1 for size in sizes)
        places = np.ravel_multi_index(tuple(counts[:, :regimens].T), within)
        unlike, where = np.unique(places, return_inverse=True)
        seen = np.stack(np.unravel_index(unlike, within), axis=1)
        chances = design.read(sizes, seen, now)[where]
        of_control = counts[:, -1] if design.control else np.zeros(len(counts), dtype=np.int64)
        read = np.take_along_axis(chances, of_control[:, None, None], axis=2)
        if now == design.per_arm:
            yield End(fates, self._weight(scenario, len(counts)), read[:, :, 0])
            return
        for chosen, mask in self._parts(fates, read, look):
            mine = mask[:, 0]
            if any(fate == _IN for fate, _ in chosen):
                yield from self._along(scenario, chosen, counts[mine], gained[mine], look + 1)
            else:
                yield End(chosen, self._weight(scenario, int(mine.sum())), None)

    def _weight(self, scenario: int, outcomes: int) -> Floats:
        weight = np.zeros((len(self.regimen_rates), outcomes))
        weight[scenario] = 1 / self.trials
        return weight


def walk(
    design: RegimenComparison, rates: ArrayLike, method: str, trials: int, seed: int
) -> tuple[Walk, NDArray[np.bool_]]:
    """The ends at true rates (scenarios x arms), exact or simulated as `method` says, and at which
    regimens (scenarios x regimens) the true rate isn't above the control's.

    Raises `DesignError` where "exact" would follow more than `MAX_CELLS` combinations.
    """
    true = scenario_matrix(rates, design.arms, "arms")
    require_choice("method", method, ("auto", "exact", "monte-carlo"))
    require_count("trials", trials, 100, 10**6)
    cells = cells_of(design)
    if method == "exact" and cells > MAX_CELLS:
        raise DesignError(
            Message("The exact answer follows {cells:,} combinations.", cells=cells),
            rule=Message("It follows at most {most:,}.", most=MAX_CELLS),
            fix=Message("Use method=monte-carlo, or fewer arms, looks or participants."),
        )
    simulated = method == "monte-carlo" or cells > MAX_CELLS
    regimens = true[:, [arm - 1 for arm in design.regimens]]
    control = true[:, design.control - 1] if design.control else np.zeros(0)
    against = control if design.control else np.full(len(true), design.reference)
    mistaken = regimens <= against[:, None] + 1e-12
    return Walk(design, regimens, control, trials if simulated else 0, seed), mistaken


def cells_of(design: RegimenComparison) -> int:
    """How many combinations of responses, and of who is still in, the exact answer follows."""
    early = 1 + (design.name_early_above < 1)
    gone = sum(look + 1 for look in design.looks[:-1]) * early
    one = gone + design.per_arm + 1
    return prod([one] * len(design.regimens)) * (design.per_arm + 1 if design.control else 1)


def characteristics(
    design: RegimenComparison, rates: ArrayLike, method: str, trials: int, seed: int
) -> RegimenCharacteristics:
    """See `RegimenComparison.operating_characteristics`."""
    ends, mistaken = walk(design, rates, method, trials, seed)
    scenarios, columns = len(mistaken), [arm - 1 for arm in design.regimens]
    shape = (scenarios, design.arms)
    named, dropped, participants = np.zeros(shape), np.zeros(shape), np.zeros(shape)
    any_named, wrong = np.zeros(scenarios), np.zeros(scenarios)
    for end in ends:
        whole = end.weight.sum(axis=1)
        verdicts = verdicts_of(design, end)
        for i, (fate, look) in enumerate(end.fates):
            size = design.per_arm if fate == _IN else design.looks[look]
            participants[:, columns[i]] += whole * size
            dropped[:, columns[i]] += whole * (fate == _DROPPED)
            named[:, columns[i]] += end.weight @ verdicts[:, i]
        any_named += end.weight @ verdicts.any(axis=1)
        for s in range(scenarios):
            wrong[s] += end.weight[s] @ (verdicts & mistaken[s]).any(axis=1)
        if design.control:
            went = max(design.looks[look] for _, look in end.fates)
            participants[:, design.control - 1] += whole * (
                design.per_arm if end.still_in() else went
            )
    error = np.sqrt(named * (1 - named) / ends.trials) if ends.trials else np.zeros(shape)
    return RegimenCharacteristics(
        named, dropped, participants, any_named, wrong, error,
        "monte-carlo" if ends.trials else "exact",
    )  # fmt: skip


def verdicts_of(design: RegimenComparison, end: End) -> NDArray[np.bool_]:
    """Whether each regimen is named, outcomes x regimens."""
    found = np.zeros((end.weight.shape[1], len(end.fates)), dtype=bool)
    found[:, end.named_early()] = True
    if end.chances is not None:
        here = end.still_in()
        found[:, here] = design.names(end.chances[:, here], design.per_arm)
    return found


def _grown(weight: Floats, axis: int, more: int, rates: Floats) -> Floats:
    """Weights after so many more participants of the arm along `axis`, at each scenario's rate."""
    from scipy.special import bdtr

    size = weight.shape[axis]
    found = np.empty((*weight.shape[:axis], size + more, *weight.shape[axis + 1 :]))
    for s, rate in enumerate(rates):
        steps = np.diff(bdtr(np.arange(more + 1), more, rate), prepend=0.0)
        moves = np.zeros((size, size + more))
        for y in range(size):
            moves[y, y : y + more + 1] = steps
        moved = np.tensordot(weight[s], moves, axes=(axis - 1, 0))
        found[s] = np.moveaxis(moved, -1, axis - 1)
    return found
