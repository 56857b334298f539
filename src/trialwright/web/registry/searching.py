"""`/trials`: searching the library, as a page and as its JSON and CSV twins."""

from typing import Any, Literal
from urllib.parse import urlencode

from django.core.paginator import Page, Paginator
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from trialwright.registry.library.exporting import csv_text, row_of_summary
from trialwright.registry.library.library import Library, LibraryError
from trialwright.registry.search.places import Near
from trialwright.registry.search.search import Found
from trialwright.web.components import Link
from trialwright.web.registry import search_page
from trialwright.web.registry.active_library import ActiveLibrary, active_library
from trialwright.web.registry.downloads import csv_answer
from trialwright.web.registry.request import MOST_PAGES, PER_PAGE, SearchRequest

MOST_ROWS = 10_000
_EXAMPLES = (
    "asherman", "amniotic epithelial cells", "thin endometrium phase:2",
    'title:"platelet rich plasma"', "mesh:\"Uterine Diseases\" start:2015..2020",
)  # fmt: skip


@require_safe
def trials(request: HttpRequest) -> HttpResponse:
    """Search; a trial's number alone goes straight to it."""
    asked, here = SearchRequest.of(request.GET), active_library()
    near, lost = _place(asked, here.library)
    found = asked.find(here.library, near, once=True)
    if found.direct and not asked.narrowed:
        return _go(request, found.hits[0].nct)
    if not found.hits and found.total and asked.page > 1:
        last = min(-(-found.total // PER_PAGE), MOST_PAGES)
        return redirect(asked.but(page=last).address())
    if request.GET.get("near") == "" and not request.headers.get("HX-Request"):
        # The form sends its empty boxes too, which don't belong in an address to keep.
        return redirect(asked.address())
    response = render(request, "web/registry/search.html", _context(asked, here, found, lost))
    response["HX-Push-Url"] = asked.address()
    return response


def _go(request: HttpRequest, number: str) -> HttpResponse:
    if request.headers.get("HX-Request"):
        # The script would follow a redirect silently and find no list there.
        return HttpResponse(headers={"HX-Redirect": f"/trials/{number}"})
    return redirect("trial", number)


def _place(asked: SearchRequest, library: Library) -> tuple[Near | None, bool]:
    """The circle of the search, and whether its place could not be found."""
    try:
        return asked.near(library), False
    except LibraryError:
        return None, True


def _context(asked: SearchRequest, here: ActiveLibrary, found: Found, lost: bool) -> dict[str, Any]:
    count = min(found.total, MOST_PAGES * PER_PAGE)
    page: Page[int] = Paginator(range(count), PER_PAGE).get_page(asked.page)
    plain = asked.but()
    return {
        "heading": _("Registered trials"),
        "q": asked.words,
        "asked": asked,
        "hidden": [(k, v) for k, v in plain.parameters() if k not in {"q", "near", "within"}],
        "total": found.total,
        "all": f"{found.total:,}",
        "size": len(here.library),
        "library_size": f"{len(here.library):,}",
        "bundled": here.bundled,
        "unreadable": here.unreadable,
        "lost": asked.place if lost else "",
        "no_mesh": found.without_mesh and not here.bundled,
        "note": found.note,
        "read_as": found.read_as,
        "suggestion": _suggestion(asked, found),
        "widenings": list(search_page.widenings(asked, found)),
        "taken_away": list(search_page.taken_away(asked, here.library)),
        "exactly": asked.but(expand=False).address() if found.expansions else "",
        "again": asked.but(expand=True).address() if not asked.expand else "",
        "chosen": list(search_page.chosen(asked)),
        "all_of_it": SearchRequest(words=asked.words).address() if asked.narrowed else "",
        "facets": list(search_page.facets(asked, found)),
        "hits": list(search_page.shown(here.library, found, found.hits)),
        "partly": list(search_page.shown(here.library, found, found.partly)),
        "sorts": list(search_page.sorts(asked)),
        "page": page,
        "landscape": plain.address("/trials/landscape"),
        "stale": plain.address("/trials/stale"),
        "priors": f"/trials/priors?{urlencode({'q': asked.words})}" if asked.words else "",
        "twins": _twins(plain),
        "examples": [] if asked.words or asked.narrowed else _examples(),
        "feed": plain.address("/trials.atom"),
    }


def _suggestion(asked: SearchRequest, found: Found) -> Link | None:
    words = found.suggestion
    return Link(words, asked.but(words=words).address()) if words else None


def _examples() -> list[Link]:
    return [Link(words, SearchRequest(words=words).address()) for words in _EXAMPLES]


def _twins(asked: SearchRequest) -> list[Link]:
    return [Link(name, asked.address(f"/trials.{name.lower()}")) for name in ("CSV", "JSON")] + [
        Link(_("Atom feed of this search"), asked.address("/trials.atom")),
        Link(_("Mail what is new"), asked.address("/account/searches")),
    ]


@require_safe
def twin(request: HttpRequest, kind: Literal["json", "csv"]) -> HttpResponse:
    """The whole answer of a search (the first 10,000 trials of it) as JSON or CSV."""
    asked, library = SearchRequest.of(request.GET).but(), active_library().library
    near, lost = _place(asked, library)
    found = asked.find(library, near, limit=MOST_ROWS)
    rows = [row_of_summary(hit.facts) for hit in found.hits]
    if kind == "csv":
        return csv_answer(csv_text(rows), "trials.csv")
    answer = {
        "search": dict(request.GET.lists()),
        "total": found.total,
        "note": found.note,
        "suggestion": found.suggestion,
        "place_not_found": lost,
        "widened_by": [
            {"words": e.words, "heading": e.heading, "name": e.name, "narrower": e.narrower}
            for e in found.expansions
        ],
        "counts": {name: dict(counts) for name, counts in found.facets.items()},
        "trials": [
            {**row, "score": round(hit.score, 4), "distance_km": hit.distance_km}
            for row, hit in zip(rows, found.hits, strict=True)
        ],
    }
    return JsonResponse(answer, json_dumps_params={"ensure_ascii": False})
