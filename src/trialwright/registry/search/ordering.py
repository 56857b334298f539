"""A page of an answer in one order: by score or by a date, of equals the greater number first.

The index alone orders equals by where they happen to lie in it, so the same records in another
library would come in another order, and pages of one answer repeat or miss trials.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import tantivy
from tantivy import Query

from trialwright.registry.index.kept_documents import KeptDocuments, key

# How many hits after a page are looked at first: more equals than that are seldom, and asking the
# index once more costs as much as the page.
_EQUALS = 10


class Ranked(NamedTuple):
    """A trial in an answer: its number, where it lies, and its score or what orders it."""

    score: float
    number: str
    address: Any


def page(
    searcher: tantivy.Searcher, documents: KeptDocuments, query: Query,
    limit: int, offset: int = 0, by: str | None = None,
) -> tuple[list[Ranked], int]:  # fmt: skip
    """Return `limit` trials that a query finds after the first `offset`, and how many it finds.

    Args:
        searcher: the state of the library.
        documents: its documents.
        query: what is sought.
        limit: how many to return.
        offset: how many to pass over.
        by: a field to order by, the greatest first; None for the score.
    """
    end = offset + limit
    found = searcher.search(query, end + _EQUALS, order_by_field=by)
    total = int(found.count)  # type: ignore[attr-defined]
    hits = found.hits
    if limit < 1 or offset >= len(hits):
        return [], total
    # Equals that reach over an end of the page have to be known all.
    cut = len(hits) > end and _level(hits[end]) == _level(hits[end - 1])
    if cut and total > len(hits):
        hits = _with_equals(searcher, query, hits, end, total, by)
    first = next(at for at, hit in enumerate(hits) if _level(hit) == _level(hits[offset]))
    edge = _level(hits[min(end, len(hits)) - 1])
    last = next((at for at in range(end, len(hits)) if _level(hits[at]) != edge), len(hits))
    place = _places(searcher, query, total) if last - first > 3 * limit else {}

    def told(address: Any) -> int | str:
        return place[key(address)] if place else documents.number(address)

    in_order = sorted(hits[first:last], key=lambda hit: (_level(hit), told(hit[1])), reverse=True)
    return [
        Ranked(float(score or 0), documents.number(address), address)
        for score, address in in_order[offset - first : end - first]
    ], total


def _with_equals(
    searcher: tantivy.Searcher, query: Query, hits: Any, end: int, total: int, by: str | None
) -> Any:
    """The hits so far, and all that are equal to the last of the page."""
    size = len(hits)
    while _level(hits[-1]) == _level(hits[end - 1]) and size < total:
        size = min(total, size * 8)
        hits = searcher.search(query, size, count=False, order_by_field=by).hits
    return hits


def _places(searcher: tantivy.Searcher, query: Query, total: int) -> dict[tuple[int, int], int]:
    """Where each trial that a query finds stands in the order of the numbers."""
    order = tantivy.Order.Asc
    found = searcher.search(query, total, count=False, order_by_field="number", order=order)
    return {key(address): at for at, (_, address) in enumerate(found.hits)}


def _level(hit: tuple[float | None, Any]) -> float:
    """A hit's score as far as it tells: the last digits depend on how the index lies on disk."""
    return -float("inf") if hit[0] is None else round(hit[0], 4)
