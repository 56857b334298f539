"""A value of a register, with what was given, where it stood and how it was written."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Generic, TypeVar, cast

from trialwright.registry.dates import PartialDate, read_date
from trialwright.registry.text import TextForm, clean

T = TypeVar("T")


class Given(StrEnum):
    """What a record gives at one place."""

    STATED = "stated"
    BLANK = "blank"  # the place is there, and empty
    ABSENT = "absent"  # the place is not there
    NOT_APPLICABLE = "N/A"  # the register says that it does not apply
    UNREADABLE = "unreadable"  # something is there that can't be read as what belongs there
    LEFT_OUT = "left out"  # the register may well have it; this copy leaves it out


@dataclass(frozen=True, slots=True)
class Value(Generic[T]):
    """One value: `value` is set exactly when `given` is STATED.

    Attributes:
        at: where it stands in the raw record: a JSON Pointer, or an XPath for XML.
        raw: the value as written there, before cleaning; None where there is none.
        condensed: whether the text is a summary in other words than the register's.
    """

    at: str
    given: Given
    value: T | None = None
    raw: object = None
    condensed: bool = False

    def __bool__(self) -> bool:
        """Whether it is stated."""
        return self.given is Given.STATED

    def or_else(self, other: T) -> T:
        """Return the value, or `other` where none is stated."""
        return other if self.value is None else self.value

    def map(self, read: Callable[[T], S | None]) -> Value[S]:
        """Read the value as another type; what `read` answers None to is unreadable."""
        if self.value is None:
            return Value(self.at, self.given, None, self.raw, self.condensed)
        value = read(self.value)
        given = Given.UNREADABLE if value is None else Given.STATED
        return Value(self.at, given, value, self.raw, self.condensed)


S = TypeVar("S")


@dataclass(frozen=True, slots=True)
class Several(Generic[T]):
    """A list of a record: an absent list and an empty one stay two things."""

    at: str
    given: Given
    items: tuple[T, ...] = ()

    def __iter__(self) -> Iterator[T]:
        """Each item, in the record's order."""
        return iter(self.items)

    def __len__(self) -> int:
        """How many items."""
        return len(self.items)

    def __getitem__(self, place: int) -> T:
        """The item at `place`, from 0."""
        return self.items[place]


class _Missing:
    def __repr__(self) -> str:
        return "MISSING"


MISSING = _Missing()
_NOT_APPLICABLE = {"N/A", "NA"}


@dataclass(frozen=True, slots=True)
class Copy:
    """What all nodes of one record share: how this copy of the record was made.

    Attributes:
        places: from a place in the tree to the place in the raw record, where they differ.
        below: the place of the whole study in the raw record.
        form: how the text is written.
        condensed: places whose text is condensed in other words than the register's.
        left_out: places which the register has and this copy leaves out.
    """

    places: dict[str, str] = field(default_factory=dict)
    below: str = ""
    form: TextForm = TextForm.MARKDOWN
    condensed: frozenset[str] = frozenset()
    left_out: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Node:
    """A place in a record's tree, there or not; asking for a value never raises."""

    raw: object
    path: str
    copy: Copy

    def __getitem__(self, key: str) -> Node:
        """The place under `key`."""
        raw = self.raw.get(key, MISSING) if isinstance(self.raw, dict) else MISSING
        return Node(raw, f"{self.path}/{key}", self.copy)

    def __truediv__(self, path: str) -> Node:
        """The place several keys further down: ``node / "designInfo/maskingInfo"``."""
        node = self
        for key in path.split("/"):
            node = node[key]
        return node

    @property
    def at(self) -> str:
        """Where this stands in the raw record."""
        return self.copy.places.get(self.path, self.copy.below + self.path)

    @property
    def given(self) -> Given:
        """What is given here, before it is read as any type."""
        raw = self.raw
        if raw is MISSING:
            return Given.LEFT_OUT if self.path in self.copy.left_out else Given.ABSENT
        if raw is None or raw == [] or raw == {} or (isinstance(raw, str) and not raw.strip()):
            return Given.BLANK
        if isinstance(raw, str) and raw.strip() in _NOT_APPLICABLE:
            return Given.NOT_APPLICABLE
        return Given.STATED

    def _value(self, read: Callable[[object], T | None]) -> Value[T]:
        given = self.given
        value = read(self.raw) if given is Given.STATED else None
        if given is Given.STATED and value is None:
            given = Given.UNREADABLE
        raw = None if self.raw is MISSING else self.raw
        return Value(self.at, given, value, raw, self.path in self.copy.condensed)

    def text(self) -> Value[str]:
        """The text here, cleaned for showing; text that is nothing but separators is blank."""
        value = self._value(self._clean)
        if value.value == "":
            return Value(value.at, Given.BLANK, None, value.raw)
        return value

    def _clean(self, raw: object) -> str | None:
        if isinstance(raw, str):
            return clean(raw, self.copy.form)
        return str(raw) if isinstance(raw, int | float) and not isinstance(raw, bool) else None

    def code(self) -> Value[str]:
        """The code here, as the register writes it ("PHASE1")."""
        return self._value(
            lambda raw: clean(raw[:200], TextForm.PLAIN) if isinstance(raw, str) else None
        )

    def date(self) -> Value[PartialDate]:
        """The date here, as precise as written."""
        return self._value(lambda raw: read_date(raw) if isinstance(raw, str) else None)

    def whole(self) -> Value[int]:
        """The whole number here, also when written as text."""
        return self._value(_whole)

    def number(self) -> Value[float]:
        """The number here."""
        return self._value(_number)

    def yes_no(self) -> Value[bool]:
        """The yes or no here: a JSON boolean, or "Yes" and "No"."""
        return self._value(_yes_no)

    def each(self, make: Callable[[Node], T]) -> Several[T]:
        """Read each item of the list here."""
        if not isinstance(self.raw, list):
            given = Given.UNREADABLE if self.given is Given.STATED else self.given
            return Several(self.at, given)
        items = [
            make(Node(raw, f"{self.path}/{place}", self.copy)) for place, raw in enumerate(self.raw)
        ]
        return Several(self.at, self.given, tuple(items))

    def codes(self) -> Several[Value[str]]:
        """The list of codes here; a list of nothing but "NA" is not applicable."""
        found = self.each(Node.code)
        if found.items and all(item.given is Given.NOT_APPLICABLE for item in found):
            return Several(found.at, Given.NOT_APPLICABLE)
        return found


def _whole(raw: object) -> int | None:
    if isinstance(raw, bool):
        return None
    if isinstance(raw, int):
        return raw
    if isinstance(raw, str) and re.fullmatch(r"\s*\d{1,15}\s*", raw):
        return int(raw)
    return None


def _number(raw: object) -> float | None:
    if isinstance(raw, bool) or not isinstance(raw, int | float | str):
        return None
    try:
        value = float(cast("float", raw))
    except (ValueError, OverflowError):
        return None
    return value if abs(value) < float("inf") else None


def _yes_no(raw: object) -> bool | None:
    if isinstance(raw, bool):
        return raw
    words = {"yes": True, "no": False, "true": True, "false": False}
    return words.get(raw.strip().lower()) if isinstance(raw, str) else None
