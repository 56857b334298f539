"""`/join/…`: a one-time link, with which somebody who was invited sets their password."""

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache

from trialwright.accounts.invitations import invitation_of
from trialwright.accounts.models import Person
from trialwright.accounts.reads import administers_installation, studies_of
from trialwright.conduct.actions.people import accept_invitation, why_closed
from trialwright.conduct.reads.setup import enter_setup, setup_of
from trialwright.conduct.refusals import ActionRefused, NotFound
from trialwright.web.clinical import session
from trialwright.web.components import Problem
from trialwright.web.setup.frame import SetUpFrame
from trialwright.web.setup.next_step import next_address


@never_cache
def join_page(request: HttpRequest, token: str) -> HttpResponse:
    """Ask for a password, twice; a link that opens nothing says why and what to do."""
    invitation = invitation_of(token)
    if invitation is None:
        raise Http404
    signed_in = request.user if isinstance(request.user, Person) else None
    if why := why_closed(invitation, signed_in, timezone.now()):
        closed = {"heading": _("This link does not open"), "why": why}
        return _unlogged(render(request, "web/setup/link_closed.html", closed, status=410))
    problems: list[Problem] = []
    if request.method == "POST":
        password = request.POST.get("password", "")
        if password != request.POST.get("again", ""):
            words = _("The two passwords differ. Type the same one twice.")
            problems = [Problem(words, "again")]
        else:
            try:
                person = accept_invitation(
                    invitation=invitation.pk, password=password, signed_in_as=signed_in
                )
            except ActionRefused as error:
                problems = [
                    Problem(str(each.sentence), each.field or "main") for each in error.problems
                ]
            else:
                return session.admit(request, person, _first_page(request, person))
    context: dict[str, Any] = {
        "heading": _("Welcome, {name}").format(name=invitation.person.name),
        "username": invitation.person.username,
        "problems": problems,
        "wrong": {problem.field: problem.text for problem in problems},
    }
    status = 409 if problems else 200
    return _unlogged(render(request, "web/setup/join.html", context, status=status))


def _unlogged(response: HttpResponse) -> HttpResponse:
    """Keep the address, which may still open, out of the log of requests that were refused."""
    response._has_been_logged = True  # type: ignore[attr-defined]
    return response


def _first_page(request: HttpRequest, person: Person) -> str:
    """Where somebody who has just come in goes on: the one study that they have, else today."""
    studies = studies_of(person)
    if not studies and administers_installation(person):
        return "/studies/new"
    if len(studies) != 1:
        return "/today"
    try:
        actor, row = enter_setup(person, studies[0])
    except NotFound:
        return "/today"
    return next_address(SetUpFrame(request, actor, setup_of(row.identifier)))
