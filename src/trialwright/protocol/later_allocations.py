"""Allocations at later epochs: who is allocated again, when, and what must hold of them.

At such an epoch everybody takes the same step. Who came from one of the arms named, and meets the
condition, gets an arm anew; all others keep theirs. Both leave the same record, so that nobody
blinded can tell who was allocated again.
"""

from collections.abc import Collection, Iterator

from trialwright.protocol.allocation_kinds import AllocationKind
from trialwright.protocol.allocations import Allocation
from trialwright.protocol.model import Protocol
from trialwright.protocol.occurrences import key_of
from trialwright.protocol.problems import Problem

_RULE = "allocations"
_KINDS = (
    AllocationKind.NONE,
    AllocationKind.BLOCKS,
    AllocationKind.SIMPLE,
    AllocationKind.BIASED_COIN,
    AllocationKind.MINIMISATION,
    AllocationKind.SWITCH,
    AllocationKind.DOSE_COHORT,
)
"""How participants can be allocated again: nobody chooses, so that nobody is told."""


def allocation_due(
    protocol: Protocol, made: Collection[str], visits: Collection[tuple[str, int]]
) -> Allocation | None:
    """The later allocation that is to be made now: once a visit of its epoch may take place.

    Args:
        made: the keys of those that were made.
        visits: the visits, with their occurrences, that took place or may by now.
    """
    for each in protocol.later_allocations:
        if each.key not in made:
            reached = any(each in protocol.allocations_by(key) for key, _number in visits)
            return each if reached else None
    return None


def later_problems(protocol: Protocol) -> Iterator[Problem]:
    """Allocations that nobody could come to, or that would tell an arm."""
    if not protocol.allocations:
        return
    entries = [each for each in protocol.allocations if each.at is None]
    if len(entries) != 1 and not protocol.groups:
        yield Problem(
            protocol.allocations[0].line,
            f"Participants enter by one allocation, and {len(entries)} are at no epoch",
            "Give every allocation but the first `at:` with the epoch at which it is made.",
            _RULE,
        )
    for each in entries:
        if each.kind is AllocationKind.SWITCH:
            message = f"`{each.key}` is a switch, and nobody has an arm yet to switch from"
            way_out = "Give it `at:` with the epoch at which it is made, in `allocations:`."
            yield Problem(each.line, message, way_out, "allocation-kind")
        elif each.among or each.when:
            message = f"`{each.key}` is made of everybody who enters, and has `among` or `when`"
            way_out = "Give it `at:` with the epoch at which it is made, or leave them away."
            yield Problem(each.line, message, way_out, _RULE)
    order = {epoch.key: number for number, epoch in enumerate(protocol.epochs)}
    reached, before = {number for each in entries for number in each.arms}, -1
    for each in protocol.later_allocations:
        yield from _keys(each)
        yield from _epoch(protocol, each)
        if (place := order[each.at or ""]) <= before:
            message = f"`{each.key}` is made no later than the allocation before it"
            yield Problem(each.line, message, "Write them in the order of their epochs.", _RULE)
        before = place
        for number in sorted(set(each.among) - reached):
            arm = protocol.arms[number - 1]
            message = f"Nobody has the arm `{arm.key}` when `{each.key}` is made"
            way_out = "Name arms under `among` that an earlier allocation leads to."
            yield Problem(each.line, message, way_out, _RULE)
        reached |= set(each.arms)
    if entries and (never := [arm for arm in protocol.arms if arm.number not in reached]):
        message = f"No allocation leads to the arm `{never[0].key}`"
        yield Problem(never[0].line, message, "Name it in a `ratio` or `arms`.", _RULE)
    if protocol.later_allocations:
        yield from _whole(protocol)


def _keys(allocation: Allocation) -> Iterator[Problem]:
    if allocation.kind not in _KINDS:
        message = (
            f"`{allocation.key}` is made at a later epoch, and is of the kind `{allocation.kind}`"
        )
        way_out = "Write `kind:` " + ", ".join(f"`{kind}`" for kind in _KINDS) + "."
        yield Problem(allocation.line, message, way_out, "allocation-kind")
    if allocation.run_in or allocation.pause_after:
        message = (
            f"`{allocation.key}` is made at a later epoch, and has a `run_in` or `pause_after`"
        )
        way_out = "These are of the allocation by which participants enter."
        yield Problem(allocation.line, message, way_out, "allocation-kind")


def _epoch(protocol: Protocol, allocation: Allocation) -> Iterator[Problem]:
    own = {anchor.key for anchor in protocol.anchors if anchor.step == allocation.key}
    there = [visit for visit in protocol.visits if visit.epoch == allocation.at]
    visits = [visit for visit in there if visit.anchor not in own]
    if not visits or any(visit.screening for visit in there):
        message = f"No visit brings participants to `{allocation.key}`"
        way_out = (
            f"Give the visits from then on `epoch: {allocation.at}`: the first must count from "
            "something else than this allocation, and come after screening."
        )
        yield Problem(allocation.line, message, way_out, _RULE)
    order = {epoch.key: number for number, epoch in enumerate(protocol.epochs)}
    known = {visit.key: visit for visit in protocol.visits}
    read = [allocation.when] if allocation.when else []
    read += [level.when for factor in allocation.factors for level in factor.levels]
    for expression in read:
        for name in expression.names if expression.kind else ():
            visit = known.get(key_of(name.split(".")[0]))
            epoch = visit.epoch if visit else None
            early = visit is not None and (
                visit.screening or (epoch is not None and order[epoch] < order[allocation.at or ""])
            )
            if not early:
                yield Problem(
                    expression.line,
                    f"`{allocation.key}` needs `{name}`, which isn't known before it",
                    "Use items of visits of earlier epochs.",
                    "after-allocation",
                )


def _whole(protocol: Protocol) -> Iterator[Problem]:
    """What a file with several allocations can't have."""
    line = protocol.later_allocations[0].line
    joining = [each for each in protocol.allocations if each.kind is AllocationKind.DOSE_COHORT]
    if any(each.at is None for each in joining):
        message = "Participants join dose cohorts as they enter, and are allocated again"
        way_out = "Keep one of the two, or have the cohorts joined at a later epoch."
        yield Problem(line, message, way_out, _RULE)
    elif len(joining) > 1:
        message = "The dose cohorts are joined by two allocations"
        yield Problem(joining[1].line, message, "Keep one of them.", _RULE)
    elif joining and protocol.cohorts is not None and protocol.cohorts.days_apart:
        message = "`days_apart` of the cohorts is kept as participants enter, and they join later"
        yield Problem(protocol.cohorts.line, message, "Leave it away.", "cohorts")
    known = {visit.key: visit for visit in protocol.visits}
    keys = {each.key for each in protocol.later_allocations}
    for step in protocol.steps:
        if step.key in keys:
            message = f"`{step.key}` is the key of a step and of an allocation"
            yield Problem(step.line, message, "Give one of them another key.", _RULE)
        loose = not step.at or any(known[key].epoch is None for key in step.at if key in known)
        if step.dispenses is not None and loose:
            yield Problem(
                step.line,
                f"The step `{step.key}` dispenses kits at a visit of no epoch, and which arm "
                "counts there follows from the epoch",
                "Give each of its visits an `epoch`.",
                _RULE,
            )
