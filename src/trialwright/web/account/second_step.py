"""`/sign-in/second`: after the password, the second factor. Until then nobody is signed in."""

from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache

from trialwright.accounts import own_account, second_factor, throttle
from trialwright.accounts.models import Person
from trialwright.accounts.second_factor import FactorKind
from trialwright.web.account.factors import host_of, origin_of
from trialwright.web.account.passwords import DEVICE, waiting_words
from trialwright.web.clinical import session
from trialwright.web.components import Problem

_CHALLENGE = "second_challenge"


@never_cache
def second_step_page(request: HttpRequest) -> HttpResponse:
    """Ask for a code or a passkey, and let in who has it."""
    waiting = session.half_in(request)
    if waiting is None:
        messages.info(request, _("Too much time has passed. Type name and password again."))
        return redirect("/sign-in")
    person = waiting.person
    problem, status = "", 200
    if request.method == "POST":
        device, now = request.COOKIES.get(DEVICE, ""), timezone.now()
        if seconds := throttle.wait(person.username, device, now):
            problem, status = waiting_words(seconds), 429
        elif _proves(request, person):
            return session.come_in(request, person, waiting.wanted, waiting.carried)
        else:
            throttle.failed(person.username, device, action="second_factor", at=now)
            problem, status = _("This code opens nothing. Type the next one."), 401
    options = ""
    if any(row.kind == FactorKind.PASSKEY for row in second_factor.of(person)):
        options, request.session[_CHALLENGE] = second_factor.challenge(person, host_of(request))
    context = {
        "heading": _("Sign in: second factor"),
        "options": options,
        "problems": [Problem(problem, "code")] if problem else [],
        "problem": problem,
    }
    return render(request, "web/account/second_step.html", context, status=status)


def _proves(request: HttpRequest, person: Person) -> bool:
    now, answer = timezone.now(), request.POST.get("passkey", "")
    if answer:
        asked = request.session.pop(_CHALLENGE, "")
        where = (origin_of(request), host_of(request))
        with transaction.atomic():
            return second_factor.accepts_passkey(person, answer, asked, *where, now)
    return own_account.accepts(person, request.POST.get("code", ""), at=now)
