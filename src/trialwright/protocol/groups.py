"""Groups of participants with a number, arms, an opening and an end of their own (study cohorts).

Parts that follow each other, platform arms, strata with arms of their own: a participant is placed
in one group when the eligibility is confirmed, and lives the file's part of it, as if it were a
protocol of its own: its allocation, its dose cohorts.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum
from functools import lru_cache
from typing import TYPE_CHECKING

from trialwright.protocol.allocation_kinds import AllocationKind
from trialwright.protocol.basics import Text
from trialwright.protocol.cohorts import Cohorts
from trialwright.protocol.evaluate import Values
from trialwright.protocol.expression import Expression

if TYPE_CHECKING:
    from trialwright.protocol.allocations import Allocation
    from trialwright.protocol.model import Protocol


@dataclass(frozen=True, slots=True)
class Opening:
    """What must have happened before anybody enters a group: all that is said of it.

    on: a day, at the participant's site. after: another group, that must be full or, with
    `reached`, have so many. by: the role whose signed decision opens it.
    """

    on: date | None = None
    after: str | None = None
    reached: int | None = None
    by: str = ""


@dataclass(frozen=True, slots=True)
class Closing:
    """What ends a group before it is full, whichever comes first: a day, from which nobody enters
    any more, or the signed decision of a role."""

    on: date | None = None
    by: str = ""


@dataclass(frozen=True, slots=True)
class Group:
    """One group.

    participants: how many at most; None without a number of its own. when: who belongs, everybody
    if None. chosen_by: the role that chooses the group, with a reason. allocation: the key of the
    allocation by which they get their arms, "" where nobody is allocated. cohorts: the dose cohorts
    by which this group escalates by itself.
    """

    key: str
    label: Text
    line: int
    participants: int | None = None
    when: Expression | None = None
    chosen_by: str = ""
    allocation: str = ""
    cohorts: Cohorts | None = None
    opens: Opening = Opening()
    closes: Closing = Closing()


class GroupState(StrEnum):
    """Whether participants enter a group now."""

    WAITING = "waiting"
    OPEN = "open"
    FULL = "full"
    CLOSED = "closed"


def state_of(
    group: Group,
    groups: Sequence[Group],
    entered: Mapping[str, int],
    decided: Collection[tuple[str, bool]],
    today: date,
) -> GroupState:
    """The state of a group on a day.

    Args:
        entered: how many are in each group, by its key.
        decided: the signed decisions: the key of a group, and whether it was opened.
    """
    closes = group.closes
    if (group.key, False) in decided or (closes.on is not None and today >= closes.on):
        return GroupState.CLOSED
    if _has(group, entered, group.participants):
        return GroupState.FULL
    opens = group.opens
    before = next((each for each in groups if each.key == opens.after), None)
    waits = (
        (opens.on is not None and today < opens.on)
        or (bool(opens.by) and (group.key, True) not in decided)
        or (before is not None and not _has(before, entered, opens.reached or before.participants))
    )
    return GroupState.WAITING if waits else GroupState.OPEN


def _has(group: Group, entered: Mapping[str, int], number: int | None) -> bool:
    return number is not None and entered.get(group.key, 0) >= number


def belonging(groups: Sequence[Group], values: Values, chosen: str = "") -> tuple[Group, ...]:
    """The groups that a participant belongs to, in the order written: by choice the one chosen,
    else those that nobody chooses. One whose `when` isn't known yet is among them."""
    asked = [each for each in groups if (each.key == chosen if chosen else not each.chosen_by)]
    return tuple(each for each in asked if not each.when or each.when.holds(values) is not False)


def part_of_group(protocol: "Protocol", key: str | None) -> "Protocol":
    """The protocol as a participant of this group lives it; the whole before they are in one."""
    if not key or protocol.of_group is not None:
        return protocol
    kind = protocol.part_of.key if protocol.part_of else ""
    return _part(_Held(protocol, kind), key)


@dataclass(frozen=True, slots=True, eq=False)
class _Held:
    """A protocol, or its part for one kind of participant, as a key."""

    protocol: "Protocol"
    kind: str

    def __hash__(self) -> int:
        return hash((self.protocol.sha256, self.kind))

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, _Held):
            return False
        return (self.protocol.sha256, self.kind) == (other.protocol.sha256, other.kind)


@lru_cache(maxsize=128)
def _part(held: _Held, key: str) -> "Protocol":
    protocol = held.protocol
    group = next(each for each in protocol.groups if each.key == key)
    own = allocation_of(protocol, group)
    shared = own is not None and own.kind is AllocationKind.DOSE_COHORT
    return replace(
        protocol,
        allocations=(*((own,) if own else ()), *protocol.later_allocations),
        cohorts=group.cohorts or (protocol.cohorts if shared else None),
        of_group=group,
    )


def allocation_of(protocol: "Protocol", group: Group) -> "Allocation | None":
    """The allocation by which participants of a group enter."""
    entries = protocol.entry_allocations
    return next((each for each in entries if each.key == group.allocation), None)


def cohorts_of(protocol: "Protocol", allocation: "Allocation") -> Cohorts:
    """The dose cohorts that participants join by an allocation of that kind; LookupError if it is
    another."""
    if allocation.kind is not AllocationKind.DOSE_COHORT:
        raise LookupError(allocation.key)
    found = {each.group: each for each in escalations(protocol)}
    return found.get(allocation.key) or found[""]


def escalations(protocol: "Protocol") -> Iterator[Cohorts]:
    """The dose cohorts of a file: those of the whole trial, and those of single groups."""
    if protocol.cohorts is not None and not protocol.cohorts.group:
        yield protocol.cohorts
    yield from (group.cohorts for group in protocol.groups if group.cohorts is not None)
