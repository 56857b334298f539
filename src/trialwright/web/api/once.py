"""Requests that create something carry a key, so that sending one twice creates one."""

import json
from collections.abc import Callable
from typing import Any, Final

from django.http import HttpRequest
from django.utils.translation import gettext as _
from ninja import Schema

from trialwright.accounts.policy import Actor
from trialwright.conduct.actions.once import once
from trialwright.web.api.who import KeyMissingError

# What OpenAPI tells of such an operation.
KEYED: Final[dict[str, Any]] = {
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


def once_by_key(
    request: HttpRequest, by: Actor, content: Schema | None, act: Callable[[], str]
) -> str:
    """What `act` returned when the request's key came first; another content is refused.

    Raises:
        KeyMissingError: there is no key, or none of 8 to 200 characters.
    """
    key = request.headers.get("Idempotency-Key", "")
    if not 8 <= len(key) <= 200:
        raise KeyMissingError(
            _("Send a header Idempotency-Key of 8 to 200 characters, another for each new request.")
        )
    sent = content.model_dump(mode="json") if content else None
    said = json.dumps([request.method, request.path, sent], sort_keys=True)
    return once(by=by, token=f"api#{key}", content=said, act=act)
