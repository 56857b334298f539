"""`/trials/NCT…/draft`: the protocol that a record makes, and what the registration leaves out."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from trialwright.registry.draft.draft import draft
from trialwright.web.components import Link
from trialwright.web.registry.active_library import active_library
from trialwright.web.registry.trial import record_or_404
from trialwright.web.registry.words import language


@require_safe
def draft_page(request: HttpRequest, number: str) -> HttpResponse:
    """Show the draft, what the registration does not tell first."""
    record = record_or_404(active_library().library, number)
    drafted = draft(record, timezone.localdate())
    address = f"/trials/{record.number}"
    context = {
        "heading": _("A draft protocol"),
        "under": record.number,
        "crumbs": [
            Link(_("Registered trials"), "/trials"),
            Link(record.number, address),
        ],
        "action": Link(_("Download the protocol file"), f"{address}/draft.yaml"),
        "record": record,
        "gaps": [gap.words(language()) for gap in drafted.gaps],
        "text": drafted.text,
    }
    return render(request, "web/registry/draft.html", context)


@require_safe
def draft_file(request: HttpRequest, number: str) -> HttpResponse:
    """The draft as a file."""
    record = record_or_404(active_library().library, number)
    text = draft(record, timezone.localdate()).text
    response = HttpResponse(text, content_type="application/yaml; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{record.number}-draft.yaml"'
    return response
