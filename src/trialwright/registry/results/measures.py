"""Measures of a results section: an outcome or a baseline characteristic, by group."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from trialwright.registry.record.record import Record
from trialwright.registry.results.quantities import Quantity, read_quantity
from trialwright.registry.results.tree import group_texts, maps, text_of

# What of a participant's measure is one of some, and what a share of all.
COUNTS = {"COUNT_OF_PARTICIPANTS", "COUNT_OF_UNITS"}


@dataclass(frozen=True, slots=True)
class ResultGroup:
    """A group of participants in one module; its id counts within that module alone."""

    id: str
    title: str
    description: str


@dataclass(frozen=True, slots=True)
class ReportedFigure:
    """What was measured in a group: the estimate, its dispersion or limits, and a comment."""

    group: str
    value: Quantity
    spread: Quantity
    low: Quantity
    high: Quantity
    comment: str


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a measure: its class and category ("" where there is one alone), by group."""

    class_title: str
    category: str
    denominators: dict[str, Quantity]
    figures: tuple[ReportedFigure, ...]


@dataclass(frozen=True, slots=True)
class Analysis:
    """A comparison or estimate as posted.

    Attributes:
        groups: the ids of the groups compared.
        kind: superiority, non-inferiority…, as a code.
        method: the statistical method.
        p_value: as written, with its sign ("<0.001").
        parameter: what is estimated ("Hazard Ratio (HR)").
        estimate, low, high: the estimate and its confidence limits.
        level: of the interval, in percent.
        comment: what is added on the analysis and the estimate.
    """

    groups: tuple[str, ...]
    kind: str
    method: str
    p_value: str
    parameter: str
    estimate: Quantity
    low: Quantity
    high: Quantity
    level: str
    comment: str


@dataclass(frozen=True, slots=True)
class OutcomeMeasure:
    """A measure: what, in which unit, how it is summed up, and what was found.

    Attributes:
        role: PRIMARY, SECONDARY, OTHER_PRE_SPECIFIED, POST_HOC; "" of a baseline characteristic.
        summary: how values are summed up, as a code (MEAN, MEDIAN, COUNT_OF_PARTICIPANTS, NUMBER…).
        dispersion: of what kind spread or limits are, as a code (STANDARD_DEVIATION…).
        denominators: participants analysed by group.
        posted: False where the register says that the result isn't posted yet.
    """

    title: str
    description: str
    role: str
    time_frame: str
    population: str
    summary: str
    dispersion: str
    unit: str
    posted: bool
    groups: tuple[ResultGroup, ...]
    denominators: dict[str, Quantity]
    lines: tuple[Line, ...]
    analyses: tuple[Analysis, ...]

    def group(self, id: str) -> ResultGroup | None:
        """The group of an id."""
        return next((group for group in self.groups if group.id == id), None)


def outcome_measures(record: Record) -> tuple[OutcomeMeasure, ...]:
    """Return the outcome measures with results of a record, in its order."""
    module = record.results("outcomeMeasures")
    return tuple(_measure(raw, (), {}) for raw in maps(module.get("outcomeMeasures")))


def baseline_measures(record: Record) -> tuple[OutcomeMeasure, ...]:
    """Return the baseline characteristics of a record, all of the same groups."""
    module = record.results("baselineCharacteristics")
    groups, denominators = _groups(module), _denominators(module)
    return tuple(_measure(raw, groups, denominators) for raw in maps(module.get("measures")))


def _measure(
    raw: dict[str, Any], groups: tuple[ResultGroup, ...], denominators: dict[str, Quantity]
) -> OutcomeMeasure:
    return OutcomeMeasure(
        title=text_of(raw, "title"),
        description=text_of(raw, "description"),
        role=_code(raw, "type"),
        time_frame=text_of(raw, "timeFrame"),
        population=text_of(raw, "populationDescription"),
        summary=_code(raw, "paramType"),
        dispersion=_code(raw, "dispersionType"),
        unit=text_of(raw, "unitOfMeasure"),
        posted=_code(raw, "reportingStatus") != "NOT_POSTED",
        groups=_groups(raw) or groups,
        denominators=_denominators(raw) or denominators,
        lines=tuple(_lines(raw)),
        analyses=tuple(_analysis(one) for one in maps(raw.get("analyses"))),
    )


def _groups(raw: dict[str, Any]) -> tuple[ResultGroup, ...]:
    return tuple(ResultGroup(*texts) for texts in group_texts(raw.get("groups")))


def _denominators(raw: dict[str, Any]) -> dict[str, Quantity]:
    """How many were analysed by group, in participants where several units are counted."""
    known = maps(raw.get("denoms"))
    known.sort(key=lambda one: text_of(one, "units").lower() != "participants")
    counts = maps(known[0].get("counts")) if known else []
    return {text_of(one, "groupId"): read_quantity(one.get("value")) for one in counts}


def _lines(raw: dict[str, Any]) -> Iterator[Line]:
    for one in maps(raw.get("classes")):
        for category in maps(one.get("categories")):
            yield Line(
                class_title=text_of(one, "title"),
                category=text_of(category, "title"),
                denominators=_denominators(one),
                figures=tuple(map(_figure, maps(category.get("measurements")))),
            )


def _figure(raw: dict[str, Any]) -> ReportedFigure:
    value, spread, low, high = (
        read_quantity(raw.get(key)) for key in ("value", "spread", "lowerLimit", "upperLimit")
    )
    return ReportedFigure(
        text_of(raw, "groupId"), value, spread, low, high, text_of(raw, "comment")
    )


def _analysis(raw: dict[str, Any]) -> Analysis:
    ids = raw.get("groupIds")
    comments = (text_of(raw, key) for key in ("statisticalComment", "estimateComment"))
    return Analysis(
        groups=tuple(id for id in ids if isinstance(id, str)) if isinstance(ids, list) else (),
        kind=_code(raw, "nonInferiorityType"),
        method=text_of(raw, "statisticalMethod"),
        p_value=text_of(raw, "pValue"),
        parameter=text_of(raw, "paramType"),
        estimate=read_quantity(raw.get("paramValue")),
        low=read_quantity(raw.get("ciLowerLimit")),
        high=read_quantity(raw.get("ciUpperLimit")),
        level=text_of(raw, "ciPctValue"),
        comment=" ".join(filter(None, comments)),
    )


def _code(raw: dict[str, Any], key: str) -> str:
    """A code; some copies of the register have its words ("Count of Participants")."""
    return text_of(raw, key).upper().replace(" ", "_").replace("-", "_")
