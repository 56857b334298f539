"""A CSV file as an answer."""

from django.http import HttpResponse


def csv_answer(text: str, name: str) -> HttpResponse:
    """Answer with a CSV file; a spreadsheet reads Chinese only after a byte order mark."""
    response = HttpResponse("\ufeff" + text, content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'inline; filename="{name}"'
    return response
