"""A comparison of regimens told: bounds at its looks, who is named and dropped, and mistakes."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from typing import Any

import numpy as np

from trialwright.design import DesignError
from trialwright.design.regimen_comparison import NONE, POSTERIOR, RegimenComparison
from trialwright.design.regimen_errors import calibrate, null_scenarios
from trialwright.design.regimen_paths import MAX_CELLS, cells_of
from trialwright.messages import Message
from trialwright.report.context import fixed, percent
from trialwright.report.designs.case import Case, DesignSummary, Question
from trialwright.report.designs.selection import naming_bars
from trialwright.report.document import Block, Column, Paragraph, Row, Table
from trialwright.report.words import ReportWords

ALLOWED = 0.1
"""The chance of a mistake for which a threshold is sought."""
_ERROR_CELLS = 60_000
_ERROR_TRIALS = 2_000


def summarise(cases: Sequence[Case], question: Question, words: ReportWords) -> DesignSummary:
    """Comparisons with as many arms under the same true response rates."""
    if len({case.design.regimens for case in cases}) > 1:
        raise DesignError(
            Message("The designs have different arms."),
            rule=Message("Side by side the same arms are compared with the same control."),
            fix=Message("Give each the first one's arms and control."),
        )
    found = [_characteristics(case, question) for case in cases]
    errors = [_errors(case, question) for case in cases]
    chances = [(r.named, 1 - r.any_named) for r in found]
    performance: list[Block] = [naming_bars(cases, chances, question.rates, words)]
    for case, r in zip(cases, found, strict=True):
        performance.append(_naming(case, r, question, words))
    for case, each in zip(cases, errors, strict=True):
        performance += _mistakes(case, each, words)
    return DesignSummary(
        tuple((_bounds(case.design, words),) for case in cases),
        tuple(performance),
        tuple(dict.fromkeys(_method(r, question, words) for r in found)),
        _HEADS,
        tuple(_rows(cases, found, question)),
        tuple({**_listed(r), "errors": each} for r, each in zip(found, errors, strict=True)),
    )


def _characteristics(case: Case, question: Question) -> Any:
    method = case.method or question.method
    if method == "auto" and cells_of(case.design) > min(question.max_states, MAX_CELLS):
        method = "monte-carlo"
    return case.design.operating_characteristics(
        question.rates, method=method, trials=question.trials, seed=question.seed
    )


def _errors(case: Case, question: Question) -> dict[str, Any]:
    """How often a regimen that isn't better is named, and the threshold that keeps `ALLOWED`."""
    design: RegimenComparison = case.design
    rates = null_scenarios(design)
    exact = cells_of(design) <= _ERROR_CELLS
    how: dict[str, Any] = {
        "method": "exact" if exact else "monte-carlo", "trials": _ERROR_TRIALS,
        "seed": question.seed,
    }  # fmt: skip
    found = design.operating_characteristics(rates, **how)
    sought: float | None = None
    with suppress(DesignError):
        sought = calibrate(design, rates, mistaken=ALLOWED, **how).name_at
    return {
        "rates": [list(row) for row in rates], "mistaken": found.mistaken.tolist(),
        "allowed": ALLOWED, "name_at": sought, "method": found.method,
    }  # fmt: skip


def _naming(case: Case, r: Any, question: Question, words: ReportWords) -> Table:
    design: RegimenComparison = case.design
    rows = []
    for s, rates in enumerate(question.rates):
        numbers = r.participants[s]
        rows += [
            Row((words("oc_scenario", number=s + 1), *[""] * (design.arms + 1)), "group"),
            Row((words("oc_true_response"), *map(percent, rates), ""), level=1),
            Row((words("oc_named"), *map(percent, r.named[s]), percent(r.any_named[s])), level=1),
            Row((words("oc_dropped"), *map(percent, r.dropped[s]), ""), level=1),
            Row((words("oc_expected_treated"), *(fixed(n, 1) for n in numbers),
                 fixed(numbers.sum(), 1)), level=1),
            Row((words("oc_mistaken"), *[""] * design.arms, percent(r.mistaken[s])), level=1),
        ]  # fmt: skip
    columns = (Column(case.name, share=1.0),
               *(Column(words("arm", number=a), "right") for a in range(1, design.arms + 1)),
               Column(words("oc_any_or_all"), "right"))  # fmt: skip
    notes = [words("oc_mistaken_note")]
    if design.control:
        notes.insert(0, words("oc_control_note", control=design.control))
    return Table(words("oc_regimens_table"), columns, tuple(rows), tuple(notes))


