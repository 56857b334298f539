"""How appointments are said on pages and in calendar files."""

from collections.abc import Mapping

from django.utils.functional import Promise
from django.utils.translation import gettext, gettext_lazy

from trialwright.conduct.reads.appointments import (
    AppointmentLine,
    AppointmentStatus,
    Feed,
    tells_no_arm,
)
from trialwright.exchange.calendar_file import CalendarEvent
from trialwright.protocol.basics import UnknownKeyError
from trialwright.protocol.model import Protocol
from trialwright.web import dates
from trialwright.web.components import Status, Tone

STATUS_WORDS: Mapping[AppointmentStatus, Promise] = {
    AppointmentStatus.AHEAD: gettext_lazy("Ahead"),
    AppointmentStatus.UNRECORDED: gettext_lazy("Visit to be recorded"),
    AppointmentStatus.KEPT: gettext_lazy("Kept"),
    AppointmentStatus.OTHER_DAY: gettext_lazy("Came on another day"),
    AppointmentStatus.MISSED: gettext_lazy("Missed"),
    AppointmentStatus.NOT_PLANNED: gettext_lazy("Visit will not take place"),
    AppointmentStatus.CANCELLED: gettext_lazy("Cancelled"),
}
_TONES: Mapping[AppointmentStatus, Tone] = {
    AppointmentStatus.AHEAD: "idle",
    AppointmentStatus.UNRECORDED: "todo",
    AppointmentStatus.KEPT: "good",
    AppointmentStatus.OTHER_DAY: "caution",
    AppointmentStatus.MISSED: "caution",
    AppointmentStatus.NOT_PLANNED: "idle",
    AppointmentStatus.CANCELLED: "idle",
}


def status_of(line: AppointmentLine) -> Status:
    """Where an appointment stands, in words."""
    return Status(str(STATUS_WORDS[line.status]), _TONES[line.status])


def when(line: AppointmentLine) -> str:
    """Its day, from when to when, by the clock of the site."""
    return gettext("{day}, {begins} to {ends}").format(
        day=dates.written(line.day), begins=f"{line.starts_at:%H:%M}", ends=f"{line.ends_at:%H:%M}"
    )


def visit_words(protocol: Protocol, visit: str, language: str) -> str:
    """What a visit is called; one that the newest version no longer has, its key."""
    try:
        return protocol.visit(visit).label.in_language(language)
    except UnknownKeyError:
        return visit


def events_of(feed: Feed) -> list[CalendarEvent]:
    """What a calendar link tells: codes, and the names of visits that tell no arm."""
    return [_event(feed, line) for line in feed.lines]


def _event(feed: Feed, line: AppointmentLine) -> CalendarEvent:
    told = tells_no_arm(feed.protocol, line.visit)
    visit = visit_words(feed.protocol, line.visit, feed.language) if told else gettext("Visit")
    summary = gettext("{code}, {visit}").format(code=line.code, visit=visit)
    if feed.demonstration:
        summary = gettext("{what} (demonstration)").format(what=summary)
    return CalendarEvent(
        uid=str(line.id),
        summary=summary,
        description=gettext("Site {site}: {time}, time zone {zone}").format(
            site=line.site, time=when(line), zone=line.zone.key
        ),
        starts_at=line.starts_at,
        minutes=line.minutes,
        sequence=line.moves,
        changed_at=line.made_at,
    )
