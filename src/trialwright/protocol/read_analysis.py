"""Reading an endpoint's `analysis:`, and refusing what can't be computed."""

from collections import Counter
from collections.abc import Iterator
from decimal import Decimal

from trialwright.protocol.allocations import Allocation
from trialwright.protocol.analysis_plan import (
    ADJUSTING,
    AT_HORIZON,
    METHODS,
    NEED_STRATA,
    STRATIFIED,
    TESTS,
    TO_EVENT,
    WITHOUT_P,
    AnalysisPlan,
    Clusters,
    CountedFrom,
    EventTime,
    HypothesisTest,
    Measure,
    MedianRule,
    Method,
    MissingRule,
    Multiplicity,
    sort_of,
)
from trialwright.protocol.expression import Expression, ExpressionError, parse
from trialwright.protocol.factorial import TreatmentFactor
from trialwright.protocol.fields import Fields
from trialwright.protocol.model import Arm, Endpoint
from trialwright.protocol.nodes import Scalar
from trialwright.protocol.problems import Problem
from trialwright.protocol.shapes import ANALYSIS
from trialwright.protocol.terms import Sort
from trialwright.protocol.typecheck import suggestion
from trialwright.protocol.visits import Visit

_LEVEL = Decimal("0.95")


def read_analysis(
    fields: Fields, arms: tuple[Arm, ...], factors: tuple[TreatmentFactor, ...]
) -> AnalysisPlan | None:
    """The analysis of an endpoint, its covariates not yet typed; None where there is none."""
    node = fields.block.get("analysis")
    if isinstance(node, Scalar):
        fields.reading.problem(
            node.line,
            "`analysis` is free text, which nothing can compute",
            "Keep the words in `summary`, and write `analysis: {measure: …, method: …, reference: "
            "…}`; docs/protocol-file.md lists the choices.",
            "analysis",
        )
        return None
    inner = fields.within("analysis", ANALYSIS)
    if inner is None:
        return None
    measure, method = inner.choice("measure", Measure), inner.choice("method", Method)
    factor = _factor(inner, factors)
    keys = [level.key for level in factor.levels] if factor else [arm.key for arm in arms]
    what = f"a level of the factor `{factor.key}`" if factor else "an arm"
    reference = inner.words("reference") or ""
    compared = tuple(name.text for name in inner.names("arms"))
    for word in (*((reference,) if reference else ()), *compared):
        if word not in keys:
            line = inner.line_of("arms" if word in compared else "reference")
            message = f"`{word}` is not {what}"
            inner.reading.problem(line, message, suggestion(word, keys), "unknown-arm")
    if measure is None or method is None:
        return None
    return AnalysisPlan(
        measure=measure,
        method=method,
        reference=reference,
        arms=compared or tuple(key for key in keys if key != reference),
        test=inner.choice("test", HypothesisTest),
        stratified=inner.truth("stratified"),
        covariates=tuple(_expressions(inner, "covariates")),
        missing=inner.choice("missing", MissingRule) or MissingRule.EXCLUDED,
        multiplicity=inner.choice("multiplicity", Multiplicity) or Multiplicity.NONE,
        level=float(_level(inner)),
        best=inner.truth("best"),
        tipping_point=inner.truth("tipping_point"),
        line=inner.line,
        event=_event(inner),
        exposure=inner.expression("exposure"),
        outcomes=tuple(_expressions(inner, "outcomes")),
        clusters=inner.choice("clusters", Clusters),
        factor=factor.key if factor else "",
    )


def _factor(fields: Fields, factors: tuple[TreatmentFactor, ...]) -> TreatmentFactor | None:
    """The factor whose levels are compared; None where arms are."""
    word = fields.words("factor") if fields.has("factor") else None
    factor = next((each for each in factors if each.key == word), None)
    if word and factor is None:
        message, known = f"`{word}` is not a factor of the arms", [each.key for each in factors]
        way_out = suggestion(word, known)
        fields.reading.problem(fields.line_of("factor"), message, way_out, "factors")
    return factor


def _expressions(fields: Fields, key: str) -> Iterator[Expression]:
    for name in fields.names(key):
        try:
            yield parse(name.text, name.line)
        except ExpressionError as error:
            message = f"{error.message}, at column {error.column} of `{key}`"
            fields.reading.problem(name.line, message, error.way_out, "expression")


def _event(fields: Fields) -> EventTime | None:
    on, until = fields.expression("event_on"), fields.number("until_days")
    if until is not None and until <= 0:
        message, way_out = f"`until_days` is {until}", "Write a number of days above 0."
        fields.reading.problem(fields.line_of("until_days"), message, way_out, "analysis")
    counted = fields.choice("counted_from", CountedFrom) or CountedFrom.RANDOMISATION
    median = fields.choice("median", MedianRule) or MedianRule.FIRST
    if on is None:
        for key in ("until_days", "counted_from", "median"):
            if fields.has(key) and not fields.has("event_on"):
                message = f"`{key}` is of a time, and nothing says when the event happened"
                way_out = f"Write `event_on`, or take `{key}` away."
                fields.reading.problem(fields.line_of(key), message, way_out, "analysis")
        return None
    return EventTime(on, counted, None if until is None else float(until), median)


