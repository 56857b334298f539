"""The pages of `/design`. Nobody needs to sign in."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any, Literal

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.cache import patch_vary_headers
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from trialwright.design import DesignError
from trialwright.report.designs import Case, DesignSummary
from trialwright.report.words import ReportWords
from trialwright.web.design import presenter
from trialwright.web.design.build import Built, build
from trialwright.web.design.compute import NeverExact, TooLarge, answer
from trialwright.web.design.demonstration_rules import demonstration_rules
from trialwright.web.design.families import families
from trialwright.web.design.request import DesignRequest, parse_request

MOST_ADDRESS = 4_000
READ_RESPONSES = {"boin12", "tite-boin12", "backfill-boin"}
"""Kinds of dose finding that need true response rates too."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What was asked, what came of it, and in which language."""

    asked: DesignRequest
    found: Built
    language: Literal["en", "zh"]
    told: DesignSummary | None = None
    cases: tuple[Case, ...] = ()


def answer_to(request: HttpRequest, place: str) -> Answer:
    """Built an address and answer it; what can't be answered has its problems."""
    language: Literal["en", "zh"] = "zh" if (get_language() or "en").startswith("zh") else "en"
    all_of_them = families(ReportWords(language))
    family = next(f for f in all_of_them if f.place == place)
    asked = parse_request(request.GET, family)
    if len(request.META.get("QUERY_STRING", "")) > MOST_ADDRESS:
        words = _("This address is too long to be read. Ask for fewer scenarios.")
        return Answer(asked, Built(problems={"a-kind": words}), language)
    found = build(asked, language)
    if found.question is None:
        return Answer(asked, found, language)
    designs = list(found.designs.values())
    try:
        told, cases = answer(designs, found.question, asked.method, language)
    except DesignError as error:
        found.problems["a-kind"] = error.said().in_language(language)
        return Answer(asked, found, language)
    except TooLarge as error:
        found.problems["method"] = _(
            "An exact answer needs more than {states} states. This page follows no more. Lower the "
            "participants or the doses, choose the simulation, or use the command "
            "`trialwright design oc`."
        ).format(states=f"{error.args[0]:,}")
        return Answer(asked, found, language)
    except NeverExact:
        found.problems["method"] = _(
            "A design that depends on when participants come, or that fits a model at each step, "
            "is simulated, never exact. Choose another method."
        )
        return Answer(asked, found, language)
    return Answer(asked, found, language, told, cases)


@require_safe
def design_page(request: HttpRequest, place: str = "") -> HttpResponse:
    """The page; asked by htmx, the answer alone. What can't be answered has status 400."""
    got = answer_to(request, place)
    if request.headers.get("HX-Request"):
        name, context = "web/parts/design_answer.html", _exchanged(got)
    else:
        name, context = "web/design.html", _form(got) | _answered(got)
    response = render(request, name, context, status=200 if got.told else 400)
    patch_vary_headers(response, ["HX-Request"])
    return response


def _form(got: Answer) -> dict[str, Any]:
    """The form as typed, with what is wrong at its fields."""
    asked, problems, family = got.asked, got.found.problems, got.asked.family
    rates, responses = asked.rates, asked.responses
    if got.found.question is not None:
        rates = rates or tuple(map(presenter.written, got.found.question.rates))
        responses = responses or tuple(map(presenter.written, got.found.question.responses))
    kinds = {kind.key for kind in asked.kinds.values()}
    asks_responses = family.responses and (family.width == "arms" or kinds & READ_RESPONSES)
    return {
        "heading": family.heading,
        "under": family.under,
        "places": presenter.places(families(ReportWords(got.language)), family),
        "here": presenter.address_of(family),
        "family": family,
        "columns": presenter.columns(asked, problems),
        "question_groups": presenter.question_groups(asked, problems),
        "rates": presenter.rows("rates", rates, family.rows, problems),
        "responses": (
            presenter.rows("responses", responses, family.rows, problems) if asks_responses else ()
        ),
        "methods": presenter.methods(asked) if family.width == "doses" else (),
        "method_problem": problems.get("method", ""),
        "problems": presenter.problem_list(problems),
        "demonstration_rules": demonstration_rules(got.language) if not family.place else None,
    }


def _answered(got: Answer) -> dict[str, Any]:
    """The answer, and what asks for the same."""
    family, query = got.asked.family, got.asked.address()
    context: dict[str, Any] = {"address": f"{presenter.address_of(family)}?{query}"}
    if got.told is not None:
        context["performance"] = presenter.parts(got.told.performance)
        context["rules"] = presenter.rules(got.told, got.cases, got.language)
        context["method"] = got.told.method
        context["downloads"] = presenter.downloads(
            family, query, tables=any(hasattr(case.design, "table") for case in got.cases)
        )
    return context


def _exchanged(got: Answer) -> dict[str, Any]:
    """The answer alone, with what is wrong for the fields of a form that stays."""
    problems = got.found.problems
    return _answered(got) | {
        "swap": True,
        "problems": json.dumps(problems, ensure_ascii=False),
        "list_of_problems": presenter.problem_list(problems),
    }
