"""Designs that test told: two arms with looks, and error spending."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from trialwright.design.checks import scenario_matrix
from trialwright.design.combination import InverseNormalTest
from trialwright.design.delayed_response import DelayedResponse
from trialwright.report.context import fixed, percent
from trialwright.report.designs.case import Case, DesignSummary, Question
from trialwright.report.designs.rule_only import rule_table
from trialwright.report.document import Block, Column, Figure, Row, Table
from trialwright.report.figures.curves import Curve, CurveChart, curves_figure
from trialwright.report.words import ReportWords

GRID = tuple(i / 100 for i in range(101))
_TICKS = tuple((i / 10, f"{i * 10}%") for i in range(0, 11, 2))


def tell_two_arms(cases: Sequence[Case], question: Question, words: ReportWords) -> DesignSummary:
    """Exact two-arm tests: true size over the common rate, and power at pairs of rates."""
    pairs = scenario_matrix(question.rates, 2, "arms")
    common = [(x, x) for x in GRID[1:-1]]
    results = [case.design.operating_characteristics(pairs) for case in cases]
    nulls = [case.design.operating_characteristics(common).reject for case in cases]
    rows = []
    for case, r, null in zip(cases, results, nulls, strict=True):
        worst = percent(float(null.max()))
        at = f"{GRID[1 + int(null.argmax())]:.2f}"
        rows.append(Row((words("oc_size_of", design=case.name, size=worst, at=at), "", ""),
                        "group"))  # fmt: skip
        for (one, two), reject, expected in zip(
            pairs, r.reject, r.expected_participants, strict=True
        ):
            pair = words("oc_pair", one=percent(one), two=percent(two))
            rows.append(Row((pair, percent(reject), fixed(expected, 1)), level=1))
    heads = (Column(words("oc_true_pair"), share=1.0), Column(words("oc_reject"), "right"),
             Column(words("oc_expected_treated"), "right"))  # fmt: skip
    curves = tuple(
        Curve(case.name, tuple((x, float(y)) for x, y in zip(GRID[1:-1], null, strict=True)))
        for case, null in zip(cases, nulls, strict=True)
    )
    axes = (words("oc_common_rate"), words("oc_chance_reject"))
    said = words("oc_join").join(
        words("oc_size_said", design=case.name, size=percent(float(null.max())))
        for case, null in zip(cases, nulls, strict=True)
    )
    figure = chance_figure(
        curves, axes, words("oc_size_figure"), words("oc_size_sentence", said=said)
    )
    return DesignSummary(
        tuple(rule_table(case.design, words) for case in cases),
        (figure, Table(words("oc_power_table"), heads, tuple(rows))),
        (words("oc_exact_two_arms"),),
        ("design", "rate_1", "rate_2", "reject", "participants"),
        tuple(
            (case.name, *map(float, pair), float(reject), float(expected))
            for case, r in zip(cases, results, strict=True)
            for pair, reject, expected in zip(
                pairs, r.reject, r.expected_participants, strict=True
            )
        ),
        tuple(
            {"rates": r.rates.tolist(), "reject": r.reject.tolist(), "size": float(null.max()),
             "expected_participants": r.expected_participants.tolist(), "method": "exact"}
            for r, null in zip(results, nulls, strict=True)
        ),
    )  # fmt: skip


def tell_sequential(cases: Sequence[Case], question: Question, words: ReportWords) -> DesignSummary:
    """Error spending: the bounds of Z at each look, and power against the true effect."""
    grid = tuple(i / 20 for i in range(31))
    curves, trees, sheet = [], [], []
    for case in cases:
        power = [case.design.power(theta) for theta in grid]
        curves.append(Curve(case.name, tuple(zip(grid, power, strict=True))))
        trees.append({"effect": list(grid), "power": power, "method": "quadrature"})
        sheet += [(case.name, theta, value) for theta, value in zip(grid, power, strict=True)]
    chart = CurveChart(
        tuple(curves), words("oc_effect_axis"), words("oc_power"),
        tuple((x, f"{x:g}") for x in (0, 0.5, 1, 1.5)), mark=(1.0, words("oc_planned_effect")),
    )  # fmt: skip
    sentence = words("oc_sequential_sentence")
    figure = Figure(words("oc_sequential_figure"), curves_figure(chart, sentence), sentence)
    return DesignSummary(
        tuple((_bounds(case.design, words),) for case in cases),
        (figure,),
        (words("oc_quadrature"), *_notes(cases, words)),
        ("design", "effect", "power"),
        tuple(sheet),
        tuple(trees),
    )


def _notes(cases: Sequence[Case], words: ReportWords) -> Iterator[str]:
    """What is to be known of those whose outcomes come late, and of combined stages."""
    for case in cases:
        if isinstance(case.design, DelayedResponse):
            found = [case.design.performance(theta) for theta in (0.0, 1.0)]
            yield words(
                "oc_delayed_note", design=case.name,
                none=percent(sum(found[0].reversal)), planned=percent(sum(found[1].reversal)),
                information=percent(found[1].information),
            )  # fmt: skip
        elif isinstance(case.design, InverseNormalTest):
            yield words("oc_combined_note", design=case.name)


def _bounds(design: Any, words: ReportWords) -> Block:
    bounds = design.boundaries
    columns = [
        ("oc_column_look", [str(k + 1) for k in range(len(design.timing))]),
        ("oc_fraction", [f"{t:g}" for t in design.timing]),
        ("oc_upper", [f"{upper:.3f}" for upper in bounds.upper]),
        ("oc_lower", [f"{lower:.3f}" if lower > -12 else "–" for lower in bounds.lower]),
    ]
    if isinstance(design, DelayedResponse):
        columns.append(("oc_decide", [f"{bound:.3f}" for bound in design.decision_bounds]))
    if isinstance(design, InverseNormalTest):
        columns.append(("oc_weight", [f"{weight:.3f}" for weight in design.weights]))
    rows = tuple(map(Row, zip(*(cells for _, cells in columns), strict=True)))
    heads = tuple(Column(words(key), "right", 1.0) for key, _ in columns)
    note = words("oc_inflation_factor", factor=f"{design.inflation:.4f}")
    return Table(words("oc_bounds"), heads, rows, (note,))


def chance_figure(
    curves: tuple[Curve, ...], axes: tuple[str, str], caption: str, sentence: str
) -> Figure:
    """Chances against a true rate, as high as they reach."""
    highest = max(chance for curve in curves for _, chance in curve.points)
    top = next(edge for edge in (0.05, 0.1, 0.2, 0.5, 1.0) if highest <= edge + 1e-9)
    chart = CurveChart(curves, *axes, _TICKS, top=top)
    return Figure(caption, curves_figure(chart, sentence), sentence)
