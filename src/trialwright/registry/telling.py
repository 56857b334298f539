"""Which words tell what a trial is about, measured in the library itself and not kept in a list."""

from __future__ import annotations

import tantivy

from trialwright.registry.index import analyser

_NAMING = ("title", "condition", "intervention", "keyword")
_TEXTS = ("summary", "body")
# A word that so many trials have, and so few of them in their names, is about nothing.
_FEWEST_IDLE = 50
_IDLE = 0.03


class Telling:
    """Tells telling words from idle ones by how many trials have them where."""

    def __init__(self, searcher: tantivy.Searcher) -> None:
        """Take the state of the library."""
        self._searcher = searcher

    def topical(self, word: str) -> float:
        """How much a word is what trials are about, from 0 to 1.

        It is in how many trials' titles, conditions or interventions it stands, for one trial that
        has it in the rest: "peanut" stands in every second's, "since" and "had" hardly in any.
        """
        return min((self._topical(token) for token in analyser().analyze(word)), default=0.0)

    def idle(self, word: str) -> bool:
        """Whether a word is in many trials, and no trial is about it ("because", "since")."""
        tokens = analyser().analyze(word)
        return bool(tokens) and all(
            self._told(token) >= _FEWEST_IDLE and self._topical(token) < _IDLE for token in tokens
        )

    def _topical(self, token: str) -> float:
        named = max(self._searcher.doc_freq(name, token) for name in _NAMING)
        return min(1.0, named / (1 + self._told(token))) if named > 1 else 0.0

    def _told(self, token: str) -> int:
        return max(self._searcher.doc_freq(name, token) for name in _TEXTS)
