"""Assurance: the chance that a trial succeeds, averaged over what is believed of the truth."""

from __future__ import annotations

from collections.abc import Sequence
from math import sqrt

import numpy as np

from trialwright.analysis.unconditional import rejection_region
from trialwright.design.beta_binomial import chances_of
from trialwright.design.canonical import Boundaries
from trialwright.design.checks import (
    require_between,
    require_choice,
    require_count,
    require_positive,
    require_prior,
)
from trialwright.design.sample_size import TESTS
from trialwright.design.sequential_estimates import more_extreme

_FAR = 8.0


def assurance_two_proportions(
    n1: int,
    n2: int,
    prior1: Sequence[float],
    prior2: Sequence[float],
    *,
    alpha: float = 0.025,
    test: str = "Boschloo",
) -> float:
    """The chance that a one-sided test rejects, the two rates having beta priors.

    n1, n2: participants, the first arm being the one that should be better. prior1, prior2: (a, b)
    each; of a control with x of n events in earlier trials, for example (x + 1, n - x + 1). Counts
    are then beta-binomial, and the chances of all tables that the test rejects add up: exact to
    1e-12. Source: O'Hagan, Stevens and Campbell 2005, Pharm Stat 4:187.

    >>> round(assurance_two_proportions(25, 25, (6, 4), (4, 16)), 3)
    0.733
    """
    require_between("alpha", alpha, 0, 0.5)
    require_choice("test", test, TESTS)
    for name, count in (("n1", n1), ("n2", n2)):
        require_count(name, count, 1, 500)
    for name, prior in (("prior1", prior1), ("prior2", prior2)):
        require_prior(name, prior)
    region = rejection_region(n1, n2, alpha, test).astype(np.float64)
    return float(chances_of(n1, *prior1) @ region @ chances_of(n2, *prior2))


def assurance_normal(information: float, mean: float, sd: float, *, alpha: float = 0.025) -> float:
    """The chance that a one-sided test of a normal estimate rejects, theta being Normal(mean, sd²).

    information: 1/variance of the estimate at the end. Closed form: the estimate is Normal(mean,
    sd² + 1/information). Source: O'Hagan, Stevens and Campbell 2005, Pharm Stat 4:187, equation 3.

    >>> round(assurance_normal(25.0, 0.5, 0.25), 3)
    0.632
    """
    from scipy.special import ndtr, ndtri

    require_positive("information", information)
    require_positive("sd", sd)
    require_between("mean", mean, -1e6, 1e6)
    require_between("alpha", alpha, 0, 0.5)
    need = float(ndtri(1 - alpha)) / sqrt(information)
    return float(ndtr((mean - need) / sqrt(sd**2 + 1 / information)))


def assurance_sequential(bounds: Boundaries, mean: float, sd: float) -> float:
    """The chance that a group-sequential test crosses its upper bound, theta being Normal(mean,
    sd²), by the trapezoidal rule over theta, fine enough for the information.

    bounds: on the information scale of theta. Accuracy that of the bounds. Source: as in
    `assurance_normal`, averaged over the power of the bounds.

    >>> from trialwright.design import GroupSequential
    >>> bounds = GroupSequential(timing=(1.0,)).at([25.0], 25.0)
    >>> round(assurance_sequential(bounds, 0.5, 0.25), 3)
    0.632
    """
    require_positive("sd", sd)
    require_between("mean", mean, -1e6, 1e6)
    last = len(bounds.information)
    # The power rises within 1/sqrt(information): half of that is a step.
    step = min(0.25, 0.5 / (sd * sqrt(bounds.information[-1])))
    nodes = np.arange(-_FAR, _FAR + step, step)
    weights = np.exp(-(nodes**2) / 2)
    powers = [more_extreme(bounds, last, bounds.upper[-1], mean + sd * x) for x in nodes]
    return float(weights @ np.array(powers) / weights.sum())
