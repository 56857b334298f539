"""Plan a participant's visits again whenever something they are counted from is entered."""

from collections.abc import Collection, Iterable
from datetime import date, datetime
from typing import Any

from trialwright.conduct.acting import ActionContext, protocol_for
from trialwright.conduct.allocation.links import allocated_at, linked_with
from trialwright.conduct.clock import day_of, zone_of
from trialwright.conduct.models import Ending, Participant, State, VisitRecord, VisitStatus
from trialwright.conduct.models.participants import EndingKind
from trialwright.conduct.models.steps import StepStatus
from trialwright.conduct.participants.own_visits import arm_for_visits
from trialwright.conduct.participants.progress import progress_of, records_of
from trialwright.conduct.reads.values import values_of
from trialwright.conduct.tables import rows_of
from trialwright.protocol.anchoring import (
    Moments,
    days_of_anchors,
    missed_anchors,
    needed_for_anchors,
    spans_by,
)
from trialwright.protocol.dependencies import placed
from trialwright.protocol.epochs import Span
from trialwright.protocol.model import Protocol
from trialwright.protocol.occurrences import name_of, occurrence_of
from trialwright.protocol.progress import none_given
from trialwright.protocol.schedule import PlannedVisit, Planning, plan
from trialwright.protocol.steps import Milestone
from trialwright.protocol.visits import EndEvent, Visit

# In these there are no more visits; of the withdrawn, those go on that were not withdrawn from.
OVER = frozenset({State.SCREEN_FAILED, State.WITHDRAWN, State.LOST, State.DIED, State.COMPLETED})


def anchors_of(participant: Participant, protocol: Protocol) -> dict[str, date]:
    """The days visits are counted from, as far as they are known to the day."""
    return days_of_anchors(protocol, moments_of(participant, protocol))


def moments_of(participant: Participant, protocol: Protocol) -> Moments:
    """What has happened to a participant, as anchors and epochs count from it."""
    reached: dict[str, datetime | None] = {
        Milestone.CONSENT: participant.consented_at,
        Milestone.ALLOCATION: allocated_at(participant),
    }
    zone = zone_of(participant)
    steps = {key: day_of(moment, zone) for key, moment in reached.items() if moment is not None}
    steps |= {key: day_of(each, zone) for key, each in allocated_again(participant).items()}
    steps |= _days_of_steps(participant, protocol)
    visits = resolved_of(rows_of(VisitRecord, participant_id=participant.pk))
    values = values_of(participant, protocol, _needed(protocol, visits))
    return Moments(steps, visits, values=values, **_endings(participant, protocol))


def allocated_again(participant: Participant) -> dict[str, datetime]:
    """When each later allocation of a participant was made, by its key."""
    made = participant.made_again
    return {key: datetime.fromisoformat(moment) for key, moment in made.items()}


def epochs_of(participant: Participant, protocol: Protocol) -> tuple[Span, ...]:
    """The participant's epochs, as far as their days are known; none where the file has none."""
    if not protocol.epochs:
        return ()
    moments = moments_of(participant, protocol)
    return spans_by(protocol, days_of_anchors(protocol, moments), moments)


_EVENTS = {
    EndingKind.DIED: EndEvent.DEATH,
    EndingKind.WITHDRAWN: EndEvent.WITHDRAWAL,
    EndingKind.LOST: EndEvent.LOSS,
    EndingKind.COMPLETED: EndEvent.COMPLETION,
}


def _endings(participant: Participant, protocol: Protocol) -> dict[str, Any]:
    """How the participation ended, and when, where an anchor or an epoch asks for it."""
    if not (protocol.epochs or any(anchor.event for anchor in protocol.anchors)):
        return {}
    rows = list(Ending.objects.filter(participant_id=participant.pk).order_by("on"))
    leaves = [row.on for row in rows if row.kind != EndingKind.WITHDRAWN or "visits" in row.stops]
    return {
        "endings": {_EVENTS[EndingKind(row.kind)]: row.on for row in rows},
        "left": min(leaves, default=None),
    }


def _days_of_steps(participant: Participant, protocol: Protocol) -> dict[str, date]:
    """The day of each step's first record; the first dose of all is the treatment."""
    doses = {step.key for step in protocol.steps if step.treats}
    days: dict[str, date] = {}
    for record in records_of(participant, protocol):
        if record.status != StepStatus.NOT_DONE:
            dose = (Milestone.TREATMENT,) if record.step in doses else ()
            for name in (record.step, *dose):
                days[name] = min(record.taken_on, days.get(name, record.taken_on))
    return days


