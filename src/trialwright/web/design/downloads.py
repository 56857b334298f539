"""The answers of `/design` as PDF, JSON and CSV, under the same query."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from dataclasses import asdict
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.http import require_safe

from trialwright.design.writing import section_text
from trialwright.web.design.compute import answer, setting_type
from trialwright.web.design.views import Answer, answer_to


@require_safe
def answer_json(request: HttpRequest, place: str = "") -> HttpResponse:
    """The answer as data: rules, tables, numbers, method."""
    got = answer_to(request, place)
    if got.told is None or got.found.question is None:
        return JsonResponse({"problems": got.found.problems}, status=400)
    designs = [
        {
            "name": case.name,
            "section": section_text(case.design),
            "rule": {code: case.design.describe().in_language(code) for code in ("en", "zh")},
            "table": _table_tree(case.design),
            "performance": tree,
        }
        for case, tree in zip(got.cases, got.told.tree, strict=True)
    ]
    question = got.found.question
    tree: dict[str, Any] = {
        "rates": question.rates,
        "responses": question.responses,
        "method": got.told.method,
        "designs": designs,
    }
    for asks in got.asked.asks:
        tree[asks.field] = asdict(getattr(question, asks.field))
    params = {"ensure_ascii": False, "indent": 1, "allow_nan": False}
    return JsonResponse(_finite(tree), json_dumps_params=params)


def _table_tree(design: Any) -> dict[str, Any] | None:
    if not hasattr(design, "table"):
        return None
    table = design.table()
    return {"columns": table.columns, "rows": table.rows, "sha256": table.sha256}


def _finite(value: Any) -> Any:
    """The same tree with null for what isn't a finite number."""
    if isinstance(value, dict):
        return {key: _finite(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_finite(inner) for inner in value]
    infinite = isinstance(value, float) and value - value != 0
    return None if infinite else value


@require_safe
def answer_csv(request: HttpRequest, place: str = "") -> HttpResponse:
    """The answer as a sheet, one row for each design, scenario and dose."""
    got = answer_to(request, place)
    if got.told is None:
        return _refused(got)
    return _sheet("answer.csv", got.told.heads, got.told.rows)


@require_safe
def table_csv(request: HttpRequest, place: str = "") -> HttpResponse:
    """The decision tables, for every number treated."""
    got = answer_to(request, place)
    if got.told is None:
        return _refused(got)
    tables = [(c.name, c.design.table()) for c in got.cases if hasattr(c.design, "table")]
    heads = tuple(dict.fromkeys(name for _, table in tables for name in table.columns))
    rows = [
        (case, *(dict(zip(table.columns, row, strict=True)).get(name) for name in heads))
        for case, table in tables
        for row in table.rows
    ]
    return _sheet("decision-table.csv", ("design", *heads), rows)


def _sheet(name: str, heads: Sequence[str], rows: Iterable[Sequence[Any]]) -> HttpResponse:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(heads)
    writer.writerows(rows)
    response = HttpResponse(text.getvalue(), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


@require_safe
def report_pdf(request: HttpRequest, place: str = "") -> HttpResponse:
    """The report that is attached to a protocol."""
    from trialwright.report.design import design_report
    from trialwright.report.typst import FontMissingError, render_pdf

    got = answer_to(request, place)
    if got.told is None or got.found.question is None:
        return _refused(got)
    designs = [case.design for case in got.cases]
    question = got.found.question
    told, cases = answer(designs, question, got.asked.method, got.language, paper=True)
    document = design_report(designs, question, language=got.language, told=told, cases=cases)
    letter = request.GET.get("paper") == "us-letter"
    try:
        with setting_type:
            content = render_pdf(document, paper="us-letter" if letter else "a4")
    except FontMissingError as error:
        return HttpResponse(str(error), status=503, content_type="text/plain; charset=utf-8")
    response = HttpResponse(content, content_type="application/pdf")
    response["Content-Disposition"] = 'inline; filename="design.pdf"'
    return response


def _refused(got: Answer) -> HttpResponse:
    text = "\n".join(got.found.problems.values())
    return HttpResponse(text, status=400, content_type="text/plain; charset=utf-8")
