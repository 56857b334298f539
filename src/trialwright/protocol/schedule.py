"""When a participant's visits are, given the anchors known so far. Pure: ask again when one comes.

A visit counts from its own anchor. Until that is known, or once it can't come, the fallback
counts, if the protocol gives one and its anchor is known. A visit of a cycle is planned one
occurrence ahead: the next one is in the plan once the one before it took place or was missed, so
that what is overdue never piles up.
"""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from enum import StrEnum

from trialwright.messages import Message
from trialwright.protocol.basics import Text
from trialwright.protocol.cycles import Cycle
from trialwright.protocol.dependencies import placed
from trialwright.protocol.durations import Duration, Unit
from trialwright.protocol.evaluate import Values
from trialwright.protocol.model import Protocol
from trialwright.protocol.occurrences import name_of
from trialwright.protocol.values import PartialDate
from trialwright.protocol.visits import Visit

Resolved = Mapping[tuple[str, int], date | None]
"""Visits and occurrences that took place (their day) or were missed (None)."""


class Planning(StrEnum):
    """How a visit stands in the plan."""

    DATED = "dated"
    FALLBACK = "fallback"
    WAITING = "waiting"
    NOT_PLANNED = "not_planned"
    ANY_TIME = "any_time"


class Timing(StrEnum):
    """How a day stands to a window."""

    BEFORE = "before"
    OPEN = "open"
    AFTER = "after"


@dataclass(frozen=True, slots=True)
class PlannedVisit:
    """One visit in the plan: its target and the first and last day of its window, if dated.

    `occurrence` counts the repetitions of a visit of a cycle from 1; it is 1 for any other.
    """

    visit: str
    planning: Planning
    reason: Message
    occurrence: int = 1
    anchor: str | None = None
    target: date | None = None
    first: date | None = None
    last: date | None = None

    @property
    def name(self) -> str:
        """The name of the visit's occurrence, as a participant's records have it."""
        return name_of(self.visit, self.occurrence)

    @property
    def by_fallback(self) -> bool:
        """Whether it is counted from the fallback."""
        return self.planning is Planning.FALLBACK

    def timing(self, today: date) -> Timing | None:
        """Whether the window is still to come, open or past; None for a visit without a date."""
        if self.first is None or self.last is None:
            return None
        if today < self.first:
            return Timing.BEFORE
        return Timing.OPEN if today <= self.last else Timing.AFTER


def plan(
    protocol: Protocol,
    known: Mapping[str, date],
    *,
    impossible: Collection[str] = (),
    values: Values | None = None,
    resolved: Resolved | None = None,
    ended: Mapping[str, date] | None = None,
    arm: str = "",
) -> tuple[PlannedVisit, ...]:
    """Return every visit of the protocol, in its order, each occurrence of a cycle's visit apart.

    Args:
        known: the date of each anchor known to the day.
        impossible: anchors that can't come any more.
        values: items by `visit.form.item`, for the visits planned only for some participants.
        resolved: for each visit and occurrence that took place or was missed, its day or None.
        ended: the epochs that have ended, with the day.
        arm: the key of the participant's arm, where visits of some arms ask for it; else "".
    """
    planned: list[PlannedVisit] = []
    for visit in protocol.visits:
        if not visit.is_for(arm):
            planned += _of_other_arms(visit, arm, resolved or {})
        elif visit.unscheduled:
            planned += _made(visit, resolved or {})
        elif visit.cycle is None:
            planned.append(_planned(protocol, visit, known, impossible, values or {}))
        else:
            planned += _repeated(protocol, visit, known, impossible, values or {}, resolved or {})
    return tuple(_within_epoch(protocol, each, ended or {}, resolved or {}) for each in planned)


