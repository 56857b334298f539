"""An answer in its order: by words, of descriptions by likeness too, then by meaning."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import tantivy
from tantivy import Occur, Query

from trialwright.registry.index.kept_documents import KeptDocuments
from trialwright.registry.search.likeness import DEPTH, Likeness
from trialwright.registry.search.meaning import Meaning
from trialwright.registry.search.ordering import Ranked, page, page_of_equals

Sort = Literal["relevance", "updated", "start", "distance"]


@dataclass(frozen=True, slots=True)
class AnswerOrder:
    """The order of an answer: its beginning by likeness and meaning too, the rest by words."""

    searcher: tantivy.Searcher
    documents: KeptDocuments
    schema: tantivy.Schema
    query: Query
    likeness: Likeness | None
    meant: Meaning | None
    alike: bool = False
    """Whether everything that the query finds has one score."""

    def page(self, sort: Sort, limit: int, offset: int) -> tuple[list[Ranked], int]:
        """Return a page of the answer, and how many trials it has."""
        by = sort if sort in {"updated", "start"} else None
        if self.alike and not by:
            return page_of_equals(self.searcher, self.documents, self.query, limit, offset)
        if by or not (self.likeness or self.meant):
            return page(self.searcher, self.documents, self.query, limit, offset, by)
        first, total = page(self.searcher, self.documents, self.query, DEPTH)
        if self.likeness:
            first = self.likeness.ordered(first)
        if self.meant:
            first = self.meant.fused(self.searcher, self.documents, self.schema, self.query, first)
        shown = first[offset : offset + limit]
        if (more := limit - len(shown)) and len(first) < total:
            shown += self._after(first, more, max(0, offset - len(first)))
        return shown, total

    def _after(self, first: list[Ranked], limit: int, offset: int) -> list[Ranked]:
        """What comes after the beginning, with scores that go on falling."""
        names = [each.number for each in first]
        these = Query.term_set_query(self.schema, "number", names)
        parts = [(Occur.Must, self.query), (Occur.MustNot, these)]
        rest = Query.boolean_query(parts)
        found, _ = page(self.searcher, self.documents, rest, limit, offset)
        highest = max((each.score for each in found), default=0.0)
        scale = min(1.0, first[-1].score / highest) if highest else 1.0
        return [each._replace(score=each.score * scale) for each in found]
