"""The addresses of the diary: each stands below the participant's own link."""

from django.urls import URLPattern, URLResolver, path

from trialwright.web.diary import pages, worker

urlpatterns: list[URLPattern | URLResolver] = [
    path("diary/worker.js", worker.worker),
    path("diary/<str:token>", pages.home_page),
    path("diary/<str:token>/<slug:form>/<int:number>", pages.entry_page),
]
