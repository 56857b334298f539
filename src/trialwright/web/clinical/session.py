"""Signing in and out, and where one goes from there.

A session that ended while somebody typed loses nothing: what she sent is carried through signing in
and kept as her draft, and she returns to the same page. It is hers alone: the page on which she
typed says whose it is (`typist`), and when somebody else signs in there it goes.
"""

import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib.auth import authenticate, login, logout
from django.contrib.auth.views import redirect_to_login
from django.core import signing
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import Resolver404, resolve
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from trialwright.accounts import actions
from trialwright.accounts.models import Person
from trialwright.accounts.reads import actor_in
from trialwright.conduct.actions import drafting
from trialwright.conduct.reads.participants import study_and_protocol
from trialwright.conduct.refusals import NotHere
from trialwright.protocol.basics import UnknownKeyError
from trialwright.web.forms.posting import read_post

_NEVER_CARRIED = frozenset({"csrfmiddlewaretoken", "password", "whose"})
_MOST_CARRIED = 200_000
_CARRIED = "carried"


@never_cache
def sign_in(request: HttpRequest) -> HttpResponse:
    """The page for signing in. Which of name and password was wrong is not said."""
    wanted = _ours(request.POST.get("next") or request.GET.get("next") or "/")
    carried, whose = request.POST.get("carried", ""), request.POST.get("whose", "")
    if request.method != "POST":
        return _page(request, wanted)
    username = request.POST.get("username", "").replace("\0", "").strip()
    person = authenticate(request, username=username, password=request.POST.get("password", ""))
    if not isinstance(person, Person):
        actions.password_refused(username, action="sign_in", at=timezone.now())
        problem = _("This name and this password don't belong together. Type them again.")
        more = {"username": username, "problem": problem, "whose": whose}
        return _page(request, wanted, carried, status=401, **more)
    login(request, person)
    actions.signed_in(person, at=timezone.now())
    if _whose(whose) == str(person.pk):
        _keep(request, person, wanted, carried)
    return redirect(wanted)


def ask_to_sign_in(request: HttpRequest) -> HttpResponse:
    """The answer to who is not signed in: the page for it, or 401 where no page would be seen."""
    if request.headers.get("HX-Request"):
        return HttpResponse(status=401)
    if request.method != "POST":
        return redirect_to_login(request.get_full_path())
    whose = request.POST.get("whose", "")
    if not _whose(whose):
        words = _("Your session had ended. Sign in to go on where you were.")
        return _page(request, request.path, locked=words, status=401)
    sent = {name: text for name, text in request.POST.items() if name not in _NEVER_CARRIED}
    words = _("Your session had ended. What you typed is kept; sign in to go on where you were.")
    carried = json.dumps(sent, ensure_ascii=False)
    return _page(request, request.path, carried, locked=words, whose=whose, status=401)


@require_POST
def sign_out(request: HttpRequest) -> HttpResponse:
    """End the session; a screen left alone comes with where it was and what stood there."""
    person, wanted = request.user, request.POST.get("next", "")
    carried = request.POST.get("carried", "")
    if not wanted or not isinstance(person, Person):
        logout(request)
        return redirect(settings.LOGIN_URL)
    wanted = _ours(wanted)
    logout(request)
    words = _("This screen was left alone and is locked. What you typed is kept; sign in to go on.")
    return _page(request, wanted, carried, locked=words, whose=typist(person))


def _ours(wanted: str) -> str:
    """A path of this installation, or the first page instead of any other address."""
    ours = url_has_allowed_host_and_scheme(wanted, None)
    return wanted if ours and wanted.startswith("/") else "/"


def typist(person: Person) -> str:
    """Who types on a page, in a form that nobody can make up."""
    return signing.dumps(str(person.pk), salt=_CARRIED)


def _whose(token: str) -> str:
    """Who typed what is carried; "" where that isn't known, and then it is nobody's."""
    try:
        person: str = signing.loads(token, salt=_CARRIED)
    except signing.BadSignature:
        return ""
    return person


def _page(
    request: HttpRequest, wanted: str, carried: str = "", *, status: int = 200, **more: str
) -> HttpResponse:
    context = {
        "heading": _("Sign in"),
        "next": wanted,
        "carried": carried,
        "locked": "",
        "whose": "",
        "username": "",
        "problem": "",
        **more,
    }
    return render(request, "web/sign_in.html", context, status=status)


def carried_to(request: HttpRequest) -> Mapping[str, str]:
    """What was sent to this page when the session had ended; given out once."""
    kept = request.session.get(_CARRIED)
    if request.method != "GET" or not kept or kept["to"] != request.path:
        return {}
    del request.session[_CARRIED]
    sent: Mapping[str, str] = kept["sent"]
    return sent


def _keep(request: HttpRequest, person: Person, wanted: str, carried: str) -> None:
    """Keep what was carried: on a participant's form as her draft, else for the page to show."""
    try:
        sent = json.loads(carried) if 0 < len(carried) <= _MOST_CARRIED else None
        path = urlsplit(wanted).path
        place = resolve(path).kwargs
    except (ValueError, Resolver404):
        return
    if not isinstance(sent, Mapping):
        return
    texts = {
        str(name): text
        for name, text in sent.items()
        if isinstance(text, str) and name not in _NEVER_CARRIED
    }
    if not _kept_as_draft(person, place, texts):
        request.session[_CARRIED] = {"to": path, "sent": texts}


def _kept_as_draft(person: Person, place: Mapping[str, Any], texts: Mapping[str, str]) -> bool:
    """Whether it holds answers to a participant's form, which are her draft from now on."""
    actor = actor_in(person, place["study"]) if "study" in place else None
    if actor is None or not {"code", "visit", "form"} <= place.keys():
        return False
    revision = texts.get("revision", "")
    try:
        _study, protocol = study_and_protocol(actor)
        raw = read_post(protocol.form(place["form"]), texts).values
        if not raw:
            return False
        drafting.save_draft(
            by=actor,
            code=place["code"],
            visit=place["visit"],
            form=place["form"],
            repeat=place.get("repeat", 1),
            raw=raw,
            based_on=int(revision) if revision.isascii() and revision.isdigit() else 0,
        )
    except (NotHere, UnknownKeyError):
        return False
    return True