def _level(fields: Fields) -> Decimal:
    level = fields.number("level")
    if level is None:
        return _LEVEL
    if not Decimal("0.5") <= level < 1:
        message = f"The confidence level is {level}"
        way_out = "Write a number from 0.5 to below 1, such as 0.95."
        fields.reading.problem(fields.line_of("level"), message, way_out, "analysis")
        return _LEVEL
    return level


def analysis_problems(
    endpoints: tuple[Endpoint, ...],
    allocation: Allocation | None,
    visits: tuple[Visit, ...],
    arms: tuple[Arm, ...],
) -> Iterator[Problem]:
    """What in the analyses can't be computed, once every expression has its type."""
    screening = {visit.key for visit in visits if visit.screening}
    for endpoint in endpoints:
        plan = endpoint.analysis
        if plan is None:
            continue
        who, beside = f"The analysis of `{endpoint.key}`", _beside(plan, arms)
        for message, way_out in (
            *_misfits(plan, endpoint),
            *_strata(plan, allocation, beside=beside),
            *_pooled(plan, allocation, arms),
            *_event_problems(plan),
            *_own_keys(plan),
            *_covariate_problems(plan, screening, beside=beside),
        ):
            yield Problem(plan.line, f"{who} {message}", way_out, "analysis")


def _misfits(plan: AnalysisPlan, endpoint: Endpoint) -> Iterator[tuple[str, str]]:
    wanted, kind = sort_of(plan.measure), endpoint.variable.kind
    if kind is not None and kind.sort is not wanted:
        yield (
            f"compares {wanted} by `{plan.measure}`, and its variable is {kind.sort}",
            "Choose a measure of its kind, or another variable.",
        )
    if endpoint.variable.may_be_censored:
        yield (
            f"compares times that may be censored by `{plan.measure}`",
            "Say in the variable whether the event happened, and in `event_on` when.",
        )
    if plan.measure not in METHODS[plan.method]:
        fitting = [method for method, measures in METHODS.items() if plan.measure in measures]
        yield (
            f"can't estimate `{plan.measure}` by `{plan.method}`",
            f"Choose one of {', '.join(fitting)}.",
        )
    if plan.reference in plan.arms:
        yield "compares its reference with itself", "Take the reference out of `arms`."
    if plan.test in TESTS and (TESTS[plan.test] is not wanted or plan.measure in TO_EVENT):
        yield f"can't test {wanted} by `{plan.test}`", "Choose a test of its kind, or none."
    if (
        plan.multiplicity is not Multiplicity.NONE
        and plan.test is None
        and plan.method in WITHOUT_P
    ):
        yield (
            f"adjusts p-values, and `{plan.method}` gives none",
            "Add a `test`, such as boschloo, or take `multiplicity` away.",
        )
    if plan.multiplicity is not Multiplicity.NONE and plan.method is Method.DUNNETT:
        yield (
            "adjusts Dunnett's p-values, which are adjusted already",
            "Take `multiplicity` away.",
        )
    for said, name in (
        (plan.missing is MissingRule.FAILURE, "missing: failure"),
        (plan.best, "best"),
        (plan.tipping_point, "tipping_point"),
    ):
        if said and wanted is not Sort.YES_NO:
            yield f"has `{name}`, which needs a yes/no variable", f"Take `{name}` away."


def _event_problems(plan: AnalysisPlan) -> Iterator[tuple[str, str]]:
    """What is wrong about the time to an event."""
    timed = plan.measure in TO_EVENT
    if timed and plan.event is None:
        yield (
            f"compares times by `{plan.measure}`, and nothing says when the event happened",
            "Write `event_on`, an expression that gives its date.",
        )
    if plan.event is not None and not timed:
        able = ", ".join(TO_EVENT)
        yield f"has `event_on`, which `{plan.measure}` can't use", f"Choose one of {able}."
    horizon = plan.event.until if plan.event else None
    if plan.measure in AT_HORIZON and plan.event is not None and horizon is None:
        yield f"gives `{plan.measure}` no horizon", "Write `until_days`."
    if plan.test is HypothesisTest.LOGRANK and not timed:
        yield "tests times by `logrank`, and its measure is of none", "Choose another test."
    if timed and plan.test is not None and plan.test is not HypothesisTest.LOGRANK:
        yield f"can't test times by `{plan.test}`", "Choose `test: logrank`, or none."
    for said, name in ((plan.best, "best"), (plan.tipping_point, "tipping_point")):
        if timed and said:
            yield f"has `{name}`, which times have not", f"Take `{name}` away."
    if timed and plan.missing is MissingRule.FAILURE:
        yield "has `missing: failure`, and times are censored", "Take `missing` away."


