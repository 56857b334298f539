"""The first page: what this is and its three parts; for who works in a study, what waits today."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from trialwright.accounts.models import Person
from trialwright.accounts.reads import studies_of
from trialwright.web.components import Link


def home(request: HttpRequest) -> HttpResponse:
    """What this is, with its three parts; who works in a study is led to what waits today."""
    person = request.user if isinstance(request.user, Person) else None
    if person and studies_of(person):
        return redirect("/today")
    context = {
        "heading": _("One clinical trial, from its registry record to its report"),
        "person": {"name": person.name} if person else None,
        "study_link": (
            Link(_("Studies"), "/studies") if person else Link(_("Enter a study"), "/sign-in")
        ),
    }
    return render(request, "web/home.html", context)
