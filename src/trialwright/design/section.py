"""Read a rule from the protocol's `design:` section; each error names the file and the line.

`kind` names the design; every other key is an argument of its class, written with hyphens or
underscores. `origin`, `source`, `note` and `safety_critical` are about the facts, not the rule.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import MISSING, fields, is_dataclass
from difflib import get_close_matches
from functools import cache, lru_cache
from types import NoneType, UnionType
from typing import Any, TypeVar, Union, get_args, get_origin, get_type_hints

from trialwright.design import _catalogue
from trialwright.design.cohort_checks import require_levels
from trialwright.design.cohorts import CohortRule
from trialwright.design.errors import DesignError
from trialwright.design.places import blocks_of, largest_number
from trialwright.design.planned_outcomes import PlannedOutcomes
from trialwright.design.regimen_comparison import RegimenComparison
from trialwright.design.selection import SelectionDesign
from trialwright.design.stopping import StoppingRule, require_reach
from trialwright.messages import Message, several
from trialwright.protocol.allocations import Allocation
from trialwright.protocol.cohorts import Cohorts
from trialwright.protocol.groups import escalations
from trialwright.protocol.model import Protocol
from trialwright.protocol.nodes import Block, Entry, Listing, Node, Scalar
from trialwright.protocol.problems import Problem

T = TypeVar("T")
LEFT_ALONE = frozenset({"origin", "source", "note", "safety_critical"})


def from_node(node: Node, file: str | None = None) -> Any:
    """The design that a block with `kind:` describes.

    Raises `DesignError`, placed at the line of what can't be read.

    >>> from trialwright.protocol.nodes import Block, Entry, Scalar
    >>> words = {"kind": "boin", "target": "0.30", "doses": "5"}
    >>> entries = [Entry(k, Scalar(v, i), i) for i, (k, v) in enumerate(words.items(), start=1)]
    >>> design = from_node(Block(tuple(entries), 1))
    >>> design.target, design.doses, design.max_participants
    (0.3, 5, 30)
    """
    try:
        return _of_kind(_require_block(node), _catalogue.kinds())
    except DesignError as error:
        raise error.at(file, error.line or node.line) from None


def _of_kind(block: Block, kinds: Mapping[str, type]) -> Any:
    """What a block describes that says by its kind which of several classes it is."""
    kind = block.get("kind")
    if not isinstance(kind, Scalar) or kind.text not in kinds:
        written = kind.text if isinstance(kind, Scalar) else None
        raise DesignError(
            Message("kind is {written!r}.", written=written)
            if kind is not None
            else Message("The section has no kind."),
            rule=Message("kind is one of {kinds}.", kinds=several(sorted(kinds))),
            fix=_suggestion(written or "", kinds),
            line=(kind or block).line,
        )
    return _read_class(kinds[kind.text], block, ignore={"kind"})


def part_from_node(cls: type[T], node: Node) -> T:
    """What a block without a kind says, read into a class as a design is; errors likewise."""
    part: T = _read_class(cls, _require_block(node))
    return part


def designs_from_node(node: Node, file: str | None = None) -> dict[str, Any]:
    """All designs of a section: the one it is (under its kind), or its named blocks.

    >>> from trialwright.protocol.nodes import Block, Entry, Scalar
    >>> words = {"kind": "three-plus-three", "doses": "3"}
    >>> entries = [Entry(k, Scalar(v, i), i) for i, (k, v) in enumerate(words.items(), start=2)]
    >>> named = Block((Entry("escalation", Block(tuple(entries), 2), 1),), 1)
    >>> designs_from_node(named)["escalation"].doses
    3
    """
    return dict(_designs(node, file))


# What is read is read again with every action that a stopping rule concerns, and each design
# keeps the table that it is compiled to.
@lru_cache(maxsize=16)
def _designs(node: Node, file: str | None) -> tuple[tuple[str, Any], ...]:
    if isinstance(node, Block) and node.get("kind") is None:
        return tuple(
            (entry.key, from_node(entry.value, file))
            for entry in node
            if entry.key not in LEFT_ALONE
        )
    design = from_node(node, file)
    return ((_catalogue.kind_of(design), design),)


def problems_of(protocol: Protocol | None) -> tuple[Problem, ...]:
    """What is wrong with a protocol's `design:` section, placed at its line: the first thing met.

    `protocol check` and the signing of a protocol both ask here. What the section says must be a
    design, and its tables must reach the largest number that the protocol's allocation can produce.
    """
    section = protocol.design if protocol else None
    ruled = [each for each in escalations(protocol) if each.rule] if protocol else []
    if section is None and ruled:
        way_out = "Add `design:` with the rule, or write a `size` and let people decide alone."
        message = "The cohorts have a rule, and the file has no design section"
        return (Problem(ruled[0].line, message, way_out, "design"),)
    if protocol is None or section is None:
        return ()
    try:
        designs = designs_from_node(section)
        for design in designs.values():
            _require_fit(design, protocol)
        for cohorts in escalations(protocol):
            require_levels(designs, cohorts)
    except DesignError as error:
        line = error.line or _line_named_in(error, section) or section.line
        return (Problem(line, str(error.what).rstrip("."), f"{error.rule} {error.fix}", "design"),)
    return ()


def cohort_rule_of(protocol: Protocol, cohorts: Cohorts) -> CohortRule | None:
    """The design that says the next dose of these cohorts; None where people decide alone."""
    if cohorts.rule is None or protocol.design is None:
        return None
    rule: CohortRule = designs_from_node(protocol.design)[cohorts.rule]
    return rule


def refillable_arms(protocol: Protocol) -> tuple[int, ...]:
    """The arms whose places others take once they are held, as the protocol's design says."""
    designs = designs_from_node(protocol.design).values() if protocol.design else ()
    selections = (design for design in designs if isinstance(design, SelectionDesign))
    return next((design.refillable for design in selections), ())


