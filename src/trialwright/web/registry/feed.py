"""`/trials.atom`: what is new or changed in a search, the last first, for a feed reader."""

import re
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.feedgenerator import Atom1Feed
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from trialwright.registry.library.library import Library, LibraryError
from trialwright.registry.related.history import changes_between
from trialwright.registry.search.watching import Arrival, arrivals
from trialwright.web import dates
from trialwright.web.registry import history_words
from trialwright.web.registry.active_library import active_library
from trialwright.web.registry.request import SearchRequest
from trialwright.web.registry.words import summary_phase, summary_status, written_date
from trialwright.web.sentences import listed

MOST_ENTRIES = 50
# What XML can't hold at all; a record may.
_NO_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


@require_safe
def atom(request: HttpRequest) -> HttpResponse:
    """The fifty trials of a search that came or changed here last, each with what changed."""
    asked, library = SearchRequest.of(request.GET).but(), active_library().library
    try:
        near = asked.near(library)
    except LibraryError:
        near = None
    query = asked.compiled(library, near)
    title = _("Trials: {search}").format(search=asked.words or _("all"))
    address = request.build_absolute_uri(asked.address())
    feed = Atom1Feed(
        title=_safe(title),
        link=address,
        description=_("What is new or changed in this library, the last first."),
        feed_url=request.build_absolute_uri(asked.address("/trials.atom")),
        language=request.LANGUAGE_CODE,
    )
    for arrival in arrivals(library, query, MOST_ENTRIES):
        _add(feed, request, library, arrival)
    text = feed.writeString("utf-8")
    return HttpResponse(text, content_type="application/atom+xml; charset=utf-8")


def _add(feed: Atom1Feed, request: HttpRequest, library: Library, arrival: Arrival) -> None:
    facts = arrival.facts
    address = request.build_absolute_uri(f"/trials/{facts['nct']}")
    feed.add_item(
        title=_safe(facts["title"] or facts["nct"]),
        link=address,
        description=_safe(what_is_new(library, arrival)),
        # A new version is a new entry to a reader, whatever its date.
        unique_id=f"{address}#version-{arrival.versions}",
        updateddate=arrival.when,
    )


def what_is_new(library: Library, arrival: Arrival) -> str:
    """Whether a trial is new or what of it changed, and how it stands."""
    summary, count = arrival.facts, arrival.versions
    facts = listed(filter(None, (_stands(summary), _registered(summary))))
    if count < 2:
        return _("New in the library. {facts}").format(facts=facts)
    old, new = (library.record(summary["nct"], place) for place in (count - 2, count - 1))
    changes = [history_words.sentence(change) for change in changes_between(old, new)]
    words = _("Changed: {changes}. {facts}")
    return words.format(changes="; ".join(changes) or _("wording alone"), facts=facts)


def _stands(summary: dict[str, Any]) -> str:
    stands = [summary_status(summary).word, summary_phase(summary)[0], summary["sponsor"] or ""]
    return listed(filter(None, stands))


def _registered(summary: dict[str, Any]) -> str:
    day = written_date(summary["updated"])
    return _("record of {date}").format(date=dates.written(day)) if day else ""


def _safe(text: str) -> str:
    return _NO_XML.sub("\ufffd", text)
