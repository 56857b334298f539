"""A page of an answer in one order: by score or by a date, of equals the greater number first.

The index alone orders equals by where they happen to lie in it, so the same records in another
library would come in another order, and pages of one answer repeat or miss trials.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import tantivy
from tantivy import Query

from trialwright.registry.index.kept_documents import KeptDocuments

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
    in_order = sorted(
        hits[first:last], key=lambda hit: (_level(hit), documents.number(hit[1])), reverse=True
    )
    return [
        Ranked(float(score or 0), documents.number(address), address)
        for score, address in in_order[offset - first : end - first]
    ], total


def page_of_equals(
    searcher: tantivy.Searcher, documents: KeptDocuments, query: Query, limit: int, offset: int = 0
) -> tuple[list[Ranked], int]:
    """The same of a query whose hits all have one score: the index orders them by their numbers.

    Of hundreds of thousands of equals the numbers would be read one by one.
    """
    end = offset + limit
    found = searcher.search(query, max(end, 1), order_by_field="number")
    total = int(found.count)  # type: ignore[attr-defined]
    if limit < 1 or not total:
        return [], total
    score = float(searcher.search(query, 1, count=False).hits[0][0] or 0)
    some = found.hits[offset:end]
    return [Ranked(score, documents.number(address), address) for _, address in some], total


def _with_equals(
    searcher: tantivy.Searcher, query: Query, hits: Any, end: int, total: int, by: str | None
) -> Any:
    """The hits so far, and all that are equal to the last of the page."""
    size = len(hits)
    while _level(hits[-1]) == _level(hits[end - 1]) and size < total:
        size = min(total, size * 8)
        hits = searcher.search(query, size, count=False, order_by_field=by).hits
    return hits


def _level(hit: tuple[float | None, Any]) -> float:
    """A hit's score as far as it tells: the last digits depend on how the index lies on disk."""
    return -float("inf") if hit[0] is None else round(hit[0], 4)
