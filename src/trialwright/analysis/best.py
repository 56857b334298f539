"""The probability that each of several arms has the highest response."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray


def chance_of_being_best(
    responses: ArrayLike, participants: ArrayLike, prior: tuple[float, float] = (1.0, 1.0)
) -> NDArray[np.float64]:
    """P(p_i > p_j for every other j | data), independent posteriors Beta(a + x, b + n - x).

    responses, participants: arrays of shape (..., arms). prior: (a, b), both above 0. Returns the
    same shape; each row sums to 1. Computed as the integral of the density of arm i times the
    product of the others' distribution functions, on 128 Gauss-Legendre nodes in the angle t with
    p = sin(t)**2; accuracy about 1e-9 for priors of 0.5 or more and up to 100 participants.

    >>> chance_of_being_best([5, 5], [10, 10]).round(3)
    array([0.5, 0.5])
    >>> chance_of_being_best([3, 3, 6], [10, 10, 10]).round(3)
    array([0.083, 0.083, 0.833])
    """
    from scipy.special import betainc, betaln

    x, n = np.broadcast_arrays(np.asarray(responses), np.asarray(participants))
    a, b = prior[0] + x, prior[1] + n - x
    nodes, weights = np.polynomial.legendre.leggauss(128)
    angle = (nodes + 1) * np.pi / 4
    p = np.sin(angle) ** 2
    slope = 2 * np.sin(angle) * np.cos(angle) * weights * np.pi / 4
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
