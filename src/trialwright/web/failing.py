"""The page for what failed: the database is away for a while, or the program has a fault.

Whatever was sent stands on it and can be sent again. It is made without the database.
"""

import sys

from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.cache import add_never_cache_headers

from trialwright.web.clinical.session import leave_unsent

NEVER_SENT_AGAIN = frozenset({"csrfmiddlewaretoken", "password"})
_SECONDS = 5


def failed(request: HttpRequest) -> HttpResponse:
    """Answer 503 while the database is away, and else 500."""
    away = isinstance(sys.exc_info()[1], OperationalError | InterfaceError)
    sent = [
        (name, text)
        for name, texts in (request.POST.lists() if request.method == "POST" else ())
        for text in texts
        if name not in NEVER_SENT_AGAIN
    ]
    context = {"sent": sent, "send_again": request.method == "POST"}
    page, status = ("503.html", 503) if away else ("500.html", 500)
    response = render(request, page, context, status=status)
    if away:
        response["Retry-After"] = str(_SECONDS)
        if request.method == "POST":
            leave_unsent(request, response)
    add_never_cache_headers(response)
    return response
