"""The probability that each of several arms has the highest response."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from trialwright.analysis.notebook import Notebook
from trialwright.analysis.result import AnalysisError, is_number, require_counts
from trialwright.messages import Message
from trialwright.numerics.quadrature import enough_for, over_rates

_MOST = 20_000


def chance_of_being_best(
    responses: ArrayLike, participants: ArrayLike, prior: tuple[float, float] = (1.0, 1.0)
) -> NDArray[np.float64]:
    """Estimand: P(p_i > p_j for every other j | data), independent posteriors Beta(a + x, b + n -
    x).

    responses, participants: arrays of shape (..., arms). prior: (a, b), both above 0. Returns the
    same shape; each row sums to 1. Computed as the integral of the density of arm i times the
    product of the others' distribution functions, on 128 Gauss-Legendre nodes in the angle t with
    p = sin(t)**2, or 8 sqrt(n) where that is more; n, the participants of an arm, up to 20,000.
    Accuracy about 1e-9 for priors of 0.5 or more.
    Source: Thall and Simon 1994, Biometrics 50:337; Berry 2006, Nat Rev Drug Discov 5:27.

    >>> chance_of_being_best([5, 5], [10, 10]).round(3)
    array([0.5, 0.5])
    >>> chance_of_being_best([3, 3, 6], [10, 10, 10]).round(3)
    array([0.083, 0.083, 0.833])
    """
    from scipy.special import betainc, betaln

    x, n = np.broadcast_arrays(np.asarray(responses), np.asarray(participants))
    if n.max(initial=0) > _MOST:
        raise AnalysisError(
            f"An arm has {n.max():,} participants.",
            rule=f"The chance of being best is computed for up to {_MOST:,} in each arm.",
            fix="Compare the arms by intervals.",
        )
    a, b = prior[0] + x, prior[1] + n - x
    p, slope = over_rates(enough_for(int(n.max(initial=0))))
    pairs, where = np.unique(np.stack([a.ravel(), b.ravel()]), axis=1, return_inverse=True)
    log_density = (
        (pairs[0][:, None] - 1) * np.log(p)
        + (pairs[1][:, None] - 1) * np.log1p(-p)
        - betaln(pairs[0], pairs[1])[:, None]
    )
    density = np.exp(log_density) * slope
    below = betainc(pairs[0][:, None], pairs[1][:, None], p)
    index = where.reshape(x.shape)
    result = np.empty(x.shape)
    for arm in range(x.shape[-1]):
        product = density[index[..., arm]]
        for other in range(x.shape[-1]):
            if other != arm:
                product = product * below[index[..., other]]
        result[..., arm] = product.sum(axis=-1)
    total: NDArray[np.float64] = result / result.sum(axis=-1, keepdims=True)
    return total


@dataclass(frozen=True, slots=True)
class BestArm(Notebook):
    """Posterior chance of each arm, numbered from 1, of having the highest response."""

    chances: tuple[float, ...]
    prior: tuple[float, float]
    population: str

    @property
    def leader(self) -> int:
        """The arm with the highest chance, the first at a tie."""
        return self.chances.index(max(self.chances)) + 1

    @property
    def sentence(self) -> Message:
        """The result in words."""
        a, b = self.prior
        chance = f"{max(self.chances):.3f}"
        return Message(
            "Arm {leader} has the highest response with probability {chance} (priors "
            "Beta({a:g}, {b:g}); {population}).",
            leader=self.leader,
            chance=chance,
            a=a,
            b=b,
            population=self.population,
        )

    def __str__(self) -> str:
        return str(self.sentence)


def probability_best(
    responses: Sequence[int],
    participants: Sequence[int],
    prior: tuple[float, float] = (1.0, 1.0),
    *,
    population: str = "all participants given",
) -> BestArm:
    """`chance_of_being_best` for one set of arms, with its sentence.

    >>> probability_best([3, 3, 6], [10, 10, 10]).leader
    3
    """
    sizes = {np.shape(responses), np.shape(participants)}
    if (
        len(sizes) > 1
        or sizes & {(), (0,)}
        or np.shape(prior) != (2,)
        or not all(is_number(part) and part > 0 for part in prior)
    ):
        raise AnalysisError(
            f"Responses {responses}, participants {participants}, prior {prior}.",
            rule="Each arm has both counts; there is an arm; the prior is two numbers above 0.",
            fix="Give one count for each arm.",
        )
    for x, n in zip(responses, participants, strict=True):
        require_counts(x, n)
    chances = chance_of_being_best(np.array(responses), np.array(participants), prior)
    return BestArm(tuple(map(float, chances)), prior, population)
