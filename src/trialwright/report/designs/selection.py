"""Selection among regimens told: its two holding rules, and how often each regimen is named."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict
from typing import Any

import numpy as np

from trialwright.design.checks import Floats
from trialwright.design.selection import SelectionCharacteristics, SelectionDesign
from trialwright.design.stopping import BetaBinomialStopping
from trialwright.report.context import fixed, percent, short_percent
from trialwright.report.designs import safety
from trialwright.report.designs.case import Case, DesignSummary, Question
from trialwright.report.document import Block, Column, Figure, Row, Section, Table
from trialwright.report.figures.bars import BarChart, BarPlace, Panel, bars_figure
from trialwright.report.words import ReportWords

RATES = (0.05, 0.10, 0.20, 0.30, 0.40)


def summarise(cases: Sequence[Case], question: Question, words: ReportWords) -> DesignSummary:
    """Selection designs with the same arms, under the same true event and response rates."""
    results = [
        case.design.operating_characteristics(question.rates, question.responses) for case in cases
    ]
    chances = [(r.named, r.none_named) for r in results]
    performance: list[Block] = [naming_bars(cases, chances, question.responses, words)]
    for case, r in zip(cases, results, strict=True):
        performance.append(_naming(case, r, question, words))
    performance += [holding(case.design, words) for case in cases]
    return DesignSummary(
        tuple(_rule_parts(case.design, words) for case in cases),
        tuple(performance),
        (words("oc_exact_selection"),),
        _HEADS,
        tuple(_rows(cases, results, question)),
        tuple(
            {k: v.tolist() if isinstance(v, np.ndarray) else v for k, v in asdict(r).items()}
            for r in results
        ),
    )


def reaching(design: SelectionDesign) -> dict[str, BetaBinomialStopping]:
    """The two rules with tables that end where the design ends: blocks, and blocks x regimens."""
    return {
        "oc_arm_rule": design.arm_rule.reaching(design.blocks),
        "oc_pooled_rule": design.pooled_rule.reaching(design.blocks * len(design.regimens)),
    }


def rules(design: SelectionDesign) -> dict[str, BetaBinomialStopping]:
    """The two rules with their whole tables, as the trial reads them."""
    return {"oc_arm_rule": design.arm_rule, "oc_pooled_rule": design.pooled_rule}


def _rule_parts(design: SelectionDesign, words: ReportWords) -> tuple[Block, ...]:
    return tuple(
        Section(words(key), safety.rule_parts(rule, words)) for key, rule in rules(design).items()
    )


def holding(design: SelectionDesign, words: ReportWords) -> Table:
    """Chance that each rule holds by itself, exactly, at five true rates."""
    cases = [Case(words(key), rule) for key, rule in reaching(design).items()]
    results = [case.design.operating_characteristics(list(RATES)) for case in cases]
    return safety.holding_table(cases, results, words)


def naming_bars(
    cases: Sequence[Case],
    results: Sequence[tuple[Floats, Floats]],
    responses: Sequence[Sequence[float]],
    words: ReportWords,
) -> Figure:
    """How often each regimen is named and how often none, by scenario; of each design the chances
    (scenarios x arms, and scenarios)."""
    design = cases[0].design
    panels = []
    for s, rates in enumerate(responses):
        best = max(rates[arm - 1] for arm in design.regimens)
        alone = [arm for arm in design.regimens if rates[arm - 1] == best]
        places = [
            BarPlace(words("arm", number=arm), short_percent(rates[arm - 1]),
                  len(alone) == 1 and arm == alone[0])
            for arm in design.regimens
        ]  # fmt: skip
        chances = tuple(
            (*(float(named[s, arm - 1]) for arm in design.regimens), float(none[s]))
            for named, none in results
        )
        title = words("oc_scenario", number=s + 1)
        panels.append(Panel(title, (*places, BarPlace(words("oc_none"))), chances))
    said = words("oc_join").join(
        words("oc_none_named", number=s + 1, percent=percent(results[0][1][s]))
        for s in range(len(panels))
    )
    sentence = words("oc_naming_sentence", said=said)
    drawing = bars_figure(BarChart(tuple(c.name for c in cases), tuple(panels)), sentence)
    return Figure(words("oc_naming_figure"), drawing, sentence)


def _naming(
    case: Case, r: SelectionCharacteristics, question: Question, words: ReportWords
) -> Table:
    arms = case.design.arms
    rows = []
    for s in range(len(r.none_named)):
        rows += [
            Row((words("oc_scenario", number=s + 1), *[""] * (arms + 1)), "group"),
            Row((words("oc_true_event"), *map(percent, question.rates[s]), ""), level=1),
            Row((words("oc_true_response"), *map(percent, question.responses[s]), ""), level=1),
            Row((words("oc_named"), *map(percent, r.named[s]), percent(r.none_named[s])), level=1),
            Row((words("oc_held"), *map(percent, r.stopped[s]), percent(r.stopped_all[s])),
                level=1),
            Row((words("oc_expected_treated"), *(fixed(n, 1) for n in r.participants[s]),
                 fixed(r.participants[s].sum(), 1)), level=1),
            Row((words("oc_inflation"), *map(_points, r.inflation[s]), ""), level=1),
        ]  # fmt: skip
    columns = (Column(case.name, share=1.0),
               *(Column(words("arm", number=a), "right") for a in range(1, arms + 1)),
               Column(words("oc_none_or_all"), "right"))  # fmt: skip
    note = words("oc_control_note", control=case.design.control)
    return Table(words("oc_naming"), columns, tuple(rows), (note, words("oc_inflation_note")))


def _points(value: float) -> str:
    return "–" if np.isnan(value) else fixed(100 * value, 1)


_HEADS = (
    "design", "scenario", "arm", "true_event_rate", "true_response_rate", "named", "stopped",
    "participants", "inflation",
)  # fmt: skip


def _rows(
    cases: Sequence[Case], results: Sequence[SelectionCharacteristics], question: Question
) -> Iterator[tuple[Any, ...]]:
    """One row for each design, scenario and arm; arm 0 is that none is named, or all are held."""
    for case, r in zip(cases, results, strict=True):
        for s in range(len(r.none_named)):
            yield (case.name, s + 1, 0, "", "", float(r.none_named[s]),
                   float(r.stopped_all[s]), "", "")  # fmt: skip
            for a in range(r.named.shape[1]):
                excess = "" if np.isnan(r.inflation[s, a]) else float(r.inflation[s, a])
                yield (case.name, s + 1, a + 1, question.rates[s][a], question.responses[s][a],
                       float(r.named[s, a]), float(r.stopped[s, a]),
                       float(r.participants[s, a]), excess)  # fmt: skip
