"""Dates as people read them on a page. In addresses, exports and attributes they stay ISO."""

from datetime import datetime
from typing import Protocol, runtime_checkable

from django.utils import timezone, translation

from trialwright.messages import Message
from trialwright.messages.dates import date_words, moment_words


@runtime_checkable
class Dated(Protocol):
    """A date, or a partial date whose day, or month and day, are None."""

    @property
    def year(self) -> int: ...
    @property
    def month(self) -> int | None: ...
    @property
    def day(self) -> int | None: ...


def written(value: object) -> str:
    """Write a date, a partial date or a moment in the language in use, as precise as it is.

    A moment is shown in the current time zone, to the minute. Text is returned as it is.
    """
    language = translation.get_language() or "en"
    if isinstance(value, datetime):
        value = timezone.localtime(value) if timezone.is_aware(value) else value
        return moment_words(_words(value), f"{value:%H:%M}").in_language(language)
    return _words(value).in_language(language) if isinstance(value, Dated) else str(value)


def exact(moment: datetime) -> str:
    """Write a moment to the second with its offset from UTC, as a signature carries it."""
    here = timezone.localtime(moment)
    offset = f"{here:%z}"
    day = _words(here).in_language(translation.get_language() or "en")
    return f"{day}, {here:%H:%M:%S} UTC{offset[:3]}:{offset[3:]}"


def _words(value: Dated) -> Message:
    return date_words(value.year, value.month, value.day)
