"""The addresses of the public pages. Each can be guessed, bookmarked and shared."""

from django.urls import include, path

from trialwright.web import trials

urlpatterns = [
    path("", include("trialwright.web.clinical.urls")),
    path("", include("trialwright.web.design.urls")),
    path("trials", trials.trials, name="trials"),
    path("trials/<str:number>.json", trials.trial_json, name="trial-json"),
    path("trials/<str:number>", trials.trial, name="trial"),
]
