"""Adverse events as posted: totals of each group, and each term by group."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal

from trialwright.registry.record.record import Record
from trialwright.registry.results.quantities import Quantity, read_quantity
from trialwright.registry.results.tree import maps, text_of

Seriousness = Literal["serious", "other"]


@dataclass(frozen=True, slots=True)
class EventGroup:
    """A group with its own totals: participants affected, of those at risk."""

    id: str
    title: str
    description: str
    deaths: tuple[Quantity, Quantity]
    serious: tuple[Quantity, Quantity]
    other: tuple[Quantity, Quantity]


@dataclass(frozen=True, slots=True)
class EventCount:
    """A term in a group: participants affected and at risk, and events where they are counted."""

    group: str
    affected: Quantity
    at_risk: Quantity
    events: Quantity


@dataclass(frozen=True, slots=True)
class EventTerm:
    """A term of an organ system, by group."""

    seriousness: Seriousness
    term: str
    organ_system: str
    vocabulary: str
    assessment: str
    counts: tuple[EventCount, ...]


@dataclass(frozen=True, slots=True)
class AdverseEvents:
    """The adverse events of a record.

    Attributes:
        threshold: other events are listed where their share exceeds this percentage in a group.
        time_frame, description: over what time, and how they were collected.
    """

    threshold: str
    time_frame: str
    description: str
    groups: tuple[EventGroup, ...]
    terms: tuple[EventTerm, ...]


def adverse_events(record: Record) -> AdverseEvents | None:
    """Return a record's adverse events; None where it posts none."""
    module = record.results("adverseEvents")
    if not module:
        return None
    return AdverseEvents(
        threshold=text_of(module, "frequencyThreshold"),
        time_frame=text_of(module, "timeFrame"),
        description=text_of(module, "description"),
        groups=tuple(map(_group, maps(module.get("eventGroups")))),
        terms=(*_terms(module, "serious"), *_terms(module, "other")),
    )


def _group(raw: dict[str, Any]) -> EventGroup:
    def both(kind: str) -> tuple[Quantity, Quantity]:
        affected, at_risk = (raw.get(f"{kind}Num{name}") for name in ("Affected", "AtRisk"))
        return read_quantity(affected), read_quantity(at_risk)

    return EventGroup(
        id=text_of(raw, "id"), title=text_of(raw, "title"),
        description=text_of(raw, "description"),
        deaths=both("deaths"), serious=both("serious"), other=both("other"),
    )  # fmt: skip


def _terms(module: dict[str, Any], seriousness: Seriousness) -> Iterator[EventTerm]:
    for raw in maps(module.get(f"{seriousness}Events")):
        counts = (
            EventCount(
                text_of(one, "groupId"),
                read_quantity(one.get("numAffected")),
                read_quantity(one.get("numAtRisk")),
                read_quantity(one.get("numEvents")),
            )
            for one in maps(raw.get("stats"))
        )
        yield EventTerm(
            seriousness=seriousness, term=text_of(raw, "term"),
            organ_system=text_of(raw, "organSystem"), vocabulary=text_of(raw, "sourceVocabulary"),
            assessment=text_of(raw, "assessmentType"), counts=tuple(counts),
        )  # fmt: skip
