"""Pregnancies, the children, situations without harm, and from a code to who was given of it."""

from datetime import datetime

from django.http import HttpRequest
from ninja import Path, Schema, Status
from pydantic import Field

from trialwright.conduct.actions import special_situations
from trialwright.conduct.actions.special_situations import Birth, PregnancyReport, Situation
from trialwright.conduct.models import PregnancyOutcome
from trialwright.conduct.models.adverse_events import Special
from trialwright.conduct.reads.pregnancies import PregnancyLine, pregnancies_seen, pregnancy_of_case
from trialwright.conduct.reads.tracing import Traced, trace
from trialwright.conduct.refusals import NotFound
from trialwright.custody.containers import ContainerStatus
from trialwright.web.api.once import KEYED, once_by_key
from trialwright.web.api.routing import MOST, router
from trialwright.web.api.shapes import EventNumber
from trialwright.web.api.who import actor_for

_OF_PARTICIPANT = "/studies/{study}/participants/{code}/pregnancies"
_DATE = "An ISO date, cut short where only part is known."
_LONGEST = 10_000


class ChildOut(Schema):
    """A child; `cases` are the numbers of its own cases."""

    code: str
    born: str = Field(description=_DATE)
    sex: str
    weight_g: int | None
    condition: str
    died_on: str
    cases: list[int]


class PregnancyOut(Schema):
    """A pregnancy; `case` is the number of its case, `loss` that of the participant's event."""

    case: int
    participant: str
    began: str = Field(description=_DATE)
    last_period: str
    expected_on: str
    contraception: str
    history: str
    outcome: PregnancyOutcome | None = Field(description="None while it isn't known.")
    ended: str
    weeks: int | None
    loss: int | None
    nullified: str
    children: list[ChildOut]


class PregnancyIn(Schema):
    """What is known of a pregnancy when it is reported."""

    began: str = Field("", max_length=10, description=_DATE)
    last_period: str = Field("", max_length=10)
    expected_on: str = Field("", max_length=10)
    contraception: str = Field("", max_length=_LONGEST)
    history: str = Field("", max_length=_LONGEST)
    described: str = Field("", max_length=_LONGEST)
    known_at: datetime | None = Field(None, description="The present if left out.")


class PregnancyEndIn(Schema):
    """How a pregnancy ended; a loss names the participant's serious event."""

    outcome: PregnancyOutcome
    ended: str = Field("", max_length=10, description=_DATE)
    weeks: int | None = Field(None, ge=0, le=50)
    loss: int | None = Field(None, ge=1, le=MOST)
    described: str = Field("", max_length=_LONGEST)
    known_at: datetime | None = None


class BirthIn(Schema):
    """What is told of a child. A malformation, and a death, is a case of the child's own."""

    born: str = Field("", max_length=10, description=_DATE)
    sex: str = Field("", pattern="^(female|male|)$")
    weight_g: int | None = Field(None, ge=1, le=20_000)
    condition: str = Field("", max_length=_LONGEST)
    malformation: str = Field("", max_length=_LONGEST)
    grade: int | None = Field(None, ge=1, le=5, description="Of the malformation.")
    died_on: str = Field("", max_length=10)
    died_of: str = Field("", max_length=_LONGEST)


class ChildNewsIn(BirthIn):
    """All that is known of a child now, and why it is told."""

    reason: str = Field(max_length=2_000)


class ChildCode(Schema):
    """The code of a child."""

    code: str


class SituationIn(Schema):
    """A situation in which nobody was harmed, and which is reported all the same."""

    special: Special
    described: str = Field(max_length=_LONGEST)
    started: str = Field("", max_length=10, description=_DATE)
    known_at: datetime | None = None


class TraceLineOut(Schema):
    """One container that a participant was given; told, called: None while they weren't."""

    participant: str
    site: str
    container: str
    lot: str
    product: str
    donors: list[str]
    given_at: datetime
    status: ContainerStatus
    amount: str
    unit: str
    per_kg: str
    told: datetime | None
    called: datetime | None


class TraceOut(Schema):
    """What a code leads to."""

    code: str
    kind: Traced
    lots: list[str]
    given: list[TraceLineOut]
    not_given: int
    pregnancies: list[PregnancyOut]


@router.get("/studies/{study}/pregnancies", response=list[PregnancyOut], summary="Pregnancies")
def pregnancies(request: HttpRequest, study: str, participant: str = "") -> list[PregnancyOut]:
    """List pregnancies with the children; of one participant where a code is given."""
    actor, _protocol = actor_for(request, study)
    told = pregnancies_seen(actor)
    return [_pregnancy(each) for each in told if participant in ("", each.code)]


@router.get("/studies/{study}/pregnancies/{case}", response=PregnancyOut, summary="One pregnancy")
def pregnancy(
    request: HttpRequest, study: str, case: int = Path(..., ge=1, le=MOST)
) -> PregnancyOut:
    """Tell one pregnancy by the number of its case."""
    actor, _protocol = actor_for(request, study)
    told = pregnancy_of_case(actor, case)
    if told is None:
        raise NotFound
    return _pregnancy(told)


