"""Designs for two agents told: which combination is selected, and how many are treated at each."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from trialwright.design.characteristics import OperatingCharacteristics
from trialwright.report.context import fixed, percent
from trialwright.report.designs.case import Case, DesignSummary, Question
from trialwright.report.designs.dose_finding import method_sentence
from trialwright.report.designs.dose_rules import rule_parts
from trialwright.report.document import Column, Row, Table
from trialwright.report.words import ReportWords

MOST_TRIALS = 400
"""Trials of each scenario: each selection fits a surface."""


def summarise(cases: Sequence[Case], question: Question, words: ReportWords) -> DesignSummary:
    """Designs with as many combinations under the same true rates."""
    trials = min(question.trials, MOST_TRIALS)
    found = [
        case.design.operating_characteristics(question.rates, trials=trials, seed=question.seed)
        for case in cases
    ]
    pairs = list(zip(cases, found, strict=True))
    return DesignSummary(
        tuple(rule_parts(case.design.boin, words, case.width) for case in cases),
        (
            *(_selected(case, r, words) for case, r in pairs),
            *(_treated(case, r, words) for case, r in pairs),
        ),
        tuple(method_sentence(r, words, case.name, question.accrual) for case, r in pairs),
        ("design", "scenario", "agent_a", "agent_b", "true_dlt_rate", "selected", "participants",
         "dlts"),
        tuple(row for case, r in pairs for row in _rows(case, r)),
        tuple(
            {
                "scenarios": r.scenarios.tolist(),
                "selected": r.selected.tolist(),
                "none_selected": r.none_selected.tolist(),
                "participants": r.participants.tolist(),
                "dlts": r.dlts.tolist(),
                "standard_error": r.standard_error.tolist(),
                "trials": r.trials,
                "method": r.method,
            }
            for r in found
        ),
    )  # fmt: skip


def _columns(case: Case, words: ReportWords, first: str) -> tuple[Column, ...]:
    heads = (words("oc_agent_b", dose=j + 1) for j in range(case.design.doses_b))
    return (Column(first, share=1.0), *(Column(head, "right") for head in heads))


def _surfaces(case: Case, values: Any) -> Iterator[Any]:
    """The values of each scenario as agent A's doses x agent B's."""
    for row in values:
        yield np.asarray(row).reshape(case.design.doses_a, case.design.doses_b)


def _selected(case: Case, r: OperatingCharacteristics, words: ReportWords) -> Table:
    """Chance of selection, the true rate in brackets."""
    rows = []
    truths, chances = _surfaces(case, r.scenarios), _surfaces(case, r.selected)
    for s, (truth, chance) in enumerate(zip(truths, chances, strict=True)):
        none = percent(float(r.none_selected[s]))
        head = words("oc_two_agents_scenario", number=s + 1, none=none)
        rows.append(Row((head, *[""] * case.design.doses_b), "group"))
        rows += [
            Row((words("oc_agent_a", dose=i + 1), *(
                words("oc_two_agents_cell", chance=percent(float(p)), true=percent(float(t)))
                for p, t in zip(chance[i], truth[i], strict=True)
            )), level=1)
            for i in range(case.design.doses_a)
        ]  # fmt: skip
    columns = _columns(case, words, words("oc_percent"))
    caption = words("oc_two_agents_selected", design=case.name)
    return Table(caption, columns, tuple(rows), (words("oc_two_agents_note"),))


def _treated(case: Case, r: OperatingCharacteristics, words: ReportWords) -> Table:
    rows = []
    for s, people in enumerate(_surfaces(case, r.participants)):
        head = words("oc_scenario", number=s + 1)
        rows.append(Row((head, *[""] * case.design.doses_b), "group"))
        rows += [
            Row((words("oc_agent_a", dose=i + 1), *(fixed(float(n), 1) for n in people[i])),
                level=1)
            for i in range(case.design.doses_a)
        ]  # fmt: skip
    columns = _columns(case, words, words("oc_participants"))
    return Table(words("oc_two_agents_treated", design=case.name), columns, tuple(rows))


def _rows(case: Case, r: OperatingCharacteristics) -> Iterator[tuple[Any, ...]]:
    """One row for each scenario and combination; 0 and 0 is that none is selected."""
    for s, rates in enumerate(r.scenarios):
        yield case.name, s + 1, 0, 0, "", float(r.none_selected[s]), "", ""
        for k, rate in enumerate(rates):
            i, j = divmod(k, case.design.doses_b)
            yield (case.name, s + 1, i + 1, j + 1, float(rate), float(r.selected[s, k]),
                   float(r.participants[s, k]), float(r.dlts[s, k]))  # fmt: skip
