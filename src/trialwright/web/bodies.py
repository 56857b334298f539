"""What is sent is read whole or not at all, whatever server stands before this.

A form whose sending broke off would be saved as if the boxes after the break were empty, and a
"1250" cut in two as "12": servers pass on what has come. What isn't a form would be read as an
empty one. A file is for the few pages that take one (`takes_file`).
"""

from collections.abc import Callable
from typing import Any, TypeVar

from django.conf import settings
from django.core.exceptions import BadRequest, RequestDataTooBig
from django.http import HttpRequest, HttpResponse, UnreadablePostError
from django.http.response import HttpResponseBase
from django.urls import Resolver404, resolve

JSON = "application/json"
FORMS = ("application/x-www-form-urlencoded", "multipart/form-data")


View = TypeVar("View", bound=Callable[..., HttpResponseBase])


def takes_file(view: View) -> View:
    """Mark a page that takes a file."""
    view.takes_file = True  # type: ignore[attr-defined]
    return view


class WholeBodyMiddleware:
    """Stands before all that reads a body; answers 400 for one that no page may read."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        _require_whole(request)
        read = (JSON,) if request.path.startswith("/api/") else FORMS
        if request.body and request.content_type not in read:
            raise BadRequest(f"What was sent is not {'JSON' if JSON in read else 'a form'}.")
        return self.get_response(request)

    def process_view(self, request: HttpRequest, view: Any, *_parts: Any) -> None:
        """Refuse a file before a page that takes none."""
        if request.FILES and not getattr(view, "takes_file", False):
            raise BadRequest("This page takes no file.")


def _require_whole(request: HttpRequest) -> None:
    """Read the body; 400 for one that is cut off, or longer than a form for a page of forms."""
    said = request.META.get("CONTENT_LENGTH") or "0"
    if "HTTP_TRANSFER_ENCODING" in request.META or not (said.isascii() and said.isdigit()):
        raise BadRequest("How long the body is was not said.")
    if int(said) > settings.LONGEST_FORM and not _for_a_file(request):
        raise RequestDataTooBig("The body is longer than any form.")
    try:
        come = len(request.body)
    except UnreadablePostError:
        raise BadRequest("The body could not be read.") from None
    if come != int(said):
        raise BadRequest("The body is not as long as was said.")


def _for_a_file(request: HttpRequest) -> bool:
    """Whether a page that takes a file is asked."""
    try:
        return getattr(resolve(request.path_info).func, "takes_file", False)
    except Resolver404:
        return False
