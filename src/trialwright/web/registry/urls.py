"""The addresses of registered trials. Each can be guessed, bookmarked and shared.

The numbers of some registers have slashes in them (CTRI, SLCTR).
"""

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
    path("/<path:number>.ris", citing.ris_file),
    path("/<path:number>.bib", citing.bibtex_file),
    path("/<path:number>.csl.json", citing.csl_file),
    path("/<path:number>.jsonld", citing.json_ld_file),
    path("/<path:number>.json", trial.trial_json),
    path("/<path:number>.csv", trial.trial_csv),
    path("/<path:number>/draft", drafting.draft_page),
    path("/<path:number>/draft.yaml", drafting.draft_file),
    path("/<path:number>", trial.trial, name="trial"),
]
