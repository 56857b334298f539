"""From the bytes of a protocol file to nodes with line numbers, refusing what could mislead.

Only plain YAML is taken: no anchors and aliases (so no bomb), no tags, no merge keys, no tabs, no
key twice, one document. The parser's events are turned into nodes in one loop, without recursion.
"""

import re
from dataclasses import dataclass, field
from typing import Any

import yaml

from trialwright.protocol.nodes import Block, Entry, Listing, Node, Scalar
from trialwright.protocol.problems import MOST, Problem, too_many

LARGEST_BYTES = 2_000_000
DEEPEST = 16
_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_YAML_TAGS = "tag:yaml.org,2002:"
CONTROL = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\u0080-\u0084\u0086-\u009f"
    "\u202a-\u202e\u2066-\u2069\ufffe\uffff]"
)
"""What steers a terminal, or turns the direction of writing."""


@dataclass(slots=True)
class _Open:
    """A block or listing whose end hasn't come yet."""

    block: bool
    line: int
    column: int
    items: list[Node] = field(default_factory=list)
    entries: list[Entry] = field(default_factory=list)
    key: Scalar | None = None
    lines: dict[str, int] = field(default_factory=dict)

    def closed(self) -> Node:
        if self.block:
            return Block(tuple(self.entries), self.line, self.column)
        return Listing(tuple(self.items), self.line, self.column)


def read_nodes(source: bytes) -> tuple[Block | None, tuple[Problem, ...]]:
    """The root block, and the problems found; None if nothing of it can be read."""
    text, problems = _text(source)
    if text is None or problems:
        return None, problems
    builder = _Builder()
    try:
        for event in yaml.parse(text, Loader=_LOADER):
            builder.take(event)
            if len(builder.problems) >= MOST:
                builder.problems.append(too_many(builder.problems[-1].line))
                return None, tuple(builder.problems)
            if builder.hopeless:
                break
    except yaml.YAMLError as error:
        builder.problems.append(_syntax(error))
    root = builder.root
    if builder.problems and root is None:
        return None, tuple(builder.problems)
    if not isinstance(root, Block):
        line = root.line if root else 1
        builder.problems.append(
            Problem(
                line,
                "The file is not a block of `key: value` lines",
                "Begin it with `protocol: 1`, `identifier:`, `version:` and so on.",
                "not-a-protocol",
            )
        )
        return None, tuple(builder.problems)
    return root, tuple(builder.problems)


def _text(source: bytes) -> tuple[str | None, tuple[Problem, ...]]:
    if len(source) > LARGEST_BYTES:
        message = f"The file has {len(source):,} bytes, more than {LARGEST_BYTES:,}"
        way_out = "Keep documents and data out of it; it holds the protocol alone."
        return None, (Problem(1, message, way_out, "file-too-large"),)
    try:
        text = source.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = source.count(b"\n", 0, error.start) + 1
        message = f"Byte {source[error.start]:#04x} on this line is not UTF-8"
        return None, (Problem(line, message, "Save the file as UTF-8.", "not-utf-8"),)
    problems: list[Problem] = []
    for number, line_text in enumerate(text.split("\n"), start=1):
        if "\t" in line_text:
            message = "A tab stands on this line"
            problems.append(Problem(number, message, "Indent and separate with spaces.", "tab"))
        if CONTROL.search(line_text):
            message = "A control character stands on this line"
            problems.append(Problem(number, message, "Delete it.", "control-character"))
        if len(problems) >= MOST:
            return None, (*problems, too_many(number))
    return text, tuple(problems)


def _syntax(error: yaml.YAMLError) -> Problem:
    began = getattr(error, "context_mark", None)
    mark = getattr(error, "problem_mark", None) or began
    detail = getattr(error, "problem", None) or "it can't be parsed"
    if began and detail == "found unexpected end of stream":
        return Problem(
            began.line + 1,
            "The quotes opened on this line are not closed by the end of the file",
            'Close them. A quote inside is written as \\" between double quotes, twice between '
            "single ones.",
            "not-yaml",
        )
    return Problem(
        mark.line + 1 if mark else 1,
        f"This is not YAML: {detail}",
        "Look at the indentation, and put quotes around a text with `: ` or ` #` in it.",
        "not-yaml",
    )


class _Builder:
    """Takes the parser's events one by one and builds the tree."""

    def __init__(self) -> None:
        self.root: Node | None = None
        self.problems: list[Problem] = []
        self.hopeless = False
        self._open: list[_Open] = []
        self._documents = 0

    def take(self, event: Any) -> None:
        line, column = event.start_mark.line + 1, event.start_mark.column + 1
        match event:
            case yaml.DocumentStartEvent():
                self._documents += 1
                if self._documents > 1:
                    self._stop(line, "A second document begins here", "Keep one.", "two-documents")
            case yaml.AliasEvent():
                self._stop(
                    line,
                    f"The alias `*{event.anchor}` stands here",
                    "Write the value out; anchors and aliases are not taken.",
                    "alias",
                )
            case yaml.ScalarEvent():
                self._refuse_extras(event, line)
                if CONTROL.search(event.value):
                    message = "A control character is written on this line as an escape"
                    self._stop(line, message, "Take the escape away.", "control-character")
                    return
                plain_empty = event.value == "" and event.style is None
                self._add(Scalar(event.value, line, column, empty=plain_empty))
            case yaml.MappingStartEvent() | yaml.SequenceStartEvent():
                self._refuse_extras(event, line)
                if len(self._open) >= DEEPEST:
                    self._stop(
                        line,
                        f"Blocks are nested deeper than {DEEPEST}",
                        "Look at the indentation; no part of a protocol is that deep.",
                        "too-deep",
                    )
                    return
                self._open.append(_Open(isinstance(event, yaml.MappingStartEvent), line, column))
            case yaml.MappingEndEvent() | yaml.SequenceEndEvent():
                self._add(self._open.pop().closed())

    def _refuse_extras(self, event: Any, line: int) -> None:
        if event.anchor is not None:
            self._stop(
                line,
                f"The anchor `&{event.anchor}` stands here",
                "Take it away; anchors and aliases are not taken.",
                "anchor",
            )
        if event.tag is not None:
            self.problems.append(
                Problem(
                    line,
                    f"The tag `{event.tag.replace(_YAML_TAGS, '!!')}` stands here",
                    "Take it away; what a value means follows from its key.",
                    "tag",
                )
            )

    def _stop(self, line: int, message: str, way_out: str, rule: str) -> None:
        self.problems.append(Problem(line, message, way_out, rule))
        self.hopeless = True
        self.root = None

    def _add(self, node: Node) -> None:
        if not self._open:
            self.root = node
            return
        top = self._open[-1]
        if not top.block:
            top.items.append(node)
        elif top.key is None:
            if not isinstance(node, Scalar):
                self._stop(node.line, "A block stands as a key", "Use a plain word.", "key")
            else:
                top.key = node
        else:
            self._pair(top, top.key, node)
            top.key = None

    def _pair(self, top: _Open, key: Scalar, node: Node) -> None:
        if key.text in top.lines:
            self.problems.append(
                Problem(
                    key.line,
                    f"The key `{key.text}` stands twice; the first is on line "
                    f"{top.lines[key.text]}",
                    "Keep one, or give the second another key.",
                    "duplicate-key",
                )
            )
            return
        top.lines[key.text] = key.line
        top.entries.append(Entry(key.text, node, key.line, key.column))
