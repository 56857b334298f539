"""Which clocks an event opens, moves or leaves as they are: pure, for one case at one moment.

A region's first report of a case is one clock. While nobody has closed it, an upgrade moves it to
the earlier of both due times (one combined report); once it is closed, an upgrade opens another.
Going down moves nothing: a person closes the clock, with a reason. It makes no difference whether
a clock was closed by a report or because none was due, for that could tell an arm.
"""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from zoneinfo import ZoneInfo

from trialwright.safety.clock_rules import ClockRule, ClockRules, CountsFrom, Occasion
from trialwright.safety.periods import DueMoment, DuePeriod, day_of, due


class Stage(StrEnum):
    """Which report it is: the first, what completes it, or one of significant news."""

    FIRST = "first"
    COMPLETE = "complete"
    NEWS = "news"


class Why(StrEnum):
    """Why a clock was opened or moved."""

    SERIOUS = "serious"
    SPECIAL = "special"
    SUSPECTED = "suspected"
    GRAVE = "suspected_grave"
    UPGRADE = "upgrade"
    NEWS = "news"
    NULLIFIED = "nullified"
    HOLD = "hold"


@dataclass(frozen=True, slots=True)
class Case:
    """What is known of one event, or special situation, that rules read.

    exempt: it is of a kind that the protocol lists as needing no immediate report. suspected: it
    counts as related to a treatment that it may have followed, and no reference document in force
    lists it. grave: fatal or life-threatening. news: significant news came just now.
    """

    serious: bool
    special: bool
    exempt: bool
    suspected: bool
    grave: bool
    nullified: bool
    news: bool = False

    def occasions(self) -> frozenset[Occasion]:
        """What of it opens clocks."""
        found = set()
        if self.nullified:
            return frozenset({Occasion.NEWS})
        if self.serious and not self.exempt:
            found.add(Occasion.SERIOUS)
        if self.special:
            found.add(Occasion.SPECIAL)
        if self.serious and self.suspected:
            found.add(Occasion.GRAVE if self.grave else Occasion.SUSPECTED)
        if self.news:
            found.add(Occasion.NEWS)
        return frozenset(found)


@dataclass(frozen=True, slots=True)
class Running:
    """One clock of the case as it stands. rules: the keys of those it has stood under."""

    key: object
    region: str
    stage: Stage
    rules: frozenset[str]
    occasions: frozenset[Occasion]
    due_at: datetime
    closed: bool


@dataclass(frozen=True, slots=True)
class Opens:
    """A clock to open."""

    rule: ClockRule
    stage: Stage
    why: Why
    started_at: datetime
    due: DueMoment


@dataclass(frozen=True, slots=True)
class Moves:
    """A clock that goes on under another rule; `due` is the earlier of both."""

    key: object
    rule: ClockRule
    why: Why
    started_at: datetime
    due: DueMoment | None


@dataclass(frozen=True, slots=True)
class Starts:
    """When each kind of clock would start: site: the site learned of it; sponsor: the minimum
    criteria are here; judgement: the sponsor judged the cause, None if they haven't."""

    site: datetime
    sponsor: datetime
    judgement: datetime | None
    site_zone: ZoneInfo

    def of(self, rule: ClockRule, sponsor_zone: ZoneInfo) -> tuple[datetime, ZoneInfo] | None:
        """The start of a rule's clock and the zone in which it counts; None: not yet."""
        if rule.counts_from is CountsFrom.SITE:
            return self.site, self.site_zone
        if rule.counts_from is CountsFrom.SPONSOR:
            return self.sponsor, sponsor_zone
        return (self.judgement, sponsor_zone) if self.judgement else None


_FIRST_REPORT = frozenset({Occasion.SUSPECTED, Occasion.GRAVE})
_TOLD_ON = _FIRST_REPORT | {Occasion.SPECIAL}
_WHY = {
    Occasion.SERIOUS: Why.SERIOUS,
    Occasion.SPECIAL: Why.SPECIAL,
    Occasion.SUSPECTED: Why.SUSPECTED,
    Occasion.GRAVE: Why.GRAVE,
}


