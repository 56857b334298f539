"""The methods that compare one arm with the reference by themselves, each from a plan's typed
choices to the function that computes it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from trialwright.analysis.clusters import cluster_robust
from trialwright.analysis.counts import negative_binomial, rate_ratio
from trialwright.analysis.endpoint_data import ArmData, Subject, known_stratum
from trialwright.analysis.means import crossover, t_test
from trialwright.analysis.proportions import two_proportions
from trialwright.analysis.rank_tests import wilcoxon
from trialwright.analysis.result import AnalysisError, Estimate
from trialwright.analysis.stratified import exact_conditional, mantel_haenszel, stratified_score
from trialwright.analysis.survival import logrank
from trialwright.analysis.survival_comparison import (
    hazard_ratio,
    restricted_mean,
    survival_difference,
)
from trialwright.analysis.win_odds import win_odds
from trialwright.messages import Message
from trialwright.protocol.analysis_plan import AnalysisPlan, Measure, Method

Floats = NDArray[np.float64]
_MEASURES = {
    Measure.DIFFERENCE: "difference",
    Measure.RATIO: "ratio",
    Measure.ODDS_RATIO: "odds-ratio",
    Measure.MEAN_DIFFERENCE: "mean-difference",
}


@dataclass(frozen=True, slots=True)
class Pair:
    """An arm and the reference it is compared with, and whom the comparison is about."""

    arm: ArmData
    reference: ArmData
    population: str
    more_is_better: bool

    def require_values(self) -> None:
        """Refuse a comparison in which one side has nothing to compare."""
        if not self.arm.known or not self.reference.known:
            raise AnalysisError(
                Message("An arm has no value yet."),
                rule=Message("A comparison needs values in both arms."),
                fix=Message("Wait for them; until then the arms are described."),
            )

    def counts(self) -> tuple[int, int, int, int]:
        """Responses and participants of the arm, then of the reference."""
        self.require_values()
        one, other = self.arm.known, self.reference.known
        return int(sum(one)), len(one), int(sum(other)), len(other)

    def tables(self, plan: AnalysisPlan) -> list[tuple[int, int, int, int]]:
        """Counts within each block of participants that are compared with each other."""
        groups = [[s for s in d.subjects if s.value is not None] for d in self._sides]
        strata = sorted({block_of(s, plan) for group in groups for s in group})
        found = []
        for stratum in strata:
            row: list[int] = []
            for group in groups:
                inside = [s.value or 0.0 for s in group if block_of(s, plan) == stratum]
                row += [int(sum(inside)), len(inside)]
            found.append((row[0], row[1], row[2], row[3]))
        return found

    @property
    def _sides(self) -> tuple[ArmData, ArmData]:
        return self.arm, self.reference

    def rows(self) -> tuple[list[Subject], Floats]:
        """Participants of both sides who have a value, and 1 for the arm, 0 for the reference."""
        self.require_values()
        people = [s for d in self._sides for s in d.subjects if s.value is not None]
        return people, np.array([float(s.arm == self.arm.arm) for s in people])


def block_of(subject: Subject, plan: AnalysisPlan) -> str:
    """Within what a participant is compared: the stratum, if planned, and the levels of the factors
    beside the one compared."""
    return "/".join((*((known_stratum(subject),) if plan.stratified else ()), *subject.others))


def adjusting_columns(people: Sequence[Subject], plan: AnalysisPlan) -> list[Floats]:
    """A column for each covariate, for each stratum but the first, and for each level but the first
    of the factors beside the one compared."""
    columns = [
        np.array([given(s.covariates[i]) for s in people]) for i in range(len(plan.covariates))
    ]
    if plan.stratified:
        strata = np.array([known_stratum(s) for s in people])
        columns += _indicators(strata)
    for levels in zip(*(s.others for s in people), strict=True):
        columns += _indicators(np.array(levels))
    return columns


def _indicators(names: NDArray[np.str_]) -> list[Floats]:
    return [(names == one).astype(float) for one in sorted(set(names.tolist()))[1:]]


def given(value: float | None) -> float:
    """A value, NaN where there is none."""
    return float("nan") if value is None else value


def log_rank(pair: Pair, plan: AnalysisPlan) -> Estimate:
    """The log-rank test beside an estimate, within strata where the plan has them."""
    time, event, group, strata = _times(pair, plan)
    return logrank(time, event, group, strata=strata)


def _times(
    pair: Pair, plan: AnalysisPlan
) -> tuple[Floats, Floats, Floats, NDArray[np.str_] | None]:
    people, group = pair.rows()
    time = np.array([given(s.time) for s in people])
    event = np.array([given(s.value) for s in people])
    blocks = np.array([block_of(s, plan) for s in people])
    return time, event, group, blocks if any(blocks) else None


def _proportions(method: str) -> Callable[[Pair, AnalysisPlan], Estimate]:
    def compared(pair: Pair, plan: AnalysisPlan) -> Estimate:
        return two_proportions(
            *pair.counts(), _MEASURES[plan.measure], method, level=plan.level,
            population=pair.population,
        )  # fmt: skip

    return compared


def _known(pair: Pair) -> tuple[Floats, Floats]:
    return np.array(pair.arm.known), np.array(pair.reference.known)


def _counted(pair: Pair, plan: AnalysisPlan) -> tuple[list[Subject], Floats, Floats, Floats | None]:
    people, group = pair.rows()
    watched = None
    if plan.exposure is not None:
        watched = np.array([given(s.exposure) for s in people])
    return people, np.array([given(s.value) for s in people]), group, watched


def _rates(pair: Pair, plan: AnalysisPlan) -> Estimate:
    _, count, group, watched = _counted(pair, plan)
    return rate_ratio(count, group, watched, level=plan.level, population=pair.population)


def _negative_binomial(pair: Pair, plan: AnalysisPlan) -> Estimate:
    people, count, group, watched = _counted(pair, plan)
    columns = adjusting_columns(people, plan)
    return negative_binomial(
        count, group, watched, np.column_stack(columns) if columns else None, level=plan.level,
        population=pair.population,
    )  # fmt: skip


def _clustered(pair: Pair, plan: AnalysisPlan) -> Estimate:
    people, group = pair.rows()
    columns = adjusting_columns(people, plan)
    return cluster_robust(
        [given(s.value) for s in people], group, [s.site for s in people],
        np.column_stack(columns) if columns else None, measure=_MEASURES[plan.measure],
        level=plan.level, population=pair.population,
    )  # fmt: skip


def _cox(pair: Pair, plan: AnalysisPlan) -> Estimate:
    time, event, group, strata = _times(pair, plan)
    return hazard_ratio(
        time, event, group, strata=strata, level=plan.level, population=pair.population
    )


def _by_curves(pair: Pair, plan: AnalysisPlan) -> Estimate:
    time, event, group, _ = _times(pair, plan)
    until = plan.event.until if plan.event else None
    mean = plan.measure is Measure.RESTRICTED_MEAN_DIFFERENCE
    compared = restricted_mean if mean else survival_difference
    return compared(
        time, event, group, until=until or 0.0, level=plan.level, population=pair.population
    )


PAIRED: dict[Method, Callable[[Pair, AnalysisPlan], Estimate]] = {
    Method.MIETTINEN_NURMINEN: _proportions("miettinen-nurminen"),
    Method.NEWCOMBE: _proportions("newcombe"),
    Method.EXACT: _proportions("exact"),
    Method.STRATIFIED_MIETTINEN_NURMINEN: lambda pair, plan: stratified_score(
        pair.tables(plan), _MEASURES[plan.measure], level=plan.level, population=pair.population
    ),
    Method.MANTEL_HAENSZEL: lambda pair, plan: mantel_haenszel(
        pair.tables(plan), _MEASURES[plan.measure], level=plan.level, population=pair.population
    ),
    Method.EXACT_CONDITIONAL: lambda pair, plan: exact_conditional(
        pair.tables(plan), level=plan.level, population=pair.population
    ),
    Method.T_TEST: lambda pair, plan: t_test(
        *_known(pair), level=plan.level, population=pair.population
    ),
    Method.WILCOXON: lambda pair, plan: wilcoxon(
        *_known(pair), level=plan.level, population=pair.population
    ),
    Method.CROSSOVER: lambda pair, plan: crossover(
        *_known(pair), level=plan.level, population=pair.population
    ),
    Method.PLACEMENTS: lambda pair, plan: win_odds(
        *_known(pair), more_is_better=pair.more_is_better, level=plan.level,
        population=pair.population,
    ),
    Method.POISSON: _rates,
    Method.NEGATIVE_BINOMIAL: _negative_binomial,
    Method.CLUSTER_ROBUST: _clustered,
    Method.COX: _cox,
    Method.KAPLAN_MEIER: _by_curves,
}  # fmt: skip
