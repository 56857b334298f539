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
from typing import Any, Union, get_args, get_origin, get_type_hints

from trialwright.design import _catalogue
from trialwright.design.errors import DesignError
from trialwright.protocol.nodes import Block, Entry, Listing, Node, Scalar
from trialwright.protocol.problems import Problem

LEFT_ALONE = frozenset({"origin", "source", "note", "safety_critical"})


def from_node(node: Node, file: str | None = None) -> Any:
    """The design that a block with `kind:` describes.

    Raises `DesignError`, placed at the line of what can't be read.
    """
    try:
        block = _require_block(node)
        kind = block.get("kind")
        kinds = _catalogue.kinds()
        if not isinstance(kind, Scalar) or kind.text not in kinds:
            written = kind.text if isinstance(kind, Scalar) else None
            raise DesignError(
                f"kind is {written!r}." if kind is not None else "The section has no kind.",
                rule=f"kind is one of {', '.join(sorted(kinds))}.",
                fix=_suggestion(written or "", kinds),
                line=(kind or block).line,
            )
        return _read_class(kinds[kind.text], block, ignore={"kind"})
    except DesignError as error:
        raise error.at(file, error.line or node.line) from None


def designs_from_node(node: Node, file: str | None = None) -> dict[str, Any]:
    """All designs of a section: the one it is (under its kind), or its named blocks."""
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
                f"{entry.key!r} is not part of {cls.__name__}.",
                rule=f"Its keys are {', '.join(known)}.",
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
            f"{cls.__name__} lacks {', '.join(missing)}.",
            rule="These have no default.",
            fix=f"Add {missing[0]}: under this block.",
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
            raise _misread(key, node, "a list")
        inner = get_args(hint)
        if len(inner) == 2 and inner[1] is Ellipsis:
            return tuple(_read(inner[0], item, key) for item in node)
        if len(inner) != len(node.items):
            raise _misread(key, node, f"a list of {len(inner)}")
        return tuple(_read(h, item, key) for h, item in zip(inner, node, strict=True))
    if isinstance(hint, type) and is_dataclass(hint):
        return _read_class(hint, _require_block(node))
    reader = _SCALARS.get(hint)
    if reader is None or not isinstance(node, Scalar):
        raise _misread(key, node, "a single value")
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
_NAMES = {int: "a whole number", float: "a number", bool: "yes or no", str: "a word"}


def _first_that_reads(hints: list[Any], node: Node, key: str) -> Any:
    failure: DesignError | None = None
    for hint in sorted(hints, key=lambda h: h is str):
        try:
            return _read(hint, node, key)
        except DesignError as error:
            failure = failure or error
    raise failure or _misread(key, node, "a value")


def _misread(key: str, node: Node, wanted: str) -> DesignError:
    written = repr(node.text) if isinstance(node, Scalar) else f"a {type(node).__name__.lower()}"
    return DesignError(
        f"{key} is {written}.",
        rule=f"It is {wanted}.",
        fix=f"Write {wanted} here.",
        line=node.line,
    )


def _require_block(node: Node) -> Block:
    if not isinstance(node, Block):
        raise _misread("This", node, "a block of keys and values")
    return node


def _mentions(error: DesignError, entry: Entry) -> bool:
    name = entry.key.replace("-", "_")
    return error.what.startswith((f"{name} ", entry.key + " ")) or f" {name} " in error.what


def _suggestion(written: str, known: Mapping[str, Any]) -> str:
    close = get_close_matches(written, known, n=1, cutoff=0.6)
    return f"Did you mean {close[0]!r}?" if close else "Use one of them."


@cache
def _hints(cls: type) -> dict[str, Any]:
    return get_type_hints(cls)
