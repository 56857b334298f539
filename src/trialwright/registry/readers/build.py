"""Building a record's tree from another register's form, remembering where each value stood."""

from __future__ import annotations

import re
from collections.abc import Iterable
from itertools import pairwise
from typing import Any

from trialwright.registry.record.record import Record, Register
from trialwright.registry.record.text import TextForm
from trialwright.registry.record.values import Copy


class Builder:
    """A tree in the ClinicalTrials.gov v2 form, filled value by value."""

    def __init__(self) -> None:
        """Start with an empty tree."""
        self.tree: dict[str, Any] = {}
        self.places: dict[str, str] = {}

    def put(self, path: str, value: object, place: str) -> None:
        """Set the value at `path` ("identification/briefTitle"); None is not set.

        The first part of a path names a module of the protocol section, unless it starts
        with a slash. A part that is a number is a place in a list, to be filled in order.
        """
        if value is None:
            return
        if not path.startswith("/"):
            module, _, rest = path.partition("/")
            path = f"/protocolSection/{module}Module/{rest}"
        self.places[path] = place
        keys = path[1:].split("/")
        node: Any = self.tree
        for key, after in pairwise(keys):
            node = _step(node, key, [] if after.isdigit() else {})
        _step(node, keys[-1], value)

    def put_each(self, path: str, values: Iterable[tuple[object, str]]) -> None:
        """Set a list of values, each with its place; nothing for an empty list."""
        for number, (value, place) in enumerate(values):
            self.put(f"{path}/{number}", value, place)

    def record(
        self, number: str, register: Register, form: TextForm, *, short: bool = False
    ) -> Record:
        """Make the record of what was put; `short` as in `Copy`."""
        copy = Copy(places=self.places, form=form, short=short)
        return Record(number, self.tree, register, copy)


def _step(node: Any, key: str, fresh: object) -> Any:
    if not key.isdigit():
        return node.setdefault(key, fresh)
    if int(key) == len(node):
        node.append(fresh)
    return node[int(key)]


_ROMAN = {"I": "PHASE1", "II": "PHASE2", "III": "PHASE3", "IV": "PHASE4"}


def roman_phases(words: str) -> list[str] | None:
    """Read phases written in Roman or Arabic numbers; None where the words name none.

    >>> roman_phases("Therapeutic exploratory (Phase II)"), roman_phases("Phase I/II")
    (['PHASE2'], ['PHASE1', 'PHASE2'])
    """
    if words.strip().lower() in {"n/a", "not applicable", "na"}:
        return ["NA"]
    found = re.findall(r"\b(IV|I{1,3}|[1-4])\b", words)
    phases = {_ROMAN.get(number, f"PHASE{number}") for number in found}
    return sorted(phases) or None
