"""How long a session lasts: so long after its last use, and so long at most, counted by the server.

A session that no longer names anybody who may sign in ends for good: it doesn't come back when the
person is let in again.
"""

from collections.abc import Callable

from django.conf import settings
from django.contrib.auth import SESSION_KEY, logout
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

# The screen locks itself first, and takes along what stands on it.
_GRACE_SECONDS = 60
# How often a use is noted, so that not each page writes.
_NOTED_SECONDS = 30


class SessionLifetimeMiddleware:
    """Stands behind the authentication; ends what is over before any page asks who is there."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if settings.SESSION_COOKIE_NAME in request.COOKIES and SESSION_KEY in request.session:
            self._look_at(request)
        return self.get_response(request)

    def _look_at(self, request: HttpRequest) -> None:
        now, session = timezone.now().timestamp(), request.session
        begun, used = session.get("begun", now), session.get("used", now)
        idle = settings.TRIALWRIGHT_IDLE_MINUTES * 60 + _GRACE_SECONDS
        over = now - begun > settings.SESSION_COOKIE_AGE or now - used > idle
        if over or not request.user.is_authenticated:
            logout(request)
        elif "begun" not in session or now - used > _NOTED_SECONDS:
            session["begun"], session["used"] = begun, now
