"""From what the boxes of a design say to the design: by its section of a protocol, with what is
left to the page calibrated, or by a search."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from trialwright.analysis.words import Said
from trialwright.design import DesignError, from_node
from trialwright.design.crm import calibrated_skeleton
from trialwright.design.section import part_from_node
from trialwright.design.simon import SimonAim
from trialwright.protocol.nodes import Block, Entry, Listing, Scalar
from trialwright.web.design.boxes import Kind, Made


def plain(kind: Kind, entries: Sequence[Entry]) -> Made:
    """The design of the section that the entries make."""
    if kind.within:
        names = [box.name for box in kind.around]
        around = [entry for entry in entries if entry.key in names]
        inner = tuple(entry for entry in entries if entry.key not in names)
        entries = [*around, Entry(kind.within, Block(inner, 1), 1)]
    named = Entry("kind", Scalar(kind.key, 1), 1)
    return Made(from_node(Block((named, *entries), 1)))


def calibrated(kind: Kind, entries: Sequence[Entry]) -> Made:
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
        return plain(kind, [*kept, given])
    try:
        margin = min(0.05, target / 3, (1 - target) / 3)
        guesses = calibrated_skeleton(target, doses, (doses + 1) // 2, margin)
    except DesignError as error:
        place = by_key["doses" if "prior_mtd" in error.what else "target"]
        raise error.at(None, place.line) from None
    line = by_key["target"].line
    items = tuple(Scalar(f"{guess:.4f}", line) for guess in guesses)
    return plain(kind, [*kept, Entry("skeleton", Listing(items, line), line)])


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


def searched(_kind: Kind, entries: Sequence[Entry]) -> Made:
    """The two-stage design that errors and rates ask for."""
    aim = part_from_node(SimonAim, Block(tuple(entries), 1))
    return Made(aim.design, aim)
