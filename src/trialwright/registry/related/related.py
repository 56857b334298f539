"""See also: the trials nearest to one, each with the reasons in words.

Candidates come from the index (same headings, rare words of title, summary, outcomes and
interventions); each is then compared with the trial kind by kind. Headings are as near as what
stands above both is rare (Lin's measure, with the library's own counts), words count by rarity.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Any, Literal

import tantivy
from tantivy import Query

from trialwright.messages import Message, several
from trialwright.registry.index.document import headings_of
from trialwright.registry.index.mesh import Mesh
from trialwright.registry.index.schema import NO_MAXIMUM_AGE, analyser
from trialwright.registry.index.words import EMPTY_WORDS, fold, normal_form, singular
from trialwright.registry.library.library import Library, summary_of
from trialwright.registry.record.codes import Kind as CodeKind
from trialwright.registry.record.codes import Language, codes_of, in_words
from trialwright.registry.record.record import Record
from trialwright.registry.record.summaries import short_facts
from trialwright.registry.search.weights import RELATED, Closeness

Kind = Literal["condition", "intervention", "words", "population", "phase"]
_CANDIDATES = 120
_MOST_WORDS = 40
# A small library says little of what is rare, so rarity is counted as if it had this many trials.
_SMALLEST_REGISTER = 5000
_WORD = re.compile(r"[^\W_]{3,}")
_DISEASES = ("C", "F03")
_TREATMENTS = ("D", "E02", "E04", "E07")


@dataclass(frozen=True, slots=True)
class RelatedReason:
    """Why a trial is near: what kind of likeness, how much it counts, and what is alike.

    `alike` are names and words, and for interventions, population and phase codes too.
    """

    kind: Kind
    weight: float
    alike: tuple[str, ...]

    def names(self, language: Language = "en") -> tuple[str, ...]:
        """What is alike, its codes in words."""
        return tuple(_named(self.kind, item, language) for item in self.alike)

    def words(self, language: Language = "en") -> str:
        """The reason in words."""
        names = several(self.names(language))
        return _LIKENESS[self.kind].filled(names=names).in_language(language)


_LIKENESS: dict[Kind, Message] = {
    "condition": Message("the same or a near condition: {names}"),
    "intervention": Message("a like intervention: {names}"),
    "words": Message("shared rare words: {names}"),
    "population": Message("a like population: {names}"),
    "phase": Message("the same phase: {names}"),
}
_CODED: dict[Kind, CodeKind] = {
    "intervention": "intervention_type",
    "population": "sex",
    "phase": "phase",
}


def _named(kind: Kind, item: str, language: Language) -> str:
    """A code in words, years as years, and anything else as it is."""
    if kind in _CODED and item in codes_of(_CODED[kind]):
        words = in_words(_CODED[kind], item, language)
        if kind == "intervention":
            # A kind alone ("biological") reads like the name of an intervention.
            return Message("the kind “{kind}”", kind=words.lower()).in_language(language)
        return words if kind == "phase" else words.lower()
    if kind == "population":
        return Message("{years} years", years=item).in_language(language)
    return item


@dataclass(frozen=True, slots=True)
class Related:
    """A trial near another; `score` is from 0 to 1, `facts` as lists show them."""

    nct: str
    score: float
    reasons: tuple[RelatedReason, ...]
    facts: dict[str, Any]


def related(
    library: Library, number: str, *, limit: int = 20, weights: Closeness = RELATED
) -> tuple[Related, ...]:
    """Return the trials nearest to one, the nearest first.

    Raises:
        NotInLibraryError: the library has no such trial.
    """
    return related_to(library, library.record(number), limit=limit, weights=weights)


def related_to(
    library: Library, record: Record, *, limit: int = 20, weights: Closeness = RELATED
) -> tuple[Related, ...]:
    """Return the trials of a library nearest to a record, which need not be in it."""
    comparing = _Comparing(library, record, weights)
    found = []
    for card in comparing.candidates():
        reasons = comparing.reasons(card)
        if reasons:
            score = sum(reason.weight for reason in reasons)
            found.append(Related(card["nct"], round(score, 4), reasons, card))
    found.sort(key=lambda item: (-item.score, item.nct))
    return tuple(found[:limit])


class _Comparing:
    """Compares one trial with others."""

    def __init__(self, library: Library, record: Record, weights: Closeness) -> None:
        self._mesh = library.mesh
        self._schema = library.schema
        self._searcher = library.searcher()
        self._weights = weights
        self._own = Profile.of(short_facts(record, headings_of(record, self._mesh)), self._mesh)
        measured = (outcome.measure.value or "" for outcome in record.outcomes)
        self._summary = words_in([record.summary.value or "", *measured])
        self._number = record.number
        named = (*record.conditions, *(item.name for item in record.interventions))
        self._named = [text.value for text in named if text.value and len(text.value) < 60]
        self._rarity: dict[str, float] = {}
        self._information: dict[str, float] = {}
        self._above: dict[str, frozenset[str]] = {}
        self._nearness: dict[tuple[str, str], tuple[float, str]] = {}

    @cached_property
    def _trials(self) -> int:
        return max(self._searcher.num_docs, _SMALLEST_REGISTER)

    def rarity(self, word: str) -> float:
        """How rare a word is in titles and interventions: 1 once, 0 everywhere."""
        if word not in self._rarity:
            tokens = analyser().analyze(word)
            token = tokens[0] if tokens else word
            fields = ("title", "condition", "intervention")
            count = max(self._searcher.doc_freq(name, token) for name in fields)
            self._rarity[word] = self._share(count)
        return self._rarity[word]

    def information(self, heading: str) -> float:
        """How much a heading tells: 1 when it is on one trial alone, 0 when on all."""
        if heading not in self._information:
            count = sum(self._searcher.doc_freq(name, heading) for name in ("mesh", "mesh_above"))
            self._information[heading] = self._share(count)
        return self._information[heading]

    def _share(self, count: int) -> float:
        rarest = math.log(self._trials)
        return max(0.0, min(1.0, math.log(self._trials / max(count, 1)) / rarest))

    def candidates(self) -> list[dict[str, Any]]:
        """The short facts of the trials worth comparing."""
        parts: list[Query] = []
        for id in {*self._own.conditions, *self._own.treatments}:
            above = [up for up, steps in self._mesh.all_wider(id).items() if steps == 1]
            for heading, field, weight in (
                (id, "mesh", 4.0),
                (id, "mesh_above", 2.0),
                *((up, "mesh", 1.0) for up in above),
                *((up, "mesh_above", 1.0) for up in above),
            ):
                term = Query.term_query(self._schema, field, heading)
                parts.append(Query.boost_query(term, weight))
        words = {*self._own.title_words, *self._own.treatment_words, *self._summary}
        telling = sorted(words, key=lambda word: (-self.rarity(word), word))[:_MOST_WORDS]
        for word in telling:
            for token in analyser().analyze(word):
                for field, weight in (("title", 2.0), ("intervention", 2.0), ("condition", 2.0),
                                      ("summary", 0.7)):  # fmt: skip
                    term = Query.term_query(self._schema, field, token)
                    parts.append(Query.boost_query(term, weight))
        if not parts:
            return []
        query = Query.boolean_query([(tantivy.Occur.Should, part) for part in parts])
        hits = self._searcher.search(query, _CANDIDATES, count=False).hits
        cards = (summary_of(self._searcher.doc(address)) for _, address in hits)
        return [card for card in cards if card["nct"] != self._number]

    def reasons(self, card: dict[str, Any]) -> tuple[RelatedReason, ...]:
        """Why a trial is near; nothing when neither condition, intervention nor words are alike."""
        other = Profile.of(card, self._mesh)
        weights = self._weights
        found = [
            self._reason("condition", weights.condition, *self._conditions(other)),
            self._reason("intervention", weights.intervention, *self._treatments(other)),
            self._reason("words", weights.words, *self._words(other)),
        ]
        if not any(found):
            return ()
        found.append(self._reason("population", weights.population, *self._population(other)))
        found.append(self._reason("phase", weights.phase, *self._phase(other)))
        return tuple(reason for reason in found if reason)

    def _reason(
        self, kind: Kind, weight: float, likeness: float, alike: Iterable[str]
    ) -> RelatedReason | None:
        names = tuple(dict.fromkeys(alike))
        return (
            RelatedReason(kind, weight * likeness, names[:6]) if likeness > 0.01 and names else None
        )

    def _near(self, a: str, b: str) -> tuple[float, str]:
        """How near two headings are, and the heading that holds both."""
        if a == b:
            return 1.0, a
        if (a, b) not in self._nearness:
            shared = self._from_up(a) & self._from_up(b)
            best = max(shared, key=self.information, default="")
            both = self.information(a) + self.information(b)
            nearness = 2 * self.information(best) / both if best and both else 0.0
            # Squared: to stand under one wide heading ("uterine diseases") is not to be alike.
            self._nearness[a, b] = (min(nearness**2, 0.95), best)
        return self._nearness[a, b]

    def _from_up(self, id: str) -> frozenset[str]:
        """A heading and all above it."""
        if id not in self._above:
            self._above[id] = frozenset((id, *self._mesh.all_wider(id)))
        return self._above[id]

    def _headings(self, own: frozenset[str], others: frozenset[str]) -> tuple[float, list[str]]:
        """How near two sets of headings are, each heading of ours by its nearest of theirs."""
        total = sum(self.information(id) for id in own)
        if not others or not total:
            return 0.0, []
        likeness, alike = 0.0, []
        for id in sorted(own, key=self.information, reverse=True):
            nearness, other, shared = self._nearest(id, others)
            if nearness * self.information(id) > self._weights.generic:
                likeness += nearness * self.information(id)
                names = self._mesh.headings
                alike.append(
                    self._said(id) if other == id else f"{names[other].name} ({names[shared].name})"
                )
        return likeness / total, alike

    def _nearest(self, id: str, others: frozenset[str]) -> tuple[float, str, str]:
        """How near the nearest of some headings is, which it is, and what holds both."""
        if id in others:
            return 1.0, id, id
        found = ((self._near(id, other), other) for other in others)
        (nearness, shared), other = max(found, key=lambda item: (item[0][0], item[1]))
        return nearness, other, shared

    def _said(self, id: str) -> str:
        """A heading as the trial itself says it, with the heading's own name."""
        name = self._mesh.headings[id].name
        for text in self._named:
            spans = self._mesh.mentions(text)
            if len(spans) == 1 and id in spans[0][2] and normal_form(text) != normal_form(name):
                return f"{text} ({name})"
        return name

    def _conditions(self, other: Profile) -> tuple[float, list[str]]:
        by_heading, names = self._headings(self._own.conditions, other.conditions)
        by_word, words = self._shared(self._own.condition_words, other.condition_words)
        return (by_heading, names) if by_heading >= by_word else (by_word, words)

    def _treatments(self, other: Profile) -> tuple[float, list[str]]:
        by_heading, names = self._headings(self._own.treatments, other.treatments)
        by_word, words = self._shared(self._own.treatment_words, other.all_words)
        kinds = sorted(self._own.treatment_kinds & other.treatment_kinds)
        likeness = max(by_heading, by_word) * 0.85
        alike = [*(words if by_word >= by_heading else names)]
        if kinds:
            likeness += 0.15
            alike += kinds
        return likeness, alike

    def _words(self, other: Profile) -> tuple[float, list[str]]:
        return self._shared(self._own.title_words | self._summary, other.all_words, half=3.0)

    def _shared(
        self, own: frozenset[str], others: frozenset[str], half: float = 1.5
    ) -> tuple[float, list[str]]:
        """How much two sets of words share, by rarity; `half` is the sum that makes a half."""
        both = [word for word in own & others if self.rarity(word) > self._weights.generic]
        both.sort(key=lambda word: (-self.rarity(word), word))
        total = sum(self.rarity(word) for word in both)
        return total / (total + half), both

    def _population(self, other: Profile) -> tuple[float, list[str]]:
        likeness, alike = 0.0, []
        if self._own.sex and self._own.sex == other.sex:
            if self._own.sex != "ALL":
                likeness += 0.6
                alike.append(self._own.sex)
            else:
                likeness += 0.1
        own, theirs = self._own.ages, other.ages
        if own and theirs:
            overlap = min(own[1], theirs[1]) - max(own[0], theirs[0])
            whole = max(own[1], theirs[1]) - min(own[0], theirs[0])
            if whole and overlap / whole > 0.5:
                likeness += 0.4 * overlap / whole
                alike.append(f"{max(own[0], theirs[0])}–{min(own[1], theirs[1])}")
        return likeness, alike

    def _phase(self, other: Profile) -> tuple[float, list[str]]:
        shared = sorted((self._own.phases & other.phases) - {"NA"})
        return (1.0 if shared else 0.0), shared


