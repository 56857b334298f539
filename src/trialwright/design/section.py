"""Read a rule from the protocol's `design:` section; each error names the file and the line.

`kind` names the design; every other key is an argument of its class, written with hyphens or
underscores. `origin`, `source`, `note` and `safety_critical` are about the facts, not the rule.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import MISSING, fields, is_dataclass
from difflib import get_close_matches
from functools import cache
from types import NoneType, UnionType
from typing import Any, TypeVar, Union, get_args, get_origin, get_type_hints

from trialwright.analysis.words import Said
from trialwright.design import _catalogue
from trialwright.design.errors import DesignError
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
        block = _require_block(node)
        kind = block.get("kind")
        kinds = _catalogue.kinds()
        if not isinstance(kind, Scalar) or kind.text not in kinds:
            written = kind.text if isinstance(kind, Scalar) else None
            raise DesignError(
                Said(f"kind is {written!r}.", f"kind 为 {written!r}。")
                if kind is not None
                else Said("The section has no kind.", "该部分没有 kind。"),
                rule=Said(
                    f"kind is one of {', '.join(sorted(kinds))}.",
                    f"kind 须为其中之一：{'、'.join(sorted(kinds))}。",
                ),
                fix=_suggestion(written or "", kinds),
                line=(kind or block).line,
            )
        return _read_class(kinds[kind.text], block, ignore={"kind"})
    except DesignError as error:
        raise error.at(file, error.line or node.line) from None


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
    if isinstance(node, Block) and node.get("kind") is None:
        return {
            entry.key: from_node(entry.value, file) for entry in node if entry.key not in LEFT_ALONE
        }
    design = from_node(node, file)
    return {_catalogue.kind_of(design): design}


def problems_of(section: Node | None) -> tuple[Problem, ...]:
    """What is wrong with a protocol's `design:` section, placed at its line: the first thing met.

    `protocol check` and the signing of a protocol both ask here.
    """
    if section is None:
        return ()
    try:
        designs_from_node(section)
    except DesignError as error:
        line = error.line or section.line
        return (Problem(line, error.what.rstrip("."), f"{error.rule} {error.fix}", "design"),)
    return ()


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
                Said(
                    f"{entry.key!r} is not part of {cls.__name__}.",
                    f"{entry.key!r} 不属于 {cls.__name__}。",
                ),
                rule=Said(f"Its keys are {', '.join(known)}.", f"可用的键为：{'、'.join(known)}。"),
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
            Said(
                f"{cls.__name__} lacks {', '.join(missing)}.",
                f"{cls.__name__} 缺少 {'、'.join(missing)}。",
            ),
            rule=Said("These have no default.", "这些没有默认值。"),
            fix=Said(f"Add {missing[0]}: under this block.", f"请在此块中补充 {missing[0]}:。"),
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
            raise _misread(key, node, Said("a list", "列表"))
        inner = get_args(hint)
        if len(inner) == 2 and inner[1] is Ellipsis:
            return tuple(_read(inner[0], item, key) for item in node)
        if len(inner) != len(node.items):
            raise _misread(key, node, Said(f"a list of {len(inner)}", f"含 {len(inner)} 项的列表"))
        return tuple(_read(h, item, key) for h, item in zip(inner, node, strict=True))
    if isinstance(hint, type) and is_dataclass(hint):
        return _read_class(hint, _require_block(node))
    reader = _SCALARS.get(hint)
    if reader is None or not isinstance(node, Scalar):
        raise _misread(key, node, Said("a single value", "单个值"))
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
    int: Said("a whole number", "整数"),
    float: Said("a number", "数"),
    bool: Said("yes or no", "yes 或 no"),
    str: Said("a word", "单词"),
}


def _first_that_reads(hints: list[Any], node: Node, key: str) -> Any:
    failure: DesignError | None = None
    for hint in sorted(hints, key=lambda h: h is str):
        try:
            return _read(hint, node, key)
        except DesignError as error:
            failure = failure or error
    raise failure or _misread(key, node, Said("a value", "值"))


def _misread(key: str, node: Node, wanted: Said) -> DesignError:
    written = repr(node.text) if isinstance(node, Scalar) else f"a {type(node).__name__.lower()}"
    return DesignError(
        Said(f"{key} is {written}.", f"{key} 为 {written}。"),
        rule=Said(f"It is {wanted}.", f"此处须为{wanted.zh}。"),
        fix=Said(f"Write {wanted} here.", f"请填写{wanted.zh}。"),
        line=node.line,
    )


def _require_block(node: Node) -> Block:
    if not isinstance(node, Block):
        raise _misread("This", node, Said("a block of keys and values", "由键和值组成的块"))
    return node


def _mentions(error: DesignError, entry: Entry) -> bool:
    name = entry.key.replace("-", "_")
    return error.what.startswith((f"{name} ", entry.key + " ")) or f" {name} " in error.what


def _suggestion(written: str, known: Mapping[str, Any]) -> Said:
    close = get_close_matches(written, known, n=1, cutoff=0.6)
    if close:
        return Said(f"Did you mean {close[0]!r}?", f"是否为 {close[0]!r}？")
    return Said("Use one of them.", "请选用其中之一。")


@cache
def _hints(cls: type) -> dict[str, Any]:
    return get_type_hints(cls)
