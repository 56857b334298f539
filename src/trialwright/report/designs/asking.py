"""What is usually asked of a design when nobody says otherwise: scenarios around its target."""

from __future__ import annotations

from functools import partial
from math import exp, log
from typing import Any

from trialwright.design.characteristics import MAX_STATES
from trialwright.design.simon import SimonAim
from trialwright.report.designs.case import Question, complete_of, reads_responses, target_of
from trialwright.report.designs.summaries import family_of

LEAST_RESPONSE = 0.2
"""What the lowest dose is usually asked to bring where a design has no least response rate."""
STEP = 0.85
"""From one dose to the next the log odds of a DLT rise by this: 30% is followed by 50%."""


def usual_question(
    design: Any,
    *,
    method: str = "auto",
    max_states: int = MAX_STATES,
    aims: tuple[SimonAim | None, ...] = (),
) -> Question:
    """Scenarios that show a design at its best and at its limits.

    For dose finding: the middle dose at the target, the highest one, and every dose above it. For a
    design that was searched for, the rates of its `aims` among the others.
    """
    how = partial(Question, method=method, max_states=max_states, aims=aims)
    match family_of(design):
        case "dose-finding":
            return how(*_dose_scenarios(complete_of(design)))
        case "two-agents":
            return how(_surfaces(design))
        case "selection":
            return how(*_selection_scenarios(design))
        case "regimens":
            return how(_regimen_scenarios(design))
        case "adaptive":
            return how(((0.3, 0.3), (0.5, 0.3), (0.6, 0.2)))
        case "two-arms":
            return how(((0.3, 0.3), (0.4, 0.2), (0.5, 0.2), (0.6, 0.2)))
        case "multi-arm":
            half = (0.5,) + (0.0,) * (design.arms - 1)
            return how(tuple(dict.fromkeys(((0.0,) * design.arms, half, (0.5,) * design.arms))))
        case "efficacy-toxicity":
            return how(*_trade_offs(design))
        case "survival" | "sample-size":
            return how(())
        case "two-stage":
            sought = {rate for aim in aims if aim for rate in (aim.p0, aim.p1)}
            return how((tuple(sorted({0.1, 0.2, 0.3, 0.4, 0.5} | sought)),))
        case _:
            return how(((0.05, 0.10, 0.20, 0.30, 0.40),))


def rates_around(target: float, doses: int, at: float) -> tuple[float, ...]:
    """True rates rising by STEP in log odds, the target being at dose `at` (from 1).

    >>> rates_around(0.30, 5, 3)
    (0.07, 0.15, 0.3, 0.5, 0.7)
    """
    centre = log(target / (1 - target))
    return tuple(
        round(1 / (1 + exp(-(centre + STEP * (dose - at)))), 2) for dose in range(1, doses + 1)
    )


Rates = tuple[tuple[float, ...], ...]


def _dose_scenarios(design: Any) -> tuple[Rates, Rates]:
    target, doses = target_of(design), design.doses
    middle = (doses + 1) // 2
    places = dict.fromkeys((middle, doses, -0.5))
    rates = tuple(rates_around(target, doses, place) for place in places)
    if not reads_responses(design):
        return rates, ()
    least = getattr(design, "min_response", LEAST_RESPONSE)
    rising = tuple(round(min(least * (0.5 + 0.5 * dose), 0.9), 2) for dose in range(1, doses + 1))
    return rates, (rising,) * len(rates)


def _surfaces(design: Any) -> Rates:
    """Rates that rise with both agents: the target on the middle diagonal, at the highest
    combination, and above it everywhere."""
    steps = design.doses_a + design.doses_b - 1
    lines = [rates_around(design.target, steps, at) for at in ((steps + 1) // 2, steps, -0.5)]
    return tuple(
        tuple(line[i + j] for i in range(design.doses_a) for j in range(design.doses_b))
        for line in lines
    )


def _selection_scenarios(design: Any) -> tuple[Rates, Rates]:
    """All alike; the last regimen twice as good; the same with every regimen too toxic."""
    alike, limit = (0.3,) * design.arms, design.arm_rule.limit
    last = design.regimens[-1]
    better = tuple(0.6 if arm == last else 0.3 for arm in range(1, design.arms + 1))
    mild = (round(limit / 3, 3),) * design.arms
    harsh = tuple(
        round(limit / 3, 3) if arm == design.control else 2 * limit
        for arm in range(1, design.arms + 1)
    )
    return (mild, mild, harsh), (alike, better, better)


def _regimen_scenarios(design: Any) -> Rates:
    """All alike; the last regimen better by 30 points; every regimen."""
    common = 0.3 if design.reference is None else design.reference
    high = round(min(common + 0.3, 1.0), 3)
    last = design.regimens[-1]
    return tuple(
        tuple(high if arm in better else common for arm in range(1, design.arms + 1))
        for better in ((), (last,), design.regimens)
    )


def _trade_offs(design: Any) -> tuple[Rates, Rates]:
    """Efficacy rising with the dose, and toxicity that reaches its limit at the highest, or at the
    lowest."""
    doses, limit = len(design.doses), design.toxicity_limit
    rising = tuple(round(0.2 + 0.6 * d / max(doses - 1, 1), 2) for d in range(doses))
    mild, harsh = (rates_around(limit, doses, at) for at in (doses, 1))
    return (mild, harsh), (rising, rising)
