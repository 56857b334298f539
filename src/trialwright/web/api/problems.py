"""What is refused, as RFC 9457 has it, with the sentences of the pages."""

import json
from typing import Any

from django.http import HttpRequest, HttpResponse

from trialwright.conduct.refusals import ActionRefused, Conflict

_TITLES = {
    400: "Bad request", 401: "Not signed in", 403: "Not with this token", 404: "Not found",
    409: "Refused", 422: "Not understood", 429: "Too many requests",
}  # fmt: skip


def problem(status: int, detail: str = "", **more: Any) -> HttpResponse:
    """A problem's answer."""
    said = {"type": "about:blank", "title": _TITLES.get(status, "Failed"), "status": status}
    if detail:
        said["detail"] = detail
    content = json.dumps(said | more, ensure_ascii=False)
    return HttpResponse(content, status=status, content_type="application/problem+json")


def refused(_request: HttpRequest, error: ActionRefused) -> HttpResponse:
    """An action that a rule of the trial forbids: each sentence, and the field that it is about."""
    sentences = [
        {"field": each.field, "sentence": str(each.sentence), "asks_for_remark": each.asks}
        for each in error.problems
    ]
    return problem(409, str(error), problems=sentences, conflict=isinstance(error, Conflict))
