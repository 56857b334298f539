"""Turning a parsed search into the index's own query, with the MeSH terms it is widened by."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass

import tantivy
from tantivy import Occur, Query

from trialwright.registry.index.frequencies import Frequencies
from trialwright.registry.index.mesh import Mesh
from trialwright.registry.index.schema import NO_MAXIMUM_AGE, NOT_PROVIDED, TEXT_FIELDS
from trialwright.registry.index.words import EMPTY_WORDS, fold, without_suffix
from trialwright.registry.record.register_numbers import spellings
from trialwright.registry.search.free_text import FreeText
from trialwright.registry.search.patient_description import PEOPLE, DescribedPerson, read_person
from trialwright.registry.search.query import (
    TEXT_NAMES,
    AgeAdmitted,
    All,
    Any_,
    CodeQuery,
    DescriptionQuery,
    Node,
    NotQuery,
    NumberQuery,
    Phrase,
    RangeQuery,
    UnderHeading,
    WordsQuery,
)
from trialwright.registry.search.query_expansion import (
    NUMBER_FOUND,
    Expansion,
    QueryExpander,
    TermGroup,
    any_of,
    any_sum,
)
from trialwright.registry.search.term_specificity import TermSpecificity
from trialwright.registry.search.weights import Weights

_FIRST, _LAST = -(2**62), 2**62
# A shorter number is also a year, a dose, a type of diabetes.
_LONG_NUMBER = 6
# What narrows a search and is no word of it.
_LIMITS = (CodeQuery, RangeQuery, AgeAdmitted)


@dataclass(frozen=True, slots=True)
class Demand:
    """What a search demands: its words, the query for the whole, and one for each of several."""

    text: str
    whole: Query
    words: tuple[tuple[str, Query], ...]


class Compiler:
    """Compiles one search."""

    def __init__(
        self,
        frequencies: Frequencies,
        schema: tantivy.Schema,
        mesh: Mesh,
        weights: Weights,
        *,
        expand: bool = True,
        without: Collection[str] = (),
        alike: Query | None = None,
    ) -> None:
        """Take the tables; `without` are numbers of headings by which not to widen.

        `alike` are trials that a description finds whatever words they have.
        """
        self.person: DescribedPerson | None = None
        self.described = False
        # What trials had to have, and whether of words side by side it was more than one.
        self.demands: list[Demand] = []
        self.side_by_side = False
        self._frequencies = frequencies
        self._schema = schema
        self._mesh = mesh
        self._weights = weights
        self._loosely = False
        self._alike = alike
        self._expander = QueryExpander(
            frequencies, schema, mesh, weights, expand=expand, without=without
        )
        self._specificity = TermSpecificity(frequencies)
        self._free_text = FreeText(weights, self._expander, self._specificity)

    @property
    def expansions(self) -> list[Expansion]:
        """What the search was widened by."""
        return self._expander.expansions

    @property
    def demanded(self) -> Query | None:
        """What a description finds, without what it is ordered by; None where that is the same."""
        return self._free_text.demanded

    @property
    def marks(self) -> list[tuple[str, ...]]:
        """What is sought in texts, each a sequence of the index's tokens."""
        return self._expander.marks

    def compile(self, node: Node) -> Query:
        """Return the index's query; what it was widened by is then in `expansions`."""
        match node:
            case WordsQuery(words, field):
                return self._words(words, field)
            case DescriptionQuery(text):
                return self._description(text)
            case Phrase(text, field):
                return self._phrase(text, field)
            case CodeQuery("sex", code):
                return self._admits_sex(code)
            case CodeQuery(field, code):
                return Query.const_score_query(Query.term_query(self._schema, field, code), 0.0)
            case UnderHeading(name):
                return self._under_heading(name)
            case NumberQuery(number):
                return self._number(number)
            case RangeQuery(field, low, high):
                return self._range(field, low, high)
            case AgeAdmitted(years):
                return self._admits_age(years)
            case NotQuery(part):
                return Query.boolean_query(
                    [(Occur.Must, Query.all_query()), (Occur.MustNot, self.compile(part))]
                )
            case All(parts):
                return self._all(parts)
            case Any_(parts):
                return any_of(self.compile(part) for part in parts)

    def compile_all(self, text: str, node: Node | None) -> Query:
        """Return the query for a whole search: first the trial whose number it is, if it is one.

        Sponsors and funders give numbers of all forms, with spaces, slashes and brackets. One
        without a digit may be a word that others mean as such: its trial is found, and not lifted.
        """
        sought = Query.all_query() if node is None else self.compile(node)
        name = fold(text).strip()
        if not self._numbers_a_trial(name):
            return sought
        named = Query.term_query(self._schema, "other_number", name)
        lift = NUMBER_FOUND if _has_digit(name) else 0.0
        return any_sum([Query.const_score_query(named, lift), sought])

    def has_number(self, text: str) -> bool:
        """Whether a search, or a long word of it, is a number that some trial has."""
        name = fold(text).strip()
        words = (word for word in name.split() if len(word) >= _LONG_NUMBER)
        return any(_has_digit(one) and self._numbers_a_trial(one) for one in (name, *words))

    def _numbers_a_trial(self, name: str) -> bool:
        # Half of a surrogate pair is no text to the index.
        known = name.encode("utf-8", "replace").decode()
        return bool(known) and self._frequencies.of("other_number", known) > 0

    def loosely(self, node: Node) -> Query:
        """Return the query for which one of the words sought is enough."""
        known, demands = list(self.expansions), list(self.demands)
        self._loosely = True
        query = self.compile(node)
        self._loosely = False
        self.expansions[:], self.demands = known, demands
        return query

    @property
    def strict(self) -> bool:
        """Whether a trial had to have more than one word."""
        return len(self.demands) > 1 or any(d.words or " " in d.text for d in self.demands)

    def _range(self, field: str, low: int | None, high: int | None) -> Query:
        bounds = (_FIRST if low is None else low, _LAST if high is None else high)
        query = Query.range_query(self._schema, field, tantivy.FieldType.Integer, *bounds)
        return Query.const_score_query(query, 0.0)

    def _admits_age(self, years: int) -> Query:
        ages = (("min_age", 0, years), ("max_age", years, NO_MAXIMUM_AGE))
        return Query.boolean_query([(Occur.Must, self._range(*age)) for age in ages])

    def _admits_sex(self, code: str) -> Query:
        """Trials open to a sex, among others or, with "only-", alone."""
        only = code.lower().removeprefix("only-").upper()
        codes = [only] if only != code.upper() else list(dict.fromkeys((only, "ALL")))
        return Query.const_score_query(Query.term_set_query(self._schema, "sex", codes), 0.0)

    def _number(self, number: str) -> Query:
        """A number, with and without its country or version, as its register or another has it."""
        bare = re.sub(r"(?i)^(?:EUCTR|CTIS)(?=\d)", "", number)
        names = {("number", each) for each in (number, *spellings(bare))}
        names.add(("other_number", fold(bare)))
        whole = [Query.term_query(self._schema, *name) for name in sorted(names)]
        if short := without_suffix(bare):
            whole.append(
                Query.boost_query(Query.term_query(self._schema, "other_number", short), 0.5)
            )
        return any_of(whole)

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
        """Match the words, those that name a heading as one thing."""
        if not field and not self._weights.plain:
            person = read_person(" ".join(words))
            if person.age is not None and person.said_age:
                return self._for_person(person, " ".join(person.told).split())
        fields = _fields(field)
        groups = list(self._expander.groups(words, field))
        specific = [g for g in groups if g.headings or not self._says_nothing(g.words, field)]
        demands = [demand for g in specific or groups if (demand := self._demand(g, fields))]
        if not demands:
            return Query.empty_query()
        self.demands += demands
        self.side_by_side |= len(demands) > 1 or any(demand.words for demand in demands)
        parts = [demand.whole for demand in demands]
        if self._loosely:
            return any_sum([*parts, *(query for demand in demands for _, query in demand.words)])
        return Query.boolean_query(
            [(Occur.Should, part) for part in parts],
            minimum_number_should_match=_needed(len(parts)),
        )

    def _demand(self, group: TermGroup, fields: tuple[str, ...]) -> Demand | None:
        part = self._expander.part(group, fields)
        if part is None:
            return None
        words = group.words if len(group.words) > 1 else ()
        found = ((word, self._expander.word(word, fields)) for word in words)
        return Demand(
            " ".join(group.words), part, tuple((word, any_sum(q)) for word, q in found if q)
        )

    def _phrase(self, text: str, field: str) -> Query:
        fields = _fields(field)
        phrase = self._expander.phrase(text, fields)
        words = [query for word in text.split() for query in self._expander.word(word, fields)]
        self.demands.append(Demand(f"“{text}”", phrase, ()))
        return any_sum([phrase, *words]) if self._loosely else phrase

    def _all(self, parts: tuple[Node, ...]) -> Query:
        negative = [(Occur.MustNot, self.compile(p.part)) for p in parts if type(p) is NotQuery]
        positive = [(p, self.compile(p)) for p in parts if type(p) is not NotQuery]
        must = [(Occur.Must, q) for p, q in positive if isinstance(p, _LIMITS) or not self._loosely]
        sought = [q for p, q in positive if not isinstance(p, _LIMITS)]
        if self._loosely and sought:
            must.append((Occur.Must, any_sum(sought)))
        return Query.boolean_query([*(must or [(Occur.Must, Query.all_query())]), *negative])

    def _says_nothing(self, words: tuple[str, ...], field: str) -> bool:
        if _is_empty(words):
            return True
        if field or self._weights.plain:
            return False
        return all(self._specificity.idle(word) for word in words)

    def _for_person(self, person: DescribedPerson, words: Iterable[str]) -> Query:
        """Words about a person of a certain age and sex."""
        self.person = person
        specific = tuple(word for word in words if fold(word) not in PEOPLE)
        sought = self._words(specific, "") if specific else Query.all_query()
        return self._admitting(sought, person)

    def _description(self, text: str) -> Query:
        """Match any of what a description says is there."""
        if self._weights.plain:
            words = text.split()
            return any_sum([q for word in words for q in self._expander.word(word, TEXT_FIELDS)])
        self.person = person = read_person(text)
        self.described = True
        return self._admitting(self._free_text.query(person, self._alike), person)

    def _admitting(self, sought: Query, person: DescribedPerson) -> Query:
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


def _has_digit(name: str) -> bool:
    return any(map(str.isdigit, name))


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
