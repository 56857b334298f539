"""What can be typed about a design: fields with their words, bounds and usual values."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal, NamedTuple

from trialwright.protocol.nodes import Entry

MOST_SCENARIOS = 5
Sort = Literal["number", "count", "list", "choice", "word"]


@dataclass(frozen=True, slots=True)
class Field:
    """One field. `name` is the argument of the design, with a dot before one of a rule within it.

    low and high are what this page allows, step that of the slider; a field of `list` takes numbers
    with commas. An `extra` field stands folded away, and may stay empty. `head`
    stands above the first of several that belong together.
    """

    name: str
    label: str
    usual: str = ""
    sort: Sort = "number"
    low: float = 0.0
    high: float = 1.0
    step: float = 0.01
    hint: str = ""
    choices: tuple[tuple[str, str], ...] = ()
    extra: bool = False
    head: str = ""

    @property
    def slides(self) -> bool:
        """Whether a slider can stand for it."""
        return self.sort in ("number", "count")

    def folded(self, usual: str = "") -> Field:
        """The same field, folded away."""
        return replace(self, extra=True, usual=usual)


@dataclass(frozen=True, slots=True)
class QuestionFields:
    """What a question needs beside rates where some kinds are chosen: a field of `Question`, the
    class that holds it, and its fields under a heading."""

    field: str
    cls: type
    heading: str
    fields: tuple[Field, ...]


class Made(NamedTuple):
    """A design, and what it was searched for if it was."""

    design: Any
    aim: Any = None


@dataclass(frozen=True, slots=True)
class Kind:
    """A design that can be chosen: its key, its name, its fields, and what makes it of what they
    say (see `build`). `shared` fields of a second design are taken from the first where they are
    empty. In a protocol shared and own fields stand in the rule `within` the design where there is
    one, and fields `around` beside that rule."""

    key: str
    name: str
    make: Callable[[Kind, Sequence[Entry]], Made]
    shared: tuple[Field, ...] = ()
    own: tuple[Field, ...] = ()
    around: tuple[Field, ...] = ()
    within: str = ""
    asks: QuestionFields | None = None

    @property
    def fields(self) -> tuple[Field, ...]:
        """All fields, shared ones first."""
        return (*self.shared, *self.own, *self.around)


@dataclass(frozen=True, slots=True)
class Family:
    """A question that designs answer, and where its page is.

    `rates` is what a row of true rates is called, `rows` how many there may be, and `width` what
    gives a row its length: the doses, the arms, two arms, or nothing. Its numbers lie from `lowest`
    to `highest`. `responses` names the second
    kind of rows where a design needs it.
    """

    key: str
    name: str
    heading: str
    under: str
    kinds: tuple[Kind, ...]
    rates: str
    rates_hint: str
    rows: int = 1
    width: Literal["doses", "arms", "pair", ""] = ""
    place: str = ""
    responses: str = ""
    beside: bool = True
    lowest: float = 0.0
    highest: float = 1.0

    def kind(self, key: str) -> Kind:
        """The kind of this key, or the first."""
        return next((kind for kind in self.kinds if kind.key == key), self.kinds[0])
