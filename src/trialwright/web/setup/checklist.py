"""`/studies/…/setup`: one checklist from protocol to open sites, and who and what is missing."""

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from trialwright.accounts.models import Person
from trialwright.conduct.reads.external_lists import may_upload
from trialwright.conduct.reads.setup import Phase, Requirement, Wanted, enter_setup
from trialwright.conduct.refusals import NotFound
from trialwright.conduct.setup_words import NAMES, WAYS_OUT
from trialwright.web.clinical.study import overview_page
from trialwright.web.components import Link, Status, Task
from trialwright.web.setup.frame import SetUpFrame, in_setup
from trialwright.web.setup.next_step import can_sign, next_address

_PLACES = {
    Wanted.PROTOCOL: "protocol",
    Wanted.FACTS: "protocol?origin=assumed",
    Wanted.SITES: "sites",
    Wanted.OPENING: "sites",
    Wanted.ACTIVATION: "activation",
    Wanted.SIMULATION: "simulation",
    Wanted.TRAINING: "training",
    Wanted.AMENDMENT: "amendment",
}
_MANAGED = (Wanted.PEOPLE, Wanted.INVESTIGATORS, Wanted.SPONSOR)
_SIGNED = (Wanted.SPONSOR_SIGNATURE, Wanted.INVESTIGATOR_SIGNATURE)


@in_setup
def checklist_page(frame: SetUpFrame) -> HttpResponse:
    """Show what the study needs before its first participant, each with the way to it."""
    told = frame.told
    phases = {
        Phase.SET_UP: _("It is being set up: no participant can be entered yet."),
        Phase.RUNNING: _("It runs. What was signed and activated is in force."),
        Phase.CLOSED: _("It is closed: nothing more is entered."),
    }
    going_on = next_address(frame)
    action = None
    if told.phase is Phase.SET_UP and going_on != frame.href:
        action = Link(_("Go on with what is missing"), going_on)
    context = frame.context(
        _("Set-up of {study}").format(study=told.identifier),
        under=told.protocol.title.in_language(frame.language) if told.protocol else "",
        phase=phases[told.phase],
        items=[_task(frame, each) for each in told.requirements],
        links=frame.links()[1:],
        action=action,
    )
    return render(frame.request, "web/setup/checklist.html", context)


def _task(frame: SetUpFrame, each: Requirement) -> Task:
    if each.met:
        return Task(str(NAMES[each.what]), Status(_("Done"), "good"), _place(frame, each))
    status = Status(_("Optional"), "idle") if each.optional else Status(_("Missing"), "todo")
    names = each.names
    if each.what is Wanted.PEOPLE:
        names = tuple(frame.roles.labels(names, frame.language))
    hint = str(WAYS_OUT[each.what])
    if names:
        shown = ", ".join(names[:6]) + (" …" if len(names) > 6 else "")
        hint = _("{hint} Missing: {names}").format(hint=hint, names=shown)
    return Task(str(NAMES[each.what]), status, _place(frame, each), hint)


def _place(frame: SetUpFrame, each: Requirement) -> str:
    if each.what in _PLACES:
        return f"{frame.href}/{_PLACES[each.what]}"
    if each.what is Wanted.LIST and may_upload(frame.actor, frame.told):
        return f"{frame.href}/list"
    if each.what in _MANAGED and frame.manages:
        return f"{frame.href}/people"
    if each.what in _SIGNED and can_sign(frame):
        return f"{frame.href}/sign"
    return ""


def study_page(request: HttpRequest, study: str) -> HttpResponse:
    """The study at a glance; one that doesn't run yet leads to its set-up."""
    try:
        answer: Any = overview_page(request, study=study)
    except Http404:
        if not isinstance(request.user, Person):
            raise
        try:
            enter_setup(request.user, study)
        except NotFound:
            raise Http404 from None
        return redirect(f"/studies/{study}/setup")
    return answer