def _require_fit(design: Any, protocol: Protocol) -> None:
    """Refuse a design that the protocol's arms and allocation lists don't go with."""
    for allocation in protocol.entry_allocations:
        _require_fit_with(design, protocol, allocation)


def _require_fit_with(design: Any, protocol: Protocol, allocation: Allocation) -> None:
    if not allocation.kind.has_blocks:
        _require_no_list(design, protocol)
        return
    blocks = blocks_of(allocation)
    if isinstance(design, SelectionDesign | RegimenComparison) and design.arms != blocks.arms:
        raise DesignError(
            Message(
                "arms is {arms} here, and the protocol has {protocol_arms}.",
                arms=design.arms,
                protocol_arms=blocks.arms,
            ),
            rule=Message("The design has the protocol's arms."),
            fix=Message("Write {arms}.", arms=blocks.arms),
        )
    if isinstance(design, SelectionDesign):
        design.require_reach(blocks, protocol.participants)
    elif isinstance(design, StoppingRule):
        largest = (
            largest_number(blocks, protocol.participants, {arm})
            for arm in range(1, blocks.arms + 1)
        )
        require_reach("the rule", design, max(largest))


def _require_no_list(design: Any, protocol: Protocol) -> None:
    """Refuse a design that needs to know how many participants a list can bring to each arm."""
    if isinstance(design, SelectionDesign):
        raise DesignError(
            Message("kind is selection, and the allocation has no list."),
            rule=Message("This design reads arms that permuted blocks keep even."),
            fix=Message("Allocate by `kind: blocks`."),
        )
    if isinstance(design, StoppingRule):
        require_reach("the rule", design, protocol.participants)


def _line_named_in(error: DesignError, node: Node) -> int | None:
    """The line of the key that an error names, in a block or in one of those within it."""
    if not isinstance(node, Block):
        return None
    here = (entry.line for entry in node if _mentions(error, entry))
    within = (_line_named_in(error, entry.value) for entry in node)
    return next(here, None) or next(filter(None, within), None)


