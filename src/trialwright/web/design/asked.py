"""What an address asks for, as typed; nothing is judged here, and nothing typed is lost."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import urlencode

from django.http import QueryDict
from django.utils.translation import gettext as _

from trialwright.web.design.boxes import Asked, Box, Family, Kind

LETTERS = ("a", "b", "c")
QUESTION = "q"
"""The letter of what is asked of all designs."""
MOST_TEXT = 200
METHODS = ("auto", "exact", "monte-carlo")


@dataclass(frozen=True, slots=True)
class Typed:
    """The texts of an address, as typed: kinds and boxes by letter, and rows of rates."""

    family: Family
    kinds: Mapping[str, Kind]
    texts: Mapping[str, str]
    rates: tuple[str, ...] = ()
    responses: tuple[str, ...] = ()
    method: str = "auto"
    unknown: Mapping[str, str] = field(default_factory=dict)
    """Choices that the page doesn't have: a sentence for each, by the id of its box."""

    @property
    def asks(self) -> Asked | None:
        """What the kinds chosen need to know beside rates."""
        return next((kind.asks for kind in self.kinds.values() if kind.asks), None)

    def shares(self, letter: str, box: Box) -> bool:
        """Whether a box that is empty says what the first design's says."""
        return letter not in ("a", QUESTION) and box in self.kinds[letter].shared

    def text(self, letter: str, box: Box) -> str:
        """What stands in a box; where the address is silent the usual value, but for what a second
        design shares with the first."""
        usual = "" if self.shares(letter, box) else box.usual
        return self.texts.get(f"{letter}.{box.name}", usual)

    def boxes(self, letter: str) -> tuple[Box, ...]:
        """The boxes of a design or of the question: how many doses there are is said once, by the
        first."""
        if letter == QUESTION:
            return self.asks.boxes if self.asks else ()
        return tuple(b for b in self.kinds[letter].boxes if letter == "a" or b.name != "doses")

    def address(self) -> str:
        """The query that asks for the same, without what is empty."""
        pairs = [(f"{letter}.kind", kind.key) for letter, kind in self.kinds.items()]
        for letter in (*self.kinds, QUESTION):
            pairs += [
                (f"{letter}.{box.name}", self.text(letter, box)) for box in self.boxes(letter)
            ]
        pairs += [("rates", row) for row in self.rates]
        pairs += [("responses", row) for row in self.responses]
        pairs += [("method", self.method)] if self.method != "auto" else []
        said = [(name, text.replace(" ", "")) for name, text in pairs if text.strip()]
        return urlencode(said, safe=",.")


def typed(query: QueryDict, family: Family) -> Typed:
    """The texts of an address; what is too long is cut, for nothing reads it."""
    chosen = {"a": query.get("a.kind", "")}
    if family.beside:
        chosen |= {x: query.get(f"{x}.kind", "") for x in LETTERS[1:] if query.get(f"{x}.kind")}
    method = query.get("method", "auto")
    known = {"": ""} | {kind.key: kind.name for kind in family.kinds}
    unknown = {
        f"{letter}-kind": _not_here(key) for letter, key in chosen.items() if key not in known
    }
    if method not in METHODS:
        unknown["method"] = _not_here(method)
    texts: dict[str, str] = {}
    asked = Typed(
        family,
        {letter: family.kind(key) for letter, key in chosen.items()},
        texts,
        _rows(query, "rates", family),
        _rows(query, "responses", family),
        method if method in METHODS else "auto",
        unknown,
    )
    for letter in (*asked.kinds, QUESTION):
        for name in (f"{letter}.{box.name}" for box in asked.boxes(letter)):
            if name in query:
                texts[name] = query.get(name, "")[:MOST_TEXT]
    return asked


def _not_here(choice: str) -> str:
    return _("“{choice}” cannot be chosen here. Choose one of the list.").format(
        choice=choice[:MOST_TEXT]
    )


def _rows(query: QueryDict, name: str, family: Family) -> tuple[str, ...]:
    rows = (row[:MOST_TEXT].strip() for row in query.getlist(name)[: family.rows])
    return tuple(row for row in rows if row)
