"""Searching a library: hits in order, counts for every filter, what the search was widened by."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from difflib import get_close_matches
from typing import Any

import tantivy
from tantivy import Occur, Query

from trialwright.registry.index.kept_documents import KeptDocuments
from trialwright.registry.index.mesh import Mesh
from trialwright.registry.index.schema import LEAD_SPONSOR, TEXT_FIELDS, analyser
from trialwright.registry.index.words import without_suffix
from trialwright.registry.library.library import Library, summary_of
from trialwright.registry.record.codes import Language
from trialwright.registry.search.answer_order import AnswerOrder, Sort
from trialwright.registry.search.compiling import Compiler, Demand
from trialwright.registry.search.counting import COUNTED, counts, filtered
from trialwright.registry.search.likeness import Likeness
from trialwright.registry.search.meaning import meaning
from trialwright.registry.search.ordering import Ranked, page
from trialwright.registry.search.places import Near, cells_of, nearest_km
from trialwright.registry.search.query import (
    All,
    CodeQuery,
    DescriptionQuery,
    Node,
    NumberQuery,
    WordsQuery,
    parse,
    scores_alike,
)
from trialwright.registry.search.query_expansion import Expansion
from trialwright.registry.search.weights import TUNED, Weights

# What a search can be filtered by.
FILTERS = (*COUNTED, LEAD_SPONSOR)
# To how many trials an answer is filled up by those that have a part of what was sought.
_MOST_PARTLY = 100
_BELOW = 0.999
_ASKED_TOGETHER = 20
# Finding and counting go through the same trials, and the index lets both run at a time.
_beside = ThreadPoolExecutor(thread_name_prefix="counting")


@dataclass(frozen=True, slots=True)
class Hit:
    """A trial found.

    Attributes:
        nct: its number.
        score: its relevance; comparable within one search only.
        facts: what lists show of it (title, status, phase…), as registered.
        distance_km: to its nearest place, in a search near a place.
        lacks: of what was sought the words that it has not; none where it has all.
        also: the numbers of the same trial in other registers that the page of the answer found
            too, and shows with this one.
    """

    nct: str
    score: float
    facts: dict[str, Any]
    distance_km: float | None = None
    lacks: tuple[str, ...] = ()
    also: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Found:
    """The answer to a search.

    Attributes:
        hits: this page of it.
        total: how many there are in all.
        facets: for each filter its values, each with the number of hits it alone would give.
        expansions: the MeSH headings by which the search was widened.
        note: what was done with a search that could not be parsed; empty as a rule.
        read_as: how a description of a person was read; empty as a rule.
        suggestion: the search spelled otherwise, when a word of it is nowhere.
        direct: whether the search was a trial's number, and this is the trial.
        marks: what was searched in texts, each a sequence of the index's tokens.
        without_mesh: whether the library has no MeSH table of its own, but the bundled excerpt.
        partly: where the hits are fewer than asked for, trials that have a part of what was sought,
            the nearest first; they are not counted.
    """

    hits: tuple[Hit, ...]
    total: int
    facets: dict[str, tuple[tuple[str, int], ...]] = field(default_factory=dict)
    expansions: tuple[Expansion, ...] = ()
    note: str = ""
    read_as: str = ""
    suggestion: str = ""
    direct: bool = False
    marks: tuple[tuple[str, ...], ...] = ()
    partly: tuple[Hit, ...] = ()
    without_mesh: bool = False


def search(
    library: Library,
    text: str,
    *,
    filters: Mapping[str, Collection[str]] | None = None,
    near: Near | None = None,
    sort: Sort = "relevance",
    limit: int = 20,
    offset: int = 0,
    expand: bool = True,
    without: Collection[str] = (),
    facets: bool = True,
    weights: Weights = TUNED,
    language: Language = "en",
    once: bool = False,
) -> Found:
    """Search a library.

    Args:
        library: where to search.
        text: the search, in the language of `query`; empty finds every trial.
        filters: for a name of `FILTERS`, the codes of which a trial has at least one.
        near: a circle in which a trial has a place.
        sort: by relevance, by date of the last update or start (newest first), or by distance.
        limit: how many hits to return, after the first `offset`.
        offset: how many to pass over.
        expand: whether to widen by MeSH.
        without: numbers of headings by which not to widen.
        facets: whether to count.
        weights: the weights of ranking.
        language: of the note.
        once: whether the registrations of one trial, where this part of the answer has several,
            are one hit.
    """
    node, note = parse(text, language)
    searcher, documents = library.searcher(), library.kept_documents()
    meant = meaning(library, node, weights) if expand else None
    compiler = Compiler(
        library.frequencies(), library.schema, library.mesh, weights,
        expand=expand, without=without,
        alike=meant.alike(library.schema) if meant else None,
    )  # fmt: skip
    # A number says which trial; what it means says nothing.
    meant = None if compiler.has_number(text) else meant
    asked = compiler.compile_all(text, node)
    chosen = chosen_of(filters)
    distances: dict[str, float] = {}
    recruiting = asks_for_recruiting(node, chosen)
    if near is not None:
        asked, distances = _within(library, searcher, asked, near, recruiting=recruiting)
    query = filtered(library.schema, asked, chosen)
    # What a description scores by is most of its query, and counting needs none of it.
    alone = isinstance(node, DescriptionQuery) and near is None and not compiler.has_number(text)
    counted = (compiler.demanded if alone else None) or asked
    counting = _beside.submit(counts, library.schema, searcher, counted, chosen) if facets else None
    if sort == "distance" and distances:
        hits, total = _nearest(searcher, query, distances, limit, offset)
    else:
        likeness = None
        if compiler.described:
            likeness = Likeness(searcher, documents, library.frequencies(), library.schema, weights)
        alike = scores_alike(node) and not compiler.has_number(text)
        order = AnswerOrder(searcher, documents, library.schema, query, likeness, meant, alike)
        found = order.page(sort, limit, offset)
        hits, total = _hits(documents, *found, distances, scored=sort in {"relevance", "distance"})
    partly: tuple[Hit, ...] = ()
    wanted = min(limit, _MOST_PARTLY)
    few = total < wanted and compiler.side_by_side and near is None and sort == "relevance"
    if node and (few or (not total and compiler.strict)):
        loosely = compiler.loosely(node)
        if near is not None:
            loosely, distances = _within(library, searcher, loosely, near, recruiting=recruiting)
        loosely = filtered(library.schema, loosely, chosen)
        partly = _besides(searcher, documents, loosely, hits, wanted, distances)
        partly = _marked(library, searcher, partly, compiler.demands)
    hits = _once(hits) if once else hits
    suggestion = ""
    if total == 0 and isinstance(node, WordsQuery):
        suggestion = _spelled(library.mesh, searcher, node.words)
    person = compiler.person
    return Found(
        hits=hits,
        total=total,
        facets=counting.result() if counting else {},
        expansions=tuple(compiler.expansions),
        note=note,
        read_as=person.note(language) if person else "",
        suggestion=suggestion,
        direct=isinstance(node, NumberQuery) and _is_the_one(node, hits, total),
        marks=tuple(dict.fromkeys(compiler.marks)),
        partly=partly,
        without_mesh=not library.has_own_mesh,
    )


def _is_the_one(node: NumberQuery, hits: tuple[Hit, ...], total: int) -> bool:
    """Whether a number found one trial, or one of its very number beside others that name it."""
    exactly = [hit for hit in hits if hit.nct.upper() == node.number.upper()]
    return total == 1 or (len(exactly) == 1 and hits[0] is exactly[0])


def _once(hits: tuple[Hit, ...]) -> tuple[Hit, ...]:
    """Hits without those that are another registration of one before them, which names them.

    Two numbers of one register are two trials, but for one EU number in several countries.
    """
    kept: list[Hit] = []
    names: list[set[str]] = []
    for hit in hits:
        own = _names_of(hit)
        place = next(
            (at for at, known in enumerate(names) if known & own and _elsewhere(kept[at], hit)),
            None,
        )
        if place is None:
            kept.append(hit)
            names.append(own)
        else:
            kept[place] = replace(kept[place], also=(*kept[place].also, hit.nct))
            names[place] |= own
    return tuple(kept)


def _names_of(hit: Hit) -> set[str]:
    numbers = [hit.nct, *hit.facts.get("elsewhere", ())]
    return {name for number in numbers for name in (number, without_suffix(number)) if name}


def _elsewhere(first: Hit, second: Hit) -> bool:
    if first.facts["register"] != second.facts["register"]:
        return True
    base = without_suffix(first.nct)
    return bool(base) and base == without_suffix(second.nct)


def chosen_of(filters: Mapping[str, Collection[str]] | None) -> dict[str, list[str]]:
    """Return the filters that filter."""
    return {name: list(codes) for name, codes in (filters or {}).items() if codes}


def compiled(
    library: Library,
    text: str,
    *,
    filters: Mapping[str, Collection[str]] | None = None,
    near: Near | None = None,
    expand: bool = True,
    without: Collection[str] = (),
) -> Query:
    """Return the index's own query for a search, for going through all that it finds."""
    node, _ = parse(text)
    meant = meaning(library, node, TUNED) if expand else None
    compiler = Compiler(
        library.frequencies(), library.schema, library.mesh, TUNED, expand=expand, without=without,
        alike=meant.alike(library.schema) if meant else None,
    )  # fmt: skip
    asked = compiler.compile_all(text, node)
    chosen = chosen_of(filters)
    if near is not None:
        recruiting = asks_for_recruiting(node, chosen)
        asked, _ = _within(library, library.searcher(), asked, near, recruiting=recruiting)
    return filtered(library.schema, asked, chosen)


