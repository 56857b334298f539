"""The one error of this room: what happened, which rule it breaks, the way out."""

from __future__ import annotations

import re
from collections.abc import Mapping

from trialwright.analysis.words import Said, sentences


class DesignError(ValueError):
    """A design, state or scenario that can't be; `line` is set when a protocol file says it.

    what, rule, fix: three sentences, also the message; `said()` gives them in both languages.

    >>> raise DesignError("target is 0.", rule="It lies between 0 and 1.", fix="Give a rate.")
    Traceback (most recent call last):
    trialwright.design.errors.DesignError: target is 0. It lies between 0 and 1. Give a rate.
    """

    def __init__(
        self, what: str, *, rule: str, fix: str, file: str | None = None, line: int | None = None
    ) -> None:
        self.what, self.rule, self.fix, self.file, self.line = what, rule, fix, file, line
        place = f"{file or 'line'}{':' if file else ' '}{line}: " if line is not None else ""
        super().__init__(f"{place}{what} {rule} {fix}")

    def __reduce__(self) -> tuple[object, ...]:
        return _again, (self.what, self.rule, self.fix, self.file, self.line)

    def said(self, names: Mapping[str, Said] | None = None) -> Said:
        """What, rule and way out in both languages; `names` are what people call the arguments."""
        what, rule, fix = (
            p if isinstance(p, Said) else Said(p, p) for p in (self.what, self.rule, self.fix)
        )
        if not names:
            return sentences(what, rule, fix)
        # The way out is plain speech, in which only a name with an underscore is surely a name.
        sure = {name: word for name, word in names.items() if "_" in name}
        return sentences(_spoken(what, names), _spoken(rule, names), _spoken(fix, sure))

    def at(self, file: str | None, line: int) -> DesignError:
        """The same error, placed at a line of a file."""
        return _again(self.what, self.rule, self.fix, file, line)


def _again(what: str, rule: str, fix: str, file: str | None, line: int | None) -> DesignError:
    return DesignError(what, rule=rule, fix=fix, file=file, line=line)


def _spoken(part: Said, names: Mapping[str, Said]) -> Said:
    """A sentence with arguments replaced where they stand alone, beginning with a capital."""
    english, chinese = str(part), part.zh
    for name, word in names.items():
        alone = rf"(?<![A-Za-z_]){re.escape(name)}(?![A-Za-z_0-9])"
        english = re.sub(alone, str(word), english)
        chinese = re.sub(f" ?{alone} ?", word.zh, chinese)
    return Said(english[:1].upper() + english[1:], chinese)
