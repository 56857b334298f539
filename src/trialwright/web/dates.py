"""Dates as people read them on a page. In addresses, exports and attributes they stay ISO."""

from datetime import datetime
from typing import Protocol, runtime_checkable

from django.utils import timezone, translation

MONTHS = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip


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
    if isinstance(value, datetime):
        value = timezone.localtime(value) if timezone.is_aware(value) else value
        return f"{_day(value)}{' ' if _chinese() else ', '}{value:%H:%M}"
    return _day(value) if isinstance(value, Dated) else str(value)


def _chinese() -> bool:
    return (translation.get_language() or "en").startswith("zh")


def _day(value: Dated) -> str:
    year, month, day = value.year, value.month, value.day
    if _chinese():
        month_text = f"{month}月" if month else ""
        return f"{year}年{month_text}" + (f"{day}日" if day else "")
    month_text = f"{MONTHS[month - 1]} " if month else ""
    return (f"{day} " if day else "") + f"{month_text}{year}"
