"""An amendment in words: what changed between two versions of a protocol, and what it affects.

The comparison is of the files' blocks by key, so nothing that is written escapes it; comments and
the order of keys don't count, but for the order of the arms, which numbers them.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from functools import reduce

from trialwright.messages import Message, Translatable
from trialwright.protocol.basics import Text
from trialwright.protocol.effects import Effect, effects_of
from trialwright.protocol.model import Protocol
from trialwright.protocol.nodes import Block, Entry, Listing, Node, Scalar
from trialwright.protocol.provenance import shown
from trialwright.protocol.shapes import PROVENANCE
from trialwright.protocol.wording import KEYS, NOUNS
from trialwright.protocol.yaml_nodes import read_nodes


class ChangeKind(StrEnum):
    """What happened to a part of the file."""

    ADDED = "added"
    REMOVED = "removed"
    CHANGED = "changed"
    REORDERED = "reordered"


@dataclass(frozen=True, slots=True)
class Change:
    """One change: where, what it was and is, the sentence, and what it affects.

    path: the keys that lead there. old_line, new_line: where it stands in each file, if it does.
    """

    path: tuple[str, ...]
    kind: ChangeKind
    words: Translatable
    before: str | None
    after: str | None
    old_line: int | None
    new_line: int | None
    effects: tuple[Effect, ...]


@dataclass(frozen=True, slots=True)
class Amendment:
    """All changes from one version to the next, in the order of the new file."""

    old: Protocol
    new: Protocol
    changes: tuple[Change, ...]

    @property
    def effects(self) -> tuple[Effect, ...]:
        """What the whole amendment affects, each once, most serious first."""
        affected = {effect for change in self.changes for effect in change.effects}
        return tuple(effect for effect in Effect if effect in affected)


def compare_protocols(old: Protocol, new: Protocol) -> Amendment:
    """The amendment that leads from one version to another."""
    before, _ = read_nodes(old.source_bytes)
    after, _ = read_nodes(new.source_bytes)
    empty = Block((), 1)
    walk = _blocks((), (), before or empty, after or empty)
    return Amendment(old, new, tuple(walk))


Path = tuple[str, ...]
Crumbs = tuple[Translatable, ...]


def _blocks(path: Path, crumbs: Crumbs, old: Block, new: Block) -> Iterator[Change]:
    were, are = old.keys(), new.keys()
    for key in (*are, *(key for key in were if key not in are)):
        before, after = old.get(key), new.get(key)
        if before is not None and after is not None:
            inner = _crumbs(path, crumbs, key, after)
            yield from _nodes((*path, key), inner, before, after)
        elif before is not None:
            inner = _crumbs(path, crumbs, key, before)
            yield _change((*path, key), inner, ChangeKind.REMOVED, before, None)
        elif after is not None:
            inner = _crumbs(path, crumbs, key, after)
            yield _change((*path, key), inner, ChangeKind.ADDED, None, after)
    kept = [key for key in are if key in were]
    if path == ("arms",) and kept != [key for key in were if key in are]:
        yield _change(path, crumbs, ChangeKind.REORDERED, old, new)


def _nodes(path: Path, crumbs: Crumbs, old: Node, new: Node) -> Iterator[Change]:
    if _wrapped(old) or _wrapped(new):
        yield from _blocks(path, crumbs, _unwrapped(old), _unwrapped(new))
    elif isinstance(old, Block) and isinstance(new, Block) and new.get("en") is None:
        yield from _blocks(path, crumbs, old, new)
    elif isinstance(old, Listing) and isinstance(new, Listing) and _holds_blocks(new):
        for number, (before, after) in enumerate(zip(old, new, strict=False), start=1):
            yield from _nodes((*path, str(number)), crumbs, before, after)
        if len(old.items) != len(new.items):
            yield _change(path, crumbs, ChangeKind.CHANGED, old, new)
    elif _text(old) != _text(new):
        yield _change(path, crumbs, ChangeKind.CHANGED, old, new)


def _wrapped(node: Node) -> bool:
    return isinstance(node, Block) and node.get("value") is not None


def _unwrapped(node: Node) -> Block:
    """A fact as a block with `value`, however it was written."""
    if isinstance(node, Block) and _wrapped(node):
        return node
    return Block((Entry("value", node, node.line, node.column),), node.line, node.column)


def _holds_blocks(node: Listing) -> bool:
    return any(not isinstance(item, Scalar) for item in node)


def _text(node: Node) -> object:
    """What a leaf says, in every language it is written in."""
    if isinstance(node, Block):
        return {entry.key: shown(entry.value) for entry in node}
    return shown(node)


def _change(
    path: Path, crumbs: Crumbs, kind: ChangeKind, old: Node | None, new: Node | None
) -> Change:
    before = _value(old)
    after = _value(new)
    return Change(
        path=path,
        kind=kind,
        words=_sentence(crumbs, kind, before, after),
        before=before.en if before else None,
        after=after.en if after else None,
        old_line=old.line if old else None,
        new_line=new.line if new else None,
        effects=effects_of(path, added=old is None, removed=new is None),
    )


def _value(node: Node | None) -> Text | None:
    """A leaf's words; None for a block, whose content its name stands for."""
    if node is None:
        return None
    if isinstance(node, Block) and node.get("en") is None:
        value = node.get("value")
        return _value(value) if value is not None else None
    return Text(shown(node, "en"), shown(node, "zh"))


