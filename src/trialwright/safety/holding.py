"""When a stopping rule holds: the state it reads at a moment, what crosses, what a decision covers.

The running trial, its replay and the simulation all come through `followed_at`. Days are numbers
of any one origin.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import inf

import numpy as np

from trialwright.design.counting import Course
from trialwright.design.selection import SelectionDesign
from trialwright.design.stopping import StoppingRule
from trialwright.safety.hold_rules import HoldRules
from trialwright.safety.standing import ALL, Followed, Standing, standings

Design = SelectionDesign | StoppingRule


@dataclass(frozen=True, slots=True)
class CountedPerson:
    """One treated participant: code, arm, and the days of treatment, of the first stopping event
    becoming known, and of the end of watching where it came early (infinite for never)."""

    who: str
    arm: str
    treated_at: float
    known_at: float = inf
    watched_until: float = inf


@dataclass(frozen=True, slots=True)
class Covered:
    """What a decision was made on for one group: so many counted, and who had an event."""

    counted: int
    who: frozenset[str]

    def covers(self, counted: int, who: frozenset[str]) -> bool:
        """Whether nothing has come since but more participants: those don't hold anew."""
        return who <= self.who and counted >= self.counted


@dataclass(frozen=True, slots=True)
class Crossing:
    """A group that a rule holds: an arm by its key or all; `who` has an event, `pauses` is the
    scope that the rule names."""

    group: str
    rule: str
    pauses: str
    standing: Standing
    who: frozenset[str]


@dataclass(frozen=True, slots=True)
class WouldHold:
    """The first moment at which a group holds by today's data, and how many were treated after."""

    group: str
    at: float
    standing: Standing
    treated_since: int


def followed_at(people: Sequence[CountedPerson], now: float, window_days: float) -> list[Followed]:
    """The treated participants as the rules see them at a moment."""
    columns = [
        np.array([getattr(one, name) for one in people], dtype=float)
        for name in ("treated_at", "known_at", "watched_until")
    ]
    course = Course(*columns)
    treated, event, _watched = course.seen(now, window_days)
    share = course.share(now, window_days)
    return [
        Followed(one.arm, bool(has), float(part), one.who)
        for one, is_treated, has, part in zip(people, treated, event, share, strict=True)
        if is_treated
    ]


def rule_of(design: Design, group: str) -> str:
    """The key of the rule that is read for a group."""
    if isinstance(design, StoppingRule):
        return "rule"
    return "pooled_rule" if group == ALL else "arm_rule"


def with_event(people: Iterable[Followed], group: str, regimens: Sequence[str]) -> frozenset[str]:
    """Who of a group has a stopping event; all is all that the rule counts."""
    arms = regimens if group == ALL else [group]
    return frozenset(one.who for one in people if one.event and one.arm in arms)


def regimens_of(design: Design, arms: Sequence[str]) -> list[str]:
    """The keys of the arms that a design's rules count."""
    if isinstance(design, StoppingRule):
        return list(arms)
    return [arms[number - 1] for number in design.regimens]


def crossings(
    design: Design,
    rules: HoldRules,
    arms: Sequence[str],
    people: Sequence[Followed],
    covered: Mapping[str, Covered],
) -> list[Crossing]:
    """The groups that hold now, but for those whose counts a decision covers.

    More counted than the rule's table reaches hold too: nothing says that it is safe to go on.
    """
    found = []
    regimens = regimens_of(design, arms)
    for standing in standings(design, arms, people):
        group = standing.group
        who = with_event(people, group, regimens)
        if not (standing.holds or not standing.in_table):
            continue
        if group in covered and covered[group].covers(standing.counted, who):
            continue
        rule = rule_of(design, group)
        found.append(Crossing(group, rule, rules.scope(rule), standing, who))
    return found


def would_hold(
    design: Design,
    arms: Sequence[str],
    people: Sequence[CountedPerson],
    window_days: float,
    now: float,
) -> list[WouldHold]:
    """By today's data, the first moment at which each group holds.

    A bound that has no looks only rises with the number counted, so that it is crossed when an
    event becomes known; with looks, any change of the counts can cross it.
    """
    parts = (design,) if isinstance(design, StoppingRule) else (design.arm_rule, design.pooled_rule)
    moments = {one.known_at for one in people}
    if any(rule.looks for rule in parts):
        moments |= {one.treated_at for one in people}
        moments |= {one.treated_at + window_days for one in people}
    found: dict[str, WouldHold] = {}
    for moment in sorted(each for each in moments if each <= now):
        for standing in standings(design, arms, followed_at(people, moment, window_days)):
            if standing.holds and standing.group not in found:
                since = sum(moment < one.treated_at <= now for one in people)
                found[standing.group] = WouldHold(standing.group, moment, standing, since)
    return list(found.values())
