"""Which words tell what a trial is about, measured in the library itself and not kept in a list."""

from __future__ import annotations

from trialwright.registry.index.frequencies import Frequencies
from trialwright.registry.index.schema import analyser

_NAMING = ("title", "condition", "intervention", "keyword")
# A word that so many trials have, and so few of them in their names, is about nothing.
_FEWEST_IDLE = 50
_IDLE = 0.03
_COMMON = 0.5


class TermSpecificity:
    """Tells specific words from idle ones by how many trials have them where."""

    def __init__(self, frequencies: Frequencies) -> None:
        """Take the state of the library."""
        self._frequencies = frequencies

    def topical(self, token: str) -> float:
        """How much a token of the index is what trials are about, from 0 to 1.

        It is in how many trials' titles, conditions or interventions it stands, for one trial that
        has it in the rest: "peanut" stands in every second's, "since" and "had" hardly in any.
        """
        named = max(self._frequencies.of(name, token) for name in _NAMING)
        return min(1.0, named / (1 + self._in_texts(token))) if named > 1 else 0.0

    def idle(self, word: str) -> bool:
        """Whether a word is in many trials, and no trial is about it ("because", "since")."""
        tokens = analyser().analyze(word)
        return bool(tokens) and all(
            self._in_texts(token) >= _FEWEST_IDLE and self.topical(token) < _IDLE
            for token in tokens
        )

    def common(self, token: str) -> bool:
        """Whether a token is in so many trials that it orders none of them."""
        return self._in_texts(token) > _COMMON * self._frequencies.trials

    def _in_texts(self, token: str) -> int:
        return self._frequencies.of("text", token)