def _read_class(cls: type, block: Block, ignore: set[str] | None = None) -> Any:
    hints = _hints(cls)
    known = {field.name: field for field in fields(cls) if field.init}
    given: dict[str, Any] = {}
    for entry in block:
        name = entry.key.replace("-", "_")
        if name in LEFT_ALONE or name in (ignore or ()):
            continue
        if name not in known:
            raise DesignError(
                Message("{key!r} is not part of {name}.", key=entry.key, name=cls.__name__),
                rule=Message("Its keys are {known}.", known=several(known)),
                fix=_suggestion(name, known),
                line=entry.line,
            )
        given[name] = _read(hints[name], entry.value, entry.key)
    missing = [
        name
        for name, field in known.items()
        if name not in given and field.default is MISSING and field.default_factory is MISSING
    ]
    if missing:
        raise DesignError(
            Message("{name} lacks {missing}.", name=cls.__name__, missing=several(missing)),
            rule=Message("These have no default."),
            fix=Message("Add {missing}: under this block.", missing=missing[0]),
            line=block.line,
        )
    try:
        return cls(**given)
    except DesignError as error:
        line = next((e.line for e in block if _mentions(error, e)), block.line)
        raise error.at(None, error.line or line) from None


def _read(hint: Any, node: Node, key: str) -> Any:
    """One value as the type says: number, word, yes/no, list, or a block of its own."""
    origin = get_origin(hint)
    if origin in (Union, UnionType):
        options = get_args(hint)
        if NoneType in options and isinstance(node, Scalar) and node.text in ("", "none"):
            return None
        return _first_that_reads([o for o in options if o is not NoneType], node, key)
    if origin is tuple:
        if not isinstance(node, Listing):
            raise _misread(key, node, Message("a list"))
        inner = get_args(hint)
        if len(inner) == 2 and inner[1] is Ellipsis:
            return tuple(_read(inner[0], item, key) for item in node)
        if len(inner) != len(node.items):
            raise _misread(key, node, Message("a list of {inner}", inner=len(inner)))
        return tuple(_read(h, item, key) for h, item in zip(inner, node, strict=True))
    if hint is PlannedOutcomes:
        return _of_kind(_require_block(node), _catalogue.outcomes())
    if isinstance(hint, type) and is_dataclass(hint):
        return _read_class(hint, _require_block(node))
    reader = _SCALARS.get(hint)
    if reader is None or not isinstance(node, Scalar):
        raise _misread(key, node, Message("a single value"))
    try:
        return reader(node.text)
    except (ValueError, KeyError):
        raise _misread(key, node, _NAMES[hint]) from None


_SCALARS: dict[Any, Callable[[str], Any]] = {
    int: int,
    float: float,
    str: str,
    bool: {"yes": True, "true": True, "no": False, "false": False}.__getitem__,
}
_NAMES = {
    int: Message("a whole number"),
    float: Message("a number"),
    bool: Message("yes or no"),
    str: Message("a word"),
}


def _first_that_reads(hints: list[Any], node: Node, key: str) -> Any:
    failure: DesignError | None = None
    for hint in sorted(hints, key=lambda h: h is str):
        try:
            return _read(hint, node, key)
        except DesignError as error:
            failure = failure or error
    raise failure or _misread(key, node, Message("a value"))


def _misread(key: str, node: Node, wanted: Message) -> DesignError:
    written = repr(node.text) if isinstance(node, Scalar) else f"a {type(node).__name__.lower()}"
    return DesignError(
        Message("{key} is {written}.", key=key, written=written),
        rule=Message("It is {wanted}.", wanted=wanted),
        fix=Message("Write {wanted} here.", wanted=wanted),
        line=node.line,
    )


def _require_block(node: Node) -> Block:
    if not isinstance(node, Block):
        raise _misread("This", node, Message("a block of keys and values"))
    return node


def _mentions(error: DesignError, entry: Entry) -> bool:
    name = entry.key.replace("-", "_")
    what = str(error.what)
    return what.startswith((f"{name} ", entry.key + " ")) or f" {name} " in what


def _suggestion(written: str, known: Mapping[str, Any]) -> Message:
    close = get_close_matches(written, known, n=1, cutoff=0.6)
    if close:
        return Message("Did you mean {close!r}?", close=close[0])
    return Message("Use one of them.")


@cache
def _hints(cls: type) -> dict[str, Any]:
    return get_type_hints(cls)
