"""The manual and the glossary, for anybody; they tell nothing of any study."""

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from trialwright.accounts.models import Person
from trialwright.web.clinical.today import frames_of, personal_context
from trialwright.web.components import Cell, Column, Link, Table
from trialwright.web.help.glossary import terms, told
from trialwright.web.help.manual import CHAPTERS, chapter


def manual_page(request: HttpRequest) -> HttpResponse:
    """The manual: a chapter for each kind of work."""
    language = get_language() or "en"
    context = _context(
        request,
        _("Manual"),
        chapters=[
            (Link(each.heading.in_language(language), f"/manual/{each.slug}"),
             each.steps[0].in_language(language))
            for each in CHAPTERS
        ],
    )  # fmt: skip
    return render(request, "web/help/manual.html", context)


def chapter_page(request: HttpRequest, slug: str) -> HttpResponse:
    """One chapter of the manual, with the way to the one before and the next."""
    found = chapter(slug)
    if found is None:
        raise Http404
    language = get_language() or "en"
    place = CHAPTERS.index(found)
    beside = [
        Link(each.heading.in_language(language), f"/manual/{each.slug}")
        for each in CHAPTERS[max(place - 1, 0) : place + 2]
        if each is not found
    ]
    context = _context(
        request,
        found.heading.in_language(language),
        crumbs=[Link(_("Manual"), "/manual")],
        steps=[each.in_language(language) for each in found.steps],
        beside=beside,
    )
    return render(request, "web/help/chapter.html", context)


def glossary_page(request: HttpRequest) -> HttpResponse:
    """The words of the pages and what they mean here."""
    language = get_language() or "en"
    rows = [
        [
            Cell(told(each.word, language)),
            Cell(told(each.meaning, language)),
            Cell(told(each.other, language)),
        ]
        for each in terms()
    ]
    table = Table(
        caption=_("Words and what they mean here"),
        columns=[Column(_("Word")), Column(_("Means here")), Column(_("Not"))],
        rows=rows,
        captioned=False,
    )
    context = _context(request, _("Glossary"), crumbs=[Link(_("Manual"), "/manual")], table=table)
    return render(request, "web/help/glossary.html", context)


def _context(request: HttpRequest, heading: str, **more: Any) -> dict[str, Any]:
    if not isinstance(request.user, Person):
        return {"heading": heading, **more}
    return personal_context(request, frames_of(request, request.user), heading, **more)
