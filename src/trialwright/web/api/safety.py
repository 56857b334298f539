"""Adverse events, the reports that are due, and whether the next participant may be treated."""

from typing import Any

from django.http import HttpRequest
from ninja import Path, Status

from trialwright.accounts.policy import Act, may
from trialwright.conduct.actions import adverse_events
from trialwright.conduct.actions.adverse_events import Report
from trialwright.conduct.reads.adverse_events import events_seen, onsets, with_doses
from trialwright.conduct.reads.clocks import ClockLine, clocks_seen
from trialwright.conduct.reads.may_treat import may_treat
from trialwright.conduct.refusals import NotFound
from trialwright.safety.onset import OnsetMarks
from trialwright.safety.seriousness import SeriousCriterion
from trialwright.web.api.once import KEYED, once_by_key
from trialwright.web.api.routing import MOST, router
from trialwright.web.api.shapes import ClockOut, EventIn, EventNumber, EventOut, NextParticipantOut
from trialwright.web.api.who import actor_for


@router.get("/studies/{study}/adverse-events", response=list[EventOut], summary="Adverse events")
def events(request: HttpRequest, study: str, participant: str = "") -> list[EventOut]:
    """List adverse events, the latest first; of one participant where a code is given."""
    actor, _protocol = actor_for(request, study)
    rows = with_doses(actor, events_seen(actor))
    if participant:
        rows = rows.filter(participant__code=participant)
    marks = onsets(actor)
    return [_event(row, marks(row)) for row in rows]


@router.get("/studies/{study}/adverse-events/{number}", response=EventOut, summary="One event")
def event(request: HttpRequest, study: str, number: int = Path(..., ge=1, le=MOST)) -> EventOut:
    """Tell one adverse event."""
    actor, _protocol = actor_for(request, study)
    row = with_doses(actor, events_seen(actor)).filter(number=number).first()
    if row is None:
        raise NotFound
    return _event(row, onsets(actor)(row))


def _event(row: Any, marks: OnsetMarks | None) -> EventOut:
    return EventOut(
        number=row.number,
        participant=row.participant.code,
        term=row.term,
        ctcae=row.ctcae,
        worst_grade=row.worst,
        started=row.started,
        ended=row.ended,
        onset_to_consent=marks.consent if marks else None,
        onset_to_treatment=marks.treatment if marks else None,
        known_at=row.known_at,
        outcome=row.outcome,
        criteria=[each for each in SeriousCriterion if getattr(row, each.value)],
        special=row.special,
        nullified=row.nullified,
    )


@router.post(
    "/studies/{study}/participants/{code}/adverse-events",
    response={201: EventNumber},
    summary="Record an adverse event",
    openapi_extra=KEYED,
)
def record_event(request: HttpRequest, study: str, code: str, sent: EventIn) -> Status[EventNumber]:
    """Record an adverse event; its clocks and holds follow in the same moment, as from the page."""
    actor, _protocol = actor_for(request, study, writes=True)
    report = Report(**sent.model_dump())

    def record() -> str:
        return str(adverse_events.record_event(by=actor, code=code, report=report))

    return Status(201, EventNumber(number=int(once_by_key(request, actor, sent, record))))


@router.get("/studies/{study}/clocks", response=list[ClockOut], summary="Reports due")
def clocks(request: HttpRequest, study: str) -> list[ClockOut]:
    """List the reports that are or were due, the first due first."""
    actor, _protocol = actor_for(request, study)
    if not may(actor, Act.SEE_PARTICIPANTS):
        raise NotFound
    return [_clock(line) for line in clocks_seen(actor) if line.open_told]


def _clock(line: ClockLine) -> ClockOut:
    return ClockOut(
        number=line.number,
        rule=line.label.en,
        region=line.region,
        event=line.event,
        hold=line.hold,
        participant=line.code,
        because=line.dues[-1].why.value,
        started_at=line.started_at,
        zone=line.zone,
        due_at=line.due_at,
        missing=[each.value for each in line.missing],
        ended=line.ending.how.value if line.ending else "",
        ended_at=line.ending.sent_at if line.ending else None,
    )


@router.get(
    "/studies/{study}/next-participant",
    response=NextParticipantOut,
    summary="May the next participant be treated today?",
)
def next_participant(request: HttpRequest, study: str) -> NextParticipantOut:
    """Tell whether anything stands against treating another participant today."""
    actor, _protocol = actor_for(request, study)
    told = may_treat(actor)
    return NextParticipantOut(
        on=told.on,
        may_treat=told.yes,
        reasons=[str(each) for each in told.reasons],
        randomised=told.randomised,
        places=told.places,
    )
