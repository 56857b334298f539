"""What a dose-finding rule sees of cohorts as they were treated, and what it says.

The same state, whether a trial is simulated or runs: outcomes of participants, cohort by cohort.
Dose levels have numbers from 1; of two agents they are the combinations, row after row.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

from trialwright.design.backfill_boin import BackfillBoin, BackfillState
from trialwright.design.boin12 import Boin12
from trialwright.design.combination_boin import CombinationBoin, CombinationState
from trialwright.design.efftox import EffTox, EffToxState
from trialwright.design.finding import DoseFinding, DoseState
from trialwright.design.pending import PendingState
from trialwright.design.simulated_finding import SimulatedFinding
from trialwright.design.table import Decision
from trialwright.design.three_plus_three import ThreePlusThree
from trialwright.design.time_to_event import TimeToEvent
from trialwright.messages import Message, sentences

CohortRule = DoseFinding | SimulatedFinding | TimeToEvent | CombinationBoin | EffTox
CohortState = DoseState | PendingState | CombinationState | EffToxState


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
_ASSESSED = frozenset({Standing.EVENT, Standing.DONE})
_ASSIGNED = frozenset(Standing) - {Standing.REPLACED}


@dataclass(frozen=True, slots=True)
class Outcome:
    """One participant: their cohort and dose level, both from 1, and what is known.

    followed: of one who is pending, the part of the window that is over, from 0 to under 1.
    response: likewise of the response, where the rule reads it: EVENT is one who responded.
    response_followed: the part of its window that is over. backfilled: whether they came to a lower
    level while that cohort was awaited, and aren't of it. control: whether they got the control
    of a cohort that is randomised: a rule doesn't read them, but its decision waits for them.
    """

    cohort: int
    level: int
    standing: Standing
    followed: float = 0.0
    response: Standing = Standing.DONE
    response_followed: float = 0.0
    backfilled: bool = False
    control: bool = False


@dataclass(frozen=True, slots=True)
class RuleReading:
    """What a rule sees and says.

    decision: of the rule at this moment; None where what it needs isn't there yet. selected: the
    dose level that would be selected if the trial ended now. size: how many the next cohort has.
    estimates: of two agents, the DLT rate of each level as the selection takes it, made to rise in
    both agents. eliminated: the levels that are too toxic, likewise.
    """

    state: CohortState
    decision: Decision | None
    selected: int | None
    size: int
    estimates: tuple[float, ...] = ()
    eliminated: frozenset[int] = frozenset()


def is_cohort_rule(design: object) -> bool:
    """Whether a design chooses the dose of each cohort from what is known of those before it."""
    complete = design.complete if isinstance(design, TimeToEvent) else design
    return isinstance(complete, DoseFinding | SimulatedFinding | CombinationBoin | EffTox)


def reads_responses(rule: object) -> bool:
    """Whether a design reads responses beside dose-limiting events."""
    complete = rule.complete if isinstance(rule, TimeToEvent) else rule
    return isinstance(complete, Boin12 | EffTox | BackfillBoin)


def finds_optimal_dose(rule: object) -> bool:
    """Whether a design seeks the optimal biological dose, and not the maximum tolerated one."""
    complete = rule.complete if isinstance(rule, TimeToEvent) else rule
    return isinstance(complete, Boin12 | EffTox)


def doses_of(rule: Any) -> int:
    """How many dose levels a rule has."""
    if isinstance(rule, EffTox):
        return len(rule.doses)
    return int(rule.complete.doses if isinstance(rule, TimeToEvent) else rule.doses)


def size_of(rule: CohortRule) -> int:
    """How many participants a full cohort has."""
    return int(rule.complete.cohort_size if isinstance(rule, TimeToEvent) else rule.cohort_size)


def reads_any_number(rule: CohortRule) -> bool:
    """Whether it can be read after cohorts of any size: 3+3 counts in threes, and a titration says
    itself when cohorts become larger."""
    return not isinstance(rule, ThreePlusThree) and not getattr(rule, "titration", False)


def room_for(rule: CohortRule, state: CohortState) -> int:
    """How many more participants the rule lets be treated, backfilled ones apart."""
    complete: Any = rule.complete if isinstance(rule, TimeToEvent) else rule
    if isinstance(state, CombinationState):
        used = sum(map(sum, state.treated))
    else:
        used = state.escalated if isinstance(state, BackfillState) else sum(state.treated)
    return max(0, int(complete.max_participants) - used)


def waits_for(rule: CohortRule | None, outcomes: Sequence[Outcome]) -> bool:
    """Whether somebody's outcome must be known before the rule can be read.

    That is one who isn't treated yet or whose values are missing, and, but for a rule over time,
    one who is still followed. Backfill waits for no response, and of those backfilled for nobody
    but who has missing values.
    """
    missing = frozenset({Standing.MISSING})
    late = missing | {Standing.AWAITED}
    if not isinstance(rule, TimeToEvent):
        late |= {Standing.PENDING}
    responses = reads_responses(rule) and not isinstance(rule, BackfillBoin)
    return any(
        outcome.standing in (missing if outcome.backfilled else late)
        or (responses and outcome.standing in COUNTED and outcome.response in late)
        for outcome in outcomes
    )


def state_of(rule: CohortRule, outcomes: Sequence[Outcome]) -> CohortState:
    """The state after these outcomes, cohort by cohort; only those that count are in it."""
    state: Any = rule.start()
    for cohort in sorted({outcome.cohort for outcome in outcomes}):
        seen = [
            each
            for each in outcomes
            if each.cohort == cohort and each.standing in _counted(rule) and not each.control
        ]
        own = [each for each in seen if not each.backfilled]
        if own:
            level = own[0].level
            place = rule.pair(level) if isinstance(rule, CombinationBoin) else level
            state = state.observe(place, **_counts(rule, own))
        for level in sorted({each.level for each in seen if each.backfilled}):
            there = [each for each in seen if each.backfilled and each.level == level]
            state = state.backfill(level, **_counts(rule, there))
    reached: CohortState = state
    return reached


def _counted(rule: CohortRule) -> frozenset[Standing]:
    """The standings of those who are in the state; backfill counts everybody who is assigned."""
    if isinstance(rule, BackfillBoin):
        return _ASSIGNED
    return COUNTED if isinstance(rule, TimeToEvent) else _ASSESSED


def _counts(rule: CohortRule, seen: Sequence[Outcome]) -> dict[str, Any]:
    """What a state takes up of participants at one dose level."""
    event = Standing.EVENT
    given: dict[str, Any] = {"treated": len(seen), "dlts": sum(e.standing is event for e in seen)}
    if reads_responses(rule):
        given["responses"] = sum(each.response is event for each in seen)
    if isinstance(rule, EffTox):
        given["both"] = sum(each.standing is each.response is event for each in seen)
    elif isinstance(rule, BackfillBoin):
        given["treated"] = sum(each.standing in _ASSESSED for each in seen)
        given["pending"] = len(seen) - given["treated"]
    elif isinstance(rule, TimeToEvent):
        given["pending"] = [e.followed for e in seen if e.standing is Standing.PENDING]
        if reads_responses(rule):
            given["pending_responses"] = [
                each.response_followed for each in seen if each.response is Standing.PENDING
            ]
    return given


TieDraw = Callable[[CombinationState], float]
"""A number from 0 to 1 that decides a tie between two combinations, at a state."""


def tie_draw_of(trial: str, group: str = "") -> TieDraw:
    """The draws of a running trial, or of a group of it that escalates by itself: they follow from
    its name and the counts, so that who reads the rule again reads the same."""

    def drawn(state: CombinationState) -> float:
        seen = f"{trial}/{group}/{state.treated}/{state.dlts}/{state.dose}"
        return int.from_bytes(hashlib.sha256(seen.encode()).digest()[:6]) / 2**48

    return drawn


def read_rule(
    rule: CohortRule, outcomes: Sequence[Outcome], draw: TieDraw = lambda _state: 0.0
) -> RuleReading:
    """What the rule sees and says now.

    Args:
        draw: decides a tie between two combinations; agent A moves without one.
    """
    state: Any = state_of(rule, outcomes)
    waits = waits_for(rule, outcomes)
    if isinstance(rule, CombinationBoin):
        return _reading_of_combinations(rule, state, None if waits else draw(state))
    decision = None if waits else rule.decide(state)
    if decision is not None and isinstance(rule, BackfillBoin):
        decision = _once_followed(state, decision)
    return RuleReading(state, decision, rule.select(state), _next_size(rule, state, decision))


def backfill_level(rule: CohortRule | None, state: CohortState) -> int | None:
    """The dose level that the next participant comes to while a full cohort is awaited, where the
    rule backfills; None for none."""
    if isinstance(rule, BackfillBoin) and isinstance(state, BackfillState):
        return rule.backfill_dose(state)
    return None


def _reading_of_combinations(
    rule: CombinationBoin, state: CombinationState, draw: float | None
) -> RuleReading:
    """Its combinations as dose levels. draw: None while outcomes are awaited."""
    chosen = rule.select(state)
    out = rule.eliminated(state.treated, state.dlts).ravel()
    decision, size = None, 0
    if draw is not None:
        said = rule.decide(state, draw)
        level = rule.number(said.dose) if said.dose else None
        decision = Decision(said.action, level, said.reason, type(rule).__name__)
        size = rule.next_cohort(state, draw)
    return RuleReading(
        state,
        decision,
        rule.number(chosen) if chosen else None,
        size,
        tuple(map(float, rule.estimates(state).ravel())),
        frozenset(number for number, each in enumerate(out, start=1) if each),
    )


def _once_followed(state: BackfillState, decision: Decision) -> Decision:
    """The decision as it is; at a stop with a dose to select, once all who were backfilled are
    followed: the design selects by everybody's data."""
    late = sum(state.assigned) - sum(state.treated)
    if decision.action != "stop" or decision.dose is None or not late:
        return decision
    wait = Message("The dose is selected once {late} backfilled are followed.", late=late)
    return replace(decision, action="suspend", reason=sentences(decision.reason, wait))


def _next_size(rule: CohortRule, state: Any, decision: Decision | None) -> int:
    if decision is None or decision.dose is None or decision.action in ("stop", "suspend"):
        return 0
    if isinstance(rule, TimeToEvent):
        return min(size_of(rule), room_for(rule, state))
    return int(rule.next_cohort(state))