def plan_of(participant: Participant, protocol: Protocol) -> dict[str, PlannedVisit]:
    """A participant's visits as the protocol plans them now, by their names, in its order."""
    moments = moments_of(participant, protocol)
    arm = arm_for_visits(participant, protocol)
    untreated = none_given(protocol, progress_of(participant, protocol), arm)
    never = {Milestone.TREATMENT, *(step.key for step in protocol.steps if step.treats)}
    impossible = {anchor.key for anchor in protocol.anchors if untreated and anchor.step in never}
    impossible |= missed_anchors(protocol, moments)
    elsewhere = {visit.key for visit in protocol.visits if not visit.is_for(arm)}
    impossible |= {anchor.key for anchor in protocol.anchors if arm and anchor.visit in elsewhere}
    anchors = days_of_anchors(protocol, moments)
    spans = spans_by(protocol, anchors, moments)
    planned = plan(
        protocol,
        anchors,
        impossible=impossible,
        values=moments.values,
        resolved=moments.visits,
        ended={span.epoch.key: span.end for span in spans if span.end is not None},
        arm=arm,
    )
    return {visit.name: visit for visit in planned}


def resolved_of(records: Iterable[VisitRecord]) -> dict[tuple[str, int], date | None]:
    """The visits that took place, with their day, or were missed, by key and occurrence."""
    return {
        occurrence_of(each.visit): each.actual
        for each in records
        if each.status in (VisitStatus.DONE, VisitStatus.MISSED)
    }


def _needed(protocol: Protocol, visits: Collection[tuple[str, int]]) -> set[str]:
    """The items that visits are counted from or planned by."""
    needed = set(needed_for_anchors(protocol, visits))
    for decided in (cycle.next_on for cycle in protocol.cycles if cycle.next_on):
        numbers = (number for key, number in visits if key == decided.visit)
        needed |= {placed(decided.item, name_of(decided.visit, n), decided.form) for n in numbers}
    return needed.union(*(each.only_if.references for each in protocol.visits if each.only_if))


_UNPLANNED = (Planning.NOT_PLANNED, Planning.ANY_TIME)


def replan(context: ActionContext) -> None:
    """Write the plan down: new visits, moved windows, and those that will not take place.

    Needed after whatever changes where a participant stands or what visits are counted from. A
    visit that took place or was missed keeps the window it had.
    """
    participant = context.participant
    known = {each.visit: each for each in rows_of(VisitRecord, participant_id=participant.pk)}
    new = []
    plan = plan_of(participant, context.protocol)
    for key, visit in plan.items():
        record = known.get(key)
        expected = _expected(participant, context, key) and visit.planning not in _UNPLANNED
        if record is None:
            if expected:
                new.append(_row(participant, visit))
        elif record.status in (VisitStatus.PLANNED, VisitStatus.CANCELLED):
            context.change(
                record,
                target=visit.target,
                opens=visit.first,
                closes=visit.last,
                by_fallback=visit.by_fallback,
                status=(VisitStatus.PLANNED if expected else VisitStatus.CANCELLED).value,
            )
    context.record_all(new)
    for key, record in known.items():
        if key not in plan and record.status == VisitStatus.PLANNED:
            # An occurrence of a cycle that has ended since.
            context.change(record, status=VisitStatus.CANCELLED.value)


def replan_sharing(context: ActionContext) -> None:
    """Plan the visits of those who share the participant's arm, now that it is allocated."""
    whole, participant = context.protocol, context.participant
    assert context.study.version is not None  # noqa: S101 - `acting` has asked
    for row in linked_with([participant]):
        row.study = context.study
        context.about(row, protocol_for(row, context.study.version))
        replan(context)
    context.about(participant, whole)


def _expected(participant: Participant, context: ActionContext, visit: str) -> bool:
    """Whether a participant will still come to a visit that hasn't taken place."""
    if not still_comes(participant, context.protocol.visit(visit)):
        return False
    enrolled = enrolled_at(participant, context.protocol)
    return context.protocol.visit(visit).screening or enrolled is not None


def still_comes(participant: Participant, visit: Visit) -> bool:
    """Whether a visit goes on: a withdrawal stops the visits or the contacts that it names."""
    if participant.state in OVER and participant.state != State.WITHDRAWN:
        return False
    return not (participant.stops_contact if visit.remote else participant.stops_visits)


def enrolled_at(participant: Participant, protocol: Protocol) -> datetime | None:
    """When a participant entered the trial: allocated or, where nobody is, confirmed eligible."""
    return participant.randomised_at if protocol.allocation else participant.eligible_at


def _row(participant: Participant, visit: PlannedVisit) -> VisitRecord:
    return VisitRecord(
        participant=participant,
        visit=visit.name,
        status=VisitStatus.PLANNED.value,
        target=visit.target,
        opens=visit.first,
        closes=visit.last,
        by_fallback=visit.by_fallback,
    )
