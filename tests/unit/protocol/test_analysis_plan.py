"""The typed analysis of an endpoint: what it says, and what is refused as it can't be computed."""

from pathlib import Path

import pytest

from trialwright.analysis.plan_words import plan_sentence
from trialwright.protocol.analysis_plan import (
    HypothesisTest,
    Measure,
    Method,
    MissingRule,
    Multiplicity,
)
from trialwright.protocol.loader import parse_file
from trialwright.protocol.problems import ProtocolFileError

GOOD = (Path(__file__).parent / "files" / "small.yaml").read_text(encoding="utf-8")
NUMBER, YES_NO = "week_2.scan.thickness", "week_2.scan.thickness > 7"


def written(analysis: str, variable: str = NUMBER) -> str:
    """The small protocol with another variable, and an analysis for its endpoint."""
    endpoint = GOOD[GOOD.index("endpoints:") :]
    line = next(part for part in endpoint.splitlines() if "variable:" in part)
    indent = line[: len(line) - len(line.lstrip())]
    changed = f'{indent}variable: "{variable}"\n{indent}analysis: {analysis}'
    return GOOD.replace(line, changed)


def test_an_analysis_is_typed_and_says_itself_in_words() -> None:
    protocol = parse_file(
        written(
            "{measure: mean_difference, method: ancova, reference: control, stratified: yes, "
            "covariates: [screening.scan.thickness], level: 0.9, test: permutation}"
        ).encode()
    )
    (endpoint,) = protocol.endpoints
    plan = endpoint.analysis
    assert plan is not None
    assert (plan.measure, plan.method, plan.test) == (
        Measure.MEAN_DIFFERENCE, Method.ANCOVA, HypothesisTest.PERMUTATION,
    )  # fmt: skip
    assert (plan.reference, plan.arms, plan.level) == ("control", ("treated",), 0.9)
    assert (plan.missing, plan.multiplicity) == (MissingRule.EXCLUDED, Multiplicity.NONE)
    assert str(plan_sentence(protocol, endpoint)) == (
        "Difference of means against arm 2: analysis of covariance, 90% interval. P-values: "
        "permutation test. Stratified by Stage. Adjusted for Thickness. Missing values are left "
        "out."
    )
    assert "参照组：第 2 组" in plan_sentence(protocol, endpoint).in_language("zh")


def test_an_endpoint_without_an_analysis_is_described() -> None:
    protocol = parse_file(GOOD.encode())
    assert protocol.endpoints[0].analysis is None
    assert "no comparison is planned" in str(plan_sentence(protocol, protocol.endpoints[0]))


REFUSED = [
    ('"t test against control"', NUMBER, "free text, which nothing can compute"),
    ("{measure: difference, method: newcombe, reference: control}", NUMBER,
     "compares a yes/no by `difference`, and its variable is a number"),
    ("{measure: mean_difference, method: newcombe, reference: control}", NUMBER,
     "can't estimate `mean_difference` by `newcombe`"),
    ("{measure: mean_difference, method: t_test, reference: placebo}", NUMBER,
     "`placebo` is not an arm"),
    ("{measure: mean_difference, method: t_test, reference: control, arms: [control]}", NUMBER,
     "compares its reference with itself"),
    ("{measure: mean_difference, method: t_test, reference: control, test: boschloo}", NUMBER,
     "can't test a number by `boschloo`"),
    ("{measure: difference, method: newcombe, reference: control, multiplicity: holm}", YES_NO,
     "adjusts p-values, and `newcombe` gives none"),
    ("{measure: mean_difference, method: dunnett, reference: control, multiplicity: holm}", NUMBER,
     "which are adjusted already"),
    ("{measure: mean_difference, method: t_test, reference: control, missing: failure}", NUMBER,
     "has `missing: failure`, which needs a yes/no variable"),
    ("{measure: mean_difference, method: t_test, reference: control, stratified: yes}", NUMBER,
     "can't stratify `t_test`"),
    ("{measure: difference, method: mantel_haenszel, reference: control}", YES_NO,
     "takes `mantel_haenszel` without strata"),
    ("{measure: mean_difference, method: ancova, reference: control}", NUMBER,
     "is an ANCOVA without covariates or strata"),
    ("{measure: mean_difference, method: ancova, reference: control, "
     "covariates: [week_2.scan.thickness]}", NUMBER,
     "which the treatment may have changed"),
    ("{measure: mean_difference, method: t_test, reference: control, level: 95}", NUMBER,
     "The confidence level is 95"),
    ("{measure: hazard_ratio, method: cox, reference: control}", YES_NO,
     "nothing says when the event happened"),
    ("{measure: survival_difference, method: kaplan_meier, reference: control, "
     "event_on: week_2.scan.scanned_on}", YES_NO,
     "gives `survival_difference` no horizon"),
    ("{measure: hazard_ratio, method: cox, reference: control, until_days: -3, "
     "event_on: week_2.scan.scanned_on}", YES_NO,
     "`until_days` is -3"),
    ("{measure: hazard_ratio, method: cox, reference: control, missing: failure, best: yes, "
     "event_on: week_2.scan.scanned_on}", YES_NO,
     "and times are censored"),
    ("{measure: hazard_ratio, method: cox, reference: control, test: fisher, "
     "event_on: week_2.scan.scanned_on}", YES_NO,
     "can't test times by `fisher`"),
    ("{measure: hazard_ratio, method: cox, reference: control, "
     "event_on: week_2.scan.thickness}", YES_NO,
     "gives a number, where a date is needed"),
    ("{measure: mean_difference, method: t_test, reference: control, test: logrank}", NUMBER,
     "tests times by `logrank`"),
    ("{measure: mean_difference, method: t_test, reference: control, "
     "event_on: week_2.scan.scanned_on}", NUMBER,
     "has `event_on`, which `mean_difference` can't use"),
    ("{measure: mean_difference, method: t_test, reference: control, median: midpoint}", NUMBER,
     "`median` is of a time, and nothing says when the event happened"),
    ("{measure: hazard_ratio, method: cox, reference: control, median: last, "
     "event_on: week_2.scan.scanned_on}", YES_NO,
     "last"),
    ("{measure: mean_difference, method: mixed_model, reference: control}", NUMBER,
     "is a mixed model of one visit"),
    ("{measure: mean_difference, method: t_test, reference: control, "
     "outcomes: [week_1.scan.thickness]}", NUMBER,
     "has `outcomes`, which `t_test` can't use"),
    ("{measure: mean_difference, method: cluster_robust, reference: control}", NUMBER,
     "names no clusters"),
    ("{measure: mean_difference, method: t_test, reference: control, clusters: site}", NUMBER,
     "has `clusters`, which `t_test` can't use"),
    ("{measure: rate_ratio, method: poisson, reference: control, stratified: yes}", NUMBER,
     "can't stratify `poisson`"),
    ("{measure: mean_difference, method: t_test, reference: control, "
     "exposure: screening.who.age}", NUMBER,
     "has `exposure`, which `t_test` can't use"),
    ("{measure: mean_difference, method: t_test, reference: control, formula: y}", NUMBER,
     "`formula` is not a key of an analysis"),
]  # fmt: skip


