"""Power of the analysis that will be done, and the sample that has it, by simulation where no
formula is exact."""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil, sqrt

import numpy as np

from trialwright.analysis.notebook import Notebook
from trialwright.analysis.one_proportion import wilson
from trialwright.analysis.result import AnalysisError
from trialwright.design.assumed_outcomes import AssumedOutcomes
from trialwright.design.checks import require_between, require_count, require_kind
from trialwright.design.planned_outcomes import ExactOutcomes, PlannedOutcomes, PowerAtSize
from trialwright.design.sample_size import beyond

_FIRST = 16


@dataclass(frozen=True, slots=True)
class SizeFound(Notebook):
    """The sample per arm that was found, its power, and what was tried on the way, by size."""

    per_arm: int
    power: PowerAtSize
    tried: tuple[PowerAtSize, ...]


def simulated_power(
    outcomes: AssumedOutcomes,
    per_arm: int,
    *,
    alpha: float = 0.05,
    trials: int = 1_000,
    seed: int = 1,
) -> PowerAtSize:
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
    return PowerAtSize(per_arm, share, error, lower, upper, trials, untested)


def size_with_power(
    outcomes: PlannedOutcomes,
    *,
    power: float = 0.8,
    alpha: float = 0.05,
    trials: int = 1_000,
    seed: int = 1,
    limit: int = 2_000,
) -> SizeFound:
    """The sample per arm whose power reaches `power`.

    Sizes are guessed from one to the next as if the test were a normal one, then bisected, all with
    the same streams. Exact power isn't monotone: of exact outcomes every size from half of the
    bisected one is tried, and the first is taken. A simulated one is the smallest up to the error
    of the simulation, which its power says. Raises DesignError where `limit` per arm isn't enough.

    >>> from trialwright.design import NormalOutcomes
    >>> found = size_with_power(NormalOutcomes(difference=1.0), trials=400)
    >>> 14 <= found.per_arm <= 20, bool(found.power.power >= 0.8)
    (True, True)
    """
    require_kind("outcomes", outcomes, PlannedOutcomes)
    require_between("power", power, 0, 1)
    require_count("limit", limit, outcomes.least, outcomes.most)
    tried: dict[int, PowerAtSize] = {}

    def at(n: int) -> float:
        if n not in tried:
            tried[n] = outcomes.power_with(n, alpha, trials, seed)
        return tried[n].power

    n = min(max(outcomes.least, _FIRST), limit)
    while n not in tried:
        n = _next_guess(n, at(n), power, alpha, outcomes.least, limit)
    if not any(each.power >= power for each in tried.values()) and at(limit) < power:
        raise beyond(power, limit)
    high = min(n for n, each in tried.items() if each.power >= power)
    low = max((n for n in tried if n < high), default=outcomes.least - 1)
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if at(middle) >= power else (middle, high)
    if isinstance(outcomes, ExactOutcomes):
        sizes = range(max(outcomes.least, high // 2), high + 1)
        high = next(n for n in sizes if at(n) >= power)
    return SizeFound(high, tried[high], tuple(tried[n] for n in sorted(tried)))


def _next_guess(n: int, power: float, wanted: float, alpha: float, least: int, limit: int) -> int:
    """The size at which a normal test that has `power` with n would have the power wanted."""
    from scipy.special import ndtri

    critical = float(ndtri(1 - alpha / 2))
    reach, need = (critical + float(ndtri(min(max(p, 0.01), 0.999))) for p in (power, wanted))
    factor = min(max((need / max(reach, 1e-9)) ** 2, 0.2), 8.0)
    return min(max(ceil(n * factor), least), limit)
