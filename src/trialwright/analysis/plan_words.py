"""A typed analysis as a sentence, the same on the protocol's page, in its plan and in reports."""

from __future__ import annotations

from trialwright.messages import Message, Translatable, sentences
from trialwright.messages.message import several
from trialwright.protocol.analysis_plan import (
    STRATIFIED,
    AnalysisPlan,
    CountedFrom,
    HypothesisTest,
    Measure,
    MedianRule,
    Method,
    MissingRule,
    Multiplicity,
)
from trialwright.protocol.expression import Expression
from trialwright.protocol.model import Endpoint, Protocol

MEASURES = {
    Measure.DIFFERENCE: Message("Difference of proportions"),
    Measure.RATIO: Message("Ratio of proportions"),
    Measure.ODDS_RATIO: Message("Odds ratio"),
    Measure.MEAN_DIFFERENCE: Message("Difference of means"),
    Measure.LOCATION_SHIFT: Message("Location shift (Hodges-Lehmann)"),
    Measure.PERIOD_DIFFERENCE: Message("Difference within participants"),
    Measure.WIN_ODDS: Message("Win odds"),
    Measure.RATE_RATIO: Message("Ratio of rates"),
    Measure.HAZARD_RATIO: Message("Hazard ratio"),
    Measure.SURVIVAL_DIFFERENCE: Message("Difference of shares without event"),
    Measure.RESTRICTED_MEAN_DIFFERENCE: Message("Difference of restricted means"),
}
METHODS = {
    Method.MIETTINEN_NURMINEN: Message("Miettinen-Nurminen score interval"),
    Method.NEWCOMBE: Message("Newcombe's interval"),
    Method.EXACT: Message("exact unconditional interval (Chan-Zhang)"),
    Method.STRATIFIED_MIETTINEN_NURMINEN: Message("stratified Miettinen-Nurminen score interval"),
    Method.MANTEL_HAENSZEL: Message("Mantel-Haenszel estimate"),
    Method.EXACT_CONDITIONAL: Message("exact conditional estimate"),
    Method.T_TEST: Message("Welch's t test"),
    Method.ANCOVA: Message("analysis of covariance"),
    Method.DUNNETT: Message("Dunnett's comparison with one control"),
    Method.WILCOXON: Message("Wilcoxon rank-sum test"),
    Method.MIXED_MODEL: Message("mixed model for repeated measures (Kenward-Roger)"),
    Method.CLUSTER_ROBUST: Message("least squares with a variance over clusters"),
    Method.CROSSOVER: Message("t test of the differences within participants between sequences"),
    Method.PLACEMENTS: Message("comparison of all pairs (DeLong's variance)"),
    Method.POISSON: Message("exact Poisson comparison"),
    Method.NEGATIVE_BINOMIAL: Message("negative binomial model"),
    Method.COX: Message("Cox's proportional hazards model"),
    Method.KAPLAN_MEIER: Message("Kaplan-Meier curves"),
}
TESTS = {
    HypothesisTest.FISHER: Message("Fisher's exact test"),
    HypothesisTest.BOSCHLOO: Message("Boschloo's exact test"),
    HypothesisTest.BARNARD: Message("Barnard's exact test"),
    HypothesisTest.PERMUTATION: Message("permutation test"),
    HypothesisTest.RERANDOMISATION: Message("re-randomisation test over the allocation procedure"),
    HypothesisTest.LOGRANK: Message("log-rank test"),
}
COUNTED_FROM = {
    CountedFrom.RANDOMISATION: Message("randomisation"),
    CountedFrom.TREATMENT: Message("treatment"),
}
PROCEDURES = {
    Multiplicity.BONFERRONI: Message("Bonferroni's method"),
    Multiplicity.HOLM: Message("Holm's procedure"),
    Multiplicity.HOCHBERG: Message("Hochberg's procedure"),
    Multiplicity.FIXED_SEQUENCE: Message("testing in the order of the arms"),
}


