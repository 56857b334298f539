"""Diaries: forms that participants fill in themselves, one entry for each of its days and times."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from trialwright.protocol.problems import Problem

if TYPE_CHECKING:
    from trialwright.protocol.forms import Form
    from trialwright.protocol.model import Protocol
    from trialwright.protocol.visits import Visit

MOST_ENTRIES = 1000


@dataclass(frozen=True, slots=True)
class Diary:
    """When a diary is filled in: on `days` days from day `day` after its anchor, at each of `at`.

    An entry can be written from its time on; for `on_time_hours` it is on time, then late, and
    after `open_hours` it is closed. A reminder goes out `remind_hours` after its time (None: none).
    """

    anchor: str
    days: int
    at: tuple[time, ...]
    on_time_hours: int
    open_hours: int
    line: int
    day: int = 0
    remind_hours: int | None = None

    @property
    def entries(self) -> int:
        """How many entries there are in all."""
        return self.days * len(self.at)

    def slot(self, number: int, first: date, zone: ZoneInfo) -> "Slot":
        """The entry of this number (from 1), for an anchor on the day `first` at a site.

        >>> diary = Diary("start", 7, (time(8), time(20)), 12, 48, 1)
        >>> slot = diary.slot(4, date(2026, 3, 1), ZoneInfo("Europe/Berlin"))
        >>> slot.day.isoformat(), slot.opens.isoformat(), slot.closes.isoformat()
        ('2026-03-02', '2026-03-02T19:00:00+00:00', '2026-03-04T19:00:00+00:00')
        """
        place, turn = divmod(number - 1, len(self.at))
        day = first + timedelta(days=self.day + place)
        opens = datetime.combine(day, self.at[turn], zone).astimezone(UTC)
        reminded = None
        if self.remind_hours is not None:
            reminded = opens + timedelta(hours=self.remind_hours)
        return Slot(
            number,
            day,
            self.at[turn],
            opens,
            opens + timedelta(hours=self.on_time_hours),
            opens + timedelta(hours=self.open_hours),
            reminded,
        )

    def slots(self, first: date, zone: ZoneInfo) -> tuple["Slot", ...]:
        """All entries, in their order."""
        return tuple(self.slot(number, first, zone) for number in range(1, self.entries + 1))


@dataclass(frozen=True, slots=True)
class Slot:
    """One entry of a participant's diary, by its number: its day and time at the site, and the
    moments (UTC) from which it opens, is late and is closed, and of its reminder."""

    number: int
    day: date
    time: time
    opens: datetime
    late: datetime
    closes: datetime
    reminded: datetime | None


def diary_visit(protocol: "Protocol", form: str) -> "Visit":
    """The visit at which the entries of a diary stand: the one that has the form."""
    return protocol.visits_with(form)[0]


def diary_problems(protocol: "Protocol") -> Iterator[Problem]:
    """What is wrong with the diaries: entries without a place, and what a page that works without
    the network can't do, or must not show."""
    anchors = {anchor.key for anchor in protocol.anchors}
    for form in protocol.forms:
        diary = form.diary
        if diary is None:
            continue
        if diary.anchor not in anchors:
            message = f"The diary `{form.key}` is counted from `{diary.anchor}`, which is no anchor"
            yield Problem(diary.line, message, "Name an anchor of the file in `from`.", "diary")
        if diary.open_hours < diary.on_time_hours:
            message = f"The diary `{form.key}` closes before its entries are late"
            way_out = "Let `open_hours` be at least `on_time_hours`."
            yield Problem(diary.line, message, way_out, "diary")
        if diary.entries > MOST_ENTRIES:
            message = f"The diary `{form.key}` has {diary.entries:,} entries"
            way_out = f"A diary has at most {MOST_ENTRIES:,}: `days` times the times in `at`."
            yield Problem(diary.line, message, way_out, "diary")
        yield from _place(protocol, form)
        yield from _questions(form)


def _place(protocol: "Protocol", form: "Form") -> Iterator[Problem]:
    visits = protocol.visits_with(form.key)
    plain = len(visits) == 1 and visits[0].any_time and not visits[0].arms
    if not plain:
        message = f"The diary `{form.key}` needs one visit of its own without a date"
        way_out = "Name it in the `forms` of one visit that has no `anchor`, `cycle` or `arms`."
        yield Problem(form.line, message, way_out, "diary")
    if not form.repeating:
        message = f"The diary `{form.key}` holds one record alone"
        yield Problem(form.line, message, "Write `repeating: yes`.", "diary")


def _questions(form: "Form") -> Iterator[Problem]:
    if form.unmasking_items:
        message = f"The diary `{form.key}` has items that could reveal an arm"
        way_out = "Ask them on another form: nothing about an arm stands on a participant's page."
        yield Problem(form.line, message, way_out, "diary")
    for item in form.items:
        if item.show_when is not None:
            message = f"`{item.key}` is asked under a condition, in a diary"
            way_out = (
                "Ask it always, with `optional: yes`: the page works without the network, where "
                "nothing can work the condition out."
            )
            yield Problem(item.line, message, way_out, "diary")
