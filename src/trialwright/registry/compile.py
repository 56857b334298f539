"""Turning a parsed search into the index's own query, with the MeSH terms it is widened by."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass

import tantivy
from tantivy import Occur, Query

from trialwright.registry.index import NO_MAXIMUM_AGE, TEXT_FIELDS, analyser
from trialwright.registry.mesh import Mesh
from trialwright.registry.query import (
    TEXT_NAMES,
    AgeAdmitted,
    All,
    Any_,
    Code,
    Node,
    Not,
    Number,
    Phrase,
    Range,
    UnderHeading,
    Words,
)
from trialwright.registry.weights import Weights
from trialwright.registry.words import EMPTY_WORDS, chinese_pairs, fold, words_of

# A search is widened by what people seek trials for: diseases, substances, procedures, disorders.
_WIDENED_TREES = ("C", "D", "E02", "E04", "F03")
_MOST_NARROWER = 2000
_MOST_NAMES = 30
# Where a heading's other names are sought. The body names many a thing in passing, such as what
# excludes a participant, and to seek phrases in all of it takes longer than the rest of a search.
_NAMES_SOUGHT_IN = ("title", "condition", "intervention", "keyword", "summary")
_FIRST, _LAST = -(2**62), 2**62


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


class Compiler:
    """Compiles one search."""

    def __init__(
        self,
        schema: tantivy.Schema,
        mesh: Mesh,
        weights: Weights,
        *,
        expand: bool = True,
        without: Collection[str] = (),
    ) -> None:
        """Take the tables; `without` are numbers of headings by which not to widen."""
        self.expansions: list[Expansion] = []
        self.marks: list[tuple[str, ...]] = []
        self._schema = schema
        self._mesh = mesh
        self._weights = weights
        self._expand = expand
        self._without = without

    def compile(self, node: Node) -> Query:
        """Return the index's query; what it was widened by is then in `expansions`."""
        match node:
            case Words(words, field):
                return self._words(words, field)
            case Phrase(text, field):
                return self._phrase(text, self._fields(field))
            case Code(field, code):
                return Query.const_score_query(Query.term_query(self._schema, field, code), 0.0)
            case UnderHeading(name):
                return self._under_heading(name)
            case Number(number):
                names = (("number", number.upper()), ("other_number", fold(number)))
                return _any(Query.term_query(self._schema, *name) for name in names)
            case Range(field, low, high):
                return self._range(field, low, high)
            case AgeAdmitted(years):
                ages = (("min_age", 0, years), ("max_age", years, NO_MAXIMUM_AGE))
                return Query.boolean_query([(Occur.Must, self._range(*age)) for age in ages])
            case Not(part):
                return Query.boolean_query(
                    [(Occur.Must, Query.all_query()), (Occur.MustNot, self.compile(part))]
                )
            case All(parts):
                negative = [(Occur.MustNot, self.compile(p.part)) for p in parts if type(p) is Not]
                positive = [(Occur.Must, self.compile(p)) for p in parts if type(p) is not Not]
                return Query.boolean_query(
                    [*(positive or [(Occur.Must, Query.all_query())]), *negative]
                )
            case Any_(parts):
                return _any(self.compile(part) for part in parts)

    def _range(self, field: str, low: int | None, high: int | None) -> Query:
        bounds = (_FIRST if low is None else low, _LAST if high is None else high)
        query = Query.range_query(self._schema, field, tantivy.FieldType.Integer, *bounds)
        return Query.const_score_query(query, 0.0)

    def _under_heading(self, name: str) -> Query:
        known = self._mesh.headings
        ids = [name] if name in known else [heading.id for heading in self._mesh.named(name)]
        wanted = {id for top in ids for id in (top, *self._mesh.all_narrower(top))}
        if not wanted:
            return Query.empty_query()
        return Query.const_score_query(
            Query.term_set_query(self._schema, "mesh", sorted(wanted)), 1.0
        )

    def _fields(self, field: str) -> tuple[str, ...]:
        return TEXT_NAMES[field] if field else TEXT_FIELDS

    def _words(self, words: tuple[str, ...], field: str) -> Query:
        """Match the words, each in its best field, those that name a heading as one thing."""
        fields = self._fields(field)
        groups = list(self._groups(words, field))
        telling = [g for g in groups if g[1] or not EMPTY_WORDS.issuperset(map(fold, g[0]))]
        parts: list[Query] = []
        for group, headings in telling or groups:
            text = " ".join(group)
            plain = _all([q for word in group for q in self._word(word, fields)])
            if headings and plain is not None:
                parts.append(_any([plain, *self._concept(text, headings, fields)]))
            elif plain is not None:
                parts.append(plain)
        if not parts:
            return Query.empty_query()
        should = [(Occur.Should, part) for part in parts]
        return Query.boolean_query(should, minimum_number_should_match=_needed(len(parts)))

    def _groups(
        self, words: tuple[str, ...], field: str
    ) -> Iterable[tuple[list[str], tuple[str, ...]]]:
        """Part the words into those that together name a heading, and single ones."""
        if not self._expand or field in {"title", "sponsor", "summary"}:
            yield from (([word], ()) for word in words)
            return
        normal = [(form, place) for place, word in enumerate(words) for form in words_of(word)]
        spans = self._mesh.mentions(" ".join(words))
        starts = {start: (end, ids) for start, end, ids in spans}
        at, done = 0, -1
        while at < len(normal):
            end, ids = starts.get(at, (at + 1, ()))
            places = sorted({place for _, place in normal[at:end] if place > done})
            if places:
                yield [words[place] for place in places], self._sought(ids, normal[at:end])
                done = places[-1]
            at = end
        # Chinese and other words without a normal form stand alone.
        yield from (([word], ()) for word in words if not words_of(word))

    def _sought(self, ids: tuple[str, ...], normal: list[tuple[str, int]]) -> tuple[str, ...]:
        if not ids and len(normal) == 1 and (only := self._mesh.only_heading_with(normal[0][0])):
            ids = (only.id,)
        return tuple(
            id
            for id in ids
            if id not in self._without
            and any(tree.startswith(_WIDENED_TREES) for tree in self._mesh.headings[id].trees)
        )

    def _word(self, word: str, fields: tuple[str, ...]) -> list[Query]:
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
            queries.append(
                Query.disjunction_max_query(
                    [
                        Query.boost_query(
                            Query.term_query(self._schema, name, token),
                            self._weights.fields[name],
                        )
                        for name in fields
                    ],
                    self._weights.tie,
                )
            )
        return queries

    def _phrase(self, text: str, fields: tuple[str, ...], boost: float = 1.0) -> Query:
        tokens = analyser().analyze(text)
        if not tokens or chinese_pairs(text):
            return _all(self._word(text, fields)) or Query.empty_query()
        self.marks.append(tuple(tokens))
        queries = []
        for name in fields:
            if len(tokens) == 1:
                query = Query.term_query(self._schema, name, tokens[0])
            else:
                query = Query.phrase_query(self._schema, name, list(tokens))
            queries.append(Query.boost_query(query, boost * self._weights.fields[name]))
        return Query.disjunction_max_query(queries, self._weights.tie)

    def _concept(
        self, text: str, headings: tuple[str, ...], fields: tuple[str, ...]
    ) -> list[Query]:
        """The heading itself, its narrower ones, and its other names."""
        queries = []
        for id in headings:
            term = Query.term_query(self._schema, "mesh", id)
            queries.append(Query.boost_query(term, self._weights.concept))
            below = list(self._mesh.all_narrower(id))[:_MOST_NARROWER]
            if below:
                lower = Query.term_set_query(self._schema, "mesh", below)
                queries.append(Query.const_score_query(lower, self._weights.narrower))
            names = [n for n in self._mesh.names_of(id) if words_of(n) != words_of(text)]
            names = names[:_MOST_NAMES]
            queries += self._names(names, tuple(n for n in fields if n in _NAMES_SOUGHT_IN))
            heading = self._mesh.headings[id]
            self.expansions.append(Expansion(text, id, heading.name, tuple(names), len(below)))
        return queries

    def _names(self, names: Iterable[str], fields: tuple[str, ...]) -> Iterable[Query]:
        """The names as phrases, each writing once; nobody writes "Adhesions, Intrauterine"."""
        phrases = {tuple(analyser().analyze(name)): name for name in names if ", " not in name}
        for name in phrases.values():
            if fields:
                yield self._phrase(name, fields, self._weights.name)


def _needed(parts: int) -> int:
    """How many of the things sought must be there: two both, of a long description any."""
    if parts <= 2:
        return parts
    if parts <= 6:
        return -(-parts * 2 // 3)
    return parts // 3 if parts <= 12 else 1


def _all(queries: list[Query]) -> Query | None:
    if not queries:
        return None
    if len(queries) == 1:
        return queries[0]
    return Query.boolean_query([(Occur.Must, query) for query in queries])


def _any(queries: Iterable[Query]) -> Query:
    return Query.disjunction_max_query(list(queries), 0.1)