def asks_for_recruiting(node: Node | None, chosen: Mapping[str, list[str]]) -> bool:
    """Whether a search wants trials that recruit: near a place it then means the places too."""
    for name, codes in _RECRUITING.items():
        if chosen.get(name) and codes.issuperset(chosen[name]):
            return True
    parts = node.parts if isinstance(node, All) else (node,)
    return any(
        isinstance(part, CodeQuery) and part.code in _RECRUITING.get(part.field, ())
        for part in parts
    )


_RECRUITING = {"status": {"RECRUITING", "ENROLLING_BY_INVITATION"}, "recruitment": {"OPEN"}}


def _hits(
    documents: KeptDocuments, ranked: list[Ranked], total: int, distances: Mapping[str, float],
    *, scored: bool,
) -> tuple[tuple[Hit, ...], int]:  # fmt: skip
    hits = (
        Hit(number, score if scored else 0.0, summary_of(documents.at(a)), distances.get(number))
        for score, number, a in ranked
    )
    return tuple(hits), total


def _nearest(
    searcher: tantivy.Searcher, query: Query, distances: Mapping[str, float],
    limit: int, offset: int,
) -> tuple[tuple[Hit, ...], int]:  # fmt: skip
    """A page of what a query finds, the nearest first."""
    found = searcher.search(query, max(len(distances), 1), count=False).hits
    near = []
    for score, address in found:
        document = searcher.doc(address)
        number = str(document.get_first("number"))
        near.append((distances[number], number, float(score), document))
    near.sort(key=lambda item: item[:2])
    hits = (
        Hit(number, score, summary_of(document), kilometres)
        for kilometres, number, score, document in near[offset : offset + limit]
    )
    return tuple(hits), len(near)


