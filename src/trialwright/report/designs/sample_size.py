"""Sample sizes told: the fewest participants with the power wanted, and the power around them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from trialwright.design.planned_outcomes import ExactOutcomes
from trialwright.report.context import fixed, percent
from trialwright.report.designs.case import Case, DesignSummary, Question
from trialwright.report.document import Block, Column, Figure, Row, Table
from trialwright.report.figures.curves import Curve, CurveChart, curves_figure
from trialwright.report.words import ReportWords


def summarise(cases: Sequence[Case], _question: Question, words: ReportWords) -> DesignSummary:
    """Up to three plans beside each other."""
    plans = [case.design for case in cases]
    rows, sheet = [], []
    for case, plan in zip(cases, plans, strict=True):
        rows.append(Row((words("oc_size_row", design=case.name, planned=plan.planned.per_arm),
                         "", "", ""), "group"))  # fmt: skip
        for one in plan.around:
            error = "–" if not one.trials else fixed(100 * one.standard_error, 1)
            rows.append(Row((str(one.per_arm), str(2 * one.per_arm), percent(one.power), error),
                            level=1))  # fmt: skip
            sheet.append((case.name, one.per_arm, one.power, one.standard_error, one.trials,
                          one.untested))  # fmt: skip
    keys = ("oc_column_in_each_arm", "oc_all", "oc_power_percent", "oc_error_points")
    heads = tuple(Column(words(key), "right", 1.0) for key in keys)
    return DesignSummary(
        tuple(() for _ in cases),
        (_curves(cases, words), Table(words("oc_size_table"), heads, tuple(rows))),
        tuple(_method(case, words) for case in cases),
        ("design", "per_arm", "power", "standard_error", "trials", "untested"),
        tuple(sheet),
        tuple(_tree(plan) for plan in plans),
    )


def _curves(cases: Sequence[Case], words: ReportWords) -> Block:
    curves = tuple(
        Curve(case.name, tuple((float(one.per_arm), one.power) for one in case.design.around))
        for case in cases
    )
    most = max(point[0] for curve in curves for point in curve.points)
    least = min(point[0] for curve in curves for point in curve.points)
    step = next(s * 10**k for k in range(6) for s in (1, 2, 5) if s * 10**k * 6 >= most - least)
    ticks = tuple((float(x), str(x)) for x in range(0, int(most) + 1, step) if x >= least)
    planned = cases[0].design.planned
    chart = CurveChart(
        curves, words("oc_per_arm_axis"), words("oc_power"), ticks,
        mark=(float(planned.per_arm), str(planned.per_arm)),
    )  # fmt: skip
    said = words("oc_join").join(
        words("oc_size_said_each", design=case.name, n=case.design.planned.per_arm,
              power=percent(case.design.planned.power))
        for case in cases
    )  # fmt: skip
    sentence = words("oc_size_planned", said=said)
    return Figure(words("oc_size_curve"), curves_figure(chart, sentence), sentence)


def _method(case: Case, words: ReportWords) -> str:
    if isinstance(case.design.outcomes, ExactOutcomes):
        return words("oc_size_exact", design=case.name)
    planned = case.design.planned
    return words("oc_size_simulated", design=case.name, trials=f"{planned.trials:,}",
                 error=fixed(100 * planned.standard_error, 1),
                 low=percent(planned.lower), high=percent(planned.upper))  # fmt: skip


def _tree(plan: Any) -> dict[str, Any]:
    exact = isinstance(plan.outcomes, ExactOutcomes)
    return {
        "planned": asdict(plan.planned),
        "around": [asdict(one) for one in plan.around],
        "method": "exact" if exact else "monte-carlo",
    }
