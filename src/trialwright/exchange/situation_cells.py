"""Situations without harm as cells of a cut's table, and back."""

from trialwright.analysis.cut_situations import Situation

SITUATION_COLUMNS = (
    "number", "participant", "special", "started", "known_on", "ended", "expected_on",
    "pregnancy_outcome", "weeks", "children", "described", "nullified",
)  # fmt: skip


def situation_cells(each: Situation) -> tuple[str, ...]:
    """One row."""
    weeks = "" if each.weeks is None else str(each.weeks)
    days = (each.started, each.known_on, each.ended, each.expected_on)
    told = (each.outcome, weeks, str(each.children), each.described, each.nullified)
    return (str(each.number), each.participant, each.kind, *days, *told)


def read_situation(row: tuple[str, ...]) -> Situation:
    """The situation of a row."""
    number, participant, kind, started, known, ended, expected, outcome, weeks, children = row[:10]
    days = (started, known, ended, expected)
    counts = (int(weeks) if weeks else None, int(children))
    return Situation(int(number), participant, kind, *days, outcome, *counts, *row[10:])
