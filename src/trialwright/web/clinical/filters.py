"""Filters of a list, kept in its address: participant, site, visit, form, person, days and state.

`narrowed` gives the rows that are asked for and the fields in which one asks; a list says only
where in its rows each of them stands.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from trialwright.accounts.models import Site
from trialwright.protocol.occurrences import SEPARATOR
from trialwright.web.clinical.frame import Frame
from trialwright.web.forms.date_boxes import Boxes, raw_text

Overlap = Callable[[date | None, date | None], Q]
"""Which rows lie within two days, either of which may be open."""


@dataclass(frozen=True, slots=True)
class Filter:
    """One field over a list; `value` is "" where all are wanted.

    `options` are (value, words); without any it is a box to type into, and `problem` says what in
    it can't be read: then it narrows nothing.
    """

    name: str
    label: str
    value: str = ""
    options: Sequence[tuple[str, str]] = ()
    problem: str = ""

    @property
    def typed(self) -> bool:
        """Whether it is a box to type into."""
        return not self.options


@dataclass(frozen=True, slots=True)
class Places:
    """Where in the rows of a list each thing stands; what is empty is not asked for.

    `moment` is a column of moments, `days` the function for rows that hold days.
    """

    participant: str
    site: str
    visit: str = ""
    form: str = ""
    moment: str = ""
    days: Overlap | None = None


def choice(frame: Frame, name: str, label: str, options: Sequence[tuple[str, str]]) -> Filter:
    """A choice of the address; what is none of the options asks for all."""
    asked = frame.request.GET.get(name, "")
    return Filter(name, label, asked if asked in {code for code, _w in options} else "", options)


def narrowed(frame: Frame, rows: Any, at: Places) -> tuple[list[Filter], Any]:
    """The fields over a list and the rows that what stands in them leaves."""
    code = participant(frame)
    fields, wanted = [code], Q()
    if code.value:
        wanted &= Q(**{f"{at.participant}__contains": code.value})
    sites = sites_of(frame)
    if len(sites.options) > 1:
        fields.append(sites)
        wanted &= Q(**{at.site: sites.value}) if sites.value else Q()
    if at.visit:
        visit = choice(frame, "visit", _("Visit"), visits(frame))
        fields.append(visit)
        if visit.value:
            later = {f"{at.visit}__startswith": visit.value + SEPARATOR}
            wanted &= Q(**{at.visit: visit.value}) | Q(**later)
    if at.form:
        form = choice(frame, "form", _("Form"), forms(frame))
        fields.append(form)
        wanted &= Q(**{at.form: form.value}) if form.value else Q()
    if at.moment or at.days:
        asked, first, last = days(frame)
        fields += asked
        lies = at.days or _moments(at.moment)
        wanted &= lies(first, last) if first or last else Q()
    return fields, rows.filter(wanted)


def participant(frame: Frame) -> Filter:
    """Whose code holds what is typed, however it is typed."""
    typed = frame.request.GET.get("participant", "").strip()[:16].upper()
    return Filter("participant", _("Participant"), typed)


def sites_of(frame: Frame) -> Filter:
    """The sites whose participants the person sees."""
    seen = frame.actor.sites
    rows = Site.objects.filter(study=frame.actor.study).order_by("code")
    codes = [row.code for row in rows if seen is None or row.code in seen]
    return choice(frame, "site", _("Site"), [(code, code) for code in codes])


def visits(frame: Frame) -> list[tuple[str, str]]:
    """The visits of the protocol, in its order."""
    return [(each.key, each.label.in_language(frame.language)) for each in frame.protocol.visits]


def forms(frame: Frame) -> list[tuple[str, str]]:
    """The forms of the protocol; restricted ones stand in no list."""
    return [
        (each.key, each.label.in_language(frame.language))
        for each in frame.protocol.forms
        if not each.unmasking
    ]


def days(frame: Frame) -> tuple[list[Filter], date | None, date | None]:
    """From which day to which, by name ("this week") or typed; what is typed counts."""
    today = timezone.localdate()
    monday = today - timedelta(days=today.weekday())
    spans = {
        "today": (_("Today"), today, today),
        "week": (_("This week"), monday, monday + timedelta(days=6)),
        "last-week": (_("Last week"), monday - timedelta(days=7), monday - timedelta(days=1)),
        "next-week": (_("Next week"), monday + timedelta(days=7), monday + timedelta(days=13)),
        "30-days": (_("The last 30 days"), today - timedelta(days=29), today),
    }
    named = choice(frame, "days", _("Period"), [(key, span[0]) for key, span in spans.items()])
    _word, first, last = spans.get(named.value, ("", None, None))
    from_field, from_day = _day(frame, "from", _("From day"))
    to_field, to_day = _day(frame, "to", _("To day"))
    return [named, from_field, to_field], from_day or first, to_day or last


def _day(frame: Frame, name: str, label: str) -> tuple[Filter, date | None]:
    typed = frame.request.GET.get(name, "").strip()[:24]
    try:
        day = date.fromisoformat(raw_text(Boxes(day=typed))) if typed else None
    except ValueError:
        words = _("“{typed}” is no whole day. Write it as 2026-03-15.").format(typed=typed)
        return Filter(name, label, typed, problem=words), None
    return Filter(name, label, day.isoformat() if day else ""), day


def bounds(first: date | None, last: date | None) -> tuple[datetime | None, datetime | None]:
    """The moments at which the page's days begin and end; the end is the next day's beginning."""
    zone = timezone.get_current_timezone()
    begins = datetime.combine(first, time(), zone) if first else None
    ends = datetime.combine(last + timedelta(days=1), time(), zone) if last else None
    return begins, ends


def _moments(column: str) -> Overlap:
    def lies(first: date | None, last: date | None) -> Q:
        begins, ends = bounds(first, last)
        found = Q(**{f"{column}__gte": begins}) if begins else Q()
        return found & Q(**{f"{column}__lt": ends}) if ends else found

    return lies


def on_days(column: str) -> Overlap:
    """Rows whose column holds one day."""

    def lies(first: date | None, last: date | None) -> Q:
        found = Q(**{f"{column}__gte": first}) if first else Q()
        return found & Q(**{f"{column}__lte": last}) if last else found

    return lies
