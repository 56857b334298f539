"""`/api/…`, described by OpenAPI at `/api/openapi.json`."""

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from ninja import NinjaAPI
from ninja.errors import AuthenticationError, HttpError, ValidationError

from trialwright import __version__
from trialwright.conduct.refusals import ActionRefused, NotFound
from trialwright.web.api import reads, writes
from trialwright.web.api.problems import problem, refused
from trialwright.web.api.routing import router
from trialwright.web.api.who import PersonalToken, TokenReadsOnlyError

# Reads and writes add their operations to the router as they are imported.
__all__ = ["api", "reads", "writes"]

api = NinjaAPI(
    title="Trialwright",
    version=__version__,
    description="The same reads and actions as the pages, under the same policy. Refusals are"
    " application/problem+json with the sentences that the pages show.",
    auth=PersonalToken(),
    docs_url=None,
    urls_namespace="api",
)
api.add_router("", router)


def _answering(kind: type[Exception], answer: Any) -> None:
    api.add_exception_handler(kind, answer)


def _not_found(_request: HttpRequest, _error: Any) -> HttpResponse:
    return problem(404)


def _not_let_in(_request: HttpRequest, _error: Any) -> HttpResponse:
    answer = problem(401, _("Send a personal token that opens this: Authorization: Bearer …"))
    answer["WWW-Authenticate"] = "Bearer"
    return answer


def _reads_only(_request: HttpRequest, _error: Any) -> HttpResponse:
    return problem(403, _("This token is for reading. Make one for writing."))


def _not_understood(_request: HttpRequest, error: Any) -> HttpResponse:
    where = [
        {"field": ".".join(str(part) for part in each["loc"][1:]), "sentence": each["msg"]}
        for each in error.errors
    ]
    return problem(
        422, _("What was sent doesn't have the shape that OpenAPI tells."), problems=where
    )


def _http(_request: HttpRequest, error: Any) -> HttpResponse:
    return problem(error.status_code)


_answering(NotFound, _not_found)
_answering(Http404, _not_found)
_answering(ActionRefused, refused)
_answering(TokenReadsOnlyError, _reads_only)
_answering(AuthenticationError, _not_let_in)
_answering(ValidationError, _not_understood)
_answering(HttpError, _http)
