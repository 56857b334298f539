"""The documents of an index by where they lie: read once for each state of a library.

An order needs the numbers of hundreds of trials for one description, and mostly of those that
others found too; to read a document is to unpack the block in which the index keeps it.
"""

from __future__ import annotations

from typing import Any

import tantivy

# Some 20 MB of numbers, and 5 MB of the documents that one answer asks for more than once.
_MOST_NUMBERS, _MOST_DOCUMENTS = 200_000, 1_000


class KeptDocuments:
    """The documents of one state of a library, and their trials' numbers."""

    def __init__(self, searcher: tantivy.Searcher) -> None:
        """Take the state."""
        self._searcher = searcher
        self._numbers: dict[tuple[int, int], str] = {}
        self._documents: dict[tuple[int, int], Any] = {}

    def at(self, address: Any) -> Any:
        """The document at an address of the index."""
        place = key(address)
        document = self._documents.get(place)
        if document is None:
            if len(self._documents) >= _MOST_DOCUMENTS:
                self._documents.clear()
            document = self._documents[place] = self._searcher.doc(address)
        return document

    def number(self, address: Any) -> str:
        """The number of the trial at an address of the index."""
        place = key(address)
        number = self._numbers.get(place)
        if number is None:
            if len(self._numbers) >= _MOST_NUMBERS:
                self._numbers.clear()
            number = self._numbers[place] = str(self.at(address).get_first("number"))
        return number


def key(address: Any) -> tuple[int, int]:
    """An address of the index as a value that can be looked up."""
    return address.segment_ord, address.doc
