"""A factorial endpoint inside its table: each cell, the effect of a factor at each level of
another, and how far these effects differ.

The analysis at the margins is the planned one whatever the interaction: choosing between them by
its test is biased (Kahan 2013, Stat Med 32:4540).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from trialwright.analysis.clusters import cluster_robust
from trialwright.analysis.endpoint_data import ArmData, EndpointData, Subject
from trialwright.analysis.interaction import (
    DIFFERENCE,
    interaction_of_effects,
    interaction_of_means,
)
from trialwright.analysis.means import ancova
from trialwright.analysis.methods import adjusting_columns, given
from trialwright.analysis.result import AnalysisError, Estimate
from trialwright.protocol.analysis_plan import RATIOS, AnalysisPlan, Method
from trialwright.protocol.factorial import TreatmentFactor

NOT_SMALL = 0.10
"""An interaction with a p-value below this isn't small. Tests of interaction have little power, so
that 0.10 is taken rather than 0.05, as of heterogeneity (Cochrane Handbook 6, section 10.10.2)."""


@dataclass(frozen=True, slots=True)
class Within:
    """The effect of one level of the factor at one level of the other, and by how much it differs
    from that at the first level; None there. `refused` says why either couldn't be estimated."""

    arm: str
    level: str
    effect: Estimate | None = None
    interaction: Estimate | None = None
    refused: AnalysisError | None = None

    @property
    def differs(self) -> bool:
        """Whether the interaction isn't small."""
        found = self.interaction
        return found is not None and found.p_value is not None and found.p_value < NOT_SMALL


@dataclass(frozen=True, slots=True)
class InsideTable:
    """The cells by one other factor: the values analysed by (level of the factor, level of the
    other), and the effects in the order of `arms` of the plan, then of the other's levels."""

    other: TreatmentFactor
    cells: dict[tuple[str, str], tuple[float, ...]]
    effects: tuple[Within, ...]

    @property
    def first(self) -> str:
        """The level that the effects at the others are compared with."""
        return self.other.levels[0].key


def restricted(data: EndpointData, place: int, level: str) -> EndpointData:
    """The participants alone whose arm has this level of the other factor at `place`."""

    def here(people: tuple[Subject, ...]) -> tuple[Subject, ...]:
        return tuple(each for each in people if each.others[place] == level)

    arms = {key: replace(arm, subjects=here(arm.subjects)) for key, arm in data.arms.items()}
    return EndpointData(arms, here(data.everybody))


def inside_table(
    other: TreatmentFactor,
    place: int,
    plan: AnalysisPlan,
    arms: tuple[ArmData, ...],
    within: Callable[[int, str], Callable[[str], Estimate]],
) -> InsideTable:
    """The table by another factor, which is at `place` of every participant's `others`.

    arms: the reference's data first, then those compared. within: the plan's own estimate of a
    level of the factor among who has one level of the other.
    """
    levels = [level.key for level in other.levels]
    cells = {
        (arm.arm, level): tuple(
            s.value for s in arm.subjects if s.value is not None and s.others[place] == level
        )
        for arm in arms
        for level in levels
    }
    estimates = {level: within(place, level) for level in levels}
    effects = []
    for arm in arms[1:]:
        first = _effect(arm.arm, levels[0], estimates[levels[0]])
        effects.append(first)
        for level in levels[1:]:
            found = _effect(arm.arm, level, estimates[level])
            effects.append(_with_interaction(found, first, plan, arms, place))
    return InsideTable(other, cells, tuple(effects))


def _effect(arm: str, level: str, estimate: Callable[[str], Estimate]) -> Within:
    try:
        return Within(arm, level, estimate(arm))
    except AnalysisError as refused:
        return Within(arm, level, refused=refused)


def _with_interaction(
    found: Within, first: Within, plan: AnalysisPlan, arms: tuple[ArmData, ...], place: int
) -> Within:
    try:
        interaction = _interaction(found, first, plan, arms, place)
    except AnalysisError as refused:
        return replace(found, refused=found.refused or refused)
    return replace(found, interaction=interaction)


def _interaction(
    found: Within, first: Within, plan: AnalysisPlan, arms: tuple[ArmData, ...], place: int
) -> Estimate | None:
    """By the plan's own model where it has one: the coefficient of the product of both factors;
    for Welch's t a contrast of four means; otherwise from both effects with their intervals."""
    match plan.method:
        case Method.T_TEST:
            named = {arm.arm: arm for arm in arms}
            cells = [
                [s.value for s in named[key].subjects
                 if s.value is not None and s.others[place] == level]
                for level in (found.level, first.level)
                for key in (found.arm, plan.reference)
            ]  # fmt: skip
            return interaction_of_means(cells, level=plan.level)
        case Method.ANCOVA | Method.DUNNETT | Method.CLUSTER_ROBUST:
            return _by_product(found, first, plan, arms, place)
    if found.effect is None or first.effect is None:
        return None
    return interaction_of_effects(found.effect, first.effect, ratio=plan.measure in RATIOS)


def _by_product(
    found: Within, first: Within, plan: AnalysisPlan, arms: tuple[ArmData, ...], place: int
) -> Estimate:
    """The coefficient of the product of both levels in the model of the margins with all products
    of the two factors."""
    people = [s for arm in arms for s in arm.subjects if s.value is not None]
    compared = np.array([s.arm for s in people])
    beside = np.array([s.others[place] for s in people])
    product = ((compared == found.arm) & (beside == found.level)).astype(float)
    columns = [(compared == arm.arm).astype(float) for arm in arms[1:]]
    columns += adjusting_columns(people, plan)
    columns += [
        ((compared == arm.arm) & (beside == level)).astype(float)
        for arm in arms[1:]
        for level in sorted(set(beside.tolist()) - {first.level})
        if (arm.arm, level) != (found.arm, found.level)
    ]
    outcome, matrix = [given(s.value) for s in people], np.column_stack(columns)
    if plan.method is Method.CLUSTER_ROBUST:
        clusters = [s.site for s in people]
        fitted = cluster_robust(outcome, product, clusters, matrix, level=plan.level)
    else:
        fitted = ancova(outcome, product, matrix, level=plan.level)
    return replace(fitted, measure=DIFFERENCE)
