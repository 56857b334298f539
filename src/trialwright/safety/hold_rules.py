"""What a protocol says of holds: what a crossing pauses, what holds at once, who decides.

safety:
  holds:
    pauses: {arm_rule: all, pooled_rule: all}
    decided_by: {safety_board: 2}
  hold_at_once:
    related_death: {label: "…", criteria: [death], related: yes, participants: 1}
    two_of_one_lot: {label: "…", stopping: [infection], same: day_0.product.lot, participants: 2}
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from trialwright.protocol.basics import Text
from trialwright.protocol.model import Protocol
from trialwright.protocol.nodes import Block, Entry, Node, Scalar
from trialwright.protocol.problems import Problem
from trialwright.protocol.roles import Act
from trialwright.safety.section import (
    SectionError,
    stopping_event,
    text_of,
    value,
    whole_number,
    words,
    yes_or_no,
)
from trialwright.safety.seriousness import SeriousCriterion

ARM, ALL = "arm", "all"
RULES = ("arm_rule", "pooled_rule", "rule")
_LEFT_ALONE = frozenset({"origin", "source", "note", "safety_critical"})


@dataclass(frozen=True, slots=True)
class AtOnce:
    """A hold that needs no rule: so many participants with an event of this kind.

    criteria: of seriousness, of which one is met; stopping: questions, of which one is answered
    with yes; empty where it doesn't matter. related: whether only related events count. same: an
    item (`visit.form.item`) whose value the participants have in common, or "".
    """

    key: str
    label: Text
    participants: int
    criteria: frozenset[SeriousCriterion]
    stopping: frozenset[str]
    related: bool
    same: str


@dataclass(frozen=True, slots=True)
class HoldRules:
    """pauses: the scope that each rule of the design pauses, all where it isn't named. signatures:
    how many of each role end a hold; empty where one of those who sign the protocol does."""

    pauses: Mapping[str, str]
    signatures: Mapping[str, int]
    at_once: tuple[AtOnce, ...]

    def scope(self, rule: str) -> str:
        """What a crossing of a rule pauses."""
        return self.pauses.get(rule, ALL)

    def deciders(self, protocol: Protocol) -> frozenset[str]:
        """The roles that sign a decision."""
        return frozenset(self.signatures) or protocol.roles.who_may(Act.SIGN_PROTOCOL)

    def complete(self, roles: Collection[str]) -> bool:
        """Whether the signatures of these roles, one of each person, are enough."""
        if not self.signatures:
            return bool(roles)
        counted = list(roles)
        return all(counted.count(role) >= needed for role, needed in self.signatures.items())


def hold_rules(protocol: Protocol) -> HoldRules:
    """What the protocol says of holds; what it doesn't say has the safe answer.

    Raises:
        SectionError: something in it can't be read.
    """
    section = protocol.safety
    holds = section.get("holds") if section else None
    at_once = section.get("hold_at_once") if section else None
    return HoldRules(
        _pauses(_block(holds, "pauses")),
        _signatures(_block(holds, "decided_by"), protocol),
        tuple(_at_once(each, protocol) for each in _entries(at_once)),
    )


def _entries(node: Node | None) -> tuple[Entry, ...]:
    found = tuple(node) if isinstance(node, Block) else ()
    return tuple(each for each in found if each.key not in _LEFT_ALONE)


def _block(node: Node | None, key: str) -> Block | None:
    found = node.get(key) if isinstance(node, Block) else None
    return found if isinstance(found, Block) else None


def _pauses(block: Block | None) -> Mapping[str, str]:
    said = {}
    for entry in _entries(block):
        scope = value(entry.value)
        if entry.key not in RULES or not isinstance(scope, Scalar) or scope.text not in (ARM, ALL):
            raise _error(entry, "no scope of a rule", "Write `arm_rule: arm` or `arm_rule: all`.")
        said[entry.key] = scope.text
    return said


def _signatures(block: Block | None, protocol: Protocol) -> Mapping[str, int]:
    said = {}
    for entry in _entries(block):
        if entry.key not in protocol.roles.people:
            raise _error(entry, "no role of this file", "Name a role, such as `safety_board`.")
        assert block is not None  # noqa: S101 - it has this entry
        said[entry.key] = whole_number(block, entry.key)
        if said[entry.key] < 1:
            raise _error(entry, "below one signature", "Write 1 or more.")
    return said


def _at_once(entry: Entry, protocol: Protocol) -> AtOnce:
    block = entry.value
    if not isinstance(block, Block):
        way_out = "Write `participants`, and `criteria` or `stopping`, below it."
        raise _error(entry, "no block", way_out)
    criteria, stopping = words(block, "criteria"), words(block, "stopping")
    asked = stopping_event(protocol)
    if unknown := set(criteria) - {each.value for each in SeriousCriterion}:
        raise _error(entry, f"unknown criteria: {', '.join(sorted(unknown))}", "See E2A's six.")
    if unknown := set(stopping) - set(asked.any_of if asked else ()):
        raise _error(entry, f"unknown questions: {', '.join(sorted(unknown))}", "See `any_of`.")
    if not criteria and not stopping:
        raise _error(entry, "without a condition", "Write `criteria` or `stopping`.")
    same = value(block.get("same"))
    item = same.text if isinstance(same, Scalar) else ""
    if item and not _is_item(protocol, item):
        raise _error(entry, f"`{item}` is no item", "Write visit.form.item.")
    return AtOnce(
        entry.key,
        text_of(block.get("label")) or Text(entry.key, entry.key),
        whole_number(block, "participants"),
        frozenset(SeriousCriterion(each) for each in criteria),
        frozenset(stopping),
        yes_or_no(block, "related", False),
        item,
    )


def _is_item(protocol: Protocol, name: str) -> bool:
    visit, form, item = [*name.split("."), "", "", ""][:3]
    return any(
        each.key == visit and form in each.forms and item in (i.key for i in form_of.items)
        for each in protocol.visits
        for form_of in protocol.forms
        if form_of.key == form
    )


def _error(entry: Entry, what: str, way_out: str) -> SectionError:
    return SectionError(Problem(entry.line, f"`{entry.key}`: {what}", way_out, "safety"))
