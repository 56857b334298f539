"""Two rankings put together: by the words of a search, and by what its vector is near.

Only where the library has vectors and the extra is installed. Ranks are fused and not scores,
which can't be compared: each ranking gives a trial 1 / (60 + its rank), as in Cormack, Clarke and
Büttcher 2009, whose constant it is; other constants and weights did no better on topics held out.
A description finds the trials nearest to it beside those that its words find. A search of a few
words finds what they find, in an order that meaning tells too.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import tantivy
from tantivy import Occur, Query

from trialwright.registry.embeddings.model import OF_SEARCH, Floats, embedder, is_installed
from trialwright.registry.embeddings.vectors import Vectors, opened
from trialwright.registry.library.library import Library
from trialwright.registry.search.likeness import DEPTH
from trialwright.registry.search.ordering import Ranked, key
from trialwright.registry.search.query import (
    All,
    Any_,
    DescriptionQuery,
    Node,
    NotQuery,
    WordsQuery,
)

_NEAREST = 300
_CONSTANT = 60
_FIRST_CHINESE, _LAST_CHINESE = "\u3400", "\u9fff"


@dataclass(frozen=True, slots=True)
class Meaning:
    """What a search means: its vector, and the trials nearest to it, the nearest first.

    `weight` is what its ranking counts beside that by words.
    """

    weight: float
    vectors: Vectors
    vector: Floats
    nearest: tuple[str, ...]

    def alike(self, schema: tantivy.Schema) -> Query:
        """Find the nearest trials, without a score."""
        these = Query.term_set_query(schema, "number", list(self.nearest))
        return Query.const_score_query(these, 0.0)

    def fused(
        self, searcher: tantivy.Searcher, schema: tantivy.Schema, query: Query,
        by_words: Sequence[Ranked],
    ) -> list[Ranked]:  # fmt: skip
        """The first trials by words and the nearest of the same answer, in the order of both.

        Args:
            searcher: the state of the library.
            schema: its fields.
            query: the whole answer, of which the trials must be.
            by_words: its first trials, in order.
        """
        known = {_number(each): each for each in by_words}
        there = {each.address for each in by_words}
        # Of a shorter answer all is known.
        both = Query.boolean_query([(Occur.Must, query), (Occur.Must, self.alike(schema))])
        more = len(by_words) >= DEPTH
        for score, address in searcher.search(both, _NEAREST, count=False).hits if more else ():
            if key(address) not in there:
                found = Ranked(score or 0.0, searcher.doc(address), key(address))
                known[_number(found)] = found
        near = self.vectors.likeness(self.vector, list(known))
        by_meaning = sorted(near, key=lambda number: (near[number], number), reverse=True)
        score = dict.fromkeys(known, 0.0)
        rankings = ((1.0, [_number(each) for each in by_words]), (self.weight, by_meaning))
        for weight, ranking in rankings:
            for rank, number in enumerate(ranking, start=1):
                score[number] += weight / (_CONSTANT + rank)
        order = sorted(known, key=lambda number: (score[number], number), reverse=True)
        return [known[number]._replace(score=score[number]) for number in order]


def meaning(library: Library, node: Node | None, weight: float) -> Meaning | None:
    """Return what the words of a search mean; None where there is nothing to tell it by.

    Args:
        library: whose trials.
        node: the search.
        weight: what meaning counts beside words; 0 for nothing.
    """
    if not weight:
        return None
    text = _spoken(node)
    if not text or any(_FIRST_CHINESE <= each <= _LAST_CHINESE for each in text):
        return None
    if not is_installed():
        return None
    vectors = opened(library.folder)
    if not len(vectors):
        return None
    (vector,) = embedder().embed([text], OF_SEARCH)
    nearest = tuple(number for number, _ in vectors.nearest(vector, _NEAREST))
    return Meaning(weight, vectors, vector, nearest)


def _spoken(node: Node | None) -> str:
    """The words sought in any field, where all else only narrows the search."""
    match node:
        case WordsQuery(words, ""):
            return " ".join(words)
        case DescriptionQuery(text):
            return text
        case All(parts):
            spoken = [_spoken(part) for part in parts]
            told = [each for each in spoken if each]
            return told[0] if len(told) == 1 and not any(map(_is_either, parts)) else ""
    return ""


def _is_either(node: Node) -> bool:
    return isinstance(node, Any_ | NotQuery)


def _number(trial: Ranked) -> str:
    return str(trial.document.get_first("number"))
