"""Differences whose uncertainty allows for clusters, such as sites, in which people are alike."""

from __future__ import annotations

from collections.abc import Sequence
from math import sqrt

import numpy as np
from numpy.typing import ArrayLike, NDArray

from trialwright.analysis.result import AnalysisError, Estimate, numbers, require_level
from trialwright.messages import Message

Floats = NDArray[np.float64]


def cluster_robust(
    outcome: ArrayLike,
    group: ArrayLike,
    clusters: Sequence[str],
    covariates: ArrayLike | None = None,
    *,
    measure: str = "mean-difference",
    level: float = 0.95,
    population: str = "all participants given",
) -> Estimate:
    """Difference of group 1 from group 0, with a variance summed over clusters.

    Estimand: the coefficient of `group` (0 or 1) in outcome = a + d group + b covariates + error by
    least squares: of a number the difference of means, of 0 and 1 that of proportions (`measure`
    "difference"). Errors may depend on each other in any way within a cluster and not between
    clusters. The variance is Liang and Zeger's, times G/(G - 1) and (n - 1)/(n - k) for G clusters,
    n rows and k coefficients; interval and p-value are Student's on G - 1 degrees of freedom. Too
    narrow with few clusters: fair from about 20. Rows with a missing value are left out.

    Accuracy: about 1e-10. Source: Liang and Zeger 1986, Biometrika 73:13; Cameron and Miller 2015,
    J Hum Resour 50:317, equation 12.
    """
    from scipy.special import stdtr, stdtrit

    require_level(level)
    y, g = numbers("outcome", outcome), numbers("group", group)
    x = np.empty((len(y), 0)) if covariates is None else numbers("covariates", covariates)
    if not len(y) or len(g) != len(y) or len(clusters) != len(y) or len(x) != len(y):
        raise AnalysisError(
            f"{len(y)} outcomes, {len(g)} groups, {len(clusters)} clusters, {len(x)} rows of "
            "covariates.",
            rule="There is one of each for every participant.",
            fix="Give one row for each participant.",
        )
    x = x.reshape(len(y), -1)
    keep = np.isfinite(y) & np.isfinite(g) & np.isfinite(x).all(axis=1)
    y, g, x = y[keep], g[keep], x[keep]
    names, inside = np.unique(np.asarray(clusters, dtype=str)[keep], return_inverse=True)
    design = np.column_stack([np.ones(len(y)), g, x])
    n, k = design.shape
    if len(names) < 2 or n <= k or np.linalg.matrix_rank(design) < k:
        raise AnalysisError(
            Message("{clusters} clusters, {n} rows.", clusters=len(names), n=n),
            rule=Message(
                "A variance over clusters needs two or more, both groups, and more rows than "
                "coefficients."
            ),
            fix=Message("Compare without clusters, and say so."),
        )
    inverse = np.linalg.inv(design.T @ design)
    beta = inverse @ design.T @ y
    scores = np.zeros((len(names), k))
    np.add.at(scores, inside, design * (y - design @ beta)[:, None])
    many = len(names)
    scale = many / (many - 1) * (n - 1) / (n - k)
    variance = scale * inverse @ scores.T @ scores @ inverse
    error, estimate = sqrt(max(0.0, float(variance[1, 1]))), float(beta[1])
    if not error > 1e-12 * max(1.0, float(np.abs(y).max())):
        raise AnalysisError(
            Message("Clusters don't differ."),
            rule=Message("The variance is that between clusters, and there is none."),
            fix=Message("Compare without clusters, and say so."),
        )
    half = float(stdtrit(many - 1, 0.5 + level / 2)) * error
    return Estimate(
        measure, f"least squares, variance over {many} clusters", estimate, estimate - half,
        estimate + half, level, 2 * float(stdtr(many - 1, -abs(estimate) / error)),
        n, int((~keep).sum()), population,
    )  # fmt: skip
