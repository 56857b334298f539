"""`/account/searches`: the searches of registered trials whose news one is sent by mail."""

from urllib.parse import urlencode
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _

from trialwright.accounts import search_alerts
from trialwright.accounts.mail_address import address_of
from trialwright.accounts.models import Person
from trialwright.accounts.search_alerts import MOST, TooManyAlertsError
from trialwright.web import dates
from trialwright.web.clinical.frame import Frame
from trialwright.web.clinical.today import personal_context, signed_in
from trialwright.web.components import Link, Problem
from trialwright.web.registry.mail_alerts import asked_in, name_of, newest
from trialwright.web.registry.request import SearchRequest

_HERE = "/account/searches"
_LONGEST = 4000


@signed_in
def searches_page(request: HttpRequest, frames: list[Frame]) -> HttpResponse:
    """List the searches whose news comes by mail; end one, and add the one in the address."""
    person = request.user
    assert isinstance(person, Person)  # noqa: S101 - signed_in
    asked = SearchRequest.of(request.GET).but()
    problems: list[Problem] = []
    if request.method == "POST":
        problems = _change(request, person, asked)
        if not problems:
            return redirect(_HERE)
    kept = [(row, asked_in(row)) for row in search_alerts.of(person)]
    rows = [
        {
            "id": row.pk,
            "name": name_of(search),
            "href": search.address(),
            "since": dates.written(row.made_at),
        }
        for row, search in kept
    ]
    offered = asked.parameters() and asked not in [search for _row, search in kept]
    context = personal_context(
        request, frames, _("Searches by mail"),
        crumbs=[Link(_("Your account"), "/account")], searches=rows, problems=problems,
        offered=name_of(asked) if offered else "", to=address_of(person),
        no_server=settings.EMAIL_BACKEND.endswith("filebased.EmailBackend"),
    )  # fmt: skip
    return render(request, "web/account/searches.html", context, status=409 if problems else 200)


def _change(request: HttpRequest, person: Person, asked: SearchRequest) -> list[Problem]:
    if wanted := request.POST.get("end", ""):
        try:
            search_alerts.end(person, UUID(wanted))
        except ValueError:
            return []
        messages.success(request, _("No mail comes of this search any more."))
        return []
    search = urlencode(asked.parameters())
    if not search or len(search) > _LONGEST:
        return [Problem(_("Search for something first, and with fewer words."), "main")]
    try:
        search_alerts.add(person, search, told_until=newest(asked), at=timezone.now())
    except TooManyAlertsError:
        words = _("You have {most} searches by mail. End one, then add this one.")
        return [Problem(words.format(most=MOST), "main")]
    messages.success(request, _("From now on a mail tells you what is new, once a day at most."))
    return []
