"""`/api/…`, described by OpenAPI at `/api/openapi.json`."""

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from ninja import NinjaAPI
from ninja.errors import AuthenticationError, HttpError, ValidationError

from trialwright import __version__
from trialwright.conduct.refusals import ActionRefused, NotFound
from trialwright.web.api import (
    cuts,
    definitions,
    laboratory,
    pregnancies,
    reads,
    safety,
    trail,
    visits,
    writes,
)
from trialwright.web.api.problems import problem, refused
from trialwright.web.api.reading import PlainParser
from trialwright.web.api.routing import router
from trialwright.web.api.shapes import Problem
from trialwright.web.api.who import KeyMissingError, PersonalToken, TokenReadsOnlyError

# Each of these adds its operations to the router as it is imported.
__all__ = [
    "api",
    "cuts",
    "definitions",
    "laboratory",
    "pregnancies",
    "reads",
    "safety",
    "trail",
    "visits",
    "writes",
]

# Every operation may answer with these, and each of them tells the same shape.
_REFUSALS = {
    "400": "What was sent is no request of this kind",
    "401": "No token, or one that opens nothing any more",
    "403": "The token reads only",
    "404": "It isn't there, or not for this person",
    "409": "A rule of the trial forbids it",
    "413": "What was sent is too long",
    "422": "What was sent doesn't have the shape told here",
    "503": "The database is away; try again later",
}


class _DescribedAPI(NinjaAPI):
    """An API whose description tells the refusals of every operation too."""

    def get_openapi_schema(self, *args: Any, **named: Any) -> Any:
        """OpenAPI 3.1 of all operations."""
        told = super().get_openapi_schema(*args, **named)
        told["components"]["schemas"]["Problem"] = Problem.model_json_schema()
        shape = {"$ref": "#/components/schemas/Problem"}
        for operation in (each for path in told["paths"].values() for each in path.values()):
            for status, words in _REFUSALS.items():
                content = {"application/problem+json": {"schema": shape}}
                operation["responses"][status] = {"description": words, "content": content}
        return told


api = _DescribedAPI(
    title="Trialwright",
    version=__version__,
    description="The same reads and actions as the pages, under the same policy. Refusals are"
    " application/problem+json with the sentences that the pages show.",
    auth=PersonalToken(),
    docs_url=None,
    parser=PlainParser(),
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


def _without_key(_request: HttpRequest, error: Any) -> HttpResponse:
    return problem(400, str(error))


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
_answering(KeyMissingError, _without_key)
_answering(AuthenticationError, _not_let_in)
_answering(ValidationError, _not_understood)
_answering(HttpError, _http)