def _own_keys(plan: AnalysisPlan) -> Iterator[tuple[str, str]]:
    """Keys that belong to one method, where another is chosen, or that it lacks."""
    counts = plan.method in (Method.POISSON, Method.NEGATIVE_BINOMIAL)
    if plan.exposure is not None and not counts:
        yield f"has `exposure`, which `{plan.method}` can't use", "Take `exposure` away."
    if plan.outcomes and plan.method is not Method.MIXED_MODEL:
        yield f"has `outcomes`, which `{plan.method}` can't use", "Choose `method: mixed_model`."
    if plan.method is Method.MIXED_MODEL and not plan.outcomes:
        yield (
            "is a mixed model of one visit",
            "Write the values of earlier visits in `outcomes`, or choose ancova.",
        )
    if plan.clusters is not None and plan.method is not Method.CLUSTER_ROBUST:
        yield f"has `clusters`, which `{plan.method}` can't use", "Choose `cluster_robust`."
    if plan.method is Method.CLUSTER_ROBUST and plan.clusters is None:
        yield "names no clusters", "Write `clusters: site`."
    if plan.factor and plan.test is HypothesisTest.RERANDOMISATION:
        yield "draws lists of arms anew, and compares levels of a factor", "Choose another test."
    if plan.factor and plan.method is Method.CROSSOVER:
        yield "compares sequences, and names a factor", "Take `factor` away."
    if plan.method is Method.CROSSOVER and len(plan.arms) != 1:
        yield (
            f"compares two sequences of treatments, and names {len(plan.arms)} beside its "
            "reference",
            "Name the other sequence alone in `arms`.",
        )


def _beside(plan: AnalysisPlan, arms: tuple[Arm, ...]) -> bool:
    """Whether the arms have factors beside the one whose levels are compared."""
    return bool(plan.factor) and any(len(arm.levels) > 1 for arm in arms)


def _pooled(
    plan: AnalysisPlan, allocation: Allocation | None, arms: tuple[Arm, ...]
) -> Iterator[tuple[str, str]]:
    """Arms pooled by one factor where its levels come with unlike levels of the others: the effects
    of both would be one. Methods with strata compare within the levels of the others."""
    if not _beside(plan, arms) or plan.method in STRATIFIED or allocation is None:
        return
    ratio = dict(zip(allocation.arms, allocation.ratio, strict=False))
    levels: Counter[str] = Counter()
    others: Counter[tuple[str, ...]] = Counter()
    cells: Counter[tuple[str, tuple[str, ...]]] = Counter()
    for arm in arms:
        weight = ratio.get(arm.number, 0)
        level = arm.levels.get(plan.factor, "")
        rest = tuple(arm.levels[key] for key in sorted(arm.levels) if key != plan.factor)
        levels[level] += weight
        others[rest] += weight
        cells[level, rest] += weight
    alike = (
        cells[level, rest] * sum(levels.values()) == levels[level] * others[rest]
        for level in levels
        for rest in others
    )
    if not ratio or not all(alike):
        able = ", ".join(STRATIFIED)
        yield (
            f"pools arms by `{plan.factor}`, whose levels don't come with the other factors alike",
            f"Choose a method that compares within their levels: one of {able}.",
        )


def _strata(
    plan: AnalysisPlan, allocation: Allocation | None, *, beside: bool
) -> Iterator[tuple[str, str]]:
    factors = allocation.factors if allocation else ()
    if plan.stratified and not factors:
        yield "is stratified, and the allocation has no strata", "Take `stratified` away."
    if plan.stratified and plan.method not in STRATIFIED:
        able = ", ".join(STRATIFIED)
        yield f"can't stratify `{plan.method}`", f"Choose one of {able}, or take `stratified` away."
    if not (plan.stratified or beside) and plan.method in NEED_STRATA:
        yield f"takes `{plan.method}` without strata", "Write `stratified: yes`."
    if plan.test is HypothesisTest.RERANDOMISATION:
        if allocation is None:
            yield "draws lists anew, and there is no allocation", "Choose another test."
        elif not allocation.kind.has_blocks:
            yield "draws lists anew, and the allocation draws none", "Choose another test."


def _covariate_problems(
    plan: AnalysisPlan, screening: set[str], *, beside: bool
) -> Iterator[tuple[str, str]]:
    if plan.covariates and plan.method not in ADJUSTING:
        able = ", ".join(ADJUSTING)
        yield f"has covariates, which `{plan.method}` can't use", f"Choose one of {able}."
    if plan.method is Method.ANCOVA and not (plan.covariates or plan.stratified or beside):
        yield "is an ANCOVA without covariates or strata", "Add `covariates`, or choose t_test."
    for covariate in plan.covariates:
        for name in covariate.references if covariate.kind else ():
            if name.count(".") == 2 and name.split(".")[0] not in screening:
                yield (
                    f"adjusts for `{name}`, which the treatment may have changed",
                    "Use items of screening visits.",
                )
