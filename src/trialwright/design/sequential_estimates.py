"""Estimates after a group-sequential test: p-value, median-unbiased estimate and interval by the
stage-wise ordering, and repeated intervals that hold at every look."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import sqrt

from trialwright.analysis.notebook import Notebook
from trialwright.design.canonical import Boundaries, Walk, falling_root
from trialwright.design.checks import require_between, require_count

_WIDE = 40.0


@dataclass(frozen=True, slots=True)
class SequentialEstimate(Notebook):
    """What a test that ended says of theta: the one-sided p-value, the median-unbiased estimate and
    the two-sided interval of the stage-wise ordering; `naive` is z / sqrt(information)."""

    p_value: float
    estimate: float
    lower: float
    upper: float
    level: float
    naive: float


def stage_wise(
    bounds: Boundaries, look: int, z: float, *, level: float = 0.95
) -> SequentialEstimate:
    """Estimate theta after the test ended at `look` (from 1) with statistic z.

    An earlier crossing of the upper bound is more extreme than a later one, at one look a higher z
    is (Armitage 1957; Tsiatis, Rosner and Mehta 1984, Biometrics 40:797): p(theta) is the chance of
    something as extreme or more. The p-value is p(0); the estimate and the limits are where
    p(theta) is 1/2, (1 - level)/2 and (1 + level)/2. A lower bound counts as kept, so with one that
    isn't binding and was overruled the p-value is a little too small: leave it out of `bounds`.
    Accuracy about 1e-6. Source: Jennison and Turnbull 2000, sections 8.2 to 8.5.

    >>> from trialwright.design import GroupSequential
    >>> found = stage_wise(GroupSequential(timing=(1.0,)).at([25], 25), 1, 2.5)
    >>> round(found.p_value, 5), round(found.estimate, 3), round(found.lower, 3)
    (0.00621, 0.5, 0.108)
    """
    require_count("look", look, 1, len(bounds.information))
    require_between("z", z, -_WIDE, _WIDE)
    require_between("level", level, 0, 1)
    scale = 1 / sqrt(bounds.information[look - 1])

    def where(chance: float) -> float:
        """The theta at which so extreme a result has this chance."""
        reach = (z - _WIDE / 3) * scale, (z + _WIDE / 3) * scale
        return falling_root(lambda theta: chance - more_extreme(bounds, look, z, theta), *reach)

    alpha = 1 - level
    return SequentialEstimate(
        more_extreme(bounds, look, z, 0.0), where(0.5), where(alpha / 2), where(1 - alpha / 2),
        level, z * scale,
    )  # fmt: skip


def more_extreme(bounds: Boundaries, look: int, z: float, theta: float) -> float:
    """The chance of crossing the upper bound before a look, or of a Z of `z` or more at it."""
    walk, chance = Walk(theta), 0.0
    for info, low, high in zip(
        bounds.information[: look - 1], bounds.lower, bounds.upper, strict=False
    ):
        chance += walk.above(high, info)
        walk.go_on(low, high, info)
    return min(1.0, chance + walk.above(z, bounds.information[look - 1]))


def repeated_intervals(bounds: Boundaries, z: Sequence[float]) -> tuple[tuple[float, float], ...]:
    """Intervals of theta at each look so far, which together cover it with the test's confidence
    whatever the rule for stopping: z_k / sqrt(I_k) with the bound c_k / sqrt(I_k) to either side.

    bounds: those of the test; of a one-sided test at alpha the intervals have level 1 - 2 alpha.
    z: the statistic at each look so far. Closed form. Source: Jennison and Turnbull 1989, JRSS B
    51:305.

    >>> from trialwright.design import GroupSequential
    >>> bounds = GroupSequential(timing=(0.5, 1.0)).at([50, 100], 100)
    >>> [(round(a, 3), round(b, 3)) for a, b in repeated_intervals(bounds, [1.0])]
    [(-0.278, 0.56)]
    """
    require_count("looks", len(z), 1, len(bounds.information))
    pairs = zip(bounds.information, bounds.upper, z, strict=False)
    return tuple(((x - c) / sqrt(info), (x + c) / sqrt(info)) for info, c, x in pairs)
