"""`/trials/landscape`: any search drawn, and the counts behind the drawings as JSON."""

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from trialwright.registry.library.library import LibraryError
from trialwright.registry.search.landscape import Landscape, landscape
from trialwright.web.components import Link
from trialwright.web.registry import search_page
from trialwright.web.registry.active_library import active_library
from trialwright.web.registry.landscape_pictures import pictures
from trialwright.web.registry.request import SearchRequest


@require_safe
def landscape_page(request: HttpRequest) -> HttpResponse:
    """Draw a search."""
    asked = SearchRequest.of(request.GET).but()
    found = _found(asked)
    context = {
        "heading": _("The landscape of a search"),
        "crumbs": [Link(_("Registered trials"), asked.address())],
        "q": asked.words,
        "asked": asked,
        "hidden": [(name, value) for name, value in asked.parameters() if name != "q"],
        "chosen": [item[:3] for item in search_page.chosen(asked)],
        "total": found.total,
        "all": f"{found.total:,}",
        "library_size": f"{len(active_library().library):,}",
        "pictures": pictures(asked, found),
        "back": asked.address(),
        "twins": [Link("JSON", asked.address("/trials/landscape.json"))],
    }
    return render(request, "web/registry/landscape.html", context)


@require_safe
def landscape_json(request: HttpRequest) -> HttpResponse:
    """The counts behind the pictures."""
    found = _found(SearchRequest.of(request.GET))
    answer = {
        "search": dict(request.GET.lists()),
        "total": found.total,
        "by_status_and_phase": found.cells,
        "by_start_year": dict(found.years),
        "by_country": dict(found.countries),
        "by_sponsor": dict(found.sponsors),
        "by_participants": [
            {"from": size.low, "to": size.high, "trials": size.count} for size in found.sizes
        ],
    }
    return JsonResponse(answer, json_dumps_params={"ensure_ascii": False})


def _found(asked: SearchRequest) -> Landscape:
    library = active_library().library
    try:
        near = asked.near(library)
    except LibraryError:
        near = None
    return landscape(library, asked.compiled(library, near))
