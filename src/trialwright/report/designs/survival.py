"""Group-sequential tests of times to an event told: when each look comes, and what it asks for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from math import ceil

from trialwright.report.context import fixed, percent
from trialwright.report.designs.case import Case, DesignSummary, Question
from trialwright.report.document import Block, Column, Figure, Row, Table
from trialwright.report.figures.curves import Curve, CurveChart, curves_figure
from trialwright.report.words import ReportWords

_KEYS = ("oc_column_look", "oc_column_events", "oc_column_time", "oc_upper", "oc_lower",
         "oc_critical_ratio", "oc_power_so_far")  # fmt: skip
_STEPS = 40


def summarise(cases: Sequence[Case], _question: Question, words: ReportWords) -> DesignSummary:
    """Up to three designs: their looks, and the share of participants with an event over time."""
    last = max(case.design.looks[-1].time for case in cases)
    sheet, curves = [], []
    for case in cases:
        trial = case.design.trial
        sheet += [(case.name, k, *asdict(look).values())
                  for k, look in enumerate(case.design.looks, start=1)]  # fmt: skip
        times = [1.25 * last * step / _STEPS for step in range(1, _STEPS + 1)]
        points = ((t, trial.expected_events(t) / trial.participants) for t in times)
        curves.append(Curve(case.name, ((0.0, 0.0), *points)))
    chart = CurveChart(
        tuple(curves), words("oc_time_axis"), words("oc_share_with_event"),
        tuple((last * part / 4, fixed(last * part / 4, 1)) for part in range(6)),
        mark=(last, words("oc_last_look")),
    )  # fmt: skip
    said = words("oc_join").join(
        words("oc_survival_said", design=case.name, events=str(ceil(case.design.looks[-1].events)),
              time=fixed(case.design.looks[-1].time, 1))
        for case in cases
    )  # fmt: skip
    sentence = words("oc_survival_sentence", said=said)
    return DesignSummary(
        tuple((_looks(case, words),) for case in cases),
        (Figure(words("oc_survival_figure"), curves_figure(chart, sentence), sentence),),
        (words("oc_survival_method"),),
        ("design", "look", "fraction", "events", "time", "upper", "lower", "critical_ratio",
         "power"),
        tuple(sheet),
        tuple(
            {"looks": [asdict(look) for look in case.design.looks], "method": "quadrature"}
            for case in cases
        ),
    )  # fmt: skip


def _looks(case: Case, words: ReportWords) -> Block:
    rows = tuple(
        Row((str(k), str(ceil(look.events - 1e-9)), fixed(look.time, 1), f"{look.upper:.3f}",
             f"{look.lower:.3f}" if look.lower > -12 else "–", f"{look.critical_ratio:.3f}",
             percent(look.power)))
        for k, look in enumerate(case.design.looks, start=1)
    )  # fmt: skip
    heads = tuple(Column(words(key), "right", 1.0) for key in _KEYS)
    return Table(words("oc_event_looks"), heads, rows, (words("oc_event_looks_note"),))
