"""Dose-finding designs told: which dose is selected, who is treated where, and how that moves."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict
from typing import Any

import numpy as np

from trialwright.design.boin12 import Boin12
from trialwright.design.characteristics import OperatingCharacteristics
from trialwright.design.checks import scenario_matrix
from trialwright.design.time_to_event import Accrual, TimedCharacteristics
from trialwright.report.context import fixed, percent, short_percent
from trialwright.report.designs.case import Case, DesignSummary, Question, complete_of, target_of
from trialwright.report.designs.dose_moving import answer, dose_columns, moved, moving_parts
from trialwright.report.designs.dose_rules import rule_parts
from trialwright.report.document import Block, Figure, Row, Table
from trialwright.report.figures.bars import BarChart, BarPlace, Panel, bars_figure
from trialwright.report.words import ReportWords


def summarise(cases: Sequence[Case], question: Question, words: ReportWords) -> DesignSummary:
    """Up to three dose-finding designs under the same true rates."""
    designs = [complete_of(case.design) for case in cases]
    targets = (getattr(design, "target", None) for design in designs)
    target = next((float(t) for t in targets if t is not None), None) or target_of(designs[0])
    truth = scenario_matrix(question.rates, designs[0].doses)
    results = [answer(case, question, truth, question.responses) for case in cases]
    moving = [
        moved(case, question, truth[0]) if result.method == "exact" else None
        for case, result in zip(cases, results, strict=True)
    ]
    performance: list[Block] = [
        _bars(cases, results, _right(designs[0], question, truth, target), words),
        _selected(cases, results, question, words),
        _treated(cases, results, target, words),
        *moving_parts(cases, moving, words),
    ]
    return DesignSummary(
        tuple(rule_parts(d, words, case.width) for d, case in zip(designs, cases, strict=True)),
        tuple(performance),
        tuple(
            method_sentence(r, words, case.name, question.accrual)
            for case, r in zip(cases, results, strict=True)
        ),
        _HEADS,
        tuple(_rows(cases, results, question)),
        tuple(_tree(result) for result in results),
    )


def likely_right(rates: np.ndarray[Any, Any], target: float) -> int | None:
    """The dose, from 0, whose true rate is nearest the target, the lower one at a tie; None where
    even the lowest rate is above 1.4 times the target, which BOIN's authors call overly toxic."""
    if rates.min() > 1.4 * target:
        return None
    return int(np.argmin(np.abs(rates - target).round(12)))


def method_sentence(
    result: OperatingCharacteristics, words: ReportWords, name: str, accrual: Accrual
) -> str:
    """How the numbers came about, with their error; for TITE designs also how participants came,
    and how long it took."""
    if result.method == "exact":
        return words("oc_exact", design=name, states=f"{result.states:,}")
    error = 100 * float(result.standard_error.max())
    said = words("oc_simulated", design=name, trials=f"{result.trials:,}", error=fixed(error, 2))
    if not isinstance(result, TimedCharacteristics):
        return said
    days = words("oc_listed").join(fixed(each, 0) for each in result.duration_days)
    if accrual.response_window_days:
        said += words("oc_response_window", days=f"{accrual.response_window_days:g}")
    return said + words(
        "oc_duration",
        arrivals=f"{accrual.arrivals_per_week:g}",
        window=f"{accrual.window_days:g}",
        late=percent(accrual.late_share),
        days=days,
    )


def _right(design: Any, question: Question, truth: Any, target: float) -> list[int | None]:
    """The dose that should be selected in each scenario: by utility where a design weighs benefit
    against harm, else the one nearest the target."""
    if not isinstance(design, Boin12):
        return [likely_right(rates, target) for rates in truth]
    return [
        best_utility(design, rates, np.array(responses))
        for rates, responses in zip(truth, question.responses, strict=True)
    ]


def best_utility(
    design: Boin12, dlt: np.ndarray[Any, Any], response: np.ndarray[Any, Any]
) -> int | None:
    """The dose, from 0, of the highest true utility among those within both limits, or None."""
    utility = design.neither * (1 - dlt) + design.both * response
    allowed = (dlt <= design.target + 1e-9) & (response >= design.min_response - 1e-9)
    return int(np.argmax(np.where(allowed, utility, -1.0))) if allowed.any() else None


