"""When something is due: elapsed hours, or calendar days counted from the day after day 0.

Day 0 is the date at which it is known, in the zone that counts. A period of days ends at 24:00 of
its last day there; no weekend and no holiday moves it (ICH E2A; Regulation 1182/71 Art 3(1)). A
period of hours is elapsed time, whatever the clocks do. How many hours or days, a law says; they
come in as a setting.
"""

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from typing import Final, Literal
from zoneinfo import ZoneInfo, available_timezones

from trialwright.messages import Message

Unit = Literal["hours", "days"]
LONGEST: Final = 3660
_PERIOD: Final = re.compile(r"(\d{1,5})\s+(hours?|h|(?:calendar\s+)?days?)", re.IGNORECASE)
_REMARK: Final = re.compile(r"\s*\([^()]*\)\s*$")


class PeriodError(ValueError):
    """A time or a period that can't be reckoned with; `message` says why and what to do."""

    def __init__(self, message: Message) -> None:
        super().__init__(str(message))
        self.message = message


@dataclass(frozen=True, slots=True)
class DuePeriod:
    """So many elapsed hours, or calendar days."""

    number: int
    unit: Unit

    def __str__(self) -> str:
        return f"{self.number} {'calendar days' if self.unit == 'days' else 'hours'}"


@dataclass(frozen=True, slots=True)
class DueMoment:
    """The last moment: an instant, and for days the date that it ends, in the zone that counts."""

    at: datetime
    zone: str
    last_day: date | None

    def __str__(self) -> str:
        if self.last_day is not None:
            return f"{self.last_day.isoformat()} 24:00 {self.zone}"
        return self.at.astimezone(ZoneInfo(self.zone)).isoformat(timespec="minutes")


def period(text: str) -> DuePeriod:
    """Read `7 calendar days`, `15 days` or `24 hours`.

    >>> str(period("15 days"))
    '15 calendar days'
    """
    read = _PERIOD.fullmatch(text.strip())
    if read is None or not 0 < int(read[1]) <= LONGEST:
        raise PeriodError(
            Message(
                "{text} is no period. Write one, such as 7 calendar days or 24 hours; of working "
                "days there is none without a rule that says so.",
                text=text.strip() or "(empty)",
            )
        )
    return DuePeriod(int(read[1]), "hours" if read[2][0] in "hH" else "days")


@lru_cache(maxsize=1)
def _zones() -> frozenset[str]:
    return frozenset(available_timezones())


def zone_of(name: str) -> ZoneInfo:
    """The time zone of a name of the IANA database."""
    if name.strip() not in _zones():
        raise PeriodError(
            Message(
                "{name} is no time zone. Write a name such as Asia/Shanghai.",
                name=name.strip() or "(empty)",
            )
        )
    return ZoneInfo(name.strip())


def instant(text: str, zone: ZoneInfo) -> tuple[datetime, bool]:
    """Read a moment, and whether the wall clock shows it twice and the earlier was taken.

    With an offset it is that instant; without one it is the wall clock of the zone. A remark in
    parentheses behind it is left aside.

    Raises:
        ClockError: it is no moment, or the zone's wall clock never shows it.
    """
    written = _REMARK.sub("", text).strip()
    try:
        read = datetime.fromisoformat(written)
    except ValueError:
        read = None
    # A date alone is no moment.
    if read is None or "T" not in written.upper().replace(" ", "T") or len(written) < 16:
        raise PeriodError(
            Message(
                "{text} is no moment. Write one, such as 2026-01-30T23:50+08:00.",
                text=written or "(empty)",
            )
        )
    wall = read.replace(tzinfo=None)
    offsets = [wall.replace(tzinfo=zone, fold=fold).utcoffset() for fold in (0, 1)]
    exists = _shown(wall, zone)
    if read.tzinfo is not None:
        # Typed from the zone's own clock, which jumped over it; else another place's clock.
        if not exists and read.utcoffset() in offsets:
            raise _never(wall, zone)
        return read.astimezone(UTC), False
    if not exists:
        raise _never(wall, zone)
    return wall.replace(tzinfo=zone, fold=0).astimezone(UTC), offsets[0] != offsets[1]


def _shown(wall: datetime, zone: ZoneInfo) -> bool:
    return wall.replace(tzinfo=zone).astimezone(UTC).astimezone(zone).replace(tzinfo=None) == wall


def _never(wall: datetime, zone: ZoneInfo) -> PeriodError:
    return PeriodError(
        Message(
            "{wall} does not exist in {zone}: the clocks jumped over it. Write the time that was "
            "meant, with its offset.",
            wall=wall.isoformat(" ", "minutes"),
            zone=zone.key,
        )
    )


def day_of(moment: datetime, zone: ZoneInfo) -> date:
    """The date of a moment where it counts."""
    return moment.astimezone(zone).date()


def due(moment: datetime, length: DuePeriod, zone: ZoneInfo) -> DueMoment:
    """The end of a period that begins with a moment.

    >>> str(due(datetime.fromisoformat("2026-01-30T23:50+08:00"), DuePeriod(7, "days"),
    ...         ZoneInfo("Asia/Shanghai")))
    '2026-02-06 24:00 Asia/Shanghai'
    """
    try:
        if length.unit == "hours":
            return DueMoment(
                moment.astimezone(UTC) + timedelta(hours=length.number), zone.key, None
            )
        last = day_of(moment, zone) + timedelta(days=length.number)
        end = datetime.combine(last + timedelta(days=1), datetime.min.time(), zone)
    except OverflowError:
        raise PeriodError(
            Message("{moment} lies outside of the calendar.", moment=moment.isoformat())
        ) from None
    return DueMoment(end.astimezone(UTC), zone.key, last)
