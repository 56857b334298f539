"""The query of a description: its concepts by rarity, its other words by how telling they are."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable

import tantivy
from tantivy import Query

from trialwright.registry.describing import PEOPLE, Person
from trialwright.registry.index import TEXT_FIELDS, analyser
from trialwright.registry.mesh import Mesh
from trialwright.registry.telling import Telling
from trialwright.registry.weights import Weights
from trialwright.registry.wording import (
    MOST_NAMES,
    MOST_NARROWER,
    NAMES_SOUGHT_IN,
    Group,
    Wording,
    any_sum,
)
from trialwright.registry.words import EMPTY_WORDS, fold

_DISEASES = ("C", "F03")
_SYMPTOMS = "C23.888"
_FINDINGS = "C23"
# How many concepts and how many of the most telling other words are searched.
_MOST_CONCEPTS = 16
_MOST_WORDS = 16
_SHORTEST_WORD = 3


class Prose:
    """Makes the query of a description."""

    def __init__(
        self,
        searcher: tantivy.Searcher,
        schema: tantivy.Schema,
        mesh: Mesh,
        weights: Weights,
        wording: Wording,
        telling: Telling,
    ) -> None:
        """Take the tables, and what makes queries of words."""
        self._searcher = searcher
        self._schema = schema
        self._mesh = mesh
        self._weights = weights
        self._wording = wording
        self._telling = telling

    def query(self, person: Person) -> Query:
        """Any of what a description says is there; what is absent gives its plain words alone."""
        concepts: Counter[Group] = Counter()
        words: dict[str, None] = {}
        for absent, sentences in ((False, person.told), (True, person.denied)):
            for sentence in sentences:
                for group in self._wording.groups(tuple(sentence.split()), "", prose=True):
                    if group.headings and not absent:
                        concepts[group] += 1
                    elif not group.headings:
                        words |= dict.fromkeys(group.words)
        parts = self._concepts(concepts)
        parts += [
            Query.boost_query(part, boost)
            for word, boost in self._most_telling(words).items()
            for part in self._wording.parts([Group((word,), ())], TEXT_FIELDS)
        ]
        return any_sum(parts) if parts else Query.empty_query()

    def _concepts(self, concepts: Counter[Group]) -> list[Query]:
        return [
            Query.boost_query(
                self._bounded(group),
                1 + self._weights.again * (times - 1),
            )
            for group, times in concepts.most_common(_MOST_CONCEPTS)
        ]

    def _most_telling(self, words: Iterable[str]) -> dict[str, float]:
        """Of the words of a description those that trials are about, with their weights."""
        found: dict[str, float] = {}
        for word in words:
            bare = fold(word).strip(".,;:()")
            if (
                len(bare) < _SHORTEST_WORD
                or bare.isdigit()
                or bare in PEOPLE
                or bare in EMPTY_WORDS
            ):
                continue
            topical = self._telling.topical(word)
            if topical > self._weights.least_topical:
                found[bare] = self._weights.word * topical**self._weights.topical_power
        most = sorted(found, key=lambda word: -found[word])[:_MOST_WORDS]
        return {word: found[word] for word in most}

    def _bounded(self, group: Group) -> Query:
        """A concept of a description, which counts by how rare it is and not by how it is named.

        Many concepts stand beside each other in a description, and the sum of a long name's words
        would drown the others.
        """
        best: dict[str, float] = dict.fromkeys(NAMES_SOUGHT_IN, 0.8)
        best |= {"title": 1.0, "condition": 1.0, "summary": 0.5}
        queries: list[Query] = []
        own = " ".join(group.words)
        names = [own]
        for id in group.headings:
            below = list(self._mesh.all_narrower(id))[:MOST_NARROWER]
            queries.append(_constant(Query.term_query(self._schema, "mesh", id), 1.0))
            if below:
                lower = Query.term_set_query(self._schema, "mesh", below)
                queries.append(_constant(lower, 0.8))
            others = self._wording.other_names(id, own)
            names += others
            self._wording.tell(own.strip(" .,;:()"), id, others)
        phrases = {tuple(analyser().analyze(name)): name for name in names}
        for tokens in list(phrases)[:MOST_NAMES]:
            self._wording.marks.append(tokens)
            for field, weight in best.items():
                queries.append(_constant(self._exactly(field, tokens), weight))
            if tokens == tuple(analyser().analyze(own)):
                queries.append(_constant(self._exactly("body", tokens), 0.3))
        rarity = max(self._rarity(id) * self._tells(id) for id in group.headings)
        return Query.boost_query(Query.disjunction_max_query(queries, 0.1), rarity)

    def _exactly(self, field: str, tokens: tuple[str, ...]) -> Query:
        if len(tokens) == 1:
            return Query.term_query(self._schema, field, tokens[0])
        return Query.phrase_query(self._schema, field, list(tokens))

    def _rarity(self, id: str) -> float:
        count = sum(self._searcher.doc_freq(name, id) for name in ("mesh", "mesh_above"))
        return math.log(1 + self._searcher.num_docs / (1 + count))

    def _tells(self, id: str) -> float:
        """How much a heading tells in a description: diseases most."""
        trees = self._mesh.headings[id].trees
        symptom = any(tree.startswith(_SYMPTOMS) for tree in trees)
        if symptom or all(tree.startswith(_FINDINGS) for tree in trees):
            return self._weights.finding
        if any(tree.startswith(_DISEASES) for tree in trees):
            return self._weights.disease
        return self._weights.substance


def _constant(query: Query, score: float) -> Query:
    return Query.const_score_query(query, score)