def _bars(
    cases: Sequence[Case],
    results: Sequence[OperatingCharacteristics],
    right: Sequence[int | None],
    words: ReportWords,
) -> Figure:
    panels = []
    for s, rates in enumerate(results[0].scenarios):
        places = [
            BarPlace(words("oc_dose", dose=d + 1), short_percent(rate), d == right[s])
            for d, rate in enumerate(rates)
        ]
        chances = tuple((*r.selected[s], float(r.none_selected[s])) for r in results)
        title = words("oc_scenario", number=s + 1)
        none = BarPlace(words("oc_none"), "", right[s] is None)
        panels.append(Panel(title, (*places, none), chances))
    weighed = isinstance(complete_of(cases[0].design), Boin12)
    sentence = _best_said(cases, results, right[0], words, weighed=weighed)
    drawing = bars_figure(BarChart(tuple(c.name for c in cases), tuple(panels)), sentence)
    return Figure(words("oc_bars_best" if weighed else "oc_bars"), drawing, sentence)


def _best_said(
    cases: Sequence[Case],
    results: Sequence[OperatingCharacteristics],
    right: int | None,
    words: ReportWords,
    *,
    weighed: bool,
) -> str:
    """How often each design is right in the first scenario."""
    said = words("oc_join").join(
        words("oc_bar_said", design=case.name, percent=percent(
            float(r.none_selected[0] if right is None else r.selected[0, right])))
        for case, r in zip(cases, results, strict=True)
    )  # fmt: skip
    if right is None:
        return words("oc_bars_sentence_no_best" if weighed else "oc_bars_sentence_none", said=said)
    key = "oc_bars_sentence_best" if weighed else "oc_bars_sentence"
    return words(key, dose=right + 1, said=said)


def _selected(
    cases: Sequence[Case],
    results: Sequence[OperatingCharacteristics],
    question: Question,
    words: ReportWords,
) -> Table:
    doses = results[0].selected.shape[1]
    rows = []
    for s, rates in enumerate(results[0].scenarios):
        rows.append(Row((words("oc_scenario", number=s + 1), *[""] * (doses + 1)), "group"))
        rows.append(Row((words("oc_true_dlt"), *map(percent, rates), ""), level=1))
        if question.responses:
            true = map(percent, question.responses[s])
            rows.append(Row((words("oc_true_response"), *true, ""), level=1))
        for case, r in zip(cases, results, strict=True):
            cells = (*map(percent, r.selected[s]), percent(r.none_selected[s]))
            rows.append(Row((case.name, *cells), level=1))
    return Table(
        words("oc_selected"),
        dose_columns(doses, words, words("oc_percent"), words("oc_none_head")),
        tuple(rows),
    )


def _treated(
    cases: Sequence[Case],
    results: Sequence[OperatingCharacteristics],
    target: float,
    words: ReportWords,
) -> Table:
    doses = results[0].selected.shape[1]
    after = [words("oc_all"), words("oc_dlts"), words("oc_overdose")]
    if any(isinstance(r, TimedCharacteristics) for r in results):
        after.append(words("oc_days"))
    rows = []
    for s in range(len(results[0].scenarios)):
        title = words("oc_scenario", number=s + 1)
        rows.append(Row((title, *[""] * (doses + len(after))), "group"))
        for case, r in zip(cases, results, strict=True):
            cells = [fixed(n, 1) for n in r.participants[s]]
            cells += [fixed(r.participants[s].sum(), 1), fixed(r.dlts[s].sum(), 1)]
            # 3+3 knows no target; beside others it is judged by theirs.
            above = r.participants[s][r.scenarios[s] > target + 1e-9].sum()
            share = percent(above / r.participants[s].sum())
            days = fixed(r.duration_days[s], 0) if isinstance(r, TimedCharacteristics) else "–"
            cells += [share, days][: len(after) - 2]
            rows.append(Row((case.name, *cells), level=1))
    return Table(
        words("oc_treated"),
        dose_columns(doses, words, words("oc_participants"), *after),
        tuple(rows),
        (words("oc_overdose_note"),),
    )


_HEADS = (
    "design", "scenario", "dose", "true_dlt_rate", "true_response_rate", "selected",
    "participants", "dlts", "standard_error", "method",
)  # fmt: skip


def _rows(
    cases: Sequence[Case], results: Sequence[OperatingCharacteristics], question: Question
) -> Iterator[tuple[Any, ...]]:
    """One row for each design, scenario and dose; dose 0 is that none is selected."""
    for case, r in zip(cases, results, strict=True):
        for s, rates in enumerate(r.scenarios):
            yield case.name, s + 1, 0, "", "", float(r.none_selected[s]), "", "", "", r.method
            for d, rate in enumerate(rates):
                response = question.responses[s][d] if question.responses else ""
                numbers = (r.selected[s, d], r.participants[s, d], r.dlts[s, d])
                error = float(r.standard_error[s, d])
                yield (case.name, s + 1, d + 1, float(rate), response, *map(float, numbers),
                       error, r.method)  # fmt: skip


def _tree(result: OperatingCharacteristics) -> dict[str, Any]:
    plain = asdict(result)
    return {k: v.tolist() if isinstance(v, np.ndarray) else v for k, v in plain.items()}
