"""The page for a clock that the ledger refuses: what happened, the way out, and what was sent."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from trialwright.ledger.clock import ClockError

_NOT_SENT_AGAIN = frozenset({"csrfmiddlewaretoken", "password"})


class WrongClockMiddleware:
    """Answers 503 where an action was refused because of the database's clock."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        """Make the page, from what was sent."""
        if not isinstance(error, ClockError):
            return None
        sent = [
            (name, text)
            for name, texts in request.POST.lists()
            for text in texts
            if name not in _NOT_SENT_AGAIN
        ]
        return render(request, "web/wrong_clock.html", {"sent": sent}, status=503)
