"""What words and names become in the index's query: each in its best field, widened where known."""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass

import tantivy
from tantivy import Occur, Query

from trialwright.registry.index.chinese_names import headings_in
from trialwright.registry.index.frequencies import Frequencies
from trialwright.registry.index.mesh import Mesh
from trialwright.registry.index.schema import TEXT_FIELDS, analyser
from trialwright.registry.index.spelling_variants import american, respelled, synonyms
from trialwright.registry.index.words import chinese_pairs, fold, words_of
from trialwright.registry.search.weights import Weights

# A search is widened by what people seek trials for: diseases, substances, procedures, disorders,
# and what is given though it is a part of the body: stem cells, amnion, plasma. Behaviour (smoking,
# depression) too, but in free text much is behaviour that no trial is about.
_PARTS_GIVEN = ("A11.872", "A10.615.284.277", "A12.207.152.693")
_WIDENED_IN_FREE_TEXT = ("C", "D", "E02", "E04", "F03", *_PARTS_GIVEN)
_WIDENED_TREES = (*_WIDENED_IN_FREE_TEXT, "F01")
MOST_NARROWER = 2000
MOST_NAMES = 30
# Where a heading's other names are sought. The whole text names many a thing in passing, such as
# what excludes a participant, and to seek phrases in all of it takes longer than the rest of a
# search: a name is sought there too where a word of it is in few texts, 1 of 200 or this many.
NAMES_SOUGHT_IN = ("title", "condition", "intervention", "keyword", "summary")
_FEW_TEXTS = 200
# What a concept gives where a name of it stands, to 1 for the heading itself.
_NAMED_THERE = dict.fromkeys(NAMES_SOUGHT_IN, 0.8)
_NAMED_THERE |= {"title": 1.0, "condition": 1.0, "summary": 0.5}
_NAMED_IN_TEXT = 0.3
_NARROWER = 0.8
_DISEASES = ("C", "F03")
_SYMPTOMS = "C23.888"
_FINDINGS = "C23"
_SHORTEST_NAME = 4
# Nothing tells more than a trial's number.
NUMBER_FOUND = 100.0
# A shorter one is also a year's day, a dose, a type of diabetes.
_SHORTEST_NUMBER = 4


@dataclass(frozen=True, slots=True)
class Expansion:
    """What a search was widened by: a heading for some of its words.

    Attributes:
        words: the words of the search that name it.
        heading: its number; leave it out by this.
        name: its name.
        names: its other names, searched too.
        narrower: how many narrower headings are searched too.
    """

    words: str
    heading: str
    name: str
    names: tuple[str, ...]
    narrower: int


@dataclass(frozen=True, slots=True)
class TermGroup:
    """Words that together name headings, or a single word that names none."""

    words: tuple[str, ...]
    headings: tuple[str, ...]


