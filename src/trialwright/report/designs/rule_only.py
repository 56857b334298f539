"""Designs told by their words and their table alone, where nothing is computed of them here."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from trialwright.report.designs.case import Case, DesignSummary
from trialwright.report.document import Block, Column, Row, Table
from trialwright.report.words import ReportWords


def summarise(cases: Sequence[Case], words: ReportWords) -> DesignSummary:
    """The rule of each, without performance."""
    return DesignSummary(tuple(rule_table(case.design, words) for case in cases))


def rule_table(design: Any, words: ReportWords) -> tuple[Block, ...]:
    """A rule's table as it is compiled, under names for people; nothing where it has none."""
    if not hasattr(design, "table"):
        return ()
    table = design.table()
    columns = tuple(
        Column(words(key) if words.has(key := f"oc_column_{name}") else name, "right", 1.0)
        for name in table.columns
    )
    rows = tuple(
        Row(tuple("–" if cell is None else str(cell) for cell in row)) for row in table.rows
    )
    return (Table(words("oc_decision_table"), columns, rows),)
