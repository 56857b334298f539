"""The addresses of a running study. Each can be guessed, bookmarked and shared."""

from collections.abc import Callable

from django.http import HttpResponse
from django.urls import URLPattern, URLResolver, include, path

from trialwright.web.clinical import (
    consent,
    cuts,
    eligibility,
    entries,
    form_pages,
    ledger,
    participants,
    participation,
    queries,
    session,
    study,
    today,
    treatment_day,
    visits,
    worklists,
)


def _list(place: str, view: Callable[..., HttpResponse]) -> list[URLPattern]:
    """A list with its CSV and JSON twins."""
    twins = [path(f"{place}.{kind}", view, {"kind": kind}) for kind in ("csv", "json")]
    return [path(place, view), *twins]


_entry: list[URLPattern] = [
    path("", entries.entry_page),
    path("/draft", entries.draft_page),
    path("/answers", entries.answers_page),
    path("/sign", form_pages.sign_page),
    path("/history/<slug:item>", form_pages.history_page),
    path("/ask/<slug:item>", queries.raise_page),
]

_visit: list[URLPattern | URLResolver] = [
    path("", visits.visit_page),
    path("/took-place", visits.took_place_page),
    path("/missed", visits.missed_page),
    path("/<slug:form>/<int:repeat>", include(_entry)),
]

_participant: list[URLPattern | URLResolver] = [
    path("", participants.participant_page),
    path("/consent", consent.consent_page),
    path("/screen-failure", consent.screen_failure_page),
    path("/eligibility", eligibility.eligibility_page),
    path("/eligibility/sign", eligibility.sign_page),
    path("/randomise", treatment_day.randomise_page),
    path("/receive-allocation", treatment_day.receive_page),
    path("/release-product", treatment_day.release_page),
    path("/declare-resection", treatment_day.resection_page),
    path("/tell-surgeon", treatment_day.tell_page),
    path("/treatment", treatment_day.treatment_page),
    path("/participation", participation.participation_page),
    path("/visits/<slug:visit>", include(_visit)),
]

_study: list[URLPattern | URLResolver] = [
    path("", study.overview_page),
    path("/protocol", study.protocol_page),
    path("/ledger", ledger.ledger_page),
    path("/ledger/<int:number>", ledger.action_page),
    *_list("/queries", queries.list_page),
    *_list("/visits", worklists.visits_page),
    *_list("/forms", worklists.forms_page),
    path("/queries/<int:number>", queries.query_page),
    *_list("/participants", participants.list_page),
    path("/screen", participants.screen_page),
    path("/participants/<str:code>", include(_participant)),
    path("/cuts", cuts.cuts_page),
    path("/cuts/<slug:name>", cuts.cut_page),
    path("/cuts/<slug:name>/report.pdf", cuts.report_pdf),
    path("/cuts/<slug:name>/report.html", cuts.report_html),
    path("/cuts/<slug:name>/report-by-arm.pdf", cuts.report_pdf, {"by_arm": True}),
    path("/cuts/<slug:name>/report-by-arm.html", cuts.report_html, {"by_arm": True}),
    path("/cuts/<slug:name>/files.zip", cuts.cut_files),
]

urlpatterns: list[URLPattern | URLResolver] = [
    path("", today.home),
    path("today", today.today_page),
    path("account", today.account_page),
    path("sign-in", session.sign_in, name="sign-in"),
    path("sign-out", session.sign_out),
    path("studies/<str:study>", include(_study)),
]
