"""The addresses of the public pages. Each can be guessed, bookmarked and shared."""

from django.urls import include, path

urlpatterns = [
    path("", include("trialwright.web.clinical.urls")),
    path("", include("trialwright.web.design.urls")),
    path("trials", include("trialwright.web.registry.urls")),
]