def _crumbs(path: Path, crumbs: Crumbs, key: str, node: Node) -> Crumbs:
    """The names that lead to an entry: things by their label, settings by their words."""
    if path and path[-1] in NOUNS:
        if key in PROVENANCE:
            return (*crumbs, KEYS[key])
        noun, label = NOUNS[path[-1]], _label(key, node)
        return (*crumbs, Message("{noun} “{label}”", noun=noun, label=label))
    names_things = key in NOUNS and not isinstance(node, Listing)
    if names_things or key == "value":
        return crumbs
    return (*crumbs, KEYS.get(key, Text(key.replace("_", " "), key)))


def _label(key: str, node: Node) -> Text:
    label = node.get("label") or node.get("text") if isinstance(node, Block) else None
    return (_value(label) if label else None) or Text(key, key)


def _sentence(
    crumbs: Crumbs, kind: ChangeKind, before: Text | None, after: Text | None
) -> Translatable:
    what = _Place(crumbs)
    match kind:
        case ChangeKind.REORDERED:
            return Message("The arms: their order, and so their numbers")
        case ChangeKind.ADDED if after is None:
            return Message("{what}: added", what=what)
        case ChangeKind.ADDED:
            return Message("{what}: added, now {value}", what=what, value=after)
        case ChangeKind.REMOVED if before is None:
            return Message("{what}: removed", what=what)
        case ChangeKind.REMOVED:
            return Message("{what}: removed, it was {value}", what=what, value=before)
    if before is None or after is None:
        return Message("{what}: changed", what=what)
    return _Replaced(what, before, after)


@dataclass(frozen=True, slots=True)
class _Place:
    """The names that lead to what changed, one within the other."""

    crumbs: Crumbs

    def in_language(self, code: str) -> str:
        told = (crumb.in_language(code) for crumb in self.crumbs)
        path = reduce(lambda *two: _within(*two).in_language(code), told)
        return path[:1].upper() + path[1:]


def _within(before: str, after: str) -> Message:
    return Message.in_context("path", "{before}, {after}", before=before, after=after)


@dataclass(frozen=True, slots=True)
class _Replaced:
    """One value for another; they may differ in a language that isn't the reader's."""

    what: _Place
    before: Text
    after: Text

    def in_language(self, code: str) -> str:
        if self.before.in_language(code) == self.after.in_language(code):
            said = Message("{what}: the wording in another language changed", what=self.what)
        else:
            said = Message(
                "{what}: was {before}; is {after}",
                what=self.what,
                before=self.before,
                after=self.after,
            )
        return said.in_language(code)
