"""P-values adjusted for several hypotheses: each is at most a level exactly when the procedure
rejects at that level."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from trialwright.analysis.result import AnalysisError, is_number

Floats = NDArray[np.float64]


def bonferroni(p_values: Sequence[float]) -> tuple[float, ...]:
    """Each p-value times their number. Valid under any dependence.

    >>> bonferroni([0.01, 0.04])
    (0.02, 0.08)
    """
    p = _checked(p_values)
    return tuple(float(min(1.0, len(p) * one)) for one in p)


def holm(p_values: Sequence[float]) -> tuple[float, ...]:
    """Holm's step-down procedure. Valid under any dependence; never weaker than Bonferroni's.

    Source: Holm 1979, Scand J Stat 6:65.

    >>> [round(p, 3) for p in holm([0.01, 0.04, 0.03])]
    [0.03, 0.06, 0.06]
    """
    p = _checked(p_values)
    order = np.argsort(p, kind="stable")
    steps = np.maximum.accumulate(p[order] * np.arange(len(p), 0, -1))
    return _placed(steps, order)


def hochberg(p_values: Sequence[float]) -> tuple[float, ...]:
    """Hochberg's step-up procedure. Needs statistics that are independent or positively dependent,
    as of several arms against one control.

    Source: Hochberg 1988, Biometrika 75:800; Sarkar and Chang 1997, JASA 92:1601.

    >>> [round(p, 3) for p in hochberg([0.01, 0.04, 0.03])]
    [0.03, 0.04, 0.04]
    """
    p = _checked(p_values)
    order = np.argsort(p, kind="stable")[::-1]
    steps = np.minimum.accumulate(p[order] * np.arange(1, len(p) + 1))
    return _placed(steps, order)


def fixed_sequence(p_values: Sequence[float]) -> tuple[float, ...]:
    """Hypotheses tested in the order given, each at the full level, until one isn't rejected.

    Source: Maurer, Hothorn and Lehmacher 1995, in Biometrie in der chemisch-pharmazeutischen
    Industrie 6:3.

    >>> fixed_sequence([0.01, 0.2, 0.03])
    (0.01, 0.2, 0.2)
    """
    return tuple(float(p) for p in np.maximum.accumulate(_checked(p_values)))


def graphical(
    p_values: Sequence[float], weights: Sequence[float], transitions: Sequence[Sequence[float]]
) -> tuple[float, ...]:
    """Weighted Bonferroni tests that hand the level of what is rejected on along a graph.

    weights: each hypothesis's first share of the level, from 0, together at most 1. transitions:
    row i says which parts of i's share go to the others once i is rejected; from 0, none to itself,
    at most 1 a row. Holm's procedure, fixed sequences, fallback and gatekeeping are such graphs.
    Valid under any dependence. Source: Bretz, Maurer, Brannath and Posch 2009, Stat Med 28:586,
    algorithms 1 and 2.

    >>> graphical([0.01, 0.03], [1.0, 0.0], [[0, 1], [0, 0]])
    (0.01, 0.03)
    """
    p = _checked(p_values)
    share, passes = _checked_graph(len(p), weights, transitions)
    adjusted, so_far = np.ones(len(p)), 0.0
    left = list(range(len(p)))
    while left:
        with np.errstate(divide="ignore", invalid="ignore"):
            needed = np.where(share > 0, p / share, np.inf)
        best = min(left, key=lambda i: (needed[i], i))
        if not np.isfinite(needed[best]):
            break
        so_far = max(so_far, float(needed[best]))
        adjusted[best] = min(1.0, so_far)
        left.remove(best)
        share, passes = _without(best, left, share, passes)
    return tuple(float(a) for a in adjusted)


def _without(
    gone: int, left: Sequence[int], share: Floats, passes: Floats
) -> tuple[Floats, Floats]:
    """The graph after a hypothesis is rejected: its share and its arrows handed on."""
    new_share, new_passes = np.zeros_like(share), np.zeros_like(passes)
    for i in left:
        new_share[i] = share[i] + share[gone] * passes[gone, i]
        rest = 1 - passes[i, gone] * passes[gone, i]
        for j in left:
            if i != j and rest > 0:
                new_passes[i, j] = (passes[i, j] + passes[i, gone] * passes[gone, j]) / rest
    return new_share, new_passes


def _placed(steps: Floats, order: NDArray[np.int64]) -> tuple[float, ...]:
    adjusted = np.empty(len(order))
    adjusted[order] = np.minimum(steps, 1.0)
    return tuple(float(a) for a in adjusted)


def _checked(p_values: Sequence[float]) -> Floats:
    if not len(p_values) or not all(is_number(p) and 0 <= p <= 1 for p in p_values):
        raise AnalysisError(
            f"P-values {list(p_values)}.",
            rule="There is one p-value or more, each from 0 to 1.",
            fix="Leave out hypotheses that were not tested.",
        )
    return np.array(p_values, dtype=np.float64)


def _checked_graph(
    size: int, weights: Sequence[float], transitions: Sequence[Sequence[float]]
) -> tuple[Floats, Floats]:
    share = np.array(weights, dtype=np.float64)
    try:
        passes = np.array(transitions, dtype=np.float64)
    except ValueError:
        passes = np.full((0, 0), np.nan)
    fits = share.shape == (size,) and passes.shape == (size, size)
    slack = 1 + 1e-9
    if (
        not fits
        or (share < 0).any()
        or share.sum() > slack
        or (passes < 0).any()
        or (passes.sum(axis=1) > slack).any()
        or np.diagonal(passes).any()
    ):
        raise AnalysisError(
            f"Weights {list(weights)} and transitions {list(map(list, transitions))}.",
            rule="Each hypothesis has a weight and a row of transitions; weights add up to 1 at "
            "most, so does each row, and none hands its level to itself.",
            fix="Correct the graph.",
        )
    return share, passes
