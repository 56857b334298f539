"""`/studies/new`: begin a study from a registered trial, a protocol file, or another study."""

from dataclasses import dataclass
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache

from trialwright.accounts.models import Person
from trialwright.accounts.reads import administers_installation
from trialwright.conduct.actions.new_study import new_study
from trialwright.conduct.reads.setup import copy_of, enter_setup, setup_of, studies_to_copy
from trialwright.conduct.refusals import ActionRefused, NotFound
from trialwright.conduct.refusals import Problem as Said
from trialwright.protocol.editing import EditError, as_demonstration, as_real, with_identifier
from trialwright.registry.draft.draft import draft
from trialwright.registry.library.library import NotInLibraryError
from trialwright.web.bodies import takes_file
from trialwright.web.clinical import session
from trialwright.web.components import Problem
from trialwright.web.registry.active_library import active_library
from trialwright.web.setup.frame import SetUpFrame
from trialwright.web.setup.next_step import next_address


@dataclass(frozen=True, slots=True)
class Chosen:
    """What was sent: where the protocol comes from, and what it becomes."""

    number: str
    copy: str
    identifier: str
    kind: str
    file: tuple[str, bytes] | None


@takes_file
@never_cache
def new_study_page(request: HttpRequest) -> HttpResponse:
    """Ask where the protocol comes from, and begin the study."""
    if not isinstance(request.user, Person):
        return session.ask_to_sign_in(request)
    person = request.user
    if not administers_installation(person):
        raise Http404
    chosen, problems = _chosen(request), []
    if request.method == "POST":
        try:
            name, source = _source(person, chosen)
            study = new_study(by=person, source=source, file_name=name)
        except ActionRefused as error:
            problems = [
                Problem(str(each.sentence), each.field or "main") for each in error.problems
            ]
        except EditError as error:
            problems = [Problem(str(error), "file")]
        else:
            actor, row = enter_setup(person, study)
            return redirect(next_address(SetUpFrame(request, actor, setup_of(row.identifier))))
    context: dict[str, Any] = {
        "heading": _("New study"),
        "person": {"name": person.name},
        "typist": session.typist(person),
        "chosen": chosen,
        "studies": studies_to_copy(person),
        "problems": problems,
        "wrong": {problem.field: problem.text for problem in problems},
    }
    return render(request, "web/setup/new_study.html", context, status=409 if problems else 200)


def _chosen(request: HttpRequest) -> Chosen:
    sent = {
        name: request.POST.get(name, request.GET.get(name, "")).replace("\0", "").strip()
        for name in ("number", "copy", "identifier", "kind")
    }
    upload = request.FILES.get("file")
    file = (upload.name or "protocol.yaml", upload.read()) if upload else None
    return Chosen(sent["number"], sent["copy"], sent["identifier"], sent["kind"], file)


def _source(person: Person, chosen: Chosen) -> tuple[str, bytes]:
    """The protocol file's name and bytes, as the study begins with them."""
    given = [bool(chosen.number), bool(chosen.file), bool(chosen.copy)]
    if sum(given) != 1:
        raise _refused(
            "number", _("Give one of the three: a registry number, a file, or a study to copy.")
        )
    if chosen.number:
        name, source = _drafted(chosen.number)
    elif chosen.file:
        name, source = chosen.file
    else:
        try:
            name, source = copy_of(person, chosen.copy)
        except NotFound:
            raise _refused("copy", _("There is no such study. Choose one of the list.")) from None
        if not chosen.identifier:
            raise _refused("identifier", _("Enter the identifier of the new study."))
    if chosen.identifier:
        source = with_identifier(source, chosen.identifier)
    if chosen.kind == "demonstration":
        return name, as_demonstration(source)
    return name, as_real(source) if chosen.kind == "real" else source


def _drafted(number: str) -> tuple[str, bytes]:
    try:
        record = active_library().library.record(number)
    except NotInLibraryError:
        words = _(
            "No trial of the library here has this number. Look for it among the registered "
            "trials, or draft a file with trialwright protocol draft and give that."
        )
        raise _refused("number", words) from None
    return f"{record.number}-draft.yaml", draft(record, timezone.localdate()).text.encode()


def _refused(field: str, sentence: str) -> ActionRefused:
    return ActionRefused(problems=(Said(field, sentence),))
