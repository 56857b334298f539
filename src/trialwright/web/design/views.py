"""The pages of `/design`, and the same answers as PDF, JSON and CSV. Nobody needs to sign in."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils.cache import patch_vary_headers
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from trialwright.design import DesignError
from trialwright.report.designs import Case, Told, section_of
from trialwright.report.words import Words
from trialwright.web.design import showing
from trialwright.web.design.answering import MOST_STATES, TooLarge, answer, setting_type
from trialwright.web.design.asked import Typed, typed
from trialwright.web.design.demonstration import demonstration_rules
from trialwright.web.design.families import families
from trialwright.web.design.reading import Read, read

MOST_ADDRESS = 4_000


@dataclass(frozen=True, slots=True)
class Answer:
    """What was asked, what came of it, and in which language."""

    asked: Typed
    found: Read
    language: Literal["en", "zh"]
    told: Told | None = None
    cases: tuple[Case, ...] = ()


def _answer(request: HttpRequest, place: str) -> Answer:
    language: Literal["en", "zh"] = "zh" if (get_language() or "en").startswith("zh") else "en"
    all_of_them = families(Words(language))
    family = next(f for f in all_of_them if f.place == place)
    asked = typed(request.GET, family)
    if len(request.META.get("QUERY_STRING", "")) > MOST_ADDRESS:
        words = _("This address is too long to be read. Ask for fewer scenarios.")
        return Answer(asked, Read(problems={"a-kind": words}), language)
    found = read(asked, language)
    if found.question is None:
        return Answer(asked, found, language)
    designs = list(found.designs.values())
    try:
        told, cases = answer(designs, found.question, asked.method, language)
    except DesignError as error:
        found.problems["a-kind"] = error.said().in_language(language)
        return Answer(asked, found, language)
    except TooLarge:
        found.problems["method"] = _(
            "An exact answer needs more than {states} states. This page follows no more. Lower the "
            "participants or the doses, choose the simulation, or use the command "
            "`trialwright design oc`."
        ).format(states=f"{MOST_STATES:,}")
        return Answer(asked, found, language)
    return Answer(asked, found, language, told, cases)


@require_safe
def design_page(request: HttpRequest, place: str = "") -> HttpResponse:
    """The page; asked by htmx, the answer alone."""
    got = _answer(request, place)
    if request.headers.get("HX-Request"):
        response = render(request, "web/parts/design_answer.html", _shown(got, swap=True))
    else:
        response = render(request, "web/design.html", {**_form(got), **_shown(got)})
    patch_vary_headers(response, ["HX-Request"])
    return response


def _form(got: Answer) -> dict[str, Any]:
    family = got.asked.family
    return {
        "heading": family.heading,
        "under": family.under,
        "places": showing.places(families(Words(got.language)), family),
        "here": showing.address_of(family),
        "family": family,
        "problems": showing.problem_list(got.found.problems),
        "methods": showing.methods(got.asked) if family.width == "doses" else (),
        "demonstration_rules": demonstration_rules(got.language) if not family.place else None,
    }


def _shown(got: Answer, *, swap: bool = False) -> dict[str, Any]:
    """What depends on the texts: columns and rows with their problems, and the answer."""
    asked, found, family = got.asked, got.found, got.asked.family
    rates, responses = asked.rates, asked.responses
    if found.question is not None:
        rates = rates or tuple(map(showing.written, found.question.rates))
        responses = responses or tuple(map(showing.written, found.question.responses))
    asks_responses = family.responses and (family.width == "arms" or "boin12" in {
        kind.key for kind in asked.kinds.values()
    })  # fmt: skip
    query = asked.address()
    context: dict[str, Any] = {
        "swap": swap,
        "family": family,
        "columns": showing.columns(asked, found.problems),
        "rates": showing.rows("rates", rates, family.rows, found.problems),
        "responses": (
            showing.rows("responses", responses, family.rows, found.problems)
            if asks_responses
            else ()
        ),
        "method_problem": found.problems.get("method", ""),
        "list_of_problems": showing.problem_list(found.problems),
        "address": f"{showing.address_of(family)}?{query}",
    }
    if got.told is not None:
        context["performance"] = showing.parts(got.told.performance)
        context["rules"] = showing.rules(got.told, got.cases, got.language)
        context["method"] = got.told.method
        context["said"] = next((p.text for p in context["performance"] if p.kind == "figure"), "")
        context["downloads"] = showing.downloads(
            family, query, tables=any(hasattr(case.design, "table") for case in got.cases)
        )
    return context


@require_safe
def answer_json(request: HttpRequest, place: str = "") -> HttpResponse:
    """The answer as data: rules, tables, numbers, method."""
    got = _answer(request, place)
    if got.told is None or got.found.question is None:
        return JsonResponse({"problems": got.found.problems}, status=400)
    designs = [
        {
            "name": case.name,
            "section": section_of(case.design),
            "rule": {"en": str(case.design.describe()), "zh": case.design.describe().zh},
            "table": _table_tree(case.design),
            "performance": tree,
        }
        for case, tree in zip(got.cases, got.told.tree, strict=True)
    ]
    question = got.found.question
    tree = {
        "rates": question.rates,
        "responses": question.responses,
        "method": got.told.method,
        "designs": designs,
    }
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
    got = _answer(request, place)
    if got.told is None:
        return _refused(got)
    return _sheet("answer.csv", got.told.heads, got.told.rows)


@require_safe
def table_csv(request: HttpRequest, place: str = "") -> HttpResponse:
    """The decision tables, for every number treated."""
    got = _answer(request, place)
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

    got = _answer(request, place)
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
