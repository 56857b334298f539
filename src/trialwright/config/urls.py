"""All addresses: the pages of `web`, and nothing else."""

from django.urls import include, path

urlpatterns = [path("", include("trialwright.web.urls"))]
