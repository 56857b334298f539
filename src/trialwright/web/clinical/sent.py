"""A page that is sent twice does once what it does: see `conduct.actions.once`."""

import json
import secrets
from collections.abc import Callable

from django.http import QueryDict

from trialwright.accounts.policy import Actor
from trialwright.conduct.actions.once import once

TOKEN = "once"  # noqa: S105 - the name of a box, no secret
_NOT_CONTENT = frozenset({"csrfmiddlewaretoken", "password", "whose", TOKEN})


def new_token() -> str:
    """A name for one showing of a page, which its form sends back."""
    return secrets.token_urlsafe(12)


def sent_once(
    by: Actor, post: QueryDict, act: Callable[[], str], *, place: str = "", token: str = ""
) -> str:
    """Do it once for this sending; returns where it led.

    Args:
        place, token: name the page where it can be sent with effect but once anyway, as a form on
            one revision; else the token that was shown on it counts.
    """
    content = sorted((name, texts) for name, texts in post.lists() if name not in _NOT_CONTENT)
    named = f"{place}#{token}" if place else post.get(TOKEN, "")
    return once(by=by, token=named, content=json.dumps(content), act=act)
