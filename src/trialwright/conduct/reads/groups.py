"""The groups of participants as they stand, for pages: what each waits for, who may decide."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.utils import timezone

from trialwright.accounts.policy import Act, Actor, may, role_to_decide_group
from trialwright.conduct.allocation.groups import GroupNow, content_hash_of, groups_now
from trialwright.conduct.clock import day_of, installation_zone
from trialwright.conduct.models.groups import GroupVerdict
from trialwright.conduct.reads.participants import study_and_protocol
from trialwright.conduct.refusals import NotFound
from trialwright.protocol.groups import Group, GroupState


@dataclass(frozen=True, slots=True)
class GroupDecided:
    """One decision that was signed."""

    group: str
    opened: bool
    entered: int
    reason: str
    at: datetime
    by: UUID


@dataclass(frozen=True, slots=True)
class GroupLine:
    """One group: how many have entered, its state, and what this person can decide of it."""

    group: Group
    state: GroupState
    entered: int
    may_open: bool
    may_close: bool


@dataclass(frozen=True, slots=True)
class GroupsToRead:
    """The page's facts. decides_as: the role under which this person decides something, or None."""

    lines: tuple[GroupLine, ...]
    decisions: tuple[GroupDecided, ...]
    decides_as: str | None
    content_hash: str


def groups_to_read(by: Actor) -> GroupsToRead:
    """The groups, for whoever sees participants; NotFound for anybody else, and without any."""
    study, protocol = study_and_protocol(by)
    if not protocol.groups or not may(by, Act.SEE_PARTICIPANTS):
        raise NotFound
    now = groups_now(study, protocol, day_of(timezone.now(), installation_zone()))
    lines = tuple(_line(by, each) for each in now)
    roles = [
        role_to_decide_group(by, each.group, opens=opens)
        for each in lines
        for opens, may_decide in ((True, each.may_open), (False, each.may_close))
        if may_decide
    ]
    return GroupsToRead(
        lines=lines,
        decisions=tuple(
            GroupDecided(
                row.group,
                row.verdict == GroupVerdict.OPEN,
                row.entered,
                row.reason,
                row.decided_at,
                row.decided_by,
            )
            for each in now
            for row in each.decisions
        ),
        decides_as=roles[0] if roles else None,
        content_hash=content_hash_of(now),
    )


def _line(by: Actor, now: GroupNow) -> GroupLine:
    decided = {each.verdict for each in now.decisions}
    open_to = now.state is not GroupState.CLOSED
    opens, closes = (
        open_to
        and verdict.value not in decided
        and role_to_decide_group(by, now.group, opens=verdict is GroupVerdict.OPEN) is not None
        for verdict in (GroupVerdict.OPEN, GroupVerdict.CLOSE)
    )
    return GroupLine(now.group, now.state, now.entered, opens, closes)
