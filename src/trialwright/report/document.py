"""What a document is made of: plain frozen parts, which `html` and `typst` render alike.

All texts are plain text in the document's language; nothing in them is markup. A figure's SVG
comes from `figures`, where colours are written `var(--name, #print)`.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Literal


@dataclass(frozen=True, slots=True)
class Paragraph:
    """A paragraph of running text; a `note` is set smaller and in quiet ink."""

    text: str
    tone: Literal["body", "note"] = "body"


@dataclass(frozen=True, slots=True)
class Bullets:
    """A list whose order doesn't matter."""

    items: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Facts:
    """Terms and what they are, one pair a line."""

    pairs: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Code:
    """Lines that are typed as they stand, in type of one width."""

    text: str


@dataclass(frozen=True, slots=True)
class Callout:
    """A short text set apart, because the reader must not miss it."""

    kind: Literal["demonstration", "sealed", "caution"]
    title: str
    text: str


@dataclass(frozen=True, slots=True)
class Column:
    """A table's column; `share` is its part of the width (columns without one fit their text)."""

    head: str
    align: Literal["left", "right"] = "left"
    share: float | None = None
    code: bool = False


@dataclass(frozen=True, slots=True)
class Row:
    """A table's row: a `group` names the rows under it, `level` indents the first cell."""

    cells: tuple[str, ...]
    kind: Literal["plain", "group", "total"] = "plain"
    level: int = 0


@dataclass(frozen=True, slots=True)
class Table:
    """A numbered table.

    `empty` is what is said in place of the rows where there are none. A `narrow` table leaves
    part of the width free, so that the eye finds the value beside a short label.
    """

    caption: str
    columns: tuple[Column, ...]
    rows: tuple[Row, ...]
    notes: tuple[str, ...] = ()
    empty: str = ""
    narrow: bool = False

    def __post_init__(self) -> None:
        for row in self.rows:
            if len(row.cells) != len(self.columns):
                raise ValueError(
                    f"table {self.caption!r}: a row has {len(row.cells)} cells "
                    f"for {len(self.columns)} columns"
                )


@dataclass(frozen=True, slots=True)
class Drawing:
    """An SVG, `width` by `height` in its own units, and what it shows in words."""

    svg: str
    width: float
    height: float
    alternative: str


@dataclass(frozen=True, slots=True)
class Figure:
    """A numbered figure under the sentence that says what to see in it."""

    caption: str
    drawing: Drawing
    sentence: str = ""


@dataclass(frozen=True, slots=True)
class Section:
    """A heading with its blocks, and sections under it."""

    title: str
    blocks: tuple["Block", ...]


Block = Paragraph | Bullets | Facts | Code | Callout | Table | Figure | Section


@dataclass(frozen=True, slots=True)
class Running:
    """What stands on every page: study, cut, ledger head, and the marks of the document."""

    study: str
    cut: str
    head: str
    demonstration: str | None = None
    sealed: str | None = None


@dataclass(frozen=True, slots=True)
class Document:
    """A whole document. `made_at` dates it; nothing in it comes from the clock."""

    language: Literal["en", "zh"]
    kind: str
    title: str
    running: Running
    facts: Facts
    blocks: tuple[Block, ...]
    made_at: datetime

    def walk(self) -> Iterator[Block]:
        """Every block in reading order, sections before what they hold."""
        yield from _walk(self.blocks)


def _walk(blocks: tuple[Block, ...]) -> Iterator[Block]:
    for block in blocks:
        yield block
        if isinstance(block, Section):
            yield from _walk(block.blocks)


def numbers(document: Document) -> dict[int, int]:
    """The number of each table and figure by `id(block)`; tables and figures count apart."""
    counts = {Table: 0, Figure: 0}
    found: dict[int, int] = {}
    for block in document.walk():
        if isinstance(block, Table | Figure):
            counts[type(block)] += 1
            found[id(block)] = counts[type(block)]
    return found
