"""The study's visits and forms as lists: what is overdue, due, open or unsigned, and for whom."""

from datetime import date
from typing import Any

from django.db.models import Q, QuerySet
from django.http import HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from trialwright.conduct.models import Entry, VisitRecord
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
    options = [("open", _("To fill in")), ("unsigned", _("To be signed"))]
    status = choice(frame, "status", _("Status"), options)
    waits = waiting_in_study(frame.actor)
    listing = (_unsigned if status.value == "unsigned" else _open)(frame, waits, status)
    return answer(frame, listing, kind)


def _unsigned(frame: Frame, waits: Waiting, status: Filter) -> Listing:
    fields, rows = narrowed(frame, waits.signatures, _ENTRIES)
    count = rows.count()

    def cells(entry: Entry) -> list[Cell]:
        code, place = entry.participant.code, f"{entry.visit}/{entry.form}/{entry.repeat}"
        return [
            Cell(code, href=f"{frame.href}/participants/{code}/visits/{place}", code=True),
            Cell(frame.protocol.visit(entry.visit).label.in_language(frame.language)),
            Cell(frame.protocol.form(entry.form).label.in_language(frame.language)),
        ]

    return Listing(
        heading=_("Forms"),
        caption=ngettext("{count} form to be signed", "{count} forms to be signed", count).format(
            count=count
        ),
        columns=[Column(_("Participant")), Column(_("Visit")), Column(_("Form"))],
        rows=rows,
        cells=cells,
        plain=lambda entry: {
            "participant": entry.participant.code,
            "visit": entry.visit,
            "form": entry.form,
            "repeat": entry.repeat,
        },
        empty=_("Every complete form is signed."),
        more={
            "filters": [status, *fields],
            "action": Link(_("Check and sign them, visit by visit"), f"{frame.href}/to-sign")
            if waiting_for(frame.actor).signatures.exists()
            else None,
        },
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
