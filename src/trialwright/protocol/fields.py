"""Reading a block key by key against its shape: its values, and the blocks within it."""

import re
from collections.abc import Iterator

from trialwright.protocol.field_values import FieldValues, not_a_block
from trialwright.protocol.nodes import Block, Entry
from trialwright.protocol.parser import KEYWORDS
from trialwright.protocol.provenance import Provenance, Reading
from trialwright.protocol.shapes import PROVENANCE, Shape
from trialwright.protocol.typecheck import suggestion

_KEY = re.compile(r"[a-z][a-z0-9_]{0,39}")
_CODE = re.compile(r"[A-Za-z0-9][A-Za-z0-9_+-]{0,31}")


class Fields(FieldValues):
    """One block, read against its shape; unknown and missing keys are noted at once."""

    def __init__(
        self,
        reading: Reading,
        block: Block,
        shape: Shape,
        path: str,
        inherited: Provenance,
        line: int | None = None,
    ) -> None:
        super().__init__(reading, block, path, inherited, line or block.line)
        for entry in block:
            if entry.key not in shape.keys and entry.key not in PROVENANCE:
                way_out = suggestion(entry.key, shape.keys)
                message = f"`{entry.key}` is not a key of {shape.what}"
                self.reading.problem(entry.line, message, way_out, "unknown-key")
        for key in shape.required:
            if block.get(key) is None:
                message = f"{shape.what.capitalize()} has no `{key}`"
                if path:
                    message += f" ({path})"
                way_out = f"Add `{key}:` to the block that begins on line {self.line}."
                self.reading.problem(self.line, message, way_out, "missing-key")

    def within(self, key: str, shape: Shape) -> "Fields | None":
        """The block under a key."""
        entry = next((entry for entry in self.block if entry.key == key), None)
        return self._fields(entry, shape, self.path_to(key), self.provenance) if entry else None

    def named(self, key: str, shape: Shape) -> Iterator[tuple[str, "Fields"]]:
        """The blocks under a key, each with its own key."""
        for entry, provenance in self.entries(key):
            path = f"{self.path_to(key)}.{entry.key}"
            fields = self._fields(entry, shape, path, provenance)
            if fields is not None:
                yield entry.key, fields

    def coded(self, shape: Shape) -> Iterator[tuple[str, "Fields"]]:
        """This block's own entries as blocks, their keys checked as codes of a code list."""
        for entry in self.block:
            if entry.key in PROVENANCE:
                continue
            if not _CODE.fullmatch(entry.key):
                message = f"{entry.key!r} can't be a code"
                way_out = "Use letters, digits and _ + -, at most 32."
                self.reading.problem(entry.line, message, way_out, "key")
            path = f"{self.path}.{entry.key}"
            fields = self._fields(entry, shape, path, self.provenance)
            if fields is not None:
                yield entry.key, fields

    @staticmethod
    def of_entry(
        parent: "Fields", key: str, entry: Entry, provenance: Provenance
    ) -> "Fields | None":
        """A block whose keys are free: names or codes chosen by the file."""
        if not isinstance(entry.value, Block):
            parent.reading.problem(entry.line, *not_a_block(entry.key))
            return None
        free = Shape(f"`{entry.key}`", (), entry.value.keys())
        path = f"{parent.path_to(key)}.{entry.key}"
        return Fields(parent.reading, entry.value, free, path, provenance, entry.line)

    def entries(self, key: str) -> Iterator[tuple[Entry, Provenance]]:
        """The entries of the block under a key, their keys checked as names."""
        node = self.block.get(key)
        if node is None:
            return
        if not isinstance(node, Block):
            self.reading.problem(node.line, *not_a_block(key))
            return
        provenance = self.reading.provenance(node, self.provenance)
        for entry in node:
            if entry.key in PROVENANCE:
                self._check_note(entry)
                continue
            if not _KEY.fullmatch(entry.key) or entry.key in KEYWORDS:
                message = f"{entry.key!r} can't be a key of `{key}`"
                way_out = (
                    "Use small letters, digits and _, at most 40, beginning with a letter; "
                    "no word of the expression language."
                )
                self.reading.problem(entry.line, message, way_out, "key")
            yield entry, provenance

    def _check_note(self, entry: Entry) -> None:
        if entry.key == "note" and isinstance(entry.value, Block) and not entry.value.get("en"):
            message = "`note` is a remark about its block and can't name anything"
            self.reading.problem(entry.line, message, "Choose another key.", "key")

    def _fields(
        self, entry: Entry, shape: Shape, path: str, inherited: Provenance
    ) -> "Fields | None":
        if not isinstance(entry.value, Block):
            self.reading.problem(entry.line, *not_a_block(entry.key))
            return None
        return Fields(self.reading, entry.value, shape, path, inherited, entry.line)
