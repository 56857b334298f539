"""The addresses of the public pages. Each can be guessed, bookmarked and shared."""

from django.urls import include, path

from trialwright.web import health, home, metrics
from trialwright.web.api.urls import api

urlpatterns = [
    path("", home.home),
    path("health", health.health),
    path("ready", health.ready),
    path("metrics", metrics.metrics_page),
    path("api/", api.urls),
    path("", include("trialwright.web.account.urls")),
    path("", include("trialwright.web.setup.urls")),
    path("", include("trialwright.web.clinical.urls")),
    path("", include("trialwright.web.diary.urls")),
    path("", include("trialwright.web.help.urls")),
    path("", include("trialwright.web.design.urls")),
    path("trials", include("trialwright.web.registry.urls")),
]
