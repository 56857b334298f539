"""EffTox told: which dose is selected, and how many are treated at each."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from trialwright.report.context import fixed, percent
from trialwright.report.designs.case import Case, DesignSummary, Question
from trialwright.report.designs.dose_moving import dose_columns
from trialwright.report.document import Row, Table
from trialwright.report.words import ReportWords

MOST_TRIALS = 200
"""Trials of each scenario: every decision integrates over six parameters."""


def summarise(cases: Sequence[Case], question: Question, words: ReportWords) -> DesignSummary:
    """Designs with as many doses under the same true rates."""
    trials = min(question.trials, MOST_TRIALS)
    found = [
        case.design.operating_characteristics(
            question.rates, question.responses, trials=trials, seed=question.seed
        )
        for case in cases
    ]
    doses = len(cases[0].design.doses)
    rows: list[Row] = []
    sheet: list[tuple[Any, ...]] = []
    for s, (toxic, active) in enumerate(zip(question.rates, question.responses, strict=True)):
        rows.append(Row((words("oc_scenario", number=s + 1), *[""] * (doses + 1)), "group"))
        rows.append(Row((words("oc_true_toxicity"), *map(percent, toxic), ""), level=1))
        rows.append(Row((words("oc_true_efficacy"), *map(percent, active), ""), level=1))
        for case, r in zip(cases, found, strict=True):
            chances = (*map(percent, r.selected[s]), percent(r.none_selected[s]))
            rows.append(Row((case.name, *chances), level=1))
            people = (*(fixed(n, 1) for n in r.participants[s]), "")
            rows.append(Row((words("oc_expected_treated"), *people), level=1))
            sheet.append((case.name, s + 1, 0, "", "", float(r.none_selected[s]), ""))
            sheet += [
                (case.name, s + 1, d + 1, toxic[d], active[d], float(r.selected[s, d]),
                 float(r.participants[s, d]))
                for d in range(doses)
            ]  # fmt: skip
    columns = dose_columns(doses, words, words("oc_percent"), words("oc_none_head"))
    return DesignSummary(
        tuple(() for _ in cases),
        (Table(words("oc_selected"), columns, tuple(rows)),),
        tuple(
            words("oc_efftox_method", design=case.name, trials=str(trials),
                  error=fixed(100 * float(r.standard_error.max()), 1))
            for case, r in zip(cases, found, strict=True)
        ),
        ("design", "scenario", "dose", "true_toxicity_rate", "true_efficacy_rate", "selected",
         "participants"),
        tuple(sheet),
        tuple(
            {
                "rates": [list(row) for row in question.rates],
                "responses": [list(row) for row in question.responses],
                "selected": r.selected.tolist(),
                "none_selected": r.none_selected.tolist(),
                "participants": r.participants.tolist(),
                "dlts": r.dlts.tolist(),
                "method": "monte-carlo",
                "trials": trials,
            }
            for r in found
        ),
    )  # fmt: skip
