"""From what is typed to designs and a question, or to problems at their boxes.

The texts become the nodes of a protocol's `design:` section, and the design is read from them as
from a protocol file: what is refused here is refused there, in the same words.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from trialwright.analysis.words import Said
from trialwright.design import DesignError, from_node
from trialwright.design.boin12 import Boin12
from trialwright.design.crm import calibrated_skeleton
from trialwright.protocol.nodes import Block, Entry, Listing, Node, Scalar
from trialwright.report.designs import Question
from trialwright.report.designs.asking import usual_question
from trialwright.web.design.asked import Typed
from trialwright.web.design.boxes import Box
from trialwright.web.design.rates import read_rows

MOST_ENTRIES = 8
COMMAND = Said(
    "Lower it, or use the command `trialwright design oc`, which has no such limit.",
    "请减小，或使用无此上限的命令 `trialwright design oc`。",
)


@dataclass(slots=True)
class Read:
    """Designs by letter and the question; or problems by the id of their box."""

    designs: dict[str, Any] = field(default_factory=dict)
    question: Question | None = None
    problems: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Place:
    """A box that says something, at the line it has in the section."""

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


def read(asked: Typed, language: str) -> Read:
    """Make the designs and the question, in the order of the page."""
    found = Read()
    for letter in asked.kinds:
        places = _places(asked, letter)
        try:
            found.designs[letter] = _design(asked, letter, places)
        except DesignError as error:
            here = next((p for p in places if p.line == error.line), places[0])
            names = {p.argument: _within_a_sentence(p.box.label) for p in places}
            found.problems[here.key] = error.said(names).in_language(language)
    if not found.problems:
        _ask(asked, found, language)
    return found


def _within_a_sentence(label: str) -> Said:
    lower = label[:1].lower() + label[1:] if label[1:2].islower() else label
    return Said(lower, lower)


def _places(asked: Typed, letter: str) -> list[Place]:
    """Every box of a design; a shared one that is empty says what the first design's says."""
    shared = {box.name for box in asked.kinds[letter].shared}
    places = []
    for line, box in enumerate(asked.kinds[letter].boxes, start=1):
        text = asked.text(letter, box).strip() if box in asked.boxes(letter) else ""
        if not text and letter != "a" and box.name in shared:
            text = _of_first(asked, box)
        places.append(Place(box_id(letter, box.name), box, text, line))
    return places


def _of_first(asked: Typed, box: Box) -> str:
    first = next((b for b in asked.kinds["a"].boxes if b.name == box.name), None)
    return (asked.text("a", first).strip() if first else "") or box.usual


def _design(asked: Typed, letter: str, places: Sequence[Place]) -> Any:
    for place in places:
        _within_bounds(place)
    kind = asked.kinds[letter].key
    entries = [Entry("kind", Scalar(kind, 1), 1)]
    entries += _entries([p for p in places if p.text])
    block = Block(tuple(_calibrated(entries) if kind == "crm" else entries), 1)
    return from_node(block)


def _within_bounds(place: Place) -> None:
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


def _entries(places: Sequence[Place]) -> list[Entry]:
    """Keys and values; the boxes of a rule within the design stand under its name."""
    entries: list[Entry] = []
    for place in places:
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


def _calibrated(entries: Sequence[Entry]) -> list[Entry]:
    """A CRM says its doses by its skeleton; without one it gets the calibrated one, the middle dose
    at the target before the trial."""
    kept = [entry for entry in entries if entry.key not in ("doses", "skeleton")]
    by_key = {entry.key: entry for entry in entries}
    target, doses = (
        _number(by_key[key], sort) for key, sort in (("target", float), ("doses", int))
    )
    given = by_key.get("skeleton")
    if given is not None and isinstance(given.value, Listing):
        if len(given.value.items) != doses:
            raise DesignError(
                Said(f"skeleton has {len(given.value.items)} entries.",
                     f"skeleton 有 {len(given.value.items)} 项。"),
                rule=Said(f"It needs one for each of {doses} doses.", f"{doses} 个剂量各须一项。"),
                fix=Said("Add or take away entries.", "请增减。"),
                line=given.line,
            )  # fmt: skip
        return [*kept, given]
    try:
        margin = min(0.05, target / 3, (1 - target) / 3)
        guesses = calibrated_skeleton(target, doses, (doses + 1) // 2, margin)
    except DesignError as error:
        place = by_key["doses" if "prior_mtd" in error.what else "target"]
        raise error.at(None, place.line) from None
    line = by_key["target"].line
    items = tuple(Scalar(f"{guess:.4f}", line) for guess in guesses)
    return [*kept, Entry("skeleton", Listing(items, line), line)]


def _number(entry: Entry, sort: type) -> Any:
    text = entry.value.text if isinstance(entry.value, Scalar) else ""
    try:
        return sort(text)
    except ValueError:
        wanted = Said("a whole number", "整数") if sort is int else Said("a number", "数")
        raise DesignError(
            Said(f"{entry.key} is {text!r}.", f"{entry.key} 为 {text!r}。"),
            rule=Said(f"It is {wanted}.", f"此处须为{wanted.zh}。"),
            fix=Said(f"Write {wanted} here.", f"请填写{wanted.zh}。"),
            line=entry.line,
        ) from None


def _ask(asked: Typed, found: Read, language: str) -> None:
    """The question: the rows typed, or the usual ones."""
    designs = list(found.designs.values())
    both = next((d for d in designs if isinstance(d, Boin12)), designs[0])
    usual = usual_question(both)
    rates = read_rows(asked, "rates", asked.rates, designs[0], language, found.problems)
    responses = read_rows(asked, "responses", asked.responses, designs[0], language, found.problems)
    if found.problems:
        return
    if usual.responses:
        responses = responses or (usual.responses[:1] if rates else usual.responses)
        rates = rates or usual.rates
        if len(responses) == 1:
            responses = responses * len(rates)
        if len(rates) != len(responses):
            error = DesignError(
                Said(f"{len(rates)} rows of rates and {len(responses)} of responses.",
                     f"真实率 {len(rates)} 行，应答率 {len(responses)} 行。"),
                rule=Said("Each scenario has both.", "每个情景两者均须给出。"),
                fix=Said("Write as many rows of one as of the other, or one row for all.",
                         "请使两者行数相同，或只写一行供全部使用。"),
            )  # fmt: skip
            found.problems["responses-1"] = error.said().in_language(language)
            return
    else:
        responses = ()
    found.question = Question(rates or usual.rates, responses)
