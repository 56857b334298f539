"""What an address asks for, as typed, and its rows of true rates as numbers; nothing is lost."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, MutableMapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.http import QueryDict
from django.utils.translation import gettext as _

from trialwright.design import DesignError
from trialwright.messages import Message
from trialwright.report.designs.case import complete_of
from trialwright.web.design.fields import Family, Field, Kind, QuestionFields

LETTERS = ("a", "b", "c")
QUESTION = "q"
"""The letter of what is asked of all designs."""
MOST_TEXT = 200
MOST_RATES = 12
METHODS = ("auto", "exact", "monte-carlo")
Rows = tuple[tuple[float, ...], ...]


@dataclass(frozen=True, slots=True)
class DesignRequest:
    """The texts of an address, as typed: kinds and fields by letter, and rows of rates."""

    family: Family
    kinds: Mapping[str, Kind]
    texts: Mapping[str, str]
    rates: tuple[str, ...] = ()
    responses: tuple[str, ...] = ()
    method: str = "auto"
    unknown: Mapping[str, str] = dataclasses.field(default_factory=dict)
    """Choices that the page doesn't have: a sentence for each, by the id of its field."""

    @property
    def asks(self) -> tuple[QuestionFields, ...]:
        """What the kinds chosen need to know beside rates, each once, with the most fields that one
        of them has."""
        found: dict[str, QuestionFields] = {}
        for asks in (kind.asks for kind in self.kinds.values() if kind.asks):
            known = found.setdefault(asks.field, asks)
            if len(asks.fields) > len(known.fields):
                found[asks.field] = asks
        return tuple(found.values())

    def shares(self, letter: str, field: Field) -> bool:
        """Whether a field that is empty says what the first design's says."""
        return letter not in ("a", QUESTION) and field in self.kinds[letter].shared

    def text(self, letter: str, field: Field) -> str:
        """What stands in a field; the usual value where the address is silent, unless a second
        design shares it with the first."""
        usual = "" if self.shares(letter, field) else field.usual
        return self.texts.get(f"{letter}.{field.name}", usual)

    def fields(self, letter: str) -> tuple[Field, ...]:
        """The fields of a design or of the question: how many doses there are is said once, by the
        first."""
        if letter == QUESTION:
            return tuple(field for asks in self.asks for field in asks.fields)
        return tuple(b for b in self.kinds[letter].fields if letter == "a" or b.name != "doses")

    def address(self) -> str:
        """The query that asks for the same, without what is empty."""
        pairs = [(f"{letter}.kind", kind.key) for letter, kind in self.kinds.items()]
        for letter in (*self.kinds, QUESTION):
            pairs += [
                (f"{letter}.{field.name}", self.text(letter, field))
                for field in self.fields(letter)
            ]
        pairs += [("rates", row) for row in self.rates]
        pairs += [("responses", row) for row in self.responses]
        pairs += [("method", self.method)] if self.method != "auto" else []
        said = [
            (name, ",".join(map(str.strip, text.split(","))))
            for name, text in pairs
            if text.strip()
        ]
        return urlencode(said, safe=",.")


def parse_request(query: QueryDict, family: Family) -> DesignRequest:
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
    asked = DesignRequest(
        family,
        {letter: family.kind(key) for letter, key in chosen.items()},
        texts,
        _rows(query, "rates", family),
        _rows(query, "responses", family),
        method if method in METHODS else "auto",
        unknown,
    )
    for letter in (*asked.kinds, QUESTION):
        for name in (f"{letter}.{field.name}" for field in asked.fields(letter)):
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


def read_rows(
    asked: DesignRequest,
    name: str,
    rows: Sequence[str],
    design: Any,
    language: str,
    problems: MutableMapping[str, str],
) -> Rows:
    """The rows as numbers; what can't be read is a problem at its own row."""
    found = []
    for number, text in enumerate(rows, start=1):
        try:
            found.append(_row(text, _width(asked, design), asked.family))
        except DesignError as error:
            problems[f"{name}-{number}"] = error.said().in_language(language)
    return tuple(found)


def _width(asked: DesignRequest, design: Any) -> int | None:
    match asked.family.width:
        case "doses":
            return complete_of(design).doses
        case "arms":
            return int(design.arms)
        case "pair":
            return 2
        case _:
            return None


def _row(text: str, width: int | None, family: Family) -> tuple[float, ...]:
    try:
        rates = tuple(float(part) for part in text.split(","))
    except ValueError:
        raise DesignError(
            Message("{text!r} are not rates.", text=text),
            rule=_range_rule(family),
            fix=Message("Write them with commas, such as 0.05, 0.15, 0.3."),
        ) from None  # fmt: skip
    if not all(family.lowest <= rate <= family.highest for rate in rates):
        raise DesignError(
            Message("A number of this row is too low or too high."),
            rule=_range_rule(family),
            fix=Message("Correct it; a rate of 30% is written 0.3."),
        )
    if width is not None and len(rates) != width:
        raise DesignError(
            Message("{rates} rates.", rates=len(rates)),
            rule=Message("A row holds {width}, one for each dose or arm.", width=width),
            fix=Message("Add or take away rates."),
        )  # fmt: skip
    if len(rates) > MOST_RATES:
        raise DesignError(
            Message("{rates} rates.", rates=len(rates)),
            rule=Message("On this page a row holds at most {most}.", most=MOST_RATES),
            fix=Message("Leave some out."),
        )  # fmt: skip
    return rates


def _range_rule(family: Family) -> Message:
    return Message(
        "A row holds numbers from {lowest:g} to {highest:g}.",
        lowest=family.lowest, highest=family.highest,
    )  # fmt: skip
