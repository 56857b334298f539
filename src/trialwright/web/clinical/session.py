"""Signing in and out, and where one goes from there.

A session that ended while somebody typed loses nothing: what was sent is carried through signing in
and kept as a draft, and the person returns to the same page. It is theirs alone: the page on which
they typed says whose it is (`typist`), and when somebody else signs in there it goes. What was sent
in vain, because the database was away, comes back in the same way when they go back to the page.
"""

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import authenticate, login, logout
from django.contrib.auth.views import redirect_to_login
from django.core import signing
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import Resolver404, resolve
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from trialwright.accounts import actions, second_factor, throttle
from trialwright.accounts.models import Person
from trialwright.accounts.sessions import browser_of
from trialwright.conduct.actions import drafting
from trialwright.conduct.reads.people import enter
from trialwright.conduct.refusals import NotFound
from trialwright.ledger import files
from trialwright.ledger.encoding import LedgerError
from trialwright.protocol.basics import UnknownKeyError
from trialwright.web import dates
from trialwright.web.account.passwords import DEVICE, waiting_words
from trialwright.web.forms.posting import forms_in, part_of, prefix_of, read_post

_NEVER_CARRIED = frozenset({"csrfmiddlewaretoken", "password", "whose", "once"})
_MOST_CARRIED = 200_000
_CARRIED = "carried"
# What was sent in vain lies in the browser alone, which keeps no more than 4 kB under one name.
_UNSENT = "unsent"
_MOST_UNSENT = 3_600
_SECONDS_UNSENT = 15 * 60
_HALF = "half_in"
_SECONDS_HALF_IN = 5 * 60
_DEVICE_SECONDS = 180 * 24 * 60 * 60


@never_cache
def sign_in(request: HttpRequest) -> HttpResponse:
    """The page for signing in. Which of name and password was wrong is not said."""
    wanted = _ours(request.POST.get("next") or request.GET.get("next") or "/")
    carried = request.POST.get(_CARRIED, "")
    if request.method != "POST":
        return _page(request, wanted)
    username = request.POST.get("username", "").replace("\0", "").strip()
    device, now = request.COOKIES.get(DEVICE, ""), timezone.now()
    if seconds := throttle.wait(username, device, now):
        said = {"username": username, "problem": waiting_words(seconds)}
        return _page(request, wanted, carried, status=429, **said)
    person = authenticate(request, username=username, password=request.POST.get("password", ""))
    if not isinstance(person, Person):
        throttle.failed(username, device, action="sign_in", at=now)
        problem = _("This name and this password don't belong together. Type them again.")
        return _page(request, wanted, carried, status=401, username=username, problem=problem)
    return admit(request, person, wanted, carried)


def admit(request: HttpRequest, person: Person, wanted: str, carried: str = "") -> HttpResponse:
    """Let in who has shown the password; or ask for the second factor first."""
    if not second_factor.has(person):
        return come_in(request, person, wanted, carried)
    request.session.cycle_key()
    at = timezone.now().timestamp()
    half = {"person": str(person.pk), "at": at, "wanted": wanted, "carried": carried}
    request.session[_HALF] = half
    return redirect("/sign-in/second")


@dataclass(frozen=True, slots=True)
class HalfIn:
    """Who has shown the password and not yet the second factor, and where they go on then."""

    person: Person
    wanted: str
    carried: str


def half_in(request: HttpRequest) -> HalfIn | None:
    """Who this browser is half signed in as; None if nobody is, or for too long."""
    half = request.session.get(_HALF)
    if not half or timezone.now().timestamp() - half["at"] > _SECONDS_HALF_IN:
        return None
    person = Person.objects.filter(pk=half["person"], is_active=True).first()
    return HalfIn(person, half["wanted"], half["carried"]) if person else None


def come_in(request: HttpRequest, person: Person, wanted: str, carried: str = "") -> HttpResponse:
    """Sign somebody in who has shown all that is asked, and tell them what was refused before."""
    device, now = request.COOKIES.get(DEVICE, ""), timezone.now()
    refused = throttle.came_in(person, device, at=now)
    request.session.pop(_HALF, None)
    login(request, person, backend="django.contrib.auth.backends.ModelBackend")
    request.session["browser"] = browser_of(request.headers.get("User-Agent", "")[:400])
    if settings.TRIALWRIGHT_SECOND_FACTOR and not second_factor.has(person):
        request.session["must_add_factor"] = True
    actions.signed_in(person, at=now)
    _keep(request, person, wanted, carried)
    if refused is not None and refused.count > 1:
        messages.warning(request, _refused_words(refused))
    response = redirect(wanted)
    response.set_cookie(
        DEVICE,
        throttle.device_token(person),
        max_age=_DEVICE_SECONDS,
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )
    return response


def _refused_words(refused: throttle.SignInRefused) -> str:
    return ngettext(
        "Since you last signed in, {count} attempt under your name was refused, last on {moment}. "
        "If it was not you, tell an administrator and change your password.",
        "Since you last signed in, {count} attempts under your name were refused, last on {moment}."
        " If it was not you, tell an administrator and change your password.",
        refused.count,
    ).format(count=refused.count, moment=dates.written(refused.last_at))


def ask_to_sign_in(request: HttpRequest) -> HttpResponse:
    """The answer to who is not signed in: the page for it, or 401 where no page would be seen."""
    if request.headers.get("HX-Request"):
        return HttpResponse(status=401)
    if request.method != "POST":
        return redirect_to_login(request.get_full_path())
    whose = _whose(request.POST.get("whose", ""))
    if not whose:
        words = _("Your session had ended. Sign in to go on where you were.")
        return _page(request, request.path, locked=words, status=401)
    sent = {name: str(text) for name, text in request.POST.items()}
    words = _("Your session had ended. What you typed is kept; sign in to go on where you were.")
    carried = _seal(whose, request.path, sent)
    return _page(request, request.path, carried, locked=words, status=401)


