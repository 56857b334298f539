"""How the selected dose moves as the truth becomes milder or harsher than the first scenario."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from trialwright.design.characteristics import OperatingCharacteristics
from trialwright.design.finding import DoseFinding
from trialwright.design.time_to_event import TimeToEvent
from trialwright.report.context import percent
from trialwright.report.designs.case import Case, Question, is_timed, reads_responses
from trialwright.report.document import Block, Column, Figure, Row, Table
from trialwright.report.figures.curves import Curve, CurveChart, curves_figure
from trialwright.report.words import ReportWords

FACTORS = (1 / 4, 1 / 2, 1.0, 2.0, 4.0)
"""Where the table reads: the odds of a DLT at every dose, times these."""
_STEPS = 33


def answer(
    case: Case, question: Question, truth: Any, responses: Sequence[Sequence[float]]
) -> OperatingCharacteristics:
    """What one design does at true rates (scenarios x doses), with responses if it reads them."""
    asked: tuple[Any, ...] = (truth, responses) if reads_responses(case.design) else (truth,)
    how: dict[str, Any] = {"trials": question.trials, "seed": question.seed}
    # What is always simulated has no states to bound.
    if isinstance(case.design, DoseFinding | TimeToEvent):
        how["method"] = case.method or question.method
    if isinstance(case.design, DoseFinding):
        how["max_states"] = question.max_states
    if is_timed(case.design):
        how["accrual"] = question.accrual
    result: OperatingCharacteristics = case.design.operating_characteristics(*asked, **how)
    return result


def dose_columns(doses: int, words: ReportWords, first: str, *after: str) -> tuple[Column, ...]:
    """A column for what is told, one for each dose, and others after them."""
    heads = [words("oc_dose_short", dose=d) for d in range(1, doses + 1)]
    return (Column(first, share=1.0), *(Column(head, "right") for head in (*heads, *after)))


def _factors() -> np.ndarray[Any, Any]:
    grid: np.ndarray[Any, Any] = np.geomspace(FACTORS[0], FACTORS[-1], _STEPS)
    return grid


def moved(case: Case, question: Question, rates: Any) -> OperatingCharacteristics:
    """The same, as the odds of a DLT at every dose of the first scenario are multiplied."""
    factors = _factors()[:, None]
    truth = rates * factors / (1 - rates + rates * factors)
    responses = [question.responses[0]] * len(truth) if question.responses else ()
    return answer(case, question, truth, responses)


def moving_parts(
    cases: Sequence[Case], moved: Sequence[OperatingCharacteristics | None], words: ReportWords
) -> Iterator[Block]:
    """For each exact answer, the selected dose as the truth becomes harsher, and its table."""
    shown = [(case, r) for case, r in zip(cases, moved, strict=True) if r is not None]
    if not shown:
        return
    for case, r in shown:
        yield _moving_figure(case, r, words)
    doses = shown[0][1].selected.shape[1]
    at = [int(np.argmin(np.abs(_factors() - factor))) for factor in FACTORS]
    rows = []
    for factor, i in zip(FACTORS, at, strict=True):
        rows.append(Row((_odds(factor, words), *[""] * (doses + 1)), "group"))
        rates = map(percent, shown[0][1].scenarios[i])
        rows.append(Row((words("oc_true_dlt"), *rates, ""), level=1))
        for case, r in shown:
            cells = (*map(percent, r.selected[i]), percent(r.none_selected[i]))
            rows.append(Row((case.name, *cells), level=1))
    columns = dose_columns(doses, words, words("oc_percent"), words("oc_none_head"))
    yield Table(words("oc_moving_table"), columns, tuple(rows))


def _moving_figure(case: Case, r: OperatingCharacteristics, words: ReportWords) -> Figure:
    factors = _factors()
    lines = [*r.selected.T, r.none_selected]
    names = [words("oc_dose", dose=d + 1) for d in range(len(lines) - 1)] + [words("oc_none")]
    curves = tuple(
        Curve(
            name,
            tuple((float(x), float(y)) for x, y in zip(factors, line, strict=True)),
            aside=name == names[-1],
        )
        for name, line in zip(names, lines, strict=True)
    )
    chart = CurveChart(
        curves,
        words("oc_odds_axis"),
        words("oc_chance_selected"),
        tuple((factor, _odds_short(factor)) for factor in FACTORS),
        mark=(1.0, words("oc_scenario", number=1)),
        ratio=True,
        peaks=True,
    )
    middle = _STEPS // 2
    sentence = words(
        "oc_moving_sentence",
        design=case.name,
        mild=percent(r.none_selected[0]),
        now=percent(r.none_selected[middle]),
        harsh=percent(r.none_selected[-1]),
    )
    caption = words("oc_moving", design=case.name)
    return Figure(caption, curves_figure(chart, sentence), sentence)


def _odds(factor: float, words: ReportWords) -> str:
    return words("oc_scenario_1") if factor == 1 else words("oc_odds", factor=_odds_short(factor))


def _odds_short(factor: float) -> str:
    return {0.25: "× ¼", 0.5: "× ½"}.get(factor, f"× {factor:g}")
