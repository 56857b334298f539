"""The continual reassessment method: its posterior, and the dose that it picks."""

from __future__ import annotations

from typing import Any

import numpy as np

from trialwright.numerics.rule import DOSES, TREATED

from .marks import borrowing


@borrowing
def crm_sums(model: Any, posterior: Any) -> Any:
    """Mean parameter and total weight. Four sums run side by side, since each addition waits for
    the one before it; the number of nodes is a multiple of four."""
    w0, w1, w2, w3 = 0.0, 0.0, 0.0, 0.0
    m0, m1, m2, m3 = 0.0, 0.0, 0.0, 0.0
    for q in range(0, model.shape[1], 4):
        w0 += posterior[q]
        w1 += posterior[q + 1]
        w2 += posterior[q + 2]
        w3 += posterior[q + 3]
        m0 += posterior[q] * model[0, q]
        m1 += posterior[q + 1] * model[0, q + 1]
        m2 += posterior[q + 2] * model[0, q + 2]
        m3 += posterior[q + 3] * model[0, q + 3]
    total = (w0 + w1) + (w2 + w3)
    return ((m0 + m1) + (m2 + m3)) / total, total


@borrowing
def crm_fit(
    number: Any, whole: Any, likelihood: Any, model: Any, cells: Any, posterior: Any
) -> Any:
    """Fill `posterior` with each node's weight; return the mean parameter and the total weight."""
    for q in range(model.shape[1]):
        posterior[q] = model[1, q]
    for d in range(number[DOSES]):
        if whole[TREATED, cells[d]] > 0:
            row = likelihood[d, cells[d]]
            for q in range(model.shape[1]):
                posterior[q] *= row[q]
    return crm_sums(model, posterior)


@borrowing
def crm_rate(
    doses: int, model: Any, plug: Any, dose: int, mean: float, posterior: Any, total: float
) -> float:
    """Estimated DLT rate: at the mean parameter (plug-in), or the posterior mean of the rate."""
    if plug[doses + 2] == 1.0:
        rate = 0.0
        for q in range(model.shape[1]):
            rate += posterior[q] * model[2 + dose, q]
        return rate / total
    if plug[doses] == 0.0:
        return float(plug[dose] ** np.exp(mean))
    score = plug[doses + 1] + np.exp(mean) * plug[dose]
    return float(1.0 / (1.0 + np.exp(-score)))


@borrowing
def crm_pick(
    number: Any, model: Any, plug: Any, tried: bool, mean: float, posterior: Any, total: float
) -> int:
    """The dose whose estimated rate is nearest the target, the lower at a tie; -1 if the lowest
    dose, once tried, is too toxic by the stopping rule."""
    doses = number[DOSES]
    target = plug[len(plug) - 1]
    if plug[doses + 3] < 1.0 and tried:
        above = 0.0
        for q in range(model.shape[1]):
            if model[2, q] > target:
                above += posterior[q]
        if above > plug[doses + 3] * total:
            return -1
    best = 0
    distance = 2.0
    for d in range(doses):
        rate = crm_rate(doses, model, plug, d, mean, posterior, total)
        if abs(rate - target) < distance - 1e-12:
            best, distance = d, abs(rate - target)
        if rate >= target:  # rates rise with the dose
            break
    return best


@borrowing
def crm_best(
    number: Any, whole: Any, likelihood: Any, model: Any, plug: Any, cells: Any, posterior: Any
) -> int:
    """`crm_pick` after a fit to complete data."""
    mean, total = crm_fit(number, whole, likelihood, model, cells, posterior)
    return crm_pick(number, model, plug, whole[TREATED, cells[0]] > 0, mean, posterior, total)


@borrowing
def crm_add_pending(model: Any, where: Any, part: Any, waiting: int, posterior: Any) -> Any:
    """Weigh the posterior by the participants still followed: 1 - part * rate for each (Cheung and
    Chappell 2000); return the mean parameter and the total weight."""
    for i in range(waiting):
        rates = model[2 + where[i]]
        for q in range(model.shape[1]):
            posterior[q] *= 1.0 - part[i] * rates[q]
    return crm_sums(model, posterior)
