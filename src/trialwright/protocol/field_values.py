"""The values under a block's keys, typed by what the key means; problems and facts are gathered.

A reader never stops at a problem: it notes it and goes on with a placeholder, so that one run
finds them all. The placeholder is never seen, since a file with problems gives no protocol.
"""

import re
from collections.abc import Collection, Iterator
from datetime import date
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction
from typing import TypeVar

from trialwright.protocol.basics import LANGUAGES, Text
from trialwright.protocol.durations import MOST_DAYS, Duration, parse_duration
from trialwright.protocol.expression import Expression, ExpressionError, parse
from trialwright.protocol.nodes import Block, Listing, Node, Scalar
from trialwright.protocol.provenance import TRUTHS, YES_OR_NO, Provenance, Reading, as_fact
from trialwright.protocol.shapes import PROVENANCE, WORDING
from trialwright.protocol.typecheck import suggestion
from trialwright.protocol.values import PartialDate
from trialwright.protocol.visits import Reference

Choice = TypeVar("Choice", bound=StrEnum)
_IDENTIFIER = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
_NUMBER = re.compile(r"-?[0-9]{1,20}(\.[0-9]{1,12})?")
LONGEST_VERSION = 32


class FieldValues:
    """A block whose keys hold values: texts, numbers, dates, choices, expressions."""

    def __init__(
        self, reading: Reading, block: Block, path: str, inherited: Provenance, line: int
    ) -> None:
        self.reading = reading
        self.block = block
        self.path = path
        self.line = line
        self.provenance = reading.provenance(block, inherited)

    def has(self, key: str) -> bool:
        """Whether the key is there."""
        return self.block.get(key) is not None

    def line_of(self, key: str) -> int:
        """The line of a key's value, or of the block."""
        node = self.block.get(key)
        return node.line if node else self.line

    def path_to(self, key: str) -> str:
        """The keys that lead to one of this block, with points between."""
        return f"{self.path}.{key}" if self.path else key

    def _fact(self, key: str) -> Node | None:
        """The node under a key, out of its `{value: …}` wrapping, noted as a fact."""
        node = self.block.get(key)
        provenance = self.provenance
        if isinstance(node, Block) and node.get("value") is not None:
            provenance = self.reading.provenance(node, provenance)
            for entry in node:
                if entry.key not in ("value", *PROVENANCE):
                    way_out = suggestion(entry.key, ("value", *PROVENANCE))
                    message = f"`{entry.key}` is not a key of a fact"
                    self.reading.problem(entry.line, message, way_out, "unknown-key")
            node = node.get("value")
        if node is not None and key not in WORDING:
            self.reading.facts.append(as_fact(self.path_to(key), node, provenance))
        return node

    def _scalar(self, key: str) -> Scalar | None:
        node = self._fact(key)
        if node is None:
            return None
        if not isinstance(node, Scalar) or node.empty or not node.text.strip():
            message = f"`{key}` has no single value"
            way_out = f"Write the value after `{key}:` on the same line."
            self.reading.problem(node.line, message, way_out, "one-value")
            return None
        return node

    def words(self, key: str, *, longest: int | None = None) -> str | None:
        """A text that is the same in every language."""
        node = self._scalar(key)
        if node is None:
            return None
        words = node.text.strip()
        if longest is not None and len(words) > longest:
            message = f"`{key}` has {len(words)} characters, more than {longest}"
            self.reading.problem(node.line, message, "Shorten it.", "too-long")
        return words

    def identifier(self, key: str) -> str:
        """A name that stands in addresses and names of files; empty if absent."""
        node = self._scalar(key)
        if node is None:
            return ""
        if not _IDENTIFIER.fullmatch(node.text):
            message = f"{node.text!r} can't be the `{key}`"
            way_out = "Use letters, digits and . _ -, at most 64, beginning with a letter or digit."
            self.reading.problem(node.line, message, way_out, "identifier")
        return node.text

    def text(self, key: str) -> Text:
        """Words in the protocol's languages; empty if absent."""
        return self.optional_text(key) or Text("", "")

    def optional_text(self, key: str) -> Text | None:
        """Words in the protocol's languages, or None if absent."""
        node = self._fact(key)
        if node is None:
            return None
        if isinstance(node, Scalar) and len(self.reading.languages) == 1 and node.text.strip():
            return Text(node.text.strip(), node.text.strip())
        if not isinstance(node, Block):
            both = " and ".join(f"`{code}`" for code in self.reading.languages)
            message = f"`{key}` is not written in {both}"
            way_out = f"Write `{key}: {{en: …, zh: …}}`."
            self.reading.problem(node.line, message, way_out, "languages")
            return Text("", "")
        return self._languages(key, node)

    def _languages(self, key: str, node: Block) -> Text:
        found: dict[str, str] = {}
        for entry in node:
            if entry.key not in LANGUAGES:
                message = f"`{entry.key}` is not a language of `{key}`"
                way_out = suggestion(entry.key, LANGUAGES)
                self.reading.problem(entry.line, message, way_out, "unknown-key")
            elif isinstance(entry.value, Scalar) and entry.value.text.strip():
                found[entry.key] = entry.value.text.strip()
        for code in self.reading.languages:
            if code not in found:
                message = f"`{key}` is not written in `{code}`"
                way_out = f"Add `{code}: …` beside the other language."
                self.reading.problem(node.line, message, way_out, "languages")
        either = next(iter(found.values()), "")
        return Text(found.get("en", either), found.get("zh", either))

    def number(self, key: str) -> Decimal | None:
        """A decimal number, kept as typed."""
        node = self._scalar(key)
        if node is None:
            return None
        if not _NUMBER.fullmatch(node.text):
            message = f"{node.text!r} is not a number (`{key}`)"
            way_out = "Write digits with a point, like 3 or 0.85."
            self.reading.problem(node.line, message, way_out, "number")
            return None
        return Decimal(node.text)

    def days(self, key: str, *, before: bool = False) -> int:
        """A number of days, none if absent; `before` lets it be negative."""
        return self.whole(key, minimum=-MOST_DAYS if before else 0, maximum=MOST_DAYS)

    def duration(self, key: str) -> Duration | None:
        """A length of time in days, weeks, months or years."""
        node = self._scalar(key)
        return None if node is None else self.as_duration(key, node)

    def as_duration(self, key: str, node: Scalar) -> Duration | None:
        """The length of time that a scalar under `key` writes; none of it is a problem."""
        try:
            duration = parse_duration(node.text)
        except ValueError:
            message = f"{node.text!r} is not a length of time (`{key}`)"
            way_out = "Write a number and a unit: `21 d`, `6 weeks`, `3 months`, `1 year`."
            self.reading.problem(node.line, message, way_out, "duration")
            return None
        if duration.number == 0:
            message = f"`{key}` has no length"
            self.reading.problem(node.line, message, "Write at least `1 d`.", "duration")
            return None
        return duration

    def whole(
        self, key: str, default: int = 0, *, minimum: int = 0, maximum: int = 999_999_999
    ) -> int:
        """A whole number, `default` if absent."""
        node = self._scalar(key)
        if node is None:
            return default
        if not re.fullmatch(r"-?[0-9]{1,9}", node.text):
            message = f"{node.text!r} is not a whole number (`{key}`)"
            self.reading.problem(node.line, message, "Write digits, like 28.", "number")
            return default
        number = int(node.text)
        if number < minimum:
            message = f"`{key}` is {number}, less than {minimum}"
            way_out = f"Write a whole number from {minimum}."
            self.reading.problem(node.line, message, way_out, "number")
            return default
        if number > maximum:
            message = f"`{key}` is {number}, more than {maximum}"
            way_out = f"Write a whole number up to {maximum}."
            self.reading.problem(node.line, message, way_out, "number")
            return default
        return number

    def truth(self, key: str) -> bool:
        """Yes or no; no if absent."""
        return bool(self.optional_truth(key))

    def optional_truth(self, key: str) -> bool | None:
        """Yes or no, or None if absent."""
        node = self._scalar(key)
        if node is None:
            return None
        if node.text not in TRUTHS:
            message = f"{node.text!r} is not yes or no (`{key}`)"
            self.reading.problem(node.line, message, *YES_OR_NO)
        return TRUTHS.get(node.text)

    def day(self, key: str) -> date:
        """A full date."""
        node = self._scalar(key)
        try:
            day = PartialDate.parse(node.text).full if node else date.min
        except ValueError:
            day = None
        if node and day is None:
            message = f"{node.text!r} is not a date (`{key}`)"
            self.reading.problem(node.line, message, "Write it as 2026-03-15.", "date")
        return day or date.min

    def choice(self, key: str, options: type[Choice]) -> Choice | None:
        """One word of a closed list."""
        word = self.word_among(key, list(options))
        return None if word is None else options(word)

    def names(self, key: str) -> tuple[Scalar, ...]:
        """A list of words, each with its line; empty if absent."""
        node = self._fact(key)
        if node is None:
            return ()
        if isinstance(node, Listing) and all(isinstance(item, Scalar) for item in node):
            return tuple(item for item in node if isinstance(item, Scalar))
        message = f"`{key}` is not a list of words"
        way_out = f"Write `{key}: [one, two]`."
        self.reading.problem(node.line, message, way_out, "list")
        return ()

    def shares(self, key: str) -> Iterator[tuple[str, int]]:
        """A block of whole numbers from 1, by name."""
        node = self._fact(key)
        if node is None:
            return
        if not isinstance(node, Block):
            self.reading.problem(node.line, *not_a_block(key))
            return
        for entry in node:
            if entry.key in PROVENANCE:
                continue
            text = entry.value.text if isinstance(entry.value, Scalar) else ""
            if not re.fullmatch("[1-9][0-9]{0,3}", text):
                message = f"The share of `{entry.key}` is {text!r}"
                self.reading.problem(entry.line, message, "Write a whole number from 1.", "number")
                continue
            yield entry.key, int(text)

    def fraction(self, key: str) -> Fraction:
        """A part of a whole, as `0.5` or `1/3`; 0 if it can't be read, which is noted."""
        node = self._scalar(key)
        return Fraction(0) if node is None else self._part(key, node.text, node.line)

    def fractions(self, key: str) -> Iterator[tuple[str, Fraction]]:
        """A block of parts of a whole, by name."""
        node = self._fact(key)
        if node is None:
            return
        if not isinstance(node, Block):
            self.reading.problem(node.line, *not_a_block(key))
            return
        for entry in node:
            if entry.key not in PROVENANCE:
                text = entry.value.text if isinstance(entry.value, Scalar) else ""
                yield entry.key, self._part(entry.key, text, entry.line)

    def _part(self, key: str, text: str, line: int) -> Fraction:
        if re.fullmatch(r"(0|1|0\.[0-9]{1,9}|1\.0{1,9}|[0-9]{1,4}/[1-9][0-9]{0,3})", text):
            part = Fraction(text)
            if part <= 1:
                return part
        message = f"The part of `{key}` is {text!r}"
        self.reading.problem(line, message, "Write a number from 0 to 1, as 0.5 or 1/3.", "number")
        return Fraction(0)

    def choices(self, key: str, options: type[Choice]) -> tuple[Choice, ...]:
        """A list of words of a closed list."""
        return tuple(map(options, self.words_among(key, list(options))))

    def reference(self, key: str) -> Reference | None:
        """An item at a visit, as `visit.form.item`; that it exists is checked later."""
        word = self.words(key)
        parts = word.split(".") if word else []
        if word and len(parts) != 3:
            message = f"{word!r} doesn't name an item at a visit"
            way_out = f"Write `{key}: visit.form.item`."
            self.reading.problem(self.line_of(key), message, way_out, "reference")
        return Reference(*parts) if len(parts) == 3 else None

    def words_among(self, key: str, known: Collection[str]) -> tuple[str, ...]:
        """A list of words, each one of those known."""
        chosen = []
        for name in self.names(key):
            if name.text in known:
                chosen.append(name.text)
            else:
                self._not_a_choice(key, name, known)
        return tuple(chosen)

    def word_among(self, key: str, known: Collection[str]) -> str | None:
        """One word of those known."""
        node = self._scalar(key)
        if node is not None and node.text not in known:
            self._not_a_choice(key, node, known)
            return None
        return node.text if node else None

    def _not_a_choice(self, key: str, node: Scalar, known: Collection[str]) -> None:
        message = f"{node.text!r} is not a choice of `{key}`"
        self.reading.problem(node.line, message, suggestion(node.text, list(known)), "choice")

    def expression(self, key: str) -> Expression | None:
        """An expression, parsed and not yet typed."""
        node = self._scalar(key)
        if node is None:
            return None
        try:
            return parse(node.text, node.line)
        except ExpressionError as error:
            message = f"{error.message}, at column {error.column} of `{key}`"
            self.reading.problem(node.line, message, error.way_out, "expression")
            return None

    def needed_expression(self, key: str) -> Expression:
        """An expression, or a placeholder if it can't be had (which has been noted)."""
        return self.expression(key) or parse("true", self.line)


def not_a_block(key: str) -> tuple[str, str, str]:
    """Message, way out and rule where a block is missing."""
    return (
        f"`{key}` is not a block",
        f"Write `{key}:` and its own keys under it, indented.",
        "block",
    )
