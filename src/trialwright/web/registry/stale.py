"""`/trials/stale`: the trials of a search whose dates throw doubt on their status, counted."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any

from django.core.paginator import Page, Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from trialwright.registry.library.library import LibraryError
from trialwright.registry.related.freshness import Doubt, Stale, stale
from trialwright.web.components import Cell, Column, Link, Table
from trialwright.web.registry.active_library import active_library
from trialwright.web.registry.doubt_words import KINDS, said
from trialwright.web.registry.request import SearchRequest
from trialwright.web.registry.words import RECORD_LANGUAGE, summary_status
from trialwright.web.sentences import sentences

MOST_LOOKED_AT = 10_000
_PER_PAGE = 50
_MOST_COUNTED = 10


@require_safe
def stale_page(request: HttpRequest) -> HttpResponse:
    """List them, with counts by kind, sponsor and country; each count leads to its trials."""
    asked, library = SearchRequest.of(request.GET).but(sort="updated"), active_library().library
    try:
        near = asked.near(library)
    except LibraryError:
        near = None
    hits = asked.find(library, near, limit=MOST_LOOKED_AT, facets=False)
    found = stale((hit.facts for hit in hits.hits), timezone.localdate())
    kind = request.GET.get("kind", "")
    trials = [item for item in found.trials if _is_of(item[1], kind)]
    page = Paginator(trials, _PER_PAGE).get_page(request.GET.get("page"))
    context = {
        "heading": _("Trials whose dates throw doubt on their status"),
        "crumbs": [Link(_("Registered trials"), asked.address())],
        "q": asked.words,
        "asked": asked,
        "sentence": _sentence(found, min(hits.total, MOST_LOOKED_AT), hits.total),
        "counts": list(_counts(asked, found, kind)),
        "table": _table(page),
        "page": page,
    }
    return render(request, "web/registry/stale.html", context)


def _sentence(found: Stale, looked_at: int, total: int) -> str:
    words = _("The status of {count} of {all} trials is possibly outdated.")
    parts = [words.format(count=f"{len(found.trials):,}", all=f"{looked_at:,}")]
    if looked_at < total:
        words = _("Only the {all} updated last were looked at; narrow the search for others.")
        parts.append(words.format(all=f"{looked_at:,}"))
    return sentences(parts)


def _address(asked: SearchRequest, kind: str = "") -> str:
    address = asked.address("/trials/stale")
    return f"{address}{'&' if '?' in address else '?'}kind={kind}" if kind else address


def _counts(
    asked: SearchRequest, found: Stale, kind: str
) -> Iterator[tuple[str, list[dict[str, Any]]]]:
    """For each way of counting its name and its values: words, count, address, language."""
    yield (
        _("By kind"),
        [
            {"words": KINDS[code], "count": f"{count:,}", "href": _kind_address(asked, code, kind),
             "chosen": code == kind, "lang": ""}
            for code in KINDS
            if (count := found.by_kind[code])
        ],
    )  # fmt: skip
    summaries = [summary for summary, doubts in found.trials if _is_of(doubts, kind)]
    sponsors = Counter(summary["sponsor"] for summary in summaries if summary["sponsor"])
    countries = Counter(country for summary in summaries for country in summary["countries"])
    yield _("By lead sponsor"), _named(asked, "lead_sponsor", sponsors, kind)
    yield _("By country"), _named(asked, "country", countries, kind)


def _is_of(doubts: Sequence[Doubt], kind: str) -> bool:
    return not kind or any(doubt.kind == kind for doubt in doubts)


def _kind_address(asked: SearchRequest, code: str, kind: str) -> str:
    return _address(asked, "" if code == kind else code.replace(" ", "+"))


def _named(
    asked: SearchRequest, name: str, counts: Counter[str], kind: str
) -> list[dict[str, Any]]:
    return [
        {"words": code, "count": f"{count:,}", "lang": RECORD_LANGUAGE,
         "href": _address(asked.toggled(name, code), kind.replace(" ", "+")),
         "chosen": code in asked.filters.get(name, ())}
        for code, count in counts.most_common(_MOST_COUNTED)
    ]  # fmt: skip


_Trial = tuple[dict[str, Any], tuple[Doubt, ...]]


def _table(page: Page[_Trial]) -> Table:
    return Table(
        _("Trials whose status is possibly outdated"),
        [Column(_("Trial")), Column(_("Status as registered")), Column(_("What its dates say"))],
        [_row(summary, doubts) for summary, doubts in page.object_list],
        empty=_("No trial of this search has a status that is possibly outdated."),
        captioned=False,
    )


def _row(summary: dict[str, Any], doubts: Sequence[Doubt]) -> list[Cell]:
    told = sentences(f"{one.mark.word}. {one.because}" for one in said(doubts))
    href = reverse("trial", args=[summary["nct"]])
    return [
        Cell(summary["title"] or summary["nct"], href, lang=RECORD_LANGUAGE),
        Cell(summary_status(summary)),
        Cell(told),
    ]
