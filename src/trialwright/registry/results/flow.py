"""Participant flow as posted: periods, their milestones, and why participants left."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from trialwright.registry.record.record import Record
from trialwright.registry.results.measures import Group
from trialwright.registry.results.quantities import Quantity, read_quantity
from trialwright.registry.results.tree import group_texts, maps, text_of


@dataclass(frozen=True, slots=True)
class Milestone:
    """A milestone (STARTED, COMPLETED, NOT COMPLETED or its own) or a reason for leaving."""

    title: str
    counts: dict[str, Quantity]


@dataclass(frozen=True, slots=True)
class Period:
    """A part of the trial."""

    title: str
    milestones: tuple[Milestone, ...]
    reasons: tuple[Milestone, ...]

    def milestone(self, title: str) -> Milestone | None:
        """The milestone of a title."""
        return next((one for one in self.milestones if one.title == title), None)


@dataclass(frozen=True, slots=True)
class Flow:
    """The participant flow of a record."""

    recruitment: str
    before_assignment: str
    groups: tuple[Group, ...]
    periods: tuple[Period, ...]


def participant_flow(record: Record) -> Flow | None:
    """Return a record's participant flow; None where it posts none."""
    module = record.results("participantFlow")
    if not module:
        return None
    return Flow(
        recruitment=text_of(module, "recruitmentDetails"),
        before_assignment=text_of(module, "preAssignmentDetails"),
        groups=tuple(Group(*texts) for texts in group_texts(module.get("groups"))),
        periods=tuple(map(_period, maps(module.get("periods")))),
    )


def _period(raw: dict[str, Any]) -> Period:
    milestones = (
        Milestone(text_of(one, "type"), _counts(one.get("achievements")))
        for one in maps(raw.get("milestones"))
    )
    reasons = (
        Milestone(text_of(one, "type"), _counts(one.get("reasons")))
        for one in maps(raw.get("dropWithdraws"))
    )
    return Period(text_of(raw, "title"), tuple(milestones), tuple(reasons))


def _counts(raw: object) -> dict[str, Quantity]:
    return {text_of(one, "groupId"): read_quantity(one.get("numSubjects")) for one in maps(raw)}