def _within_epoch(
    protocol: Protocol, planned: PlannedVisit, ended: Mapping[str, date], resolved: Resolved
) -> PlannedVisit:
    """A visit whose epoch ended before its day isn't planned, unless it took place already."""
    epoch = protocol.visit(planned.visit).epoch
    over = ended.get(epoch or "")
    if planned.target is None or over is None or planned.target <= over:
        return planned
    if (planned.visit, planned.occurrence) in resolved:
        return planned
    assert epoch is not None  # noqa: S101 - it has ended
    reason = Message("Its epoch is over: {epoch}", epoch=protocol.epoch(epoch).label)
    return PlannedVisit(planned.visit, Planning.NOT_PLANNED, reason, planned.occurrence)


def _of_other_arms(visit: Visit, arm: str, resolved: Resolved) -> Iterator[PlannedVisit]:
    """A visit that the participant's arm doesn't have; what took place of it stays."""
    reason = _OF_OTHER_ARMS if arm else _NO_ARM_YET
    numbers = {number for key, number in resolved if key == visit.key}
    for number in sorted(numbers | {1}):
        yield PlannedVisit(visit.key, Planning.NOT_PLANNED, reason, number)


def _made(visit: Visit, resolved: Resolved) -> Iterator[PlannedVisit]:
    """The occurrences of an unscheduled visit that were made."""
    for number in sorted(number for key, number in resolved if key == visit.key):
        yield PlannedVisit(visit.key, Planning.ANY_TIME, _UNSCHEDULED, occurrence=number)


def _repeated(
    protocol: Protocol,
    visit: Visit,
    known: Mapping[str, date],
    impossible: Collection[str],
    values: Values,
    resolved: Resolved,
) -> Iterator[PlannedVisit]:
    """The occurrences of a cycle's visit: those resolved, and the next one that may come."""
    cycle = protocol.cycle(str(visit.cycle))
    anchored = _planned(protocol, replace(visit, anchor=cycle.anchor), known, impossible, values)
    if anchored.target is None:
        yield anchored
        return
    last = max((number for key, number in resolved if key == visit.key), default=0)
    began = _began(protocol, cycle, resolved)
    decided = _decided(cycle, resolved, values)
    until = known.get(cycle.until) if cycle.until else None
    for occurrence in range(1, last + 2):
        begins = cycle.begins(occurrence, known[cycle.anchor], began, decided)
        if begins is None:
            return
        target = begins + timedelta(days=visit.day - 1)
        taken = (visit.key, occurrence) in resolved
        if until is not None and target > until and not taken:
            return
        reason = _of_cycle(cycle.label, occurrence, visit.day)
        before, after = visit.window_before_days, visit.window_after_days
        dated = _dated(visit, Planning.DATED, reason, cycle.anchor, target, before, after)
        yield replace(dated, occurrence=occurrence)


def _began(protocol: Protocol, cycle: Cycle, resolved: Resolved) -> dict[int, date]:
    """The days on which occurrences began in fact, by the earliest visit of each that came."""
    came = sorted(
        (number, visit.day, actual)
        for visit in protocol.visits
        if visit.cycle == cycle.key
        for (key, number), actual in resolved.items()
        if key == visit.key and actual is not None
    )
    began: dict[int, date] = {}
    for number, day, actual in came:
        began.setdefault(number, actual - timedelta(days=day - 1))
    return began


def _decided(cycle: Cycle, resolved: Resolved, values: Values) -> dict[int, date]:
    """The days on which occurrences begin because it was so decided at the one before, later than
    that took place."""
    if cycle.next_on is None:
        return {}
    visit, form, item = cycle.next_on.visit, cycle.next_on.form, cycle.next_on.item
    found: dict[int, date] = {}
    for (key, number), actual in resolved.items():
        value = values.get(placed(item, name_of(visit, number), form)) if key == visit else None
        day = value.full if isinstance(value, PartialDate) else None
        if day is not None and actual is not None and day > actual:
            found[number + 1] = day
    return found