class QueryExpander:
    """Makes the queries of one search's words."""

    def __init__(
        self,
        frequencies: Frequencies,
        schema: tantivy.Schema,
        mesh: Mesh,
        weights: Weights,
        *,
        expand: bool,
        without: Collection[str],
    ) -> None:
        """Take the tables, and whether and by which headings not to widen."""
        self.expansions: list[Expansion] = []
        self.marks: list[tuple[str, ...]] = []
        self._frequencies = frequencies
        self._schema = schema
        self._mesh = mesh
        self._weights = weights
        self._expand = expand
        self._without = without

    def groups(
        self, words: tuple[str, ...], field: str, *, free_text: bool = False
    ) -> Iterator[TermGroup]:
        """Part words into those that together name a heading, and single ones.

        In free text a word counts as a name only where it is one: not a part of one ("typical"),
        nor what reads like an abbreviation ("ten").
        """
        if not self._expand or field in {"title", "sponsor", "summary"}:
            yield from (TermGroup((word,), ()) for word in words)
            return
        if not all(map(str.isascii, words)):
            words, named_in_chinese = self._chinese(words)
            yield from named_in_chinese
        normal = [(form, place) for place, word in enumerate(words) for form in words_of(word)]
        spans = self._mesh.mentions(american(fold(" ".join(words))))
        starts = {start: (end, ids) for start, end, ids in spans}
        at, done = 0, -1
        while at < len(normal):
            end, ids = starts.get(at, (at + 1, ()))
            places = sorted({place for _, place in normal[at:end] if place > done})
            if places:
                named = tuple(words[place] for place in places)
                if free_text and len(named) == 1 and _reads_otherwise(named[0]):
                    ids = ()
                yield TermGroup(named, self._sought(ids, normal[at:end], free_text))
                done = places[-1]
            at = end
        # Chinese and other words without a normal form stand alone.
        yield from (TermGroup((word,), ()) for word in words if not words_of(word))

    def _chinese(self, words: tuple[str, ...]) -> tuple[tuple[str, ...], list[TermGroup]]:
        """Words without the names of headings in Chinese, and those names."""
        left: list[str] = []
        groups: list[TermGroup] = []
        for word in words:
            found, rest = headings_in(word)
            left += rest.split()
            for name, heading in found:
                if heading in self._mesh.headings and heading not in self._without:
                    groups.append(TermGroup((name,), (heading,)))
                else:
                    left.append(name)
        return tuple(left), groups

    def _sought(
        self, ids: tuple[str, ...], normal: list[tuple[str, int]], free_text: bool
    ) -> tuple[str, ...]:
        alone = not ids and len(normal) == 1 and not free_text
        if alone and (only := self._mesh.only_heading_with(normal[0][0])):
            ids = (only.id,)
        trees = _WIDENED_IN_FREE_TEXT if free_text else _WIDENED_TREES
        return tuple(
            id
            for id in ids
            if id not in self._without
            and any(tree.startswith(trees) for tree in self._mesh.headings[id].trees)
        )

    def part(self, group: TermGroup, fields: tuple[str, ...]) -> Query | None:
        """What a group demands: all its words or its concept, with the scores of both."""
        words = _all([query for word in group.words for query in self.word(word, fields)])
        if words is None or not group.headings:
            return words
        return any_sum([words, self.concept(group, fields)])

    def word(self, word: str, fields: tuple[str, ...]) -> list[Query]:
        """A query for each token of a word: in its fields, in any of its writings."""
        queries = []
        tokens = analyser().analyze(word)
        pairs = chinese_pairs(word)
        if pairs:
            tokens = []
            self.marks += [(pair,) for pair in pairs]
            found = [Query.term_query(self._schema, "chinese", pair) for pair in pairs]
            queries.append(_all(found) or Query.empty_query())
        for token in tokens:
            self.marks.append((token,))
            writings = [self.token(token, fields)]
            if not self._weights.plain:
                writings += self._other_writings(word, token, len(tokens) == 1, fields)
            queries.append(any_of(writings) if len(writings) > 1 else writings[0])
        if "text" in fields and any(map(str.isdigit, word)) and not self._weights.plain:
            return [any_of([query for query in (_all(queries), *self._numbers(word)) if query])]
        return queries

    def _numbers(self, word: str) -> Iterator[Query]:
        """A word as the number that a sponsor or another register gave a trial."""
        bare = fold(word).strip(".,;:()")
        if len(bare) < _SHORTEST_NUMBER:
            return
        yield _constant(Query.term_query(self._schema, "other_number", bare), NUMBER_FOUND)
        if len(bare) in (7, 8) and bare.isdigit():
            named = Query.term_query(self._schema, "number", f"NCT{bare:0>8}")
            yield _constant(named, NUMBER_FOUND)

    def _other_writings(
        self, word: str, token: str, alone: bool, fields: tuple[str, ...]
    ) -> list[Query]:
        writings: list[Query] = []
        for other in respelled(fold(word)) if alone else ():
            for spelled in analyser().analyze(other):
                self.marks.append((spelled,))
                writings.append(self.token(spelled, fields))
        named = tuple(name for name in fields if name in NAMES_SOUGHT_IN)
        for near in synonyms(token) if self._expand and named else ():
            self.marks.append((near,))
            writings.append(Query.boost_query(self.token(near, named), self._weights.synonym))
        return writings

    def token(self, token: str, fields: Iterable[str]) -> Query:
        """A token, scored by BM25 in each of some fields, weighted and added."""
        weights = {name: self._weights.fields[name] for name in fields}
        return any_sum(
            [
                Query.boost_query(Query.term_query(self._schema, name, token), weight)
                for name, weight in weights.items()
                if weight
            ]
        )

    def phrase(self, text: str, fields: tuple[str, ...]) -> Query:
        """Words in exactly this order."""
        tokens = analyser().analyze(text)
        if not tokens or chinese_pairs(text):
            return _all(self.word(text, fields)) or Query.empty_query()
        self.marks.append(tuple(tokens))
        return any_sum(
            [
                Query.boost_query(self._exactly(name, tuple(tokens)), weight)
                for name in fields
                if (weight := self._weights.fields[name])
            ]
        )

    def concept(self, group: TermGroup, fields: tuple[str, ...] = TEXT_FIELDS) -> Query:
        """The headings that a group names, the narrower ones, and their other names.

        A concept counts by how rare it is and not by how it is named: the sum of a long name's
        words would drown the others.
        """
        own = " ".join(group.words)
        queries: list[Query] = []
        names: list[str] = []
        for id in group.headings:
            below = list(self._mesh.all_narrower(id))[:MOST_NARROWER]
            queries.append(_constant(Query.term_query(self._schema, "mesh", id), 1.0))
            if below:
                lower = Query.term_set_query(self._schema, "mesh", below)
                queries.append(_constant(lower, _NARROWER))
            others = self._other_names(id, own)
            names += others
            self._tell(own.strip(" .,;:()"), id, others)
        queries += self._names([own, *names], fields)
        rarity = max(self._rarity(id) * self._counts_for(id) for id in group.headings)
        return Query.boost_query(any_of(queries), rarity * self._weights.concept)

    def _names(self, names: Iterable[str], fields: tuple[str, ...]) -> Iterator[Query]:
        """The names as phrases, each writing once."""
        phrases = {tuple(analyser().analyze(name)): name for name in names}
        for tokens, name in list(phrases.items())[:MOST_NAMES]:
            if not tokens:
                continue
            self.marks.append(tokens)
            # In a long text an abbreviation may be one of something else.
            seldom = self._is_seldom(tokens) and not name.isupper()
            for field in fields:
                if field in _NAMED_THERE or (field == "text" and seldom):
                    query = self._exactly(field, tokens)
                    yield _constant(query, _NAMED_THERE.get(field, _NAMED_IN_TEXT))

    def _exactly(self, field: str, tokens: tuple[str, ...]) -> Query:
        if len(tokens) == 1:
            return Query.term_query(self._schema, field, tokens[0])
        return Query.phrase_query(self._schema, field, list(tokens))

    def _is_seldom(self, tokens: tuple[str, ...]) -> bool:
        few = max(_FEW_TEXTS, self._frequencies.trials // 200)
        return min(self._frequencies.of("text", token) for token in tokens) <= few

    def _rarity(self, id: str) -> float:
        count = sum(self._frequencies.of(name, id) for name in ("mesh", "mesh_above"))
        return math.log(1 + self._frequencies.trials / (1 + count))

    def _counts_for(self, id: str) -> float:
        """How much a heading counts for: diseases most."""
        trees = self._mesh.headings[id].trees
        symptom = any(tree.startswith(_SYMPTOMS) for tree in trees)
        if symptom or all(tree.startswith(_FINDINGS) for tree in trees):
            return self._weights.finding
        if any(tree.startswith(_DISEASES) for tree in trees):
            return self._weights.disease
        return self._weights.substance

    def _other_names(self, id: str, text: str) -> list[str]:
        """Other names than the text; nobody writes "Adhesions, Intrauterine"."""
        own = words_of(text)
        names = [n for n in self._mesh.names_of(id) if ", " not in n and words_of(n) != own]
        return names[:MOST_NAMES]

    def _tell(self, text: str, id: str, names: list[str]) -> None:
        """Tell that the search was widened."""
        name, below = self._mesh.headings[id].name, len(self._mesh.all_narrower(id))
        told = Expansion(text, id, name, tuple(names), min(below, MOST_NARROWER))
        if told not in self.expansions:
            self.expansions.append(told)


def _reads_otherwise(word: str) -> bool:
    """Whether a word is too short for a name, and not in capitals as an abbreviation is."""
    bare = word.strip(".,;:()")
    return len(bare) < _SHORTEST_NAME and not bare[1:].isupper()


def _all(queries: list[Query]) -> Query | None:
    if not queries:
        return None
    if len(queries) == 1:
        return queries[0]
    return Query.boolean_query([(Occur.Must, query) for query in queries])


def any_of(queries: Iterable[Query]) -> Query:
    """Any of some queries, scored by the best."""
    return Query.disjunction_max_query(list(queries), 0.1)


def any_sum(parts: list[Query]) -> Query:
    """Any of some queries, their scores added."""
    return Query.boolean_query([(Occur.Should, part) for part in parts])


def _constant(query: Query, score: float) -> Query:
    return Query.const_score_query(query, score)
