"""The Django app of pages, templates, static files and translations."""

from django.apps import AppConfig

from trialwright.messages import catalogue


class WebConfig(AppConfig):
    """Makes sure that the translations are compiled before the first page is asked for."""

    name = "trialwright.web"
    label = "web"

    def ready(self) -> None:
        catalogue.compile_stale()