def _planned(
    protocol: Protocol,
    visit: Visit,
    known: Mapping[str, date],
    impossible: Collection[str],
    values: Values,
) -> PlannedVisit:
    wanted = visit.only_if.holds(values) if visit.only_if else True
    if wanted is False:
        return PlannedVisit(visit.key, Planning.NOT_PLANNED, _NOT_FOR_THIS_ONE)
    if visit.anchor is None:
        return PlannedVisit(visit.key, Planning.ANY_TIME, _ANY_TIME)
    if wanted is not True:
        return PlannedVisit(visit.key, Planning.WAITING, _NOT_KNOWN_FOR_WHOM)
    anchor = protocol.anchor(visit.anchor).label
    if visit.anchor in known:
        before, after = visit.window_before_days, visit.window_after_days
        start = known[visit.anchor]
        if visit.after is not None:
            reason, target = _counted_after(anchor, visit.after), visit.after.after(start)
        else:
            reason, target = _counted(anchor, visit.day), start + timedelta(days=visit.day)
        return _dated(visit, Planning.DATED, reason, visit.anchor, target, before, after)
    fallback = visit.fallback
    if fallback and fallback.anchor in known:
        return _dated(
            visit,
            Planning.FALLBACK,
            _instead(protocol.anchor(fallback.anchor).label, anchor, visit.anchor in impossible),
            fallback.anchor,
            known[fallback.anchor] + timedelta(days=fallback.day),
            fallback.window_before_days,
            fallback.window_after_days,
        )
    if visit.anchor in impossible and not fallback:
        return PlannedVisit(visit.key, Planning.NOT_PLANNED, _cannot_come(anchor))
    return PlannedVisit(visit.key, Planning.WAITING, _waiting(anchor))


def _dated(
    visit: Visit,
    planning: Planning,
    reason: Message,
    anchor: str,
    target: date,
    before: int,
    after: int,
) -> PlannedVisit:
    return PlannedVisit(
        visit=visit.key,
        planning=planning,
        reason=reason,
        anchor=anchor,
        target=target,
        first=target - timedelta(days=before),
        last=target + timedelta(days=after),
    )


_NOT_FOR_THIS_ONE = Message("Not planned for this participant")
_OF_OTHER_ARMS = Message("Not planned in this participant's arm")
_NO_ARM_YET = Message("Planned once the arm is known, in some arms")
_NOT_KNOWN_FOR_WHOM = Message("Whether it is planned isn't known yet")
_ANY_TIME = Message("Open at any time")
_UNSCHEDULED = Message("Unscheduled")


def _counted(anchor: Text, day: int) -> Message:
    return Message("Day {day} from: {anchor}", day=day, anchor=anchor)


def _counted_after(anchor: Text, after: Duration) -> Message:
    n = after.number
    match after.unit:
        case Unit.DAY:
            return Message.counted(
                "{n} day from: {anchor}", "{n} days from: {anchor}", n=n, anchor=anchor
            )
        case Unit.WEEK:
            return Message.counted(
                "{n} week from: {anchor}", "{n} weeks from: {anchor}", n=n, anchor=anchor
            )
        case Unit.MONTH:
            return Message.counted(
                "{n} month from: {anchor}", "{n} months from: {anchor}", n=n, anchor=anchor
            )
        case Unit.YEAR:
            return Message.counted(
                "{n} year from: {anchor}", "{n} years from: {anchor}", n=n, anchor=anchor
            )


def _of_cycle(cycle: Text, occurrence: int, day: int) -> Message:
    return Message("{cycle} {occurrence}, day {day}", cycle=cycle, occurrence=occurrence, day=day)


def _instead(used: Text, own: Text, impossible: bool) -> Message:
    if impossible:
        return Message("Counted from: {used}, since this can't come: {own}", used=used, own=own)
    return Message("Counted from: {used}, until this is known: {own}", used=used, own=own)


def _waiting(anchor: Text) -> Message:
    return Message("Waits for: {anchor}", anchor=anchor)


def _cannot_come(anchor: Text) -> Message:
    return Message("Not planned, since this can't come: {anchor}", anchor=anchor)
