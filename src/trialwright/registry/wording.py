"""What words and names become in the index's query: each in its best field, widened where known."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass

import tantivy
from tantivy import Occur, Query

from trialwright.registry.chinese import headings_in
from trialwright.registry.index import analyser
from trialwright.registry.kin import american, kin, respelled
from trialwright.registry.mesh import Mesh
from trialwright.registry.weights import Weights
from trialwright.registry.words import chinese_pairs, fold, words_of

# A search is widened by what people seek trials for: diseases, substances, procedures, disorders,
# and what is given though it is a part of the body: stem cells, amnion, plasma. Behaviour (smoking,
# depression) too, but in prose much is behaviour that no trial is about.
_PARTS_GIVEN = ("A11.872", "A10.615.284.277", "A12.207.152.693")
_WIDENED_IN_PROSE = ("C", "D", "E02", "E04", "F03", *_PARTS_GIVEN)
_WIDENED_TREES = (*_WIDENED_IN_PROSE, "F01")
MOST_NARROWER = 2000
MOST_NAMES = 30
# Where a heading's other names are sought. The body names many a thing in passing, such as what
# excludes a participant, and to seek phrases in all of it takes longer than the rest of a search: a
# name is sought there too where a word of it is in few bodies, 1 of 200 or this many.
NAMES_SOUGHT_IN = ("title", "condition", "intervention", "keyword", "summary")
_FEW_BODIES = 200
_SHORTEST_NAME = 4


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
class Group:
    """Words that together name headings, or a single word that names none."""

    words: tuple[str, ...]
    headings: tuple[str, ...]


class Wording:
    """Makes the queries of one search's words."""

    def __init__(
        self,
        searcher: tantivy.Searcher,
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
        self._searcher = searcher
        self._schema = schema
        self._mesh = mesh
        self._weights = weights
        self._expand = expand
        self._without = without

    def groups(self, words: tuple[str, ...], field: str, *, prose: bool = False) -> Iterator[Group]:
        """Part words into those that together name a heading, and single ones.

        In prose a word counts as a name only where it is one: not a part of one ("typical"), nor
        what reads like an abbreviation ("ten").
        """
        if not self._expand or field in {"title", "sponsor", "summary"}:
            yield from (Group((word,), ()) for word in words)
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
                if prose and len(named) == 1 and _reads_otherwise(named[0]):
                    ids = ()
                yield Group(named, self._sought(ids, normal[at:end], prose))
                done = places[-1]
            at = end
        # Chinese and other words without a normal form stand alone.
        yield from (Group((word,), ()) for word in words if not words_of(word))

    def _chinese(self, words: tuple[str, ...]) -> tuple[tuple[str, ...], list[Group]]:
        """Words without the names of headings in Chinese, and those names."""
        left: list[str] = []
        groups: list[Group] = []
        for word in words:
            found, rest = headings_in(word)
            left += rest.split()
            for name, heading in found:
                if heading in self._mesh.headings and heading not in self._without:
                    groups.append(Group((name,), (heading,)))
                else:
                    left.append(name)
        return tuple(left), groups

    def _sought(
        self, ids: tuple[str, ...], normal: list[tuple[str, int]], prose: bool
    ) -> tuple[str, ...]:
        alone = not ids and len(normal) == 1 and not prose
        if alone and (only := self._mesh.only_heading_with(normal[0][0])):
            ids = (only.id,)
        trees = _WIDENED_IN_PROSE if prose else _WIDENED_TREES
        return tuple(
            id
            for id in ids
            if id not in self._without
            and any(tree.startswith(trees) for tree in self._mesh.headings[id].trees)
        )

    def parts(self, groups: Iterable[Group], fields: tuple[str, ...]) -> list[Query]:
        """A query for each group that has one."""
        parts: list[Query] = []
        for group in groups:
            plain = _all([q for word in group.words for q in self.word(word, fields)])
            if group.headings and plain is not None:
                parts.append(any_of([plain, *self._concept(group, fields)]))
            elif plain is not None:
                parts.append(plain)
        return parts

    def word(self, word: str, fields: tuple[str, ...]) -> list[Query]:
        """A word, each of its tokens in its best field, and its other writings."""
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
            terms = self._terms(token, fields, 1.0)
            if not self._weights.plain:
                terms += self._other_writings(word, token, len(tokens) == 1, fields)
            queries.append(Query.disjunction_max_query(terms, self._weights.tie))
        return queries

    def _other_writings(
        self, word: str, token: str, alone: bool, fields: tuple[str, ...]
    ) -> list[Query]:
        terms: list[Query] = []
        for other in respelled(fold(word)) if alone else ():
            for spelled in analyser().analyze(other):
                self.marks.append((spelled,))
                terms += self._terms(spelled, fields, 1.0)
        told = tuple(name for name in fields if name in NAMES_SOUGHT_IN)
        for near in kin(token) if self._expand else ():
            self.marks.append((near,))
            terms += self._terms(near, told, self._weights.kin)
        return terms

    def _terms(self, token: str, fields: Iterable[str], boost: float) -> list[Query]:
        return [
            Query.boost_query(
                Query.term_query(self._schema, name, token), boost * self._weights.fields[name]
            )
            for name in fields
        ]

    def phrase(self, text: str, fields: tuple[str, ...], boost: float = 1.0) -> Query:
        """Words in exactly this order."""
        tokens = analyser().analyze(text)
        if not tokens or chinese_pairs(text):
            return _all(self.word(text, fields)) or Query.empty_query()
        self.marks.append(tuple(tokens))
        queries = []
        for name in fields:
            if len(tokens) == 1:
                query = Query.term_query(self._schema, name, tokens[0])
            else:
                query = Query.phrase_query(self._schema, name, list(tokens))
            queries.append(Query.boost_query(query, boost * self._weights.fields[name]))
        return Query.disjunction_max_query(queries, self._weights.tie)

    def _concept(self, group: Group, fields: tuple[str, ...]) -> list[Query]:
        """The heading itself, its narrower ones, and its other names."""
        queries = []
        text = " ".join(group.words)
        for id in group.headings:
            term = Query.term_query(self._schema, "mesh", id)
            queries.append(Query.boost_query(term, self._weights.concept))
            below = list(self._mesh.all_narrower(id))[:MOST_NARROWER]
            if below:
                lower = Query.term_set_query(self._schema, "mesh", below)
                queries.append(Query.const_score_query(lower, self._weights.narrower))
            names = self.other_names(id, text)
            queries += self._names(names, fields)
            self.tell(text, id, names)
        return queries

    def other_names(self, id: str, text: str) -> list[str]:
        """Other names than the text; nobody writes "Adhesions, Intrauterine"."""
        own = words_of(text)
        names = [n for n in self._mesh.names_of(id) if ", " not in n and words_of(n) != own]
        return names[:MOST_NAMES]

    def tell(self, text: str, id: str, names: list[str]) -> None:
        """Tell that the search was widened."""
        name, below = self._mesh.headings[id].name, len(self._mesh.all_narrower(id))
        told = Expansion(text, id, name, tuple(names), min(below, MOST_NARROWER))
        if told not in self.expansions:
            self.expansions.append(told)

    def _names(self, names: Iterable[str], fields: tuple[str, ...]) -> Iterable[Query]:
        """The names as phrases, each writing once."""
        phrases = {tuple(analyser().analyze(name)): name for name in names}
        for tokens, name in phrases.items():
            # In a long text an abbreviation may be one of something else.
            told = self._is_seldom(tokens) and not name.isupper()
            sought = {*NAMES_SOUGHT_IN, "body"} if told else NAMES_SOUGHT_IN
            if within := tuple(field for field in fields if field in sought):
                yield self.phrase(name, within, self._weights.name)

    def _is_seldom(self, tokens: tuple[str, ...]) -> bool:
        few = max(_FEW_BODIES, self._searcher.num_docs // 200)
        return min(self._searcher.doc_freq("body", token) for token in tokens) <= few


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