def _besides(
    searcher: tantivy.Searcher, documents: KeptDocuments, query: Query, hits: tuple[Hit, ...],
    limit: int, distances: Mapping[str, float],
) -> tuple[Hit, ...]:  # fmt: skip
    """What a query finds beside some hits, as many as fill them up, with lower scores than theirs.

    Whoever sorts by score then has the trials first that have all that was sought.
    """
    known = {hit.nct for hit in hits}
    ranked, _ = page(searcher, documents, query, limit)
    besides = [each for each in ranked if each.number not in known]
    highest = max((each.score for each in besides), default=0.0)
    lowest = min((hit.score for hit in hits), default=highest) * _BELOW
    scale = min(1.0, lowest / highest) if highest else 1.0
    return tuple(
        Hit(number, score * scale, summary_of(documents.at(a)), distances.get(number))
        for score, number, a in besides[: limit - len(hits)]
    )


def _marked(
    library: Library, searcher: tantivy.Searcher, hits: tuple[Hit, ...], demands: list[Demand]
) -> tuple[Hit, ...]:
    """Hits that have a part of what was demanded, each with the words that it lacks."""
    asked = [query for demand in demands for query in (demand.whole, *(q for _, q in demand.words))]
    having = iter(_having(library, searcher, [hit.nct for hit in hits], asked))
    lacks: dict[str, list[str]] = {hit.nct: [] for hit in hits}
    for demand in demands:
        whole = next(having)
        for text, there in [(text, next(having)) for text, _ in demand.words] or [
            (demand.text, whole)
        ]:
            for number in lacks.keys() - whole - there:
                lacks[number].append(text)
    return tuple(replace(hit, lacks=tuple(lacks[hit.nct])) for hit in hits)


