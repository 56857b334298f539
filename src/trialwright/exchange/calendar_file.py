"""Appointments as an iCalendar file (RFC 5545): moments in UTC, lines of at most 75 octets."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from icalendar import Calendar, Event


@dataclass(frozen=True, slots=True)
class CalendarEvent:
    """One event. `uid` names it for good; `sequence` counts how often it was moved."""

    uid: str
    summary: str
    description: str
    starts_at: datetime
    minutes: int
    sequence: int
    changed_at: datetime


def calendar_file(name: str, events: Sequence[CalendarEvent]) -> bytes:
    """The file of these events.

    Args:
        name: what a program calls the calendar.

    A day or a zone is never written: a moment in UTC is the same in whatever program reads it.
    """
    calendar = Calendar()
    calendar.add("prodid", "-//Trialwright//Appointments//EN")
    calendar.add("version", "2.0")
    calendar.add("method", "PUBLISH")
    calendar.add("x-wr-calname", name)
    for each in events:
        event = Event()
        event.add("uid", each.uid)
        event.add("dtstamp", each.changed_at.astimezone(UTC).replace(microsecond=0))
        event.add("dtstart", each.starts_at.astimezone(UTC))
        event.add("duration", timedelta(minutes=each.minutes))
        event.add("summary", each.summary)
        event.add("description", each.description)
        event.add("sequence", each.sequence)
        event.add("class", "PRIVATE")
        calendar.add_component(event)
    content: bytes = calendar.to_ical()
    return content
