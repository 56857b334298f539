"""The addresses of the public pages. Each can be guessed, bookmarked and shared."""

from django.urls import path
from django.views.generic import RedirectView

from trialwright.web import trials

urlpatterns = [
    path("", RedirectView.as_view(pattern_name="trials")),
    path("trials", trials.trials, name="trials"),
    path("trials/<str:number>.json", trials.trial_json, name="trial-json"),
    path("trials/<str:number>", trials.trial, name="trial"),
]
