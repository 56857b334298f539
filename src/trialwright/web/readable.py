"""Requests are read as UTF-8 or not at all: what no page and no database can hold goes no further.

An address with a NUL names nothing, and one with thousands of parameters is none of ours. A body
said to be in another encoding is refused rather than stored with letters that nobody typed.
"""

import codecs
from collections.abc import Callable

from django.core.exceptions import BadRequest, TooManyFieldsSent
from django.http import Http404, HttpRequest, HttpResponse, QueryDict

_ENCODING = "utf-8"


class ReadableMiddleware:
    """Stands before all that reads an address or a body."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        said = request.encoding
        # The page that refuses reads the request too, so it must find what can be read.
        try:
            request.encoding = _ENCODING
            _ = request.GET
        except TooManyFieldsSent:
            request.GET = QueryDict()
            raise
        if said is not None and codecs.lookup(said).name != _ENCODING:
            raise BadRequest("The request is not in UTF-8.")
        if "\0" in request.path:
            raise Http404
        return self.get_response(request)
