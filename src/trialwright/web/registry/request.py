"""A search as its address says it: words, filters, a place, the order and the page.

The whole search stands in the address, so that it can be kept, shared, drawn and watched.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field, replace
from typing import Any, get_args
from urllib.parse import urlencode

from django.http import QueryDict
from tantivy import Query

from trialwright.registry.library.library import Library
from trialwright.registry.search.answer_order import Sort
from trialwright.registry.search.places import Near, find_place
from trialwright.registry.search.search import FILTERS, Found, compiled, search
from trialwright.web.registry.words import language

PER_PAGE = 20
MOST_PAGES = 500
WITHIN_KM = 100
_WIDEST_KM = 20_000
_MOST_CODES = 40


@dataclass(frozen=True, slots=True)
class SearchRequest:
    """A search.

    Attributes:
        words: in the search's own language.
        filters: for each name of `FILTERS` that filters, the codes of which one must be there.
        place: a city or "degrees north,degrees east"; "" for anywhere.
        within_km: how far from it.
        sort: the order.
        expand: whether to widen by MeSH.
        without: the MeSH headings not to widen by.
        page: which part of the answer, from 1.
    """

    words: str = ""
    filters: dict[str, tuple[str, ...]] = field(default_factory=dict)
    place: str = ""
    within_km: int = WITHIN_KM
    sort: Sort = "relevance"
    expand: bool = True
    without: tuple[str, ...] = ()
    page: int = 1

    @classmethod
    def of(cls, query: QueryDict) -> SearchRequest:
        """Read an address; what makes no sense in it is as if it weren't there."""
        sort: Any = query.get("sort", "")
        words = query.get("q", "").replace("\0", " ").strip()
        return cls(
            words=words,
            filters={name: codes for name in FILTERS if (codes := _several(query, name))},
            place=query.get("near", "").replace("\0", " ").strip()[:100],
            within_km=_whole(query.get("within", ""), 1, _WIDEST_KM, WITHIN_KM),
            sort=sort if sort in get_args(Sort) else _usual_sort(words),
            expand=query.get("expand") != "no",
            without=_several(query, "without"),
            page=_whole(query.get("page", ""), 1, MOST_PAGES, 1),
        )

    def parameters(self) -> list[tuple[str, str]]:
        """The parameters of its address, without what goes without saying."""
        found = [("q", self.words)] if self.words else []
        found += [(name, code) for name, codes in self.filters.items() for code in codes]
        if self.place:
            found += [("near", self.place), ("within", str(self.within_km))]
        if self.sort != _usual_sort(self.words):
            found.append(("sort", self.sort))
        if not self.expand:
            found.append(("expand", "no"))
        found += [("without", heading) for heading in self.without]
        if self.page > 1:
            found.append(("page", str(self.page)))
        return found

    def address(self, place: str = "/trials") -> str:
        """Its address at one of the pages that take a search."""
        query = urlencode(self.parameters())
        return f"{place}?{query}" if query else place

    def but(self, **changes: Any) -> SearchRequest:
        """The same search with changes, from its first page on."""
        return replace(self, **{"page": 1, **changes})

    def toggled(self, name: str, code: str) -> SearchRequest:
        """The same search with a filter's code put in, or taken away when it is there."""
        codes = self.filters.get(name, ())
        codes = tuple(c for c in codes if c != code) if code in codes else (*codes, code)
        filters = {**self.filters, name: codes}
        return self.but(filters={key: value for key, value in filters.items() if value})

    @property
    def narrowed(self) -> bool:
        """Whether anything but its words limits it."""
        return bool(self.filters or self.place)

    def near(self, library: Library) -> Near | None:
        """The circle it is about.

        Raises:
            LibraryError: no record gives the place's coordinates.
        """
        return find_place(library, self.place, self.within_km) if self.place else None

    def compiled(self, library: Library, near: Near | None) -> Query:
        """The index's own query of it, for going through all that it finds."""
        return compiled(
            library,
            self.words,
            filters=self.filters,
            near=near,
            expand=self.expand,
            without=self.without,
        )

    def find(
        self,
        library: Library,
        near: Near | None,
        *,
        limit: int = PER_PAGE,
        sort: Sort | None = None,
        facets: bool = True,
        once: bool = False,
    ) -> Found:
        """Search a library for this page of it; `once` shows a trial of several registers once."""
        return search(
            library,
            self.words,
            filters=self.filters,
            near=near,
            sort=sort or self.sort,
            limit=limit,
            offset=(self.page - 1) * PER_PAGE,
            expand=self.expand,
            without=self.without,
            facets=facets,
            language=language(),
            once=once,
        )


def _usual_sort(words: str) -> Sort:
    """Without words nothing is more relevant than another, so the newest come first."""
    return "relevance" if words else "updated"


def _several(query: QueryDict, name: str) -> tuple[str, ...]:
    values: Collection[str] = query.getlist(name)
    return tuple(dict.fromkeys(v[:200] for v in values if v and "\0" not in v))[:_MOST_CODES]


def _whole(text: str, low: int, high: int, otherwise: int) -> int:
    known = text.isascii() and text.isdigit() and len(text) < 10
    return min(max(int(text), low), high) if known else otherwise
