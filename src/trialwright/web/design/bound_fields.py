"""Fields that say something, at the line each has in the section that they make: their bounds on
this page, and the nodes they become."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from trialwright.design import DesignError
from trialwright.messages import Message
from trialwright.protocol.nodes import Block, Entry, Listing, Node, Scalar
from trialwright.web.design.fields import Field
from trialwright.web.design.request import DesignRequest

MOST_ENTRIES = 8
COMMAND = Message("Lower it, or use the command `trialwright design oc`, which has no such limit.")


@dataclass(frozen=True, slots=True)
class BoundField:
    """A field and its text, with the id it has on the page and its line in the section."""

    key: str
    field: Field
    text: str
    line: int

    @property
    def argument(self) -> str:
        """The argument's own name, without that of the rule it belongs to."""
        return self.field.name.rpartition(".")[2]


def field_id(letter: str, name: str) -> str:
    """The id of a field on the page."""
    return f"{letter}-{name.replace('.', '-').replace('_', '-')}"


def bind(asked: DesignRequest, letter: str) -> list[BoundField]:
    """Every field of a design, or of the question; a shared one that is empty says what the first
    design's says. None is over its bounds: else `DesignError` at its line."""
    fields = asked.fields(letter)
    told = asked.kinds[letter].fields if letter in asked.kinds else fields
    places = []
    for line, field in enumerate(told, start=1):
        text = asked.text(letter, field).strip() if field in fields else ""
        if not text and asked.shares(letter, field):
            text = _of_first(asked, field)
        places.append(BoundField(field_id(letter, field.name), field, text, line))
    return places


def _of_first(asked: DesignRequest, field: Field) -> str:
    first = next((b for b in asked.kinds["a"].fields if b.name == field.name), None)
    return (asked.text("a", first).strip() if first else "") or field.usual


def within_bounds(place: BoundField) -> None:
    """Refuse an empty field that must say something, and what would take the page too long."""
    field, name = place.field, place.argument
    if not place.text and not field.extra and field.usual:
        raise DesignError(
            Message.in_context("design", "{name} is empty.", name=name),
            rule=Message("It has no default."),
            fix=Message("Write for example {usual}.", usual=field.usual),
            line=place.line,
        )
    parts = (
        [p for p in place.text.split(",") if p.strip()] if field.sort == "list" else [place.text]
    )
    if len(parts) > MOST_ENTRIES:
        raise DesignError(
            Message("{name} has {parts} entries.", name=name, parts=len(parts)),
            rule=Message("On this page it has at most {most}.", most=MOST_ENTRIES),
            fix=COMMAND,
            line=place.line,
        )  # fmt: skip
    if field.sort in ("count", "list") and any(_above(part, field.high) for part in parts):
        raise DesignError(
            Message("{name} is {text}.", name=name, text=place.text),
            rule=Message("On this page it is at most {high:g}.", high=field.high),
            fix=COMMAND,
            line=place.line,
        )


def _above(text: str, high: float) -> bool:
    try:
        return float(text) > high
    except ValueError:
        return False  # what isn't a number is refused when the design is read


def entries_of(places: Sequence[BoundField]) -> list[Entry]:
    """Keys and values; the fields of a rule within the design stand under its name."""
    entries: list[Entry] = []
    for place in places:
        if not place.text:
            continue
        rule, _, name = place.field.name.rpartition(".")
        entry = Entry(name, _value(place), place.line)
        if not rule:
            entries.append(entry)
        elif entries and entries[-1].key == rule and isinstance(entries[-1].value, Block):
            block = entries[-1].value
            entries[-1] = Entry(rule, Block((*block.entries, entry), block.line), block.line)
        else:
            entries.append(Entry(rule, Block((entry,), place.line), place.line))
    return entries


def _value(place: BoundField) -> Node:
    if place.field.sort != "list":
        return Scalar(place.text, place.line)
    parts = (part.strip() for part in place.text.split(","))
    return Listing(tuple(Scalar(part, place.line) for part in parts), place.line)
