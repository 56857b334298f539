"""The hypotheses that share a level over several endpoints, decided by the protocol's graph."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from trialwright.analysis.analyse import EndpointAnalysis
from trialwright.analysis.multiplicity import graphical
from trialwright.protocol.hypotheses import Hypothesis, HypothesisGraph


@dataclass(frozen=True, slots=True)
class Decision:
    """A hypothesis with its p-value and the adjusted one; both None where it couldn't be tested,
    which counts as never rejected."""

    hypothesis: Hypothesis
    p_value: float | None
    adjusted: float | None
    rejected: bool


def decide(
    graph: HypothesisGraph, analyses: Mapping[str, EndpointAnalysis]
) -> tuple[Decision, ...]:
    """Test every hypothesis of a graph with the p-values of the endpoints' comparisons."""
    p_values = [_p_value(each, analyses) for each in graph.hypotheses]
    if not graph.hypotheses:
        return ()
    adjusted = graphical(
        [1.0 if p is None else p for p in p_values], graph.weights, graph.transitions
    )
    return tuple(
        Decision(each, p, None if p is None else a, p is not None and a <= graph.level)
        for each, p, a in zip(graph.hypotheses, p_values, adjusted, strict=True)
    )


def _p_value(each: Hypothesis, analyses: Mapping[str, EndpointAnalysis]) -> float | None:
    found = analyses.get(each.endpoint)
    if found is None:
        return None
    return next((c.p_value for c in found.comparisons if c.arm == each.arm), None)
