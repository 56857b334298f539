"""Power, and the smallest sample that has it: two proportions (exact), two means, selection."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from math import sqrt

import numpy as np

from trialwright.analysis.unconditional import masses, rejection_region
from trialwright.design.checks import (
    require_between,
    require_choice,
    require_count,
    require_positive,
)
from trialwright.design.errors import DesignError
from trialwright.design.selection import SelectionDesign
from trialwright.messages import Message

TESTS = ("Boschloo", "Fisher", "Barnard")


def power_two_proportions(
    p1: float, p2: float, n1: int, n2: int, *, alpha: float = 0.025, test: str = "Boschloo"
) -> float:
    """Exact power of a one-sided test of p1 > p2 at level alpha, over all tables.

    p1, p2: true rates. n1, n2: from 1 to 500. test: "Boschloo", "Fisher" or "Barnard". The sum of
    the chances of all tables that the test rejects; accuracy 1e-12. Source: Boschloo 1970, Stat
    Neerl 24:1; Suissa and Shuster 1985, JRSS A 148:317.

    >>> round(power_two_proportions(0.6, 0.2, 25, 25), 3)
    0.833
    """
    for name, value in (("p1", p1), ("p2", p2)):
        require_between(name, value, -1e-12, 1 + 1e-12)
    require_between("alpha", alpha, 0, 0.5)
    require_choice("test", test, TESTS)
    require_count("n1", n1, 1, 500)
    require_count("n2", n2, 1, 500)
    region = rejection_region(n1, n2, alpha, test).astype(np.float64)
    return float(masses(n1, np.array([p1]))[0] @ region @ masses(n2, np.array([p2]))[0])


def sample_size_two_proportions(
    p1: float,
    p2: float,
    *,
    power: float = 0.8,
    alpha: float = 0.025,
    test: str = "Boschloo",
    limit: int = 200,
) -> int:
    """The smallest number per arm with the power asked, exactly computed.

    Exact power isn't monotone in the sample size; this is the first that reaches it. Arguments as
    in `power_two_proportions`; limit: where the search ends, at most 500.

    >>> sample_size_two_proportions(0.6, 0.2), sample_size_two_proportions(0.6, 0.2, test="Fisher")
    (23, 27)
    """
    require_between("p1", p1, p2, 1 + 1e-12)
    return _first(
        lambda n: power_two_proportions(p1, p2, n, n, alpha=alpha, test=test), power, 2, limit
    )


def power_two_means(
    difference: float, sd: float, n1: int, n2: int, *, alpha: float = 0.025
) -> float:
    """Power of the one-sided two-sample t test, equal variances (noncentral t).

    difference, sd: of one unit. Accuracy 1e-10. Source: Cohen 1988, Statistical Power Analysis,
    table 2.4.1 (d = 0.5, 64 a group: power 0.80).

    >>> round(power_two_means(0.5, 1.0, 64, 64), 3)
    0.801
    """
    from scipy.special import nctdtr, stdtrit

    require_positive("sd", sd)
    require_between("difference", difference, -1e12, 1e12)
    require_between("alpha", alpha, 0, 0.5)
    require_count("n1", n1, 2)
    require_count("n2", n2, 2)
    freedom = n1 + n2 - 2
    shift = difference / (sd * sqrt(1 / n1 + 1 / n2))
    return float(1 - nctdtr(freedom, shift, stdtrit(freedom, 1 - alpha)))


def sample_size_two_means(
    difference: float, sd: float, *, power: float = 0.8, alpha: float = 0.025, limit: int = 100_000
) -> int:
    """The smallest number per arm with the power asked, by bisection (power rises with n).

    >>> sample_size_two_means(0.5, 1.0)
    64
    """
    require_positive("difference", difference)
    low, high = 2, limit
    if power_two_means(difference, sd, high, high, alpha=alpha) < power:
        raise beyond(power, limit)
    while low < high:
        middle = (low + high) // 2
        enough = power_two_means(difference, sd, middle, middle, alpha=alpha) >= power
        low, high = (low, middle) if enough else (middle + 1, high)
    return low


def sample_size_selection(
    design: SelectionDesign,
    event_rates: Sequence[float],
    response_rates: Sequence[float],
    *,
    best: int,
    power: float = 0.8,
    limit: int = 20,
) -> int:
    """The smallest number per arm (complete blocks) with which arm `best` is named with the chance
    asked; the tables of the rules are extended as needed. Exact, as the design's characteristics.

    >>> from trialwright.design import BetaBinomialStopping
    >>> arm = BetaBinomialStopping(0.15, (0.3, 1.7), 0.85, 10)
    >>> pooled = BetaBinomialStopping(0.10, (0.2, 1.8), 0.95, 20)
    >>> design = SelectionDesign(arms=3, control=1, blocks=10, arm_rule=arm, pooled_rule=pooled)
    >>> sample_size_selection(design, [0.0] * 3, [0.2, 0.2, 0.8], best=3, power=0.9)
    7
    """
    require_count("best", best, 1, design.arms)

    def chance(blocks: int) -> float:
        wide = replace(
            design,
            blocks=blocks,
            arm_rule=design.arm_rule.reaching(max(blocks, 2)),
            pooled_rule=design.pooled_rule.reaching(max(blocks, 2) * (design.arms - 1)),
        )
        oc = wide.operating_characteristics([list(event_rates)], [list(response_rates)])
        return float(oc.named[0, best - 1])

    return _first(chance, power, 1, limit)


def _first(power_at: Callable[[int], float], wanted: float, start: int, limit: int) -> int:
    require_between("power", wanted, 0, 1)
    for n in range(start, limit + 1):
        if power_at(n) >= wanted:
            return n
    raise beyond(wanted, limit)


def beyond(wanted: float, limit: int) -> DesignError:
    """That a search ended without the power wanted."""
    return DesignError(
        Message("Power {wanted:g} isn't reached with {limit} per arm.", wanted=wanted, limit=limit),
        rule=Message("The search ends at its limit."),
        fix=Message("Raise limit, or assume a larger difference."),
    )
