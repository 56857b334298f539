"""Visits, consents and protocol deviations of a participant."""

from typing import Any

from django.http import HttpRequest
from ninja import Status

from trialwright.conduct.actions import deviating, visiting
from trialwright.conduct.reads.consents import consents_of
from trialwright.conduct.reads.deviations import deviations_seen
from trialwright.web.api.once import KEYED, once_by_key
from trialwright.web.api.routing import router
from trialwright.web.api.shapes import (
    ConsentOut,
    DeviationIn,
    DeviationNumber,
    DeviationOut,
    PartOut,
    ReasonIn,
    UnscheduledIn,
    VisitDayIn,
    VisitKey,
)
from trialwright.web.api.who import actor_for

_PARTICIPANT = "/studies/{study}/participants/{code}"


@router.put(f"{_PARTICIPANT}/visits/{{visit}}/day", response={204: None}, summary="Visit's day")
def took_place(
    request: HttpRequest, study: str, code: str, visit: str, sent: VisitDayIn
) -> Status[None]:
    """Record the day on which a visit took place."""
    actor, _protocol = actor_for(request, study, writes=True)
    visiting.record_visit(by=actor, code=code, visit=visit, on=sent.on, reason=sent.reason)
    return Status(204, None)


@router.put(f"{_PARTICIPANT}/visits/{{visit}}/missed", response={204: None}, summary="Missed")
def missed(request: HttpRequest, study: str, code: str, visit: str, sent: ReasonIn) -> Status[None]:
    """Record that a visit did not take place, and why."""
    actor, _protocol = actor_for(request, study, writes=True)
    visiting.record_missed_visit(by=actor, code=code, visit=visit, reason=sent.reason)
    return Status(204, None)


@router.post(
    f"{_PARTICIPANT}/unscheduled",
    response={201: VisitKey},
    summary="Unscheduled visit",
    openapi_extra=KEYED,
)
def unscheduled(
    request: HttpRequest, study: str, code: str, sent: UnscheduledIn
) -> Status[VisitKey]:
    """Record an unscheduled visit that took place."""
    actor, _protocol = actor_for(request, study, writes=True)

    def add() -> str:
        return visiting.add_unscheduled_visit(
            by=actor, code=code, visit=sent.visit, on=sent.on, reason=sent.reason
        )

    return Status(201, VisitKey(visit=once_by_key(request, actor, sent, add)))


@router.get(f"{_PARTICIPANT}/consents", response=list[ConsentOut], summary="Consents")
def consents(request: HttpRequest, study: str, code: str) -> list[ConsentOut]:
    """List a participant's consents, the first given first."""
    actor, _protocol = actor_for(request, study)
    return [
        ConsentOut(
            number=each.number,
            version=each.version,
            language=each.language,
            given_by=each.given_by.value,
            given_at=each.given_at,
            parts=[
                PartOut(part=part.key, agreed=part.agreed, withdrawn_on=part.withdrawn_on)
                for part in each.parts
            ],
        )
        for each in consents_of(actor, code).given
    ]


@router.get("/studies/{study}/deviations", response=list[DeviationOut], summary="Deviations")
def deviations(request: HttpRequest, study: str, participant: str = "") -> list[DeviationOut]:
    """List protocol deviations, the latest first; of one participant where a code is given."""
    actor, _protocol = actor_for(request, study)
    rows: Any = deviations_seen(actor)
    if participant:
        rows = rows.filter(participant__code=participant)
    return [
        DeviationOut(
            number=row.number,
            participant=row.participant.code,
            kind=row.kind,
            subject=row.subject,
            on=row.on,
            description=row.description,
            classification=row.classification,
            done=row.done or "",
        )
        for row in rows
    ]


@router.post(
    f"{_PARTICIPANT}/deviations",
    response={201: DeviationNumber},
    summary="Record a deviation",
    openapi_extra=KEYED,
)
def record_deviation(
    request: HttpRequest, study: str, code: str, sent: DeviationIn
) -> Status[DeviationNumber]:
    """Record a deviation; the investigator classifies it."""
    actor, _protocol = actor_for(request, study, writes=True)

    def record() -> str:
        number = deviating.record_deviation(
            by=actor, code=code, kind=sent.kind, on=sent.on, description=sent.description
        )
        return str(number)

    return Status(201, DeviationNumber(number=int(once_by_key(request, actor, sent, record))))
