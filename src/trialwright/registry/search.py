"""Searching a library: hits in order, counts for every filter, what the search was widened by."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import Any, Literal

import tantivy
from tantivy import Occur, Query

from trialwright.registry.codes import Language
from trialwright.registry.compile import Compiler
from trialwright.registry.counting import COUNTED, counts, filtered
from trialwright.registry.index import LEAD_SPONSOR, TEXT_FIELDS, analyser
from trialwright.registry.library import Library, card_of
from trialwright.registry.mesh import Mesh
from trialwright.registry.places import Near, cells_of, nearest_km
from trialwright.registry.query import Number, Words, parse
from trialwright.registry.weights import TUNED, Weights
from trialwright.registry.wording import Expansion

Sort = Literal["relevance", "updated", "start", "distance"]
# What a search can be filtered by.
FILTERS = (*COUNTED, LEAD_SPONSOR)
# To how many trials an answer is filled up by those that have a part of what was sought.
_MOST_PARTLY = 100
_BELOW = 0.999
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
    """

    nct: str
    score: float
    facts: dict[str, Any]
    distance_km: float | None = None


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
    """
    node, note = parse(text, language)
    searcher = library.searcher()
    compiler = Compiler(
        searcher, library.schema, library.mesh, weights, expand=expand, without=without
    )
    asked = Query.all_query() if node is None else compiler.compile(node)
    chosen = chosen_of(filters)
    distances: dict[str, float] = {}
    if near is not None:
        asked, distances = _within(library, searcher, asked, near)
    query = filtered(library.schema, asked, chosen)
    counting = _beside.submit(counts, library.schema, searcher, asked, chosen) if facets else None
    if sort == "distance" and distances:
        hits, total = _nearest(searcher, query, distances, limit, offset)
    else:
        hits, total = _page(searcher, query, distances, sort, limit, offset)
    partly: tuple[Hit, ...] = ()
    wanted = min(limit, _MOST_PARTLY)
    if total < wanted and compiler.strict and near is None and sort == "relevance" and node:
        loosely = filtered(library.schema, compiler.loosely(node), chosen)
        partly = _besides(searcher, loosely, hits, wanted)
    suggestion = ""
    if total == 0 and isinstance(node, Words):
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
        direct=isinstance(node, Number) and total == 1,
        marks=tuple(dict.fromkeys(compiler.marks)),
        partly=partly,
    )


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
    searcher = library.searcher()
    compiler = Compiler(
        searcher, library.schema, library.mesh, TUNED, expand=expand, without=without
    )
    asked = Query.all_query() if node is None else compiler.compile(node)
    if near is not None:
        asked, _ = _within(library, library.searcher(), asked, near)
    return filtered(library.schema, asked, chosen_of(filters))


def _page(
    searcher: tantivy.Searcher, query: Query, distances: Mapping[str, float], sort: Sort,
    limit: int, offset: int,
) -> tuple[tuple[Hit, ...], int]:  # fmt: skip
    field_name = sort if sort in {"updated", "start"} else None
    result = searcher.search(query, limit, offset=offset, order_by_field=field_name)
    hits = []
    for score, address in result.hits:
        card = card_of(searcher.doc(address))
        relevance = float(score) if field_name is None else 0.0
        hits.append(Hit(card["nct"], relevance, card, distances.get(card["nct"])))
    return tuple(hits), int(result.count)  # type: ignore[attr-defined]


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
        Hit(number, score, card_of(document), kilometres)
        for kilometres, number, score, document in near[offset : offset + limit]
    )
    return tuple(hits), len(near)


def _besides(
    searcher: tantivy.Searcher, query: Query, hits: tuple[Hit, ...], limit: int
) -> tuple[Hit, ...]:
    """What a query finds beside some hits, as many as fill them up, with lower scores than theirs.

    Whoever sorts by score then has the trials first that have all that was sought.
    """
    known = {hit.nct for hit in hits}
    found = searcher.search(query, limit, count=False).hits
    cards = ((float(score), card_of(searcher.doc(address))) for score, address in found)
    besides = [(score, card) for score, card in cards if card["nct"] not in known]
    highest = max((score for score, _ in besides), default=0.0)
    lowest = min((hit.score for hit in hits), default=highest) * _BELOW
    scale = min(1.0, lowest / highest) if highest else 1.0
    return tuple(
        Hit(card["nct"], score * scale, card) for score, card in besides[: limit - len(hits)]
    )


def _within(
    library: Library, searcher: tantivy.Searcher, asked: Query, near: Near
) -> tuple[Query, dict[str, float]]:
    """Narrow a query to the trials within a circle, and return their distances."""
    cells = Query.term_set_query(library.schema, "cell", cells_of(near))
    about = Query.boolean_query(
        [(Occur.Must, asked), (Occur.Must, Query.const_score_query(cells, 0.0))]
    )
    distances: dict[str, float] = {}
    for _, address in searcher.search(about, max(searcher.num_docs, 1), count=False).hits:
        document = searcher.doc(address)
        distance = nearest_km(document, near)
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
