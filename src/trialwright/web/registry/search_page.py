"""What the search page shows: hits with marks, filters with counts, what widened the search."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from trialwright.registry.index.schema import NOT_PROVIDED
from trialwright.registry.library.library import Library
from trialwright.registry.record.codes import Kind
from trialwright.registry.search.counting import COUNTED
from trialwright.registry.search.query_expansion import Expansion
from trialwright.registry.search.search import Found, Hit, asks_for_recruiting
from trialwright.registry.search.snippets import Snippet, SnippetPiece, pieces, snippet
from trialwright.web import dates
from trialwright.web.components import Link, Status
from trialwright.web.registry.doubt_words import unknown_since
from trialwright.web.registry.request import SearchRequest
from trialwright.web.registry.words import code_words, summary_phase, summary_status, written_date
from trialwright.web.sentences import listed

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

# Every filter with its name, and the kind of its codes where they are codes.
FILTER_NAMES: dict[str, tuple[StrOrPromise, Kind | None]] = {
    "status": (gettext_lazy("Status as registered"), "status"),
    "recruitment": (gettext_lazy("Recruitment, all registers"), "recruitment"),
    "phase": (gettext_lazy("Phase"), "phase"),
    "type": (gettext_lazy("Study type"), "study_type"),
    "start_year": (gettext_lazy("Start year"), None),
    "country": (gettext_lazy("Country"), None),
    "sex": (gettext_lazy("Sex"), "sex"),
    "age_group": (gettext_lazy("Age group"), "age_group"),
    "intervention_type": (gettext_lazy("Kind of intervention"), "intervention_type"),
    "sponsor_class": (gettext_lazy("Kind of sponsor"), "sponsor_class"),
    "lead_sponsor": (gettext_lazy("Lead sponsor"), None),
    "results": (gettext_lazy("Results posted"), None),
    "register": (gettext_lazy("Register"), None),
}
_OPEN = {"status", "phase", "start_year"}
_SHOWN_AT_ONCE = 7
_MOST_SHOWN = 60


@dataclass(frozen=True, slots=True)
class FilterChoice:
    """A value of a filter: its words, how many trials it gives, and the address with or without."""

    words: str
    count: str
    href: str
    chosen: bool
    lang: str


@dataclass(frozen=True, slots=True)
class Facet:
    """A filter with its values, the first ones and the rest."""

    name: str
    open: bool
    first: Sequence[FilterChoice]
    rest: Sequence[FilterChoice]
    left_out: int


@dataclass(frozen=True, slots=True)
class ShownTrials:
    """A hit as the page shows it."""

    number: str
    href: str
    title: Sequence[SnippetPiece]
    status: Status
    doubt: Status | None
    phase: str
    unsaid_phase: str
    when: str
    sponsor: str
    snippet: Snippet
    away: str
    lacks: str
    also: Sequence[Link]


@dataclass(frozen=True, slots=True)
class Widening:
    """A heading by which the search was widened, and the address without it."""

    words: str
    heading: str
    names: Sequence[str]
    more_names: int
    narrower: int
    href: str
    under: str


def code_name(name: str, code: str) -> tuple[str, str]:
    """A filter's code in words, and the language of the words where it isn't the page's."""
    if code == NOT_PROVIDED:
        return _("Not provided in the record"), ""
    kind = FILTER_NAMES[name][1]
    if kind is not None:
        return code_words(kind, code), ""
    if name == "results":
        return {"yes": _("Yes"), "no": _("No")}.get(code, code), ""
    return code, "" if name == "start_year" else "en"


def facets(asked: SearchRequest, found: Found) -> Iterator[Facet]:
    """Every filter that has something to choose between, in the order of their use."""
    for name in FILTER_NAMES:
        if name in COUNTED and (counts := found.facets.get(name)):
            facet = _facet(asked, name, counts)
            if len(facet.first) > 1 or any(choice.chosen for choice in facet.first):
                yield facet


