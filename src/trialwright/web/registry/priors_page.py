"""`/trials/priors`: what control groups reported so far, as figures to plan a trial from."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_safe

from trialwright.registry.library.library import Library
from trialwright.registry.record.record import Record
from trialwright.registry.results.priors import (
    WORTH,
    PriorFigure,
    Spread,
    beta_prior,
    prior_figures,
    spreads,
)
from trialwright.registry.search.search import search
from trialwright.report.figures.forest import Forest, ForestBranch, forest_figure
from trialwright.web.components import Cell, Column, Link, Table
from trialwright.web.registry.active_library import active_library

_MOST_TRIALS, _MOST_DRAWN, _MOST_ROWS = 500, 25, 300
_LONGEST = 200


@require_safe
def priors_page(request: HttpRequest) -> HttpResponse:
    """Show the figures of a search and an outcome, drawn and listed, each with its trial."""
    words, outcome, figures, cut = _asked(request)
    found = spreads(figures)
    rates = [figure for figure in figures if figure.kind == "rate"]
    deviations = [figure for figure in figures if figure.kind != "rate"]
    context = {
        "heading": _("Figures of control groups"),
        "crumbs": [Link(_("Registered trials"), "/trials")],
        "q": words,
        "outcome": outcome,
        "asked": bool(words and outcome),
        "cut": _MOST_TRIALS if cut else 0,
        "spreads": [(_told(one), _designs(one)) for one in found],
        "picture": _drawn(rates) if len(rates) > 1 else None,
        "rates": _table(_("Rates"), rates) if rates else None,
        "deviations": _table(_("Standard deviations"), deviations) if deviations else None,
        "json": f"{request.path}.json?{urlencode({'q': words, 'outcome': outcome})}",
    }
    return render(request, "web/registry/priors.html", context)


@require_safe
def priors_json(request: HttpRequest) -> HttpResponse:
    """Return the same figures as JSON."""
    words, outcome, figures, cut = _asked(request)
    names = PriorFigure.__slots__
    answer: dict[str, Any] = {
        "search": words, "outcome": outcome, "first_trials_only": cut,
        "figures": [{name: getattr(one, name) for name in names} for one in figures],
        "spreads": [
            {"kind": one.kind, "unit": one.unit, "trials": one.trials, "low": one.low,
             "median": one.median, "high": one.high, "pooled": one.pooled}
            for one in spreads(figures)
        ],
    }  # fmt: skip
    return JsonResponse(answer, json_dumps_params={"ensure_ascii": True})


def _asked(request: HttpRequest) -> tuple[str, str, tuple[PriorFigure, ...], bool]:
    words, outcome = (
        request.GET.get(name, "").replace("\0", " ").strip()[:_LONGEST] for name in ("q", "outcome")
    )
    if not (words and outcome):
        return words, outcome, (), False
    library = active_library().library
    wanted = {"results": ["yes"]}
    found = search(library, words, filters=wanted, limit=_MOST_TRIALS, facets=False)
    numbers = sorted(hit.nct for hit in found.hits)
    figures = prior_figures(_records(library, numbers), outcome)
    return words, outcome, figures, found.total > _MOST_TRIALS


def _records(library: Library, numbers: Sequence[str]) -> Iterator[Record]:
    for number in numbers:
        record = library.record(number)
        if record.has_posted_results:
            yield record


def _told(one: Spread) -> str:
    if one.kind == "rate":
        words = ngettext(
            "Rate, in {count} trial: {low}% to {high}%, median {median}%, pooled {pooled}%.",
            "Rate, in {count} trials: {low}% to {high}%, median {median}%, pooled {pooled}%.",
            one.trials,
        )
        figures = {name: f"{100 * value:.1f}" for name, value in _figures(one)}
        return words.format(count=f"{one.trials:,}", **figures)
    words = ngettext(
        "Standard deviation ({unit}), in {count} trial: {low} to {high}, median {median}, "
        "pooled {pooled}.",
        "Standard deviation ({unit}), in {count} trials: {low} to {high}, median {median}, "
        "pooled {pooled}.",
        one.trials,
    )
    figures = {name: f"{value:.3g}" for name, value in _figures(one)}
    return words.format(count=f"{one.trials:,}", unit=one.unit or "—", **figures)


def _figures(one: Spread) -> Iterator[tuple[str, float]]:
    yield from (
        ("low", one.low), ("high", one.high), ("median", one.median), ("pooled", one.pooled)
    )  # fmt: skip


def _designs(one: Spread) -> tuple[Link, ...]:
    """Designs that ask for a rate or a deviation, with the pooled one filled in."""
    if one.kind != "rate" or not 0.01 <= one.pooled <= 0.85:
        return ()
    rate = round(one.pooled, 2)
    query = {"a.kind": "simon-search", "a.p0": f"{rate:.2f}",
             "a.p1": f"{min(rate + 0.2, 0.95):.2f}"}  # fmt: skip
    words = _("Plan two stages against a rate of {rate}").format(rate=f"{rate:.2f}")
    two_stage = Link(words, f"/design/two-stage?{urlencode(query)}")
    # The other arm is believed to respond in 20 points more, as in the two stages.
    better = replace(one, pooled=min(one.pooled + 0.2, 0.95))
    beliefs = {"a.first": beta_prior(better, WORTH), "a.second": beta_prior(one, WORTH)}
    query = {"a.kind": "believed-proportions"} | {
        name: ",".join(f"{part:.4g}" for part in prior) for name, prior in beliefs.items()
    }
    words = _("Assurance of two arms, the control believed to be at {rate} as {worth} would say")
    said = words.format(rate=f"{rate:.2f}", worth=WORTH)
    return two_stage, Link(said, f"/design/sample-size?{urlencode(query, safe=',')}")


def _drawn(rates: Sequence[PriorFigure]) -> tuple[str, SafeString]:
    most = sorted(rates, key=lambda one: (-one.participants, one.number))[:_MOST_DRAWN]
    branches = tuple(
        ForestBranch(one.number, f"{100 * one.value:.0f}% (n {one.participants:,})", one.value,
               one.low, one.high)
        for one in most
    )  # fmt: skip
    sentence = _("Rates of control groups with their 95% intervals, the largest groups first.")
    svg = forest_figure(Forest(branches, _("Rate")), sentence).svg
    # What stands in the drawing was escaped when it was made.
    return sentence, mark_safe(svg)  # noqa: S308


def _table(caption: str, figures: Sequence[PriorFigure]) -> Table:
    columns = [
        Column(_("Trial")), Column(_("Outcome")), Column(_("Time frame")), Column(_("Group")),
        Column(_("Participants"), number=True), Column(_("Figure"), number=True),
        Column(_("Interval"), number=True),
    ]  # fmt: skip
    rows = [
        [
            Cell(one.number, f"/trials/{one.number}", code=True),
            Cell(one.measure, lang="en"), Cell(one.time_frame or "—", lang="en"),
            Cell(one.group, lang="en"), Cell(f"{one.participants:,}"),
            Cell(f"{one.value:.3g} {one.unit}".strip()), Cell(f"{one.low:.3g} – {one.high:.3g}"),
        ]
        for one in figures[:_MOST_ROWS]
    ]  # fmt: skip
    return Table(caption, columns, rows)
