"""What programs do: the actions of the pages. `Idempotency-Key` has one done once, however often it
is sent; without one a creating request is refused."""

import json
from collections.abc import Callable
from typing import Any

from django.http import HttpRequest
from django.utils.translation import gettext as _
from ninja import Path, Schema, Status

from trialwright.accounts.policy import Actor
from trialwright.conduct.actions import entering, querying, screening
from trialwright.conduct.actions.once import once
from trialwright.conduct.reads.participants import visible_queries
from trialwright.conduct.refusals import NotFound
from trialwright.protocol.values import Missing
from trialwright.web.api.routing import router
from trialwright.web.api.shapes import (
    AnswerIn,
    AnswersIn,
    CodeOut,
    QueryIn,
    QueryNumber,
    SavedOut,
    ScreenIn,
)
from trialwright.web.api.who import KeyMissingError, actor_for

_MOST = 2**31 - 1
_KEYED: dict[str, Any] = {
    "parameters": [
        {
            "in": "header",
            "name": "Idempotency-Key",
            "required": True,
            "description": "Another for each new request; the same one has it done once.",
            "schema": {"type": "string", "minLength": 8, "maxLength": 200},
        }
    ]
}


def _once(request: HttpRequest, by: Actor, content: Schema, act: Callable[[], str]) -> str:
    key = request.headers.get("Idempotency-Key", "")
    if not 8 <= len(key) <= 200:
        raise KeyMissingError(
            _("Send a header Idempotency-Key of 8 to 200 characters, another for each new request.")
        )
    said = json.dumps([request.method, request.path, content.model_dump()], sort_keys=True)
    return once(by=by, token=f"api#{key}", content=said, act=act)


@router.post(
    "/studies/{study}/participants",
    response={201: CodeOut},
    summary="Screen somebody",
    openapi_extra=_KEYED,
)
def screen(request: HttpRequest, study: str, sent: ScreenIn) -> Status[CodeOut]:
    """Add somebody to the screening log."""
    actor, _protocol = actor_for(request, study, writes=True)
    code = _once(request, actor, sent, lambda: screening.screen(by=actor, site=sent.site))
    return Status(201, CodeOut(code=code))


@router.put(
    "/studies/{study}/participants/{code}/visits/{visit}/{form}/{repeat}",
    response=SavedOut,
    summary="Save a form",
)
def save(
    request: HttpRequest, study: str, code: str, visit: str, form: str, sent: AnswersIn,
    repeat: int = Path(..., ge=1, le=_MOST),
) -> SavedOut:  # fmt: skip
    """Save a form as a whole, on the revision that was read; a second time it is a conflict."""
    actor, _protocol = actor_for(request, study, writes=True)
    missing = {key: Missing(reason) for key, reason in sent.missing.items()}
    saved = entering.save_entry(
        by=actor,
        code=code,
        visit=visit,
        form=form,
        repeat=repeat,
        raw={**sent.values, **missing},
        based_on=sent.revision,
        change_reasons=sent.change_reasons,
        remarks=sent.remarks,
    )
    return SavedOut(
        revision=saved.revision,
        complete=saved.complete,
        queries=list(saved.queries),
        signatures_void=saved.signatures_void,
    )


@router.post(
    "/studies/{study}/participants/{code}/visits/{visit}/{form}/{repeat}/queries",
    response={201: QueryNumber},
    summary="Raise a query",
    openapi_extra=_KEYED,
)
def raise_query(
    request: HttpRequest, study: str, code: str, visit: str, form: str, sent: QueryIn,
    repeat: int = Path(..., ge=1, le=_MOST),
) -> Status[QueryNumber]:  # fmt: skip
    """Ask about one answer."""
    actor, _protocol = actor_for(request, study, writes=True)

    def ask() -> str:
        number = querying.raise_query(
            by=actor, code=code, visit=visit, form=form, repeat=repeat, item=sent.item,
            text=sent.text,
        )  # fmt: skip
        return str(number)

    return Status(201, QueryNumber(number=int(_once(request, actor, sent, ask))))


@router.post(
    "/studies/{study}/queries/{number}/answer",
    response={204: None},
    summary="Answer",
    openapi_extra=_KEYED,
)
def answer(
    request: HttpRequest, study: str, sent: AnswerIn, number: int = Path(..., ge=1, le=_MOST)
) -> Status[None]:
    """Answer a query."""
    actor, _protocol = actor_for(request, study, writes=True)
    code = _code_of(actor, number)

    def act() -> str:
        querying.answer_query(by=actor, code=code, number=number, answer=sent.answer)
        return code

    _once(request, actor, sent, act)
    return Status(204, None)


@router.post("/studies/{study}/queries/{number}/close", response={204: None}, summary="Close")
def close(
    request: HttpRequest, study: str, number: int = Path(..., ge=1, le=_MOST)
) -> Status[None]:
    """Close a query whose answer settles it."""
    actor, _protocol = actor_for(request, study, writes=True)
    querying.close_query(by=actor, code=_code_of(actor, number), number=number)
    return Status(204, None)


def _code_of(by: Actor, number: int) -> str:
    row = visible_queries(by).filter(number=number).first()
    if row is None:
        raise NotFound
    code: str = row.entry.participant.code
    return code