@require_POST
def sign_out(request: HttpRequest) -> HttpResponse:
    """End the session; a screen left alone comes with where it was and what stood there."""
    person, wanted = request.user, request.POST.get("next", "")
    # The session may have ended before the screen was locked.
    signed_in = isinstance(person, Person)
    whose = str(person.pk) if signed_in else _whose(request.POST.get("whose", ""))
    logout(request)
    if not wanted or not whose:
        return redirect(settings.LOGIN_URL)
    wanted = _ours(wanted)
    typed = _read(request.POST.get(_CARRIED, ""))
    carried = _seal(whose, urlsplit(wanted).path, typed) if typed else ""
    words = _("This screen was left alone and is locked. What you typed is kept; sign in to go on.")
    return _page(request, wanted, carried, locked=words)


@never_cache
def still_here(_request: HttpRequest) -> HttpResponse:
    """Somebody uses a page of which nothing is asked: the session counts that as use."""
    return HttpResponse(status=204)


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
        person: str = signing.loads(token, salt=_CARRIED, max_age=settings.SESSION_COOKIE_AGE)
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
    return _open(str(request.user.pk), request.path, kept["sealed"])


def carry(request: HttpRequest, path: str, sent: Mapping[str, str]) -> None:
    """Have what was sent stand on the page to which the answer leads, once, for who sent it."""
    sealed = _seal(str(request.user.pk), path, sent)
    request.session[_CARRIED] = {"to": path, "sealed": sealed}


def _keep(request: HttpRequest, person: Person, wanted: str, carried: str) -> None:
    """Keep what was carried: on a participant's form as a draft, else for the page to show."""
    path = urlsplit(wanted).path
    texts = _open(str(person.pk), path, carried)
    try:
        place = resolve(path).kwargs
    except Resolver404:
        return
    if texts and not _kept_as_draft(person, place, texts):
        request.session[_CARRIED] = {"to": path, "sealed": carried}


def leave_unsent(request: HttpRequest, response: HttpResponse) -> None:
    """Leave what was sent in vain with the browser, sealed, for whoever goes back to the page."""
    whose = _whose(request.POST.get("whose", ""))
    sealed = _seal(whose, request.path, {key: str(text) for key, text in request.POST.items()})
    if not whose or len(sealed) > _MOST_UNSENT:
        return
    response.set_cookie(
        _UNSENT,
        sealed,
        path=request.path,
        max_age=_SECONDS_UNSENT,
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )


def take_up_unsent(request: HttpRequest) -> bool:
    """Have what this browser sent here in vain stand on the page again; whether there was such."""
    sealed = request.COOKIES.get(_UNSENT, "")
    if request.method != "GET" or not sealed or not isinstance(request.user, Person):
        return False
    _keep(request, request.user, request.path, sealed)
    return True


def forget_unsent(request: HttpRequest, response: HttpResponse) -> None:
    """It stands on the page now: the browser needs it no longer."""
    response.delete_cookie(_UNSENT, path=request.path, samesite="Lax")


def _read(carried: str) -> dict[str, str]:
    """What a locked screen sent along, as texts by their names."""
    try:
        sent = json.loads(carried) if 0 < len(carried) <= _MOST_CARRIED else None
    except ValueError:
        return {}
    if not isinstance(sent, Mapping):
        return {}
    return {name: text for name, text in sent.items() if isinstance(text, str)}


def _seal(person: str, path: str, sent: Mapping[str, str]) -> str:
    """What was sent, for this person and this page alone: neither the source of the page for
    signing in nor the table of sessions tells it."""
    kept = {name: text for name, text in sent.items() if name not in _NEVER_CARRIED}
    content = json.dumps({"at": timezone.now().timestamp(), "sent": kept}, ensure_ascii=False)
    sealed = files.keys().sealer(_CARRIED).seal(content.encode(), (_CARRIED, person, path))
    return urlsafe_b64encode(sealed).decode()


def _open(person: str, path: str, sealed: str) -> dict[str, str]:
    """What was sealed; nothing for somebody else, another page, or when it is too old."""
    try:
        content = urlsafe_b64decode(sealed)
        told = json.loads(files.keys().sealer(_CARRIED).open(content, (_CARRIED, person, path)))
    except (ValueError, LedgerError):
        return {}
    if timezone.now().timestamp() - told["at"] > settings.SESSION_COOKIE_AGE:
        return {}
    sent: dict[str, str] = told["sent"]
    return sent


def _kept_as_draft(person: Person, place: Mapping[str, Any], texts: Mapping[str, str]) -> bool:
    """Whether it holds answers to a participant's forms, kept as drafts from now on."""
    if not {"study", "code", "visit"} <= place.keys():
        return False
    kept = False
    try:
        actor, _study, protocol = enter(person, place["study"])
        if "form" in place:
            sent = [(place["form"], place.get("repeat", 1), texts)]
        else:
            found = forms_in(texts, protocol.visit(place["visit"]).forms)
            sent = [(form, no, part_of(texts, prefix_of(form, no))) for form, no in found]
        for form, repeat, part in sent:
            raw = read_post(protocol.form(form), part).values
            if not any(raw.values()) and "form" not in place:
                continue
            revision = part.get("revision", "")
            if raw:
                drafting.save_draft(
                    by=actor,
                    code=place["code"],
                    visit=place["visit"],
                    form=form,
                    repeat=repeat,
                    raw=raw,
                    based_on=int(revision) if revision.isascii() and revision.isdigit() else 0,
                )
                kept = True
    except (NotFound, UnknownKeyError):
        return False
    return kept
