"""The one error of this package: what happened, which rule it breaks, the way out."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from trialwright.messages import Message, Translatable, sentences

_FIRST_WIDE = "\u2e80"
"""From here on in Unicode are the scripts that are written without spaces between words."""


class DesignError(ValueError):
    """A design, state or scenario that can't be; `line` is set when a protocol file says it.

    what, rule, fix: three sentences, in English the error's text; `said()` has them to tell.

    >>> what, rule = Message("target is {target}.", target=0), Message("It lies between 0 and 1.")
    >>> raise DesignError(what, rule=rule, fix=Message("Give a rate."))
    Traceback (most recent call last):
    trialwright.design.errors.DesignError: target is 0. It lies between 0 and 1. Give a rate.
    """

    def __init__(
        self,
        what: Message,
        *,
        rule: Message,
        fix: Message,
        file: str | None = None,
        line: int | None = None,
    ) -> None:
        self.what, self.rule, self.fix, self.file, self.line = what, rule, fix, file, line
        place = f"{file or 'line'}{':' if file else ' '}{line}: " if line is not None else ""
        super().__init__(f"{place}{what} {rule} {fix}")

    def __reduce__(self) -> tuple[object, ...]:
        return _again, (self.what, self.rule, self.fix, self.file, self.line)

    def said(self, names: Mapping[str, Translatable] | None = None) -> Translatable:
        """What, rule and way out; `names` are what people call the arguments."""
        if not names:
            return sentences(self.what, self.rule, self.fix)
        return _Spoken((self.what, self.rule, self.fix), tuple(names.items()))

    def at(self, file: str | None, line: int) -> DesignError:
        """The same error, placed at a line of a file."""
        return _again(self.what, self.rule, self.fix, file, line)


@dataclass(frozen=True, slots=True)
class _Spoken:
    """The sentences of an error with its arguments called what people call them."""

    parts: tuple[Message, Message, Message]
    names: tuple[tuple[str, Translatable], ...]

    def in_language(self, code: str) -> str:
        what, rule, fix = (part.in_language(code) for part in self.parts)
        words = {name: word.in_language(code) for name, word in self.names}
        # The way out is plain speech, in which only a name with an underscore is surely a name.
        sure = {name: word for name, word in words.items() if "_" in name}
        broken = Message(
            "{before} {after}", before=_spoken(what, words), after=_spoken(rule, words)
        )
        told = Message("{before} {after}", before=broken, after=_spoken(fix, sure))
        return told.in_language(code)

    def __str__(self) -> str:
        return self.in_language("en")


def _again(
    what: Message, rule: Message, fix: Message, file: str | None, line: int | None
) -> DesignError:
    return DesignError(what, rule=rule, fix=fix, file=file, line=line)


def _spoken(text: str, names: Mapping[str, str]) -> str:
    """A sentence with arguments replaced where they stand alone, beginning with a capital."""
    for name, word in names.items():
        alone = rf"(?<![A-Za-z_]){re.escape(name)}(?![A-Za-z_0-9])"
        text = re.sub(f" ?{alone} ?" if word[:1] >= _FIRST_WIDE else alone, word, text)
    return text[:1].upper() + text[1:]