def _mistakes(case: Case, found: dict[str, Any], words: ReportWords) -> list[Block]:
    """The table of mistakes, a row for each rate of the control and a column for each number of
    regimens that are better, and the threshold found."""
    design: RegimenComparison = case.design
    several = range(len(design.regimens))
    at = len(found["mistaken"]) // len(design.regimens)
    table = np.array(found["mistaken"]).reshape(len(design.regimens), at)
    lowest = design.control or design.regimens[0]
    rows = tuple(
        Row((percent(found["rates"][c][lowest - 1]), *(percent(table[b, c]) for b in several)))
        for c in range(at)
    )  # fmt: skip
    heads = (Column(words("oc_true_control"), share=1.0),
             *(Column(words("oc_so_many_better", n=b), "right") for b in several))  # fmt: skip
    note = (
        words("oc_errors_exact") if found["method"] == "exact"
        else words("oc_errors_simulated", trials=f"{_ERROR_TRIALS:,}",
                   error=fixed(50 / _ERROR_TRIALS**0.5, 1))
    )  # fmt: skip
    if found["name_at"] is not None:
        said = words("oc_threshold_found", allowed=percent(ALLOWED),
                     name_at=f"{found['name_at']:g}")  # fmt: skip
    elif design.futility == POSTERIOR:
        said = words("oc_no_threshold", allowed=percent(ALLOWED))
    else:
        said = words("oc_no_search")
    caption = words("oc_errors_table", design=case.name)
    return [Table(caption, heads, rows, (words("oc_errors_note"), note)), Paragraph(said)]


def _bounds(design: RegimenComparison, words: ReportWords) -> Table:
    """Responses with which a regimen by itself is dropped or named, at each look."""
    read = [design.bounds(look) for look in range(len(design.looks))]
    heads = [Column(words("oc_control_responses"), "right")]
    for n in design.looks:
        if n < design.per_arm:
            heads.append(Column(words("oc_dropped_to", n=n), "right"))
        if n == design.per_arm or design.name_early_above < 1:
            heads.append(Column(words("oc_named_from", n=n), "right"))
    rows = []
    for c in range(len(read[-1])):
        cells = [str(c) if design.control else "–"]
        for look, n in enumerate(design.looks):
            here = read[look][c] if c < len(read[look]) else None
            if n < design.per_arm:
                cells.append(_cell(here and here[0]))
            if n == design.per_arm or design.name_early_above < 1:
                cells.append(_cell(here and here[1]))
        rows.append(Row(tuple(cells)))
    notes = () if design.borrowing == NONE else (words("oc_alone_note"),)
    return Table(words("oc_bounds_alone"), tuple(heads), tuple(rows), notes)


def _cell(bound: int | None) -> str:
    return "–" if bound is None else str(bound)


def _method(r: Any, question: Question, words: ReportWords) -> str:
    if r.method == "exact":
        return words("oc_exact_regimens")
    return words("oc_simulated_regimens", trials=f"{question.trials:,}",
                 error=fixed(50 / question.trials**0.5, 1))  # fmt: skip


_HEADS = ("design", "scenario", "arm", "true_response_rate", "named", "dropped", "participants",
          "mistaken")  # fmt: skip


def _rows(cases: Sequence[Case], found: Sequence[Any], question: Question) -> list[tuple[Any, ...]]:
    """One row for each design, scenario and arm; arm 0 is that any regimen is named."""
    rows: list[tuple[Any, ...]] = []
    for case, r in zip(cases, found, strict=True):
        for s, rates in enumerate(question.rates):
            rows.append((case.name, s + 1, 0, "", float(r.any_named[s]), "",
                         float(r.participants[s].sum()), float(r.mistaken[s])))  # fmt: skip
            rows += [
                (case.name, s + 1, a + 1, rates[a], float(r.named[s, a]), float(r.dropped[s, a]),
                 float(r.participants[s, a]), "")
                for a in range(case.design.arms)
            ]  # fmt: skip
    return rows


def _listed(r: Any) -> dict[str, Any]:
    return {
        name: value.tolist() if isinstance(value, np.ndarray) else value
        for name in r.__dataclass_fields__
        for value in [getattr(r, name)]
    }
