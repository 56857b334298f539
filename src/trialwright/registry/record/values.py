"""A value of a register, with what was given, where it stood and how it was written."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final, Generic, TypeAlias, TypeVar

from trialwright.registry.record.dates import PartialDate, read_date
from trialwright.registry.record.text import TextForm, clean

T = TypeVar("T")


class Given(StrEnum):
    """What a record gives at one place."""

    STATED = "stated"
    BLANK = "blank"  # the place is there, and empty
    ABSENT = "absent"  # the place is not there
    NOT_APPLICABLE = "N/A"  # the register says that it does not apply
    UNREADABLE = "unreadable"  # something is there that can't be read as what belongs there
    LEFT_OUT = "left out"  # the register may well have it; this copy leaves it out


class Value(Generic[T]):
    """One value, not to be changed: `value` is set exactly when `given` is STATED.

    Adding makes a hundred of these for each record, so only what was given and read is worked
    out at once; where it stood is asked of its node.
    """

    __slots__ = ("_node", "given", "value")

    def __init__(self, node: Node, given: Given, value: T | None = None) -> None:
        """Take what was read at a node."""
        self._node: Final = node
        self.given: Final = given
        self.value: Final = value

    @property
    def at(self) -> str:
        """Where it stands in the raw record: a JSON Pointer, or an XPath for XML."""
        return self._node.at

    @property
    def raw(self) -> object:
        """The value as written there, before cleaning; None where there is none."""
        return None if self._node.raw is MISSING else self._node.raw

    @property
    def condensed(self) -> bool:
        """Whether the text is a summary in other words than the register's."""
        return self._node.path in self._node.copy.condensed

    def __bool__(self) -> bool:
        """Whether it is stated."""
        return self.given is Given.STATED

    def __repr__(self) -> str:
        """What was read, and where."""
        return f"<{self.given} {self.value!r} at {self.at}>"

    def or_else(self, other: T) -> T:
        """Return the value, or `other` where none is stated."""
        return other if self.value is None else self.value

    def map(self, read: Callable[[T], S | None]) -> Value[S]:
        """Read the value as another type; what `read` answers None to is unreadable."""
        if self.value is None:
            return Value(self._node, self.given)
        value = read(self.value)
        return Value(self._node, Given.UNREADABLE if value is None else Given.STATED, value)


S = TypeVar("S")


class Several(Generic[T]):
    """A list of a record, not to be changed: an absent list and an empty one stay two things."""

    __slots__ = ("_node", "given", "items")

    def __init__(self, node: Node, given: Given, items: tuple[T, ...] = ()) -> None:
        """Take the items read at a node."""
        self._node: Final = node
        self.given: Final = given
        self.items: Final = items

    @property
    def at(self) -> str:
        """Where the list stands in the raw record."""
        return self._node.at

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
_NOT_APPLICABLE = ("N/A", "NA")
_NOT_STATED = ("", *_NOT_APPLICABLE)
_LONGEST_CODE = 200
# How a raw value is read as one type; None where it is nothing of that type.
Reader: TypeAlias = Callable[[object, TextForm], T | None]


@dataclass(frozen=True, slots=True)
class Copy:
    """What all nodes of one record share: how this copy of the record was made.

    Attributes:
        places: from a place in the tree to the place in the raw record, where they differ.
        below: the place of the whole study in the raw record.
        form: how the text is written.
        condensed: places whose text is condensed in other words than the register's.
        left_out: places which the register has and this copy leaves out.
        short: whether it is a short form of what the register gives, made elsewhere or for
            tables, which must not stand before the record itself.
    """

    places: dict[str, str] = field(default_factory=dict)
    below: str = ""
    form: TextForm = TextForm.MARKDOWN
    condensed: frozenset[str] = frozenset()
    left_out: frozenset[str] = frozenset()
    short: bool = False


