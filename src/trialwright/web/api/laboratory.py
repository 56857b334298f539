"""Laboratory results by file: sent, looked at beside what is stored, and entered."""

import binascii
from base64 import b64decode

from django.http import HttpRequest
from django.utils.translation import gettext as _
from ninja import Field, Path, Schema, Status

from trialwright.conduct.actions import importing
from trialwright.conduct.reads.results import ResultFound, preview
from trialwright.conduct.refusals import ActionRefused, Problem
from trialwright.web.api.once import KEYED, once_by_key
from trialwright.web.api.routing import MOST, router
from trialwright.web.api.who import actor_for

# One answer takes no longer than a program waits; what is left is asked for again.
_SECONDS = 8.0


class ResultFileIn(Schema):
    """A file of laboratory results, read by the newest version of a mapping."""

    mapping: str = Field(max_length=20)
    file_name: str = Field(max_length=120)
    content: str = Field(description="The bytes of the CSV or XLSX file in Base64.")


class ResultOut(Schema):
    """A result beside what is stored."""

    row: int
    participant: str
    visit: str
    form: str
    item: str
    test: str
    value: str
    unit: str
    found: str = Field(description="new, equal, different or refused")
    held: str
    why: str


class ResultFileOut(Schema):
    """A file of results beside what is stored now."""

    number: int
    sha256: str
    entered: int
    results: list[ResultOut]


class EnterIn(Schema):
    """Enter what is new of a file; with a reason, what differs too."""

    replace: str = Field("", max_length=500)


class EnteredOut(Schema):
    """What came of it."""

    values: int
    forms_left: int = Field(description="Ask again for these.")
    refused: list[ResultOut]


class ResultFileNumber(Schema):
    """The number of a file of results."""

    number: int


@router.post(
    "/studies/{study}/results",
    response={201: ResultFileNumber},
    summary="Send a file of results",
    openapi_extra=KEYED,
)
def send(request: HttpRequest, study: str, sent: ResultFileIn) -> Status[ResultFileNumber]:
    """Take a file of laboratory results; nothing is entered yet."""
    actor, _protocol = actor_for(request, study, writes=True)

    def upload() -> str:
        number = importing.upload_results(
            by=actor, mapping=sent.mapping, source=_bytes(sent.content), file_name=sent.file_name
        )
        return str(number)

    return Status(201, ResultFileNumber(number=int(once_by_key(request, actor, sent, upload))))


def _bytes(content: str) -> bytes:
    try:
        return b64decode(content, validate=True)
    except (binascii.Error, ValueError):
        words = _("Send the bytes of the file in Base64.")
        raise ActionRefused(problems=(Problem("content", words),)) from None


@router.get(
    "/studies/{study}/results/{number}", response=ResultFileOut, summary="A file of results"
)
def look(request: HttpRequest, study: str, number: int = Path(..., ge=1, le=MOST)) -> ResultFileOut:
    """Tell each result of a file beside what is stored now: new, equal, different or refused."""
    actor, _protocol = actor_for(request, study)
    found = preview(actor, number)
    return ResultFileOut(
        number=found.file.number,
        sha256=found.file.sha256,
        entered=found.file.entered,
        results=[_result(each) for each in found.results],
    )


@router.put(
    "/studies/{study}/results/{number}/entered", response=EnteredOut, summary="Enter what is new"
)
def enter(
    request: HttpRequest, study: str, sent: EnterIn, number: int = Path(..., ge=1, le=MOST)
) -> EnteredOut:
    """Enter what is new of a file, form by form; what was entered before isn't entered again."""
    actor, _protocol = actor_for(request, study, writes=True)
    done = importing.enter_results(
        by=actor, number=number, replace=sent.replace.strip(), within_seconds=_SECONDS
    )
    refused = [_result(each) for each in done.refused]
    return EnteredOut(values=done.values, forms_left=done.left, refused=refused)


def _result(each: ResultFound) -> ResultOut:
    line = each.line
    return ResultOut(
        row=line.row,
        participant=line.participant,
        visit=each.visit,
        form=each.form,
        item=each.item,
        test=line.test,
        value=line.value,
        unit=line.unit,
        found=each.found.value,
        held=each.held,
        why=each.why,
    )
