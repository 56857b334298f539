"""`/trials`: registered trials, without signing in. Each page has a JSON twin at its address."""

from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from trialwright.registry.record import Record
from trialwright.registry.sample import sample_pages, sample_record, sample_records, sample_see_also
from trialwright.web import trial_page
from trialwright.web.components import Link

PER_PAGE = 50


@require_safe
def trials(request: HttpRequest) -> HttpResponse:
    """List the trials that hold every word asked for; a trial's number goes straight to it."""
    asked = request.GET.get("q", "").strip()
    if _known(asked.upper()):
        return redirect("trial", asked.upper())
    found = [record for record in sample_records() if _holds(record, asked)]
    page = Paginator(found, PER_PAGE).get_page(request.GET.get("page"))
    caption = _("{count} trials").format(count=len(found))
    empty = _("No trial of the sample holds all of these words. Try fewer, or other ones.")
    context = {
        "heading": _("Registered trials"),
        "q": asked,
        "page": page,
        "table": trial_page.trials_table(caption, list(page.object_list), empty),
    }
    return render(request, "web/trials.html", context)


@require_safe
def trial(request: HttpRequest, number: str) -> HttpResponse:
    """Show one registered trial, field for field."""
    record = _record(number)
    see_also = sample_see_also(number)
    context = {
        "heading": record.title.or_else(record.number),
        "heading_lang": "en",
        "under": record.number,
        "crumbs": [Link(_("Registered trials"), "/trials")],
        "record": record,
        "read_from": sample_pages(number),
        "plain_words": trial_page.plain_words(record),
        "summary": trial_page.Prose.of(record.summary),
        "description": trial_page.Prose.of(record.description),
        "study_design": trial_page.study_design(record),
        "key_facts": trial_page.key_facts(record),
        "arms": trial_page.arms(record),
        "interventions": trial_page.interventions(record),
        "outcomes": trial_page.outcomes(record),
        "criteria": trial_page.Prose.of(record.eligibility.criteria),
        "eligibility": trial_page.eligibility_facts(record),
        "contacts": trial_page.contacts(record),
        "see_also": trial_page.trials_table(
            _("Related trials"),
            see_also,
            _("The page this record was read from lists none."),
            captioned=False,
        ),
    }
    return render(request, "web/trial.html", context)


@require_safe
def trial_json(request: HttpRequest, number: str) -> HttpResponse:
    """Return the record as kept, with where it comes from and the trials beside it."""
    record = _record(number)
    return JsonResponse(
        {
            "number": record.number,
            "register": record.register.value,
            "address": record.address,
            "read_from": sample_pages(number),
            "see_also": [
                {
                    "number": other.number,
                    "title": other.title.value,
                    "status": other.status.value,
                    "phases": [phase.value for phase in other.phases],
                    "phases_given": other.phases.given.value,
                }
                for other in sample_see_also(number)
            ],
            "record": record.tree,
        },
        json_dumps_params={"ensure_ascii": False, "indent": 1},
    )


def _known(number: str) -> bool:
    return any(record.number == number for record in sample_records())


def _record(number: str) -> Record:
    try:
        return sample_record(number)
    except KeyError as unknown:
        raise Http404 from unknown


def _holds(record: Record, asked: str) -> bool:
    """Tell whether title, conditions, interventions and sponsor together hold every word."""
    values = [record.title, record.sponsor.name, *record.conditions, *record.keywords]
    values += [item.name for item in record.interventions]
    text = " ".join([record.number, *(value.or_else("") for value in values)]).casefold()
    return all(word in text for word in asked.casefold().split())
