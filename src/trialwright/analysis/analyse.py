"""One endpoint compared as the protocol's typed analysis says, from a cut and its sealed part."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from numpy.typing import ArrayLike, NDArray

from trialwright.analysis import multiplicity
from trialwright.analysis.best import BestArm, probability_best
from trialwright.analysis.cut import SealedPart
from trialwright.analysis.endpoint_data import (
    ArmData,
    EndpointData,
    endpoint_data,
    list_of,
)
from trialwright.analysis.inside_table import InsideTable, inside_table, restricted
from trialwright.analysis.inversion import z_value
from trialwright.analysis.means import ancova, dunnett
from trialwright.analysis.methods import (
    PAIRED,
    Pair,
    adjusting_columns,
    given,
    log_rank,
)
from trialwright.analysis.rank_tests import permutation
from trialwright.analysis.repeated import mmrm
from trialwright.analysis.rerandomisation import Procedure, redrawn, rerandomisation
from trialwright.analysis.result import AnalysisError, Estimate
from trialwright.analysis.score import score
from trialwright.analysis.unconditional import barnard, boschloo, fisher
from trialwright.analysis.values import Values
from trialwright.messages import Message
from trialwright.protocol.analysis_plan import (
    AnalysisPlan,
    HypothesisTest,
    Method,
    Multiplicity,
)
from trialwright.protocol.model import Endpoint

_ADJUSTED: dict[Multiplicity, Callable[[Sequence[float]], tuple[float, ...]]] = {
    Multiplicity.NONE: tuple,
    Multiplicity.BONFERRONI: multiplicity.bonferroni,
    Multiplicity.HOLM: multiplicity.holm,
    Multiplicity.HOCHBERG: multiplicity.hochberg,
    Multiplicity.FIXED_SEQUENCE: multiplicity.fixed_sequence,
}


@dataclass(frozen=True, slots=True)
class Tipping:
    """Of all ways that the missing responses of both arms may have come out, in how many the
    interval of the difference lies on the same side of 0, or across it, as without them."""

    kept: int
    ways: int


@dataclass(frozen=True, slots=True)
class Comparison:
    """One arm against the reference: the estimate, its p-value, how that was reached where there
    are several ways, and that adjusted for the others; or why there is none."""

    arm: str
    estimate: Estimate | None
    p_value: float | None = None
    adjusted: float | None = None
    tested_by: str = ""
    tipping: Tipping | None = None
    refused: AnalysisError | None = None
    accuracy: Message | None = None


@dataclass(frozen=True, slots=True)
class EndpointAnalysis:
    """An endpoint analysed: the reference and the arms compared with it, comparison by comparison,
    and the probability of each (the reference first) to have the highest response."""

    endpoint: Endpoint
    plan: AnalysisPlan
    arms: tuple[ArmData, ...]
    comparisons: tuple[Comparison, ...]
    best: BestArm | None
    inside: tuple[InsideTable, ...] = ()


def analyse(
    values: Values,
    endpoint: Endpoint,
    sealed: SealedPart,
    *,
    procedure: Procedure | None = None,
    samples: int = 2_000,
) -> EndpointAnalysis:
    """Compare the arms of an endpoint as its `analysis` says.

    values: the cut, with its sealed part. procedure: what made the lists, for a re-randomisation
    test, of which `samples` lists are drawn. A comparison that can't be computed, such as of an arm
    without values, says why and leaves the others.

    Raises AnalysisError where the endpoint has no typed analysis.
    """
    plan = endpoint.analysis
    if plan is None:
        raise AnalysisError(
            f"The endpoint {endpoint.key} has no typed analysis.",
            rule="Only what the protocol plans is compared.",
            fix="Write its `analysis:` in the protocol file.",
        )
    data = endpoint_data(values, endpoint, sealed)
    reference, arms = data.arms[plan.reference], tuple(data.arms[key] for key in plan.arms)
    job = _Job(
        values, plan, endpoint.population, endpoint.more_is_better is not False, data, procedure,
        samples,
    )  # fmt: skip

    found = tuple(job.compare(arm) for arm in arms)
    # A comparison that can't be made stays in the family, as one that is never rejected.
    p_values = [1.0 if c.p_value is None else c.p_value for c in found]
    adjusted = _ADJUSTED[plan.multiplicity](p_values)
    best = None
    everyone = (reference, *arms)
    if plan.best and all(arm.known for arm in everyone):
        counts = [int(sum(arm.known)) for arm in everyone]
        best = probability_best(
            counts, [len(arm.known) for arm in everyone], population=endpoint.population
        )
    return EndpointAnalysis(
        endpoint, plan, everyone,
        tuple(
            replace(c, adjusted=None if c.p_value is None else p)
            for c, p in zip(found, adjusted, strict=True)
        ), best, _inside(job, everyone),
    )  # fmt: skip


def _inside(job: _Job, everyone: tuple[ArmData, ...]) -> tuple[InsideTable, ...]:
    """Of an analysis at the margins of a factor, the table inside for each other factor."""

    def within(place: int, level: str) -> Callable[[str], Estimate]:
        data = restricted(job.data, place, level)
        cell = replace(job, data=data)
        return lambda key: cell.estimate(data.arms[key])

    factors = job.values.protocol.other_factors(job.plan.factor)
    return tuple(
        inside_table(factor, place, job.plan, everyone, within)
        for place, factor in enumerate(factors)
    )


@dataclass(frozen=True)
class _Job:
    """What every comparison of an endpoint reads."""

    values: Values
    plan: AnalysisPlan
    population: str
    more_is_better: bool
    data: EndpointData
    procedure: Procedure | None
    samples: int

    def compare(self, arm: ArmData) -> Comparison:
        try:
            estimate = self.estimate(arm)
            test = self.test(arm) if self.plan.test is not None else estimate
            tipping = self.tipping(arm) if self.plan.tipping_point else None
        except AnalysisError as refused:
            return Comparison(arm.arm, None, refused=refused)
        return Comparison(
            arm.arm, estimate, test.p_value, None, test.method, tipping, accuracy=test.accuracy
        )

    @property
    def reference(self) -> ArmData:
        return self.data.arms[self.plan.reference]

    def estimate(self, arm: ArmData) -> Estimate:
        """The measure with its interval, by the plan's method."""
        match self.plan.method:
            case Method.DUNNETT:
                found = self.with_one_control[self.plan.arms.index(arm.arm)]
            case Method.ANCOVA:
                found = self.adjusted_for_covariates(arm)
            case Method.MIXED_MODEL:
                found = self.by_mixed_model(arm)
            case method:
                found = PAIRED[method](self.pair(arm), self.plan)
        sides = arm, self.reference
        analysed = sum(side.analysed(self.plan) for side in sides)
        everybody = sum(len(side.subjects) for side in sides)
        return replace(found, participants=analysed, missing=everybody - analysed)

    def pair(self, arm: ArmData) -> Pair:
        return Pair(arm, self.reference, self.population, self.more_is_better)

    def test(self, arm: ArmData) -> Estimate:
        """The test that the plan names beside its estimate."""
        tests = {
            HypothesisTest.FISHER: fisher,
            HypothesisTest.BOSCHLOO: boschloo,
            HypothesisTest.BARNARD: barnard,
        }
        if self.plan.test in tests:
            return tests[self.plan.test](*self.pair(arm).counts())
        if self.plan.test is HypothesisTest.LOGRANK:
            return log_rank(self.pair(arm), self.plan)
        if self.plan.test is HypothesisTest.PERMUTATION:
            return permutation(np.array(arm.known), np.array(self.reference.known))
        keys = [each.key for each in self.values.protocol.arms]
        everybody = self.data.everybody
        return rerandomisation(
            [given(s.value) for s in everybody],
            [keys.index(s.arm) + 1 for s in everybody],
            self.redrawn,
            arm=keys.index(arm.arm) + 1,
            reference=keys.index(self.plan.reference) + 1,
        )

    @cached_property
    def with_one_control(self) -> tuple[Estimate, ...]:
        """Dunnett's comparisons of all arms, made together."""
        groups = [np.array(self.data.arms[key].known) for key in self.plan.arms]
        control = np.array(self.reference.known)
        return dunnett(groups, control, level=self.plan.level, population=self.population)

    @cached_property
    def redrawn(self) -> NDArray[np.int64]:
        """New lists for everybody of the population, drawn once for all comparisons."""
        if self.procedure is None:
            raise AnalysisError(
                "The allocation's procedure isn't given.",
                rule="A re-randomisation test draws lists from it.",
                fix="Give `procedure`.",
            )
        lists = [list_of(self.values, s) for s in self.data.everybody]
        return redrawn(lists, self.procedure, samples=self.samples)

    def adjusted_for_covariates(self, arm: ArmData) -> Estimate:
        """ANCOVA of all arms of the plan, so that they share one slope and one variance."""
        self.pair(arm).require_values()
        plan = self.plan
        sides = [key for key in (plan.reference, *plan.arms) if self.data.arms[key].known]
        everybody = [s for key in sides for s in self.data.arms[key].subjects]
        everybody = [s for s in everybody if s.value is not None]
        arms = np.array([s.arm for s in everybody])
        others = (key for key in sides if key not in (plan.reference, arm.arm))
        columns = [(arms == key).astype(float) for key in others]
        columns += adjusting_columns(everybody, plan)
        return ancova(
            [given(s.value) for s in everybody], (arms == arm.arm).astype(float),
            np.column_stack([np.empty((len(everybody), 0)), *columns]), level=plan.level,
            population=self.population,
        )  # fmt: skip

    def by_mixed_model(self, arm: ArmData) -> Estimate:
        """A mixed model of all arms of the plan, so that they share the covariance of the visits;
        the earlier outcomes stand before that of the endpoint."""
        plan = self.plan
        others = [key for key in plan.arms if key != arm.arm]
        order = {plan.reference: 0.0, arm.arm: 1.0} | {k: i + 2.0 for i, k in enumerate(others)}
        everybody = [s for key in order for s in self.data.arms[key].subjects]
        rows = [[*(given(v) for v in s.outcomes), given(s.value)] for s in everybody]
        if not everybody:
            self.pair(arm).require_values()
        columns = adjusting_columns(everybody, plan)
        return mmrm(
            rows, [order[s.arm] for s in everybody],
            np.column_stack(columns) if columns else None,
            level=plan.level, population=self.population,
        )  # fmt: skip

    def tipping(self, arm: ArmData) -> Tipping:
        """On which side of no difference the score interval lies, under every outcome of the
        missing responses: it keeps 0 within as long as the statistic at 0 is within its limits."""
        x1, n1, x2, n2 = self.pair(arm).counts()
        more1, more2 = arm.without_value, self.reference.without_value
        limit = z_value(1 - self.plan.level)

        def sides(a: ArrayLike, n: int, b: ArrayLike, m: int) -> NDArray[np.int64]:
            z = score("difference", a, n, b, m, 0.0)
            return (z > limit).astype(np.int64) - (z < -limit)

        ways = sides(
            x1 + np.arange(more1 + 1)[:, None], n1 + more1,
            x2 + np.arange(more2 + 1)[None, :], n2 + more2,
        )  # fmt: skip
        return Tipping(int((ways == sides(x1, n1, x2, n2)).sum()), ways.size)
