"""Boxes that say something, at the line each has in the section that they make: their bounds on
this page, and the nodes they become."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from trialwright.analysis.words import Said
from trialwright.design import DesignError
from trialwright.protocol.nodes import Block, Entry, Listing, Node, Scalar
from trialwright.web.design.asked import Typed
from trialwright.web.design.boxes import Box

MOST_ENTRIES = 8
COMMAND = Said(
    "Lower it, or use the command `trialwright design oc`, which has no such limit.",
    "请减小，或使用无此上限的命令 `trialwright design oc`。",
)


@dataclass(frozen=True, slots=True)
class Place:
    """A box and its text, with the id it has on the page and its line in the section."""

    key: str
    box: Box
    text: str
    line: int

    @property
    def argument(self) -> str:
        """The argument's own name, without that of the rule it belongs to."""
        return self.box.name.rpartition(".")[2]


def box_id(letter: str, name: str) -> str:
    """The id of a box on the page."""
    return f"{letter}-{name.replace('.', '-').replace('_', '-')}"


def places_of(asked: Typed, letter: str) -> list[Place]:
    """Every box of a design, or of the question; a shared one that is empty says what the first
    design's says. None is over its bounds: else `DesignError` at its line."""
    boxes = asked.boxes(letter)
    told = asked.kinds[letter].boxes if letter in asked.kinds else boxes
    places = []
    for line, box in enumerate(told, start=1):
        text = asked.text(letter, box).strip() if box in boxes else ""
        if not text and asked.shares(letter, box):
            text = _of_first(asked, box)
        places.append(Place(box_id(letter, box.name), box, text, line))
    return places


def _of_first(asked: Typed, box: Box) -> str:
    first = next((b for b in asked.kinds["a"].boxes if b.name == box.name), None)
    return (asked.text("a", first).strip() if first else "") or box.usual


def within_bounds(place: Place) -> None:
    """Refuse an empty box that must say something, and what would take the page too long."""
    box, name = place.box, place.argument
    if not place.text and not box.extra and box.usual:
        raise DesignError(
            Said(f"{name} is empty.", f"{name} 未填写。"),
            rule=Said("It has no default.", "此项没有默认值。"),
            fix=Said(f"Write for example {box.usual}.", f"例如 {box.usual}。"),
            line=place.line,
        )
    parts = [p for p in place.text.split(",") if p.strip()] if box.sort == "list" else [place.text]
    if len(parts) > MOST_ENTRIES:
        raise DesignError(
            Said(f"{name} has {len(parts)} entries.", f"{name} 有 {len(parts)} 项。"),
            rule=Said(f"On this page it has at most {MOST_ENTRIES}.",
                      f"本页至多 {MOST_ENTRIES} 项。"),
            fix=COMMAND,
            line=place.line,
        )  # fmt: skip
    if box.sort in ("count", "list") and any(_above(part, box.high) for part in parts):
        raise DesignError(
            Said(f"{name} is {place.text}.", f"{name} 为 {place.text}。"),
            rule=Said(f"On this page it is at most {box.high:g}.", f"本页至多为 {box.high:g}。"),
            fix=COMMAND,
            line=place.line,
        )


def _above(text: str, high: float) -> bool:
    try:
        return float(text) > high
    except ValueError:
        return False  # what isn't a number is refused when the design is read


def entries_of(places: Sequence[Place]) -> list[Entry]:
    """Keys and values; the boxes of a rule within the design stand under its name."""
    entries: list[Entry] = []
    for place in places:
        if not place.text:
            continue
        rule, _, name = place.box.name.rpartition(".")
        entry = Entry(name, _value(place), place.line)
        if not rule:
            entries.append(entry)
        elif entries and entries[-1].key == rule and isinstance(entries[-1].value, Block):
            block = entries[-1].value
            entries[-1] = Entry(rule, Block((*block.entries, entry), block.line), block.line)
        else:
            entries.append(Entry(rule, Block((entry,), place.line), place.line))
    return entries


def _value(place: Place) -> Node:
    if place.box.sort != "list":
        return Scalar(place.text, place.line)
    parts = (part.strip() for part in place.text.split(","))
    return Listing(tuple(Scalar(part, place.line) for part in parts), place.line)
