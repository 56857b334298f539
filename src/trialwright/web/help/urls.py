"""The addresses of the help."""

from django.urls import path

from trialwright.web.help import pages, tour

urlpatterns = [
    path("manual", pages.manual_page),
    path("manual/<slug:slug>", pages.chapter_page),
    path("glossary", pages.glossary_page),
    path("tour", tour.tour_page),
]
