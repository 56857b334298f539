"""Where everybody is asked for a second factor, nothing else opens before it is there."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

_OPEN = ("/account/second-factor", "/sign-out", "/sign-in", "/static/", "/still-here", "/health")


class RequiredFactorMiddleware:
    """Leads who has come in with the password alone to the page on which a factor is added."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        wanting = request.session.get("must_add_factor") if request.user.is_authenticated else False
        if wanting and not request.path.startswith(_OPEN):
            return redirect("/account/second-factor")
        return self.get_response(request)
