"""The study's visits and forms as lists: what is overdue, due, open or unsigned, and for whom."""

from collections.abc import Callable
from datetime import date
from typing import Any

from django.db.models import Q, QuerySet
from django.http import HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from trialwright.accounts.policy import Act, Actor, may
from trialwright.conduct.models import Entry, VisitRecord
from trialwright.conduct.reads.value_reviews import unjudged, unverified
from trialwright.conduct.reads.verification import plans_of_sites, to_verify
from trialwright.conduct.reads.waiting import (
    Waiting,
    planned_later,
    status_of_visit,
    today_in,
    visits_seen,
    waiting_for,
    waiting_in_study,
)
from trialwright.web.clinical.filters import Filter, Places, choice, narrowed, on_days
from trialwright.web.clinical.form_words import entry_label
from trialwright.web.clinical.frame import Frame, in_study
from trialwright.web.clinical.listing import Kind, Listing, answer, iso
from trialwright.web.components import Cell, Column, Link, Status, Tone


@in_study
def visits_page(frame: Frame, kind: Kind = "") -> HttpResponse:
    """Every dated visit of the participants this person may see: first those whose window has
    opened, the latest first, then those still ahead, the nearest first."""
    today = today_in(frame.actor.study)
    words: dict[str, tuple[str, Tone]] = {
        "overdue": (_("Overdue"), "stop"),
        "due": (_("Due"), "todo"),
        "planned": (_("Planned"), "idle"),
        "done": (_("Took place"), "good"),
        "missed": (_("Missed"), "caution"),
        "cancelled": (_("Will not take place"), "idle"),
    }
    status = choice(
        frame, "status", _("Status"), [(key, told) for key, (told, _t) in words.items()]
    )
    fields, rows = narrowed(frame, _with_status(frame, status.value), _VISITS)

    def cells(visit: VisitRecord) -> list[Cell]:
        label = frame.protocol.visit(visit.visit).label.in_language(frame.language)
        word, tone = words[status_of_visit(visit, today.at(visit.participant.site))]
        code = visit.participant.code
        return [
            Cell(code, href=f"{frame.href}/participants/{code}/visits/{visit.visit}", code=True),
            Cell(label),
            Cell(Status(word, tone)),
            Cell(visit.opens),
            Cell(visit.closes),
            Cell(visit.actual, unsaid=_("not yet")),
        ]

    listing = Listing(
        heading=_("Visits"),
        caption=ngettext("{count} visit", "{count} visits", rows.count()).format(
            count=rows.count()
        ),
        columns=[
            Column(_("Participant")), Column(_("Visit")), Column(_("Status")),
            Column(_("From")), Column(_("To")), Column(_("Took place")),
        ],
        rows=rows,
        cells=cells,
        plain=lambda visit: {
            "participant": visit.participant.code,
            "visit": visit.visit,
            "status": status_of_visit(visit, today.at(visit.participant.site)),
            "opens": iso(visit.opens),
            "closes": iso(visit.closes),
            "took_place": iso(visit.actual),
            "reason": visit.reason,
        },
        empty=_("No visit of this kind."),
        more={"filters": [*fields, status]},
    )  # fmt: skip
    return answer(frame, listing, kind)


def _in_time(first: date | None, last: date | None) -> Q:
    """Visits that took place within two days, or whose window reaches into them."""
    opens, took_place = Q(actual=None), Q(actual__isnull=False)
    if first:
        opens, took_place = opens & Q(closes__gte=first), took_place & Q(actual__gte=first)
    if last:
        opens, took_place = opens & Q(opens__lte=last), took_place & Q(actual__lte=last)
    return opens | took_place


_VISITS = Places("participant__code", "participant__site", visit="visit", days=_in_time)
_ENTRIES = Places("participant__code", "participant__site", visit="visit", form="form")
_CAME = Places("participant__code", "participant__site", visit="visit", days=on_days("actual"))


def _with_status(frame: Frame, asked: str) -> QuerySet[VisitRecord]:
    rows = visits_seen(frame.actor)
    if asked in ("overdue", "due"):
        waits = waiting_in_study(frame.actor)
        return waits.overdue if asked == "overdue" else waits.due
    if asked == "planned":
        return planned_later(frame.actor)
    return rows.filter(status=asked) if asked else rows


