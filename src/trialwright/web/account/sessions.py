"""`/account/sessions`: where one is signed in; end one, or all others."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from trialwright.accounts import sessions
from trialwright.accounts.models import Person
from trialwright.web import dates
from trialwright.web.clinical.frame import Frame
from trialwright.web.clinical.today import personal_context, signed_in
from trialwright.web.components import Link


@signed_in
def sessions_page(request: HttpRequest, frames: list[Frame]) -> HttpResponse:
    """List where the person is signed in, and end what they choose."""
    person, here = request.user, request.session.session_key
    assert isinstance(person, Person)  # noqa: S101 - signed_in
    if request.method == "POST":
        wanted = request.POST.get("end", "")
        if wanted == "others":
            ended = sessions.end(person, but=here)
        else:
            ended = sessions.end(person, name=wanted) if wanted else 0
        said = ngettext("{count} session is ended.", "{count} sessions are ended.", ended)
        messages.success(request, said.format(count=ended))
        return redirect("/account/sessions")
    places = [
        {
            "name": place.name,
            "browser": place.browser or _("a browser that does not say its name"),
            "begun": dates.written(place.begun) if place.begun else "",
            "used": dates.written(place.used) if place.used else "",
            "here": place.here,
        }
        for place in sessions.places(person, here)
    ]
    context = personal_context(
        request, frames, _("Where you are signed in"),
        crumbs=[Link(_("Your account"), "/account")], places=places,
    )  # fmt: skip
    return render(request, "web/account/sessions.html", context)
