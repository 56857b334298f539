"""What programs read. Each asks the policy through the same reads as the pages."""

from datetime import UTC
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from ninja import Path

from trialwright.accounts.reads import studies_of
from trialwright.conduct.reads.appointments import appointment_rows, appointment_teller
from trialwright.conduct.reads.attachments import attachments_of, file_of
from trialwright.conduct.reads.forms import form_page
from trialwright.conduct.reads.participants import one, participants, story, visible_queries
from trialwright.conduct.refusals import ActionRefused, NotFound
from trialwright.ledger.encoding import LedgerError
from trialwright.protocol.values import Missing
from trialwright.web.api.routing import MOST, router
from trialwright.web.api.shapes import (
    AnswersOut,
    AppointmentOut,
    AttachmentOut,
    FormOut,
    ParticipantDetail,
    ParticipantOut,
    QueryOut,
    StudyOut,
    VisitOut,
)
from trialwright.web.api.who import actor_for, person_of, token_of
from trialwright.web.attached_file import file_response


@router.get("/studies", response=list[StudyOut], summary="Studies that the person is in")
def studies(request: HttpRequest) -> list[StudyOut]:
    """List the studies that the token opens."""
    found = []
    for name in studies_of(person_of(request)):
        if token_of(request).study in ("", name):
            try:
                actor, protocol = actor_for(request, name)
            except NotFound:
                continue
            told = StudyOut(
                study=name,
                title=protocol.title.in_language("en"),
                roles=sorted({seat.role for seat in actor.seats}),
                demonstration=_is_demonstration(name),
            )
            found.append(told)
    return found


def _is_demonstration(study: str) -> bool:
    from trialwright.conduct.models import Study

    return Study.objects.values_list("demonstration", flat=True).get(identifier=study)


@router.get("/studies/{study}/participants", response=list[ParticipantOut], summary="Participants")
def participant_list(request: HttpRequest, study: str) -> list[ParticipantOut]:
    """List the participants that the person may see."""
    actor, _protocol = actor_for(request, study)
    return [
        ParticipantOut(
            code=line.code,
            site=line.site,
            state=str(line.state.value),
            screened_at=line.screened_at,
            randomised_at=line.randomised_at,
            next_visit=line.next_visit,
            open_queries=line.open_queries,
        )
        for line in participants(actor)
    ]


@router.get(
    "/studies/{study}/participants/{code}", response=ParticipantDetail, summary="A participant"
)
def participant(request: HttpRequest, study: str, code: str) -> ParticipantDetail:
    """Tell a participant's state, visits, and how their forms stand."""
    actor, _protocol = actor_for(request, study)
    one(actor, code)
    told = story(actor, code)
    visits = [
        VisitOut(
            visit=line.visit.key,
            status=line.status,
            target=line.target,
            actual=line.actual,
            forms=[
                FormOut(
                    form=form.key,
                    repeat=form.repeat,
                    status=form.status,
                    signed=form.signed,
                    open_queries=form.open_queries,
                    may_enter=form.can_enter,
                )
                for form in line.forms
            ],
        )
        for line in told.visits
    ]
    row = told.row
    return ParticipantDetail(code=row.code, site=row.site, state=row.state, visits=visits)


@router.get(
    "/studies/{study}/participants/{code}/visits/{visit}/{form}/{repeat}",
    response=AnswersOut,
    summary="Answers of a form",
)
def answers(
    request: HttpRequest, study: str, code: str, visit: str, form: str,
    repeat: int = Path(..., ge=1, le=MOST),
) -> AnswersOut:  # fmt: skip
    """Tell what is saved of a form, with the revision that a saving names."""
    actor, _protocol = actor_for(request, study)
    page = form_page(actor, code, visit, form, repeat)
    saved: dict[str, Any] = dict(page.saved)
    return AnswersOut(
        revision=page.revision,
        complete=page.complete,
        values={key: raw for key, raw in saved.items() if isinstance(raw, str)},
        missing={key: raw.reason for key, raw in saved.items() if isinstance(raw, Missing)},
        computed=[item.key for item in page.form.items if item.computed],
    )


@router.get(
    "/studies/{study}/participants/{code}/attachments",
    response=list[AttachmentOut],
    summary="Attachments",
)
def attachments(request: HttpRequest, study: str, code: str) -> list[AttachmentOut]:
    """List a participant's attachments that stand, with the hash of each file."""
    actor, _protocol = actor_for(request, study)
    _participant, _protocol, lines = attachments_of(actor, code)
    return [
        AttachmentOut(
            number=line.number,
            visit=line.visit,
            form=line.form,
            repeat=line.repeat,
            kind=line.kind.value,
            size_bytes=line.size_bytes,
            sha256=line.sha256,
            about=line.about,
            attached_at=line.attached_at,
        )
        for line in reversed(lines)
        if line.removed_at is None
    ]


@router.get(
    "/studies/{study}/participants/{code}/attachments/{number}", summary="The file of an attachment"
)
def attached_file(
    request: HttpRequest, study: str, code: str, number: int = Path(..., ge=1, le=MOST)
) -> HttpResponse:
    """Send the bytes of an attachment, to be saved."""
    actor, _protocol = actor_for(request, study)
    try:
        return file_response(file_of(actor, code, number), save=True)
    except LedgerError:
        words = _("The file is not what was stored. “trialwright verify” names it.")
        raise ActionRefused(words) from None


@router.get("/studies/{study}/appointments", response=list[AppointmentOut], summary="Appointments")
def appointments(request: HttpRequest, study: str, site: str = "") -> list[AppointmentOut]:
    """List appointments of visits in the order of time, of one site or of all."""
    actor, _protocol = actor_for(request, study)
    rows = appointment_rows(actor)
    if site:
        rows = rows.filter(visit__participant__site=site)
    return [
        AppointmentOut(
            participant=line.code,
            site=line.site,
            visit=line.visit,
            starts_at=line.starts_at.astimezone(UTC),
            minutes=line.minutes,
            zone=line.zone.key,
            status=line.status.value,
            moves=line.moves,
            reason=line.reason,
        )
        for line in map(appointment_teller(actor, timezone.now()), rows)
    ]


@router.get("/studies/{study}/queries", response=list[QueryOut], summary="Queries")
def queries(request: HttpRequest, study: str, status: str = "") -> list[QueryOut]:
    """List queries, of one status or of all."""
    actor, _protocol = actor_for(request, study)
    if actor.sites is not None and not actor.sites:
        raise NotFound
    rows = visible_queries(actor).order_by("number")
    if status:
        rows = rows.filter(status=status)
    return [
        QueryOut(
            number=row.number,
            participant=row.entry.participant.code,
            visit=row.entry.visit,
            form=row.entry.form,
            repeat=row.entry.repeat,
            item=row.item,
            text=row.text,
            status=row.status,
            answer=row.answer,
        )
        for row in rows
    ]
