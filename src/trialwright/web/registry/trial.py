"""`/trials/NCT…`: one registered trial, field for field, with its JSON and CSV twins."""

from dataclasses import asdict
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from trialwright.registry.library.exporting import csv_text
from trialwright.registry.library.library import Library, NotInLibraryError
from trialwright.registry.library.sample import sample_numbers, sample_pages
from trialwright.registry.record import flat
from trialwright.registry.record.record import Record
from trialwright.registry.related.freshness import doubts
from trialwright.web.components import Link
from trialwright.web.registry import beside, doubt_words, history_words, more_facts, tree
from trialwright.web.registry import record_page as page
from trialwright.web.registry.active_library import ActiveLibrary, active_library
from trialwright.web.registry.comparing import registrations_table
from trialwright.web.registry.downloads import csv_answer
from trialwright.web.registry.joining import could_join
from trialwright.web.registry.results_page import results_of
from trialwright.web.registry.site_map import site_map
from trialwright.web.registry.surroundings import surroundings
from trialwright.web.registry.timeline import timeline


@require_safe
def trial(request: HttpRequest, number: str) -> HttpResponse:
    """Show one registered trial."""
    here = active_library()
    record = record_or_404(here.library, number)
    if record.number != number:
        return redirect("trial", record.number)
    context = _context(here, record)
    context["page_address"] = request.build_absolute_uri(request.path)
    context["joining"] = could_join(record, here.library, request.GET)
    return render(request, "web/registry/trial.html", context)


def record_or_404(library: Library, number: str) -> Record:
    """The newest version of a trial, by any of its numbers."""
    try:
        return library.record(number)
    except NotInLibraryError as unknown:
        raise Http404 from unknown


def _context(here: ActiveLibrary, record: Record) -> dict[str, Any]:
    library, number = here.library, record.number
    today = timezone.localdate()
    around = surroundings(library, record)
    return {
        "heading": record.title.or_else(number),
        "heading_lang": "en",
        "crumbs": [Link(_("Registered trials"), "/trials")],
        "action": Link(_("Draft a protocol from this record"), f"/trials/{number}/draft"),
        "record": record,
        "plain_words": page.plain_words(record),
        "terms": more_facts.terms_in_plain_words(record),
        "map": site_map(record),
        "results": results_of(record),
        "registrations": registrations_table(record, around.registrations),
        "other_records": around.registrations,
        "more_facts": more_facts.who_and_numbers(record),
        "oversight": more_facts.oversight(record),
        "documents": more_facts.documents(record),
        "references": more_facts.references(record),
        "doubts": doubt_words.said(doubts(record, today)),
        "timeline": timeline(record, today),
        "summary": page.TextBlocks.of(record.summary),
        "description": page.TextBlocks.of(record.description),
        "study_design": page.study_design(record),
        "branches": list(tree.branches(record, library.mesh)),
        "other_terms": tree.unknown_terms(record, library.mesh),
        "key_facts": page.key_facts(record),
        "arms": page.arms(record),
        "interventions": page.interventions(record),
        "outcomes": page.outcomes(record),
        "criteria": page.TextBlocks.of(record.eligibility.criteria),
        "eligibility": page.eligibility_facts(record),
        "contacts": page.contacts(record),
        "places": page.places(record),
        "places_count": len(record.locations),
        "history": list(history_words.told(around.steps)),
        "related": list(beside.beside(around.related)),
        "listed_there": [beside.shown(card) for card in around.listed],
        "library_size": len(library),
        "transcribed": _transcribed(here, number),
    }


def _transcribed(here: ActiveLibrary, number: str) -> tuple[str, ...]:
    """The public pages from which this copy of the record was read; none for the register's own."""
    return sample_pages(number) if here.bundled and number in sample_numbers() else ()


@require_safe
def trial_json(request: HttpRequest, number: str) -> HttpResponse:
    """Return the record as kept, with what stands beside it."""
    here = active_library()
    record = record_or_404(here.library, number)
    number = record.number
    found = doubts(record, timezone.localdate())
    around = surroundings(here.library, record)
    answer = {
        "number": number,
        "register": record.register.value,
        "address": record.address,
        "read_from": _transcribed(here, number),
        "doubts": [{**asdict(doubt), "facts": dict(doubt.facts)} for doubt in found],
        "history": [
            {
                "version": step.version,
                "updated": str(step.updated.value) if step.updated.value else None,
                "changes": [change.sentence for change in step.changes],
            }
            for step in around.steps
        ],
        "registrations": [
            {"number": other.number, "register": other.register.value}
            for other in around.registrations
        ],
        "see_also": [_in_short(card) for card in around.listed],
        "related": [
            {
                **_in_short(item.facts),
                "score": item.score,
                "reasons": [reason.words() for reason in item.reasons],
            }
            for item in around.related
        ],
        "record": record.tree,
    }
    # In ASCII, for a record may hold what UTF-8 can't (half of a surrogate pair).
    return JsonResponse(answer, json_dumps_params={"indent": 1})


def _in_short(card: dict[str, Any]) -> dict[str, Any]:
    names = {"number": "nct", "title": "title", "status": "status", "phase": "phase"}
    return {name: card[key] for name, key in names.items()}


@require_safe
def trial_csv(request: HttpRequest, number: str) -> HttpResponse:
    """Return every fact of the record as a row, with where it stood in the raw record."""
    record = record_or_404(active_library().library, number)
    return csv_answer(csv_text(flat.flat(record), flat.COLUMNS), f"{record.number}.csv")
