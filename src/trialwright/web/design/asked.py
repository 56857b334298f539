"""What an address asks for, as typed; nothing is judged here, and nothing typed is lost."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlencode

from django.http import QueryDict

from trialwright.web.design.boxes import Box, Family, Kind

LETTERS = ("a", "b", "c")
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

    def text(self, letter: str, box: Box) -> str:
        """What stands in a box; where the address is silent the usual value, but for what a second
        design shares with the first."""
        own = letter == "a" or box in self.kinds[letter].own
        return self.texts.get(f"{letter}.{box.name}", box.usual if own else "")

    def boxes(self, letter: str) -> tuple[Box, ...]:
        """The boxes of a design: how many doses there are is said once, by the first."""
        return tuple(b for b in self.kinds[letter].boxes if letter == "a" or b.name != "doses")

    def address(self) -> str:
        """The query that asks for the same, without what is empty."""
        pairs = [(f"{letter}.kind", kind.key) for letter, kind in self.kinds.items()]
        for letter in self.kinds:
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
    kinds = {"a": family.kind(query.get("a.kind", ""))}
    if family.beside:
        for letter in LETTERS[1:]:
            if asked := query.get(f"{letter}.kind", ""):
                kinds[letter] = family.kind(asked)
    texts = {
        name: query.get(name, "")[:MOST_TEXT]
        for letter, kind in kinds.items()
        for name in (f"{letter}.{box.name}" for box in kind.boxes)
        if name in query
    }
    method = query.get("method", "auto")
    return Typed(
        family,
        kinds,
        texts,
        _rows(query, "rates", family),
        _rows(query, "responses", family),
        method if method in METHODS else "auto",
    )


def _rows(query: QueryDict, name: str, family: Family) -> tuple[str, ...]:
    rows = (row[:MOST_TEXT].strip() for row in query.getlist(name)[: family.rows])
    return tuple(row for row in rows if row)
