"""`/trials/NCT….ris` and the like: a trial as a file for reference managers and search engines."""

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.http import require_safe

from trialwright.registry.record import citation
from trialwright.web.registry.active_library import active_library
from trialwright.web.registry.trial import record_or_404


@require_safe
def ris_file(request: HttpRequest, number: str) -> HttpResponse:
    """Return the trial as RIS."""
    return _file(citation.ris(record_or_404(active_library().library, number)),
                 "application/x-research-info-systems", f"{number}.ris")  # fmt: skip


@require_safe
def bibtex_file(request: HttpRequest, number: str) -> HttpResponse:
    """Return the trial as BibTeX."""
    text = citation.bibtex(record_or_404(active_library().library, number))
    return _file(text, "application/x-bibtex", f"{number}.bib")


@require_safe
def csl_file(request: HttpRequest, number: str) -> HttpResponse:
    """Return the trial as CSL-JSON."""
    record = record_or_404(active_library().library, number)
    return JsonResponse(citation.csl(record), safe=False, json_dumps_params={"indent": 1},
                        content_type="application/vnd.citationstyles.csl+json")  # fmt: skip


@require_safe
def json_ld_file(request: HttpRequest, number: str) -> HttpResponse:
    """Return the trial as schema.org's JSON-LD."""
    record = record_or_404(active_library().library, number)
    return JsonResponse(citation.json_ld(record), json_dumps_params={"indent": 1},
                        content_type="application/ld+json")  # fmt: skip


def _file(text: str, kind: str, name: str) -> HttpResponse:
    # Half of a surrogate pair can't be written in UTF-8.
    body = text.encode("utf-8", "replace")
    response = HttpResponse(body, content_type=f"{kind}; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response
