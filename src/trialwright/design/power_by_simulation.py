"""Power of the analysis that will be done, and the sample that has it, by simulation."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from math import sqrt

import numpy as np

from trialwright.analysis.notebook import Notebook
from trialwright.analysis.one_proportion import wilson
from trialwright.analysis.result import AnalysisError
from trialwright.design.assumed_outcomes import AssumedOutcomes
from trialwright.design.checks import require_between, require_count, require_kind
from trialwright.design.sample_size import beyond


@dataclass(frozen=True, slots=True)
class SimulatedPower(Notebook):
    """The share of simulated trials with p <= alpha, with its standard error and its 95% interval
    (Wilson's); untested: trials whose data allowed no test, which count as not rejecting."""

    per_arm: int
    power: float
    standard_error: float
    lower: float
    upper: float
    trials: int
    untested: int


@dataclass(frozen=True, slots=True)
class SimulatedSize(Notebook):
    """The sample per arm that was found, its power, and what was tried on the way, by size."""

    per_arm: int
    power: SimulatedPower
    tried: tuple[SimulatedPower, ...]


def simulated_power(
    outcomes: AssumedOutcomes,
    per_arm: int,
    *,
    alpha: float = 0.05,
    trials: int = 1_000,
    seed: int = 1,
) -> SimulatedPower:
    """The power of a two-sided test at level alpha with `per_arm` participants in each arm.

    Estimand: the chance that the analysis which `outcomes` names has p <= alpha if what it assumes
    is true. Trial i draws from a stream of its own that seed and i determine, so that more trials
    leave the first ones as they were. Accuracy: the standard error, at most 0.016 of 1,000 trials.
    Source: Burton and others 2006, Stat Med 25:4279; Morris, White and Crowther 2019, Stat Med
    38:2074, for the Monte Carlo error.

    >>> from trialwright.design import NormalOutcomes
    >>> found = simulated_power(NormalOutcomes(difference=0.5), 64, trials=400)
    >>> bool(found.lower < 0.8015 < found.upper)
    True
    """
    require_kind("outcomes", outcomes, AssumedOutcomes)
    require_count("per_arm", per_arm, outcomes.least, 100_000)
    require_between("alpha", alpha, 0, 1)
    require_count("trials", trials, 1, 10_000_000)
    require_count("seed", seed, 0, 2**64 - 1)
    rejected = untested = 0
    for trial in range(trials):
        draw = np.random.Generator(np.random.Philox(key=seed | trial << 64))
        try:
            rejected += outcomes.p_value(draw, per_arm) <= alpha
        except AnalysisError:
            untested += 1
    share = rejected / trials
    lower, upper = wilson(rejected, trials, 0.05)
    error = sqrt(share * (1 - share) / trials)
    return SimulatedPower(per_arm, share, error, lower, upper, trials, untested)


def simulated_sample_size(
    outcomes: AssumedOutcomes,
    *,
    power: float = 0.8,
    alpha: float = 0.05,
    trials: int = 1_000,
    seed: int = 1,
    limit: int = 2_000,
) -> SimulatedSize:
    """The sample per arm whose simulated power reaches `power`.

    Found by doubling and bisection, all sizes with the same streams, as if power rose with size; so
    it is the smallest up to the error of the simulation, which its power says. Raises DesignError
    where `limit` per arm isn't enough.

    >>> from trialwright.design import NormalOutcomes
    >>> found = simulated_sample_size(NormalOutcomes(difference=1.0), trials=400)
    >>> 14 <= found.per_arm <= 20, bool(found.power.power >= 0.8)
    (True, True)
    """
    require_kind("outcomes", outcomes, AssumedOutcomes)
    require_between("power", power, 0, 1)
    require_count("limit", limit, outcomes.least, 100_000)
    tried: dict[int, SimulatedPower] = {}

    def enough(n: int) -> bool:
        tried[n] = simulated_power(outcomes, n, alpha=alpha, trials=trials, seed=seed)
        return tried[n].power >= power

    high = _first_enough(enough, outcomes.least, limit)
    if high is None:
        raise beyond(power, limit)
    low = max((n for n in tried if n < high), default=high - 1)
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if enough(middle) else (middle, high)
    return SimulatedSize(high, tried[high], tuple(tried[n] for n in sorted(tried)))


def _first_enough(enough: Callable[[int], bool], least: int, limit: int) -> int | None:
    """The first of doubled sizes that is enough; None where the limit isn't."""
    n = least
    while not enough(n):
        if n == limit:
            return None
        n = min(2 * n, limit)
    return n
