"""`/account/tokens`: personal tokens for programs; make one, shown once, and end one."""

from datetime import timedelta
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _

from trialwright.accounts import tokens
from trialwright.accounts.models import Person
from trialwright.accounts.reads import studies_of
from trialwright.accounts.tokens import TokenScope
from trialwright.web import dates
from trialwright.web.account.passwords import problem_with
from trialwright.web.clinical.frame import Frame
from trialwright.web.clinical.today import personal_context, signed_in
from trialwright.web.components import Link, Problem

_DAYS = (7, 30, 90, 365)


@signed_in
def tokens_page(request: HttpRequest, frames: list[Frame]) -> HttpResponse:
    """List the tokens with which programs act as the person; make one, end one."""
    person, now = request.user, timezone.now()
    assert isinstance(person, Person)  # noqa: S101 - signed_in
    problems: list[Problem] = []
    made = ""
    if request.method == "POST" and request.POST.get("end"):
        _end(request, person)
        return redirect("/account/tokens")
    if request.method == "POST":
        missing = _("Type your password: whoever has the token acts as you.")
        if wrong := problem_with(request, person, "make_token", missing):
            problems = [Problem(wrong, "password")]
        else:
            made = _make(request, person)
    studies = studies_of(person)
    rows = [
        {
            "id": row.pk,
            "name": row.name or _("without a name"),
            "writes": row.scope == TokenScope.WRITE,
            "study": row.study,
            "until": dates.written(row.expires_at),
            "used": dates.written(row.used_at) if row.used_at else "",
        }
        for row in tokens.of(person, now)
    ]
    context = personal_context(
        request, frames, _("Tokens for programs"),
        crumbs=[Link(_("Your account"), "/account")], tokens=rows, made=made, days=_DAYS,
        studies=studies, problems=problems, wrong={each.field: each.text for each in problems},
    )  # fmt: skip
    return render(request, "web/account/tokens.html", context, status=409 if problems else 200)


def _make(request: HttpRequest, person: Person) -> str:
    post, now = request.POST, timezone.now()
    days = int(post.get("days", "")) if post.get("days", "") in map(str, _DAYS) else _DAYS[0]
    return tokens.make(
        person,
        name=post.get("name", "").replace("\0", "").strip(),
        scope=TokenScope.WRITE if post.get("scope") == TokenScope.WRITE else TokenScope.READ,
        study=post.get("study", "") if post.get("study") in studies_of(person) else "",
        expires_at=now + timedelta(days=days),
        at=now,
    )


def _end(request: HttpRequest, person: Person) -> None:
    try:
        wanted = UUID(request.POST.get("end", ""))
    except ValueError:
        return
    tokens.end(person, wanted, at=timezone.now())
    messages.success(request, _("The token opens nothing any more."))
