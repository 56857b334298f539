"""The query of a description: all its words, and beside them the concepts that they name."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator

from tantivy import Occur, Query

from trialwright.registry.index.schema import TEXT_FIELDS, analyser
from trialwright.registry.index.words import EMPTY_WORDS, fold
from trialwright.registry.search.patient_description import PEOPLE, DescribedPerson
from trialwright.registry.search.query_expansion import QueryExpander, TermGroup, any_sum
from trialwright.registry.search.term_specificity import TermSpecificity
from trialwright.registry.search.weights import Weights

_MOST_CONCEPTS = 16
# Where a word of a description counts; whom a trial is sponsored by tells nothing there.
_SCORED = tuple(name for name in TEXT_FIELDS if name != "sponsor")
_MOST_WORDS = 300
# Of how many words a trial must have one, where it has none of the concepts.
_MOST_DEMANDED = 16
# A description begins with what it is about: words before this one count for more.
_EARLY = 40


class FreeText:
    """Makes the query of a description."""

    def __init__(
        self, weights: Weights, expander: QueryExpander, specificity: TermSpecificity
    ) -> None:
        """Take the weights, and what makes queries of words."""
        # What the last query finds, without what it is ordered by.
        self.demanded: Query | None = None
        self._weights = weights
        self._expander = expander
        self._specificity = specificity

    def query(self, person: DescribedPerson, also: Query | None = None) -> Query:
        """Trials that have a concept or a specific word of a description, scored by all of it.

        What it says is absent is not sought; the trials of `also` are in the answer too.
        """
        concepts: Counter[TermGroup] = Counter()
        for sentence in person.told:
            for group in self._expander.groups(tuple(sentence.split()), "", free_text=True):
                if group.headings:
                    concepts[group] += 1
        words = self._weighted(word for sentence in person.told for word in sentence.split())
        scored = [
            Query.boost_query(self._expander.token(token, _SCORED), weight)
            for token, weight in words.items()
        ]
        demanded = [
            *self._concepts(concepts),
            *(Query.const_score_query(query, 0.0) for query in self._most_specific(words)),
            *([also] if also else []),
        ]
        if not demanded:
            return any_sum(scored) if scored else Query.empty_query()
        self.demanded = any_sum(demanded)
        return Query.boolean_query(
            [(Occur.Must, self.demanded), *((Occur.Should, query) for query in scored)]
        )

    def _concepts(self, concepts: Counter[TermGroup]) -> Iterator[Query]:
        for group, times in concepts.most_common(_MOST_CONCEPTS):
            more = 1 + self._weights.again * (times - 1)
            yield Query.boost_query(self._expander.concept(group), more)

    def _weighted(self, words: Iterable[str]) -> dict[str, float]:
        """The tokens of a description, each once, with what they count for."""
        found: dict[str, float] = {}
        for place, word in enumerate(words):
            bare = fold(word).strip(".,;:()[]*\"'")
            if bare in PEOPLE or bare in EMPTY_WORDS:
                continue
            weight = self._weights.early if place < _EARLY else 1.0
            for token in analyser().analyze(word):
                if token not in found and not self._specificity.common(token):
                    found[token] = weight
            if len(found) >= _MOST_WORDS:
                break
        return found

    def _most_specific(self, tokens: Iterable[str]) -> list[Query]:
        """Of the words of a description those that trials are about."""
        topical = {token: self._specificity.topical(token) for token in tokens}
        most = sorted(topical, key=lambda token: -topical[token])[:_MOST_DEMANDED]
        found = []
        for token in most:
            if topical[token] > self._weights.least_topical:
                self._expander.marks.append((token,))
                found.append(self._expander.token(token, ("text",)))
        return found
