"""What a selection can decide by responses: how often it names the best regimen at each size, the
size that it needs, and thresholds that reach stated probabilities."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from trialwright.analysis.best import chance_of_being_best
from trialwright.analysis.notebook import Notebook
from trialwright.design.checks import (
    Floats,
    require_between,
    require_count,
    require_length,
    require_rate,
)
from trialwright.design.errors import DesignError
from trialwright.design.sample_size import beyond
from trialwright.design.selection import SelectionDesign
from trialwright.messages import Message

TRIALS = 4_000
_FLOORS = (0.0, 0.5, 0.6, 0.7, 0.75, 0.8, 0.85, 0.9, 0.95, 0.975)


@dataclass(frozen=True, slots=True)
class NamingPower(Notebook):
    """Of each arm, the chance that it is named (the control never is), the chance that none is, and
    the largest standard error of these, from so many simulated trials."""

    _along = "arm"
    per_arm: int
    named: Floats
    none_named: float
    standard_error: float
    trials: int


@dataclass(frozen=True, slots=True)
class Thresholds(Notebook):
    """Thresholds found, with the chance that any regimen is named while all are alike (`mistaken`)
    and that the best one is named where it is better (`right`)."""

    name_at: float
    above_control_at: float
    mistaken: float
    right: float
    trials: int


@dataclass(frozen=True, slots=True)
class _Leaders:
    """Of simulated trials the leading regimen, its chance of being best, and of beating the
    control; at a tie the regimen of the lowest number leads, as in `SelectionDesign.decide`."""

    arm: NDArray[np.int64]
    best: Floats
    above: Floats


def naming_power(
    design: SelectionDesign,
    per_arm: int,
    response_rates: Sequence[float],
    *,
    trials: int = TRIALS,
    seed: int = 1,
) -> NamingPower:
    """How often each regimen is named with `per_arm` assessed in every arm, none being held.

    Estimand: P(the leading regimen has P(best) >= name_at and P(above control) >= above_control_at)
    under true response rates, one for each arm. Trials of one seed use the same random numbers at
    every size. Accuracy: the standard error. Where regimens may be held, fewer are named; see
    `SelectionDesign.operating_characteristics`, which is exact. Source: Thall and Simon 1994,
    Biometrics 50:337.

    >>> from trialwright.design import BetaBinomialStopping
    >>> arm = BetaBinomialStopping(0.15, (0.3, 1.7), 0.85, 10)
    >>> pooled = BetaBinomialStopping(0.10, (0.2, 1.8), 0.95, 40)
    >>> design = SelectionDesign(arms=5, control=2, blocks=10, arm_rule=arm, pooled_rule=pooled)
    >>> exact = design.operating_characteristics([[0] * 5], [[.3, .3, .3, .3, .6]]).named[0, 4]
    >>> found = naming_power(design, 10, [.3, .3, .3, .3, .6])
    >>> bool(abs(found.named[4] - exact) < 4 * found.standard_error)
    True
    """
    leaders = _leaders(design, per_arm, response_rates, trials, seed)
    clear = (leaders.best >= design.name_at) & (leaders.above >= design.above_control_at)
    named = np.bincount(leaders.arm[clear], minlength=design.arms + 1)[1:] / trials
    error = float(np.sqrt(named * (1 - named) / trials).max())
    return NamingPower(per_arm, named, float(1 - named.sum()), error, trials)


def size_to_name(
    design: SelectionDesign,
    response_rates: Sequence[float],
    *,
    power: float = 0.8,
    limit: int = 200,
    trials: int = TRIALS,
    seed: int = 1,
) -> int:
    """The fewest in each arm with which the regimen of the highest rate is named with that power,
    up to the error of the simulation. Raises DesignError where `limit` isn't enough.

    >>> from trialwright.design import BetaBinomialStopping
    >>> arm = BetaBinomialStopping(0.15, (0.3, 1.7), 0.85, 10)
    >>> pooled = BetaBinomialStopping(0.10, (0.2, 1.8), 0.95, 20)
    >>> design = SelectionDesign(arms=3, control=1, blocks=10, arm_rule=arm, pooled_rule=pooled)
    >>> size_to_name(design, [0.2, 0.2, 0.8], power=0.9) in (6, 7, 8)
    True
    """
    require_between("power", power, 0, 1)
    best = _best_regimen(design, response_rates)

    def enough(n: int) -> bool:
        found = naming_power(design, n, response_rates, trials=trials, seed=seed)
        return bool(found.named[best - 1] >= power)

    return _first_size(enough, power, limit)


def search_thresholds(
    design: SelectionDesign,
    per_arm: int,
    alike: float,
    better: Sequence[float],
    *,
    mistaken: float = 0.1,
    trials: int = TRIALS,
    seed: int = 1,
) -> Thresholds:
    """The thresholds that name the best regimen most often, while any is named with a chance of at
    most `mistaken` when every arm, the control too, has the response rate `alike`.

    better: true rates, one for each arm, under which the best is to be named. For each of several
    floors against the control the least `name_at` that keeps `mistaken` is taken from the simulated
    trials; of these pairs the one that is right most often.

    >>> from trialwright.design import BetaBinomialStopping
    >>> arm = BetaBinomialStopping(0.15, (0.3, 1.7), 0.85, 10)
    >>> pooled = BetaBinomialStopping(0.10, (0.2, 1.8), 0.95, 20)
    >>> design = SelectionDesign(arms=3, control=1, blocks=10, arm_rule=arm, pooled_rule=pooled)
    >>> found = search_thresholds(design, 10, 0.3, [0.3, 0.3, 0.7], mistaken=0.1)
    >>> found.mistaken <= 0.1 < 0.6 < found.right
    True
    """
    require_rate("alike", alike)
    require_between("mistaken", mistaken, 0, 1)
    best = _best_regimen(design, better)
    none = _leaders(design, per_arm, [alike] * design.arms, trials, seed)
    good = _leaders(design, per_arm, better, trials, seed)
    found = []
    for floor in _FLOORS:
        reach = np.sort(none.best[none.above >= floor])[::-1]
        allowed = int(mistaken * trials)
        at = float(np.nextafter(reach[allowed], 1)) if len(reach) > allowed else 1e-9
        if not 0 < at < 1:
            continue
        wrong = float(((none.best >= at) & (none.above >= floor)).mean())
        clear = (good.best >= at) & (good.above >= floor) & (good.arm == best)
        found.append(Thresholds(at, floor, wrong, float(clear.mean()), trials))
    if not found:
        raise DesignError(
            Message("No threshold keeps {mistaken:g}.", mistaken=mistaken),
            rule=Message("A threshold is below 1."),
            fix=Message("Allow more mistakes, or take more participants."),
        )
    return max(found, key=lambda each: (each.right, each.name_at))


def with_thresholds(design: SelectionDesign, found: Thresholds) -> SelectionDesign:
    """The same design with the thresholds found."""
    return replace(design, name_at=found.name_at, above_control_at=found.above_control_at)


def _leaders(
    design: SelectionDesign, per_arm: int, rates: Sequence[float], trials: int, seed: int
) -> _Leaders:
    return _simulated(design, per_arm, tuple(rates), trials, seed)


@lru_cache(maxsize=128)
def _simulated(
    design: SelectionDesign, per_arm: int, rates: tuple[float, ...], trials: int, seed: int
) -> _Leaders:
    from scipy.special import bdtr

    from trialwright.numerics.philox import uniforms

    require_length("response_rates", rates, design.arms)
    for rate in rates:
        require_rate("response_rates", rate)
    require_count("per_arm", per_arm, 1, 2_000)
    require_count("trials", trials, 100, 10**6)
    u = uniforms(seed, 0, 0, trials, design.arms)
    counts = np.arange(per_arm)
    x = np.stack(
        [np.searchsorted(bdtr(counts, per_arm, rate), u[:, i], side="right")
         for i, rate in enumerate(rates)],
        axis=1,
    )  # fmt: skip
    columns = [arm - 1 for arm in design.regimens]
    chances = chance_of_being_best(x[:, columns], per_arm, design.response_prior)
    leading = chances.argmax(axis=1)
    arm = np.array(design.regimens)[leading]
    pair = np.stack([x[np.arange(trials), arm - 1], x[:, design.control - 1]], axis=1)
    pairs, where = np.unique(pair, axis=0, return_inverse=True)
    above = chance_of_being_best(pairs, per_arm, design.response_prior)[:, 0]
    return _Leaders(arm, chances.max(axis=1), above[where.ravel()])


def _best_regimen(design: SelectionDesign, rates: Sequence[float]) -> int:
    """The regimen of the highest rate, which must be one alone."""
    require_length("response_rates", rates, design.arms)
    highest = max(rates[arm - 1] for arm in design.regimens)
    best = [arm for arm in design.regimens if rates[arm - 1] == highest]
    if len(best) > 1:
        raise DesignError(
            Message("{best} regimens share the highest response rate.", best=len(best)),
            rule=Message("One of them is to be named."),
            fix=Message("Give one regimen a higher rate."),
        )
    return best[0]


def _first_size(enough: Callable[[int], bool], power: float, limit: int) -> int:
    low, high = 0, 8
    while not enough(min(high, limit)):
        if high >= limit:
            raise beyond(power, limit)
        low, high = high, 2 * high
    high = min(high, limit)
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if enough(middle) else (middle, high)
    return high