@pytest.mark.parametrize(("analysis", "variable", "said"), REFUSED)
def test_what_cant_be_computed_is_refused_with_its_line(
    analysis: str, variable: str, said: str
) -> None:
    with pytest.raises(ProtocolFileError) as caught:
        parse_file(written(analysis, variable).encode(), "bad.yaml")
    problems = [problem for problem in caught.value.problems if said in problem.message]
    assert problems and problems[0].line > 100 and problems[0].way_out


GRAPH = """
multiplicity:
  level: 0.05
  hypotheses:
    first: {endpoint: change, weight: 1/2, passes: {second: 1}}
    second: {endpoint: thick, arm: treated, weight: 0.5, passes: {first: 1/3}}
"""


def graphed(graph: str) -> str:
    """The small protocol with two compared endpoints and a graph over them."""
    text = written("{measure: mean_difference, method: t_test, reference: control}")
    return (
        text.rstrip()
        + """
  thick:
    label: "Thick"
    kind: secondary
    population: all
    treatments: "Cells against nothing"
    variable: "week_2.scan.thickness > 7"
    definition: "Over 7 mm"
    at: week_2
    intercurrent_events:
      death: {label: "Death", strategy: composite}
    summary: "Difference"
    analysis: {measure: difference, method: newcombe, test: boschloo, reference: control}
"""
        + graph
    )


def test_a_graph_of_hypotheses_is_read_in_fractions() -> None:
    graph = parse_file(graphed(GRAPH).encode()).multiplicity
    assert graph is not None
    assert graph.weights == (0.5, 0.5)
    assert graph.transitions == ((0.0, 1.0), (1 / 3, 0.0))
    assert [each.arm for each in graph.hypotheses] == ["treated", "treated"]


BAD_GRAPHS = [
    ("weight: 1/2", "weight: 2/3", "add up to 7/6"),
    ("weight: 1/2", "weight: half", "The part of `weight` is 'half'"),
    ("endpoint: change", "endpoint: chance", "which is not an endpoint"),
    ("arm: treated", "arm: control", "names no arm that `thick` compares"),
    ("passes: {second: 1}", "passes: {third: 1}", "passes on to `third`"),
    ("passes: {second: 1}", "passes: {first: 1}", "to itself"),
    ("passes: {second: 1}", "passes: {second: 1, first: 1}", "passes on 2 of its share"),
    ("endpoint: thick, arm", "endpoint: change, arm", "compares what another hypothesis"),
    ("level: 0.05", "level: 5", "The level is 5"),
    ("test: boschloo, ", "", "needs a p-value, and `newcombe`"),
    ("method: t_test", "method: dunnett", "has adjusted already"),
    ("method: t_test, reference", "method: t_test, multiplicity: holm, reference",
     "has adjusted already"),
]  # fmt: skip


@pytest.mark.parametrize(("part", "to", "said"), BAD_GRAPHS)
def test_a_graph_that_cant_keep_its_level_is_refused(part: str, to: str, said: str) -> None:
    good = graphed(GRAPH)
    assert part in good
    with pytest.raises(ProtocolFileError) as caught:
        parse_file(good.replace(part, to).encode(), "bad.yaml")
    problems = [problem for problem in caught.value.problems if said in problem.message]
    assert problems and problems[0].way_out
