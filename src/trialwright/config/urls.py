"""All addresses: the pages of `web`, and nothing else; the pages for what isn't there and for what
fails."""

from django.urls import include, path

urlpatterns = [path("", include("trialwright.web.urls"))]
handler404 = "trialwright.web.not_found.not_found"
handler500 = "trialwright.web.failing.failed"
