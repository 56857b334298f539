"""The calendar of a study or a site: a month, what is still to be arranged, and one's own link."""

import re
from calendar import Calendar
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from zoneinfo import ZoneInfo

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from trialwright.conduct.actions import appointments as actions
from trialwright.conduct.clock import zones_of
from trialwright.conduct.reads.appointments import (
    MOST_TO_ARRANGE,
    AppointmentLine,
    ToArrange,
    appointments_between,
    feed_of,
    own_calendar_link,
    to_arrange,
)
from trialwright.conduct.refusals import ActionRefused, NotFound
from trialwright.exchange.calendar_file import calendar_file
from trialwright.web import dates
from trialwright.web.clinical.appointment_words import events_of, status_of, visit_words
from trialwright.web.clinical.filters import sites_of
from trialwright.web.clinical.frame import Frame, in_study
from trialwright.web.components import Link, Problem, Row, Status, Task

_MONTH = re.compile(r"(\d{4})-(\d{2})")
_WEEKDAYS = (
    gettext_lazy("Monday"), gettext_lazy("Tuesday"), gettext_lazy("Wednesday"),
    gettext_lazy("Thursday"), gettext_lazy("Friday"), gettext_lazy("Saturday"),
    gettext_lazy("Sunday"),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class InDay:
    """One appointment in a day's box; `zone` where sites of several zones are shown."""

    time: str
    zone: str
    code: str
    visit: str
    status: Status
    href: str


@dataclass(frozen=True, slots=True)
class Day:
    """One box of the month; `other`: it is of the month before or after."""

    day: date
    name: str
    other: bool
    today: bool
    appointments: Sequence[InDay]


@in_study
def calendar_page(frame: Frame) -> HttpResponse:
    """A month of appointments, and the planned visits that have none yet."""
    site = sites_of(frame)
    zones = _zones(frame, site.value)
    several = len(zones) > 1
    # Sites of several zones have several todays: then it is the installation's.
    today = timezone.localdate(timezone=None if several else ZoneInfo(zones[0]))
    month = _month(frame.request.GET.get("month", ""), today)
    weeks = Calendar().monthdatescalendar(month.year, month.month)
    first, last = weeks[0][0], weeks[-1][-1]
    lines = appointments_between(frame.actor, first, last, site=site.value)
    by_day: dict[date, list[AppointmentLine]] = defaultdict(list)
    for line in lines:
        by_day[line.day].append(line)
    ends = (month + timedelta(days=31)).replace(day=1) - timedelta(days=1)
    missing = to_arrange(frame.actor, month, ends, site=site.value)
    context = frame.context(
        _("Calendar"),
        crumbs=[],
        month=str(dates.written(_Month(month.year, month.month))),
        asked=f"{month:%Y-%m}",
        before=_at(month - timedelta(days=1), site.value),
        after=_at(month + timedelta(days=31), site.value),
        filters=[site] if len(site.options) > 1 else [],
        weekdays=[str(each) for each in _WEEKDAYS],
        weeks=[
            [_day(frame, each, month, today, by_day[each], several) for each in week]
            for week in weeks
        ],
        zones=_("Times are by the clock of the site: {zones}.").format(zones=", ".join(zones)),
        arrange=[_task(frame, each) for each in missing],
        more_to_arrange=len(missing) == MOST_TO_ARRANGE,
        links=[
            Link(_("As a list"), f"{frame.href}/appointments"),
            Link(_("In my own calendar"), f"{frame.href}/calendar/link"),
        ],
    )
    return render(frame.request, "web/calendar.html", context)


@dataclass(frozen=True, slots=True)
class _Month:
    """A month as `dates.written` takes it."""

    year: int
    month: int
    day: int | None = None


def _month(asked: str, today: date) -> date:
    """The first day of the month of the address; of this month where that is none."""
    found = _MONTH.fullmatch(asked)
    if found and 1 <= int(found[2]) <= 12 and 1900 < int(found[1]) < 2200:
        return date(int(found[1]), int(found[2]), 1)
    return today.replace(day=1)


def _at(day: date, site: str) -> str:
    return f"?month={day:%Y-%m}" + (f"&site={site}" if site else "")


def _zones(frame: Frame, site: str) -> list[str]:
    """The zones of the sites that are shown."""
    zones = zones_of(frame.actor.study)
    codes = [site] if site else [code for code, _words in sites_of(frame).options]
    return sorted({zones.at(code).key for code in codes} or {timezone.get_current_timezone_name()})


def _day(
    frame: Frame, day: date, month: date, today: date, lines: list[AppointmentLine], several: bool
) -> Day:
    shown = [
        InDay(
            time=f"{line.starts_at:%H:%M}",
            zone=line.zone.key if several else "",
            code=line.code,
            visit=visit_words(frame.protocol, line.visit, frame.language),
            status=status_of(line),
            href=f"{frame.href}/participants/{line.code}/visits/{line.visit}",
        )
        for line in lines
    ]
    return Day(day, dates.written(day), day.month != month.month, day == today, shown)


def _task(frame: Frame, each: ToArrange) -> Task:
    visit = visit_words(frame.protocol, each.visit, frame.language)
    words = _("Window {first} to {last}").format(
        first=dates.written(each.opens), last=dates.written(each.closes)
    )
    return Task(
        _("{code}, {visit}").format(code=each.code, visit=visit),
        Status(_("To be arranged"), "todo"),
        f"{frame.href}/participants/{each.code}/visits/{each.visit}/appointment",
        words,
    )


@in_study
def link_page(frame: Frame) -> HttpResponse:
    """One's own link, by which a calendar program shows the appointments; made anew or ended."""
    own_calendar_link(frame.actor)  # What one may not see isn't there, for sending either.
    here = f"{frame.href}/calendar/link"
    problems = []
    if frame.request.method == "POST":
        try:
            if "end" in frame.request.POST:
                actions.end_calendar_link(by=frame.actor)
            elif "make" in frame.request.POST:
                actions.make_calendar_link(by=frame.actor, language=frame.language)
            return redirect(here)
        except ActionRefused as error:
            problems = [Problem(str(each.sentence), "main") for each in error.problems]
    link = own_calendar_link(frame.actor)
    facts = []
    if link is not None:
        address = frame.request.build_absolute_uri(f"/calendars/{link.token}.ics")
        facts = [
            Row(_("Link"), address, code=True),
            Row(_("Made"), dates.written(link.made_at)),
        ]
    context = frame.context(
        _("Appointments in my own calendar"),
        crumbs=[Link(_("Calendar"), f"{frame.href}/calendar")],
        facts=facts,
        problems=problems,
    )
    return render(frame.request, "web/calendar_link.html", context, status=409 if problems else 200)


@never_cache
@require_safe
def feed_page(request: HttpRequest, token: str) -> HttpResponse:
    """The appointments that a person's link tells, as an iCalendar file; without signing in."""
    try:
        feed = feed_of(token, timezone.now())
    except NotFound:
        raise Http404 from None
    with translation.override(feed.language):
        name = _("{study}, appointments").format(study=feed.study)
        content = calendar_file(name, events_of(feed))
    response = HttpResponse(content, content_type="text/calendar; charset=utf-8")
    response["Content-Disposition"] = f'inline; filename="{feed.study}-appointments.ics"'
    return response
