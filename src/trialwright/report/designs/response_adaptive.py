"""Response-adaptive allocation told: who is named, who gets how many, and how far rates are off."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from trialwright.report.context import fixed, percent
from trialwright.report.designs.case import Case, DesignSummary, Question
from trialwright.report.document import Block, Column, Figure, Row, Table
from trialwright.report.figures.curves import Curve, CurveChart, curves_figure
from trialwright.report.words import ReportWords


def summarise(cases: Sequence[Case], question: Question, words: ReportWords) -> DesignSummary:
    """Up to three designs at the same pairs of true rates."""
    found = [case.design.operating_characteristics(question.rates) for case in cases]
    rows, sheet = [], []
    for case, r in zip(cases, found, strict=True):
        rows.append(Row((case.name, *[""] * 7), "group"))
        for i, (one, two) in enumerate(question.rates):
            shares = (r.named[i, 0], r.named[i, 1], r.worse_gets_more[i])
            biases = (r.bias[i, 0], r.bias[i, 1], r.bias_difference[i])
            pair = words("oc_pair", one=percent(one), two=percent(two))
            people = " / ".join(fixed(n, 1) for n in r.allocated[i])
            rows.append(Row((pair, *map(percent, shares[:2]), people, percent(shares[2]),
                             *(fixed(100 * bias, 1) for bias in biases)), level=1))  # fmt: skip
            sheet.append((case.name, one, two, *map(float, shares), *map(float, r.allocated[i]),
                          float(r.responses[i]), *map(float, biases)))  # fmt: skip
    keys = ("oc_named_first", "oc_named_second", "oc_allocated", "oc_worse_more", "oc_bias_first",
            "oc_bias_second", "oc_bias_difference")  # fmt: skip
    heads = (Column(words("oc_true_pair"), share=1.0),
             *(Column(words(key), "right") for key in keys))  # fmt: skip
    return DesignSummary(
        tuple((_shares(case, words),) for case in cases),
        (Table(words("oc_adaptive_table"), heads, tuple(rows), (words("oc_bias_note"),)),),
        (words("oc_exact_adaptive"),),
        ("design", "rate_1", "rate_2", "named_1", "named_2", "worse_gets_more", "participants_1",
         "participants_2", "responses", "bias_1", "bias_2", "bias_difference"),
        tuple(sheet),
        tuple(
            {
                "rates": r.rates.tolist(),
                "named": r.named.tolist(),
                "allocated": r.allocated.tolist(),
                "responses": r.responses.tolist(),
                "worse_gets_more": r.worse_gets_more.tolist(),
                "bias": r.bias.tolist(),
                "bias_difference": r.bias_difference.tolist(),
                "method": r.method,
            }
            for r in found
        ),
    )  # fmt: skip


def _shares(case: Case, words: ReportWords) -> Block:
    """How the allocation follows the probability, half way and for the last participant."""
    size, chances = case.design.participants, np.linspace(0, 1, 51)
    curves = tuple(
        Curve(words("oc_after_participants", n=str(n)),
              tuple(zip(chances.tolist(), case.design.share(chances, n).tolist(), strict=True)))
        for n in sorted({size // 2, size - 1})
    )  # fmt: skip
    ticks = tuple((x / 4, f"{25 * x}%") for x in range(5))
    chart = CurveChart(curves, words("oc_better_axis"), words("oc_share_axis"), ticks)
    sentence = words("oc_share_sentence", share=percent(float(case.design.share(0.9, size - 1))))
    return Figure(words("oc_share_figure"), curves_figure(chart, sentence), sentence)
