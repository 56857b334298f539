"""How several endpoints share one level, and, by arm, what that decides."""

from collections.abc import Mapping

from trialwright.analysis.analyse import EndpointAnalysis
from trialwright.analysis.families import decide
from trialwright.protocol.hypotheses import Hypothesis, HypothesisGraph
from trialwright.report.context import ProtocolContext
from trialwright.report.document import Column, Paragraph, Row, Section, Table
from trialwright.report.estimates import p_text


def multiplicity_section(
    told: ProtocolContext,
    graph: HypothesisGraph,
    analyses: Mapping[str, EndpointAnalysis] | None = None,
) -> Section:
    """The graph as a table; with the comparisons, p-values and decisions beside it."""
    words = told.words
    decided = decide(graph, analyses) if analyses is not None else ()
    heads = [
        Column(words("hypothesis"), share=1),
        Column(words("hypothesis_weight"), "right"),
        Column(words("hypothesis_passes"), share=1),
    ]
    if decided:
        heads += [
            Column(words("p_value"), "right"),
            Column(words("p_adjusted"), "right"),
            Column(words("hypothesis_rejected")),
        ]
    rows = []
    for i, each in enumerate(graph.hypotheses):
        cells = [hypothesis_name(told, each), str(each.weight), _passes(told, graph, each)]
        if decided:
            one = decided[i]
            said = "hypothesis_untested" if one.p_value is None else "yes" if one.rejected else "no"
            cells += [p_text(one.p_value), p_text(one.adjusted), words(said)]
        rows.append(Row(tuple(cells)))
    table = Table(
        words("table_hypotheses"), tuple(heads), tuple(rows), (words("hypotheses_note"),),
        words("none"),
    )  # fmt: skip
    intro = Paragraph(words("hypotheses_level", level=f"{graph.level:g}"))
    return Section(words("section_multiplicity"), (intro, table))


def hypothesis_name(told: ProtocolContext, each: Hypothesis) -> str:
    """The endpoint's label and the arm compared."""
    endpoint = next(e for e in told.protocol.endpoints if e.key == each.endpoint)
    plan = endpoint.analysis
    arm = told.compared(plan, each.arm) if plan is not None else told.arm(each.arm)
    return told.words("hypothesis_name", endpoint=told.text(endpoint.label), arm=arm)


def _passes(told: ProtocolContext, graph: HypothesisGraph, each: Hypothesis) -> str:
    names = {other.key: hypothesis_name(told, other) for other in graph.hypotheses}
    parts = [
        told.words("hypothesis_part", part=str(part), hypothesis=names[key])
        for key, part in each.passes
        if part
    ]
    return "\n".join(parts) or "–"