@dataclass(frozen=True, slots=True)
class Profile:
    """What is compared of a trial."""

    conditions: frozenset[str]
    treatments: frozenset[str]
    condition_words: frozenset[str]
    treatment_words: frozenset[str]
    title_words: frozenset[str]
    treatment_kinds: frozenset[str]
    sex: str
    ages: tuple[int, int] | None
    phases: frozenset[str]

    @property
    def all_words(self) -> frozenset[str]:
        """The words of title, conditions and interventions together."""
        return self.condition_words | self.treatment_words | self.title_words

    @classmethod
    def of(cls, card: dict[str, Any], mesh: Mesh) -> Profile:
        """Take it from a trial's short facts."""
        headings = [id for id in card["mesh"] if id in mesh.headings]
        low, high = card["ages"]
        return cls(
            conditions=mesh.in_trees(headings, _DISEASES),
            treatments=mesh.in_trees(headings, _TREATMENTS),
            condition_words=words_in(card["conditions"]),
            treatment_words=words_in(name for name in card["interventions"] if name) - KIND_WORDS,
            title_words=words_in([card["title"] or ""]),
            treatment_kinds=frozenset(card["intervention_types"]),
            sex=card["sex"] or "",
            ages=None if low is None and high is None else (low or 0, high or NO_MAXIMUM_AGE),
            phases=frozenset(card["phase"] or ()),
        )


def words_in(texts: Iterable[str]) -> frozenset[str]:
    """Return the telling words of texts, folded and singular."""
    return frozenset().union(*map(_words_of, texts))


# Neighbours of one trial are neighbours of each other: their texts are met again and again.
@lru_cache(maxsize=20_000)
def _words_of(text: str) -> frozenset[str]:
    words = (word for word in _WORD.findall(fold(text)) if not word.isdigit())
    return frozenset(singular(word) for word in words if word not in EMPTY_WORDS)


# "Biological" is what the register calls a kind of intervention; as a word it tells nothing.
KIND_WORDS = words_in(in_words("intervention_type", code) for code in codes_of("intervention_type"))
