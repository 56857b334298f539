"""How many trials have a term: asked of the index once for each state of a library.

Rarity and topicality ask it hundreds of times for one description, and mostly of words that
others had too; each answer goes through the term tables of all parts of the index.
"""

from __future__ import annotations

import tantivy

# Some 20 MB; an index of 600,000 trials has more terms, of which few are asked for.
_MOST_KEPT = 200_000


class Frequencies:
    """The numbers of trials that have a term, of one state of a library."""

    def __init__(self, searcher: tantivy.Searcher) -> None:
        """Take the state."""
        self.trials = int(searcher.num_docs)
        self._searcher = searcher
        self._known: dict[tuple[str, str], int] = {}

    def of(self, field: str, term: str) -> int:
        """How many trials have a term of the index in a field."""
        key = (field, term)
        count = self._known.get(key)
        if count is None:
            if len(self._known) >= _MOST_KEPT:
                self._known.clear()
            count = self._known[key] = int(self._searcher.doc_freq(field, term))
        return count
