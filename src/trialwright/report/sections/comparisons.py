"""An endpoint's comparisons by arm: estimates, intervals, p-values, who was analysed, a forest."""

from collections.abc import Iterator
from math import isnan

from trialwright.analysis.analyse import EndpointAnalysis
from trialwright.analysis.flow import total
from trialwright.analysis.plan_words import MEASURES, METHODS, PROCEDURES, TESTS
from trialwright.messages import Message
from trialwright.protocol.analysis_plan import RATIOS, WITHOUT_P
from trialwright.report.context import ReportContext, percent
from trialwright.report.document import Block, Column, Figure, Row, Table
from trialwright.report.estimates import interval_text, p_text
from trialwright.report.figures.forest import Forest, ForestBranch, forest_figure
from trialwright.report.sections.inside_table import inside_blocks


def comparison_blocks(told: ReportContext, found: EndpointAnalysis) -> tuple[Block, ...]:
    """The table of an endpoint's comparisons, and their forest where there are estimates."""
    branches = tuple(
        ForestBranch(
            told.compared(found.plan, c.arm), interval_text(found.plan, c.estimate),
            c.estimate.estimate, c.estimate.lower, c.estimate.upper,
        )
        for c in found.comparisons
        if c.estimate is not None and not isnan(c.estimate.estimate)
    )  # fmt: skip
    blocks: list[Block] = [_table(told, found)]
    if branches:
        axis = _measure(told, found)
        caption = told.words("figure_forest", endpoint=told.text(found.endpoint.label))
        sentence = "; ".join(f"{b.name}: {b.text}" for b in branches)
        forest = Forest(branches, axis, found.plan.measure in RATIOS)
        blocks.append(Figure(caption, forest_figure(forest, sentence)))
    for inside in found.inside:
        blocks += inside_blocks(told, found, inside)
    return tuple(blocks)


def _measure(told: ReportContext, found: EndpointAnalysis) -> str:
    measure = MEASURES[found.plan.measure].in_language(told.language)
    reference = told.compared(found.plan, found.plan.reference)
    return told.words("measure_against", measure=measure, arm=reference)


def _table(told: ReportContext, found: EndpointAnalysis) -> Table:
    words, plan = told.words, found.plan
    tested = any(c.p_value is not None for c in found.comparisons)
    adjusted = plan.multiplicity in PROCEDURES
    heads = [
        Column(words("comparison_arm")),
        Column(words("comparison_analysed"), "right"),
        Column(words("comparison_left_out"), "right"),
        Column(words("comparison_estimate", level=f"{100 * plan.level:.3g}"), "right"),
    ]
    heads += [Column(words("p_value"), "right")] if tested else []
    heads += [Column(words("p_adjusted"), "right")] if tested and adjusted else []
    data = {arm.arm: (arm.analysed(plan), total(arm.left_out(plan))) for arm in found.arms}
    reference = data[plan.reference]
    rows = []
    for each in found.comparisons:
        pairs = zip(data[each.arm], reference, strict=True)
        cells = [
            told.compared(plan, each.arm),
            *(words("against", one=one, other=other) for one, other in pairs),
            interval_text(plan, each.estimate),
        ]
        cells += [p_text(each.p_value)] if tested else []
        cells += [p_text(each.adjusted)] if tested and adjusted else []
        rows.append(Row(tuple(cells)))
    caption = words(
        "table_comparisons",
        endpoint=told.text(found.endpoint.label),
        measure=_measure(told, found),
    )
    return Table(caption, tuple(heads), tuple(rows), _notes(told, found))


def _accuracies(told: ReportContext, found: EndpointAnalysis) -> Iterator[str]:
    """How p-values were reached where there are several ways: once if all were by one."""
    pairs = [
        (c.arm, c.accuracy.in_language(told.language)) for c in found.comparisons if c.accuracy
    ]
    if len({said for _, said in pairs}) == 1:
        yield told.words("p_values_by", accuracy=pairs[0][1])
        return
    for arm, said in pairs:
        yield told.words("p_value_by", arm=told.compared(found.plan, arm), accuracy=said)


def _left_out(told: ReportContext, found: EndpointAnalysis) -> Iterator[str]:
    """Why participants are left out, arm by arm, the reference first."""
    words = told.words
    for arm in found.arms:
        reasons = [
            words("left_out_reason", reason=each.reason, n=each.count)
            for each in told.reasons(arm.left_out(found.plan))
        ]
        if reasons:
            name = told.compared(found.plan, arm.arm)
            yield words("left_out_of", arm=name, reasons=words("semicolon").join(reasons))


def _notes(told: ReportContext, found: EndpointAnalysis) -> tuple[str, ...]:
    words, plan = told.words, found.plan
    method = METHODS[plan.method].in_language(told.language)
    notes = [words("comparison_method", method=method)]
    if plan.factor:
        factor = told.text(told.protocol.factor(plan.factor).label)
        notes.append(words("comparison_margins", factor=factor))
    if plan.test is not None:
        notes.append(words("comparison_test", test=TESTS[plan.test].in_language(told.language)))
    elif plan.method in WITHOUT_P:
        notes.append(words("comparison_untested"))
    notes += _accuracies(told, found)
    notes += _left_out(told, found)
    for each in found.comparisons:
        if each.refused is not None:
            what = each.refused.what
            why = what.in_language(told.language) if isinstance(what, Message) else what
            notes.append(words("comparison_refused", arm=told.compared(plan, each.arm), why=why))
    for each in found.comparisons:
        if each.tipping is not None and each.tipping.ways > 1:
            kept, ways = each.tipping.kept, each.tipping.ways
            notes.append(words("tipping", arm=told.compared(plan, each.arm), kept=kept, ways=ways))
    if found.best is not None:
        pairs = zip(found.arms, found.best.chances, strict=True)
        each_arm = "; ".join(
            f"{told.compared(plan, arm.arm)} {percent(chance)}%" for arm, chance in pairs
        )
        notes.append(words("best_chances", chances=each_arm))
    return tuple(notes)
