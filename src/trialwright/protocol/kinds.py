"""Kinds of participant that are linked: the child of a mother, a partner, the patient of a clinic.

A participant of a kind lives the file's part of that kind, as if it were a protocol of its own: its
visits, criteria and steps. One kind is linked to nobody: it alone is allocated. What is shared
through the link is said by the kind: the consent, the arm.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import TYPE_CHECKING

from trialwright.protocol.basics import Text
from trialwright.protocol.problems import Problem

if TYPE_CHECKING:
    from trialwright.protocol.model import Protocol

RULE = "kind"


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of participant.

    of: the kind it is linked to, each participant to one of that kind; None of the kind that is
    linked to nobody. participants: how many are planned of a linked kind, None without a limit.
    """

    key: str
    label: Text
    line: int
    of: str | None = None
    shares_arm: bool = False
    shares_consent: bool = False
    participants: int | None = None


def first_kind(kinds: Sequence[Kind]) -> str:
    """The key of the kind that is linked to nobody; "" where the file has no kinds."""
    return next((kind.key for kind in kinds if kind.of is None), "")


@lru_cache(maxsize=64)
def _part(whole: "_Whole", key: str) -> "Protocol":
    protocol = whole.protocol
    kind = next(each for each in protocol.kinds if each.key == key)
    first = first_kind(protocol.kinds)
    visits = tuple(each for each in protocol.visits if (each.kind or first) == key)
    names = {each.key for each in visits}
    return replace(
        protocol,
        visits=visits,
        criteria=tuple(each for each in protocol.criteria if (each.of_kind or first) == key),
        steps=tuple(
            each for each in protocol.steps if (names & set(each.at) if each.at else key == first)
        ),
        allocations=protocol.allocations if kind.of is None else (),
        cohorts=protocol.cohorts if kind.of is None else None,
        part_of=kind,
    )


@dataclass(frozen=True, slots=True, eq=False)
class _Whole:
    """A protocol as a key: two of one file are the same."""

    protocol: "Protocol"

    def __hash__(self) -> int:
        return hash(self.protocol.sha256)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Whole) and self.protocol.sha256 == other.protocol.sha256


def part_of(protocol: "Protocol", kind: str | None) -> "Protocol":
    """The protocol as a participant of this kind lives it; the whole where the file has no kinds.

    kind: a key; None is the kind that is linked to nobody.
    """
    if not protocol.kinds or protocol.part_of is not None:
        return protocol
    return _part(_Whole(protocol), kind or first_kind(protocol.kinds))


def kind_problems(protocol: "Protocol") -> Iterator[Problem]:
    """What is wrong with the kinds and with what is linked, by line."""
    kinds = {kind.key: kind for kind in protocol.kinds}
    if not kinds:
        return
    free = [kind for kind in protocol.kinds if kind.of is None]
    if len(free) != 1:
        message = f"{len(free)} kinds of participant are linked to nobody"
        way_out = "Give every kind but one its `of:`, the kind it is linked to."
        yield Problem(protocol.kinds[0].line, message, way_out, RULE)
    for kind in protocol.kinds:
        if _in_circle(kind, kinds):
            message = f"The kind `{kind.key}` is linked to itself"
            way_out = "Name in `of:` another kind, and leave one kind without it."
            yield Problem(kind.line, message, way_out, RULE)
        yield from _sharing(protocol, kind, kinds)
    if len(free) == 1:
        yield from _places(protocol, free[0].key)


def _in_circle(kind: Kind, kinds: dict[str, Kind]) -> bool:
    here, seen = kind, {kind.key}
    while here.of in kinds:
        here = kinds[here.of]
        if here.key in seen:
            return here.key == kind.key
        seen.add(here.key)
    return False


def _sharing(protocol: "Protocol", kind: Kind, kinds: dict[str, Kind]) -> Iterator[Problem]:
    """The arm is shared all along the way to the kind that is allocated."""
    if kind.shares_arm and protocol.allocation is None:
        message = f"The kind `{kind.key}` shares an arm, and nobody is allocated"
        yield Problem(kind.line, message, "Add an `allocation`, or take it away.", RULE)
    if kind.shares_arm and protocol.later_allocations:
        message = f"The kind `{kind.key}` shares an arm, and there is a later allocation"
        yield Problem(kind.line, message, "Keep one of the two: an arm that is shared stays.", RULE)
    above = kinds.get(kind.of or "")
    if kind.shares_arm and above is not None and above.of and not above.shares_arm:
        message = f"The kind `{kind.key}` shares the arm of `{above.key}`, which has none"
        yield Problem(kind.line, message, f"Let `{above.key}` share one too.", RULE)
    if kind.of is None and (kind.shares_arm or kind.shares_consent or kind.participants):
        message = f"The kind `{kind.key}` is linked to nobody, and shares or counts as linked"
        way_out = "Take these keys away: `participants` of the protocol is its number."
        yield Problem(kind.line, message, way_out, RULE)


def _places(protocol: "Protocol", first: str) -> Iterator[Problem]:
    """Visits, criteria and steps are of one kind, and read nothing of another."""
    visits = {visit.key: visit.kind or first for visit in protocol.visits}
    for kind in protocol.kinds:
        if kind.key not in visits.values():
            message = f"The kind `{kind.key}` has no visit"
            way_out = f"Write `kind: {kind.key}` in a visit, or take the kind away."
            yield Problem(kind.line, message, way_out, RULE)
    for step in protocol.steps:
        if len({visits[visit] for visit in step.at}) > 1:
            message = f"The step `{step.key}` is taken at visits of several kinds"
            yield Problem(step.line, message, "Write a step for each kind.", RULE)
    armless = {each.key for each in protocol.kinds if each.of and not each.shares_arm}
    for step in protocol.steps:
        of_them = armless & {visits[visit] for visit in step.at}
        if of_them and (step.reveals_arm or step.dispenses):
            message = f"The step `{step.key}` is of a kind of participant that has no arm"
            yield Problem(step.line, message, "Let the kind share one: `shares_arm: yes`.", RULE)
    read = [
        *((c.line, c.of_kind or first, c.check) for c in protocol.criteria),
        *((v.line, v.kind or first, v.only_if) for v in protocol.visits),
        *((each.line, visits.get(each.at, first), each.variable) for each in protocol.endpoints),
    ]
    for line, kind_key, expression in read:
        for name in expression.names if expression else ():
            visit = name.split(".")[0]
            if visits.get(visit, kind_key) != kind_key:
                message = f"`{name}` belongs to participants of another kind"
                way_out = f"Read items of visits of the kind `{kind_key}`."
                yield Problem(line, message, way_out, RULE)
    for factor in protocol.allocation.factors if protocol.allocation else ():
        used = {name for level in factor.levels for name in level.when.names}
        others = sorted(name for name in used if visits.get(name.split(".")[0]) != first)
        if others and protocol.allocation:
            message = f"`{others[0]}` belongs to participants who aren't allocated"
            way_out = f"Read items of visits of the kind `{first}`."
            yield Problem(protocol.allocation.line, message, way_out, RULE)
