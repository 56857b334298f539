"""Two rankings put together: by the words of a search, and by what its vector is near.

Only where the library has vectors and the extra is installed. A description finds the trials
nearest to it beside those that its words find, and is near to a trial and to its conditions alone.
How near counts beside what words say: the share of the best score, and 60 / (60 + rank). A search
of a few words finds what they find, in an order that meaning tells too; there ranks alone are
fused, each ranking giving a trial 1 / (60 + its rank), as in Cormack, Clarke and Büttcher 2009,
whose constant it is. What was tried beside it stands in `docs/registry.md`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import fmean, pstdev

import tantivy
from tantivy import Occur, Query

from trialwright.registry.embeddings.model import OF_SEARCH, Floats, embedder, is_installed
from trialwright.registry.embeddings.vectors import Vectors, opened
from trialwright.registry.index.kept_documents import KeptDocuments
from trialwright.registry.library.library import Library
from trialwright.registry.search.likeness import DEPTH
from trialwright.registry.search.ordering import Ranked
from trialwright.registry.search.query import (
    All,
    Any_,
    DescriptionQuery,
    Node,
    NotQuery,
    WordsQuery,
)
from trialwright.registry.search.weights import Weights

_NEAREST = 300
_CONSTANT = 60
_FIRST_CHINESE, _LAST_CHINESE = "\u3400", "\u9fff"


@dataclass(frozen=True, slots=True)
class Meaning:
    """What a search means: its vector, and the trials nearest to it, the nearest first.

    `weights` say what meaning counts beside words; `described` is whether it is a description.
    """

    weights: Weights
    described: bool
    vectors: Vectors
    vector: Floats
    nearest: tuple[str, ...]

    def alike(self, schema: tantivy.Schema) -> Query:
        """Find the nearest trials, without a score."""
        these = Query.term_set_query(schema, "number", list(self.nearest))
        return Query.const_score_query(these, 0.0)

    def fused(
        self, searcher: tantivy.Searcher, documents: KeptDocuments, schema: tantivy.Schema,
        query: Query, by_words: Sequence[Ranked],
    ) -> list[Ranked]:  # fmt: skip
        """The first trials by words and the nearest of the same answer, in the order of both.

        Args:
            searcher: the state of the library.
            documents: its documents.
            schema: its fields.
            query: the whole answer, of which the trials must be.
            by_words: its first trials, in order.
        """
        known = {each.number: each for each in by_words}
        # Of a shorter answer all is known.
        both = Query.boolean_query([(Occur.Must, query), (Occur.Must, self.alike(schema))])
        more = len(by_words) >= DEPTH
        for score, address in searcher.search(both, _NEAREST, count=False).hits if more else ():
            found = Ranked(score or 0.0, documents.number(address), address)
            known.setdefault(found.number, found)
        fuse = self._by_fit if self.described else self._by_rank
        score = fuse(known, [each.number for each in by_words])
        order = sorted(known, key=lambda number: (score[number], number), reverse=True)
        return [known[number]._replace(score=score[number]) for number in order]

    def _by_rank(self, known: Mapping[str, Ranked], by_words: Sequence[str]) -> Mapping[str, float]:
        near = self.vectors.likeness(self.vector, list(known))
        by_meaning = sorted(near, key=lambda number: (near[number], number), reverse=True)
        score = dict.fromkeys(known, 0.0)
        for weight, ranking in ((1.0, by_words), (self.weights.meaning, by_meaning)):
            for rank, number in enumerate(ranking, start=1):
                score[number] += weight / (_CONSTANT + rank)
        return score

    def _by_fit(self, known: Mapping[str, Ranked], by_words: Sequence[str]) -> Mapping[str, float]:
        """By words and by how many standard deviations a trial is nearer than the others."""
        best = max((trial.score for trial in known.values()), default=0.0) or 1.0
        score = {number: trial.score / best for number, trial in known.items()}
        for rank, number in enumerate(by_words, start=1):
            score[number] += _CONSTANT / (_CONSTANT + rank)
        for likeness in (self.vectors.likeness, self.vectors.likeness_of_conditions):
            near = likeness(self.vector, list(known))
            mean, deviation = _mean_and_deviation(list(near.values()))
            for number, like in near.items():
                score[number] += self.weights.fit * (like - mean) / deviation
        least = min(score.values(), default=0.0)
        return {number: value - least for number, value in score.items()}


def _mean_and_deviation(values: Sequence[float]) -> tuple[float, float]:
    """The mean, and the standard deviation or 1 where all are the same."""
    if not values:
        return 0.0, 1.0
    return fmean(values), pstdev(values) or 1.0


def meaning(library: Library, node: Node | None, weights: Weights) -> Meaning | None:
    """Return what the words of a search mean; None where there is nothing to tell it by.

    Args:
        library: whose trials.
        node: the search.
        weights: what meaning counts beside words; `meaning` of 0 for nothing.
    """
    if not weights.meaning:
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
    return Meaning(weights, _is_described(node), vectors, vector, nearest)


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


def _is_described(node: Node | None) -> bool:
    """Whether a search is a description, narrowed or not."""
    parts = node.parts if isinstance(node, All) else (node,)
    return any(isinstance(part, DescriptionQuery) for part in parts)


def _is_either(node: Node) -> bool:
    return isinstance(node, Any_ | NotQuery)
