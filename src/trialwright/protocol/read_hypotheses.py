"""Reading `multiplicity:`, and refusing a graph that can't keep its level."""

from collections.abc import Iterator

from trialwright.protocol.analysis_plan import WITHOUT_P, AnalysisPlan, Method, Multiplicity
from trialwright.protocol.fields import Fields
from trialwright.protocol.hypotheses import Hypothesis, HypothesisGraph
from trialwright.protocol.model import Endpoint
from trialwright.protocol.problems import Problem
from trialwright.protocol.shapes import HYPOTHESIS, MULTIPLICITY
from trialwright.protocol.typecheck import suggestion

_LEVEL = 0.05
RULE = "multiplicity"


def read_hypotheses(top: Fields, endpoints: tuple[Endpoint, ...]) -> HypothesisGraph | None:
    """The graph of the file; None where there is none."""
    fields = top.within("multiplicity", MULTIPLICITY)
    if fields is None:
        return None
    found = tuple(
        Hypothesis(
            key,
            each.words("endpoint") or "",
            each.words("arm") or _only_arm(endpoints, each.words("endpoint") or ""),
            each.fraction("weight"),
            tuple(each.fractions("passes")),
            each.line,
        )
        for key, each in fields.named("hypotheses", HYPOTHESIS)
    )
    level = fields.number("level")
    if level is not None and not 0 < level < 0.5:
        message, way_out = f"The level is {level}", "Write a number below 0.5, such as 0.05."
        fields.reading.problem(fields.line_of("level"), message, way_out, RULE)
    return HypothesisGraph(_LEVEL if level is None else float(level), found)


def _only_arm(endpoints: tuple[Endpoint, ...], key: str) -> str:
    """The arm of an analysis that compares one."""
    plan = next((e.analysis for e in endpoints if e.key == key), None)
    return plan.arms[0] if plan is not None and len(plan.arms) == 1 else ""


def hypothesis_problems(
    graph: HypothesisGraph | None, endpoints: tuple[Endpoint, ...]
) -> Iterator[Problem]:
    """What in the graph can't be computed or wouldn't keep the level."""
    if graph is None:
        return
    keys = [each.key for each in graph.hypotheses]
    seen: set[tuple[str, str]] = set()
    for each in graph.hypotheses:
        for message, way_out in (
            *_compared(each, endpoints),
            *_passed(each, keys),
            *_twice(each, seen),
        ):
            yield Problem(each.line, f"The hypothesis `{each.key}` {message}", way_out, RULE)
        seen.add((each.endpoint, each.arm))
    if graph.hypotheses and sum(each.weight for each in graph.hypotheses) > 1:
        total = sum(each.weight for each in graph.hypotheses)
        message = f"The weights of the hypotheses add up to {total}"
        yield Problem(graph.hypotheses[0].line, message, "Let them add up to 1 at most.", RULE)


def _compared(each: Hypothesis, endpoints: tuple[Endpoint, ...]) -> Iterator[tuple[str, str]]:
    endpoint = next((e for e in endpoints if e.key == each.endpoint), None)
    if endpoint is None:
        known = [e.key for e in endpoints]
        yield f"names `{each.endpoint}`, which is not an endpoint", suggestion(each.endpoint, known)
        return
    plan = endpoint.analysis
    if plan is None:
        yield (
            f"needs a comparison, and `{each.endpoint}` has no analysis",
            "Write its `analysis`, or take the hypothesis away.",
        )
        return
    if each.arm not in plan.arms:
        yield (
            f"names no arm that `{each.endpoint}` compares",
            f"Write `arm:` with one of {', '.join(plan.arms)}.",
        )
    yield from _p_values(each, plan)


def _p_values(each: Hypothesis, plan: AnalysisPlan) -> Iterator[tuple[str, str]]:
    if plan.test is None and plan.method in WITHOUT_P:
        yield (
            f"needs a p-value, and `{plan.method}` of `{each.endpoint}` gives none",
            "Add a `test` to that analysis.",
        )
    if plan.multiplicity is not Multiplicity.NONE or plan.method is Method.DUNNETT:
        yield (
            f"adjusts p-values that `{each.endpoint}` has adjusted already",
            "Take `multiplicity` out of that analysis, or choose another method than dunnett.",
        )


def _passed(each: Hypothesis, keys: list[str]) -> Iterator[tuple[str, str]]:
    for key, _ in each.passes:
        if key not in keys:
            yield f"passes on to `{key}`, which is none", suggestion(key, keys)
    if each.key in dict(each.passes):
        yield "passes its share on to itself", "Name the others alone."
    if sum(part for _, part in each.passes) > 1:
        total = sum(part for _, part in each.passes)
        yield f"passes on {total} of its share", "Let the parts add up to 1 at most."


def _twice(each: Hypothesis, seen: set[tuple[str, str]]) -> Iterator[tuple[str, str]]:
    if each.arm and (each.endpoint, each.arm) in seen:
        yield "compares what another hypothesis compares", "Keep one of them."
