"""The search of the header for people who are signed in: a participant's code, else the trials."""

from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.cache import never_cache

from trialwright.accounts.models import Person
from trialwright.conduct.reads.participants import one
from trialwright.conduct.refusals import NotFound
from trialwright.web.clinical.today import frames_of

_LONGEST_CODE = 16


@never_cache
def find_page(request: HttpRequest) -> HttpResponse:
    """Go to the participant with this code, in whichever study; else search registered trials."""
    words = request.GET.get("q", "").strip()
    if isinstance(request.user, Person) and words and len(words) <= _LONGEST_CODE:
        for frame in frames_of(request, request.user):
            try:
                code = one(frame.actor, words.upper()).code
            except NotFound:
                continue
            return redirect(f"{frame.href}/participants/{code}")
    return redirect(f"/trials?{urlencode({'q': words})}")
