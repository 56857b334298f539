"""`/account/password`: another password."""

from django.contrib import messages
from django.contrib.auth import update_session_auth_hash
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _

from trialwright.accounts import own_account
from trialwright.accounts.models import Person
from trialwright.accounts.own_account import PasswordRefusedError
from trialwright.web.account.passwords import problem_with
from trialwright.web.clinical.frame import Frame
from trialwright.web.clinical.today import personal_context, signed_in
from trialwright.web.components import Link, Problem


@signed_in
def password_page(request: HttpRequest, frames: list[Frame]) -> HttpResponse:
    """Ask for the password and for another one, twice; other browsers are signed out."""
    assert isinstance(request.user, Person)  # noqa: S101 - signed_in
    problems = _change(request, request.user) if request.method == "POST" else []
    if request.method == "POST" and not problems:
        update_session_auth_hash(request, request.user)
        messages.success(
            request,
            _("The password is changed. Wherever else you were signed in, you no longer are."),
        )
        return redirect("/account")
    context = personal_context(
        request, frames, _("Change the password"),
        crumbs=[Link(_("Your account"), "/account")], username=request.user.username,
        problems=problems, wrong={each.field: each.text for each in problems},
    )  # fmt: skip
    return render(request, "web/account/password.html", context, status=409 if problems else 200)


def _change(request: HttpRequest, person: Person) -> list[Problem]:
    missing = _("Type the password that you have now.")
    if wrong := problem_with(request, person, "change_password", missing):
        return [Problem(wrong, "password")]
    new = request.POST.get("new", "")
    if new != request.POST.get("again", ""):
        return [Problem(_("The two passwords differ. Type the same one twice."), "again")]
    if new == request.POST.get("password"):
        return [Problem(_("This is the password that you have now. Choose another."), "new")]
    try:
        own_account.change_password(person, new, at=timezone.now())
    except PasswordRefusedError as error:
        return [Problem(each, "new") for each in error.sentences]
    return []