class Node:
    """A place in a record's tree, there or not; asking for a value never raises."""

    __slots__ = ("_above", "_key", "copy", "raw")

    def __init__(
        self, raw: object, copy: Copy, above: Node | None = None, key: str | int = ""
    ) -> None:
        """The place of `raw` under `key` of the node above; without one, the whole tree."""
        self.raw: Final = raw
        self.copy: Final = copy
        self._above: Final = above
        self._key: Final = key

    def __getitem__(self, key: str) -> Node:
        """The place under `key`."""
        raw = self.raw
        below = raw.get(key, MISSING) if isinstance(raw, dict) else MISSING
        return Node(below, self.copy, self, key)

    def __truediv__(self, path: str) -> Node:
        """The place several keys further down: ``node / "designInfo/maskingInfo"``."""
        raw = self.raw
        for key in path.split("/"):
            raw = raw.get(key, MISSING) if isinstance(raw, dict) else MISSING
        return Node(raw, self.copy, self, path)

    @property
    def path(self) -> str:
        """The keys from the whole tree down to here, each after a slash."""
        return "" if self._above is None else f"{self._above.path}/{self._key}"

    @property
    def place(self) -> int:
        """Which item of its list this is, from 0; 0 also for what is no item."""
        return self._key if isinstance(self._key, int) else 0

    @property
    def at(self) -> str:
        """Where this stands in the raw record."""
        path = self.path
        return self.copy.places.get(path, self.copy.below + path)

    @property
    def given(self) -> Given:
        """What is given here, before it is read as any type."""
        raw = self.raw
        if isinstance(raw, str):
            words = raw.strip()
            if words in _NOT_APPLICABLE:
                return Given.NOT_APPLICABLE
            return Given.STATED if words else Given.BLANK
        if raw is MISSING:
            left_out = self.copy.left_out
            return Given.LEFT_OUT if left_out and self.path in left_out else Given.ABSENT
        return Given.BLANK if raw is None or raw == [] or raw == {} else Given.STATED

    def value(self, read: Reader[T]) -> Value[T]:
        """What is here, read as one type; text that is nothing but separators is blank."""
        given = self.given
        if given is not Given.STATED:
            return Value(self, given)
        value = read(self.raw, self.copy.form)
        if value is None:
            return Value(self, Given.UNREADABLE)
        return Value(self, Given.BLANK) if value == "" else Value(self, given, value)

    def text(self) -> Value[str]:
        """The text here, cleaned for showing."""
        return self.value(read_text)

    def code(self) -> Value[str]:
        """The code here, as the register writes it ("PHASE1")."""
        return self.value(read_code)

    def date(self) -> Value[PartialDate]:
        """The date here, as precise as written."""
        return self.value(read_day)

    def whole(self) -> Value[int]:
        """The whole number here, also when written as text."""
        return self.value(read_whole)

    def yes_no(self) -> Value[bool]:
        """The yes or no here: a JSON boolean, or "Yes" and "No"."""
        return self.value(read_yes_no)

    def each(self, make: Callable[[Node], T]) -> Several[T]:
        """Read each item of the list here."""
        if not isinstance(self.raw, list):
            given = Given.UNREADABLE if self.given is Given.STATED else self.given
            return Several(self, given)
        copy = self.copy
        items = [make(Node(raw, copy, self, place)) for place, raw in enumerate(self.raw)]
        return Several(self, self.given, tuple(items))

    def codes(self) -> Several[Value[str]]:
        """The list of codes here; a list of nothing but "NA" is not applicable."""
        found = self.each(Node.code)
        if found.items and all(item.given is Given.NOT_APPLICABLE for item in found):
            return Several(self, Given.NOT_APPLICABLE)
        return found


def stated(raw: object, read: Reader[T], form: TextForm) -> T | None:
    """What a place states, and nothing of where and how: `Node.value` at a third of the time."""
    if isinstance(raw, str) and raw.strip() in _NOT_STATED:
        return None
    value = read(raw, form)
    return None if value == "" else value


def read_text(raw: object, form: TextForm) -> str | None:
    """Read text, or a number as text."""
    if isinstance(raw, str):
        return clean(raw, form)
    return str(raw) if isinstance(raw, int | float) and not isinstance(raw, bool) else None


def read_code(raw: object, form: TextForm) -> str | None:
    """Read a code, whatever the form."""
    return clean(raw[:_LONGEST_CODE], TextForm.PLAIN) if isinstance(raw, str) else None


def read_day(raw: object, form: TextForm) -> PartialDate | None:
    """Read a date, as precise as written."""
    return read_date(raw) if isinstance(raw, str) else None


# What the index and JSON can hold.
_LARGEST_WHOLE = 2**62


def read_whole(raw: object, form: TextForm) -> int | None:
    """Read a whole number, also when written as text."""
    if isinstance(raw, bool):
        return None
    if isinstance(raw, int):
        return raw if abs(raw) <= _LARGEST_WHOLE else None
    if isinstance(raw, str) and re.fullmatch(r"\s*\d{1,15}\s*", raw):
        return int(raw)
    return None


def read_number(raw: object, form: TextForm) -> float | None:
    """Read a finite number, also when written as text."""
    if isinstance(raw, float):
        return raw if abs(raw) < float("inf") else None
    if isinstance(raw, bool) or not isinstance(raw, int | str):
        return None
    try:
        value = float(raw)
    except (ValueError, OverflowError):
        return None
    return value if abs(value) < float("inf") else None


_YES_NO = {"yes": True, "no": False, "true": True, "false": False}


def read_yes_no(raw: object, form: TextForm) -> bool | None:
    """Read a JSON boolean, or "Yes" and "No"."""
    if isinstance(raw, bool):
        return raw
    return _YES_NO.get(raw.strip().lower()) if isinstance(raw, str) else None
