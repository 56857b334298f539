"""Several arms against one control told: the bounds, and which arms win under true effects."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from trialwright.report.context import fixed, percent
from trialwright.report.designs.case import Case, DesignSummary, Question
from trialwright.report.document import Block, Column, Row, Table
from trialwright.report.words import ReportWords


def summarise(cases: Sequence[Case], question: Question, words: ReportWords) -> DesignSummary:
    """Designs with as many arms, under the same true effects (in standard deviations)."""
    found = [
        [case.design.performance(effects, trials=question.trials, seed=question.seed)
         for effects in question.rates]
        for case in cases
    ]  # fmt: skip
    arms = cases[0].design.arms
    rows: list[Row] = []
    sheet: list[tuple[Any, ...]] = []
    for s, effects in enumerate(question.rates):
        rows.append(Row((words("oc_scenario", number=s + 1), *[""] * (arms + 2)), "group"))
        rows.append(Row((words("oc_true_effect"), *(f"{e:g}" for e in effects), "", ""), level=1))
        for case, answers in zip(cases, found, strict=True):
            one = answers[s]
            rows.append(Row((case.name, *map(percent, one.rejected), percent(one.any_rejected),
                             fixed(one.participants, 1)), level=1))  # fmt: skip
            sheet.append((case.name, s + 1, 0, "", one.any_rejected, one.participants))
            sheet += [
                (case.name, s + 1, a + 1, effects[a], one.rejected[a], "") for a in range(arms)
            ]
    heads = (
        Column(words("oc_rejected"), share=1.0),
        *(Column(words("arm", number=a), "right") for a in range(1, arms + 1)),
        Column(words("oc_any_rejected"), "right"),
        Column(words("oc_expected_treated"), "right"),
    )
    worst = max(0.5 / one.trials**0.5 for answers in found for one in answers)
    return DesignSummary(
        tuple((_bounds(case, words),) for case in cases),
        (Table(words("oc_multi_arm_table"), heads, tuple(rows), (words("oc_multi_arm_note"),)),),
        (words("oc_multi_arm_method", trials=f"{question.trials:,}", error=fixed(100 * worst, 2)),),
        ("design", "scenario", "arm", "true_effect", "rejected", "participants"),
        tuple(sheet),
        tuple(
            {
                "effects": [list(effects) for effects in question.rates],
                "performance": [asdict(one) for one in answers],
                "method": "monte-carlo",
            }
            for answers in found
        ),
    )


def _bounds(case: Case, words: ReportWords) -> Block:
    design = case.design
    rows = tuple(
        Row((str(k + 1), str(round(t * design.per_arm)), f"{upper:.3f}",
             f"{lower:.3f}" if lower > -12 else "–"))
        for k, (t, upper, lower) in enumerate(
            zip(design.timing, design.upper_bounds, design.lower_bounds, strict=True)
        )
    )  # fmt: skip
    keys = ("oc_column_look", "oc_column_in_each_arm", "oc_upper", "oc_lower")
    heads = tuple(Column(words(key), "right", 1.0) for key in keys)
    return Table(words("oc_bounds"), heads, rows)
