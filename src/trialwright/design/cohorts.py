"""What a dose-finding rule sees of cohorts as they were treated, and what it says.

The same state, whether a trial is simulated or runs: outcomes of participants, cohort by cohort.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from trialwright.design.backfill_boin import BackfillBoin
from trialwright.design.boin12 import Boin12
from trialwright.design.finding import DoseFinding, DoseState
from trialwright.design.pending import PendingState
from trialwright.design.simulated_finding import SimulatedFinding
from trialwright.design.table import Decision
from trialwright.design.three_plus_three import ThreePlusThree
from trialwright.design.time_to_event import TimeToEvent

CohortRule = DoseFinding | SimulatedFinding | TimeToEvent


class Standing(StrEnum):
    """What is known of a participant of a cohort.

    event: had a dose-limiting event. done: followed through the window without one. pending: still
    followed. awaited: not treated yet. missing: the window is over, and what decides isn't
    entered. replaced: doesn't count, and leaves the place to another.
    """

    EVENT = "event"
    DONE = "done"
    PENDING = "pending"
    AWAITED = "awaited"
    MISSING = "missing"
    REPLACED = "replaced"


COUNTED = frozenset({Standing.EVENT, Standing.DONE, Standing.PENDING})
"""The standings of those who count as treated."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """One participant: their cohort and dose level, both from 1, and what is known.

    followed: of one who is pending, the part of the window that is over, from 0 to under 1.
    response: likewise of the response, where the rule reads it: EVENT is one who responded.
    response_followed: the part of its window that is over.
    """

    cohort: int
    level: int
    standing: Standing
    followed: float = 0.0
    response: Standing = Standing.DONE
    response_followed: float = 0.0


@dataclass(frozen=True, slots=True)
class RuleReading:
    """What a rule sees and says.

    decision: of the rule at this moment; None where what it needs isn't there yet. selected: the
    dose level that would be selected if the trial ended now. size: how many the next cohort has.
    """

    state: DoseState | PendingState
    decision: Decision | None
    selected: int | None
    size: int


def is_cohort_rule(design: object) -> bool:
    """Whether a design chooses the dose of each cohort from what is known of those before it."""
    complete = design.complete if isinstance(design, TimeToEvent) else design
    return isinstance(complete, DoseFinding | SimulatedFinding) and not isinstance(
        complete, BackfillBoin
    )


def reads_responses(rule: object) -> bool:
    """Whether a design reads responses beside dose-limiting events."""
    return isinstance(rule.complete if isinstance(rule, TimeToEvent) else rule, Boin12)


def doses_of(rule: Any) -> int:
    """How many dose levels a rule has."""
    return int(rule.complete.doses if isinstance(rule, TimeToEvent) else rule.doses)


def size_of(rule: CohortRule) -> int:
    """How many participants a full cohort has."""
    return int(rule.complete.cohort_size if isinstance(rule, TimeToEvent) else rule.cohort_size)


def reads_any_number(rule: CohortRule) -> bool:
    """Whether it can be read after cohorts of any size: 3+3 counts in threes, and a titration says
    itself when cohorts become larger."""
    return not isinstance(rule, ThreePlusThree) and not getattr(rule, "titration", False)


def room_for(rule: CohortRule, state: DoseState | PendingState) -> int:
    """How many more participants the rule lets be treated."""
    complete = rule.complete if isinstance(rule, TimeToEvent) else rule
    return max(0, int(complete.max_participants) - sum(state.treated))


def waits_for(rule: CohortRule | None, outcomes: Sequence[Outcome]) -> bool:
    """Whether somebody's outcome must be known before the rule can be read: one who isn't treated
    yet or whose values are missing, and, but for a rule over time, one who is still followed."""
    late = {Standing.AWAITED, Standing.MISSING}
    if not isinstance(rule, TimeToEvent):
        late.add(Standing.PENDING)
    return any(
        outcome.standing in late
        or (outcome.standing in COUNTED and reads_responses(rule) and outcome.response in late)
        for outcome in outcomes
    )


def state_of(rule: CohortRule, outcomes: Sequence[Outcome]) -> DoseState | PendingState:
    """The state after these outcomes, cohort by cohort; only those that count are in it."""
    state: Any = rule.start()
    over_time = isinstance(state, PendingState)
    counted = COUNTED if over_time else COUNTED - {Standing.PENDING}
    for cohort in sorted({outcome.cohort for outcome in outcomes}):
        seen = [each for each in outcomes if each.cohort == cohort and each.standing in counted]
        if not seen:
            continue
        events = sum(each.standing is Standing.EVENT for each in seen)
        given: dict[str, Any] = {}
        if over_time:
            given["pending"] = [e.followed for e in seen if e.standing is Standing.PENDING]
        if reads_responses(rule):
            given["responses"] = sum(each.response is Standing.EVENT for each in seen)
            if over_time:
                given["pending_responses"] = [
                    each.response_followed for each in seen if each.response is Standing.PENDING
                ]
        state = state.observe(seen[0].level, len(seen), events, **given)
    reached: DoseState | PendingState = state
    return reached


def read_rule(rule: CohortRule, outcomes: Sequence[Outcome]) -> RuleReading:
    """What the rule sees and says now."""
    state: Any = state_of(rule, outcomes)
    decision = None if waits_for(rule, outcomes) else rule.decide(state)
    return RuleReading(state, decision, rule.select(state), _next_size(rule, state, decision))


def _next_size(rule: CohortRule, state: Any, decision: Decision | None) -> int:
    if decision is None or decision.dose is None or decision.action in ("stop", "suspend"):
        return 0
    if not isinstance(rule, TimeToEvent):
        return int(rule.next_cohort(state))
    return min(size_of(rule), room_for(rule, state))
