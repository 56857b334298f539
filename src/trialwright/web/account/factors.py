"""`/account/second-factor`: authenticators, passkeys, recovery codes; the password guards each."""

from typing import Any
from uuid import UUID

import segno
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _

from trialwright.accounts import own_account, second_factor
from trialwright.accounts.models import Person
from trialwright.accounts.second_factor import FactorKind
from trialwright.web import dates
from trialwright.web.account.passwords import problem_with
from trialwright.web.clinical.frame import Frame
from trialwright.web.clinical.today import personal_context, signed_in
from trialwright.web.components import Link, Problem

_HERE = "/account/second-factor"
_SECRET, _CHALLENGE = "new_authenticator", "new_passkey"


@signed_in
def factors_page(request: HttpRequest, frames: list[Frame]) -> HttpResponse:
    """List the second factors; remove one, make recovery codes anew."""
    person = _person(request)
    problems: list[Problem] = []
    if request.method == "POST":
        problems = _password_problems(request, person)
        if not problems and request.POST.get("codes"):
            codes = own_account.new_recovery_codes(person, at=timezone.now())
            return _show_codes(request, frames, codes)
        if not problems:
            _remove(request, person)
            return redirect(_HERE)
    names = {FactorKind.AUTHENTICATOR: _("Authenticator"), FactorKind.PASSKEY: _("Passkey")}
    rows = [
        {
            "id": row.pk,
            "words": f"{names[FactorKind(row.kind)]} {row.name}".strip(),
            "made": dates.written(row.made_at),
            "used": dates.written(row.last_used_at) if row.last_used_at else "",
        }
        for row in second_factor.of(person)
    ]
    context = _context(
        request, frames, _("Second factor"), problems,
        crumbs=[Link(_("Your account"), "/account")],
        factors=rows, codes_left=second_factor.recovery_left(person),
    )  # fmt: skip
    return render(request, "web/account/factors.html", context, status=409 if problems else 200)


@signed_in
def authenticator_page(request: HttpRequest, frames: list[Frame]) -> HttpResponse:
    """Show the picture that an authenticator reads; add it once it shows the right code."""
    person = _person(request)
    secret = request.session.get(_SECRET) or second_factor.new_secret()
    problems: list[Problem] = []
    if request.method == "POST":
        problems = _password_problems(request, person)
        step = second_factor.code_step(secret, request.POST.get("code", ""), timezone.now())
        if step is None:
            words = _("This code is not the one that the authenticator shows now. Type it again.")
            problems.append(Problem(words, "code"))
        if not problems and _SECRET in request.session:
            del request.session[_SECRET]
            return _add(request, frames, FactorKind.AUTHENTICATOR, {"secret": secret})
    request.session[_SECRET] = secret
    picture = segno.make(second_factor.address_of(secret, person), error="m")
    context = _context(
        request, frames, _("Add an authenticator"), problems,
        crumbs=[Link(_("Second factor"), _HERE)],
        picture=picture.svg_data_uri(scale=5, dark="#000", light="#fff"),
        secret=" ".join(secret[at : at + 4] for at in range(0, len(secret), 4)),
        name=request.POST.get("name", ""),
    )  # fmt: skip
    return render(
        request, "web/account/authenticator.html", context, status=409 if problems else 200
    )


@signed_in
def passkey_page(request: HttpRequest, frames: list[Frame]) -> HttpResponse:
    """Have the browser make a passkey, and add it."""
    person, host = _person(request), host_of(request)
    problems: list[Problem] = []
    if request.method == "POST":
        problems = _password_problems(request, person)
        asked = request.session.pop(_CHALLENGE, "")
        made = second_factor.registered(
            request.POST.get("passkey", ""), asked, origin_of(request), host
        )
        if made is None:
            words = _("The browser made no passkey. Try again, or add an authenticator instead.")
            problems.append(Problem(words, "main"))
        elif not problems:
            return _add(request, frames, FactorKind.PASSKEY, made)
    options, request.session[_CHALLENGE] = second_factor.registration(person, host)
    context = _context(
        request, frames, _("Add a passkey"), problems,
        crumbs=[Link(_("Second factor"), _HERE)], options=options,
        name=request.POST.get("name", ""),
    )  # fmt: skip
    return render(request, "web/account/passkey.html", context, status=409 if problems else 200)


def host_of(request: HttpRequest) -> str:
    """The name that passkeys are bound to: the host's, without its port."""
    return request.get_host().partition(":")[0]


def origin_of(request: HttpRequest) -> str:
    """Where the browser says that it is."""
    return f"{request.scheme}://{request.get_host()}"


def _add(
    request: HttpRequest, frames: list[Frame], kind: FactorKind, content: dict[str, Any]
) -> HttpResponse:
    person, name = _person(request), request.POST.get("name", "").replace("\0", "").strip()
    codes = own_account.add_factor(person, kind, content, name, at=timezone.now())
    request.session.pop("must_add_factor", None)
    if codes:
        return _show_codes(request, frames, codes)
    messages.success(
        request, _("It is added: from now on you are asked for it after the password.")
    )
    return redirect(_HERE)


def _remove(request: HttpRequest, person: Person) -> None:
    try:
        wanted = UUID(request.POST.get("remove", ""))
    except ValueError:
        return
    own_account.remove_factor(person, wanted, at=timezone.now())
    messages.success(request, _("It is removed."))


def _show_codes(request: HttpRequest, frames: list[Frame], codes: list[str]) -> HttpResponse:
    context = personal_context(
        request, frames, _("Recovery codes"), crumbs=[Link(_("Second factor"), _HERE)], codes=codes
    )
    return render(request, "web/account/codes.html", context)


def _password_problems(request: HttpRequest, person: Person) -> list[Problem]:
    missing = _("Type your password: the second factor guards it, and it guards the second factor.")
    wrong = problem_with(request, person, "second_factor", missing)
    return [Problem(wrong, "password")] if wrong else []


def _context(
    request: HttpRequest, frames: list[Frame], heading: str, problems: list[Problem], **more: Any
) -> dict[str, Any]:
    wrong = {each.field: each.text for each in problems}
    return personal_context(request, frames, heading, problems=problems, wrong=wrong, **more)


def _person(request: HttpRequest) -> Person:
    assert isinstance(request.user, Person)  # noqa: S101 - signed_in
    return request.user
