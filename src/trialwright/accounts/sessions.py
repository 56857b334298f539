"""Where somebody is signed in: their sessions, listed and ended. A session's key is never shown."""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.models import Session
from django.utils import timezone

from trialwright.accounts.models import Person


@dataclass(frozen=True, slots=True)
class SignInPlace:
    """One session: a name for it, when it began and was last used, in which browser."""

    name: str
    begun: datetime | None
    used: datetime | None
    browser: str
    here: bool


def _sessions(person: Person) -> Iterator[tuple[Session, dict]]:
    now = timezone.now()
    for row in Session.objects.filter(expire_date__gt=now).iterator():
        content = row.get_decoded()
        if content.get(SESSION_KEY) == str(person.pk):
            yield row, content


def _name(key: str) -> str:
    return hashlib.sha256(f"trialwright.session {key}".encode()).hexdigest()[:16]


def places(person: Person, current: str | None) -> list[SignInPlace]:
    """Where the person is signed in, the latest used first."""
    found = [
        SignInPlace(
            _name(row.session_key),
            _moment(content.get("begun")),
            _moment(content.get("used")),
            content.get("browser", ""),
            row.session_key == current,
        )
        for row, content in _sessions(person)
    ]
    oldest = datetime.min.replace(tzinfo=UTC)
    return sorted(found, key=lambda place: (place.here, place.used or oldest), reverse=True)


def end(person: Person, *, name: str = "", but: str | None = None) -> int:
    """End a session by its name, or all but one; returns how many ended."""
    ended = 0
    for row, _content in _sessions(person):
        if (name and _name(row.session_key) == name) or (not name and row.session_key != but):
            row.delete()
            ended += 1
    return ended


def browser_of(agent: str) -> str:
    """Browser and system by the header that names them, as a person would.

    >>> browser_of("Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0")
    'Firefox, Linux'
    """
    browsers = (("Edg", "Edge"), ("Firefox", "Firefox"), ("Chrome", "Chrome"), ("Safari", "Safari"))
    systems = (
        ("Android", "Android"), ("iPhone", "iPhone"), ("iPad", "iPad"), ("Windows", "Windows"),
        ("Mac OS", "macOS"), ("Linux", "Linux"),
    )  # fmt: skip
    named = [
        next((name for mark, name in each if mark in agent), "") for each in (browsers, systems)
    ]
    return ", ".join(name for name in named if name)


def _moment(seconds: float | None) -> datetime | None:
    return datetime.fromtimestamp(seconds, UTC) if seconds else None
