"""Safety monitoring told: at which number of events it holds, and how often it will."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import Any

from trialwright.design.checks import scenario_matrix
from trialwright.design.excess import ExcessOverControl
from trialwright.design.stopping import StoppingCharacteristics, StoppingRule
from trialwright.report.context import fixed, percent, short_percent
from trialwright.report.designs.case import Case, DesignSummary, Question
from trialwright.report.document import Block, Column, Figure, Row, Table
from trialwright.report.figures.boundaries import Band, BoundaryChart, boundaries_figure
from trialwright.report.figures.curves import Curve, CurveChart, curves_figure
from trialwright.report.words import ReportWords

_GRID = tuple(i / 100 for i in range(61))
FEW_WATCHED = 4
"""Participants watched at the same time, up to whom a curve has a point at every per cent."""
_CURVE_TRIALS = 1_000


def summarise(cases: Sequence[Case], question: Question, words: ReportWords) -> DesignSummary:
    """Up to three stopping rules at the same true event rates."""
    rates = scenario_matrix([question.rates[0]], len(question.rates[0]), "rates")[0]
    results = [_performance(case.design, rates, question) for case in cases]
    method = _method(cases, results, question, words)
    return DesignSummary(
        tuple(rule_parts(case.design, words, case.width) for case in cases),
        (_curves(cases, question, words), holding_table(cases, results, words)),
        tuple(method),
        ("design", "true_event_rate", "hold_probability", "participants", "events"),
        tuple(_rows(cases, results)),
        tuple(
            {
                "rates": r.rates.tolist(),
                "hold_probability": r.hold_probability.tolist(),
                "expected_participants": r.expected_participants.tolist(),
                "expected_events": r.expected_events.tolist(),
                "hold_distribution": r.hold_distribution.tolist(),
                "method": r.method.replace(" ", "-"),
                **_timed(r),
            }
            for r in results
        ),
    )


def _timed(r: StoppingCharacteristics) -> dict[str, Any]:
    """What there is where participants are treated by a schedule, or trials are simulated."""
    named = {"expected_days": r.expected_days, "standard_error": r.standard_error}
    return {name: value.tolist() for name, value in named.items() if value is not None}


def _performance(
    design: StoppingRule | ExcessOverControl,
    rates: Sequence[float],
    question: Question,
    trials: int = 0,
) -> StoppingCharacteristics:
    if isinstance(design, ExcessOverControl):
        return design.characteristics(rates, question.control.rate)
    return design.operating_characteristics(
        list(rates),
        None if question.schedule.waits else question.schedule,
        method=question.method.replace("-", " "),
        trials=trials or question.trials,
        seed=question.seed,
    )


def _method(
    cases: Sequence[Case],
    results: Sequence[StoppingCharacteristics],
    question: Question,
    words: ReportWords,
) -> list[str]:
    """How the answer was reached."""
    said = []
    schedule = question.schedule
    rules = [r for case, r in zip(cases, results, strict=True)
             if isinstance(case.design, StoppingRule)]  # fmt: skip
    if rules and schedule.waits:
        said.append(words("oc_exact_safety"))
    elif rules:
        said.append(words("oc_scheduled_safety", between=str(schedule.days_between),
                          window=str(schedule.window_days)))  # fmt: skip
        if schedule.pause_after:
            said.append(words("oc_scheduled_pause", treated=str(schedule.pause_after)))
        worst = max((float(r.standard_error.max()) for r in rules if r.standard_error is not None),
                    default=None)  # fmt: skip
        said.append(
            words("oc_scheduled_exact") if worst is None
            else words("oc_scheduled_simulated", trials=f"{question.trials:,}",
                       error=f"{100 * worst:.2f}")
        )  # fmt: skip
    if len(rules) < len(cases):
        said.append(words("oc_exact_excess", control=percent(question.control.rate)))
    return said


def rule_parts(
    design: StoppingRule | ExcessOverControl, words: ReportWords, width: float = 620.0
) -> tuple[Block, ...]:
    """The boundary as a picture and as a table of runs; against a control, as a table by look."""
    if isinstance(design, ExcessOverControl):
        return (_looks_table(design, words),)
    bounds = design.hold_at[1:]
    bands = (
        Band(words("oc_go_on"), "rest", bounds),
        Band(words("oc_hold"), "out", (None,) * len(bounds)),
    )
    axes = (words("oc_treated_all"), words("oc_events"))
    chart = BoundaryChart(bands, *axes, step=max(1, round(len(bounds) / 10)))
    said = words("oc_then").join(
        words("oc_hold_run", bound=b, span=span) for span, b in _runs(bounds) if b != "–"
    )
    sentence = words("oc_hold_sentence", runs=said)
    figure = Figure(words("oc_hold_figure"), boundaries_figure(chart, sentence, width), sentence)
    return figure, runs_table(design, words)


def runs_table(design: StoppingRule, words: ReportWords, caption: str = "") -> Table:
    """Where the boundary stays the same, the numbers treated stand together."""
    columns = (Column(words("oc_column_treated"), "right", 1.0),
               Column(words("oc_column_hold_at"), "right", 1.0))  # fmt: skip
    rows = tuple(Row((span, bound)) for span, bound in _runs(design.hold_at[1:]))
    return Table(caption or words("oc_hold_table"), columns, rows, narrow=True)


def _looks_table(design: ExcessOverControl, words: ReportWords) -> Table:
    """Events on treatment at which it holds: control events down, looks across."""
    held = {(row[0], row[1]): row[2] for row in design.table().rows}
    columns = (
        Column(words("oc_control_events"), "right", 1.0),
        *(Column(words("oc_per_arm", n=n), "right", 1.0) for n in design.looks),
    )
    rows = []
    most = max((row[1] or 0 for row in design.table().rows if row[2] is not None), default=0)
    for events in range(most + 1):
        bounds = [held.get((n, events)) for n in design.looks]
        rows.append(Row((str(events), *("–" if b is None else str(b) for b in bounds))))
    return Table(words("oc_looks_table"), columns, tuple(rows), (words("oc_looks_note"),))


def _runs(bounds: Sequence[int | None]) -> Iterator[tuple[str, str]]:
    """("2–5", "2") for each run of one bound; where nothing holds, a dash."""
    n = 1
    for bound, run in groupby(bounds):
        size = len(list(run))
        span = str(n) if size == 1 else f"{n}–{n + size - 1}"
        yield span, "–" if bound is None else str(bound)
        n += size


def _curves(cases: Sequence[Case], question: Question, words: ReportWords) -> Figure:
    curves = []
    schedule = question.schedule
    watched = 1 if schedule.waits else -(-schedule.window_days // schedule.days_between)
    grid = _GRID if watched <= FEW_WATCHED else _GRID[::5]
    for case in cases:
        held = _performance(case.design, grid, question, _CURVE_TRIALS).hold_probability
        points = tuple((x, float(y)) for x, y in zip(grid, held, strict=True))
        curves.append(Curve(case.name, points))
    limit = getattr(cases[0].design, "limit", None)
    chart = CurveChart(
        tuple(curves),
        words("oc_event_rate"),
        words("oc_chance_hold"),
        tuple((x, f"{x:.0%}") for x in (0.0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6)),
        mark=(limit, words("oc_limit")) if limit is not None and limit <= _GRID[-1] else None,
    )
    said = words("oc_join").join(
        words("oc_hold_at_rates", design=curve.name, ten=percent(dict(curve.points)[0.1]),
              thirty=percent(dict(curve.points)[0.3]))
        for curve in curves
    )  # fmt: skip
    sentence = words("oc_hold_curve_sentence", said=said)
    return Figure(words("oc_hold_curve"), curves_figure(chart, sentence), sentence)


def holding_table(
    cases: Sequence[Case], results: Sequence[StoppingCharacteristics], words: ReportWords
) -> Table:
    """For each rule, chance of a hold and expected numbers at each true rate."""
    rates = results[0].rates
    heads = [short_percent(rate) for rate in rates]
    columns = (Column(words("oc_event_rate"), share=1.0), *(Column(h, "right") for h in heads))
    rows = []
    for case, r in zip(cases, results, strict=True):
        rows += [
            Row((case.name, *[""] * len(rates)), "group"),
            Row((words("oc_chance_hold_percent"), *map(percent, r.hold_probability)), level=1),
            Row((words("oc_expected_treated"), *(fixed(n, 1) for n in r.expected_participants)),
                level=1),
            Row((words("oc_expected_events"), *(fixed(n, 2) for n in r.expected_events)), level=1),
        ]  # fmt: skip
        if r.expected_days is not None:
            rows.append(
                Row((words("oc_expected_days"), *(fixed(n, 0) for n in r.expected_days)), level=1)
            )
    return Table(words("oc_holding"), columns, tuple(rows))


def _rows(
    cases: Sequence[Case], results: Sequence[StoppingCharacteristics]
) -> Iterator[tuple[Any, ...]]:
    for case, r in zip(cases, results, strict=True):
        for i, rate in enumerate(r.rates):
            numbers = (r.hold_probability[i], r.expected_participants[i], r.expected_events[i])
            yield case.name, float(rate), *map(float, numbers)
