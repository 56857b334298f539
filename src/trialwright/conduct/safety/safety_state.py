"""What a study's stopping rules read: treated participants with their arms and stopping events.

Only the system and unblinded people may have it. The rules themselves are `safety.holding`.
"""

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from math import inf
from uuid import UUID

from trialwright.conduct.allocation import allocation_list
from trialwright.conduct.clock import day_of, installation_zone, share_zones, zone_of, zones_of
from trialwright.conduct.models import AdverseEvent, Ending, Participant, Study
from trialwright.conduct.models.participants import EndingKind
from trialwright.conduct.participants.progress import Treatment, treatments_of
from trialwright.conduct.reads.values import restricted_values_of, values_of
from trialwright.conduct.safety.events import counts_at_once, stops
from trialwright.design.section import designs_from_node
from trialwright.design.selection import SelectionDesign
from trialwright.design.stopping import StoppingRule
from trialwright.protocol.model import Protocol
from trialwright.protocol.values import Missing, canonical
from trialwright.safety.hold_rules import AtOnce, HoldRules, hold_rules
from trialwright.safety.holding import (
    CountedPerson,
    Covered,
    Crossing,
    Design,
    crossings,
    followed_at,
)
from trialwright.safety.section import StoppingEvent, stopping_event
from trialwright.safety.standing import Followed, Standing, standings


@dataclass(frozen=True, slots=True)
class AtOnceMet:
    """A kind of event that holds at once, and who had one."""

    rule: AtOnce
    who: frozenset[str]


@dataclass(frozen=True, slots=True)
class SafetyState:
    """All that the rules read on a day. `design` is None where the protocol has no rule."""

    rules: HoldRules
    design: Design | None
    window: StoppingEvent | None
    arms: tuple[str, ...]
    people: tuple[CountedPerson, ...]
    on: date
    met_at_once: tuple[AtOnceMet, ...]

    def followed(self) -> list[Followed]:
        """The participants as the rules see them on the day."""
        last_day = self.window.last_day if self.window else 0
        return followed_at(self.people, self.on.toordinal(), last_day)

    def standings(self) -> list[Standing]:
        """How the rules stand, for each group."""
        if self.design is None:
            return []
        return standings(self.design, self.arms, self.followed())

    def crossings(self, covered: Mapping[str, Covered]) -> list[Crossing]:
        """The groups that hold, but for those that a decision covers."""
        if self.design is None:
            return []
        return crossings(self.design, self.rules, self.arms, self.followed(), covered)

    def holding_at_once(self, covered: Mapping[str, Covered]) -> list[AtOnceMet]:
        """The kinds of event that hold at once, but for those that a decision covers."""
        return [
            each
            for each in self.met_at_once
            if each.rule.key not in covered or not each.who <= covered[each.rule.key].who
        ]


def stopping_design(protocol: Protocol) -> Design | None:
    """The design of a protocol that holds for safety, if it has one."""
    designs = designs_from_node(protocol.design).values() if protocol.design else ()
    return next((d for d in designs if isinstance(d, SelectionDesign | StoppingRule)), None)


def could_hold(study: Study, protocol: Protocol) -> bool:
    """Whether there is any event that a rule could count: without one, nothing holds."""
    events = AdverseEvent.objects.filter(study=study, nullified="")
    return events.exclude(stopping=[]).exists() or (
        bool(hold_rules(protocol).at_once) and events.exists()
    )


def safety_state(study: Study, protocol: Protocol, now: datetime) -> SafetyState:
    """Read what the rules need, with the arms of the treated; ask the policy first.

    Days are those of each participant's site, none of them later than the installation's today:
    what is recorded is known.
    """
    on = day_of(now, installation_zone())
    window = stopping_event(protocol)
    design = stopping_design(protocol) if window else None
    rules = hold_rules(protocol)
    rows = list(Participant.objects.filter(study=study))
    treated = {
        key: each for key, each in treatments_of(rows, protocol).items() if each and each.given
    }
    rows = [row for row in rows if row.pk in treated]
    events: dict[object, list[AdverseEvent]] = defaultdict(list)
    found = AdverseEvent.objects.filter(study=study, nullified="", participant__in=rows)
    for event in found.prefetch_related("opinions").order_by("known_at"):
        events[event.participant_id].append(event)
    return SafetyState(
        rules,
        design,
        window,
        tuple(arm.key for arm in protocol.arms),
        _people(study, protocol, rows, treated, events, window, on),
        on,
        tuple(
            met
            for rule in rules.at_once
            for met in _met_at_once(rule, protocol, rows, treated, events)
        ),
    )


def _people(
    study: Study,
    protocol: Protocol,
    rows: Collection[Participant],
    treated: Mapping[UUID, Treatment],
    events: Mapping[object, list[AdverseEvent]],
    window: StoppingEvent | None,
    today: date,
) -> tuple[CountedPerson, ...]:
    keys = {arm.number: arm.key for arm in protocol.arms}
    arms = {row.pk: keys[number] for row, number in allocation_list.arms_of_all(study)}
    only = protocol.arms[0].key if protocol.arms else ""
    ends = _watched_until(rows)
    share_zones(rows, zones_of(study.identifier))
    people = []
    for row in sorted(rows, key=lambda each: each.code):
        on = treated[row.pk].on
        known = (
            day_of(e.known_at, zone_of(row)) for e in events.get(row.pk, ()) if stops(e, on, window)
        )
        first = next(known, None)
        people.append(
            CountedPerson(
                row.code,
                arms.get(row.pk, only),
                min(on, today).toordinal(),
                min(first, today).toordinal() if first else inf,
                ends.get(row.pk, inf),
            )
        )
    return tuple(people)


def _watched_until(rows: Collection[Participant]) -> dict[object, float]:
    """The day on which watching ended early: a death, a loss, a withdrawal from visits."""
    ends: dict[object, float] = {}
    for ending in Ending.objects.filter(participant__in=rows):
        leaves = ending.kind in (EndingKind.DIED, EndingKind.LOST) or (
            ending.kind == EndingKind.WITHDRAWN and "visits" in ending.stops
        )
        if leaves:
            day = ending.on.toordinal()
            ends[ending.participant_id] = min(day, ends.get(ending.participant_id, day))
    return ends


def _met_at_once(
    rule: AtOnce,
    protocol: Protocol,
    rows: Collection[Participant],
    treated: Mapping[UUID, Treatment],
    events: Mapping[object, list[AdverseEvent]],
) -> list[AtOnceMet]:
    """Who had an event of the kind: all together, or those with one value of an item in common."""
    groups: dict[str, set[str]] = defaultdict(set)
    for row in rows:
        on = treated[row.pk].on
        if not any(counts_at_once(event, on, rule) for event in events.get(row.pk, ())):
            continue
        common = _value_in_common(row, protocol, rule.same)
        if common is not None:
            groups[common].add(row.code)
    large = [each for each in groups.values() if len(each) >= rule.participants]
    return [AtOnceMet(rule, frozenset().union(*large))] if large else []


def _value_in_common(row: Participant, protocol: Protocol, item: str) -> str | None:
    """The value by which participants are grouped; None where it isn't known."""
    if not item:
        return ""
    known = values_of(row, protocol, {item}) | restricted_values_of(row, protocol, {item})
    value = known.get(item)
    return None if value is None or isinstance(value, Missing) else canonical(value)