def _having(
    library: Library, searcher: tantivy.Searcher, numbers: list[str], queries: list[Query]
) -> Iterator[set[str]]:
    """Of some trials those that each of some queries finds.

    Many queries are asked in one search: each gives a trial a power of two, and the score, a number
    of 24 bits, tells which ones found it.
    """
    these = Query.const_score_query(Query.term_set_query(library.schema, "number", numbers), 0.0)
    for start in range(0, len(queries), _ASKED_TOGETHER):
        some = queries[start : start + _ASKED_TOGETHER]
        each = [
            (Occur.Should, Query.const_score_query(query, float(1 << bit)))
            for bit, query in enumerate(some)
        ]
        asked = Query.boolean_query([(Occur.Must, these), *each])
        found = searcher.search(asked, max(len(numbers), 1), count=False).hits
        told = [
            (str(searcher.doc(address).get_first("number")), int(score or 0))
            for score, address in found
        ]
        for bit in range(len(some)):
            yield {number for number, bits in told if bits >> bit & 1}


def _within(
    library: Library, searcher: tantivy.Searcher, asked: Query, near: Near, *, recruiting: bool
) -> tuple[Query, dict[str, float]]:
    """Narrow a query to the trials within a circle, and return their distances.

    With `recruiting` a trial lies there by its places that recruit.
    """
    cells = Query.term_set_query(library.schema, "cell", cells_of(near))
    about = Query.boolean_query(
        [(Occur.Must, asked), (Occur.Must, Query.const_score_query(cells, 0.0))]
    )
    distances: dict[str, float] = {}
    for _, address in searcher.search(about, max(searcher.num_docs, 1), count=False).hits:
        document = searcher.doc(address)
        distance = nearest_km(document, near, recruiting=recruiting)
        if distance <= near.within_km:
            distances[str(document.get_first("number"))] = distance
    inside = Query.term_set_query(library.schema, "number", list(distances))
    parts = [(Occur.Must, asked), (Occur.Must, Query.const_score_query(inside, 0.0))]
    return Query.boolean_query(parts), distances


def _spelled(mesh: Mesh, searcher: tantivy.Searcher, words: tuple[str, ...]) -> str:
    """Spell the words that are nowhere in the library as a word of MeSH that is."""

    def known(word: str) -> bool:
        tokens = analyser().analyze(word)
        return bool(tokens) and all(
            any(searcher.doc_freq(name, token) for name in TEXT_FIELDS) for token in tokens
        )

    spelled = []
    for word in words:
        if known(word) or not word.isascii():
            spelled.append(word)
            continue
        near = [w for w in mesh.words if w[:1] == word[:1].lower() and abs(len(w) - len(word)) < 3]
        close = [w for w in get_close_matches(word.lower(), near, 8, 0.75) if known(w)]
        if not close:
            return ""
        spelled.append(close[0])
    return "" if tuple(spelled) == words else " ".join(spelled)