def _facet(asked: SearchRequest, name: str, counts: Sequence[tuple[str, int]]) -> Facet:
    chosen = asked.filters.get(name, ())
    known = {code for code, _count in counts}
    all_counts = [*counts, *((code, 0) for code in chosen if code not in known)]
    if name == "start_year":
        all_counts.sort(key=lambda item: item[0], reverse=True)
    all_counts.sort(key=lambda item: item[0] not in chosen)
    choices = []
    for code, count in all_counts[:_MOST_SHOWN]:
        words, lang = code_name(name, code)
        href = asked.toggled(name, code).address()
        choices.append(FilterChoice(words, f"{count:,}", href, code in chosen, lang))
    at_once = max(_SHOWN_AT_ONCE, len(chosen))
    if len(choices) <= at_once + 2:
        at_once = len(choices)
    return Facet(
        name=str(FILTER_NAMES[name][0]),
        open=name in _OPEN or bool(chosen),
        first=choices[:at_once],
        rest=choices[at_once:],
        left_out=len(all_counts) - len(choices),
    )


def chosen(asked: SearchRequest) -> Iterator[tuple[str, str, str, str]]:
    """Each limit of the search: its name, its value, the value's language, the address without."""
    for name, codes in asked.filters.items():
        for code in codes:
            words, lang = code_name(name, code)
            yield str(FILTER_NAMES[name][0]), words, lang, asked.toggled(name, code).address()
    if asked.place:
        words = _("{place}, within {km} km")
        if asks_for_recruiting(None, {name: list(codes) for name, codes in asked.filters.items()}):
            words = _("{place}, within {km} km, by places that recruit themselves")
        within = words.format(place=asked.place, km=asked.within_km)
        sort = "updated" if asked.sort == "distance" else asked.sort
        yield _("Near"), within, "", asked.but(place="", sort=sort).address()


def shown(library: Library, found: Found, hits: Sequence[Hit]) -> Iterator[ShownTrials]:
    """Hits of an answer, each with the part of its text where the searched words stand."""
    for hit in hits:
        summary = hit.facts
        phase, unsaid_phase = summary_phase(summary)
        yield ShownTrials(
            number=hit.nct,
            href=reverse("trial", args=[hit.nct]),
            title=pieces(summary["title"] or hit.nct, found.marks),
            status=summary_status(summary),
            doubt=unknown_since(summary),
            phase=phase,
            unsaid_phase=unsaid_phase,
            when=_when(summary),
            sponsor=summary["sponsor"] or "",
            snippet=snippet(library.record(hit.nct), found.marks),
            away=_away(hit),
            lacks=listed(hit.lacks),
            also=[Link(number, reverse("trial", args=[number])) for number in hit.also],
        )


def _when(summary: dict[str, Any]) -> str:
    start = written_date(summary["start"])
    end = written_date(summary["completion"])
    if start and end:
        return _("{start} to {end}").format(start=dates.written(start), end=dates.written(end))
    return _("from {date}").format(date=dates.written(start)) if start else ""


def _away(hit: Hit) -> str:
    if hit.distance_km is None:
        return ""
    return _("{km} km away").format(km=f"{hit.distance_km:,.0f}")


def widenings(asked: SearchRequest, found: Found) -> Iterator[Widening]:
    """What widened the search, each with the way to take it away."""
    for expansion in found.expansions:
        yield _widening(asked, expansion)


def _widening(asked: SearchRequest, expansion: Expansion) -> Widening:
    others = [name for name in expansion.names if name != expansion.name]
    names = others[:5]
    return Widening(
        words=expansion.words,
        heading=expansion.name,
        names=names,
        more_names=len(others) - len(names),
        narrower=expansion.narrower,
        href=asked.but(without=(*asked.without, expansion.heading)).address(),
        under=SearchRequest(words=f'mesh:"{expansion.name}"').address(),
    )


def taken_away(asked: SearchRequest, library: Library) -> Iterator[Link]:
    """The headings taken away, each with the address that widens by it again."""
    for heading in asked.without:
        known = library.mesh.headings.get(heading)
        without = tuple(other for other in asked.without if other != heading)
        yield Link(known.name if known else heading, asked.but(without=without).address())


def sorts(asked: SearchRequest) -> Iterator[tuple[str, str, bool]]:
    """The orders: words, address, whether it is this one."""
    names = {"relevance": _("relevance")} if asked.words else {}
    names |= {"updated": _("last update"), "start": _("start")}
    if asked.place:
        names["distance"] = _("distance")
    for name, words in names.items():
        yield words, asked.but(sort=name).address(), asked.sort == name
