"""Turning a parsed search into the index's own query, with the MeSH terms it is widened by."""

from __future__ import annotations

from collections.abc import Collection, Iterable

import tantivy
from tantivy import Occur, Query

from trialwright.registry.describing import PEOPLE, Person, read_person
from trialwright.registry.index import NO_MAXIMUM_AGE, NOT_PROVIDED, TEXT_FIELDS
from trialwright.registry.mesh import Mesh
from trialwright.registry.prose import Prose
from trialwright.registry.query import (
    TEXT_NAMES,
    AgeAdmitted,
    All,
    Any_,
    Code,
    Description,
    Node,
    Not,
    Number,
    Phrase,
    Range,
    UnderHeading,
    Words,
)
from trialwright.registry.telling import Telling
from trialwright.registry.weights import Weights
from trialwright.registry.wording import Expansion, Wording, any_of, any_sum
from trialwright.registry.words import EMPTY_WORDS, fold

_FIRST, _LAST = -(2**62), 2**62


class Compiler:
    """Compiles one search."""

    def __init__(
        self,
        searcher: tantivy.Searcher,
        schema: tantivy.Schema,
        mesh: Mesh,
        weights: Weights,
        *,
        expand: bool = True,
        without: Collection[str] = (),
    ) -> None:
        """Take the tables; `without` are numbers of headings by which not to widen."""
        self.person: Person | None = None
        # Whether of words side by side more than one had to be there.
        self.strict = False
        self._schema = schema
        self._mesh = mesh
        self._weights = weights
        self._loosely = False
        self._wording = Wording(searcher, schema, mesh, weights, expand=expand, without=without)
        self._telling = Telling(searcher)
        self._prose = Prose(searcher, schema, mesh, weights, self._wording, self._telling)

    @property
    def expansions(self) -> list[Expansion]:
        """What the search was widened by."""
        return self._wording.expansions

    @property
    def marks(self) -> list[tuple[str, ...]]:
        """What is sought in texts, each a sequence of the index's tokens."""
        return self._wording.marks

    def compile(self, node: Node) -> Query:
        """Return the index's query; what it was widened by is then in `expansions`."""
        match node:
            case Words(words, field):
                return self._words(words, field)
            case Description(text):
                return self._description(text)
            case Phrase(text, field):
                return self._wording.phrase(text, _fields(field))
            case Code(field, code):
                return Query.const_score_query(Query.term_query(self._schema, field, code), 0.0)
            case UnderHeading(name):
                return self._under_heading(name)
            case Number(number):
                names = (("number", number.upper()), ("other_number", fold(number)))
                return any_of(Query.term_query(self._schema, *name) for name in names)
            case Range(field, low, high):
                return self._range(field, low, high)
            case AgeAdmitted(years):
                return self._admits_age(years)
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
                return any_of(self.compile(part) for part in parts)

    def loosely(self, node: Node) -> Query:
        """Return the query for which one of words side by side is enough."""
        known = list(self.expansions)
        self._loosely = True
        query = self.compile(node)
        self._loosely = False
        self.expansions[:] = known
        return query

    def _range(self, field: str, low: int | None, high: int | None) -> Query:
        bounds = (_FIRST if low is None else low, _LAST if high is None else high)
        query = Query.range_query(self._schema, field, tantivy.FieldType.Integer, *bounds)
        return Query.const_score_query(query, 0.0)

    def _admits_age(self, years: int) -> Query:
        ages = (("min_age", 0, years), ("max_age", years, NO_MAXIMUM_AGE))
        return Query.boolean_query([(Occur.Must, self._range(*age)) for age in ages])

    def _under_heading(self, name: str) -> Query:
        known = self._mesh.headings
        ids = [name] if name in known else [heading.id for heading in self._mesh.named(name)]
        wanted = {id for top in ids for id in (top, *self._mesh.all_narrower(top))}
        if not wanted:
            return Query.empty_query()
        return Query.const_score_query(
            Query.term_set_query(self._schema, "mesh", sorted(wanted)), 1.0
        )

    def _words(self, words: tuple[str, ...], field: str) -> Query:
        """Match the words, each in its best field, those that name a heading as one thing."""
        if not field and not self._weights.plain:
            person = read_person(" ".join(words))
            if person.age is not None and person.said_age:
                return self._for_person(person, " ".join(person.told).split())
        fields = _fields(field)
        groups = list(self._wording.groups(words, field))
        telling = [g for g in groups if g.headings or not self._says_nothing(g.words, field)]
        parts = self._wording.parts(telling or groups, fields)
        if not parts:
            return Query.empty_query()
        needed = 1 if self._loosely else _needed(len(parts))
        self.strict = self.strict or needed > 1
        should = [(Occur.Should, part) for part in parts]
        return Query.boolean_query(should, minimum_number_should_match=needed)

    def _says_nothing(self, words: tuple[str, ...], field: str) -> bool:
        if _is_empty(words):
            return True
        if field or self._weights.plain:
            return False
        return all(self._telling.idle(word) for word in words)

    def _for_person(self, person: Person, words: Iterable[str]) -> Query:
        """Words about a person of a certain age and sex."""
        self.person = person
        telling = tuple(word for word in words if fold(word) not in PEOPLE)
        sought = self._words(telling, "") if telling else Query.all_query()
        return self._admitting(sought, person)

    def _description(self, text: str) -> Query:
        """Match any of what a description says is there, the telling more than the rest."""
        if self._weights.plain:
            groups = self._wording.groups(tuple(text.split()), "")
            return any_sum(self._wording.parts(groups, TEXT_FIELDS))
        self.person = person = read_person(text)
        return self._admitting(self._prose.query(person), person)

    def _admitting(self, sought: Query, person: Person) -> Query:
        """Lift the trials that admit a person."""
        should: list[Query] = []
        if person.age is not None:
            should.append(self._admits_age(person.age))
        if person.sex:
            sexes = [person.sex, "ALL", NOT_PROVIDED]
            should.append(Query.term_set_query(self._schema, "sex", sexes))
        lifted = [
            (Occur.Should, Query.const_score_query(query, self._weights.admits)) for query in should
        ]
        return Query.boolean_query([(Occur.Must, sought), *lifted])


def _fields(field: str) -> tuple[str, ...]:
    return TEXT_NAMES[field] if field else TEXT_FIELDS


def _is_empty(words: Iterable[str]) -> bool:
    return EMPTY_WORDS.issuperset(map(fold, words))


def _needed(parts: int) -> int:
    """How many of the things sought must be there: two both, of a long description any."""
    if parts <= 2:
        return parts
    if parts <= 6:
        return -(-parts * 2 // 3)
    return parts // 3 if parts <= 12 else 1