@in_study
def forms_page(frame: Frame, kind: Kind = "") -> HttpResponse:
    """Forms that wait to be signed, or visits whose forms are not all filled in."""
    options = [
        ("open", _("To fill in")),
        ("unsigned", _("To be signed")),
        ("abnormal", _("Results to judge")),
        ("unverified", _("To be verified in the source")),
    ]
    status = choice(frame, "status", _("Status"), options)
    waits = waiting_in_study(frame.actor)
    if status.value == "unsigned":
        return answer(frame, _unsigned(frame, waits, status), kind)
    if status.value in _TO_REVIEW:
        return answer(frame, _to_review(frame, status), kind)
    return answer(frame, _open(frame, waits, status), kind)


def _unverified(by: Actor) -> QuerySet[Entry]:
    """For who verifies what the plan asks for; for all others every form, so that nobody can tell
    by the list who is drawn."""
    return to_verify(by, plans_of_sites(by)) if may(by, Act.VERIFY_SOURCE) else unverified(by)


_TO_REVIEW = {
    "abnormal": (unjudged, Act.JUDGE_EVENTS, "significance"),
    "unverified": (_unverified, Act.VERIFY_SOURCE, "source"),
}


def _to_review(frame: Frame, status: Filter) -> Listing:
    """Forms whose values somebody is to review; who may is led to where it is done."""
    read, act, page = _TO_REVIEW[status.value]
    fields, rows = narrowed(frame, read(frame.actor), _ENTRIES)
    count = rows.count()

    def href(entry: Entry) -> str:
        participant = entry.participant
        place = f"{participant.code}/visits/{entry.visit}/{entry.form}/{entry.repeat}"
        leads = page if may(frame.actor, act, site=participant.site) else "answers"
        return f"{frame.href}/participants/{place}/{leads}"

    return _of_entries(
        frame,
        rows,
        ngettext("{count} form", "{count} forms", count).format(count=count),
        href,
        empty=_("No form of this kind waits."),
        more={"filters": [status, *fields]},
    )


def _unsigned(frame: Frame, waits: Waiting, status: Filter) -> Listing:
    fields, rows = narrowed(frame, waits.signatures, _ENTRIES)
    count = rows.count()
    caption = ngettext("{count} form to be signed", "{count} forms to be signed", count)
    return _of_entries(
        frame,
        rows,
        caption.format(count=count),
        lambda entry: (
            f"{frame.href}/participants/{entry.participant.code}/visits/"
            f"{entry.visit}/{entry.form}/{entry.repeat}"
        ),
        empty=_("Every complete form is signed."),
        more={
            "filters": [status, *fields],
            "action": Link(_("Check and sign them, visit by visit"), f"{frame.href}/to-sign")
            if waiting_for(frame.actor).signatures.exists()
            else None,
        },
    )


def _of_entries(
    frame: Frame,
    rows: QuerySet[Entry],
    caption: str,
    href: Callable[[Entry], str],
    *,
    empty: str,
    more: dict[str, Any],
) -> Listing:
    """A list of filled-in forms."""
    return Listing(
        heading=_("Forms"),
        caption=caption,
        columns=[Column(_("Participant")), Column(_("Visit")), Column(_("Form"))],
        rows=rows,
        cells=lambda entry: [
            Cell(entry.participant.code, href=href(entry), code=True),
            Cell(frame.protocol.visit(entry.visit).label.in_language(frame.language)),
            Cell(entry_label(frame, entry)),
        ],
        plain=lambda entry: {
            "participant": entry.participant.code,
            "visit": entry.visit,
            "form": entry.form,
            "repeat": entry.repeat,
        },
        empty=empty,
        more=more,
    )


def _open(frame: Frame, waits: Waiting, status: Filter) -> Listing:
    fields, rows = narrowed(frame, waits.forms, _CAME)
    count = rows.count()

    def cells(visit: Any) -> list[Cell]:
        code = visit.participant.code
        return [
            Cell(code, href=f"{frame.href}/participants/{code}/visits/{visit.visit}", code=True),
            Cell(frame.protocol.visit(visit.visit).label.in_language(frame.language)),
            Cell(visit.actual),
            Cell(visit.open_forms),
        ]

    return Listing(
        heading=_("Forms"),
        caption=ngettext(
            "{count} visit with forms to fill in", "{count} visits with forms to fill in", count
        ).format(count=count),
        columns=[
            Column(_("Participant")), Column(_("Visit")), Column(_("Took place")),
            Column(_("Forms to fill in"), number=True),
        ],
        rows=rows,
        cells=cells,
        plain=lambda visit: {
            "participant": visit.participant.code,
            "visit": visit.visit,
            "took_place": iso(visit.actual),
            "open_forms": visit.open_forms,
        },
        empty=_("The forms of every visit that took place are complete."),
        more={"filters": [status, *fields]},
    )  # fmt: skip