def _pregnancy(line: PregnancyLine) -> PregnancyOut:
    return PregnancyOut(
        case=line.case,
        participant=line.code,
        began=line.began,
        last_period=line.last_period,
        expected_on=line.expected_on,
        contraception=line.contraception,
        history=line.history,
        outcome=line.outcome,
        ended=line.ended,
        weeks=line.weeks,
        loss=line.loss,
        nullified=line.nullified,
        children=[
            ChildOut(
                code=each.code,
                born=each.born,
                sex=each.sex,
                weight_g=each.weight_g,
                condition=each.condition,
                died_on=each.died_on,
                cases=list(each.cases),
            )
            for each in line.children
        ],
    )


@router.post(
    _OF_PARTICIPANT, response={201: EventNumber}, summary="Record a pregnancy", openapi_extra=KEYED
)
def record_pregnancy(
    request: HttpRequest, study: str, code: str, sent: PregnancyIn
) -> Status[EventNumber]:
    """Record a pregnancy as a case of its own; its clocks follow as from the page."""
    actor, _protocol = actor_for(request, study, writes=True)
    report = PregnancyReport(**sent.model_dump())

    def record() -> str:
        return str(special_situations.record_pregnancy(by=actor, code=code, report=report))

    return Status(201, EventNumber(number=int(once_by_key(request, actor, sent, record))))


@router.post(
    f"{_OF_PARTICIPANT}/{{case}}/outcome",
    response={204: None},
    summary="How a pregnancy ended",
    openapi_extra=KEYED,
)
def record_outcome(
    request: HttpRequest,
    study: str,
    code: str,
    sent: PregnancyEndIn,
    case: int = Path(..., ge=1, le=MOST),
) -> Status[None]:
    """Record how a pregnancy ended: significant news for those who were told of it."""
    actor, _protocol = actor_for(request, study, writes=True)

    def record() -> str:
        special_situations.record_pregnancy_outcome(
            by=actor, code=code, number=case, **sent.model_dump()
        )
        return ""

    once_by_key(request, actor, sent, record)
    return Status(204, None)


@router.post(
    f"{_OF_PARTICIPANT}/{{case}}/children",
    response={201: ChildCode},
    summary="Record a child",
    openapi_extra=KEYED,
)
def record_child(
    request: HttpRequest,
    study: str,
    code: str,
    sent: BirthIn,
    case: int = Path(..., ge=1, le=MOST),
) -> Status[ChildCode]:
    """Record a child of a pregnancy that ended in a birth."""
    actor, _protocol = actor_for(request, study, writes=True)
    birth = Birth(**sent.model_dump())

    def record() -> str:
        return special_situations.record_child(by=actor, code=code, number=case, birth=birth)

    return Status(201, ChildCode(code=once_by_key(request, actor, sent, record)))


@router.post(
    "/studies/{study}/participants/{code}/children/{child}",
    response={204: None},
    summary="News of a child",
    openapi_extra=KEYED,
)
def follow_child(
    request: HttpRequest, study: str, code: str, child: str, sent: ChildNewsIn
) -> Status[None]:
    """Record what is known of a child now; what was said before stays in the audit trail."""
    actor, _protocol = actor_for(request, study, writes=True)
    birth = Birth(**sent.model_dump(exclude={"reason"}))

    def record() -> str:
        special_situations.follow_child(
            by=actor, code=code, child=child, birth=birth, reason=sent.reason
        )
        return ""

    once_by_key(request, actor, sent, record)
    return Status(204, None)


@router.post(
    "/studies/{study}/participants/{code}/situations",
    response={201: EventNumber},
    summary="Record a situation without harm",
    openapi_extra=KEYED,
)
def record_situation(
    request: HttpRequest, study: str, code: str, sent: SituationIn
) -> Status[EventNumber]:
    """Record a situation that is reported though nobody was harmed; a pregnancy is none."""
    actor, _protocol = actor_for(request, study, writes=True)
    situation = Situation(**sent.model_dump())

    def record() -> str:
        told = special_situations.record_situation(by=actor, code=code, situation=situation)
        return str(told)

    return Status(201, EventNumber(number=int(once_by_key(request, actor, sent, record))))


@router.get("/studies/{study}/trace", response=TraceOut, summary="Who was given what")
def traced(request: HttpRequest, study: str, code: str) -> TraceOut:
    """Follow the code of a donor, lot, container, participant, pregnancy or child both ways."""
    actor, _protocol = actor_for(request, study)
    told = trace(actor, code[:60])
    return TraceOut(
        code=told.code,
        kind=told.kind,
        lots=list(told.lots),
        given=[
            TraceLineOut(
                participant=each.participant,
                site=each.site,
                container=each.container,
                lot=each.lot,
                product=each.product,
                donors=list(each.donors),
                given_at=each.given_at,
                status=each.status,
                amount=each.amount,
                unit=each.unit,
                per_kg=each.per_kg,
                told=each.told,
                called=each.called,
            )
            for each in told.lines
        ],
        not_given=told.not_given,
        pregnancies=[_pregnancy(each) for each in told.pregnancies],
    )
