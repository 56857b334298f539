"""The page for what isn't there, or isn't there for this person: it keeps the way on.

Who is signed in keeps their navigation, and that of the study whose address it was when they hold a
role there; so the page looks the same for what is hidden and for what doesn't exist. An address
that writes the study's identifier in other letters leads to the right one.
"""

from typing import Any

from django.db import DatabaseError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.cache import add_never_cache_headers

from trialwright.accounts.models import Person
from trialwright.accounts.reads import studies_of
from trialwright.conduct.reads.people import enter
from trialwright.conduct.reads.setup import enter_setup, setup_of
from trialwright.conduct.refusals import NotFound
from trialwright.web.clinical import session
from trialwright.web.clinical.frame import Frame
from trialwright.web.setup.frame import SetUpFrame

_STUDIES = "/studies/"


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """Answer 404; or lead to the address as the study writes itself."""
    person = getattr(request, "user", None)
    try:
        if not isinstance(person, Person):
            return render(request, "404.html", status=404)
        named = _study_named(request.path)
        own = next((one for one in studies_of(person) if one.upper() == named.upper()), None)
        if own is not None and own != named and request.method == "GET":
            full = request.get_full_path()
            return redirect(full.replace(f"{_STUDIES}{named}", f"{_STUDIES}{own}", 1))
        context = _around(request, person, own)
    except DatabaseError:
        context = {}
    response = render(request, "404.html", context, status=404)
    add_never_cache_headers(response)
    return response


def _study_named(path: str) -> str:
    if not path.startswith(_STUDIES):
        return ""
    return path.removeprefix(_STUDIES).partition("/")[0]


def _around(request: HttpRequest, person: Person, study: str | None) -> dict[str, Any]:
    """What stands around a page of this study for this person; of none, around their own pages."""
    if study is not None:
        try:
            actor, row, protocol = enter(person, study)
            return Frame(request, actor, protocol, row.demonstration).context("")
        except NotFound:
            pass
        try:
            actor, row = enter_setup(person, study)
            return SetUpFrame(request, actor, setup_of(row.identifier)).context("")
        except NotFound:
            pass
    return {"person": {"name": person.name}, "typist": session.typist(person)}
