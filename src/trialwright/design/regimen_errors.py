"""How often a comparison of regimens names one that isn't better, with none better or some, and the
threshold that keeps it below a stated probability."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import ArrayLike, NDArray

from trialwright.analysis.notebook import Notebook
from trialwright.design.checks import Floats, require_between
from trialwright.design.errors import DesignError
from trialwright.design.regimen_comparison import POSTERIOR, RegimenComparison
from trialwright.design.regimen_paths import Walk, walk
from trialwright.messages import Message

CONTROLS = (0.1, 0.3, 0.5)
"""True rates of the control at which errors are told when nobody says otherwise."""
GAIN = 0.3
"""By how much the rates of better regimens are above the control's."""
_LEAST = 0.5
_APART = 4e-9


@dataclass(frozen=True, slots=True)
class CalibratedNaming(Notebook):
    """The threshold found, and the chance of a mistake in each scenario it was found for.

    name_at: the threshold. mistaken: one for each scenario. allowed: what was asked for. method:
    "exact" or "monte-carlo", of which the error is at most 0.5 / sqrt(trials).
    """

    name_at: float
    mistaken: Floats
    allowed: float
    method: str


def null_scenarios(
    design: RegimenComparison, controls: Sequence[float] = CONTROLS, gain: float = GAIN
) -> tuple[tuple[float, ...], ...]:
    """The global null at each rate of the control, then the partial nulls: one regimen better by
    `gain`, two, and so on until one isn't better. Without a control its rate is the reference.

    Rates are scenarios x arms. The regimens that are better come last; which they are doesn't
    matter, since all have the same looks.

    >>> null_scenarios(RegimenComparison(arms=3, control=1, looks=(10,)), [0.2])
    ((0.2, 0.2, 0.2), (0.2, 0.2, 0.5))
    """
    if design.reference is not None:
        controls = (design.reference,)
    found = []
    for better in range(len(design.regimens)):
        last = design.regimens[len(design.regimens) - better :]
        for control in controls:
            high = round(min(control + gain, 1.0), 10)
            found.append(
                tuple(high if arm in last else control for arm in range(1, design.arms + 1))
            )
    return tuple(found)


def calibrate(
    design: RegimenComparison,
    rates: ArrayLike | None = None,
    *,
    mistaken: float = 0.1,
    method: str = "auto",
    trials: int = 10_000,
    seed: int = 1,
) -> CalibratedNaming:
    """The least name_at, from one half, with which a regimen that isn't better than the control is
    named with a chance of at most `mistaken` in every scenario.

    Estimand: the least t with max over scenarios of P(some regimen with p_k <= p_0 has P(p_k > p_0
    | data) >= t) <= mistaken. rates: scenarios x arms; `null_scenarios(design)` by default. Other
    true rates than these may have a higher chance. Exact wherever the paths are; rounded up to the
    fewest decimals that change nothing.

    Raises `DesignError` where no threshold below 1 keeps it, and for predictive futility, whose
    looks depend on the threshold sought.

    >>> design = RegimenComparison(arms=3, control=1, looks=(5, 10), borrowing="similarity")
    >>> found = calibrate(design, mistaken=0.1)
    >>> found.name_at, found.method, bool(found.mistaken.max() <= 0.1)
    (0.955, 'exact', True)
    """
    require_between("mistaken", mistaken, 0, 1)
    if design.futility != POSTERIOR and len(design.looks) > 1:
        raise DesignError(
            Message("futility is {futility!r}.", futility=design.futility),
            rule=Message("A threshold is sought while the looks don't depend on it."),
            fix=Message("Use futility: posterior, or one look."),
        )
    asked = null_scenarios(design) if rates is None else rates
    ends, wrong = walk(design, asked, method, trials, seed)
    name_at = _LEAST
    masks, which = np.unique(wrong, axis=0, return_inverse=True)
    for tops, weights, sure in _highest(ends, masks, which.ravel()):
        name_at = max(name_at, _threshold(tops, weights, sure, mistaken))
    kept = replace(design, name_at=name_at).operating_characteristics(
        asked, method=method, trials=trials, seed=seed
    )
    return CalibratedNaming(name_at, kept.mistaken, mistaken, kept.method)


def _highest(
    ends: Walk, masks: NDArray[np.bool_], which: NDArray[np.int64]
) -> list[tuple[Floats, Floats, Floats]]:
    """For each set of regimens that aren't better: the highest chance that the last look reads for
    one of them, outcome by outcome, with its weights (scenarios x outcomes), and the probability
    that one was named early, whatever the threshold."""
    tops: list[list[Floats]] = [[] for _ in masks]
    weights: list[list[Floats]] = [[] for _ in masks]
    sure = [np.zeros(int((which == m).sum())) for m in range(len(masks))]
    for end in ends:
        here = end.still_in()
        for m, mask in enumerate(masks):
            mine = end.weight[which == m]
            read = [i for i in here if mask[i]]
            if any(mask[i] for i in end.named_early()):
                sure[m] += mine.sum(axis=1)
            elif end.chances is not None and read:
                tops[m].append(end.chances[:, read].max(axis=1))
                weights[m].append(mine)
    empty = np.zeros(0)
    return [
        (
            np.concatenate([empty, *tops[m]]),
            np.concatenate([np.zeros((len(sure[m]), 0)), *weights[m]], axis=1),
            sure[m],
        )
        for m in range(len(masks))
    ]


def _threshold(tops: Floats, weights: Floats, sure: Floats, mistaken: float) -> float:
    """The least threshold that is reached with a chance of at most `mistaken` in each scenario."""
    order = np.argsort(-tops, kind="stable")
    chance = (sure[:, None] + np.cumsum(weights[:, order], axis=1)).max(axis=0, initial=sure.max())
    over = np.flatnonzero(chance > mistaken + 1e-12)
    if sure.max() > mistaken:
        raise _beyond(mistaken)
    if not len(over):
        return _LEAST
    reached = float(tops[order[over[0]]])
    above = tops[tops > reached + _APART]
    following = float(above.min()) if len(above) else 1.0
    return _between(reached, following, mistaken)


def _between(reached: float, following: float, mistaken: float) -> float:
    """The number of fewest decimals above `reached` and not above `following`."""
    for decimals in range(2, 10):
        found = np.ceil((reached + _APART / 2) * 10**decimals) / 10**decimals
        if reached + _APART / 2 <= found <= following and found < 1:
            return float(round(found, decimals))
    raise _beyond(mistaken)


def _beyond(mistaken: float) -> DesignError:
    return DesignError(
        Message("No threshold keeps {mistaken:g}.", mistaken=mistaken),
        rule=Message("A threshold is below 1."),
        fix=Message("Allow more mistakes, or take more participants."),
    )
