"""When a participant's visits are, given the anchors known so far. Pure: ask again when one comes.

A visit counts from its own anchor. Until that is known, or once it can't come, the fallback
counts, if the protocol gives one and its anchor is known.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from trialwright.protocol.basics import Text
from trialwright.protocol.evaluate import Values
from trialwright.protocol.model import Protocol
from trialwright.protocol.visits import Visit


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
    """One visit in the plan: its target and the first and last day of its window, if dated."""

    visit: str
    planning: Planning
    reason: Text
    anchor: str | None = None
    target: date | None = None
    first: date | None = None
    last: date | None = None

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
) -> tuple[PlannedVisit, ...]:
    """Every visit of the protocol, in its order.

    known: the date of each anchor known to the day. impossible: anchors that can't come any more.
    values: items by `visit.form.item`, for the visits planned only for some participants.
    """
    return tuple(
        _planned(protocol, visit, known, impossible, values or {}) for visit in protocol.visits
    )


def _planned(
    protocol: Protocol,
    visit: Visit,
    known: Mapping[str, date],
    impossible: Collection[str],
    values: Values,
) -> PlannedVisit:
    wanted = visit.only_if.holds(values) if visit.only_if else True
    if wanted is False:
        return PlannedVisit(visit.key, Planning.NOT_PLANNED, _NOT_FOR_HER)
    if visit.anchor is None:
        return PlannedVisit(visit.key, Planning.ANY_TIME, _ANY_TIME)
    if wanted is not True:
        return PlannedVisit(visit.key, Planning.WAITING, _NOT_KNOWN_FOR_WHOM)
    anchor = protocol.anchor(visit.anchor).label
    if visit.anchor in known:
        before, after = visit.window_before_days, visit.window_after_days
        reason = _counted(anchor, visit.day)
        start = known[visit.anchor]
        return _dated(visit, Planning.DATED, reason, visit.anchor, start, visit.day, before, after)
    fallback = visit.fallback
    if fallback and fallback.anchor in known:
        return _dated(
            visit,
            Planning.FALLBACK,
            _instead(protocol.anchor(fallback.anchor).label, anchor, visit.anchor in impossible),
            fallback.anchor,
            known[fallback.anchor],
            fallback.day,
            fallback.window_before_days,
            fallback.window_after_days,
        )
    if visit.anchor in impossible and not fallback:
        return PlannedVisit(visit.key, Planning.NOT_PLANNED, _cannot_come(anchor))
    return PlannedVisit(visit.key, Planning.WAITING, _waiting(anchor))


def _dated(
    visit: Visit,
    planning: Planning,
    reason: Text,
    anchor: str,
    start: date,
    day: int,
    before: int,
    after: int,
) -> PlannedVisit:
    target = start + timedelta(days=day)
    return PlannedVisit(
        visit=visit.key,
        planning=planning,
        reason=reason,
        anchor=anchor,
        target=target,
        first=target - timedelta(days=before),
        last=target + timedelta(days=after),
    )


_NOT_FOR_HER = Text("Not planned for this participant", "本受试者无需此次访视")
_NOT_KNOWN_FOR_WHOM = Text("Whether it is planned isn't known yet", "是否需要此次访视尚不明确")
_ANY_TIME = Text("Open at any time", "可随时进行")


def _counted(anchor: Text, day: int) -> Text:
    return Text(f"Day {day} from: {anchor.en}", f"自“{anchor.zh}”起第 {day} 天")


def _instead(used: Text, own: Text, impossible: bool) -> Text:
    if impossible:
        return Text(
            f"Counted from: {used.en}, since this can't come: {own.en}",
            f"因“{own.zh}”不会发生，按“{used.zh}”计算",
        )
    return Text(
        f"Counted from: {used.en}, until this is known: {own.en}",
        f"“{own.zh}”尚未知，暂按“{used.zh}”计算",
    )


def _waiting(anchor: Text) -> Text:
    return Text(f"Waits for: {anchor.en}", f"等待：{anchor.zh}")


def _cannot_come(anchor: Text) -> Text:
    return Text(
        f"Not planned, since this can't come: {anchor.en}", f"因“{anchor.zh}”不会发生，不安排"
    )
