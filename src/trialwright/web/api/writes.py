"""What programs do: the actions of the pages. `Idempotency-Key` has one done once, however often it
is sent; without one a creating request is refused."""

from django.http import HttpRequest
from ninja import Path, Status

from trialwright.accounts.policy import Actor
from trialwright.conduct.actions import entering, querying, screening
from trialwright.conduct.reads.participants import visible_queries
from trialwright.conduct.refusals import NotFound
from trialwright.protocol.values import Missing
from trialwright.web.api.once import KEYED, once_by_key
from trialwright.web.api.routing import MOST, router
from trialwright.web.api.shapes import (
    AnswerIn,
    AnswersIn,
    CodeOut,
    QueryIn,
    QueryNumber,
    ReasonIn,
    SavedOut,
    ScreenIn,
)
from trialwright.web.api.who import actor_for


@router.post(
    "/studies/{study}/participants",
    response={201: CodeOut},
    summary="Screen somebody",
    openapi_extra=KEYED,
)
def screen(request: HttpRequest, study: str, sent: ScreenIn) -> Status[CodeOut]:
    """Add somebody to the screening log."""
    actor, _protocol = actor_for(request, study, writes=True)
    code = once_by_key(request, actor, sent, lambda: screening.screen(by=actor, site=sent.site))
    return Status(201, CodeOut(code=code))


@router.put(
    "/studies/{study}/participants/{code}/visits/{visit}/{form}/{repeat}",
    response=SavedOut,
    summary="Save a form",
)
def save(
    request: HttpRequest, study: str, code: str, visit: str, form: str, sent: AnswersIn,
    repeat: int = Path(..., ge=1, le=MOST),
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
    openapi_extra=KEYED,
)
def raise_query(
    request: HttpRequest, study: str, code: str, visit: str, form: str, sent: QueryIn,
    repeat: int = Path(..., ge=1, le=MOST),
) -> Status[QueryNumber]:  # fmt: skip
    """Ask about one answer."""
    actor, _protocol = actor_for(request, study, writes=True)

    def ask() -> str:
        number = querying.raise_query(
            by=actor, code=code, visit=visit, form=form, repeat=repeat, item=sent.item,
            text=sent.text,
        )  # fmt: skip
        return str(number)

    return Status(201, QueryNumber(number=int(once_by_key(request, actor, sent, ask))))


@router.post(
    "/studies/{study}/queries/{number}/answer",
    response={204: None},
    summary="Answer",
    openapi_extra=KEYED,
)
def answer(
    request: HttpRequest, study: str, sent: AnswerIn, number: int = Path(..., ge=1, le=MOST)
) -> Status[None]:
    """Answer a query."""
    actor, _protocol = actor_for(request, study, writes=True)
    code = _code_of(actor, number)

    def act() -> str:
        querying.answer_query(by=actor, code=code, number=number, answer=sent.answer)
        return code

    once_by_key(request, actor, sent, act)
    return Status(204, None)


@router.post("/studies/{study}/queries/{number}/close", response={204: None}, summary="Close")
def close(request: HttpRequest, study: str, number: int = Path(..., ge=1, le=MOST)) -> Status[None]:
    """Close a query whose answer settles it."""
    actor, _protocol = actor_for(request, study, writes=True)
    querying.close_query(by=actor, code=_code_of(actor, number), number=number)
    return Status(204, None)


@router.post("/studies/{study}/queries/{number}/reopen", response={204: None}, summary="Reopen")
def reopen(
    request: HttpRequest, study: str, sent: ReasonIn, number: int = Path(..., ge=1, le=MOST)
) -> Status[None]:
    """Ask again, where the answer doesn't settle a query or it was closed too early."""
    actor, _protocol = actor_for(request, study, writes=True)
    querying.reopen_query(by=actor, code=_code_of(actor, number), number=number, reason=sent.reason)
    return Status(204, None)


def _code_of(by: Actor, number: int) -> str:
    row = visible_queries(by).filter(number=number).first()
    if row is None:
        raise NotFound
    code: str = row.entry.participant.code
    return code
