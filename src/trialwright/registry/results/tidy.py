"""Results as tidy tables: one row for each measurement, analysis and count of an adverse event.

A figure that is no number keeps why: `…_reading` is "number", "not_estimable" (the register's
"NA"), "missing" or "unreadable"; zero is a number.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from trialwright.registry.record.record import Record
from trialwright.registry.results.contradictions import contradictions
from trialwright.registry.results.events import adverse_events
from trialwright.registry.results.flow import participant_flow
from trialwright.registry.results.measures import (
    OutcomeMeasure,
    baseline_measures,
    outcome_measures,
)
from trialwright.registry.results.quantities import MISSING, Quantity

Row = dict[str, Any]


def _figure_columns(name: str) -> dict[str, type]:
    return {f"{name}_text": str, name: float, f"{name}_reading": str}


_WHOSE: dict[str, type] = {"nct": str, "title": str}
_GROUP: dict[str, type] = {"group": str, "group_title": str}
TABLES: dict[str, dict[str, type]] = {
    "measurements": {
        **_WHOSE, "part": str, "measure": int, "role": str, "measure_title": str,
        "time_frame": str, "population": str, "summary": str, "dispersion": str, "unit": str,
        "class": str, "category": str, **_GROUP, **_figure_columns("analysed"),
        **_figure_columns("value"), **_figure_columns("spread"), **_figure_columns("low"),
        **_figure_columns("high"), "comment": str,
    },
    "analyses": {
        **_WHOSE, "measure": int, "measure_title": str, "groups": str, "kind": str, "method": str,
        "p_value": str, "parameter": str, **_figure_columns("estimate"),
        **_figure_columns("low"), **_figure_columns("high"), "level_percent": str, "comment": str,
    },
    "adverse_events": {
        **_WHOSE, "seriousness": str, "term": str, "organ_system": str, "vocabulary": str,
        "assessment": str, **_GROUP, **_figure_columns("affected"), **_figure_columns("at_risk"),
        **_figure_columns("events"),
    },
    "flow": {
        **_WHOSE, "period": str, "milestone": str, "reason": str, **_GROUP,
        **_figure_columns("participants"),
    },
    "contradictions": {**_WHOSE, "part": str, "what": str, "sentence": str},
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Tidy:
    """The rows of some trials by table, each with the columns of `TABLES`."""

    rows: dict[str, list[Row]]
    trials: int


def tidy(records: Iterable[Record]) -> Tidy:
    """Return the results of records as rows."""
    rows: dict[str, list[Row]] = {name: [] for name in TABLES}
    trials = 0
    for record in records:
        if not record.has_posted_results:
            continue
        trials += 1
        whose = {"nct": record.number, "title": record.title.value or ""}
        for name, make in _MAKERS.items():
            rows[name] += (whose | row for row in make(record))
    return Tidy(rows, trials)


def _measurements(record: Record) -> Iterator[Row]:
    for part, measures in (
        ("baseline", baseline_measures(record)), ("outcome", outcome_measures(record))
    ):  # fmt: skip
        for place, measure in enumerate(measures, start=1):
            yield from _of_measure(part, place, measure)


def _of_measure(part: str, place: int, measure: OutcomeMeasure) -> Iterator[Row]:
    about = {
        "part": part, "measure": place, "role": measure.role, "measure_title": measure.title,
        "time_frame": measure.time_frame, "population": measure.population,
        "summary": measure.summary, "dispersion": measure.dispersion, "unit": measure.unit,
    }  # fmt: skip
    for line in measure.lines:
        for figure in line.figures:
            group = measure.group(figure.group)
            analysed = line.denominators.get(figure.group)
            analysed = analysed or measure.denominators.get(figure.group, MISSING)
            yield {
                **about, "class": line.class_title, "category": line.category,
                "group": figure.group, "group_title": group.title if group else "",
                **_cells("analysed", analysed), **_cells("value", figure.value),
                **_cells("spread", figure.spread), **_cells("low", figure.low),
                **_cells("high", figure.high), "comment": figure.comment,
            }  # fmt: skip


def _analyses(record: Record) -> Iterator[Row]:
    for place, measure in enumerate(outcome_measures(record), start=1):
        for one in measure.analyses:
            named = (measure.group(id) for id in one.groups)
            yield {
                "measure": place, "measure_title": measure.title,
                "groups": "|".join(group.title for group in named if group), "kind": one.kind,
                "method": one.method, "p_value": one.p_value, "parameter": one.parameter,
                **_cells("estimate", one.estimate), **_cells("low", one.low),
                **_cells("high", one.high), "level_percent": one.level, "comment": one.comment,
            }  # fmt: skip


def _adverse_events(record: Record) -> Iterator[Row]:
    events = adverse_events(record)
    for term in events.terms if events else ():
        about = {
            "seriousness": term.seriousness, "term": term.term, "organ_system": term.organ_system,
            "vocabulary": term.vocabulary, "assessment": term.assessment,
        }  # fmt: skip
        titles = {group.id: group.title for group in events.groups} if events else {}
        for one in term.counts:
            yield {
                **about, "group": one.group, "group_title": titles.get(one.group, ""),
                **_cells("affected", one.affected), **_cells("at_risk", one.at_risk),
                **_cells("events", one.events),
            }  # fmt: skip


def _flow(record: Record) -> Iterator[Row]:
    flow = participant_flow(record)
    for period in flow.periods if flow else ():
        titles = {group.id: group.title for group in flow.groups} if flow else {}
        for milestones, reason in ((period.milestones, False), (period.reasons, True)):
            for one in milestones:
                for group, count in one.counts.items():
                    yield {
                        "period": period.title, "milestone": "" if reason else one.title,
                        "reason": one.title if reason else "", "group": group,
                        "group_title": titles.get(group, ""), **_cells("participants", count),
                    }  # fmt: skip


def _contradictions(record: Record) -> Iterator[Row]:
    for one in contradictions(record):
        yield {"part": one.part, "what": one.title, "sentence": str(one.what)}


def _cells(name: str, quantity: Quantity) -> Row:
    return {
        f"{name}_text": quantity.text, name: quantity.value, f"{name}_reading": quantity.reading
    }  # fmt: skip


_MAKERS = {
    "measurements": _measurements, "analyses": _analyses, "adverse_events": _adverse_events,
    "flow": _flow, "contradictions": _contradictions,
}  # fmt: skip
