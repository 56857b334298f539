"""The addresses of `/design`: each question's page, and its answer as PDF, JSON and CSV."""

from django.urls import URLPattern, path

from trialwright.web.design import downloads, views

PLACES = (
    "", "two-agents", "safety", "two-stage", "two-arms", "sequential", "survival", "multi-arm",
    "sample-size", "selection", "regimens", "adaptive", "allocation",
)  # fmt: skip


def _of(place: str) -> list[URLPattern]:
    here, also = (f"design/{place}" if place else "design"), {"place": place}
    return [
        path(here, views.design_page, also),
        path(f"{here}/report.pdf", downloads.report_pdf, also),
        path(f"{here}/answer.json", downloads.answer_json, also),
        path(f"{here}/answer.csv", downloads.answer_csv, also),
        path(f"{here}/table.csv", downloads.table_csv, also),
    ]


urlpatterns = [pattern for place in PLACES for pattern in _of(place)]
