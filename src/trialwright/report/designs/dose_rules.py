"""The rule of a dose-finding design as tables and a picture, by what decides in it."""

from __future__ import annotations

from trialwright.design.boin12 import Boin12
from trialwright.design.finding import DoseFinding, DoseState
from trialwright.design.interval import IntervalDesign
from trialwright.design.simulated_finding import SimulatedFinding
from trialwright.design.table import RuleTable
from trialwright.report.document import Block, Column, Figure, Row, Table
from trialwright.report.figures.boundaries import Band, BoundaryChart, boundaries_figure
from trialwright.report.words import ReportWords

Model = DoseFinding | SimulatedFinding


def rule_parts(design: Model, words: ReportWords, width: float = 620.0) -> tuple[Block, ...]:
    """A picture where counts alone decide, and the table that one reads at the bedside."""
    if isinstance(design, IntervalDesign):
        return _picture(design, words, width), boundary_table(design, words)
    if isinstance(design, Boin12):
        one, most = design.cohort_size, design.max_participants
        table = design.table(min(2 * one, most))
        return tuple(_ranks(table, n, words) for n in (one, 2 * one) if n <= most)
    if isinstance(design, SimulatedFinding) or hasattr(design, "skeleton"):
        return (_pathways(design, words),)
    return (boundary_table(design, words),)


def _picture(design: IntervalDesign, words: ReportWords, width: float) -> Figure:
    rows = design.boundaries
    bands = (
        Band(words("oc_escalate"), "up", tuple(up + 1 for up, _, _, _ in rows)),
        Band(words("oc_stay"), "rest", tuple(
            down if out is None else min(down, out) for _, down, out, _ in rows)),
        Band(words("oc_de_escalate"), "down", tuple(out for _, _, out, _ in rows)),
        Band(words("oc_eliminate"), "out", (None,) * len(rows)),
    )  # fmt: skip
    axes = (words("oc_treated_here"), words("oc_dlts_here"))
    chart = BoundaryChart(bands, *axes, step=max(design.cohort_size, 1))
    n = min(2 * design.cohort_size, design.max_participants)
    up, down, out, _ = rows[n - 1]
    sentence = words(
        "oc_boundary_sentence",
        n=n,
        up=up if up >= 0 else words("oc_never"),
        down=down if down <= n else words("oc_never"),
        out=words("oc_never") if out is None else out,
    )
    return Figure(words("oc_boundary_figure"), boundaries_figure(chart, sentence, width), sentence)


def boundary_table(design: DoseFinding, words: ReportWords) -> Table:
    """The decision table for complete cohorts, and for all at the end."""
    table = design.table()
    last = table.rows[-1][0]
    kept = [
        row for row in table.rows if int(row[0] or 0) % design.cohort_size == 0 or row[0] == last
    ]
    columns = tuple(Column(words(f"oc_column_{name}"), "right", 1.0) for name in table.columns)
    rows = tuple(Row(tuple("–" if cell is None else str(cell) for cell in row)) for row in kept)
    note = (words("oc_cohorts_note"),) if len(kept) < len(table.rows) else ()
    return Table(words("oc_decision_table"), columns, rows, note, narrow=True)


def _pathways(design: Model, words: ReportWords) -> Table:
    """Where the third cohort goes, by what the first two brought."""
    size = design.cohort_size
    columns = (
        Column(words("oc_first_cohort"), "right", 1.0),
        Column(words("oc_second_dose"), "right", 1.0),
        *(Column(words("oc_second_cohort", dlts=k), "right", 1.0) for k in range(size + 1)),
    )
    start = design.start()
    rows = []
    for k in range(size + 1):
        state = start.observe(start.dose, size, k)
        rows.append(Row((str(k), _goes(design, state, words), *_follow(design, state, words))))
    return Table(words("oc_pathways"), columns, tuple(rows), (words("oc_pathways_note"),))


def _follow(design: Model, state: DoseState, words: ReportWords) -> list[str]:
    decision = design.decide(state)
    size = design.next_cohort(state)
    if decision.dose is None or size == 0:
        return ["–"] * (design.cohort_size + 1)
    return [
        _goes(design, state.observe(decision.dose, size, k), words) if k <= size else "–"
        for k in range(design.cohort_size + 1)
    ]


def _goes(design: Model, state: DoseState, words: ReportWords) -> str:
    decision = design.decide(state)
    return words("oc_stop") if decision.action == "stop" else str(decision.dose)


def _ranks(table: RuleTable, n: int, words: ReportWords) -> Table:
    """Desirability ranks with n treated: DLTs down, responses across; a dash where barred."""
    found = {
        (row[1], row[2]): "–" if row[3] is None else str(row[3])
        for row in table.rows
        if row[0] == n
    }
    heads = (
        Column(words("oc_rank_head"), "right", 1.0),
        *(Column(str(r), "right", 1.0) for r in range(n + 1)),
    )
    rows = tuple(
        Row((str(y), *(found.get((y, r), "–") for r in range(n + 1)))) for y in range(n + 1)
    )
    return Table(words("oc_ranks", n=n), heads, rows, (words("oc_ranks_note"),))
