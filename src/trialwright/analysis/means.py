"""Means of groups: ANCOVA of two, and many against one control by Dunnett's comparison. Missing
values (NaN) are left out and counted; nothing is imputed."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import partial
from math import sqrt

import numpy as np
from numpy.typing import ArrayLike, NDArray

from trialwright.analysis.inversion import root
from trialwright.analysis.rank_tests import two_groups
from trialwright.analysis.result import AnalysisError, Estimate, numbers, require_level
from trialwright.messages import Message
from trialwright.numerics.quadrature import gauss_legendre

Floats = NDArray[np.float64]


def t_test(
    first: ArrayLike,
    second: ArrayLike,
    *,
    level: float = 0.95,
    population: str = "all participants given",
) -> Estimate:
    """Difference of two means, first minus second, by Welch's t with unequal variances.

    Estimand: the difference of the means. Interval and two-sided p-value are Student's with the
    degrees of freedom of Satterthwaite. Each group needs two values and some spread in either.
    Accuracy: 1e-12 for normal values up to the approximation of the degrees of freedom; where
    values are skewed and few, take `wilcoxon` or `permutation`.
    Source: Welch 1947, Biometrika 34:28; Satterthwaite 1946, Biometrics Bull 2:110.

    >>> found = t_test([4.1, 5.0, 5.9, 6.2], [3.0, 3.9, 4.4])
    >>> round(found.estimate, 3), round(found.p_value, 3)
    (1.533, 0.058)
    """
    from scipy.special import stdtr, stdtrit

    require_level(level)
    a, b, missing = two_groups(first, second)
    if min(len(a), len(b)) < 2 or not (a.var() + b.var() > 0):
        raise AnalysisError(
            Message("Groups of {first} and {second} values.", first=len(a), second=len(b)),
            rule=Message("A t test needs two values in each group, and some spread."),
            fix=Message("Describe the groups without a test."),
        )
    share = np.array([a.var(ddof=1) / len(a), b.var(ddof=1) / len(b)])
    error = sqrt(float(share.sum()))
    freedom = float(share.sum() ** 2 / (share**2 / (np.array([len(a), len(b)]) - 1)).sum())
    estimate = float(a.mean() - b.mean())
    half = float(stdtrit(freedom, 0.5 + level / 2)) * error
    p = 2 * float(stdtr(freedom, -abs(estimate) / error))
    return Estimate(
        "mean-difference", f"Welch's t, {freedom:.1f} degrees of freedom", estimate,
        estimate - half, estimate + half, level, p, len(a) + len(b), missing, population,
    )  # fmt: skip


def crossover(
    first: ArrayLike,
    second: ArrayLike,
    *,
    level: float = 0.95,
    population: str = "all participants given",
) -> Estimate:
    """Effect within participants of a trial of two treatments in two periods, by Student's t.

    Estimand: treatment A less treatment B. first: for each participant of the sequence A then B,
    the first period's value less the second's; second: the same for the sequence B then A. Half the
    difference of their means is free of what the periods do to everybody; one variance. It is the
    effect only if nothing of the first treatment is left in the second period. Missing values are
    left out and counted. Source: Hills and Armitage 1979, Br J Clin Pharmacol 8:7.

    >>> found = crossover([2.0, 1.4, 3.1, 0.9], [-1.1, -0.2, -1.9])
    >>> round(found.estimate, 3), round(found.p_value, 3)
    (1.458, 0.009)
    """
    from scipy.special import stdtr, stdtrit

    require_level(level)
    a, b, missing = two_groups(first, second)
    freedom = len(a) + len(b) - 2
    if min(len(a), len(b)) < 2 or not (a.var() + b.var() > 0):
        raise AnalysisError(
            Message("Groups of {first} and {second} values.", first=len(a), second=len(b)),
            rule=Message("A t test needs two values in each group, and some spread."),
            fix=Message("Describe the groups without a test."),
        )
    scale = (a.var() * len(a) + b.var() * len(b)) / freedom
    error = sqrt(float(scale) * (1 / len(a) + 1 / len(b))) / 2
    estimate = float(a.mean() - b.mean()) / 2
    half = float(stdtrit(freedom, 0.5 + level / 2)) * error
    p = 2 * float(stdtr(freedom, -abs(estimate) / error))
    return Estimate(
        "period-difference", f"crossover, {freedom} degrees of freedom", estimate,
        estimate - half, estimate + half, level, p, len(a) + len(b), missing, population,
    )  # fmt: skip


def ancova(
    outcome: ArrayLike,
    group: ArrayLike,
    covariates: ArrayLike,
    *,
    level: float = 0.95,
    population: str = "all participants given",
) -> Estimate:
    """Difference of group 1 from group 0 adjusted for covariates, by least squares.

    Estimand: the coefficient of `group` (0 or 1) in outcome = a + d group + b covariates + error,
    equal slopes and variances; t interval on n - k degrees of freedom. covariates: one per row, or
    a matrix. Rows with any missing value are left out. Accuracy: about 1e-10 of the scale of the
    columns. Source: Snedecor and Cochran 1967, Statistical Methods, chapter 14.

    >>> e = ancova([3.0, 4.1, 5.2, 5.9, 7.2, 7.8], [0, 0, 0, 1, 1, 1], [1, 2, 3, 1, 2, 3])
    >>> round(e.estimate, 3)
    2.867
    """
    from scipy.special import stdtr, stdtrit

    require_level(level)
    y, g = numbers("outcome", outcome), numbers("group", group)
    x = numbers("covariates", covariates)
    if len(g) != len(y) or len(x) != len(y) or not len(y):
        raise AnalysisError(
            f"{len(y)} outcomes, {len(g)} groups, {len(x)} rows of covariates.",
            rule="ANCOVA needs the same number of each, and some.",
            fix="Give one row for each participant.",
        )
    x = x.reshape(len(y), x.size // len(y))
    keep = np.isfinite(y) & np.isfinite(g) & np.isfinite(x).all(axis=1)
    y, g, x = y[keep], g[keep], x[keep]
    design = np.column_stack([np.ones(len(y)), g, x])
    freedom = len(y) - design.shape[1]
    if (
        set(np.unique(g)) != {0.0, 1.0}
        or freedom < 1
        or np.linalg.matrix_rank(design) < len(design.T)
    ):
        raise AnalysisError(
            Message("{n} complete rows for {k} coefficients.", n=len(y), k=design.shape[1]),
            rule=Message(
                "ANCOVA needs groups 0 and 1, more rows than coefficients, and covariates that "
                "differ from each other and from the group."
            ),
            fix=Message("Check the columns."),
        )
    inverse = np.linalg.inv(design.T @ design)
    coefficients = inverse @ design.T @ y
    residual = y - design @ coefficients
    around = y - y.mean()
    if float(residual @ residual) <= 1e-24 * float(around @ around) or not around.any():
        raise AnalysisError(
            Message("The model fits every outcome."),
            rule=Message("ANCOVA measures the difference by the spread that is left, and none is."),
            fix=Message("Check the outcomes, or describe them without a test."),
        )
    error = sqrt(float(residual @ residual) / freedom * inverse[1, 1])
    estimate = float(coefficients[1])
    half = float(stdtrit(freedom, 0.5 + level / 2)) * error
    p = 2 * float(stdtr(freedom, -abs(estimate) / error))
    return Estimate(
        "adjusted-difference", f"ANCOVA, {freedom} degrees of freedom", estimate,
        estimate - half, estimate + half, level, p, len(y), int((~keep).sum()), population,
    )  # fmt: skip


def dunnett(
    groups: Sequence[ArrayLike],
    control: ArrayLike,
    *,
    level: float = 0.95,
    population: str = "all participants given",
) -> tuple[Estimate, ...]:
    """Each group's mean against the control's, simultaneous two-sided intervals and p-values.

    Estimand: each mean minus the control's, normal with one variance. The joint distribution of the
    statistics has correlations l_i l_j with l_i = sqrt(n_i/(n_i + n_0)) and is integrated over the
    shared normal and the scale.

    Source: Dunnett 1955, JASA 50:1096. Accuracy about 1e-7.

    >>> a, b = dunnett([[5.1, 5.9, 6.2], [4.8, 5.0, 5.3]], [4.1, 4.4, 4.6])
    >>> a.p_value < b.p_value
    True
    """
    require_level(level)
    if not isinstance(groups, Iterable):
        raise AnalysisError(
            f"groups is {groups!r}.", rule="It is a list of groups.", fix="Give a list for each."
        )
    clean = [numbers("control", control), *(numbers("groups", g) for g in groups)]
    missing = sum(int((~np.isfinite(g)).sum()) for g in clean)
    clean = [g[np.isfinite(g)] for g in clean]
    if len(clean) < 2 or min(map(len, clean)) < 2:
        raise AnalysisError(
            Message("A group has fewer than two values."),
            rule=Message(
                "Dunnett's comparison needs two or more in the control and in each group."
            ),
            fix=Message("Leave the group out."),
        )
    reference, others = clean[0], clean[1:]
    freedom = sum(map(len, clean)) - len(clean)
    scale = sqrt(sum(float(((g - g.mean()) ** 2).sum()) for g in clean) / freedom)
    if scale == 0:
        raise AnalysisError(
            Message("All values in each group are equal."),
            rule=Message("Dunnett's comparison needs some spread within groups."),
            fix=Message("Compare the means as they are."),
        )
    load = np.array([sqrt(len(g) / (len(g) + len(reference))) for g in others])
    inside = partial(_dunnett_inside, load=load, freedom=freedom)
    critical = root(lambda t: inside(t) - level, 0.0, 60.0, 1e-7)
    results = []
    for g in others:
        difference = float(g.mean() - reference.mean())
        error = scale * sqrt(1 / len(g) + 1 / len(reference))
        p = max(0.0, 1 - inside(abs(difference) / error))
        results.append(
            Estimate(
                "mean-difference",
                "Dunnett, two-sided",
                difference,
                difference - critical * error,
                difference + critical * error,
                level,
                p,
                len(g) + len(reference),
                missing,
                population,
            )
        )
    return tuple(results)


def _dunnett_inside(t: float, load: Floats, freedom: int) -> float:
    """P(all |T_i| <= t)."""
    from scipy.special import ndtr

    z = np.linspace(-8, 8, 321)
    normal = np.exp(-(z**2) / 2)
    normal /= normal.sum()
    spread = 12 / sqrt(2 * freedom)
    low = max(0.0, 1 - spread)
    nodes, weights = gauss_legendre(128)
    s = low + (1 + spread - low) * (nodes + 1) / 2
    log_chi = (freedom - 1) * np.log(s) - freedom * s**2 / 2
    chi = weights * np.exp(log_chi - log_chi.max())
    chi /= chi.sum()
    rest = np.sqrt(1 - load**2)
    inside = np.ones((len(s), len(z)))
    for one, other in zip(load, rest, strict=True):
        inside *= ndtr((one * z + t * s[:, None]) / other) - ndtr(
            (one * z - t * s[:, None]) / other
        )
    return float(chi @ inside @ normal)
