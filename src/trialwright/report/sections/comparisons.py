"""An endpoint's comparisons by arm: estimates, intervals, p-values, who was analysed, a forest."""

from math import isfinite, isnan

from trialwright.analysis.analyse import Comparison, EndpointAnalysis
from trialwright.analysis.plan_words import MEASURES, METHODS, PROCEDURES, TESTS
from trialwright.messages import Message
from trialwright.protocol.analysis_plan import RATIOS, WITHOUT_P, AnalysisPlan, Measure
from trialwright.report.context import MINUS, ReportContext, percent
from trialwright.report.document import Block, Column, Figure, Row, Table
from trialwright.report.figures.forest import Forest, ForestBranch, forest_figure

_NUMERIC = (
    Measure.MEAN_DIFFERENCE,
    Measure.LOCATION_SHIFT,
    Measure.PERIOD_DIFFERENCE,
    Measure.RESTRICTED_MEAN_DIFFERENCE,
)
_SHARES = (Measure.DIFFERENCE, Measure.SURVIVAL_DIFFERENCE)


def comparison_blocks(told: ReportContext, found: EndpointAnalysis) -> tuple[Block, ...]:
    """The table of an endpoint's comparisons, and their forest where there are estimates."""
    branches = tuple(
        ForestBranch(
            told.compared(found.plan, c.arm), _interval(found.plan, c),
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
    data = {arm.arm: arm for arm in found.arms}
    reference = data[plan.reference]
    rows = []
    for each in found.comparisons:
        arm = data[each.arm]
        cells = [
            told.compared(plan, each.arm),
            words("against", one=len(arm.known), other=len(reference.known)),
            words("against", one=arm.left_out, other=reference.left_out),
            "–" if each.refused else _interval(plan, each),
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


def _interval(plan: AnalysisPlan, each: Comparison) -> str:
    """`−0.12 (−0.31 to 0.08)`, proportions and ratios with two decimals, numbers with three
    significant digits."""
    if each.estimate is None:
        return "–"
    parts = (each.estimate.estimate, each.estimate.lower, each.estimate.upper)
    one, low, high = (_number(plan, part) for part in parts)
    return f"{one} ({low}, {high})"


def _number(plan: AnalysisPlan, value: float) -> str:
    if isnan(value):
        return "–"
    if not isfinite(value):
        return "∞" if value > 0 else f"{MINUS}∞"
    numeric = plan.measure in _NUMERIC
    digits = 3 if plan.measure in _SHARES else 2
    text = f"{value:.{digits if not numeric or abs(value) < 100 else 1}f}"
    return (text.lstrip("-") if float(text) == 0 else text).replace("-", MINUS)


def p_text(value: float | None) -> str:
    """A p-value with three decimals; a dash where there is none."""
    if value is None:
        return "–"
    return "<0.001" if value < 0.001 else f"{value:.3f}"
