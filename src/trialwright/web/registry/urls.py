"""The addresses of registered trials. Each can be guessed, bookmarked and shared."""

from django.urls import path

from trialwright.web.registry import (
    citing,
    comparing,
    drafting,
    feed,
    landscape,
    priors_page,
    searching,
    stale,
    trial,
)

urlpatterns = [
    path("", searching.trials, name="trials"),
    path(".json", searching.twin, {"kind": "json"}),
    path(".csv", searching.twin, {"kind": "csv"}),
    path(".atom", feed.atom),
    path("/landscape", landscape.landscape_page),
    path("/landscape.json", landscape.landscape_json),
    path("/stale", stale.stale_page),
    path("/compare", comparing.compare_page),
    path("/priors", priors_page.priors_page),
    path("/priors.json", priors_page.priors_json),
    path("/<str:number>.ris", citing.ris_file),
    path("/<str:number>.bib", citing.bibtex_file),
    path("/<str:number>.csl.json", citing.csl_file),
    path("/<str:number>.jsonld", citing.json_ld_file),
    path("/<str:number>.json", trial.trial_json),
    path("/<str:number>.csv", trial.trial_csv),
    path("/<str:number>/draft", drafting.draft_page),
    path("/<str:number>/draft.yaml", drafting.draft_file),
    path("/<str:number>", trial.trial, name="trial"),
]
