"""A description's later trials in a better order: those first that are like its first ones.

A person's history says more than a trial of their disease does, and other things. Of the trials
that share some of its words, those count that also share what the answer's best trials have in
common: pseudo-relevance feedback (Rocchio 1971; Lavrenko and Croft 2001). The first page stays as
words and concepts make it, since a wrong guess would cost most there.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import tantivy
from tantivy import Occur, Query

from trialwright.registry.index.frequencies import Frequencies
from trialwright.registry.index.kept_documents import KeptDocuments, key
from trialwright.registry.index.schema import TEXT_FIELDS, analyser
from trialwright.registry.library.library import summary_of
from trialwright.registry.search.ordering import Ranked
from trialwright.registry.search.weights import Weights

DEPTH = 300
"""How many trials of an answer are ordered so."""
_KEPT = 10
_LEARNT_FROM = 20
_MOST_WORDS, _MOST_HEADINGS = 20, 10
_SCORED = tuple(name for name in TEXT_FIELDS if name != "sponsor")


@dataclass(frozen=True, slots=True)
class Likeness:
    """Orders an answer by what its first trials have in common."""

    searcher: tantivy.Searcher
    documents: KeptDocuments
    frequencies: Frequencies
    schema: tantivy.Schema
    weights: Weights

    def ordered(self, ranked: Sequence[Ranked]) -> list[Ranked]:
        """The trials of an answer's beginning, after the first ten those like the first twenty.

        Scores stay what they are at each rank, so that they fall from one to the next.
        """
        kept, others = list(ranked[:_KEPT]), list(ranked[_KEPT:DEPTH])
        if not others:
            return list(ranked)
        names = [each.number for each in others]
        more = self._scores(names, self._common(ranked[:_LEARNT_FROM]))
        order = sorted(
            others,
            key=lambda one: (round(one.score + more.get(key(one.address), 0.0), 4), one.number),
            reverse=True,
        )
        lifted = [
            trial._replace(score=place.score) for place, trial in zip(others, order, strict=True)
        ]
        return [*kept, *lifted, *ranked[DEPTH:]]

    def _common(self, first: Sequence[Ranked]) -> list[Query]:
        """The words and headings that the first trials share, the rarest and most shared first."""
        words: defaultdict[str, float] = defaultdict(float)
        headings: defaultdict[str, float] = defaultdict(float)
        for trial in first:
            facts = summary_of(self.documents.at(trial.address))
            told = (facts["title"], *facts["conditions"], *facts["interventions"])
            tokens = [token for text in told for token in analyser().analyze(text)]
            for token in tokens:
                words[token] += trial.score / len(tokens)
            for heading in facts["mesh"]:
                headings[heading] += trial.score / len(facts["mesh"])
        for token in words:
            words[token] *= self._rarity(token, "text")
        for heading in headings:
            headings[heading] *= self._rarity(heading, "mesh", "mesh_above")
        return [
            *(
                Query.boost_query(Query.term_query(self.schema, field, token), weight * much)
                for token, much in _shares(words, _MOST_WORDS, self.weights.common_word)
                for field in _SCORED
                if (weight := self.weights.fields[field])
            ),
            *(
                Query.const_score_query(Query.term_query(self.schema, "mesh", heading), much)
                for heading, much in _shares(headings, _MOST_HEADINGS, self.weights.common_heading)
            ),
        ]

    def _scores(
        self, numbers: Sequence[str], common: Sequence[Query]
    ) -> dict[tuple[int, int], float]:
        """What some trials get for what they have of it, by where they lie."""
        these = Query.term_set_query(self.schema, "number", list(numbers))
        query = Query.boolean_query(
            [
                (Occur.Must, Query.const_score_query(these, 0.0)),
                *((Occur.Should, each) for each in common),
            ]
        )
        found = self.searcher.search(query, len(numbers), count=False).hits
        return {key(address): float(score or 0.0) for score, address in found}

    def _rarity(self, term: str, *fields: str) -> float:
        count = sum(self.frequencies.of(name, term) for name in fields)
        return math.log(1 + self.frequencies.trials / (1 + count))


def _shares(of: Mapping[str, float], most: int, greatest: float) -> list[tuple[str, float]]:
    """The greatest of some, in shares of the greatest of all, times a weight."""
    ordered = sorted(of.items(), key=lambda one: (-one[1], one[0]))[:most]
    if not ordered or not greatest or not ordered[0][1]:
        return []
    return [(name, greatest * value / ordered[0][1]) for name, value in ordered]