def plan_sentence(protocol: Protocol, endpoint: Endpoint) -> Message:
    """How an endpoint is analysed, in words; that it isn't compared, where there is no plan."""
    plan = endpoint.analysis
    if plan is None:
        return Message("Described in each arm; no comparison is planned.")
    parts = [
        Message(
            "{measure} against {reference}: {method}, {level:.3g}% interval.",
            measure=MEASURES[plan.measure],
            reference=_reference(protocol, plan),
            method=METHODS[plan.method],
            level=100 * plan.level,
        )
    ]
    if plan.factor:
        parts += _margins(protocol, plan)
    if plan.test is not None:
        parts.append(Message("P-values: {test}.", test=TESTS[plan.test]))
    if plan.stratified and protocol.allocation:
        factors = several(factor.label for factor in protocol.allocation.factors)
        parts.append(Message("Stratified by {factors}.", factors=factors))
    if plan.covariates:
        names = several(_covariate(protocol, each) for each in plan.covariates)
        parts.append(Message("Adjusted for {covariates}.", covariates=names))
    return sentences(parts[0], *parts[1:], *_data(protocol, plan), *_rules(plan))


def _margins(protocol: Protocol, plan: AnalysisPlan) -> list[Message]:
    """What is estimated at the margin of a factor, and what is told beside it."""
    factor, beside = protocol.factor(plan.factor).label, protocol.other_factors(plan.factor)
    pooled = Message("Arms are pooled by {factor}, as if factors did not interact.", factor=factor)
    if not beside:
        return [pooled]
    others = several(each.label for each in beside)
    within = plan.method in STRATIFIED
    return [
        pooled,
        Message(
            "The effect at the margin is that within the levels of {others}, taken together.",
            others=others,
        )
        if within
        else Message(
            "The effect at the margin is averaged over the levels of {others} as allocated.",
            others=others,
        ),
        Message(
            "The interaction with {others} is estimated and tested beside it, and chooses no "
            "analysis.",
            others=others,
        ),
    ]


def _reference(protocol: Protocol, plan: AnalysisPlan) -> Translatable:
    if plan.factor:
        return protocol.factor(plan.factor).level(plan.reference).label
    numbers = {arm.key: arm.number for arm in protocol.arms}
    return Message("arm {number}", number=numbers.get(plan.reference, "?"))


def _data(protocol: Protocol, plan: AnalysisPlan) -> list[Message]:
    """What a method reads beside the variable."""
    parts = []
    if plan.event is not None:
        began = COUNTED_FROM[plan.event.counted_from]
        parts.append(Message("Time is counted in days from {began}.", began=began))
        if plan.event.until is not None:
            parts.append(Message("The horizon is day {day:g}.", day=plan.event.until))
        if plan.event.median is MedianRule.MIDPOINT:
            parts.append(
                Message("A curve that rests at one half has its median in the middle of the rest.")
            )
    if plan.exposure is not None:
        watched = _covariate(protocol, plan.exposure)
        parts.append(Message("Time watched: {exposure}.", exposure=watched))
    if plan.outcomes:
        earlier = several(_covariate(protocol, each) for each in plan.outcomes)
        parts.append(Message("Together with the earlier values: {values}.", values=earlier))
    if plan.clusters is not None:
        parts.append(Message("Participants of one site may be alike."))
    return parts


def _rules(plan: AnalysisPlan) -> list[Message]:
    parts = []
    if plan.multiplicity in PROCEDURES:
        procedure = PROCEDURES[plan.multiplicity]
        parts.append(Message("P-values of the arms adjusted: {procedure}.", procedure=procedure))
    if plan.event is not None:
        parts.append(
            Message("Who has no event is censored at the last visit done that asks for it.")
        )
    elif plan.method is Method.MIXED_MODEL:
        parts.append(Message("Missing values are taken as missing at random."))
    elif plan.missing is MissingRule.FAILURE:
        parts.append(Message("A value that is due and missing counts as a failure."))
    else:
        parts.append(Message("Missing values are left out."))
    if plan.best:
        parts.append(Message("Probability of each arm to have the highest response."))
    if plan.tipping_point:
        parts.append(Message("Sensitivity to every outcome of the missing responses."))
    return parts


def _covariate(protocol: Protocol, expression: Expression) -> object:
    """The label of the item that an expression is, or its text."""
    place = expression.text.strip().split(".")
    item = protocol.item(place[1], place[2]) if len(place) == 3 else None
    return item.label if item is not None else expression.text
