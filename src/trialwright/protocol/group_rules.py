"""What must hold of groups: that each can be entered, that none tells an arm to who is blinded."""

from collections.abc import Iterator

from trialwright.protocol.allocation_kinds import AllocationKind
from trialwright.protocol.groups import Group, allocation_of
from trialwright.protocol.model import Protocol
from trialwright.protocol.problems import Problem
from trialwright.protocol.roles import Act

_RULE = "group"
_SEES_GROUPS = (Act.SEE_PARTICIPANTS, Act.SEE_CUTS, Act.SEE_LEDGER)


def group_problems(protocol: Protocol) -> Iterator[Problem]:
    """What is wrong with the groups and with how they are entered, by line."""
    groups = {group.key: group for group in protocol.groups}
    yield from _allocations(protocol)
    passed: Group | None = None
    for group in protocol.groups:
        yield from _never_open(group, groups)
        if passed is not None and not group.chosen_by:
            message = f"Nobody comes to the group `{group.key}`: everybody enters `{passed.key}`"
            way_out = f"Give `{passed.key}` a `when`, a number or an end, or write it last."
            yield Problem(group.line, message, way_out, _RULE)
        elif _takes_all(group):
            passed = group
        if group.when is not None and not group.when.names:
            message = f"`when` of the group `{group.key}` asks nothing of the participant"
            way_out = "Write who belongs, by items of screening visits, or leave it away."
            yield Problem(group.when.line, message, way_out, _RULE)
        if group.participants is not None and group.participants > protocol.participants:
            message = (
                f"The group `{group.key}` has {group.participants} participants, and the trial "
                f"{protocol.participants}"
            )
            way_out = "Write at most as many as the trial has."
            yield Problem(group.line, message, way_out, _RULE)
    yield from _telling(protocol)


def _takes_all(group: Group) -> bool:
    """Whether everybody who comes belongs, for good, once the group is open."""
    ends = group.participants is not None or group.closes.on or group.closes.by
    waits = group.opens.on or group.opens.after or group.opens.by
    return not (group.when or group.chosen_by or ends or waits)


def _never_open(group: Group, groups: dict[str, Group]) -> Iterator[Problem]:
    """Openings that never come: no day before the end, another group that never is full, a circle.

    An error of another line isn't told again here.
    """
    opens, closes = group.opens, group.closes
    if opens.on is not None and closes.on is not None and opens.on >= closes.on:
        message = f"Nobody can enter the group `{group.key}`: it closes before it opens"
        yield Problem(group.line, message, "Write a later `closes`, or an earlier `opens`.", _RULE)
    before = groups.get(opens.after or "")
    if before is None:
        return
    if _in_circle(group, groups):
        message = f"The group `{group.key}` waits for itself"
        if before.key != group.key:
            message = f"The groups `{group.key}` and `{before.key}` wait for each other"
        way_out = "Let one of them open on a day, by a decision or at once."
        yield Problem(group.line, message, way_out, _RULE)
    elif before.participants is None and opens.reached is None:
        message = f"The group `{group.key}` opens when `{before.key}` is full, which has no number"
        way_out = f"Give `{before.key}` its `participants`, or write how many are `reached`."
        yield Problem(group.line, message, way_out, _RULE)
    elif before.participants is not None and (opens.reached or 0) > before.participants:
        message = (
            f"The group `{group.key}` opens when `{before.key}` has {opens.reached}, and it takes "
            f"{before.participants}"
        )
        yield Problem(group.line, message, f"Write at most {before.participants}.", _RULE)


def _in_circle(group: Group, groups: dict[str, Group]) -> bool:
    here, seen = group, {group.key}
    while here.opens.after in groups:
        here = groups[here.opens.after]
        if here.key in seen:
            return here.key == group.key
        seen.add(here.key)
    return False


def _allocations(protocol: Protocol) -> Iterator[Problem]:
    """Every group says how its participants enter, and every allocation is of a group."""
    entries = protocol.entry_allocations
    used = {group.allocation for group in protocol.groups}
    for group in protocol.groups:
        if entries and allocation_of(protocol, group) is None:
            message = f"The group `{group.key}` doesn't say how its participants get their arm"
            way_out = "Name one of `allocations:` in `allocation:`, or write `arms:` or `cohorts:`."
            yield Problem(group.line, message, way_out, _RULE)
    for each in entries if protocol.groups else ():
        if each.key not in used:
            message = f"No group enters by the allocation `{each.key}`"
            yield Problem(each.line, message, "Name it in a group, or take it away.", _RULE)
    if len(entries) > 1:
        yield from _whole_trial(protocol)


def _whole_trial(protocol: Protocol) -> Iterator[Problem]:
    """What reads one allocation of the whole trial can't be had where groups have several."""
    for endpoint in protocol.endpoints:
        plan = endpoint.analysis
        if plan is not None and plan.stratified:
            yield Problem(
                endpoint.line,
                f"The analysis of `{endpoint.key}` is stratified, and groups are allocated apart",
                "Analyse it unstratified, or let all groups enter by one allocation.",
                _RULE,
            )
    for kind in protocol.kinds:
        if kind.shares_arm:
            message = f"The kind `{kind.key}` shares an arm, and groups are allocated apart"
            way_out = "Keep one of the two: one allocation, or no shared arm."
            yield Problem(kind.line, message, way_out, _RULE)
    for each in protocol.later_allocations:
        message = f"`{each.key}` allocates again, and groups are allocated apart"
        way_out = "Keep one of the two: one allocation by which all enter, or no later one."
        yield Problem(each.line, message, way_out, _RULE)
    for each in protocol.entry_allocations:
        if each.pause_after is not None:
            message = f"`{each.key}` has a pause, which counts the participants of the whole trial"
            way_out = (
                "Let the next group open by a signed decision (`opens: {decided_by: …}`) instead."
            )
            yield Problem(each.line, message, way_out, _RULE)


def _telling(protocol: Protocol) -> Iterator[Problem]:
    """Groups whose arm is known as soon as the group is, beside somebody who may not know it."""
    roles = protocol.roles
    seeing = sorted(roles.blinded & frozenset().union(*map(roles.who_may, _SEES_GROUPS)))
    if not seeing:
        return
    for group in protocol.groups:
        own = allocation_of(protocol, group)
        alone = own is not None and (own.kind is AllocationKind.NONE or len(own.arms) == 1)
        if alone and len(protocol.arms) > 1:
            yield Problem(
                group.line,
                f"The group `{group.key}` has one arm, and `{seeing[0]}`, who sees who is in which "
                "group, may not learn an arm",
                "Allocate within the group between arms, or write `knows_arm: yes` for the roles "
                "that see participants, pooled data or the audit trail.",
                _RULE,
            )
