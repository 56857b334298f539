"""`/studies`: every study of this installation in which a person holds a role."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache

from trialwright.accounts.models import Person
from trialwright.accounts.reads import administers_installation, studies_of
from trialwright.conduct.reads.setup import Phase, SetUp, enter_setup, setup_of
from trialwright.conduct.refusals import NotFound
from trialwright.web.clinical import session
from trialwright.web.components import Cell, Column, Link, Status, Table


def phase_status(told: SetUp) -> Status:
    """Where a study stands, as a word with its mark."""
    match told.phase:
        case Phase.SET_UP:
            return Status(_("Being set up"), "todo")
        case Phase.RUNNING:
            return Status(_("Running"), "good")
        case Phase.CLOSED:
            return Status(_("Study closed"), "idle")


def _kind(told: SetUp) -> str:
    if told.protocol and told.protocol.training_of:
        return _("Training copy of {study}").format(study=told.protocol.training_of)
    return _("Demonstration") if told.demonstration else _("Real participants")


@never_cache
def studies_page(request: HttpRequest) -> HttpResponse:
    """List the studies of who is signed in."""
    person = request.user
    if not isinstance(person, Person):
        return session.ask_to_sign_in(request)
    rows, language = [], get_language() or "en"
    for study in studies_of(person):
        try:
            actor, row = enter_setup(person, study)
        except NotFound:
            continue
        told = setup_of(row.identifier)
        title = told.protocol.title.in_language(language) if told.protocol else ""
        roles = sorted({actor.roles.label(seat.role, language) for seat in actor.seats})
        kind = _kind(told)
        rows.append(
            [
                Cell(study, href=f"/studies/{study}", code=True),
                Cell(title),
                Cell("; ".join(roles)),
                Cell(kind),
                Cell(phase_status(told)),
            ]
        )
    table = Table(
        caption=_("Studies"),
        columns=[
            Column(_("Study")), Column(_("Title")), Column(_("Roles")), Column(_("Kind")),
            Column(_("Status")),
        ],
        rows=rows,
        empty=_("You hold no role in a study. An administrator gives you one."),
        captioned=False,
    )  # fmt: skip
    may_begin = administers_installation(person)
    context: dict[str, Any] = {
        "heading": _("Studies"),
        "person": {"name": person.name},
        "typist": session.typist(person),
        "table": table,
        "action": Link(_("New study"), "/studies/new") if may_begin else None,
    }
    return render(request, "web/list.html", context)
