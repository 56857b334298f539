"""Signing in and out, and where one goes from there."""

from django.conf import settings
from django.contrib.auth import authenticate, login, logout
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from trialwright.accounts import actions
from trialwright.accounts.models import Person
from trialwright.accounts.reads import studies_of


@never_cache
def sign_in(request: HttpRequest) -> HttpResponse:
    """The page for signing in. Which of name and password was wrong is not said."""
    wanted = request.POST.get("next") or request.GET.get("next") or "/"
    if not url_has_allowed_host_and_scheme(wanted, {request.get_host()}):
        wanted = "/"
    context = {"heading": _("Sign in"), "next": wanted, "username": "", "problem": ""}
    if request.method != "POST":
        return render(request, "web/sign_in.html", context)
    username = request.POST.get("username", "").strip()
    person = authenticate(request, username=username, password=request.POST.get("password", ""))
    if not isinstance(person, Person):
        actions.password_refused(username, action="sign_in", at=timezone.now())
        context["username"] = username
        context["problem"] = _(
            "This name and this password don't belong together. Type them again."
        )
        return render(request, "web/sign_in.html", context, status=401)
    login(request, person)
    actions.signed_in(person, at=timezone.now())
    return redirect(wanted)


@require_POST
def sign_out(request: HttpRequest) -> HttpResponse:
    """End the session."""
    logout(request)
    return redirect(settings.LOGIN_URL)


def home(request: HttpRequest) -> HttpResponse:
    """Registered trials for everybody; her own study for who is signed in."""
    if isinstance(request.user, Person):
        studies = studies_of(request.user)
        if studies:
            return redirect(f"/studies/{studies[0]}")
    return redirect("trials")
