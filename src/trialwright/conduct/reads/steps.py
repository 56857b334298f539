"""Which steps of a participant's story wait, and for whom: pages offer them, actions decide."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from trialwright.accounts.policy import Act, Actor, may
from trialwright.conduct.allocation.groups import waits_for_group
from trialwright.conduct.models import Participant, State, StepRecord, VisitRecord, VisitStatus
from trialwright.conduct.participants.planning import OVER
from trialwright.conduct.participants.progress import progress_from
from trialwright.protocol.allocations import Allocation
from trialwright.protocol.later_allocations import allocation_due
from trialwright.protocol.model import Protocol
from trialwright.protocol.occurrences import occurrence_of
from trialwright.protocol.progress import Place, due_steps, serves_treatment, undone_before
from trialwright.protocol.steps import Milestone


class NextStep(StrEnum):
    """A step that a person can take for a participant, in the order of the story."""

    CONSENT = "consent"
    CONFIRM = "confirm the eligibility"
    ASSESS = "assess the eligibility"
    RANDOMISE = "randomise"
    AGAIN = "randomise again"
    FAIL = "record a screening failure"
    CHANGE = "record a change of participation"


ALWAYS_OPEN = frozenset({NextStep.ASSESS, NextStep.FAIL, NextStep.CHANGE})
"""Steps that can be taken, and that nobody waits for."""

_ACTS = {
    NextStep.CONSENT: Act.CONSENT,
    NextStep.CONFIRM: Act.CONFIRM_ELIGIBILITY,
    NextStep.ASSESS: Act.ASSESS_ELIGIBILITY,
    NextStep.RANDOMISE: Act.RANDOMISE,
    NextStep.AGAIN: Act.RANDOMISE,
    NextStep.FAIL: Act.SCREEN,
    NextStep.CHANGE: Act.CHANGE_PARTICIPATION,
}


def next_steps(
    by: Actor,
    row: Participant,
    protocol: Protocol,
    visits: Iterable[VisitRecord],
    today: date,
    *,
    assessed: bool,
) -> list[NextStep]:
    """The steps that a person can take for this participant now, the most pressing first.

    Args:
        visits: as far as a later allocation waits for them.
        assessed: whether the eligibility criteria have been answered.
    """
    ready = _ready(row, protocol, assessed)
    if due_again(row, protocol, visits, today) is not None:
        ready.add(NextStep.AGAIN)
    if State(row.state) is State.ELIGIBLE and waits_for_group(row, protocol, today):
        ready.add(NextStep.CONFIRM)
    return [step for step, act in _ACTS.items() if step in ready and may(by, act, site=row.site)]


def _ready(row: Participant, protocol: Protocol, assessed: bool) -> set[NextStep]:
    state = State(row.state)
    before = state in (State.SCREENED, State.CONSENTED, State.ELIGIBLE)
    waits = {
        NextStep.CONSENT: state is State.SCREENED,
        NextStep.CONFIRM: state is State.CONSENTED and assessed,
        NextStep.ASSESS: state in (State.CONSENTED, State.ELIGIBLE),
        NextStep.RANDOMISE: state is State.ELIGIBLE and protocol.allocation is not None,
        NextStep.FAIL: before,
        NextStep.CHANGE: row.consented_at is not None and state is not State.DIED,
    }
    return {step for step, ready in waits.items() if ready}


def due_again(
    row: Participant, protocol: Protocol, visits: Iterable[VisitRecord], today: date
) -> Allocation | None:
    """The later allocation that waits of a participant."""
    if not protocol.later_allocations or not may_be_allocated_again(row):
        return None
    return allocation_due(protocol, row.made_again, reached_visits(visits, today))


def may_be_allocated_again(row: Participant) -> bool:
    """Whether somebody is in the trial and goes on with the treatment."""
    return row.randomised_at is not None and row.state not in OVER and not row.stops_treatment


def reached_visits(visits: Iterable[VisitRecord], today: date) -> list[tuple[str, int]]:
    """The visits that took place or may by a day, by key and occurrence."""
    return [
        occurrence_of(each.visit)
        for each in visits
        if each.status == VisitStatus.DONE
        or (each.status == VisitStatus.PLANNED and each.opens is not None and each.opens <= today)
    ]


@dataclass(frozen=True, slots=True)
class StepsOpen:
    """The protocol's steps that a person can record for a participant now.

    due: those that can be taken. refusable: doses that could only be recorded as not given, since
    what comes before them isn't done or treatment was withdrawn from.
    """

    due: tuple[Place, ...] = ()
    refusable: tuple[Place, ...] = ()


def steps_open(
    by: Actor,
    row: Participant,
    protocol: Protocol,
    records: Iterable[StepRecord],
    visits: Iterable[VisitRecord],
    today: date,
    met: Collection[str] = (),
) -> StepsOpen:
    """What of the protocol's steps waits for this person.

    Args:
        met: the visits, forms and signatures that are there, where a step can come after them.
    """
    mine = [step for step in protocol.steps if by.role_among(step.roles, row.site)]
    if not mine or row.state == State.SCREEN_FAILED or row.state in OVER:
        return StepsOpen()
    progress = progress_from(row, protocol, records, met)
    came = reached_visits(visits, today)
    due = set(due_steps(protocol, progress, came))
    if row.stops_treatment:
        due = {each for each in due if not serves_treatment(protocol, protocol.step(each[0]))}
    free = [
        (step.key, *place)
        for step in mine
        for place in ([each for each in came if each[0] in step.at] if step.at else [("", 1)])
    ]
    refusable = [
        each
        for each in free
        if protocol.step(each[0]).gives_dose
        and each not in due
        and not progress.has(each)
        and not set(undone_before(protocol, protocol.step(each[0]), progress, *each[1:]))
        & set(Milestone)
    ]
    return StepsOpen(tuple(each for each in free if each in due), tuple(refusable))
