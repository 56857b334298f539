"""Data cuts and their open files."""

from datetime import datetime

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from ninja import Field, Schema, Status

from trialwright.accounts.policy import Actor
from trialwright.analysis.cut import CutError
from trialwright.conduct.actions import cutting
from trialwright.conduct.reads import cuts as reads
from trialwright.conduct.refusals import ActionRefused, NotFound
from trialwright.web.api.once import KEYED, once_by_key
from trialwright.web.api.routing import router
from trialwright.web.api.who import actor_for


class CutOut(Schema):
    """A data cut, by its hash."""

    name: str
    cut_at: datetime
    ledger_number: int
    sha256: str
    files: list[str] = Field(description="The open files; empty in the list of cuts.")


class CutIn(Schema):
    """A cut to be made of the data as they stand."""

    name: str = Field(max_length=63)


@router.get("/studies/{study}/cuts", response=list[CutOut], summary="Data cuts")
def cuts(request: HttpRequest, study: str) -> list[CutOut]:
    """List the data cuts, the latest first."""
    actor, _protocol = actor_for(request, study)
    return [
        CutOut(
            name=row.name,
            cut_at=row.cut_at,
            ledger_number=row.open_seq,
            sha256=row.sha256,
            files=[],
        )
        for row in reads.cuts(actor)
    ]


@router.post(
    "/studies/{study}/cuts", response={201: CutOut}, summary="Cut the data", openapi_extra=KEYED
)
def cut(request: HttpRequest, study: str, sent: CutIn) -> Status[CutOut]:
    """Freeze the data as they stand, under a name."""
    actor, _protocol = actor_for(request, study, writes=True)
    once_by_key(request, actor, sent, lambda: cutting.cut_data(by=actor, name=sent.name))
    return Status(201, one_cut(request, study, sent.name))


@router.get("/studies/{study}/cuts/{name}", response=CutOut, summary="A data cut")
def one_cut(request: HttpRequest, study: str, name: str) -> CutOut:
    """Tell one cut, and the names of its open files."""
    actor, _protocol = actor_for(request, study)
    row = reads.one_cut(actor, name)
    return CutOut(
        name=row.name,
        cut_at=row.cut_at,
        ledger_number=row.open_seq,
        sha256=row.sha256,
        files=list(_files(actor, name)),
    )


@router.get("/studies/{study}/cuts/{name}/files/{file}", summary="A file of a cut")
def cut_file(request: HttpRequest, study: str, name: str, file: str) -> HttpResponse:
    """Send the bytes of an open file of a cut, to be saved."""
    actor, _protocol = actor_for(request, study)
    files = _files(actor, name)
    if file not in files:
        raise NotFound
    answer = HttpResponse(files[file], content_type="application/octet-stream")
    answer["Content-Disposition"] = f'attachment; filename="{file}"'
    return answer


def _files(actor: Actor, name: str) -> dict[str, bytes]:
    try:
        return reads.files_of(actor, name)
    except CutError as error:
        words = _("The files of this cut are not what was cut: {why}").format(why=error)
        raise ActionRefused(words) from None
