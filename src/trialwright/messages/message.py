"""A sentence for people, before it is told in a language.

The English text is the sentence's id in the catalogue; its places are filled as `str.format` fills
them, with numbers, text, lists, the protocol's own bilingual labels, or other messages.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import reduce
from typing import Protocol, Self

from trialwright.messages.catalogue import translations


class Translatable(Protocol):
    """Whatever is told in the language of a tag: a message, or a label of the protocol file."""

    def in_language(self, code: str) -> str: ...


@dataclass(frozen=True, slots=True, init=False)
class Message:
    """A sentence and what fills its places; equal and hashable by these, `str` is English.

    >>> Message("{responses} of {treated} responded.", responses=3, treated=12).in_language("en")
    '3 of 12 responded.'

    The text is written where the message is made, never put together, so that it can be found and
    translated. With no parameters it is told as it stands, braces and all.
    """

    id: str
    many: str
    context: str
    parameters: tuple[tuple[str, object], ...]

    def __init__(self, id: str, /, **parameters: object) -> None:
        self._set(id, "", "", parameters)

    @classmethod
    def counted(cls, one: str, many: str, /, *, n: int, **parameters: object) -> Self:
        """A sentence whose form goes by the number `n`, which also fills the place `{n}`.

        >>> str(Message.counted("{n} participant", "{n} participants", n=1))
        '1 participant'
        """
        return cls._of(one, many, "", {"n": n, **parameters})

    @classmethod
    def in_context(cls, context: str, id: str, /, **parameters: object) -> Self:
        """A sentence whose English alone has several translations: the context tells which."""
        return cls._of(id, "", context, parameters)

    def filled(self, **parameters: object) -> Self:
        """The same sentence with its places filled, for one that is kept in a table.

        >>> str(Message("Page {page} of {pages}").filled(page=1, pages=9))
        'Page 1 of 9'
        """
        return self._of(self.id, self.many, self.context, parameters)

    def in_language(self, code: str) -> str:
        """The sentence for a language tag such as `en`, `zh` or `zh-hans`."""
        text = self._translated(code)
        if not self.parameters:
            return text
        return text.format(**{name: in_language(value, code) for name, value in self.parameters})

    def __str__(self) -> str:
        return self.in_language("en")

    def _translated(self, code: str) -> str:
        told = translations(code)
        if self.many:
            return told.ngettext(self.id, self.many, int(str(dict(self.parameters)["n"])))
        if self.context:
            return told.pgettext(self.context, self.id)
        return told.gettext(self.id) if self.id else ""

    @classmethod
    def _of(cls, id: str, many: str, context: str, parameters: dict[str, object]) -> Self:
        self = cls.__new__(cls)
        self._set(id, many, context, parameters)
        return self

    def _set(self, id: str, many: str, context: str, parameters: dict[str, object]) -> None:
        frozen = tuple(sorted(parameters.items()))
        for name, value in (
            ("id", id), ("many", many), ("context", context), ("parameters", frozen)
        ):  # fmt: skip
            object.__setattr__(self, name, value)


@dataclass(frozen=True, slots=True)
class Joined:
    """Several things told one after the other, as a language joins two of them."""

    items: tuple[object, ...]
    join: Callable[[str, str], Message]

    def in_language(self, code: str) -> str:
        """The whole in the language of a tag; nothing at all for no items."""
        told = [str(in_language(item, code)) for item in self.items]
        return reduce(lambda *two: self.join(*two).in_language(code), told) if told else ""

    def __str__(self) -> str:
        return self.in_language("en")


def in_language(value: object, code: str) -> object:
    """A parameter as a language tells it; what has no languages stays as it is."""
    return value.in_language(code) if hasattr(value, "in_language") else value


def sentences(first: Message, *others: Message) -> Message:
    """Sentences one after the other, with a space between them where the language has one."""
    return reduce(
        lambda before, after: Message("{before} {after}", before=before, after=after), others, first
    )


def several(items: Iterable[object]) -> Joined:
    """Things one after the other: "a, b, c" in English."""
    return Joined(tuple(items), _and)


def either(items: Iterable[object]) -> Joined:
    """Things of which one holds: "a or b or c" in English."""
    return Joined(tuple(items), _or)


def clauses(items: Iterable[object]) -> Joined:
    """Parts of a sentence that have commas of their own: "a; b" in English."""
    return Joined(tuple(items), _then)


def _and(before: str, after: str) -> Message:
    return Message("{before}, {after}", before=before, after=after)


def _or(before: str, after: str) -> Message:
    return Message("{before} or {after}", before=before, after=after)


def _then(before: str, after: str) -> Message:
    return Message("{before}; {after}", before=before, after=after)
