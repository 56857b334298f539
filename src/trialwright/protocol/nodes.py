"""The protocol file as a tree of nodes that remember where they stood.

A scalar is text and nothing else (`no`, `12:30` and `3.10` stay what was typed): the schema that
reads a node decides what it means. Lines and columns count from 1.
"""

from collections.abc import Iterator
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Scalar:
    """One written value; `empty` is a key with nothing after it."""

    text: str
    line: int
    column: int = 1
    empty: bool = False


@dataclass(frozen=True, slots=True)
class Listing:
    """A YAML sequence."""

    items: tuple["Node", ...]
    line: int
    column: int = 1

    def __iter__(self) -> Iterator["Node"]:
        return iter(self.items)


@dataclass(frozen=True, slots=True)
class Entry:
    """One `key: value` of a block."""

    key: str
    value: "Node"
    line: int
    column: int = 1


@dataclass(frozen=True, slots=True)
class Block:
    """A YAML mapping, in the order written; its keys are unique."""

    entries: tuple[Entry, ...]
    line: int
    column: int = 1

    def __iter__(self) -> Iterator[Entry]:
        return iter(self.entries)

    def get(self, key: str) -> "Node | None":
        """The value under `key`, or None."""
        return next((entry.value for entry in self.entries if entry.key == key), None)

    def keys(self) -> tuple[str, ...]:
        """The keys, in the order written."""
        return tuple(entry.key for entry in self.entries)


Node = Scalar | Listing | Block


def plain(node: Node) -> object:
    """The tree as dict, list and str: what has been written, without positions."""
    match node:
        case Scalar(text=text, empty=empty):
            return None if empty else text
        case Listing(items=items):
            return [plain(item) for item in items]
        case Block(entries=entries):
            return {entry.key: plain(entry.value) for entry in entries}
