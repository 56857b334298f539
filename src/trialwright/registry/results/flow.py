"""Participant flow as posted: periods, their milestones, and why participants left."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from trialwright.registry.record.record import Record
from trialwright.registry.results.measures import ResultGroup
from trialwright.registry.results.quantities import Quantity, read_quantity
from trialwright.registry.results.tree import group_texts, maps, text_of


@dataclass(frozen=True, slots=True)
class FlowMilestone:
    """A milestone (STARTED, COMPLETED, NOT COMPLETED or its own) or a reason for leaving."""

    title: str
    counts: dict[str, Quantity]


@dataclass(frozen=True, slots=True)
class FlowPeriod:
    """A part of the trial."""

    title: str
    milestones: tuple[FlowMilestone, ...]
    reasons: tuple[FlowMilestone, ...]

    def milestone(self, title: str) -> FlowMilestone | None:
        """The milestone of a title."""
        return next((one for one in self.milestones if one.title == title), None)


@dataclass(frozen=True, slots=True)
class ReportedFlow:
    """The participant flow of a record."""

    recruitment: str
    before_assignment: str
    groups: tuple[ResultGroup, ...]
    periods: tuple[FlowPeriod, ...]


def participant_flow(record: Record) -> ReportedFlow | None:
    """Return a record's participant flow; None where it posts none."""
    module = record.results("participantFlow")
    if not module:
        return None
    return ReportedFlow(
        recruitment=text_of(module, "recruitmentDetails"),
        before_assignment=text_of(module, "preAssignmentDetails"),
        groups=tuple(ResultGroup(*texts) for texts in group_texts(module.get("groups"))),
        periods=tuple(map(_period, maps(module.get("periods")))),
    )


def _period(raw: dict[str, Any]) -> FlowPeriod:
    milestones = (
        FlowMilestone(text_of(one, "type"), _counts(one.get("achievements")))
        for one in maps(raw.get("milestones"))
    )
    reasons = (
        FlowMilestone(text_of(one, "type"), _counts(one.get("reasons")))
        for one in maps(raw.get("dropWithdraws"))
    )
    return FlowPeriod(text_of(raw, "title"), tuple(milestones), tuple(reasons))


def _counts(raw: object) -> dict[str, Quantity]:
    return {text_of(one, "groupId"): read_quantity(one.get("numSubjects")) for one in maps(raw)}