def changes_of(
    case: Case, rules: ClockRules, starts: Starts, running: Sequence[Running]
) -> Iterator[Opens | Moves]:
    """What follows for the clocks of one case, from what is known of it now."""
    occasions = case.occasions()
    met: set[str] = set()
    upgraded: set[str] = set()
    for occasion in (Occasion.SERIOUS, Occasion.SPECIAL, Occasion.GRAVE, Occasion.SUSPECTED):
        if occasion not in occasions:
            continue
        for rule, started, zone in _starting(occasion, rules, starts):
            if rule.key in met or any(rule.key in each.rules for each in running):
                continue
            met.add(rule.key)
            if occasion in _FIRST_REPORT:
                found = list(_first_report(occasion, rule, started, zone, running))
                upgraded |= {rule.region for each in found if each.why is Why.UPGRADE}
                yield from found
            else:
                yield _opens(rule, Stage.FIRST, _WHY[occasion], started, zone)
    if Occasion.NEWS in occasions:
        why = Why.NULLIFIED if case.nullified else Why.NEWS
        yield from _news(why, rules, starts, running, upgraded)


def due_of_hold(rules: ClockRules, at: datetime) -> Iterator[Opens]:
    """The clocks that a hold opens."""
    for rule in rules.on(Occasion.HOLD, day_of(at, rules.zone)):
        yield _opens(rule, Stage.FIRST, Why.HOLD, at, rules.zone)


def _starting(
    occasion: Occasion, rules: ClockRules, starts: Starts
) -> Iterator[tuple[ClockRule, datetime, ZoneInfo]]:
    for rule in rules.rules:
        start = starts.of(rule, rules.zone)
        if occasion in rule.when and start and rule.in_force(day_of(*start)):
            yield rule, *start


def _first_report(
    occasion: Occasion,
    rule: ClockRule,
    started: datetime,
    zone: ZoneInfo,
    running: Sequence[Running],
) -> Iterator[Opens | Moves]:
    """The first report to a region; an upgrade of one that is open goes with it."""
    before = [
        each
        for each in running
        if each.region == rule.region and each.stage is Stage.FIRST
        and each.occasions & _FIRST_REPORT
    ]  # fmt: skip
    if not before:
        yield from _with_completion(rule, _WHY[occasion], started, zone)
        return
    if occasion is Occasion.SUSPECTED or any(Occasion.GRAVE in each.occasions for each in before):
        # What was reported, or is to be, as graver or as the same is not reported anew.
        return
    standing = next((each for each in before if not each.closed), None)
    if standing is None:
        yield from _with_completion(rule, Why.UPGRADE, started, zone)
        return
    anew = due(started, rule.period, zone)
    earlier = anew if anew.at < standing.due_at else None
    yield Moves(standing.key, rule, Why.UPGRADE, started, earlier)
    yield from _completion(rule, Why.UPGRADE, started, zone)


def _with_completion(
    rule: ClockRule, why: Why, started: datetime, zone: ZoneInfo
) -> Iterator[Opens]:
    yield _opens(rule, Stage.FIRST, why, started, zone)
    yield from _completion(rule, why, started, zone)


def _completion(rule: ClockRule, why: Why, started: datetime, zone: ZoneInfo) -> Iterator[Opens]:
    """What may follow the first report is due so much after it, counted from the same start."""
    if rule.complete_within is None:
        return
    longer = DuePeriod(rule.period.number + rule.complete_within.number, rule.period.unit)
    yield Opens(rule, Stage.COMPLETE, why, started, due(started, longer, zone))


def _news(
    why: Why,
    rules: ClockRules,
    starts: Starts,
    running: Sequence[Running],
    upgraded: Collection[str],
) -> Iterator[Opens]:
    """Day 0 again where the last report to a region is closed; an open one tells the news too.

    A situation without harm is followed as a suspected reaction is.
    """
    for rule in rules.on(Occasion.NEWS, day_of(starts.sponsor, rules.zone)):
        told = [each for each in running if each.region == rule.region
                and (each.stage is not Stage.FIRST or each.occasions & _TOLD_ON)]  # fmt: skip
        if told and all(each.closed for each in told) and rule.region not in upgraded:
            yield _opens(rule, Stage.NEWS, why, starts.sponsor, rules.zone)


def _opens(rule: ClockRule, stage: Stage, why: Why, started: datetime, zone: ZoneInfo) -> Opens:
    return Opens(rule, stage, why, started, due(started, rule.period, zone))
